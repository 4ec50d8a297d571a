package payment_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

// refusedV2 is iyzico's answer to a Refund v2 of a merchant who may not use it.
func (s *story) refusedV2() *story {
	s.t.Helper()
	return s.decide(payment.Answered{
		Call: *s.call, Verdict: payment.VerdictRejected,
		Failure: &payment.Failure{Reason: "refused", Code: "5266", Message: "for standard merchants only"},
	})
}

// surcharged are payments whose lines have parts below the kuruş that make up whole kuruş together.
func surcharged() map[string][]string {
	return map[string][]string{
		"10.21":  {"0.30599401", "9.90400599"},
		"100.00": {"33.33333333", "33.33333333", "33.33333334"},
		"100.0":  fifteenths(),
	}
}

func TestFullGivesBackTheLastKurus(t *testing.T) {
	t.Parallel()
	for paid, lines := range surcharged() {
		s := newStory(t, lines...).ask(full("k")).sent(conversation("k", 1))
		if s.call.API != payment.APIRefundV2 || !s.call.Amount.Equal(amount(paid)) {
			t.Errorf("%v: sent %s of %s", lines, s.call.Amount, s.call.API)
		}
		s.answer(succeeded).is("k", payment.StatusSucceeded).sums(amount(paid).String(), "0.00", "0.00")
		if status := s.account.View(0, time.Time{}).Status; status != payment.PaymentRefunded {
			t.Errorf("%v: the payment is %s", lines, status)
		}
		// iyzico's own split, with 8 decimals, shows later and changes nothing.
		for i, line := range lines {
			s.lists(conversation("k", 1), lineID(i), line, 1)
		}
		s.pass(time.Hour).read().is("k", payment.StatusSucceeded).sums(amount(paid).String(), "0.00", "0.00")
		if s.op("k").Alarmed {
			t.Errorf("%v: alarmed", lines)
		}
	}
}

func TestFullAfterAPartGivesBackTheRest(t *testing.T) {
	t.Parallel()
	s := newStory(t, "0.30599401", "9.90400599")
	s.ask(onLine(refund("part", "0.30"), "1")).answer(succeeded).sums("0.30", "0.00", "9.91")
	s.ask(full("rest")).sent(conversation("rest", 1)).answer(succeeded).sums("10.21", "0.00", "0.00")

	// After a v2 part of 8.21 iyzico took all of line 1, and exactly 2.00 are left: one line, by v1.
	s = newStory(t, "0.30599401", "9.90400599").ask(allocated(refund("part", "8.21"), payment.AllocateByIyzico)).answer(succeeded)
	s.lists(conversation("part", 1), "1", "0.30599401", 1).lists(conversation("part", 1), "2", "7.90400599", 1).pass(time.Minute).read()
	s.sums("8.21", "0.00", "2.00").ask(full("rest")).sent(conversation("rest", 1))
	if got := legsText(s.op("rest")); got != "2:2.00" {
		t.Errorf("legs %s", got)
	}
	s.answer(succeeded).sums("10.21", "0.00", "0.00")
}

func TestWhereV2IsRefusedForGoodTheFloorsGoInTheSameOperation(t *testing.T) {
	t.Parallel()
	s := newStory(t, "33.33333333", "33.33333333", "33.33333334").ask(full("k"))
	s.refusedV2().sent(conversation("k", 2)).answer(succeeded).sent(conversation("k", 3)).answer(succeeded).answer(succeeded).silent()
	s.is("k", payment.StatusPartiallySucceeded, refusedBy, done, done, done).sums("99.99", "0.00", "0.01")
	view := s.op("k").Resource(paymentID)
	if view.Amount != "100.00" || view.RefundedAmount != "99.99" || view.UnrefundableAmount != "0.01" {
		t.Errorf("amount %s, refunded %s, unrefundable %s", view.Amount, view.RefundedAmount, view.UnrefundableAmount)
	}
	if e := view.Error; e == nil || e.Code != payment.ReasonRestNotRefundable || e.Message == "" {
		t.Errorf("error %+v", e)
	}
	s.saved0(func() { s.ask(full("k")) }).silent()
}

func TestTheFloorsStopLikeOtherLegs(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer payment.Verdict
		status payment.Status
		legs   []payment.State
	}{
		"rejected": {rejected, payment.StatusRejected, []payment.State{refusedBy, refusedBy, ended}},
		"lost":     {lost, payment.StatusUnknown, []payment.State{refusedBy, unknown, ended}},
		"not sent": {notSent, payment.StatusProcessing, []payment.State{refusedBy, reserved, reserved}},
	} {
		s := newStory(t, "0.30599401", "9.90400599").ask(full("k")).refusedV2().answer(tc.answer).silent().is("k", tc.status, tc.legs...)
		if view := s.op("k").Resource(paymentID); tc.answer == rejected && view.Error.Code != "10051" {
			t.Errorf("%s: error %+v", name, view.Error)
		}
		if tc.answer == notSent { // nothing of it was proved wrong: the same key goes on
			s.ask(full("k")).sent(conversation("k", 3)).answer(succeeded).answer(succeeded).is("k", payment.StatusPartiallySucceeded)
		}
	}
}

// TestOnlyAFullRefundFallsBack: who chose Refund v2 himself gets iyzico's no.
func TestOnlyAFullRefundFallsBack(t *testing.T) {
	t.Parallel()
	c := allocated(refund("k", "100"), payment.AllocateByIyzico)
	newStory(t, "33.33333333", "33.33333333", "33.33333334").ask(c).refusedV2().silent().is("k", payment.StatusRejected, refusedBy)
	s := newStory(t, "0.005", "0.006").ask(full("k")).refusedV2().silent().is("k", payment.StatusRejected, refusedBy)
	s.sums("0.00", "0.00", "0.01")
	// Another no than "not for this merchant" sends nothing more.
	newStory(t, "0.30599401", "9.90400599").ask(full("k")).answer(rejected).silent().is("k", payment.StatusRejected, refusedBy)
}

// TestFullBesideAnOpenRefundStaysOnItsLines: Refund v2 might take what is promised to the other.
func TestFullBesideAnOpenRefundStaysOnItsLines(t *testing.T) {
	t.Parallel()
	s := newStory(t, "33.33333333", "33.33333333", "33.33333334").ask(onLine(refund("open", "10"), "1")).answer(lost)
	s.ask(full("k"))
	if got := legsText(s.op("k")); got != "1:23.33 2:33.33 3:33.33" || s.op("k").Amount.String() != "89.99" {
		t.Errorf("legs %s of %s", got, s.op("k").Amount)
	}
}

func TestAmountsLineByLineEndAtTheFloors(t *testing.T) {
	t.Parallel()
	for _, allocation := range []payment.Allocation{payment.AllocateInOrder, payment.AllocateProportional} {
		s := newStory(t, "33.33333333", "33.33333333", "33.33333334").ask(allocated(refund("k", "100"), allocation))
		if e := s.refused(payment.CodeExceedsRefundable); e.Refundable.String() != "99.99" {
			t.Errorf("%s: refundable %s", allocation, e.Refundable)
		}
		s.ask(allocated(refund("k", "99.99"), allocation)).sent(conversation("k", 1))
	}
}

// TestFloorsCountAsLegs: what may be sent in place of a Refund v2 must fit the limit too.
func TestFloorsCountAsLegs(t *testing.T) {
	t.Parallel()
	s := newStory(t, "33.33333333", "33.33333333", "33.33333334").ask(onLine(refund("k", "0.01"), "1")).answer(rejected)
	s.repeat("k", payment.MaxLegs-4)
	s.ask(full("f")).refused(payment.CodeTooManyOperations)
	s.account.Operations = s.account.Operations[:payment.MaxLegs-4]
	if s.ask(full("f")); s.call == nil {
		t.Error(s.err)
	}
}

func TestPartsBelowAKurusAreNotRefundedLineByLine(t *testing.T) {
	t.Parallel()
	for i, want := range []string{"0.30", "9.90"} {
		s := newStory(t, "0.30599401", "9.90400599").ask(onLine(full(fmt.Sprint("k", i)), lineID(i)))
		if s.call == nil || !s.call.Amount.Equal(amount(want)) || s.call.API != payment.APIRefund {
			t.Errorf("line %d: %+v %v", i, s.call, s.err)
		}
	}
}
