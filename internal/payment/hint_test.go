package payment_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

// hintPause is the pause between two reads that notices bring about, with the tests' window.
const hintPause = window / 4

func (s *story) hint(code string) *story {
	s.t.Helper()
	return s.decide(payment.Hinted{Code: code})
}

func (s *story) retried(code string) *story {
	s.t.Helper()
	return s.decide(payment.Hinted{Code: code, Retried: true})
}

// watchedStories are accounts on which a report of iyzico's is waited for.
func watchedStories(t *testing.T) map[string]*story {
	t.Helper()
	return map[string]*story{
		"unknown":      lostRefund(t).pass(10 * time.Second),
		"needs_review": lostRefund(t).lists(conversation("k", 1), "1", "20", 1).pass(time.Minute).read().is("k", payment.StatusNeedsReview),
		"v2's line":    newStory(t, "60", "40").ask(allocated(refund("k", "10"), payment.AllocateByIyzico)).answer(succeeded),
		"rejected":     newStory(t, "100").ask(refund("k", "10")).answer(payment.VerdictRejected),
	}
}

// TestAHintDecidesNothing: it has the payment read now, and nothing else of the account changes.
func TestAHintDecidesNothing(t *testing.T) {
	t.Parallel()
	for name, s := range watchedStories(t) {
		for _, e := range []payment.Hinted{{Code: "a"}, {}} {
			before := s.account
			next, call, err := s.rules.Decide(before, e, s.now)
			if call != nil || err != nil || next.Version != before.Version+1 {
				t.Fatalf("%s: call %v, error %v, version %d", name, call, err, next.Version)
			}
			if due := next.DueAt(); !due.Equal(s.now) {
				t.Errorf("%s: due at %s, want now", name, due)
			}
			next.Hint, next.Version = before.Hint, before.Version
			if string(encode(t, next)) != string(encode(t, before)) {
				t.Errorf("%s: a notice changed\n%s to\n%s", name, encode(t, before), encode(t, next))
			}
		}
	}
}

// TestAHintOnNothingThatIsWaitedForChangesNothing: no read could tell anything.
func TestAHintOnNothingThatIsWaitedForChangesNothing(t *testing.T) {
	t.Parallel()
	rejected := newStory(t, "100").ask(refund("k", "10")).answer(payment.VerdictRejected)
	for range 3 {
		rejected.now = rejected.account.DueAt()
		rejected.read()
	}
	for name, s := range map[string]*story{
		"not known":       newStory(t, "100"),
		"succeeded":       newStory(t, "100").ask(refund("k", "10")).answer(succeeded),
		"sending":         newStory(t, "100").ask(refund("k", "10")),
		"not sent":        newStory(t, "100").ask(refund("k", "10")).answer(payment.VerdictNotSent),
		"an old no":       rejected,
		"known by a read": lostRefund(t).lists(conversation("k", 1), "1", "10", 1).read(),
	} {
		if s.saved(0, func() { s.hint("a") }); !s.account.Hint.IsZero() {
			t.Errorf("%s: %+v", name, s.account.Hint)
		}
		if name != "an old no" {
			s.saved(0, func() { s.retried("b") })
		}
	}
}

// TestAThousandNoticesBringOneReadAPause: the payment is read at once and then once each pause, however many different notices
// there are, and what is saved is bounded likewise.
func TestAThousandNoticesBringOneReadAPause(t *testing.T) {
	t.Parallel()
	s := watchedStories(t)["needs_review"]
	reads, saves, began := 0, s.account.Version, s.now
	for i := range 1000 {
		s.hint(fmt.Sprint("notice ", i))
		if due := s.account.Hint.DueAt; !due.After(s.now) {
			s.read()
			reads++
		}
		s.pass(5 * time.Second)
	}
	most := int(s.now.Sub(began)/hintPause) + 1
	if saves = s.account.Version - saves; reads > most || reads < most-1 || saves > int64(2*most+1) {
		t.Errorf("%d reads and %d saves in %s, want at most %d reads", reads, saves, s.now.Sub(began), most)
	}
	if n := len(s.account.Hint.Codes); n != 8 {
		t.Errorf("%d codes are kept", n)
	}
}

func TestANoticeThatComesAgainIsKnown(t *testing.T) {
	t.Parallel()
	s := watchedStories(t)["needs_review"].hint("a")
	s.saved(0, func() { s.hint("b") }) // one waits already
	s.read()
	if !s.account.Hint.DueAt.IsZero() {
		t.Error("a read does not end the wait")
	}
	s.pass(2 * hintPause)
	s.saved(0, func() { s.hint("a") })
	s.saved(1, func() { s.hint("b") }).read().pass(2 * hintPause)
	for i := range 8 {
		s.hint(fmt.Sprint(i)).read().pass(2 * hintPause)
	}
	s.saved(1, func() { s.hint("a") }).read() // forgotten for the newer ones
	s.pass(49 * time.Hour)
	if s.hint("z"); !slices.Equal(s.account.Hint.Codes, []string{"z"}) {
		t.Errorf("codes %v after two days", s.account.Hint.Codes)
	}
	if a, b := payment.HashCode("a"), payment.HashCode("b"); a == b || len(a) != 11 {
		t.Errorf("hashes %s and %s", a, b)
	}
}

// TestAReadFromBeforeTheNoticeDoesNotEndItsWait: what happened in between is in the next report.
func TestAReadFromBeforeTheNoticeDoesNotEndItsWait(t *testing.T) {
	t.Parallel()
	s := watchedStories(t)["needs_review"]
	report := s.report()
	s.pass(time.Second).hint("a").decide(payment.Observed{Report: report})
	if s.account.Hint.DueAt.IsZero() {
		t.Error("the notice is forgotten")
	}
}

// TestANoticeNeitherEndsNorLengthensABackOff: reads that failed are followed by ever fewer, notices or none.
func TestANoticeNeitherEndsNorLengthensABackOff(t *testing.T) {
	t.Parallel()
	s := lostRefund(t).pass(window).unreadable()
	due := s.account.DueAt()
	if s.hint("a"); !s.account.DueAt().Equal(due) {
		t.Errorf("due at %s after a notice, before at %s", s.account.DueAt(), due)
	}

	s = watchedStories(t)["needs_review"].hint("a")
	before := s.account
	if s.unreadable(); s.account.FailedReads != 0 || !s.account.ReadDueAt.IsZero() || !s.account.Hint.DueAt.IsZero() {
		t.Errorf("a notice's read that failed counts: %+v", s.account)
	}
	if !s.account.Operations[0].Legs[0].DueAt.Equal(before.Operations[0].Legs[0].DueAt) {
		t.Error("a notice's read that failed puts off the next one")
	}

	s = lostRefund(t).pass(time.Minute).read().pass(hintPause - 10*time.Second).hint("a")
	s.iyzico.PaidAmount = amount("200") // no report can be believed
	if s.read(); s.account.FailedReads != 0 || !s.account.ReadDueAt.IsZero() {
		t.Errorf("a notice's report that proves nothing counts: %+v", s.account)
	}
}

// TestANoticeWithoutACallIsDropped: where the limit lets none of its reads through, it does not stay due for good.
func TestANoticeWithoutACallIsDropped(t *testing.T) {
	t.Parallel()
	s := watchedStories(t)["needs_review"].hint("a")
	s.saved(0, func() { s.pass(hintPause - time.Second).decide(payment.Due{}) })
	if s.pass(time.Second).decide(payment.Due{}); !s.account.Hint.DueAt.IsZero() {
		t.Error("it still waits")
	}
}

// TestNoticesDoNotPutOffAbsence: an attempt is proved not executed at the same time with notices and without.
func TestNoticesDoNotPutOffAbsence(t *testing.T) {
	t.Parallel()
	ends := func(notices bool) (time.Duration, int) {
		s := lostRefund(t)
		for reads := 0; ; s.pass(10 * time.Second) {
			if notices {
				s.hint(fmt.Sprint(s.now))
			}
			if due := s.account.DueAt(); due.After(s.now) {
				continue
			}
			s.decide(payment.Due{}).read()
			if reads++; s.op("k").Status() == payment.StatusNotExecuted {
				return s.now.Sub(opening), reads
			}
		}
	}
	without, few := ends(false)
	with, many := ends(true)
	if with != without || many <= few {
		t.Errorf("not executed after %s and %d reads without notices, %s and %d with", without, few, with, many)
	}
}

// TestARetriedRefundIsWatchedAgain: iyzico says that it tries a refund again, and iade had held it for refused.
func TestARetriedRefundIsWatchedAgain(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "10")).answer(payment.VerdictRejected)
	for range 3 {
		s.now = s.account.DueAt()
		s.read()
	}
	s.account.Suspect = false
	s.saved(0, func() { s.hint("plain") })
	before := s.account
	s.saved(1, func() { s.retried("r") }).is("k", payment.StatusRejected)
	want := []time.Time{s.now.Add(time.Hour), s.now.Add(24 * time.Hour), s.now.Add(72 * time.Hour)}
	if !slices.Equal(s.op("k").FollowUps, want) || !s.account.Suspect || !s.account.DueAt().Equal(s.now) {
		t.Errorf("follow-ups %v, suspect %v, due %s", s.op("k").FollowUps, s.account.Suspect, s.account.DueAt())
	}
	if alarms := payment.Alarms(before, s.account); !slices.Equal(alarms, []payment.Alarm{{Kind: payment.AlarmRetried, PaymentID: paymentID}}) {
		t.Errorf("alarms %v", alarms)
	}
	before = s.account
	s.read().pass(time.Hour).retried("another")
	if alarms := payment.Alarms(before, s.account); len(alarms) > 0 || !slices.Equal(s.op("k").FollowUps, want) {
		t.Errorf("a second one within three days: %v, follow-ups %v", alarms, s.op("k").FollowUps)
	}
	s.lists(conversation("k", 1), "1", "10", 1)
	s.now = s.account.DueAt()
	s.read().is("k", payment.StatusNeedsReview).sums("10.00", "0.00", "90.00")
	if !s.op("k").Alarmed {
		t.Error("nobody is told that it was done after all")
	}
	s.pass(72 * time.Hour)
	before = s.account
	s.retried("later")
	if alarms := payment.Alarms(before, s.account); len(alarms) != 0 {
		t.Errorf("nothing stands as refused any more, and still: %v", alarms)
	}
}

// TestAHintKeepsTheFirstFollowUp: a look that is due sooner is not put off.
func TestAHintKeepsTheFirstFollowUp(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "10")).answer(payment.VerdictRejected).pass(50 * time.Minute)
	first := s.op("k").FollowUps[0]
	if s.retried("r"); !s.op("k").FollowUps[0].Equal(first) || len(s.op("k").FollowUps) != 3 {
		t.Errorf("follow-ups %v, the first was %s", s.op("k").FollowUps, first)
	}
}

func (w *world) hints(n payment.Notice) bool {
	w.t.Helper()
	taken, err := w.service.Hint(w.t.Context(), n)
	if err != nil {
		w.t.Fatal(err)
	}
	return taken
}

// TestANoticeCostsNothingWhereNothingIsWaitedFor: one load, no save, no place of the limit, and no call to iyzico.
func TestANoticeCostsNothingWhereNothingIsWaitedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.service.LimitHints(func(context.Context) (bool, error) { w.note("slot"); return true, nil })
	w.must(refund("k", "10"), payment.StatusSucceeded)
	w.did()
	for _, id := range []string{paymentID, "10000099"} {
		for _, retried := range []bool{false, true} {
			if w.hints(payment.Notice{PaymentID: id, Code: "a", Retried: retried}) || w.did() != "load" {
				t.Errorf("payment %s: it cost more than a load", id)
			}
		}
	}
	if w.hints(payment.Notice{ConversationID: "order-17"}) || w.did() != "" {
		t.Error("a notice of nothing was looked up")
	}
	if len(w.accounts) != 1 {
		t.Errorf("%d accounts", len(w.accounts))
	}
}

// TestNoticesAreTakenWithinALimit: none without one, and none where it says no.
func TestNoticesAreTakenWithinALimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.send = answers(payment.VerdictUnknown)
	w.must(refund("k", "10"), payment.StatusUnknown)
	w.wait(time.Minute)
	w.did()
	n := payment.Notice{PaymentID: paymentID, Code: "a"}
	if w.hints(n) || w.did() != "load" {
		t.Error("taken without a limit")
	}
	w.service.LimitHints(func(context.Context) (bool, error) { return false, nil })
	if w.hints(n) || w.did() != "load" {
		t.Error("taken over the limit")
	}
	w.service.LimitHints(func(context.Context) (bool, error) { return true, errDown })
	if _, err := w.service.Hint(t.Context(), n); payment.CodeOf(err) != payment.CodeUnavailable || !errors.Is(payment.WithCause(err), errDown) || w.did() != "load" {
		t.Errorf("a limit that cannot be counted: %v", err)
	}
	w.service.LimitHints(func(context.Context) (bool, error) { return true, nil })
	if !w.hints(n) || w.did() != "load load save3" {
		t.Error("not taken")
	}
	if a := w.stored(payment.PaymentAccount(paymentID)); a.Author.Actor != payment.ActorWebhook || !a.Hint.DueAt.Equal(w.Now()) {
		t.Errorf("author %+v, hint %+v", a.Author, a.Hint)
	}
	w.loading = func() error { return errDown }
	if _, err := w.service.Hint(t.Context(), n); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Errorf("store away: %v", err)
	}
}

func (w *world) passes() {
	w.t.Helper()
	if _, err := w.service.Reconcile(w.t.Context(), w.Now().Add(50*time.Second)); err != nil {
		w.t.Fatal(err)
	}
}

// TestANoticesReadTakesNothingFromSettling: its call comes from the part that all share, and where that is used up the others
// are read all the same.
func TestANoticesReadTakesNothingFromSettling(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.service.LimitHints(func(context.Context) (bool, error) { return true, nil })
	ids := w.crowd(2)
	told, due := ids[0], ids[1]
	w.opened = []payment.AccountID{payment.PaymentAccount(told), payment.PaymentAccount(due)}
	limited := &payment.Error{Code: payment.CodeRateLimited, RetryAfter: time.Minute}
	w.read = func(q payment.Query) (payment.Report, error) {
		if q.PaymentID == due {
			return payment.Report{}, limited
		}
		report := w.found(q.PaymentID)
		report.Entries = nil
		return report, nil
	}
	w.wait(time.Minute)
	w.passes() // settling reads the one; the other stays due
	w.wait(time.Minute)
	if !w.hints(payment.Notice{PaymentID: told, Code: "a"}) {
		t.Fatal("the notice was not taken")
	}
	var asked []string
	w.read = func(q payment.Query) (payment.Report, error) {
		asked = append(asked, fmt.Sprint(q.PaymentID, " settle ", q.Purpose == payment.PurposeSettle, " bulk ", q.Purpose == payment.PurposeBulk))
		if q.PaymentID == told {
			return payment.Report{}, limited
		}
		return w.found(q.PaymentID), nil
	}
	w.passes()
	if want := []string{told + " settle false bulk true", due + " settle true bulk false"}; !slices.Equal(asked, want) {
		t.Errorf("asked %v, want %v", asked, want)
	}
	if a := w.stored(payment.PaymentAccount(told)); a.Hint.DueAt.IsZero() || a.FailedReads != 0 {
		t.Errorf("the notice does not wait for a call: %+v", a.Hint)
	}
}

// TestANoticeFindsAFundPaymentByItsConversation: the payment is not known yet.
func TestANoticeFindsAFundPaymentByItsConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.service.LimitHints(func(context.Context) (bool, error) { return true, nil })
	w.send = answers(payment.VerdictUnknown)
	c := fundCommand("k", "10")
	w.must(c, payment.StatusUnknown)
	w.wait(time.Second)
	if !w.hints(payment.Notice{PaymentID: "10000099", ConversationID: payment.ConversationID(c.OperationID(), 1), Code: "a"}) {
		t.Fatal("it was not found")
	}
	if a := w.stored(c.AccountID()); !a.DueAt().Equal(w.Now()) || a.Operations[0].Status() != payment.StatusUnknown {
		t.Errorf("due %s, %s", a.DueAt(), a.Operations[0].Status())
	}
}

// TestANoticeOpensNoAccount: the reconciler opens that of a payment which a fund payment made, whatever comes meanwhile.
func TestANoticeOpensNoAccount(t *testing.T) {
	t.Parallel()
	s := newFundService(t, payment.VerdictSucceeded, time.Time{})
	s.table.failAt = 3 // the mark, the answer, the new payment's account
	s.pay(t)
	id := fundCommand("k", "50").AccountID()
	for name, e := range map[string]payment.Event{"a plain notice": payment.Hinted{Code: "b"}, "a notice": payment.Hinted{Code: "a", Retried: true}} {
		if _, err := s.Apply(t.Context(), id, e); err != nil || len(s.table.items) != 1 {
			t.Errorf("%d accounts after %s, %v", len(s.table.items), name, err)
		}
	}
	if s.reconcile(t); len(s.table.items) != 2 {
		t.Errorf("%d accounts after a pass", len(s.table.items))
	}
}

// TestARetriedRefundThatLeftTheAccountIsLookedFor: the journal alone holds it, so the payment is read once, and somebody is told.
func TestARetriedRefundThatLeftTheAccountIsLookedFor(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		past payment.Past
		read bool
	}{
		"refused by iyzico":  {payment.Past{Kind: payment.KindRefund, Status: payment.StatusRejected, Attempts: 1}, true},
		"refused by a rule":  {payment.Past{Kind: payment.KindRefund, Status: payment.StatusRejected, Ruled: true}, false},
		"moved all its legs": {payment.Past{Kind: payment.KindRefund, Status: payment.StatusSucceeded, Attempts: 1, Moved: []int{1}}, false},
	} {
		s := newStory(t, "100").ask(refund("k", "10")).answer(succeeded)
		x.past.Amount, x.past.RefundedAmount = amount("5"), amount("0")
		s.account.Past = append(s.account.Past, x.past)
		before := s.account
		if s.retried("r"); s.account.DueAt().Equal(s.now) != x.read || (len(payment.Alarms(before, s.account)) == 1) != x.read {
			t.Errorf("%s: due %s, alarms %v", name, s.account.DueAt(), payment.Alarms(before, s.account))
		}
	}
}

// TestANoticeThatCannotBeSavedSaysSo: the slot is gone, and nothing else.
func TestANoticeThatCannotBeSavedSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.service.LimitHints(func(context.Context) (bool, error) { return true, nil })
	w.send = answers(payment.VerdictUnknown)
	w.must(refund("k", "10"), payment.StatusUnknown)
	w.saving = func(payment.Account) (bool, error) { return false, errDown }
	if taken, err := w.service.Hint(t.Context(), payment.Notice{PaymentID: paymentID}); taken || payment.CodeOf(err) != payment.CodeUnavailable {
		t.Errorf("%v %v", taken, err)
	}
}
