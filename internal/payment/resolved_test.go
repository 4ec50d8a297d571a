package payment_test

import (
	"errors"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

// resolve records a person's decision on the key's operation.
func (s *story) resolve(key string, d payment.Decision) *story {
	s.t.Helper()
	e := payment.Resolved{OperationID: s.op(key).ID, Decision: d, Reason: "called iyzico", By: "op-7", Until: s.now.Add(s.left)}
	version := s.account.Version
	s.decide(e)
	if errors.Is(s.err, payment.ErrReadFirst) {
		if s.account.Version != version {
			s.t.Fatal("something was saved before the report was read")
		}
		s.reads++
		report := s.report()
		e.Report = &report
		s.decide(e)
	}
	return s
}

// reviewed is a refund of 10 of 100 that needs review, because its answer was lost and no report could be read.
func reviewed(t *testing.T) *story {
	t.Helper()
	return lostRefund(t).pass(25*time.Hour).unreadable().is("k", payment.StatusNeedsReview)
}

func TestAPersonEndsWhatNeedsReview(t *testing.T) {
	t.Parallel()
	for d, want := range map[payment.Decision]payment.Status{
		payment.DecideSucceeded: payment.StatusSucceeded, payment.DecideNotExecuted: payment.StatusNotExecuted,
	} {
		s := reviewed(t)
		s.reads = 0
		s.saved(1, func() { s.resolve("k", d) }).silent().is("k", want)
		if s.reads != 1 {
			t.Errorf("%d reads", s.reads)
		}
		op := s.op("k")
		if r := op.Resolution; r == nil || r.Decision != d || r.Reason != "called iyzico" || r.By != "op-7" || !r.At.Equal(s.now) {
			t.Errorf("resolution %+v", r)
		}
		refunded, followed := "0.00", 3
		if d == payment.DecideSucceeded {
			refunded, followed = "10.00", 0
		}
		if got := s.account.Totals(); got.RefundedAmount.String() != refunded || !got.ReservedAmount.IsZero() {
			t.Errorf("%s: refunded %s, reserved %s", d, got.RefundedAmount, got.ReservedAmount)
		}
		if len(op.FollowUps) != followed || s.account.Suspect != (followed > 0) {
			t.Errorf("%s: followed up at %v, suspect %v", d, op.FollowUps, s.account.Suspect)
		}
		s.reads = 0
		s.saved0(func() { s.resolve("k", d) }).silent() // the same decision again
		if s.reads != 0 {
			t.Errorf("%d reads for a decision that was recorded", s.reads)
		}
		for _, other := range []payment.Decision{payment.DecideSucceeded, payment.DecideNotExecuted} {
			if other != d {
				s.saved0(func() { s.resolve("k", other) }).refused(payment.CodeNotResolvable)
			}
		}
	}
}

func TestWhatIsNotInReviewIsNotResolvable(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*story{
		"processing":          newStory(t, "100").ask(refund("k", "10")),
		"unknown":             lostRefund(t),
		"succeeded":           newStory(t, "100").ask(refund("k", "10")).answer(succeeded),
		"rejected":            newStory(t, "100").ask(refund("k", "10")).answer(rejected),
		"not sent":            newStory(t, "100").ask(refund("k", "10")).answer(notSent),
		"not executed":        lostRefund(t).absent(),
		"partially succeeded": three(t).answer(succeeded).answer(rejected),
		"refused by a rule":   newStory(t, "100").request(payment.Requested{Command: refund("k", "1000"), Record: payment.RecordAll}),
	} {
		for _, d := range []payment.Decision{payment.DecideSucceeded, payment.DecideNotExecuted} {
			e := s.saved0(func() { s.resolve("k", d) }).refused(payment.CodeNotResolvable)
			if e.Operation == nil || e.Operation.ID != s.op("k").ID {
				t.Errorf("%s: %+v", name, e)
			}
		}
	}
}

func TestAnUnknownOperationIsNotFound(t *testing.T) {
	t.Parallel()
	for _, s := range []*story{newStory(t, "100"), reviewed(t)} {
		s.decide(payment.Resolved{OperationID: "rf_10000001_aaaaaaaaaaaaaaaa", Decision: payment.DecideSucceeded})
		s.refused(payment.CodeNotFound)
	}
}

func TestADecisionNeedsAReport(t *testing.T) {
	t.Parallel()
	s := reviewed(t)
	s.iyzico.Listed = false
	s.resolve("k", payment.DecideNotExecuted).refused(payment.CodeUnavailable)
	s.is("k", payment.StatusNeedsReview)
}

func TestNotExecutedIsRefusedWhileIyzicoHoldsTheAttemptAsDone(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		line, sum string
		status    int
		refused   bool
	}{
		"done, short":        {"1", "4", 1, true},
		"done, too much":     {"1", "11", 1, true},
		"done, another line": {"2", "10", 1, true},
		"failed":             {"1", "10", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100", "100").ask(onLine(refund("k", "10"), "1")).answer(lost)
			s.lists(conversation("k", 1), tc.line, tc.sum, tc.status).absent().is("k", payment.StatusNeedsReview)
			s.resolve("k", payment.DecideNotExecuted)
			if !tc.refused {
				s.silent().is("k", payment.StatusNotExecuted)
				return
			}
			if e := s.refused(payment.CodeNotResolvable); e.Operation == nil || e.Operation.ID != s.op("k").ID {
				t.Errorf("%+v", e)
			}
			s.is("k", payment.StatusNeedsReview)
		})
	}
}

func TestTheReportSettlesByItself(t *testing.T) {
	t.Parallel()
	s := reviewed(t).lists(conversation("k", 1), "1", "10", 1)
	s.resolve("k", payment.DecideSucceeded).silent().is("k", payment.StatusSucceeded).sums("10.00", "0.00", "90.00")

	s = reviewed(t).lists(conversation("k", 1), "1", "10", 1)
	s.saved(1, func() { s.resolve("k", payment.DecideNotExecuted) }).refused(payment.CodeNotResolvable)
	s.is("k", payment.StatusSucceeded)
}

func TestSucceededIsRefusedIfMoreThanPaidWouldBeRefunded(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "60")).answer(lost).lists("", "1", "41", 1).pass(time.Minute)
	s.over = true
	s.read().is("k", payment.StatusNeedsReview)
	if e := s.resolve("k", payment.DecideSucceeded).refused(payment.CodeNotResolvable); e.Operation == nil || e.Operation.ID != s.op("k").ID {
		t.Errorf("%+v", e)
	}
	s.is("k", payment.StatusNeedsReview)
	s.resolve("k", payment.DecideNotExecuted).silent().sums("41.00", "0.00", "59.00")

	// A line must not give more than it has either.
	s = newStory(t, "100", "100").ask(onLine(refund("k", "60"), "1")).answer(lost).lists("", "1", "41", 1).pass(time.Minute)
	s.over = true
	s.read().resolve("k", payment.DecideSucceeded).refused(payment.CodeNotResolvable)
}

func TestADecisionClaimsTheEntriesThatAreItsMoney(t *testing.T) {
	t.Parallel()
	v2 := allocated(refund("k", "60"), payment.AllocateByIyzico)
	for name, tc := range map[string]struct {
		c        payment.Command
		before   func(*story) // before the command
		after    func(*story) // after it
		refunded string
		claimed  int
	}{
		"its own, without an id": {
			onLine(refund("k", "60"), "1"), nil, func(s *story) { s.lists("", "1", "60", 1) }, "60.00", 1,
		},
		"another amount": {
			onLine(refund("k", "60"), "1"), nil, func(s *story) { s.lists("", "1", "30", 1) }, "90.00", 0,
		},
		"another line": {
			onLine(refund("k", "60"), "1"), nil, func(s *story) { s.lists("", "2", "60", 1) }, "120.00", 0,
		},
		"failed": {
			onLine(refund("k", "60"), "1"), nil, func(s *story) { s.lists("", "1", "60", 0) }, "60.00", 0,
		},
		"one of two": {
			onLine(refund("k", "30"), "1"), nil, func(s *story) { s.lists("", "1", "30", 1).lists("", "1", "30", 1) }, "60.00", 1,
		},
		"in a snapshot from before, its time seems later": {
			onLine(refund("k", "50"), "1"), func(s *story) { s.panel("old", "1", "50", time.Hour) }, func(s *story) {}, "100.00", 0,
		},
		"made before": {
			onLine(refund("k", "50"), "1"), nil, func(s *story) { s.panel("old", "1", "50", -2*time.Hour) }, "100.00", 0,
		},
		"v2 on one line": {v2, nil, func(s *story) { s.lists("", "2", "60", 1) }, "60.00", 1},
		"v2 split":       {v2, nil, func(s *story) { s.lists("", "1", "25", 1).lists("", "2", "35", 1) }, "60.00", 2},
		"v2 and others":  {v2, nil, func(s *story) { s.lists("", "1", "25", 1).lists("", "2", "34", 1) }, "119.00", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100", "100")
			s.over = true
			if tc.before != nil {
				tc.before(s)
			}
			s.ask(tc.c).answer(lost).pass(time.Second)
			tc.after(s)
			s.pass(25*time.Hour).unreadable().resolve("k", payment.DecideSucceeded).silent().is("k", payment.StatusSucceeded)
			for range 2 {
				if got := s.account.Totals().RefundedAmount.String(); got != tc.refunded {
					t.Errorf("refunded %s, want %s", got, tc.refunded)
				}
				if got := len(s.op("k").Legs[0].ClaimedTx); got != tc.claimed {
					t.Errorf("%d claimed, want %d", got, tc.claimed)
				}
				s.pass(time.Hour).read() // what was claimed does not come back as foreign
			}
		})
	}
}

func TestADecisionOnACancelClaimsTheCancel(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(cancel("k")).answer(lost).pass(time.Second).listsCancel("", 1).read().is("k", payment.StatusNeedsReview)
	s.resolve("k", payment.DecideSucceeded).silent().sums("100.00", "0.00", "0.00")
	if claimed := s.op("k").Legs[0].ClaimedTx; len(claimed) != 1 || len(s.account.Foreign) != 0 || s.op("k").Legs[0].Proof.RefundTxID != "txA" {
		t.Errorf("claimed %v, foreign %+v", claimed, s.account.Foreign)
	}
}

func TestADecisionIsAboutTheLegsThatNeedIt(t *testing.T) {
	t.Parallel()
	for d, want := range map[payment.Decision][]payment.State{
		payment.DecideSucceeded: {done, done, ended}, payment.DecideNotExecuted: {done, ended, ended},
	} {
		s := three(t).answer(succeeded).answer(lost).pass(25*time.Hour).unreadable().is("k", payment.StatusNeedsReview, done, review, ended)
		s.lists(conversation("k", 1), "1", "10", 1).resolve("k", d).silent().is("k", payment.StatusPartiallySucceeded, want...)
	}
}

func TestAPersonDecidesAgainOnWhatWasReopened(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "10"))
	call := *s.call
	s.answer(lost).pass(25*time.Hour).unreadable().resolve("k", payment.DecideNotExecuted).is("k", payment.StatusNotExecuted)
	s.answerTo(call, succeeded).is("k", payment.StatusNeedsReview).sums("10.00", "0.00", "90.00")
	s.resolve("k", payment.DecideNotExecuted).silent().is("k", payment.StatusNotExecuted).sums("0.00", "0.00", "100.00")

	s.lists(conversation("k", 1), "1", "10", 1).pass(time.Hour).read().is("k", payment.StatusNeedsReview)
	s.resolve("k", payment.DecideNotExecuted).refused(payment.CodeNotResolvable)
	s.resolve("k", payment.DecideSucceeded).silent().is("k", payment.StatusSucceeded).sums("10.00", "0.00", "90.00")
}
