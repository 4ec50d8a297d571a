package payment_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

// reversed is the conversationId of an attempt of the key's reversal.
func reversed(key string, attempt int) string {
	return payment.ConversationID(reversal(key).OperationID(), attempt)
}

// provedAbsent lets the last attempt be proved not done: three reports, the last after the window, and the day lists.
func (s *story) provedAbsent() *story {
	s.t.Helper()
	for range 3 {
		s.pass(window).read()
	}
	return s
}

// legsOf shows an operation's legs: what each asks for, and where it stands.
func legsOf(op *payment.Operation) string {
	var legs []string
	for i := range op.Legs {
		leg := &op.Legs[i]
		legs = append(legs, strings.TrimSpace(string(leg.API)+" "+leg.LineID)+" "+leg.Amount.String()+" "+string(leg.State))
	}
	return strings.Join(legs, ", ")
}

func (s *story) legs(key, want string) *story {
	s.t.Helper()
	if got := legsOf(s.op(key)); got != want {
		s.t.Fatalf("the legs of %s are: %s\nwant: %s", key, got, want)
	}
	return s
}

func TestAReversalTakesTheBestWay(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		before func(*story)
		want   string
	}{
		"on its day it cancels": {func(*story) {}, "cancel 150.00 sending"},
		"after its day it refunds": {
			func(s *story) { s.iyzico.PaidAt = opening.Add(-30 * time.Hour) }, "refund 1 100.00 sending, refund 2 50.00 reserved",
		},
		"of a payment that was partly refunded it refunds the rest": {
			func(s *story) { s.lists("", "1", "30", 1) }, "refund 1 70.00 sending, refund 2 50.00 reserved",
		},
		"a hold it cancels": {func(s *story) { s.iyzico.PreAuth = true }, "cancel 150.00 sending"},
		"beside an open refund it refunds what that leaves": {
			func(s *story) { s.ask(onLine(refund("r", "100"), "1")).answer(lost) }, "refund 2 50.00 sending",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100", "50")
			tc.before(s)
			reads := s.reads
			if s.ask(reversal("k")).legs("k", tc.want); s.reads != reads+1 {
				t.Errorf("%d reports were read, a reversal reads one first", s.reads-reads)
			}
		})
	}
}

func TestAReversalIsRefusedWhereNeitherWayIsOpen(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		before func(*story)
		code   payment.Code
	}{
		"not charged":             {func(s *story) { s.iyzico.Charged = false }, payment.CodeNotCancellable},
		"a hold of another day":   {func(s *story) { s.iyzico.PreAuth, s.iyzico.PaidAt = true, opening.Add(-30*time.Hour) }, payment.CodeNotCancellable},
		"cancelled":               {func(s *story) { s.listsCancel("", 1) }, payment.CodeNotRefundable},
		"refunded":                {func(s *story) { s.lists("", "1", "100", 1) }, payment.CodeExceedsRefundable},
		"older than a year":       {func(s *story) { s.iyzico.PaidAt = opening.AddDate(-1, 0, -2) }, payment.CodeNotRefundable},
		"a cancel that is open":   {func(s *story) { s.ask(cancel("c")).answer(lost) }, payment.CodeNotRefundable},
		"a reversal that is open": {func(s *story) { s.ask(reversal("c")).answer(lost) }, payment.CodeNotRefundable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100")
			tc.before(s)
			s.ask(reversal("k")).refused(tc.code)
		})
	}
}

func TestAReversalThatCancelsIsDone(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100", "50").ask(reversal("k")).sent(reversed("k", 1)).answer(succeeded).silent()
	s.is("k", payment.StatusSucceeded, done).sums("150.00", "0.00", "0.00")
	s.ask(reversal("k")).silent()
	s.ask(refund("r", "1")).refused(payment.CodeNotRefundable)
	if e := s.refused(payment.CodeNotRefundable); e.OperationID != reversal("k").OperationID() {
		t.Errorf("%q is named as what cancelled the payment", e.OperationID)
	}
}

// TestAReversalGoesOnWithRefundsAfterARefusal: iyzico says no to the cancel, the report is read, and what is refundable is refunded
// in the same operation.
func TestAReversalGoesOnWithRefundsAfterARefusal(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100", "50").ask(reversal("k")).answer(rejected).silent()
	s.is("k", payment.StatusProcessing, refusedBy, reserved, reserved).sums("0.00", "150.00", "0.00")
	reads := s.reads
	s.ask(reversal("k")).sent(reversed("k", 2))
	if s.reads != reads+1 {
		t.Fatal("no report was read after a definite no")
	}
	s.answer(succeeded).sent(reversed("k", 3)).answer(succeeded).silent()
	s.is("k", payment.StatusSucceeded, refusedBy, done, done).sums("150.00", "0.00", "0.00")
	if r := s.op("k").Resource(paymentID); r.Amount != "150.00" || r.RefundedAmount != "150.00" || r.Error != nil || r.UnrefundableAmount != "" {
		t.Errorf("it is shown as %+v", r)
	}
}

func TestAReversalSendsNothingWhileItsCancelIsUnknown(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(reversal("k")).answer(lost).silent().is("k", payment.StatusUnknown, unknown).sums("0.00", "100.00", "0.00")
	for range 3 {
		s.pass(time.Minute).ask(reversal("k")).silent().is("k", payment.StatusUnknown, unknown)
		s.read()
	}
	s.pass(2*window).read().ask(reversal("k")).silent().is("k", payment.StatusUnknown, unknown)
}

// TestAReversalGoesOnAfterProofOfAbsence: the refunds stand reserved, their hour begins with the proof, and the reconciler sends none.
func TestAReversalGoesOnAfterProofOfAbsence(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(reversal("k")).answer(lost).pass(3 * time.Hour).provedAbsent()
	s.silent().is("k", payment.StatusProcessing, ended, reserved).sums("0.00", "100.00", "0.00")
	if left := s.op("k").DeadlineAt.Sub(s.now); left != time.Hour {
		t.Fatalf("%s are left to go on", left)
	}
	s.pass(59 * time.Minute).read().silent().ask(reversal("k")).sent(reversed("k", 2)).answer(succeeded)
	s.is("k", payment.StatusSucceeded, ended, done).sums("100.00", "0.00", "0.00")
}

func TestAReversalThatNobodyGoesOnWithEnds(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(reversal("k")).answer(lost).provedAbsent().is("k", payment.StatusProcessing, ended, reserved)
	before := s.account
	s.pass(time.Hour).decide(payment.Due{}).is("k", payment.StatusNotExecuted, ended, ended).sums("0.00", "0.00", "100.00")
	if changes := payment.Changes(before, s.account); len(changes) != 1 || changes[0].DetailType != "reversal.not_executed" {
		t.Errorf("it is published as %+v", changes)
	}
	s.ask(reversal("k")).silent().is("k", payment.StatusNotExecuted)
}

// TestRefundsOfAReversalArePlannedOnTheAccountAsItIsThen: what was refunded in iyzico's panel between the cancel and the refunds is
// not given back twice.
func TestRefundsOfAReversalArePlannedOnTheAccountAsItIsThen(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		panel func(*story)
		want  string
		sums  [2]string
	}{
		"a part of one line": {
			func(s *story) { s.lists("", "1", "30", 1) }, "cancel 150.00 rejected, refund 1 70.00 succeeded, refund 2 50.00 succeeded",
			[2]string{"120.00", "150.00"},
		},
		"one line": {
			func(s *story) { s.lists("", "1", "100", 1) }, "cancel 150.00 rejected, refund 2 50.00 succeeded", [2]string{"50.00", "150.00"},
		},
		"everything": {
			func(s *story) { s.lists("", "1", "100", 1).lists("", "2", "50", 1) }, "cancel 150.00 rejected", [2]string{"150.00", "150.00"},
		},
		"a cancel": {func(s *story) { s.listsCancel("shop-1", 1) }, "cancel 150.00 rejected", [2]string{"150.00", "150.00"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100", "50").ask(reversal("k")).answer(rejected).pass(time.Second)
			tc.panel(s)
			for s.ask(reversal("k")); s.call != nil; {
				s.answer(succeeded)
			}
			if s.legs("k", tc.want); s.op("k").Amount.String() != tc.sums[0] {
				t.Errorf("amount %s", s.op("k").Amount)
			}
			if got := s.account.Totals().RefundedAmount.String(); got != tc.sums[1] {
				t.Errorf("%s refunded in all", got)
			}
			if status := s.op("k").Status(); (status == payment.StatusRejected) != (len(s.op("k").Legs) == 1) || status == payment.StatusPartiallySucceeded {
				t.Errorf("it is %s", status)
			}
		})
	}
}

// TestARefundThatWasPutOffIsPlannedAnew: nothing in place of the cancel was sent yet, so the report is read again.
func TestARefundThatWasPutOffIsPlannedAnew(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(reversal("k")).answer(rejected).ask(reversal("k")).sent(reversed("k", 2))
	s.answer(notSent).silent().is("k", payment.StatusProcessing, refusedBy, reserved)
	s.pass(10*time.Minute).lists("", "1", "40", 1).ask(reversal("k")).sent(reversed("k", 3)).legs("k", "cancel 100.00 rejected, refund 1 60.00 sending")
}

// TestACancelThatIsSeenAfterAllStopsTheRefunds (I5): before any refund leaves, or goes on.
func TestACancelThatIsSeenAfterAllStopsTheRefunds(t *testing.T) {
	t.Parallel()
	proved := map[string]func(*story){
		"refused": func(s *story) { s.answer(rejected) },
		"absent":  func(s *story) { s.answer(lost).provedAbsent() },
	}
	for name, no := range proved {
		t.Run(name+", seen by the request that goes on", func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100", "50").ask(reversal("k"))
			no(s)
			s.listsCancel(reversed("k", 1), 1).ask(reversal("k")).silent()
			s.is("k", payment.StatusNeedsReview, payment.StateNeedsReview, ended, ended).sums("150.00", "0.00", "0.00")
			if !s.op("k").Alarmed || s.op("k").RefundedAmount().String() != "150.00" {
				t.Errorf("alarmed %v, refunded %s", s.op("k").Alarmed, s.op("k").RefundedAmount())
			}
			s.decide(resolved("k", payment.DecideSucceeded, s)).is("k", payment.StatusSucceeded, done, ended, ended)
			if r := s.op("k").Resource(paymentID); r.RefundedAmount != "150.00" || r.Error != nil || r.Iyzico == nil {
				t.Errorf("it is shown as %+v", r)
			}
		})
		t.Run(name+", seen by reconcile", func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100", "50").ask(reversal("k"))
			no(s)
			s.listsCancel(reversed("k", 1), 1).pass(time.Hour-time.Second).read().is("k", payment.StatusNeedsReview, payment.StateNeedsReview, ended, ended)
			s.ask(reversal("k")).silent()
		})
		t.Run(name+", said by a late answer between two refunds", func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100", "50").ask(reversal("k"))
			first := *s.call
			no(s)
			second := *s.ask(reversal("k")).sent(reversed("k", 2)).call
			s.over = true
			s.answerTo(first, succeeded).silent().is("k", payment.StatusProcessing, payment.StateNeedsReview, sending, ended)
			s.answerTo(second, rejected).silent().is("k", payment.StatusNeedsReview, payment.StateNeedsReview, refusedBy, ended)
		})
		t.Run(name+", doubted for an entry that nothing explains", func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100").ask(reversal("k"))
			no(s)
			s.listsCancel("", 1).pass(time.Second).read().silent()
			if s.ask(reversal("k")); s.call != nil {
				t.Errorf("sent %+v", s.call)
			}
			if got := s.account.Totals().RefundedAmount.String(); got != "100.00" {
				t.Errorf("refunded %s", got)
			}
		})
	}
}

func resolved(key string, d payment.Decision, s *story) payment.Resolved {
	report := s.report()
	return payment.Resolved{
		OperationID: reversal(key).OperationID(), Decision: d, Reason: "seen in the panel", By: "operator-1", Until: s.now.Add(27 * time.Second), Report: &report,
	}
}

// TestAPersonsNoIsLikeProofOfAbsence: the refunds stand reserved and the same key goes on with them.
func TestAPersonsNoIsLikeProofOfAbsence(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(reversal("k")).answer(lost).pass(25*time.Hour).unreadable().is("k", payment.StatusNeedsReview)
	no := resolved("k", payment.DecideNotExecuted, s)
	s.decide(no).silent().is("k", payment.StatusProcessing, ended, reserved)
	s.decide(no).silent().is("k", payment.StatusProcessing, ended, reserved)
	s.pass(59*time.Minute).ask(reversal("k")).sent(reversed("k", 2)).answer(succeeded).is("k", payment.StatusSucceeded, ended, done)
}

// TestADecisionMeansTheCancelOrTheRefunds: a reversal gave the payment back in one way, and the report says in which.
func TestADecisionMeansTheCancelOrTheRefunds(t *testing.T) {
	t.Parallel()
	// Both wait for a person: the refund's answer is lost, and iyzico lists the cancel that it refused, neither as done nor as failed.
	waiting := func(t *testing.T) *story {
		t.Helper()
		s := newStory(t, "100").ask(reversal("k")).answer(rejected).ask(reversal("k")).sent(reversed("k", 2)).answer(lost)
		s.listsCancel(reversed("k", 1), 2).pass(25 * time.Hour).unreadable().read()
		return s.is("k", payment.StatusNeedsReview, payment.StateNeedsReview, payment.StateNeedsReview)
	}
	s := waiting(t)
	s.decide(resolved("k", payment.DecideSucceeded, s)).is("k", payment.StatusSucceeded, done, ended)
	s = waiting(t)
	s.lists(reversed("k", 2), "1", "100", 1)
	s.decide(resolved("k", payment.DecideSucceeded, s)).is("k", payment.StatusSucceeded, ended, done).sums("100.00", "0.00", "0.00")
	s = waiting(t)
	s.iyzico.Entries = nil
	s.listsCancel(reversed("k", 1), 1)
	s.decide(resolved("k", payment.DecideNotExecuted, s)).refused(payment.CodeNotResolvable)
	s.decide(resolved("k", payment.DecideSucceeded, s)).is("k", payment.StatusSucceeded, done, ended).sums("100.00", "0.00", "0.00")
}

func TestAReversalThatWasNotSentAsksAfresh(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(reversal("k")).answer(notSent).is("k", payment.StatusNotSent, unsent).sums("0.00", "0.00", "100.00")
	// After midnight in Istanbul the same key plans refunds: the bank's day is over.
	s.pass(13*time.Hour).ask(reversal("k")).sent(reversed("k", 2)).legs("k", "refund 1 100.00 sending")
	s.answer(succeeded).is("k", payment.StatusSucceeded, done)
}

// TestMidnightBetweenTheCancelAndTheRefunds: a refund knows no bank's day.
func TestMidnightBetweenTheCancelAndTheRefunds(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(reversal("k")).answer(lost).pass(12*time.Hour).provedAbsent().is("k", payment.StatusProcessing, ended, reserved)
	s.ask(reversal("k")).sent(reversed("k", 2)).answer(succeeded).is("k", payment.StatusSucceeded, ended, done)
}

// TestAHoldWhoseCancelIsRefusedIsNotRefunded: nothing was charged.
func TestAHoldWhoseCancelIsRefusedIsNotRefunded(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100")
	s.iyzico.PreAuth = true
	s.ask(reversal("k")).answer(rejected).silent().is("k", payment.StatusRejected, refusedBy)
}

// TestAReversalFallsBackLikeAFullRefund: parts below a kuruş go by Refund v2, and by the lines' floors where iyzico does not offer
// it.
func TestAReversalFallsBackLikeAFullRefund(t *testing.T) {
	t.Parallel()
	s := newStory(t, "33.33333333", "33.33333333", "33.33333334").ask(reversal("k")).answer(rejected).ask(reversal("k"))
	s.legs("k", "cancel 100.00 rejected, refund_v2 100.00 sending")
	s.decide(payment.Answered{Call: *s.call, Verdict: rejected, Failure: &payment.Failure{Reason: "refused", Code: "5266", Message: "no"}})
	for s.call != nil {
		s.answer(succeeded)
	}
	s.legs("k", "cancel 100.00 rejected, refund_v2 100.00 rejected, refund 1 33.33 succeeded, refund 2 33.33 succeeded, refund 3 33.33 succeeded")
	r := s.is("k", payment.StatusPartiallySucceeded).op("k").Resource(paymentID)
	if r.Amount != "100.00" || r.RefundedAmount != "99.99" || r.UnrefundableAmount != "0.01" || r.Error.Code != payment.ReasonRestNotRefundable {
		t.Errorf("it is shown as %+v", r)
	}
}

func TestAReversalHoldsItsKey(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(reversal("k")).answer(succeeded)
	described := reversal("k")
	described.Reason, described.Reference, described.IP = "FRAUD", "order-1", "10.0.0.1"
	s.ask(described).silent()
	if e := s.ask(cancel("k")).refused(payment.CodeKeyReused); !strings.Contains(e.Message, "already gave back 100.00 TRY") {
		t.Errorf("it says %q", e.Message)
	}
	s.ask(full("k")).refused(payment.CodeKeyReused)
	if id := reversal("k").OperationID(); !strings.HasPrefix(id, "rv_"+paymentID+"_") || len(id) != len("rv_"+paymentID+"_")+16 {
		t.Errorf("its id is %s", id)
	}
}

// TestARefundThatIsLostInAReversalIsNoRiddle: what iyzico's panel did before the refunds were planned is older than they.
func TestARefundThatIsLostInAReversalIsNoRiddle(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(reversal("k")).answer(rejected).pass(time.Minute).lists("", "1", "30", 1)
	s.pass(time.Minute).ask(reversal("k")).legs("k", "cancel 100.00 rejected, refund 1 70.00 sending").answer(lost).provedAbsent()
	s.is("k", payment.StatusNotExecuted, refusedBy, ended).sums("30.00", "0.00", "70.00")
}

func TestAForgottenReversalIsSettledAndNeverSent(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		lists    func(*story)
		status   payment.Status
		legs     string
		refunded string
	}{
		"its cancel": {
			func(s *story) { s.listsCancel(reversed("k", 1), 1) }, payment.StatusSucceeded, "cancel 150.00 succeeded", "150.00",
		},
		"its refunds after a cancel that failed": {
			func(s *story) {
				s.listsCancel(reversed("k", 1), 2).failed().lists(reversed("k", 2), "1", "100", 1).lists(reversed("k", 3), "2", "50", 1)
			},
			payment.StatusSucceeded, "refund 1 100.00 succeeded, refund 2 50.00 succeeded", "150.00",
		},
		"one of its refunds": {
			func(s *story) { s.lists(reversed("k", 2), "1", "100", 1) }, payment.StatusUnknown, "refund 1 100.00 succeeded, refund 2 50.00 unknown", "100.00",
		},
		"one of its refunds, and the panel took the rest": {
			func(s *story) { s.lists(reversed("k", 2), "1", "100", 1).lists("", "2", "50", 1) }, payment.StatusSucceeded, "refund 1 100.00 succeeded", "150.00",
		},
		"all of them, and the lines are used up": {
			func(s *story) { s.listsCancel("", 1).lists(reversed("k", 2), "1", "100", 1) }, payment.StatusSucceeded, "refund 1 100.00 succeeded", "150.00",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100", "50")
			s.over = true
			tc.lists(s)
			s.restored().pass(time.Minute).ask(reversal("k")).silent().is("k", tc.status).legs("k", tc.legs)
			if got := s.account.Totals().RefundedAmount.String(); got != tc.refunded {
				t.Errorf("refunded %s", got)
			}
			s.ask(reversal("k")).silent()
		})
	}
}

// TestAReversalThatTheTableForgotInTheMiddleIsNotSentAgain: the table knows the cancel and its refusal, and iyzico a refund.
func TestAReversalThatTheTableForgotInTheMiddleIsNotSentAgain(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100", "50").ask(reversal("k")).answer(rejected)
	s.lists(reversed("k", 2), "1", "100", 1)
	s.rules.RestoredAt = s.now
	s.pass(time.Minute).ask(reversal("k")).silent().is("k", payment.StatusUnknown, refusedBy, done, unknown).sums("100.00", "50.00", "0.00")
}

// TestPlannedRefundsThatVanishAreRecorded: the journal tells of a leg that was planned and planned otherwise.
func TestPlannedRefundsThatVanishAreRecorded(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100", "50").ask(reversal("k")).answer(rejected)
	s.pass(time.Second).lists("", "1", "100", 1)
	before := s.account
	var told []string
	for _, r := range payment.Records(before, s.ask(reversal("k")).account) {
		told = append(told, strings.TrimSpace(strings.Join([]string{string(rune('0' + r.Leg)), r.From, r.To}, " ")))
	}
	if got := strings.Join(told, ", "); got != "2 reserved sending, 3 reserved not_executed" {
		t.Errorf("the records are: %s", got)
	}
}

// TestAReversalGoesOnInTheSameRequest: the refusal is saved, the report read, and the refund marked and sent before the caller is
// answered.
func TestAReversalGoesOnInTheSameRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	verdicts := []payment.Verdict{rejected, succeeded}
	w.send = func(_ context.Context, c payment.Call) payment.Answered {
		v := verdicts[c.Attempt-1]
		return payment.Answered{Call: c, Verdict: v, Failure: map[bool]*payment.Failure{true: {Reason: "refused", Code: "10051"}}[v == rejected]}
	}
	result := w.must(reversal("k"), payment.StatusSucceeded)
	if !result.Sent || result.Known {
		t.Errorf("%+v", result)
	}
	const want = "load read load save1 send-1 save2 read load save3 send-2 save4"
	if got := w.did(); got != want {
		t.Errorf("did   %s\nwanted %s", got, want)
	}
}

// TestAReversalThatCannotGoOnNowIsProcessing: something was sent, so that is the answer, whatever keeps the rest from going on.
func TestAReversalThatCannotGoOnNowIsProcessing(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		prepare func(*world)
		wait    time.Duration
	}{
		"the report cannot be read": {func(w *world) {
			read := 0
			w.read = func(payment.Query) (payment.Report, error) {
				if read++; read == 1 {
					return w.report(), nil
				}
				return payment.Report{}, &payment.Error{Code: payment.CodeRateLimited, Message: "over the limit", RetryAfter: 40 * time.Second}
			}
		}, 40 * time.Second},
		"the report is not to be trusted": {func(w *world) {
			read := 0
			w.read = func(payment.Query) (payment.Report, error) {
				rep := w.report()
				if read++; read > 1 {
					rep.Defects = []string{"something is missing"}
				}
				return rep, nil
			}
		}, time.Minute},
		"the store is away": {func(w *world) {
			w.saving = func(next payment.Account) (bool, error) {
				if next.Version == 3 {
					return false, errDown
				}
				return true, nil
			}
		}, time.Second},
		"too little time is left": {func(w *world) {}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "100")
			tc.prepare(w)
			sent := 0
			w.send = func(_ context.Context, c payment.Call) payment.Answered {
				if sent++; sent > 1 {
					t.Error("a refund was sent")
				}
				if tc.wait == 0 {
					w.now = w.now.Add(23 * time.Second)
				}
				return payment.Answered{Call: c, Verdict: rejected, Failure: &payment.Failure{Reason: "refused", Code: "10051"}}
			}
			result, err := w.request(reversal("k"))
			if err != nil || !result.Sent || result.Resource.Status != payment.StatusProcessing || result.RetryAfter != tc.wait || len(result.Resource.Legs) != 2 {
				t.Errorf("%+v, %v", result, err)
			}
		})
	}
}
