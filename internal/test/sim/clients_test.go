package sim

import (
	"context"
	"fmt"
	"strings"
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
	doCustomer // at iyzico's page, and back
	doApprove  // the merchant, in iyzico's own panel
	doGiveUp   // an operator about a refund to balance that waits
	doReview   // iyzico ends the reviews of payments from balances
	doNotice   // iyzico's notices, and somebody who replays them
	doRestore  // an operator puts an older table in the place of the present one
)

// item is one thing that somebody does. It makes sense whatever the other items are, so that a shrunk plan does, too.
type item struct {
	n       int // its place in the plan as it was drawn
	do      action
	command payment.Command // the request, or the one that is asked about
	record  bool            // from the queue
	tries   int             // how often a client without a definite answer asks; of doCustomer what is done, of doNotice how many notices there are, of doRestore the percentage of saves that is kept
	refund  bool            // refunds a part of what a fund payment made
	approve bool            // how a review ends; of doNotice whether iyzico says that it tried a refund again
}

func (it item) String() string {
	c := it.command
	switch it.do {
	case doRequest, doPreview:
		text := "requests"
		if it.do == doPreview {
			text = "previews"
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
		if c.ChargedTo != "" {
			text += " charged to the " + string(c.ChargedTo)
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
	case doCustomer:
		return it.doing() + " about " + c.OperationID()
	case doApprove:
		return "approves " + c.OperationID()
	case doGiveUp:
		return "gives up " + c.OperationID()
	case doReview:
		return "ends reviews"
	case doNotice:
		return fmt.Sprintf("sends %d notices about %s, tried again: %t", it.tries, c.OperationID(), it.approve)
	case doRestore:
		return "restores the table"
	}
	return "?"
}

// doings are what each action is called where it is counted.
var doings = map[action]string{
	doRequest: "a caller asks over HTTP", doPreview: "a preview", doGetOperation: "an operation is looked at",
	doGetPayment: "a payment is looked at", doList: "unfinished operations are listed", doCheck: "an operator checks",
	doResolve: "an operator resolves", doPanelRefund: "a refund in iyzico's panel", doPanelCancel: "a cancel in iyzico's panel",
	doApprove: "a merchant looks for what to approve", doGiveUp: "an operator gives a balance refund up", doReview: "iyzico ends its reviews",
	doNotice:  "iyzico sends notices",
	doRestore: "an operator restores an older table",
}

var customerDoings = [customerActions]string{
	"a customer confirms and comes back", "a customer declines and comes back", "a customer confirms and never comes back",
	"a customer comes back by a stored link", "a stranger comes back with another token", "a customer comes back twice",
	"a browser is back before our own record is complete",
}

func (it item) doing() string {
	switch {
	case it.do == doCustomer:
		return customerDoings[it.tries]
	case it.do == doRequest && it.record:
		return "a caller asks by the queue"
	}
	return doings[it.do]
}

// begin starts what an item does.
func (w *world) begin(it item) {
	if it.do != doCustomer { // counted when there is a page to come back from
		w.saw(sawCaller, it.doing())
	}
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
	case doCustomer:
		w.start("customer", it.n, func(k *worker) { k.customer(it) })
	case doApprove:
		w.start("merchant", it.n, func(k *worker) { k.merchant(it) })
	case doGiveUp:
		w.start("operator", it.n, func(k *worker) { k.giveUp(it) })
	case doReview:
		w.review(it.approve)
	case doNotice:
		w.start("webhook", it.n, func(k *worker) { k.notify(it) })
	case doRestore:
		w.restore(it.tries)
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
			pause := patience[min(try, len(patience)-1)]
			if k.world.plan.eager {
				pause = k.world.plan.window / 4
			}
			k.sleep(pause)
		}
	}
}

func asksAgain(code payment.Code) bool {
	return code == payment.CodeInProgress || code == payment.CodeOverLimit || code == payment.CodeRateLimited || code == payment.CodeUnavailable
}

// ask makes one request of the product.
func (k *worker) ask(it item) (payment.Result, error) {
	w := k.world
	k.log("%s", it)
	w.stats.Calls++
	k.sends = 0
	question := w.check.asked(it.command)
	if by := question.op.by; by != nil && *by != it.record {
		w.saw(sawCaller, "a key comes again over another entry")
	}
	question.op.by = &it.record
	result, err := k.service.Request(context.Background(), it.command, k.until(), map[bool]payment.Recording{true: payment.RecordAll}[it.record])
	if w.flaw == cachesAnswers && err == nil {
		if kept, ok := w.first[question.op.id]; ok {
			result = kept
		}
		w.first[question.op.id] = result
	}
	if err != nil {
		k.log("is told: %v", err)
		if payment.CodeOf(err) == payment.CodeOverLimit {
			w.saw(sawCaller, "a caller is refused by a limit of the merchant's own")
		}
		if strings.Contains(err.Error(), offReason) {
			w.saw(sawCaller, "a caller is refused because new money is off")
		}
	} else {
		k.log("is told: %s is %s", result.Resource.ID, result.Resource.Status)
		w.told(result.Resource)
	}
	w.check.answered(question, k.sends, result, err)
	return result, err
}

func (k *worker) preview(it item) {
	k.log("%s", it)
	k.world.stats.Calls++
	k.sends = 0
	preview, err := k.service.Preview(context.Background(), it.command, k.until())
	k.log("is told: %s", outcome(preview, err))
	if payment.CodeOf(err) == payment.CodeOverLimit {
		k.world.saw(sawCaller, "a preview shows that a limit is in the way")
	}
	k.world.check.previewed(it.command, k.sends, preview, err)
}

func (k *worker) getOperation(it item) {
	k.log("%s", it)
	k.world.stats.Calls++
	id := it.command.OperationID()
	since := k.world.check.eventsOf(id)
	resource, err := k.service.Operation(context.Background(), id)
	k.log("is told: %s", outcome(resource.Status, err))
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
