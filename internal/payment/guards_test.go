package payment_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

func TestOnlyAChargedPaymentIsRefunded(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		charged, preAuth bool
		refund, cancel   payment.Code
	}{
		"charged":                         {charged: true},
		"failed, or held by fraud checks": {refund: payment.CodeNotRefundable, cancel: payment.CodeNotCancellable},
		"pre-authorised":                  {charged: true, preAuth: true, refund: payment.CodeNotRefundable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for c, want := range map[*payment.Command]payment.Code{ptr(refund("k", "1")): tc.refund, ptr(cancel("k")): tc.cancel} {
				s := newStory(t, "10")
				s.iyzico.Charged, s.iyzico.PreAuth = tc.charged, tc.preAuth
				s.ask(*c)
				if want != "" {
					s.refused(want)
				} else if s.call == nil {
					t.Errorf("%s: %v", c.Kind, s.err)
				}
			}
		})
	}
}

func ptr[T any](v T) *T { return &v }

func TestAPaymentThatWasNotChargedYetIsReadAgain(t *testing.T) {
	t.Parallel()
	s := newStory(t, "10")
	s.iyzico.PreAuth = true
	s.ask(cancel("a")).answer(payment.VerdictRejected)
	s.iyzico.PreAuth = false
	s.ask(refund("b", "1")).sent(payment.ConversationID(refund("b", "1").OperationID(), 1))
}

func TestAHoldOfAnotherDayIsNotSentToARefund(t *testing.T) {
	t.Parallel()
	for _, c := range []payment.Command{cancel("a"), {Kind: payment.KindReversal, PaymentID: cancel("a").PaymentID, Key: "b"}} {
		s := newStory(t, "10").pass(48 * time.Hour)
		s.iyzico.PreAuth = true
		if e := s.ask(c).refused(payment.CodeNotCancellable); strings.Contains(e.Message, "refund it") || !strings.Contains(e.Message, "the hold ends by itself") {
			t.Errorf("%s: %s", c.Kind, e.Message)
		}
	}
}

func TestNothingFollowsACancel(t *testing.T) {
	t.Parallel()
	own := newStory(t, "10").ask(cancel("a")).answer(payment.VerdictSucceeded)
	foreign := newStory(t, "10").listsCancel("", 1)
	for name, tc := range map[string]struct {
		s  *story
		by string
	}{"ours": {own, cancel("a").OperationID()}, "in iyzico's panel": {foreign, ""}} {
		if e := tc.s.ask(refund("b", "1")).refused(payment.CodeNotRefundable); e.OperationID != tc.by {
			t.Errorf("%s: refund refused because of %q, want %q", name, e.OperationID, tc.by)
		}
		if e := tc.s.ask(cancel("c")).refused(payment.CodeNotCancellable); e.OperationID != tc.by {
			t.Errorf("%s: cancel refused because of %q, want %q", name, e.OperationID, tc.by)
		}
	}
	if got := foreign.ask(full("d")).account.Version; got != 0 {
		t.Error("a refused first contact left a trace")
	}
}

func TestNoCancelAfterARefund(t *testing.T) {
	t.Parallel()
	ours := newStory(t, "10").ask(refund("a", "1")).answer(payment.VerdictSucceeded)
	if e := ours.ask(cancel("b")).refused(payment.CodeNotCancellable); e.OperationID != refund("a", "1").OperationID() {
		t.Errorf("refused because of %q", e.OperationID)
	}
	panel := newStory(t, "10").lists("", "1", "1", 1)
	if e := panel.ask(cancel("b")).refused(payment.CodeNotCancellable); e.OperationID != "" {
		t.Errorf("refused because of %q", e.OperationID)
	}
	failed := newStory(t, "10").lists("", "1", "1", 0)
	if failed.ask(cancel("b")); failed.call == nil {
		t.Errorf("a refund that failed in the panel stands in a cancel's way: %v", failed.err)
	}
}

func TestAnOpenOperationStandsInTheWay(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*story) *story{
		"sending": func(s *story) *story { return s },
		"unknown": func(s *story) *story { return s.answer(payment.VerdictUnknown) },
		"needs_review": func(s *story) *story {
			s.answer(payment.VerdictUnknown)
			return s.pass(25 * time.Hour).unreadable()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(newStory(t, "10").ask(refund("a", "1")))
			if e := s.ask(cancel("b")).refused(payment.CodeNotCancellable); e.OperationID != refund("a", "1").OperationID() {
				t.Errorf("cancel refused because of %q", e.OperationID)
			}
			if s.ask(refund("c", "1")); s.call == nil {
				t.Errorf("a refund does not stand in another's way: %v", s.err)
			}
			s = open(newStory(t, "10").ask(cancel("a")))
			s.sums("0.00", "10.00", "0.00")
			for _, c := range []payment.Command{refund("b", "1"), full("d")} {
				if e := s.ask(c).refused(payment.CodeNotRefundable); e.OperationID != cancel("a").OperationID() {
					t.Errorf("refund refused because of %q", e.OperationID)
				}
			}
			if e := s.ask(cancel("c")).refused(payment.CodeNotCancellable); e.OperationID != cancel("a").OperationID() {
				t.Errorf("cancel refused because of %q", e.OperationID)
			}
		})
	}
}

func TestAnOperationThatEndedStandsInNoWay(t *testing.T) {
	t.Parallel()
	for _, v := range []payment.Verdict{payment.VerdictRejected, payment.VerdictNotSent} {
		for _, first := range []payment.Command{refund("a", "1"), cancel("a")} {
			for _, second := range []payment.Command{refund("b", "10"), cancel("b")} {
				if s := newStory(t, "10").ask(first).answer(v).ask(second); s.call == nil {
					t.Errorf("%s after a %s that ended %d: %v", second.Kind, first.Kind, v, s.err)
				}
			}
		}
	}
}

// TestDateRules: iyzico's time may be UTC or Istanbul wall time (UTC+3, no daylight saving since 2016), so a rule is
// ours to apply only when it is past by both readings. Read as wall time a moment is three hours earlier.
func TestDateRules(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		moment, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	for _, tc := range []struct {
		name           string
		paid, now      string
		refund, cancel bool // allowed
	}{
		{"just paid", "2031-03-10T12:00:00Z", "2031-03-10T12:00:01Z", true, true},
		{"wall time, so it seems to lie ahead", "2031-03-10T15:00:00Z", "2031-03-10T12:00:01Z", true, true},
		{"wall time of tomorrow's first hours, now still today", "2031-03-11T00:30:00Z", "2031-03-10T21:30:01Z", true, true},
		{"last second of the day by both readings", "2031-03-10T12:00:00Z", "2031-03-10T20:59:59Z", true, true},
		{"midnight in Istanbul by both readings", "2031-03-10T12:00:00Z", "2031-03-10T21:00:00Z", true, false},
		{"22:30, read as UTC it is tomorrow's 01:30", "2031-03-10T22:30:00Z", "2031-03-11T20:59:59Z", true, true},
		{"22:30, the day after by both readings", "2031-03-10T22:30:00Z", "2031-03-11T21:00:00Z", true, false},
		{"20:59:59, the same day by both readings", "2031-03-10T20:59:59Z", "2031-03-10T21:00:00Z", true, false},
		{"21:00:00, read as UTC it is tomorrow", "2031-03-10T21:00:00Z", "2031-03-10T21:00:01Z", true, true},
		{"365 days by neither reading", "2031-03-10T12:00:00Z", "2032-03-09T09:00:00Z", true, false},
		{"365 days by wall time only", "2031-03-10T12:00:00Z", "2032-03-09T11:59:59Z", true, false},
		{"365 days to the second", "2031-03-10T12:00:00Z", "2032-03-09T12:00:00Z", true, false},
		{"a second more by both readings", "2031-03-10T12:00:00Z", "2032-03-09T12:00:01Z", false, false},
		{"no 29 February in between", "2029-03-10T12:00:00Z", "2030-03-10T12:00:00Z", true, false},
		{"no 29 February in between, a second more", "2029-03-10T12:00:00Z", "2030-03-10T12:00:01Z", false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for c, allowed := range map[*payment.Command]bool{ptr(refund("k", "1")): tc.refund, ptr(cancel("k")): tc.cancel} {
				s := newStory(t, "10")
				s.iyzico.PaidAt, s.now = at(tc.paid), at(tc.now)
				switch s.ask(*c); {
				case allowed && s.call == nil:
					t.Errorf("%s: %v", c.Kind, s.err)
				case !allowed && c.Kind == payment.KindCancel:
					s.refused(payment.CodeNotCancellable)
				case !allowed:
					s.refused(payment.CodeNotRefundable)
				}
			}
		})
	}
}

func TestDatesThatOnlyIyzicoKnowsAreItsToJudge(t *testing.T) {
	t.Parallel()
	for _, c := range []payment.Command{refund("k", "1"), cancel("k")} {
		s := newStory(t, "10")
		s.iyzico.PaidAt = time.Time{}
		if s.ask(c); s.call == nil {
			t.Errorf("%s: %v", c.Kind, s.err)
		}
	}
}

func TestAtMostTwentyUnfinishedOperations(t *testing.T) {
	t.Parallel()
	s := newStory(t, "1000")
	for i := range payment.MaxUnfinished {
		s.ask(refund(fmt.Sprint("k", i), "1")).answer(payment.VerdictUnknown)
	}
	s.ask(refund("more", "1")).refused(payment.CodeTooManyOperations)
	s.ask(refund("k0", "1")).silent() // a replay is no new operation
	s.lists(conversation("k0", 1), "1", "1", 1).read()
	s.ask(refund("more", "1")).sent(conversation("more", 1))
}

func TestOperationsThatEndedCountInNoUnfinishedLimit(t *testing.T) {
	t.Parallel()
	s := newStory(t, "1000")
	for i := range payment.MaxUnfinished + 1 {
		s.ask(refund(fmt.Sprint("succeeded", i), "1")).answer(payment.VerdictSucceeded)
		s.ask(refund(fmt.Sprint("not sent", i), "1")).answer(payment.VerdictNotSent)
		s.request(payment.Requested{Command: refund(fmt.Sprint("refused", i), "5000"), Record: payment.RecordAll}).silent()
	}
	if s.ask(refund("more", "1")); s.call == nil {
		t.Error(s.err)
	}
}

// repeat adds n more operations like the key's.
func (s *story) repeat(key string, n int) {
	for i := range n {
		op := *s.op(key)
		op.Key = fmt.Sprint(key, " ", i)
		op.ID = refund(op.Key, "1").OperationID()
		s.account.Operations = append(s.account.Operations, op)
	}
}

func TestAtMostFiveHundredLegs(t *testing.T) {
	t.Parallel()
	if payment.MaxLegs != 500 || payment.MaxUnfinished != 20 {
		t.Errorf("limits %d, %d", payment.MaxLegs, payment.MaxUnfinished)
	}
	s := newStory(t, "1000", "1000")
	both := func(key string) payment.Command { return allocated(refund(key, "0.02"), payment.AllocateProportional) }
	s.ask(both("k")).answer(payment.VerdictSucceeded).answer(payment.VerdictSucceeded)
	s.repeat("k", payment.MaxLegs/2-2)
	s.ask(onLine(refund("not sent", "1"), "1")).answer(payment.VerdictNotSent)
	s.ask(onLine(refund("499", "1"), "1")).answer(payment.VerdictSucceeded)
	s.ask(both("501")).refused(payment.CodeTooManyOperations)
	s.ask(onLine(refund("500", "1"), "1")).answer(payment.VerdictSucceeded)
	s.ask(onLine(refund("501", "1"), "1")).refused(payment.CodeTooManyOperations)
	s.ask(onLine(refund("not sent", "1"), "1")).refused(payment.CodeTooManyOperations)
	s.request(payment.Requested{Command: onLine(refund("501", "1"), "1"), Record: payment.RecordAll}).silent().is("501", payment.StatusRejected)
}

func TestACancelIsExemptFromTheLimits(t *testing.T) {
	t.Parallel()
	s := newStory(t, "1000")
	s.ask(refund("k", "1")).answer(payment.VerdictRejected).repeat("k", payment.MaxLegs-1)
	s.ask(refund("more", "1")).refused(payment.CodeTooManyOperations)
	if s.ask(cancel("c")); s.call == nil {
		t.Error(s.err)
	}
}
