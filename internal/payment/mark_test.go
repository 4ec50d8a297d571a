package payment_test

import (
	"testing"
	"time"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

// TestALegThatNoLongerFitsIsNotSent: leg 1 is done and leg 2 waits for its key to come again. Meanwhile iyzico shows something
// that takes leg 2's room.
func TestALegThatNoLongerFitsIsNotSent(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		meanwhile func(*story)
		fits      bool
	}{
		"nothing":                             {func(*story) {}, true},
		"another line was refunded":           {func(s *story) { s.panel("p", "3", "30", 0).read() }, true},
		"its line was refunded in part":       {func(s *story) { s.panel("p", "2", "0.01", 0).read() }, false},
		"its line was refunded":               {func(s *story) { s.panel("p", "2", "20", 0).read() }, false},
		"a refund without a line":             {func(s *story) { s.panel("p", "", "5", 0).read() }, false},
		"the payment was cancelled":           {func(s *story) { s.listsCancel("", 1).read() }, false},
		"the payment is not charged any more": {func(s *story) { s.iyzico.Charged = false; s.read() }, false},
		"another refund is promised on its line": {func(s *story) {
			s.account.Operations = append(s.account.Operations, payment.Operation{
				ID: refund("x", "1").OperationID(), Kind: payment.KindRefund, Key: "x", Amount: amount("1"), CreatedAt: s.now, UpdatedAt: s.now, DeadlineAt: s.now.Add(time.Hour),
				Legs: []payment.Leg{{API: payment.APIRefund, LineID: "2", Amount: amount("1"), State: payment.StateUnknown, SendBy: s.now, DueAt: s.now.Add(time.Hour)}},
			})
		}, false},
		"365 days are over": {func(s *story) {
			s.account.PaidAt = s.now.AddDate(-1, 0, -2)
		}, false},
		"the currency is another": {func(s *story) { s.op("k").Legs[1].Amount = money.New(amount("20").Decimal(), money.EUR) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := three(t).answer(succeeded).answer(notSent).silent().pass(time.Minute)
			s.over = true
			tc.meanwhile(s)
			if tc.fits {
				s.ask(threeLegs()).sent(conversation("k", 3))
				return
			}
			s.ask(threeLegs()).silent().is("k", payment.StatusPartiallySucceeded, done, ended, ended)
			if view := s.op("k").Resource(paymentID); view.RefundedAmount != "10.00" || view.Error == nil || view.Error.Message == "" {
				t.Errorf("%+v", view)
			}
			s.ask(threeLegs()).silent()
		})
	}
}

// TestAnAnswerMarksNoLegThatNoLongerFits: the read came while leg 1 was on its way.
func TestAnAnswerMarksNoLegThatNoLongerFits(t *testing.T) {
	t.Parallel()
	s := three(t)
	s.over = true
	call := *s.call
	s.panel("p", "2", "5", 0).read()
	s.answerTo(call, succeeded).silent().is("k", payment.StatusPartiallySucceeded, done, ended, ended)
	s = three(t)
	call = *s.call
	s.over = true
	s.listsCancel("", 1).read().answerTo(call, succeeded).silent().is("k", payment.StatusPartiallySucceeded, done, ended, ended)
}

func TestTheFirstLegIsCheckedBeforeItIsMarked(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "60")).answer(notSent)
	s.panel("p", "1", "50", 0).read()
	s.ask(refund("k", "60")).refused(payment.CodeExceedsRefundable)
	s = newStory(t, "100").ask(cancel("k")).answer(notSent)
	s.panel("p", "1", "50", 0)
	s.ask(cancel("k")).refused(payment.CodeNotCancellable)
}
