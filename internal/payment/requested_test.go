package payment_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

const (
	succeeded = payment.VerdictSucceeded
	rejected  = payment.VerdictRejected
	notSent   = payment.VerdictNotSent
	lost      = payment.VerdictUnknown
)

func TestFirstContactReadsFirstAndAcceptsAndMarksInOneVersion(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100")
	c := refund("k", "10")
	s.decide(payment.Requested{Command: c, Until: s.now.Add(s.left)})
	if !errors.Is(s.err, payment.ErrReadFirst) || s.call != nil || s.account.Version != 0 {
		t.Fatalf("version %d, call %v, error %v", s.account.Version, s.call, s.err)
	}
	s.saved(1, func() { s.ask(c) }).sent(conversation("k", 1)).is("k", payment.StatusProcessing, payment.StateSending)
	s.sums("0.00", "10.00", "90.00")
	want := payment.Call{
		Account: s.account.ID, OperationID: c.OperationID(), Attempt: 1, ConversationID: c.OperationID() + "-1",
		API: payment.APIRefund, PaymentID: paymentID, LineID: "1", Amount: amount("10"), Deadline: s.now.Add(20 * time.Second),
		Command: c, Until: s.now.Add(s.left), MarkedAt: s.now,
	}
	if fmt.Sprintf("%+v", *s.call) != fmt.Sprintf("%+v", want) {
		t.Errorf("call %+v\nwant %+v", *s.call, want)
	}
	s.saved(1, func() { s.answer(succeeded) }).is("k", payment.StatusSucceeded).sums("10.00", "0.00", "90.00")
	if leg := s.op("k").Legs[0]; leg.Proof.AuthCode != "512821" || !leg.Proof.SignatureVerified || leg.Failure != nil {
		t.Errorf("leg %+v", leg)
	}
	if op := s.op("k"); !op.SettledAt.Equal(s.now) || !op.DeadlineAt.Equal(s.now.Add(time.Hour)) {
		t.Errorf("settled %v, deadline %v", op.SettledAt, op.DeadlineAt)
	}
}

func TestARefusedFirstContactLeavesNoTrace(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").lists("", "1", "10", 1).ask(refund("k", "91"))
	if s.refused(payment.CodeExceedsRefundable); s.account.Version != 0 || len(s.account.Lines) != 0 {
		t.Errorf("account %+v", s.account)
	}
}

func TestAKnownAccountIsNotReadForAnOrdinaryRefund(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("a", "10")).answer(succeeded)
	s.reads = 0
	s.ask(refund("b", "10")).sent(conversation("b", 1))
	if s.reads != 0 {
		t.Errorf("%d reads", s.reads)
	}
}

func TestWhatMustBeReadAgain(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		verdict payment.Verdict
		c       payment.Command
		want    int
	}{
		"a refund":                    {succeeded, refund("b", "1"), 0},
		"a refund after an unknown":   {lost, refund("b", "1"), 0},
		"a refund after a not sent":   {notSent, refund("b", "1"), 0},
		"a refund after a rejection":  {rejected, refund("b", "1"), 1},
		"full":                        {succeeded, full("b"), 1},
		"a cancel":                    {notSent, cancel("b"), 1},
		"a refund to balance":         {notSent, toBalance("b"), 1},
		"a replay":                    {succeeded, refund("a", "10"), 0},
		"a replay after a rejection":  {rejected, refund("a", "10"), 0},
		"a key reused":                {rejected, refund("a", "11"), 0},
		"the same again after a lost": {lost, refund("a", "10"), 0},
	} {
		s := newStory(t, "100").ask(refund("a", "10")).answer(tc.verdict)
		s.reads = 0
		if s.ask(tc.c); s.reads != tc.want {
			t.Errorf("%s: %d reads, want %d", name, s.reads, tc.want)
		}
	}
}

func TestAfterADefiniteNoTheNextSendReadsFirst(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("a", "10")).answer(rejected)
	s.reads = 0
	s.ask(refund("b", "200")).refused(payment.CodeExceedsRefundable)
	s.left = time.Second
	s.ask(refund("b", "20")).refused(payment.CodeUnavailable)
	s.left = 27 * time.Second
	s.ask(refund("b", "20")).sent(conversation("b", 1)).answer(succeeded)
	if s.reads != 3 {
		t.Errorf("%d reads: a request that sends nothing must leave the read to the next that does", s.reads)
	}
	s.ask(refund("c", "20")).sent(conversation("c", 1))
	if s.reads != 3 {
		t.Error("the send after that needs no read")
	}
}

func TestTheNextSendReadsFirstAfterAnAbsenceToo(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("a", "10")).answer(lost).absent()
	s.reads = 0
	s.lists(conversation("a", 1), "1", "10", 1) // it was done after all
	if s.ask(refund("b", "95")); s.reads != 1 {
		t.Errorf("%d reads", s.reads)
	}
	if e := s.refused(payment.CodeNotRefundable); e.OperationID != s.op("a").ID {
		t.Errorf("refused because of %q", e.OperationID)
	}
	s.is("a", payment.StatusNeedsReview).sums("10.00", "0.00", "90.00")
}

// absent passes the settle window with three reads that list nothing.
func (s *story) absent() *story {
	s.t.Helper()
	return s.pass(20 * time.Second).read().pass(window / 2).read().pass(window / 2).read()
}

func TestTheSameRequestIsAnsweredAndNeverSentAgain(t *testing.T) {
	t.Parallel()
	for _, v := range []payment.Verdict{succeeded, rejected, lost} {
		s := newStory(t, "100").ask(refund("k", "10")).answer(v)
		before := s.op("k").Status()
		for range 3 {
			s.saved(0, func() { s.ask(refund("k", "10")) }).silent().is("k", before)
		}
	}
}

func TestAnAttemptInFlightIsInProgressUntilItsDeadline(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "10"))
	first := *s.call
	s.pass(19 * time.Second)
	e := s.saved0(func() { s.ask(refund("k", "10")) }).refused(payment.CodeInProgress)
	if e.Operation == nil || e.Operation.ID != first.OperationID || e.RetryAfter <= 0 {
		t.Errorf("%+v", e)
	}
	s.pass(time.Second).ask(refund("k", "10")).silent().is("k", payment.StatusUnknown)
	s.answerTo(first, succeeded).is("k", payment.StatusSucceeded)
}

func (s *story) saved0(fn func()) *story { return s.saved(0, fn) }

func TestAKeyIsBoundToItsRequest(t *testing.T) {
	t.Parallel()
	base := onLine(refund("k", "10"), "1")
	other := map[string]payment.Command{
		"amount": onLine(refund("k", "10.01"), "1"), "full instead": onLine(full("k"), "1"), "line": onLine(refund("k", "10"), "2"),
		"no line": allocated(refund("k", "10"), payment.AllocateByIyzico), "kind": cancel("k"), "another currency": inCurrency(base, money.EUR),
		"allocation": allocated(refund("k", "10"), payment.AllocateInOrder),
	}
	for name, change := range map[string]func(*payment.Command){
		"destination": func(c *payment.Command) { c.Destination = payment.ToBalance },
	} {
		c := base
		change(&c)
		other[name] = c
	}
	for _, v := range []payment.Verdict{succeeded, rejected, lost} {
		s := newStory(t, "100", "100").ask(base).answer(v)
		id := s.op("k").ID
		for name, c := range other {
			e := s.saved0(func() { s.ask(c) }).refused(payment.CodeKeyReused)
			if e.Operation == nil || e.Operation.ID != id {
				t.Errorf("%s: %+v", name, e)
			}
		}
		same := onLine(refund("k", "10.0000"), "1")
		same.IP, same.Locale, same.Interactive, same.Currency = "192.0.2.1", "en", true, money.TRY
		same.Reason, same.Description, same.Reference, same.ReturnURL = "FRAUD", "text", "order-1", "https://shop.example"
		s.saved0(func() { s.ask(same) }).silent()
		if op := s.op("k"); op.Reason != "" || op.Reference != "" {
			t.Errorf("the second request's words took the first ones' place: %+v", op)
		}
	}
}

func TestNotSentGivesTheKeyFree(t *testing.T) {
	t.Parallel()
	for name, second := range map[string]payment.Command{
		"same request": refund("k", "10"), "another amount": refund("k", "20"), "a cancel": cancel("k"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100").ask(refund("k", "10")).answer(notSent)
			s.is("k", payment.StatusNotSent, payment.StateNotSent).sums("0.00", "0.00", "100.00")
			if due := s.account.DueAt(); !due.IsZero() {
				t.Errorf("due at %v", due)
			}
			s.pass(time.Minute).ask(second).sent(payment.ConversationID(second.OperationID(), 2)).answer(succeeded)
			s.is("k", payment.StatusSucceeded)
			if op := s.op("k"); len(s.account.Operations) != 1 || op.Attempts != 2 || op.Key != "k" {
				t.Errorf("%d operations, the key's %+v", len(s.account.Operations), op)
			}
		})
	}
}

func TestNotSentIsCheckedAgainAgainstEveryRule(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "60")).answer(notSent)
	s.ask(refund("other", "50")).answer(succeeded)
	if e := s.ask(refund("k", "60")).refused(payment.CodeExceedsRefundable); e.Refundable.String() != "50.00" {
		t.Errorf("refundable %s", e.Refundable)
	}
	s.ask(refund("k", "50")).sent(conversation("k", 2))
}

func TestForgottenNotSentOperationsAreBounded(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100")
	for i := range 55 {
		s.ask(refund(fmt.Sprint("k", i), "1")).answer(notSent)
		s.request(payment.Requested{Command: refund(fmt.Sprint("r", i), "1000"), Record: payment.RecordAll})
	}
	counts := map[payment.Status]int{}
	for i := range s.account.Operations {
		counts[s.account.Operations[i].Status()]++
	}
	if counts[payment.StatusNotSent] > 51 || counts[payment.StatusNotSent] < 49 || counts[payment.StatusRejected] != 55 {
		t.Errorf("%v", counts)
	}
	s.is("k54", payment.StatusNotSent)
}

func TestTooLittleTimeMarksNothing(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100")
	s.left = payment.MinSendTime - 1
	if e := s.ask(refund("k", "10")).refused(payment.CodeUnavailable); e.RetryAfter <= 0 || s.account.Version != 0 {
		t.Errorf("%+v, version %d", e, s.account.Version)
	}
	s.left = payment.MinSendTime
	s.ask(refund("k", "10")).sent(conversation("k", 1))
	if deadline := s.call.Deadline; !deadline.Equal(s.now.Add(payment.MinSendTime)) {
		t.Errorf("an attempt may run until %v, after the handler's end", deadline)
	}
	if payment.MinSendTime != 5*time.Second {
		t.Errorf("MinSendTime %v", payment.MinSendTime)
	}
}

// TestAnAttemptEndsWithItsHandler: nobody would be there to save an answer that comes later.
func TestAnAttemptEndsWithItsHandler(t *testing.T) {
	t.Parallel()
	for left, want := range map[time.Duration]time.Duration{27 * time.Second: 20 * time.Second, 9 * time.Second: 9 * time.Second} {
		s := newStory(t, "100")
		s.left = left
		s.ask(refund("k", "10")).sent(conversation("k", 1))
		if got := s.call.Deadline.Sub(s.now); got != want || !s.op("k").Legs[0].SendBy.Equal(s.call.Deadline) {
			t.Errorf("with %s left the attempt has %s, the mark says %s", left, got, s.op("k").Legs[0].SendBy)
		}
	}
}

func TestAQueuesRefusalIsRecordedOnce(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		c    payment.Command
		want payment.Code
	}{
		"exceeds":    {allocated(refund("k", "1000"), payment.AllocateInOrder), payment.CodeExceedsRefundable},
		"line":       {onLine(refund("k", "1"), "9"), payment.CodeLineNotFound},
		"currency":   {inCurrency(refund("k", "1"), money.USD), payment.CodeCurrencyMismatch},
		"allocation": {refund("k", "1"), payment.CodeAllocationNeeded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100", "100")
			e := payment.Requested{Command: tc.c, Record: payment.RecordAll}
			old := s.account
			s.saved(1, func() { s.request(e) }).silent().is("k", payment.StatusRejected).sums("0.00", "0.00", "200.00")
			if changes := payment.Changes(old, s.account); len(changes) != 1 || changes[0].DetailType != "refund.rejected" {
				t.Errorf("changes %+v", changes)
			}
			op := s.op("k")
			view := op.Resource(paymentID)
			if len(op.Legs) != 0 || view.Error == nil || view.Error.Code != string(tc.want) || view.Error.Message == "" {
				t.Errorf("resource %+v", view)
			}
			s.saved0(func() { s.request(e) }).silent() // the queue's redelivery
			s.saved0(func() { s.ask(tc.c) }).silent()  // over HTTP the key is bound
			s.saved0(func() { s.ask(refund("k", "2")) }).refused(payment.CodeKeyReused)
			if s.ask(onLine(refund("other", "1"), "1")); s.reads != 1 || s.call == nil {
				t.Errorf("%d reads, %v", s.reads, s.err)
			}
		})
	}
}

func TestOverHTTPARefusalBindsNothing(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("first", "1")).answer(succeeded)
	s.saved0(func() { s.ask(refund("k", "1000")) }).refused(payment.CodeExceedsRefundable)
	s.ask(refund("k", "10")).sent(conversation("k", 1))
}

func TestAQueuesTransientRefusalIsNotRecorded(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100")
	s.left = time.Second
	s.saved0(func() { s.request(payment.Requested{Command: refund("k", "1"), Record: payment.RecordAll}) }).refused(payment.CodeUnavailable)
}

func TestAPaymentThatOnlyDetailKnows(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100")
	s.iyzico.Listed, s.iyzico.PaidAt = false, time.Time{}
	s.ask(refund("a", "10")).sent(conversation("a", 1)).answer(notSent)
	s.ask(refund("a", "10")).sent(conversation("a", 2)).answer(succeeded)
	s.ask(refund("b", "10")).sent(conversation("b", 1)).answer(succeeded)
	for _, c := range []payment.Command{cancel("c"), full("d")} {
		s.ask(c).refused(payment.CodeUnavailable) // detail hides refunds: with operations the report must list it
	}
	s.iyzico.Listed, s.iyzico.PaidAt = true, opening.AddDate(-2, 0, 0)
	s.lists(conversation("a", 2), "1", "10", 1).lists(conversation("b", 1), "1", "10", 1)
	s.ask(full("d")).refused(payment.CodeNotRefundable) // the date is known now
}

func TestDetailOnlyRefusalsOfAQueueDoNotBlock(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100")
	s.iyzico.Listed = false
	s.request(payment.Requested{Command: refund("r", "1000"), Record: payment.RecordAll}).silent()
	s.ask(full("f")).sent(conversation("f", 1))
}

func TestAReportOfAnotherPaymentIsNotUsed(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100")
	s.iyzico.PaymentID = "666"
	s.saved0(func() { s.ask(refund("k", "10")) }).refused(payment.CodeUnavailable)
	s.iyzico.PaymentID = paymentID
	s.ask(refund("k", "10")).answer(lost)
	s.iyzico.Currency = money.EUR
	s.lists(conversation("k", 1), "1", "10", 1)
	s.ask(full("f")).refused(payment.CodeUnavailable)
	s.saved0(func() { s.read() }).is("k", payment.StatusUnknown)
}

func TestAnEntryInAnotherCurrencyProvesNothing(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "10")).answer(lost).lists(conversation("k", 1), "1", "10", 1)
	s.iyzico.Entries[0].Amount = money.New(amount("10").Decimal(), money.EUR)
	s.read().is("k", payment.StatusNeedsReview).sums("0.00", "10.00", "90.00")
}
