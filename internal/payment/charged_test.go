package payment_test

import (
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

func charged(c payment.Command) payment.Command {
	c.ChargedTo = payment.ChargedToMerchant
	return c
}

// marketplace is newStory where refunds may be charged to the merchant.
func marketplace(t *testing.T, lines ...string) *story {
	t.Helper()
	s := newStory(t, lines...)
	s.rules.Marketplace = true
	return s
}

func TestARefundChargedToTheMerchantIsOneCallOfItsOwn(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		lines   []string
		command payment.Command
		line    string
		amount  string
	}{
		"a part of a line":       {[]string{"100", "50"}, charged(onLine(refund("k", "10"), "2")), "2", "10.00"},
		"all of a line":          {[]string{"100", "33.33333333"}, charged(onLine(full("k"), "2")), "2", "33.33"},
		"the payment's only one": {[]string{"100"}, charged(refund("k", "10")), "1", "10.00"},
		"all of the only one":    {[]string{"100"}, charged(full("k")), "1", "100.00"},
	} {
		s := marketplace(t, tc.lines...).ask(tc.command).sent(conversation("k", 1))
		if c := s.call; c.API != payment.APIRefundChargedToMerchant || c.LineID != tc.line || c.Amount.String() != tc.amount {
			t.Errorf("%s: %+v", name, c)
		}
		marked := s.account
		s.answer(succeeded).is("k", payment.StatusSucceeded)
		if records := payment.Records(marked, s.account); len(records) != 1 || records[0].Movement == nil || records[0].Movement.ChargedTo != payment.ChargedToMerchant {
			t.Errorf("%s: the journal says %+v", name, records)
		}
		if r := s.op("k").Resource(paymentID); r.ChargedTo != payment.ChargedToMerchant || r.RefundedAmount != tc.amount || r.PaymentTransactionID != tc.line {
			t.Errorf("%s: %+v", name, r)
		}
		s.saved0(func() { s.ask(tc.command) }).silent()
	}
}

func TestARefundChargedToTheMerchantNeedsALine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]payment.Command{"an amount": charged(refund("k", "10")), "full": charged(full("k"))} {
		s := marketplace(t, "100", "50")
		s.saved0(func() { s.ask(c) })
		if e := s.refused(payment.CodeAllocationNeeded); len(e.Lines) != 2 || !strings.Contains(e.Message, "paymentTransactionId") || s.call != nil {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

// TestNothingIsChargedToTheMerchantUnlessTheSettingSaysSo: a key that is known keeps its answer, whatever the setting became.
func TestNothingIsChargedToTheMerchantUnlessTheSettingSaysSo(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100")
	s.saved0(func() { s.ask(charged(refund("k", "10"))) })
	if e := s.refused(payment.CodeInvalidRequest); e.Field != "chargedTo" || !strings.Contains(e.Message, "MARKETPLACE") || !strings.Contains(e.Message, `"merchant"`) || s.reads != 0 {
		t.Errorf("%+v after %d reads", e, s.reads)
	}
	on := marketplace(t, "100").ask(charged(refund("k", "10"))).answer(succeeded)
	unsent := charged(refund("u", "10"))
	on.ask(unsent).answer(notSent)
	on.rules.Marketplace = false
	on.saved0(func() { on.ask(charged(refund("k", "10"))) }).silent()
	on.ask(unsent).refused(payment.CodeInvalidRequest)
}

// TestSilenceProvesNothingOfARefundChargedToTheMerchant: no source says that iyzico lists one, so where a refund of v1 is proved
// not executed a person decides, and the money stays reserved until then.
func TestSilenceProvesNothingOfARefundChargedToTheMerchant(t *testing.T) {
	t.Parallel()
	marketplace(t, "100").ask(refund("k", "10")).answer(lost).absent().is("k", payment.StatusNotExecuted)
	s := marketplace(t, "100").ask(charged(refund("k", "10"))).answer(lost).absent()
	s.is("k", payment.StatusNeedsReview).sums("0.00", "10.00", "90.00")
	if f := s.op("k").Legs[0].Failure; f == nil || f.Reason != payment.ReasonWeakAbsence {
		t.Errorf("%+v", f)
	}
	for range 40 { // and it stays so however often iyzico shows nothing
		s.now = s.account.DueAt()
		s.read().days()
	}
	s.is("k", payment.StatusNeedsReview).sums("0.00", "10.00", "90.00")
	s.ask(charged(refund("k", "10"))).silent()

	seen := marketplace(t, "100").ask(charged(refund("k", "10"))).answer(lost).absent().lists(conversation("k", 1), "1", "10", 1)
	seen.now = seen.account.DueAt()
	seen.read().is("k", payment.StatusSucceeded).sums("10.00", "0.00", "90.00")

	no := marketplace(t, "100").ask(charged(refund("k", "10"))).answer(lost).absent()
	no.resolve("k", payment.DecideNotExecuted).is("k", payment.StatusNotExecuted).sums("0.00", "0.00", "100.00")
	yes := marketplace(t, "100").ask(charged(refund("k", "10"))).answer(lost).absent()
	yes.resolve("k", payment.DecideSucceeded).is("k", payment.StatusSucceeded).sums("10.00", "0.00", "90.00")
}

// TestARefundChargedToTheMerchantSettlesByTheSameEvidence as one of v1, in the report and in the day list.
func TestARefundChargedToTheMerchantSettlesByTheSameEvidence(t *testing.T) {
	t.Parallel()
	id := conversation("k", 1)
	for name, tc := range map[string]struct {
		show func(*story)
		want payment.Status
	}{
		"our entry":              {func(s *story) { s.lists(id, "1", "10", 1) }, payment.StatusSucceeded},
		"on another line":        {func(s *story) { s.lists(id, "2", "10", 1) }, payment.StatusNeedsReview},
		"more than was asked":    {func(s *story) { s.lists(id, "1", "11", 1) }, payment.StatusNeedsReview},
		"neither done nor not":   {func(s *story) { s.lists(id, "1", "10", 2) }, payment.StatusNeedsReview},
		"an entry without an id": {func(s *story) { s.lists("", "1", "10", 1) }, payment.StatusNeedsReview},
	} {
		s := marketplace(t, "100", "50").ask(charged(onLine(refund("k", "10"), "1"))).answer(lost).pass(time.Minute)
		t.Log(name)
		tc.show(s)
		s.read().is("k", tc.want)
	}
	listed := marketplace(t, "100").ask(charged(refund("k", "10"))).answer(lost).pass(time.Minute).lists(id, "1", "10", 1)
	listed.decide(payment.Listed{Lists: []payment.DayList{listed.day("2031-03-10")}}).is("k", payment.StatusSucceeded)
}

// TestAnEntryWithoutAnIDIsTheRefundChargedToTheMerchant that succeeded: it counts once.
func TestAnEntryWithoutAnIDIsTheRefundChargedToTheMerchant(t *testing.T) {
	t.Parallel()
	s := marketplace(t, "100").ask(charged(refund("k", "10"))).answer(succeeded).pass(time.Minute).lists("", "1", "10", 1)
	s.iyzico.Entries[0].CreatedAt = opening.Add(time.Second)
	s.ask(full("rest")).answer(succeeded).sums("100.00", "0.00", "0.00")
}

// TestAfterARestoreNothingOldIsChargedToTheMerchant: what the table forgot, iyzico's report need not show.
func TestAfterARestoreNothingOldIsChargedToTheMerchant(t *testing.T) {
	t.Parallel()
	s := marketplace(t, "100")
	s.rules.RestoredAt = opening.Add(-time.Minute) // and the payment is an hour old
	s.saved0(func() { s.ask(charged(refund("k", "10"))) }).refused(payment.CodeNotRefundable)
	s.ask(refund("other", "10")).sent(conversation("other", 1))

	found := marketplace(t, "100").lists(conversation("k", 1), "1", "10", 1)
	found.rules.RestoredAt = opening.Add(-time.Minute)
	found.ask(charged(refund("k", "10"))).silent().is("k", payment.StatusSucceeded).sums("10.00", "0.00", "90.00")
	if leg := found.op("k").Legs[0]; leg.API != payment.APIRefundChargedToMerchant {
		t.Errorf("%+v", leg)
	}

	younger := marketplace(t, "100")
	younger.rules.RestoredAt = opening.Add(-2 * time.Hour)
	younger.ask(charged(refund("k", "10"))).sent(conversation("k", 1))
}

// TestARefundChargedToTheMerchantStandsInTheWayLikeAnyOther: of a cancel, and of more than is left.
func TestARefundChargedToTheMerchantStandsInTheWayLikeAnyOther(t *testing.T) {
	t.Parallel()
	s := marketplace(t, "100").ask(charged(refund("k", "60"))).answer(lost)
	s.ask(cancel("c")).refused(payment.CodeNotCancellable)
	s.ask(refund("r", "41")).refused(payment.CodeExceedsRefundable)
	s.ask(charged(refund("r", "41"))).refused(payment.CodeExceedsRefundable)
}
