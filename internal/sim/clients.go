package sim

import (
	"context"
	"fmt"
	"time"

	"github.com/iade/iade/internal/payment"
)

// action is what an item of the plan does.
type action int

const (
	doRequest action = iota
	doPreview
	doGetOperation
	doGetPayment
	doList
	doCheck
	doResolve
	doPanelRefund // the merchant, in iyzico's own panel
	doPanelCancel
	doReview // iyzico ends the reviews of payments from balances
)

// item is one thing that somebody does. It makes sense whatever the other items are, so that a shrunk plan does, too.
type item struct {
	n       int // its place in the plan as it was drawn
	do      action
	command payment.Command // the request, or the one that is asked about
	record  bool            // from the queue
	tries   int             // how often a client without a definite answer asks
	refund  bool            // refunds a part of what a fund payment made
	approve bool            // how a review ends
}

func (it item) String() string {
	c := it.command
	switch it.do {
	case doRequest, doPreview:
		text := "requests"
		if it.do == doPreview {
			text = "dry-runs"
		}
		text += fmt.Sprintf(" %s of %s", c.Kind, c.PaymentID)
		if c.LineID != "" {
			text += " line " + c.LineID
		}
		if c.Full {
			text += " full"
		} else if c.Kind == payment.KindRefund {
			text += " amount " + c.Amount.String()
		}
		if c.Currency != "" {
			text += " " + string(c.Currency)
		}
		if c.Allocation != "" {
			text += " allocation " + string(c.Allocation)
		}
		if c.Fund != nil {
			text += fmt.Sprintf(" from session %s, %s", c.Fund.SessionToken, c.Fund.PaidAmount)
		}
		if it.do == doRequest {
			text += fmt.Sprintf(" with %s (%s)", c.Key, c.OperationID())
		}
		if it.record {
			text += " by queue"
		}
		return text
	case doGetOperation:
		return "gets " + c.OperationID()
	case doGetPayment:
		return "gets payment " + c.PaymentID
	case doList:
		return "lists unfinished operations"
	case doCheck:
		return "checks " + c.OperationID()
	case doResolve:
		return "resolves what needs review"
	case doPanelRefund:
		return fmt.Sprintf("refunds %s on line %s in iyzico's panel", c.Amount, c.LineID)
	case doPanelCancel:
		return "cancels " + c.PaymentID + " in iyzico's panel"
	case doReview:
		return "ends reviews"
	}
	return "?"
}

// begin starts what an item does.
func (w *world) begin(it item) {
	switch it.do {
	case doRequest:
		name := "client"
		if it.record {
			name = "queue"
		}
		w.start(name, it.n, func(k *worker) { k.client(it) })
	case doPreview:
		w.start("client", it.n, func(k *worker) { k.preview(it) })
	case doGetOperation:
		w.start("client", it.n, func(k *worker) { k.getOperation(it) })
	case doGetPayment:
		w.start("client", it.n, func(k *worker) { k.getPayment(it.command.PaymentID) })
	case doList:
		w.start("client", it.n, func(k *worker) { k.list(it) })
	case doCheck:
		w.start("operator", it.n, func(k *worker) { k.checkNow(it) })
	case doResolve:
		w.start("operator", it.n, func(k *worker) { k.resolve() })
	case doPanelRefund, doPanelCancel:
		w.panel(it)
	case doReview:
		w.review(it.approve)
	}
}

// panel is what the merchant does at iyzico, past us.
func (w *world) panel(it item) {
	w.log("merchant", "%s", it)
	var err error
	if it.do == doPanelRefund {
		_, err = w.ledger.PanelRefund(it.command.LineID, it.command.Amount.Decimal())
	} else {
		_, err = w.ledger.PanelCancel(it.command.PaymentID)
	}
	if err != nil {
		w.log("merchant", "%v", err)
	}
	if err == nil || w.plan.failedAttempts {
		w.check.cause(it.command.PaymentID, causePanel)
	}
}

// patience is how long a client waits before it asks once more.
var patience = []time.Duration{time.Second, 25 * time.Second, 10 * time.Minute, time.Hour}

// client asks until it has a definite answer or has asked often enough: with the same key while the outcome is open, and
// with a new one after a definite "no".
func (k *worker) client(it item) {
	for try := range it.tries {
		result, err := k.ask(it)
		switch status := result.Resource.Status; {
		case err == nil && status == payment.StatusSucceeded:
			if it.refund {
				k.refundMade(result.Resource)
			}
			return
		case err == nil && (status == payment.StatusRejected || status == payment.StatusNotExecuted):
			it.command.Key += "'"
		case err != nil && !asksAgain(payment.CodeOf(err)):
			return
		}
		if try+1 < it.tries {
			k.sleep(patience[min(try, len(patience)-1)])
		}
	}
}

func asksAgain(code payment.Code) bool {
	return code == payment.CodeInProgress || code == payment.CodeRateLimited || code == payment.CodeUnavailable
}

// ask makes one request of the product.
func (k *worker) ask(it item) (payment.Result, error) {
	w := k.world
	k.log("%s", it)
	w.stats.Calls++
	k.sends = 0
	question := w.check.asked(it.command)
	result, err := k.service.Request(context.Background(), it.command, k.until(), it.record)
	if err != nil {
		k.log("is told: %v", err)
	} else {
		k.log("is told: %s is %s", result.Resource.ID, result.Resource.Status)
	}
	w.check.answered(question, k.sends, result, err)
	return result, err
}

func (k *worker) preview(it item) {
	k.log("%s", it)
	k.world.stats.Calls++
	k.sends = 0
	preview, err := k.service.Preview(context.Background(), it.command, k.until())
	k.log("is told: %v %v", preview, err)
	k.world.check.previewed(it.command, k.sends, preview, err)
}

func (k *worker) getOperation(it item) {
	k.log("%s", it)
	k.world.stats.Calls++
	id := it.command.OperationID()
	since := k.world.check.eventsOf(id)
	resource, err := k.service.Operation(context.Background(), id)
	k.log("is told: %s %v", resource.Status, err)
	k.world.check.shown(id, since, resource, err)
}

func (k *worker) getPayment(paymentID string) {
	k.log("gets payment %s", paymentID)
	k.world.stats.Calls++
	view, err := k.service.Payment(context.Background(), paymentID, 0, k.until())
	k.log("is told: paid %s, refunded %s, reserved %s, refundable %s %v",
		view.PaidAmount, view.RefundedAmount, view.ReservedAmount, view.RefundableAmount, err)
	k.world.check.viewed(view, err)
}

func (k *worker) list(it item) {
	k.log("%s", it)
	k.world.stats.Calls++
	cursor := ""
	for {
		_, next, err := k.service.Operations(context.Background(), payment.OperationFilter{}, cursor, 10)
		if err != nil || next == "" {
			return
		}
		cursor = next
	}
}
