package sim

import (
	"cmp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// movedBy is what iyzico moved for one operation.
func (c *checker) movedBy(op *operation) decimal.Decimal {
	sum := decimal.Zero
	for _, x := range c.w.ledger.Executions(op.payment) {
		if operationOf(x) == op.id {
			sum = sum.Add(x.Price)
		}
	}
	return sum
}

// refundedInPanel tells that it is a refund to balance of a payment that was paid back whole in iyzico's panel. The report is
// then what it would be after an approval, which shows no id of ours either, so it counts as done.
func (c *checker) refundedInPanel(r *payment.Resource) bool {
	sum := decimal.Zero
	for _, x := range c.w.ledger.Executions(r.PaymentID) {
		if x.ConversationID == "" && (x.Kind == iyzicotest.KindRefund || x.Kind == iyzicotest.KindCancel) {
			sum = sum.Add(x.Price)
		}
	}
	return r.Kind == payment.KindBalanceRefund && sum.Equal(c.paid(r.PaymentID))
}

// covered looks at the moment after every save and every execution: all that we moved is within what the payment shows
// as refunded or reserved. Nothing is ever lost track of, and nobody may spend it again (I4).
func (c *checker) covered(account *payment.Account) {
	paymentID := account.PaymentID
	if paymentID == "" || c.w.plan.untrue() || c.w.plan.bothHide || slices.Contains(c.causes[paymentID], causeMistaken) || slices.Contains(c.causes[paymentID], causeLateApproval) ||
		slices.Contains(c.causes[paymentID], causeRestored) {
		return
	}
	moved := decimal.Zero
	for _, x := range c.w.ledger.Executions(paymentID) {
		if x.ConversationID != "" && x.Kind != iyzicotest.KindFundPayment {
			moved = moved.Add(x.Price)
		}
	}
	if moved.IsZero() {
		return
	}
	t := account.Totals()
	shown := t.RefundedAmount.Add(t.ReservedAmount).Decimal()
	if c.fractional(paymentID) {
		shown = shown.Add(decimal.New(1, -2)) // the lines' rests below the minor unit are left out of each
	}
	if moved.Truncate(2).GreaterThan(shown.Truncate(2)) {
		c.violated("I4: what moved is refunded or reserved", paymentID, "we moved %s; it shows %s refunded and %s reserved",
			moved, t.RefundedAmount, t.ReservedAmount)
	}
}

// viewed looks at a payment that somebody was shown.
func (c *checker) viewed(v payment.PaymentView, err error) {
	if err != nil {
		if payment.CodeOf(err) == payment.CodeInternal {
			c.violated("no internal errors", v.PaymentID, "%v", err)
		}
		return
	}
	amount := decimal.RequireFromString
	// Hidden ids make iyzico's entries look foreign beside our own: shown twice, which only makes us careful. The panel
	// and Refund v2 may take from a line what is reserved on it: then that reservation can't be executed any more.
	exempt := c.w.plan.hideIDs || c.lied || len(c.causes[v.PaymentID]) > 0 || c.iyzicoChose(v.PaymentID)
	if sum := amount(v.RefundedAmount).Add(amount(v.ReservedAmount)).Add(amount(v.RefundableAmount)); !exempt && sum.GreaterThan(amount(v.PaidAmount)) {
		c.violated("I4: refunded, reserved and refundable are within paid", v.PaymentID, "%s + %s + %s of %s",
			v.RefundedAmount, v.ReservedAmount, v.RefundableAmount, v.PaidAmount)
	}
}

// final takes what is shown of a payment in the end.
func (c *checker) final(paymentID string, v payment.PaymentView, err error) {
	if err != nil {
		c.violated("I7: everything comes to rest", paymentID, "cannot be read in the end: %v", err)
		return
	}
	c.viewed(v, nil)
	reviews := 0
	for i := range v.Operations {
		r := &v.Operations[i]
		if op := c.operations[r.ID]; op != nil {
			op.final = r
			c.ended(op)
		} else {
			c.violated("I6: an operation is what was asked for", r.ID, "is shown and nobody asked for it")
		}
		if r.Status == payment.StatusNeedsReview {
			reviews++
		}
	}
	c.totals(v, reviews)
}

// ended looks at one operation in the end.
func (c *checker) ended(op *operation) {
	r := op.final
	switch {
	case c.mistaken[op.id] && r.Status == payment.StatusNeedsReview:
		c.w.stats.Mistakes++
	case c.mistaken[op.id] && c.movedBy(op).IsPositive() && r.Status == payment.StatusNotExecuted:
		c.violated("I5: a wrong decision is contradicted", op.id, "a person said that it was not done; iyzico moved %s, shows it, and it is %s", c.movedBy(op), r.Status)
	case r.Status == payment.StatusNeedsReview:
		c.w.stats.Reviews++
		charged := slices.ContainsFunc(op.commands, func(x payment.Command) bool { return x.ChargedTo != "" }) // silence proves nothing of it
		if !charged && !c.hasCause(op.payment) {
			c.violated("I7: needs_review has a cause", op.id, "is in needs_review, and nothing in this world asks for a person")
		}
	case r.Status.Unfinished():
		c.w.stats.Unknowns++
		c.violated("I7: every operation ends", op.id, "is %s in the end", r.Status)
	case r.Status == payment.StatusSucceeded && r.Amount != c.movedBy(op).Truncate(2).StringFixed(2) && !c.refundedInPanel(r):
		c.violated("I5: succeeded means executed", op.id, "is succeeded with %s and iyzico moved %s", r.Amount, c.movedBy(op))
	}
	c.legsAreTrue(r)
	if n := len(op.events); r.Status.Published() && (n == 0 || op.events[n-1].Status != r.Status) {
		c.violated("I8: every status is published", op.id, "is %s in the end, and the last event does not say so", r.Status)
	}
}

// totals compares what a payment shows with iyzico's books, once nothing is open on it.
func (c *checker) totals(v payment.PaymentView, reviews int) {
	c.w.ledger.SetMerchantChargeIn(iyzicotest.ChargeInRefunds) // the books, whatever iyzico shows of them
	truth, _ := c.w.ledger.Report(v.PaymentID, 0)
	c.w.ledger.SetMerchantChargeIn(cmp.Or(c.w.plan.chargeIn, iyzicotest.ChargeInRefunds))
	paid, refunded, cancelled := decimal.Zero, decimal.Zero, false
	refundable := decimal.Zero
	for _, line := range truth.Lines {
		left := line.PaidPrice
		for _, refund := range line.Refunds {
			if refund.Status == 1 {
				left = left.Sub(refund.Price)
			}
		}
		paid, refunded = paid.Add(line.PaidPrice), refunded.Add(line.PaidPrice.Sub(left))
		refundable = refundable.Add(left)
	}
	for _, cancel := range truth.Cancels {
		cancelled = cancelled || cancel.Status == 1
	}
	if cancelled {
		refunded, refundable = paid, decimal.Zero
	}
	if c.w.restored() && c.w.plan.chargeIn != "" && slices.Contains(c.causes[v.PaymentID], causeCharged) {
		return // what the table forgot and iyzico does not list nobody can know
	}
	amount := decimal.RequireFromString
	if amount(v.RefundedAmount).LessThan(refunded.Truncate(2)) && reviews == 0 {
		c.violated("I7: the totals are iyzico's", v.PaymentID, "shows %s refunded, iyzico's books say %s", v.RefundedAmount, refunded)
	}
	unnamed := c.w.plan.chargeIn == iyzicotest.ChargeUnnamed && slices.Contains(c.causes[v.PaymentID], causeCharged)
	if reviews > 0 || c.w.plan.hideIDs || unnamed || c.lied { // what a lie made foreign stays counted, which only makes us careful
		return
	}
	if v.NotRefundable != "" {
		refundable = decimal.Zero
	}
	c.addsUp(v)
	if !amount(v.RefundedAmount).Equal(refunded.Truncate(2)) || !amount(v.ReservedAmount).IsZero() || !amount(v.RefundableAmount).Equal(refundable.Truncate(2)) {
		c.violated("I7: the totals are iyzico's", v.PaymentID, "shows %s refunded, %s reserved, %s refundable; iyzico's books say %s and %s",
			v.RefundedAmount, v.ReservedAmount, v.RefundableAmount, refunded, refundable)
	}
	byRefund := slices.ContainsFunc(c.w.ledger.Executions(v.PaymentID), func(x iyzicotest.Execution) bool {
		return x.Kind == iyzicotest.KindCancel && x.Path == iyzicotest.PathRefundV2
	}) // a refund of all that iyzico carried out as a cancel is a refund for whoever asked for it
	if cancelled != (v.Status == payment.PaymentCancelled) && !byRefund {
		c.violated("I7: the totals are iyzico's", v.PaymentID, "is %s, cancelled in iyzico's books: %t", v.Status, cancelled)
	}
}

// addsUp holds the operations and what was moved past iade against the sum that is shown.
func (c *checker) addsUp(v payment.PaymentView) {
	sum := decimal.Zero
	for i := range v.Operations {
		sum = sum.Add(decimal.RequireFromString(v.Operations[i].RefundedAmount))
	}
	for _, movement := range v.OtherMovements {
		sum = sum.Add(decimal.RequireFromString(movement.Amount))
	}
	if v.NextCursor == "" && !sum.Equal(decimal.RequireFromString(v.RefundedAmount)) {
		c.violated("I7: the totals are iyzico's", v.PaymentID, "shows %s refunded, and its operations and other movements make up %s", v.RefundedAmount, sum)
	}
}

// end looks at all that iyzico executed.
func (c *checker) end() {
	c.journalled()
	for _, x := range c.w.ledger.Executions("") {
		if x.ConversationID == "" {
			continue
		}
		if n := c.executions(x.PaymentID, x.ConversationID); n != 1 {
			c.violated("I1: one attempt, one execution", x.ConversationID, "was executed %d times", n)
		}
		op := c.operations[operationOf(x)]
		if op != nil && op.final == nil && c.w.restored() && x.Kind == iyzicotest.KindBalanceRefund {
			continue // approved after its table was restored: the report shows no id, so it is the panel's for us
		}
		if op != nil && op.final == nil && c.w.restored() && x.Path == iyzicotest.PathMerchantCharge && c.w.plan.chargeIn != "" {
			continue // the table forgot it, and iyzico's lists do not name it
		}
		if op != nil && op.final == nil && c.w.restored() && op.tooMuch {
			continue // a part of it was done, and the rest is not there any more: the part is in the totals, as somebody's
		}
		if op == nil || op.final == nil {
			c.violated("I1: only what was asked moves", x.ConversationID, "moved %s, and no operation tells of it", x.Price)
			continue
		}
		most := decimal.Zero
		for _, command := range op.commands {
			asked := command.Amount.Decimal()
			if command.Fund != nil {
				asked = command.Fund.PaidAmount.Decimal()
			}
			if command.Full || command.Kind == payment.KindCancel || command.Kind == payment.KindReversal || command.Kind == payment.KindBalanceRefund {
				asked = c.paid(op.payment)
			}
			most = decimal.Max(most, asked)
		}
		if moved := c.movedBy(op); moved.GreaterThan(most) {
			c.w.stats.Doubles++
			c.violated("I1: never more than was asked", op.id, "moved %s, %s was asked for", moved, most)
		}
	}
	c.wishes()
	funds := 0
	for _, op := range c.operations {
		if op.commands[0].Fund != nil {
			funds++
		}
	}
	if n, most := len(c.w.memory.accounts), len(c.w.plan.payments)+len(c.w.made)+funds; n > most {
		c.violated("the model holds", "", "%d accounts, %d are the most that were asked for", n, most)
	}
}

// wishes looks at what moved for callers who ask again with a new key after a definite "no", and only then: all keys of one
// wish together move no more than was wished for.
func (c *checker) wishes() {
	moved, most := map[string]decimal.Decimal{}, map[string]decimal.Decimal{}
	for _, id := range c.order {
		op := c.operations[id]
		first := op.commands[0]
		mixed := slices.ContainsFunc(op.commands, func(x payment.Command) bool { return x.Full || x.Kind != payment.KindRefund })
		if mixed || slices.Contains(c.causes[op.payment], causeMistaken) {
			continue // whoever asks for all that is left asks for less the second time
		}
		wish := op.payment + " " + strings.TrimRight(first.Key, "'")
		moved[wish] = moved[wish].Add(c.movedBy(op))
		for _, command := range op.commands {
			most[wish] = decimal.Max(most[wish], command.Amount.Decimal())
		}
	}
	for wish, sum := range moved {
		if !sum.GreaterThan(most[wish]) {
			continue
		}
		c.w.stats.Seconds++
		if !c.w.plan.bothHide && !c.w.plan.untrue() {
			c.w.stats.Doubles++
			c.violated("I1: one wish moves once", wish, "moved %s, %s was asked for", sum, most[wish])
		}
	}
}

// nothingUnknown looks for what is still open though the reconciler has had its time, while lists may lie for good: it must
// be definite, or wait for a person or a customer.
func (c *checker) nothingUnknown() {
	for _, id := range c.order {
		op := c.operations[id]
		account := payment.PaymentAccount(op.payment)
		if op.commands[0].Fund != nil {
			account = payment.FundAccount(id)
		}
		stored := c.w.memory.peek(account)
		if held := stored.Operation(id); held != nil && (held.Status() == payment.StatusUnknown || held.Status() == payment.StatusProcessing) {
			c.violated("I7: every operation ends", id, "is %s though the reconciler has had its time", held.Status())
		}
	}
}

func (c *checker) paid(paymentID string) decimal.Decimal {
	p, _ := c.w.ledger.Payment(paymentID)
	return p.PaidPrice
}
