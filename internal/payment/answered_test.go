package payment_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

func TestAnswersOfASingleLeg(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		v        payment.Verdict
		want     payment.State
		reserved string
		refunded string
	}{
		{succeeded, payment.StateSucceeded, "0.00", "10.00"},
		{rejected, payment.StateRejected, "0.00", "0.00"},
		{notSent, payment.StateNotSent, "0.00", "0.00"},
		{lost, payment.StateUnknown, "10.00", "0.00"},
		{payment.VerdictOpened, payment.StateSending, "10.00", "0.00"},   // no answer to a refund: nothing is concluded
		{payment.VerdictInReview, payment.StateSending, "10.00", "0.00"}, // nor this
		{payment.Verdict(99), payment.StateUnknown, "10.00", "0.00"},     // a verdict to come is not understood as done
	} {
		s := newStory(t, "100").ask(refund("k", "10")).answer(tc.v).silent()
		s.is("k", tc.want.Status(), tc.want)
		if totals := s.account.Totals(); totals.ReservedAmount.String() != tc.reserved || totals.RefundedAmount.String() != tc.refunded {
			t.Errorf("%d: reserved %s, refunded %s", tc.v, totals.ReservedAmount, totals.RefundedAmount)
		}
		due := s.account.DueAt()
		if unknown := tc.want == payment.StateUnknown; unknown && (due.Before(s.now) || due.After(s.now.Add(time.Minute))) {
			t.Errorf("an unknown outcome is looked at %v after the answer", due.Sub(s.now))
		}
		if tc.want == payment.StateRejected && (len(s.op("k").FollowUps) != 3 || !due.Equal(s.now.Add(time.Hour)) || !s.account.Suspect) {
			t.Errorf("a rejection is followed up at %v", s.op("k").FollowUps)
		}
		if f := s.op("k").Legs[0].Failure; (f == nil) != (tc.v == succeeded || tc.want == payment.StateSending || tc.v == 99) {
			t.Errorf("%d: failure %+v", tc.v, f)
		}
	}
}

// three is a refund over three lines in three legs, the first of which is being sent.
func three(t *testing.T) *story {
	t.Helper()
	return newStory(t, "10", "20", "30").ask(threeLegs()).sent(conversation("k", 1))
}

func threeLegs() payment.Command { return allocated(refund("k", "60"), payment.AllocateInOrder) }

const (
	reserved  = payment.StateReserved
	sending   = payment.StateSending
	done      = payment.StateSucceeded
	unknown   = payment.StateUnknown
	unsent    = payment.StateNotSent
	refusedBy = payment.StateRejected
	ended     = payment.StateNotExecuted
	review    = payment.StateNeedsReview
)

func TestLegsRunInOrderAndStopAtTheFirstThatDidNotSucceed(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		answers  []payment.Verdict
		status   payment.Status
		legs     []payment.State
		refunded string
		reserved string
	}{
		{nil, payment.StatusProcessing, []payment.State{sending, reserved, reserved}, "0.00", "60.00"},
		{[]payment.Verdict{succeeded}, payment.StatusProcessing, []payment.State{done, sending, reserved}, "10.00", "50.00"},
		{[]payment.Verdict{succeeded, succeeded, succeeded}, payment.StatusSucceeded, []payment.State{done, done, done}, "60.00", "0.00"},
		{[]payment.Verdict{rejected}, payment.StatusRejected, []payment.State{refusedBy, ended, ended}, "0.00", "0.00"},
		{[]payment.Verdict{succeeded, rejected}, payment.StatusPartiallySucceeded, []payment.State{done, refusedBy, ended}, "10.00", "0.00"},
		{[]payment.Verdict{succeeded, succeeded, rejected}, payment.StatusPartiallySucceeded, []payment.State{done, done, refusedBy}, "30.00", "0.00"},
		{[]payment.Verdict{lost}, payment.StatusUnknown, []payment.State{unknown, ended, ended}, "0.00", "10.00"},
		{[]payment.Verdict{succeeded, lost}, payment.StatusUnknown, []payment.State{done, unknown, ended}, "10.00", "20.00"},
		{[]payment.Verdict{notSent}, payment.StatusNotSent, []payment.State{unsent, unsent, unsent}, "0.00", "0.00"},
		{[]payment.Verdict{succeeded, notSent}, payment.StatusProcessing, []payment.State{done, reserved, reserved}, "10.00", "50.00"},
		{[]payment.Verdict{succeeded, succeeded, notSent}, payment.StatusProcessing, []payment.State{done, done, reserved}, "30.00", "30.00"},
	} {
		t.Run(fmt.Sprint(tc.answers), func(t *testing.T) {
			t.Parallel()
			s := three(t)
			for _, v := range tc.answers {
				s.saved(1, func() { s.answer(v) })
			}
			s.is("k", tc.status, tc.legs...)
			if totals := s.account.Totals(); totals.ReservedAmount.String() != tc.reserved || totals.RefundedAmount.String() != tc.refunded {
				t.Errorf("refunded %s, reserved %s", totals.RefundedAmount, totals.ReservedAmount)
			}
			if got := s.op("k").RefundedAmount().String(); got != tc.refunded {
				t.Errorf("the operation refunded %s", got)
			}
			if len(tc.answers) > 0 && (s.call != nil) != (tc.status == payment.StatusProcessing && tc.answers[len(tc.answers)-1] == succeeded) {
				t.Errorf("sent %+v", s.call)
			}
		})
	}
}

// failure 3: the rules alone
func TestTheNextLegIsMarkedInTheSaveOfTheAnswer(t *testing.T) {
	t.Parallel()
	s := three(t)
	s.call.Command.IP = "192.0.2.7"
	s.saved(1, func() { s.answer(succeeded) }).sent(conversation("k", 2))
	if s.call.LineID != "2" || s.call.Amount.String() != "20.00" || s.call.Leg != 1 || s.call.Command.IP != "192.0.2.7" {
		t.Errorf("call %+v", s.call)
	}
}

func TestTheSameKeyGoesOnWithUnsentLegs(t *testing.T) {
	t.Parallel()
	s := three(t).answer(succeeded).answer(notSent).silent()
	s.pass(30 * time.Minute).ask(threeLegs()).sent(conversation("k", 3))
	if s.call.LineID != "2" {
		t.Errorf("sent line %s", s.call.LineID)
	}
	s.ask(threeLegs()).refused(payment.CodeInProgress)
	s.call = &payment.Call{OperationID: s.op("k").ID, Leg: 1, Attempt: 3, Command: threeLegs(), Until: s.now.Add(s.left), MarkedAt: s.now}
	s.answer(succeeded).sent(conversation("k", 4)).answer(succeeded).is("k", payment.StatusSucceeded, done, done, done)
}

func TestWithLittleTimeLeftTheRestWaits(t *testing.T) {
	t.Parallel()
	s := three(t).pass(23 * time.Second)
	s.answer(succeeded).silent().is("k", payment.StatusProcessing, done, reserved, reserved)
	s.left = 4 * time.Second
	s.saved0(func() { s.ask(threeLegs()) }).silent()
	s.left = 27 * time.Second
	s.ask(threeLegs()).sent(conversation("k", 2))
}

// TestALaterLegStartsOnlyIfThereIsTimeForASlowOne: as much time as the slowest leg of this request took, half as much again; and
// never less than any attempt needs.
func TestALaterLegStartsOnlyIfThereIsTimeForASlowOne(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		took []time.Duration // by each leg that is answered
		left time.Duration   // after the last of them
		goes bool
	}{
		{[]time.Duration{10 * time.Second}, 15 * time.Second, true},
		{[]time.Duration{10 * time.Second}, 15*time.Second - 1, false},
		{[]time.Duration{time.Second}, payment.MinSendTime, true},
		{[]time.Duration{time.Second}, payment.MinSendTime - 1, false},
		{[]time.Duration{8 * time.Second, time.Second}, 12 * time.Second, true}, // the slowest counts, not the last
		{[]time.Duration{8 * time.Second, time.Second}, 12*time.Second - 1, false},
		{[]time.Duration{time.Second, 8 * time.Second}, 12*time.Second - 1, false},
	} {
		s := newStory(t, "10", "20", "30")
		s.left = tc.left
		for _, d := range tc.took {
			s.left += d
		}
		s.ask(threeLegs())
		for _, d := range tc.took {
			s.pass(d).answer(succeeded)
		}
		if s.is("k", payment.StatusProcessing); (s.call != nil) != tc.goes {
			t.Errorf("after legs of %s, with %s left, it sends %+v", tc.took, tc.left, s.call)
		}
		if tc.goes {
			continue
		}
		// A request of its own has time of its own: slow legs of another one do not count in it.
		s.left = payment.MinSendTime
		s.ask(threeLegs()).sent(conversation("k", len(tc.took)+1))
	}
}

func TestTheOperationsDeadlineEndsTheRest(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]func(*story){
		"reconcile":        func(s *story) { s.decide(payment.Due{}) },
		"the same request": func(s *story) { s.ask(threeLegs()).silent() },
		"another request":  func(s *story) { s.ask(onLine(refund("other", "20"), "2")).sent(conversation("other", 1)) },
	} {
		s := three(t).answer(succeeded).answer(notSent).pass(time.Hour - time.Nanosecond)
		if due := s.account.DueAt(); !due.Equal(s.now.Add(time.Nanosecond)) {
			t.Errorf("%s: due at %v", name, due)
		}
		s.saved0(func() { s.decide(payment.Due{}) })
		late(s.pass(time.Nanosecond))
		s.is("k", payment.StatusPartiallySucceeded, done, ended, ended)
	}
}

func TestAnAnswerAfterTheOperationsDeadlineSendsNothingMore(t *testing.T) {
	t.Parallel()
	s := three(t).answer(succeeded).answer(notSent).pass(time.Hour - time.Second).ask(threeLegs()).sent(conversation("k", 3))
	s.pass(time.Second).answer(succeeded).silent().is("k", payment.StatusProcessing, done, done, reserved)
	s.decide(payment.Due{}).is("k", payment.StatusPartiallySucceeded, done, done, ended)
}

func TestAnAttemptPastItsDeadlineIsUnknown(t *testing.T) {
	t.Parallel()
	s := three(t)
	deadline := s.call.Deadline
	s.pass(20*time.Second - time.Nanosecond).saved0(func() { s.decide(payment.Due{}) })
	if due := s.account.DueAt(); !due.Equal(deadline) {
		t.Errorf("due at %v, the attempt's deadline is %v", due, deadline)
	}
	s.pass(time.Nanosecond).decide(payment.Due{}).is("k", payment.StatusUnknown, unknown, ended, ended).sums("0.00", "10.00", "50.00")
	if f := s.op("k").Legs[0].Failure; f == nil || f.Reason != "no-answer" {
		t.Errorf("failure %+v", f)
	}
}

// failure 17: the rules alone, every state
func TestLateAnswers(t *testing.T) {
	t.Parallel()
	overdue := func(s *story) { s.pass(time.Minute).decide(payment.Due{}) }
	absent := func(s *story) { s.pass(time.Minute).decide(payment.Due{}).absent() }
	seen := func(s *story) { s.pass(time.Minute).lists(conversation("k", 1), "1", "10", 1).read() }
	lookedFor := func(s *story) { s.pass(25 * time.Hour).unreadable() }
	for _, tc := range []struct {
		name     string
		before   func(*story)
		v        payment.Verdict
		want     payment.State
		refunded string
		reserved string
		alarmed  bool
	}{
		{"done, after unknown", overdue, succeeded, done, "10.00", "0.00", false},
		{"refused, after unknown", overdue, rejected, refusedBy, "0.00", "0.00", false},
		{"not sent, after unknown", overdue, notSent, ended, "0.00", "0.00", false},
		{"lost, after unknown", overdue, lost, unknown, "0.00", "10.00", false},
		{"done, after absence", absent, succeeded, review, "10.00", "0.00", true},
		{"refused, after absence", absent, rejected, ended, "0.00", "0.00", false},
		{"not sent, after absence", absent, notSent, ended, "0.00", "0.00", false},
		{"lost, after absence", absent, lost, ended, "0.00", "0.00", false},
		{"done, after it was seen", seen, succeeded, done, "10.00", "0.00", false},
		{"refused, after it was seen", seen, rejected, done, "10.00", "0.00", true},
		{"not sent, after it was seen", seen, notSent, done, "10.00", "0.00", true},
		{"lost, after it was seen", seen, lost, done, "10.00", "0.00", false},
		{"done, in review", lookedFor, succeeded, done, "10.00", "0.00", false},
		{"refused, in review", lookedFor, rejected, review, "0.00", "10.00", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100").ask(refund("k", "10"))
			call := *s.call
			tc.before(s)
			s.answerTo(call, tc.v).silent().is("k", tc.want.Status(), tc.want)
			op := s.op("k")
			if totals := s.account.Totals(); totals.RefundedAmount.String() != tc.refunded || totals.ReservedAmount.String() != tc.reserved {
				t.Errorf("refunded %s, reserved %s", totals.RefundedAmount, totals.ReservedAmount)
			}
			if op.Alarmed != tc.alarmed {
				t.Errorf("alarmed %v", op.Alarmed)
			}
			if proof := op.Legs[0].Proof; tc.v == succeeded && (proof.AuthCode != "512821" || !proof.SignatureVerified) {
				t.Errorf("proof %+v", proof)
			}
		})
	}
}

func TestAReportAddsToAnAnswersProof(t *testing.T) {
	t.Parallel()
	want := payment.Proof{AuthCode: "512821", HostReference: "host", RefundTxID: "txA", SignatureVerified: true}
	s := newStory(t, "100").ask(refund("k", "10"))
	call := *s.call
	s.lists(conversation("k", 1), "1", "10", 1)
	for name, order := range map[string][]func(){
		"answer first": {func() { s.answerTo(call, succeeded) }, func() { s.read() }},
		"report first": {func() { s.pass(time.Minute).read() }, func() { s.answerTo(call, succeeded) }},
	} {
		before := s.account
		for _, step := range order {
			step()
		}
		if got := s.op("k").Legs[0].Proof; got != want {
			t.Errorf("%s: %+v", name, got)
		}
		s.account = before
	}
}

// TestALateProofThatALegWasNotSentReservesItAgain: after another leg's success it goes back to reserved, like from sending.
func TestALateProofThatALegWasNotSentReservesItAgain(t *testing.T) {
	t.Parallel()
	s := three(t).answer(succeeded)
	second := *s.call
	s.pass(time.Minute).decide(payment.Due{}).is("k", payment.StatusUnknown, done, unknown, ended)
	s.answerTo(second, notSent).silent().is("k", payment.StatusProcessing, done, reserved, ended).sums("10.00", "20.00", "30.00")
	s.ask(threeLegs()).sent(conversation("k", 3)).answer(succeeded).is("k", payment.StatusPartiallySucceeded, done, done, ended)
}

func TestALateSuccessDoesNotReviveLegsThatEnded(t *testing.T) {
	t.Parallel()
	s := three(t)
	first := *s.call
	s.pass(time.Minute).decide(payment.Due{}).answerTo(first, succeeded).silent()
	s.is("k", payment.StatusPartiallySucceeded, done, ended, ended)
	s.ask(threeLegs()).silent()
}

func TestAnswersOfSupersededAttemptsChangeNothingButAlarmOnSuccess(t *testing.T) {
	t.Parallel()
	for _, v := range []payment.Verdict{succeeded, rejected, notSent, lost} {
		s := newStory(t, "100").ask(refund("k", "10"))
		first := *s.call
		s.answer(notSent).ask(refund("k", "10")).sent(conversation("k", 2))
		s.answerTo(first, v).silent().is("k", payment.StatusProcessing, sending)
		if s.op("k").Alarmed != (v == succeeded) {
			t.Errorf("%d: alarmed %v", v, s.op("k").Alarmed)
		}
	}
}

func TestALegWhoseAttemptMovedMoneyAfterAllIsNotSentAgain(t *testing.T) {
	t.Parallel()
	s := three(t).answer(succeeded).answer(notSent) // attempt 2, line 2
	s.lists(conversation("k", 1), "1", "10", 1).lists(conversation("k", 2), "2", "20", 1).read()
	s.is("k", payment.StatusUnknown, done, done, unknown).sums("30.00", "30.00", "0.00")
	if !s.op("k").Alarmed {
		t.Error("no alarm")
	}
	s.ask(threeLegs()).silent()
}

func TestMoneyMovedByASupersededAttemptIsForeignAndAlarms(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "10")).answer(notSent).ask(refund("k", "10")).sent(conversation("k", 2)).answer(succeeded)
	s.lists(conversation("k", 1), "1", "10", 1).lists(conversation("k", 2), "1", "10", 1).read()
	s.is("k", payment.StatusSucceeded).sums("20.00", "0.00", "80.00")
	if !s.op("k").Alarmed {
		t.Error("no alarm")
	}
}

func TestAnAnswerForWhatTheTableDoesNotHoldIsAnError(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "10"))
	call := *s.call
	call.OperationID = refund("other", "1").OperationID()
	s.saved0(func() { s.answerTo(call, succeeded) })
	if s.err == nil || payment.CodeOf(s.err) != payment.CodeInternal {
		t.Errorf("error %v", s.err)
	}
}

func TestTheSameAnswerTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	for _, v := range []payment.Verdict{succeeded, rejected, notSent, lost} {
		s := newStory(t, "100").ask(refund("k", "10"))
		call := *s.call
		s.answerTo(call, v).saved0(func() { s.answerTo(call, v) }).silent()
	}
}
