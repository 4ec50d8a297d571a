package sim

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// definite tells whether a status may change only by contradicting evidence (I5).
func definite(s payment.Status) bool {
	switch s {
	case payment.StatusSucceeded, payment.StatusPartiallySucceeded, payment.StatusRejected, payment.StatusNotExecuted, payment.StatusExpired:
		return true
	case payment.StatusProcessing, payment.StatusNotSent, payment.StatusUnknown, payment.StatusNeedsReview,
		payment.StatusAwaitingCustomer, payment.StatusAwaitingMerchant, payment.StatusInReview:
		return false
	}
	return false
}

// published looks at one event as a consumer gets it.
func (c *checker) published(change payment.Change) {
	d := change.Detail
	if last := c.sequences[fundSequence(d)]; d.Sequence < last {
		c.violated("I8: events come in order", d.ID, "event %s has sequence %d after %d", change.DetailType, d.Sequence, last)
	}
	c.sequences[fundSequence(d)] = d.Sequence
	op := c.operations[d.ID]
	if op == nil {
		c.violated("I8: events are true", d.ID, "event %s of an operation that nobody asked for", change.DetailType)
		return
	}
	c.waited(op, d)
	if n := len(op.events); n > 0 && definite(op.events[n-1].Status) {
		c.revised(op, op.events[n-1], d)
	}
	op.events = append(op.events, d)
	c.legsAreTrue(&d.Resource)
}

// revised looks at a definite status that changed (I5).
func (c *checker) revised(op *operation, was, now payment.Detail) {
	if now.Status != payment.StatusNeedsReview {
		c.violated("I5: a definite outcome never changes silently", op.id, "was published as %s and then as %s", was.Status, now.Status)
		return
	}
	if was.Status == payment.StatusExpired && c.returned[op.id] {
		c.cause(op.payment, "a browser came back after a person had given the refund up")
		return
	}
	claimed, err := decimal.NewFromString(was.RefundedAmount)
	if was.Kind == payment.KindFundPayment {
		claimed, err = decimal.Zero, nil
		if was.Status == payment.StatusSucceeded {
			claimed, err = decimal.NewFromString(was.PaidPrice)
		}
	}
	if moved := c.movedBy(op); err == nil && !moved.GreaterThan(claimed) && !c.lied && !c.w.plan.hideIDs && !c.lookalike(op) { // a lie is evidence, too, for who cannot know
		c.violated("I5: a definite outcome never changes without evidence", op.id,
			"was published as %s of %s and then as %s, while iyzico moved %s", was.Status, was.RefundedAmount, now.Status, moved)
	}
}

// lookalike tells whether something of the operation's amount, or of one of its legs', was moved in iyzico's panel, or by a refund whose id iyzico does not show: it could be
// an attempt's own money, and is evidence that it may be.
func (c *checker) lookalike(op *operation) bool {
	for _, x := range c.w.ledger.Executions(op.payment) {
		hidden := x.Path == iyzicotest.PathMerchantCharge && c.w.plan.chargeIn == iyzicotest.ChargeUnnamed && operationOf(x) != op.id
		if x.ConversationID != "" && !hidden || x.Kind != iyzicotest.KindRefund && x.Kind != iyzicotest.KindCancel {
			continue
		}
		for _, e := range op.events {
			moved := x.Price.Truncate(2).StringFixed(2)
			if moved == e.Amount || slices.ContainsFunc(e.Legs, func(l payment.LegView) bool { return l.Amount == moved }) {
				return true
			}
		}
	}
	return false
}

// answered looks at what a request was told.
func (c *checker) answered(q question, sends int, result payment.Result, err error) {
	if err != nil {
		c.refusedToCaller(q, sends, err)
		return
	}
	r := &result.Resource
	if sends > 0 && !result.Sent {
		c.violated("I6: an answer tells whether it sent", q.op.id, "%d requests were written, and the answer says none", sends)
	}
	if r.ID != q.op.id || r.Kind != q.command.Kind || r.PaymentID != q.command.PaymentID && q.command.Fund == nil {
		c.violated("I6: same key, same operation", q.op.id, "was answered with %s %s of %s", r.Kind, r.ID, r.PaymentID)
	}
	if q.command.Kind == payment.KindRefund && !q.command.Full && r.Amount != q.command.Amount.String() {
		c.violated("I6: same key, same operation", q.op.id, "asked for %s, was answered with %s", q.command.Amount, r.Amount)
	}
	if r.Status != payment.StatusUnknown || !result.Sent { // an answer that could not be saved is told as unknown
		c.shown(q.op.id, q.since, *r, nil)
	}
	if before, quiet := q.settledBefore(); quiet && before != r.Status {
		c.violated("I6: same key, same answer", q.op.id, "was %s, was answered with %s", before, r.Status)
	}
	if q.op.bound != nil && c.body(*q.op.bound) != c.body(q.command) {
		if before, quiet := q.settledBefore(); quiet {
			c.violated("I6: a key is one request", q.op.id, "is %s for another body, and this one was accepted", before)
		}
	}
	if definite(r.Status) {
		bound := q.command
		q.op.bound = &bound
	}
}

// settledBefore gives the status that the operation had before and all during the call, if that is definite.
func (q question) settledBefore() (payment.Status, bool) {
	if q.since == 0 || len(q.op.events) > q.since {
		return "", false
	}
	status := q.op.events[q.since-1].Status
	return status, definite(status)
}

func (c *checker) refusedToCaller(q question, sends int, err error) {
	if sends > 0 {
		c.violated("I6: an error means that nothing was sent", q.op.id, "%d requests were written, and the caller was told: %v", sends, err)
	}
	code := payment.CodeOf(err)
	q.op.tooMuch = q.op.tooMuch || c.w.calm && code == payment.CodeExceedsRefundable
	if code == payment.CodeInternal {
		c.violated("no internal errors", q.op.id, "%v", err)
	}
	status, quiet := q.settledBefore()
	if !quiet || code == payment.CodeUnavailable || code == payment.CodeRateLimited {
		return
	}
	if q.op.bound == nil || code == payment.CodeKeyReused && c.body(*q.op.bound) != c.body(q.command) {
		return
	}
	c.violated("I6: same key, same answer", q.op.id, "is %s, and the caller was told: %v", status, err)
}

// shown looks at an operation that somebody was shown: its status must be one that it had since the call began, and be
// true.
func (c *checker) shown(id string, since int, r payment.Resource, err error) {
	if err != nil {
		if payment.CodeOf(err) == payment.CodeInternal {
			c.violated("no internal errors", id, "%v", err)
		}
		return
	}
	op := c.operations[id]
	if op == nil {
		c.violated("I6: an operation is what was asked for", id, "is shown and nobody asked for it")
		return
	}
	c.legsAreTrue(&r)
	if !r.Status.Published() {
		return
	}
	for _, e := range op.events[max(0, since-1):] {
		if e.Status == r.Status {
			return
		}
	}
	c.violated("I8: what is shown was published", id, "is shown as %s, which it was not during the call", r.Status)
}

// legsAreTrue compares what is said of each leg with iyzico's books.
func (c *checker) legsAreTrue(r *payment.Resource) {
	if c.w.plan.untrue() {
		return // iyzico itself said that the money had not moved
	}
	if c.mistaken[r.ID] {
		return // a person said so
	}
	if c.w.restored() {
		c.sumIsTrue(r)
		return
	}
	for _, leg := range r.Legs {
		n := 0
		for _, x := range c.w.ledger.Executions(r.PaymentID) {
			if leg.ConversationID == "" || x.ConversationID != leg.ConversationID {
				continue
			}
			n++
			if amount := x.Price.Truncate(2).StringFixed(2); amount != leg.Amount {
				c.violated("I1: what was asked is what moves", leg.ConversationID, "is a leg of %s and iyzico moved %s", leg.Amount, amount)
			}
			if x.PaymentTransactionID != "" && leg.PaymentTransactionID != "" && x.PaymentTransactionID != leg.PaymentTransactionID {
				c.violated("I1: what was asked is what moves", leg.ConversationID, "is on line %s and iyzico took line %s", leg.PaymentTransactionID, x.PaymentTransactionID)
			}
		}
		switch leg.Status {
		case payment.StatusSucceeded:
			if n != 1 && !c.refundedInPanel(r) {
				c.w.stats.FalseYeses++
				c.violated("I5: succeeded means executed", leg.ConversationID, "is succeeded and was executed %d times", n)
			}
		case payment.StatusRejected, payment.StatusNotExecuted, payment.StatusNotSent:
			if n != 0 && !c.falseNoes[leg.ConversationID] {
				c.falseNoes[leg.ConversationID] = true
				c.w.stats.FalseNoes++
			}
			if n != 0 && !c.w.plan.bothHide {
				c.violated("I5: a definite no means not executed", leg.ConversationID, "is %s and was executed %d times", leg.Status, n)
			}
		case payment.StatusProcessing, payment.StatusPartiallySucceeded, payment.StatusUnknown, payment.StatusNeedsReview,
			payment.StatusAwaitingCustomer, payment.StatusAwaitingMerchant, payment.StatusExpired, payment.StatusInReview:
		}
	}
}

// sumIsTrue compares an operation as a whole with iyzico's books: after a restore of the table its attempts have other
// numbers than they had.
func (c *checker) sumIsTrue(r *payment.Resource) {
	op := c.operations[r.ID]
	if op == nil {
		return
	}
	moved, shown := c.movedBy(op), decimal.Zero
	for _, leg := range r.Legs {
		if leg.Status == payment.StatusSucceeded {
			shown = shown.Add(decimal.RequireFromString(leg.Amount))
		}
	}
	if slices.Contains(c.causes[op.payment], causeLateApproval) {
		return // an older page of the same refund, which the table forgot, may be approved at any moment
	}
	none := r.Status == payment.StatusRejected || r.Status == payment.StatusNotExecuted // not_sent asks again, and reads first
	if shown.GreaterThan(moved) && !c.refundedInPanel(r) || none && moved.IsPositive() {
		c.violated("I5: a definite outcome is true", r.ID, "is %s with %s, and iyzico moved %s", r.Status, shown, moved)
	}
}

// previewed looks at the answer to a preview.
func (c *checker) previewed(command payment.Command, sends int, p payment.Preview, err error) {
	id := "preview of " + command.PaymentID
	if sends > 0 {
		c.violated("a preview sends nothing", id, "%d requests were written", sends)
	}
	if err != nil {
		if payment.CodeOf(err) == payment.CodeInternal {
			c.violated("no internal errors", id, "%v", err)
		}
		return
	}
	sum := decimal.Zero
	for _, leg := range p.Legs {
		amount, err := decimal.NewFromString(leg.Amount)
		if err != nil || !amount.IsPositive() {
			c.violated("a preview is what would happen", id, "has a leg of %q", leg.Amount)
		}
		sum = sum.Add(amount)
	}
	if command.Kind == payment.KindRefund && !command.Full && !sum.Equal(command.Amount.Decimal()) {
		c.violated("a preview is what would happen", id, "asked for %s, its legs sum to %s", command.Amount, sum)
	}
	if command.Kind == payment.KindRefund && sum.StringFixed(2) > p.Refundable && sum.GreaterThan(decimal.RequireFromString(p.Refundable)) {
		c.violated("a preview is what would happen", id, "legs of %s, refundable %s", sum, p.Refundable)
	}
}
