package payment_test

import (
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

// restored forgets the account, as a table does that was restored to a moment before first contact.
func (s *story) restored() *story {
	s.rules.RestoredAt = s.now
	s.account = payment.Account{ID: s.account.ID}
	return s
}

func TestAForgottenOperationIsSettledAndNeverSent(t *testing.T) {
	t.Parallel()
	split := allocated(refund("k", "30"), payment.AllocateProportional)
	v2 := allocated(refund("k", "30"), payment.AllocateByIyzico)
	for name, tc := range map[string]struct {
		c        payment.Command
		lists    func(*story)
		want     payment.Status
		legs     []payment.State
		refunded string
	}{
		"one leg": {
			onLine(refund("k", "30"), "1"),
			func(s *story) { s.lists(conversation("k", 1), "1", "30", 1) },
			payment.StatusSucceeded, []payment.State{payment.StateSucceeded}, "30.00",
		},
		"a later attempt": {
			onLine(refund("k", "30"), "1"),
			func(s *story) { s.lists(conversation("k", 4), "1", "30", 1) },
			payment.StatusSucceeded, []payment.State{payment.StateSucceeded}, "30.00",
		},
		"full": {
			full("k"),
			func(s *story) {
				s.lists(conversation("k", 1), "1", "100", 1).lists(conversation("k", 2), "2", "200", 1)
			},
			payment.StatusSucceeded, []payment.State{payment.StateSucceeded, payment.StateSucceeded}, "300.00",
		},
		"several legs": {
			split,
			func(s *story) { s.lists(conversation("k", 1), "1", "10", 1).lists(conversation("k", 2), "2", "20", 1) },
			payment.StatusSucceeded, []payment.State{payment.StateSucceeded, payment.StateSucceeded}, "30.00",
		},
		"several legs, split otherwise today": {
			split,
			func(s *story) {
				s.lists(conversation("k", 1), "1", "10", 1).lists(conversation("k", 2), "2", "20", 1).lists("", "1", "80", 1)
			},
			payment.StatusSucceeded, []payment.State{payment.StateSucceeded, payment.StateSucceeded}, "110.00",
		},
		"only one of several legs": {
			split,
			func(s *story) { s.lists(conversation("k", 1), "1", "10", 1) },
			payment.StatusUnknown, []payment.State{payment.StateSucceeded, payment.StateUnknown}, "10.00",
		},
		"v2": {
			v2,
			func(s *story) { s.lists(conversation("k", 1), "2", "30", 1) },
			payment.StatusSucceeded, []payment.State{payment.StateSucceeded}, "30.00",
		},
		"v2 split": {
			v2,
			func(s *story) { s.lists(conversation("k", 1), "1", "25", 1).lists(conversation("k", 1), "2", "5", 1) },
			payment.StatusSucceeded, []payment.State{payment.StateSucceeded}, "30.00",
		},
		"what is left is less than was asked for": {
			onLine(refund("k", "100"), "1"),
			func(s *story) { s.lists(conversation("k", 1), "1", "100", 1) },
			payment.StatusSucceeded, []payment.State{payment.StateSucceeded}, "100.00",
		},
		"not done": {
			onLine(refund("k", "30"), "1"),
			func(s *story) { s.lists(conversation("k", 1), "1", "30", 0) },
			payment.StatusNeedsReview, []payment.State{payment.StateNeedsReview}, "0.00",
		},
		"cancel": {
			cancel("k"),
			func(s *story) { s.listsCancel(payment.ConversationID(cancel("k").OperationID(), 1), 1) },
			payment.StatusSucceeded, []payment.State{payment.StateSucceeded}, "300.00",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100", "200")
			tc.lists(s)
			s.restored().pass(time.Minute).ask(tc.c).silent().is("k", tc.want, tc.legs...)
			if got := s.account.Totals().RefundedAmount.String(); got != tc.refunded {
				t.Errorf("refunded %s, want %s", got, tc.refunded)
			}
			if op := s.op("k"); !op.Restored || op.Attempts == 0 {
				t.Errorf("operation %+v", op)
			}
			s.ask(tc.c).silent() // a replay of it
		})
	}
}

func TestAForgottenLegSettlesByReading(t *testing.T) {
	t.Parallel()
	c := allocated(refund("k", "30"), payment.AllocateProportional)
	s := newStory(t, "100", "200").lists(conversation("k", 1), "1", "10", 1).restored().ask(c)
	s.lists(conversation("k", 2), "2", "20", 1).pass(time.Minute).read().is("k", payment.StatusSucceeded).sums("30.00", "0.00", "270.00")

	s = newStory(t, "100", "200").lists(conversation("k", 1), "1", "10", 1).restored().ask(c)
	s.absent().is("k", payment.StatusPartiallySucceeded, payment.StateSucceeded, payment.StateNotExecuted).sums("10.00", "0.00", "290.00")
}

func TestARestoredAccountIsReadBeforeTheNextSend(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("a", "10")).answer(succeeded)
	backup := s.account
	s.pass(time.Minute).ask(refund("b", "85")).answer(succeeded)
	s.lists(conversation("a", 1), "1", "10", 1).lists(conversation("b", 1), "1", "85", 1)

	s.pass(time.Minute)
	s.account, s.rules.RestoredAt, s.reads = backup, s.now, 0
	if e := s.ask(refund("c", "10")).refused(payment.CodeExceedsRefundable); e.Refundable.String() != "5.00" {
		t.Errorf("refundable %s", e.Refundable)
	}
	// The report has been read since the restore: that it holds b is remembered.
	s.ask(refund("b", "85")).silent().is("b", payment.StatusSucceeded).sums("95.00", "0.00", "5.00")
	s.ask(refund("c", "5")).sent(conversation("c", 1)).answer(succeeded)
	reads := s.reads
	if s.ask(refund("d", "5")); s.reads != reads {
		t.Error("an account that was read since the restore needs no further read")
	}
}

func TestANotSentOperationThatTheTableForgotIsSettled(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "10")).answer(notSent)
	backup := s.account
	s.ask(refund("k", "20")).sent(conversation("k", 2)).lists(conversation("k", 2), "1", "20", 1)

	s.pass(time.Minute)
	s.account, s.rules.RestoredAt = backup, s.now
	s.ask(refund("k", "20")).silent().is("k", payment.StatusSucceeded).sums("20.00", "0.00", "80.00")
}

func TestLegsOfAHalfForgottenOperationAreNotSentAgain(t *testing.T) {
	t.Parallel()
	c := allocated(refund("k", "60"), payment.AllocateInOrder)
	start := func() *story {
		s := newStory(t, "10", "20", "30").ask(c).sent(conversation("k", 1)).answer(succeeded).answer(notSent)
		return s.is("k", payment.StatusProcessing, payment.StateSucceeded, payment.StateReserved, payment.StateReserved)
	}
	t.Run("the report lists it", func(t *testing.T) {
		s := start()
		s.lists(conversation("k", 1), "1", "10", 1).lists(conversation("k", 3), "2", "20", 1)
		s.pass(time.Minute)
		s.rules.RestoredAt = s.now
		s.ask(c).silent().is("k", payment.StatusUnknown, payment.StateSucceeded, payment.StateSucceeded, payment.StateUnknown)
		s.sums("30.00", "30.00", "0.00")
		s.absent().is("k", payment.StatusPartiallySucceeded, payment.StateSucceeded, payment.StateSucceeded, payment.StateNotExecuted)
		s.sums("30.00", "0.00", "30.00")
	})
	t.Run("the report lists nothing of it", func(t *testing.T) {
		s := start()
		s.lists(conversation("k", 1), "1", "10", 1).pass(time.Minute)
		s.rules.RestoredAt, s.reads = s.now, 0
		s.ask(c).sent(conversation("k", 3))
		if s.reads != 1 {
			t.Errorf("%d reads", s.reads)
		}
	})
	t.Run("the report can't be used", func(t *testing.T) {
		s := start()
		s.iyzico.Listed = false
		s.pass(time.Minute)
		s.rules.RestoredAt = s.now
		s.ask(c).refused(payment.CodeUnavailable)
		s.is("k", payment.StatusProcessing)
	})
	t.Run("reconcile reads it first", func(t *testing.T) {
		s := start()
		s.lists(conversation("k", 1), "1", "10", 1).lists(conversation("k", 3), "2", "20", 1).lists(conversation("k", 4), "3", "30", 1)
		s.pass(time.Minute).read().is("k", payment.StatusSucceeded).sums("60.00", "0.00", "0.00")
	})
	t.Run("a leg that was given up was sent", func(t *testing.T) {
		s := newStory(t, "10", "20").ask(allocated(refund("k", "30"), payment.AllocateInOrder))
		s.lists(conversation("k", 1), "1", "10", 1).lists(conversation("k", 2), "2", "20", 1)
		s.pass(time.Minute).read().is("k", payment.StatusNeedsReview, payment.StateSucceeded, payment.StateNeedsReview)
		s.sums("30.00", "0.00", "0.00")
		if !s.op("k").Alarmed {
			t.Error("no alarm (I5)")
		}
	})
}

func TestARunningOperationLeavesItsNextLegToARequestThatReads(t *testing.T) {
	t.Parallel()
	c := allocated(refund("k", "30"), payment.AllocateInOrder)
	s := newStory(t, "10", "20").ask(c)
	leg := *s.call
	s.ask(onLine(refund("other", "1"), "2")) // exceeds: all is reserved
	s.refused(payment.CodeExceedsRefundable)
	s.account.Suspect = true // another operation was rejected meanwhile
	s.answerTo(leg, succeeded).silent().is("k", payment.StatusProcessing, payment.StateSucceeded, payment.StateReserved)
	s.reads = 0
	s.ask(c).sent(conversation("k", 2))
	if s.reads != 1 {
		t.Errorf("%d reads", s.reads)
	}
}

// TestAStrayAttemptIsSettledWhenItsKeyAsksAgain: an attempt was proved not sent, and iyzico lists it as done.
func TestAStrayAttemptIsSettledWhenItsKeyAsksAgain(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "10")).answer(notSent).ask(refund("k", "10")).sent(conversation("k", 2)).answer(notSent)
	s.lists(conversation("k", 1), "1", "10", 1).ask(full("other")).sums("10.00", "90.00", "0.00").answer(rejected)
	if !s.op("k").Alarmed {
		t.Error("no alarm (I5)")
	}
	s.ask(refund("k", "10")).silent().is("k", payment.StatusSucceeded).sums("10.00", "0.00", "90.00")
	if s.op("k").Attempts != 2 {
		t.Errorf("%d attempts", s.op("k").Attempts)
	}
}

func TestAFailedEntryOfANotSentAttemptStandsInNoWay(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "10")).answer(notSent).lists(conversation("k", 1), "1", "10", 0).failed()
	s.ask(full("other")).answer(rejected)
	s.ask(refund("k", "10")).sent(conversation("k", 2))
}

// TestAForgottenKeyIsNotTakenForAnotherRequest: the table forgot what the key was used for, and iyzico's report shows that it
// was not this.
func TestAForgottenKeyIsNotTakenForAnotherRequest(t *testing.T) {
	t.Parallel()
	done := func() *story {
		return newStory(t, "100", "200").lists(conversation("k", 1), "1", "30", 1).restored()
	}
	for name, c := range map[string]payment.Command{
		"another line":        onLine(refund("k", "30"), "2"),
		"another line, full":  onLine(full("k"), "2"),
		"a line that is none": onLine(refund("k", "30"), "9"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := done().ask(c)
			s.refused(payment.CodeKeyReused)
			s.ask(onLine(refund("k", "30"), "1")).silent().is("k", payment.StatusSucceeded).sums("30.00", "0.00", "270.00")
		})
	}
}

// TestAForgottenKeyIsNotTakenForAnotherAmount: were the request's own amount reserved in its place, what iyzico really refunded
// would be counted too low, and more could be promised than is left (I4).
func TestAForgottenKeyIsNotTakenForAnotherAmount(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]payment.Command{
		"less, the line named": onLine(refund("k", "12.50"), "1"),
		"less, the only line":  refund("k", "12.50"),
		"more":                 refund("k", "40"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100").lists(conversation("k", 1), "1", "30", 1).restored()
			s.ask(c).refused(payment.CodeKeyReused)
			s.ask(full("other")).sent(conversation("other", 1)).sums("30.00", "70.00", "0.00")
		})
	}
}

// TestAForgottenEntryOnALineOfNoLegIsNoAbsence: the request's legs are planned on other lines today, so what iyzico lists
// under its id is not explained by them.
func TestAForgottenEntryOnALineOfNoLegIsNoAbsence(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100", "200").lists(conversation("k", 1), "2", "5", 1).restored()
	s.ask(allocated(refund("k", "30"), payment.AllocateInOrder)).silent().is("k", payment.StatusNeedsReview)
	s.absent().is("k", payment.StatusNeedsReview)
}

// TestAfterARestoreDetailIsNotEnough: payment detail shows no refunds, so behind an account that the table forgot there may be
// some, of this very key even.
func TestAfterARestoreDetailIsNotEnough(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").lists(conversation("k", 1), "1", "30", 1).restored()
	s.iyzico.Listed = false
	s.ask(onLine(refund("k", "30"), "1")).refused(payment.CodeUnavailable)
	s.iyzico.Listed = true
	s.ask(onLine(refund("k", "30"), "1")).silent().is("k", payment.StatusSucceeded).sums("30.00", "0.00", "70.00")
}

// TestLessThanWasAskedForIsNotTakenForAll: part of what the key asks for was done, and the rest is not there any more.
func TestLessThanWasAskedForIsNotTakenForAll(t *testing.T) {
	t.Parallel()
	s := newStory(t, "10", "20").lists(conversation("k", 1), "1", "8", 1).lists("", "2", "20", 1).restored()
	s.ask(allocated(refund("k", "25"), payment.AllocateByIyzico)).refused(payment.CodeExceedsRefundable)
	s.ask(refund("other", "1")).refused(payment.CodeAllocationNeeded)
	s.ask(onLine(refund("other", "2"), "1")).sent(conversation("other", 1)).sums("28.00", "2.00", "0.00")
}

// What iyzico lists as failed of an attempt that the table forgot proves neither that it was done nor that it was not.
func TestAForgottenAttemptThatIsListedAsFailedNeedsAPerson(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").lists(conversation("k", 1), "1", "10", 0)
	s.ask(refund("k", "10")).silent().is("k", payment.StatusNeedsReview).sums("0.00", "10.00", "90.00")
	s.ask(refund("k", "10")).silent()
}
