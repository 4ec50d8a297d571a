package sim

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// What a customer does with iyzico's page, and how the browser comes back.
const (
	customerConfirms = iota // and the browser comes back
	customerGivesUp         // and the browser comes back
	customerCloses          // confirms, and the callback is missing
	customerReturns         // the browser comes back without an answer: a stored link
	strangerGuesses         // somebody with the link's state and another token
	customerTwice           // confirms, and the browser comes back twice
	customerEarly           // the browser comes back though nobody was told of the page: our own record is not complete yet
	customerActions
)

// balanceExpiry is BALANCE_REFUND_EXPIRY in every world.
const balanceExpiry = 6 * time.Hour

// page is iyzico's page of one balance refund, as iyzico knows it.
type page struct {
	token string
	told  bool // a caller was given its url
}

// addBalances adds refunds to balance to a plan, on payments that have other refunds too, and what customers and merchant do
// about them.
func addBalances(p *plan, rng *rand.Rand) {
	if rng.IntN(100) >= 45 {
		return
	}
	others := len(p.payments)
	for range 1 + rng.IntN(2) {
		p.payments = append(p.payments, newPayment(rng, p.start.Add(p.offset)))
	}
	targets := p.targets()
	if rng.IntN(4) > 0 {
		targets = targets[others:] // payments that nobody refunds to a card
	}
	var asked []payment.Command
	for n := range 2 + rng.IntN(8) {
		it := item{tries: 1 + rng.IntN(3), command: payment.Command{
			Kind: payment.KindBalanceRefund, Destination: payment.ToBalance, PaymentID: targets[rng.IntN(len(targets))].id,
			Key: "balance-" + string(rune('a'+n)), Interactive: true,
		}}
		it.do = doRequest
		if len(asked) > 0 {
			earlier := asked[rng.IntN(len(asked))]
			switch rng.IntN(8) {
			case 0:
				it.command = earlier
			case 1, 2, 3:
				it.do, it.command, it.tries = doCustomer, earlier, rng.IntN(customerActions)
			case 4, 5:
				it.do, it.command = doApprove, earlier
			case 6:
				it.do, it.command = doGiveUp, earlier
			}
		}
		if it.do == doRequest {
			asked = append(asked, it.command)
		}
		p.insert(it, rng)
		if rng.IntN(24) == 0 {
			p.insert(panelRefund(targets, it.command.PaymentID), rng)
		}
		if it.do == doCustomer && rng.IntN(3) > 0 {
			p.insert(item{do: doApprove, command: it.command}, rng)
		}
	}
}

// panelRefund is a cent of the payment that the merchant refunds in iyzico's panel while the customer has its page.
func panelRefund(targets []target, paymentID string) item {
	i := slices.IndexFunc(targets, func(t target) bool { return t.id == paymentID })
	return item{do: doPanelRefund, command: payment.Command{PaymentID: paymentID, LineID: targets[i].lines[0], Amount: money.MinorUnits(1, "")}}
}

// insert puts an item somewhere into the plan: after the request that it is about, and after what customers do about that.
func (p *plan) insert(it item, rng *rand.Rand) {
	first := 0
	for i, x := range p.items {
		about := x.command.Kind.Known() && it.command.Kind.Known() && x.command.OperationID() == it.command.OperationID()
		if about && (it.do != doRequest && x.do == doRequest || it.do == doApprove && x.do == doCustomer) {
			first = i + 1
		}
	}
	it.n = len(p.items) + 1
	p.items = slices.Insert(p.items, first+rng.IntN(len(p.items)-first+1), it)
}

// openPage lets iyzico open the customer's page.
func (w *world) openPage(c payment.Call) error {
	token, err := w.ledger.InitBalanceRefund(c.PaymentID, c.ConversationID, "https://iade.example/balance-callback/state")
	if err == nil {
		w.pages[c.OperationID] = append(w.pages[c.OperationID], page{token: token})
		w.opened[c.ConversationID] = token
	}
	return err
}

// pageAnswer is what iyzico says of the page.
func (w *world) pageAnswer(c payment.Call) payment.Answered {
	token := w.opened[c.ConversationID]
	return payment.Answered{Verdict: payment.VerdictOpened, Opened: &payment.Opened{SealedURL: token, TokenHash: payment.HashToken(token)}}
}

// told notes the page whose url a caller was given: only such a page can be confirmed.
func (w *world) told(r payment.Resource) {
	pages := w.pages[r.ID]
	for i := range pages {
		pages[i].told = pages[i].told || pages[i].token == r.SealedURL
	}
}

// customer is the customer, or a stranger, at iyzico's page and back.
func (k *worker) customer(it item) {
	w, id := k.world, it.command.OperationID()
	i := -1
	for n := range w.waits() {
		if i = slices.IndexFunc(w.pages[id], func(p page) bool { return p.told || it.tries == customerEarly }); i >= 0 {
			break
		}
		if n+1 < w.waits() {
			k.sleep(time.Minute)
		}
	}
	if i < 0 {
		return
	}
	w.saw(sawCaller, it.doing())
	token := w.pages[id][i].token
	var err error
	switch it.tries {
	case customerConfirms, customerCloses, customerTwice:
		err = w.ledger.ConfirmBalanceRefund(token)
	case customerGivesUp:
		err = w.ledger.DeclineBalanceRefund(token)
	}
	k.log("%s; iyzico says: %s", it, outcome("well", err))
	if it.tries == customerCloses {
		return
	}
	if it.tries == strangerGuesses {
		token = "guess"
		w.check.cause(it.command.PaymentID, "a stranger had the callback's state") // while it is being sent, nobody can tell
	}
	if it.tries == customerEarly {
		w.check.cause(it.command.PaymentID, "a browser came back before the answer to the init was saved") // which may be lost
	}
	w.check.returned[id] = w.check.returned[id] || it.tries != strangerGuesses
	k.comeBack(id, token)
	if it.tries == customerTwice {
		k.comeBack(id, token)
	}
}

// comeBack is what the callback's function does with a browser's request.
func (k *worker) comeBack(id, token string) {
	w := k.world
	w.stats.Calls++
	k.returns = true
	since := w.check.eventsOf(id)
	resource, err := k.service.Return(context.Background(), id, payment.HashToken(token))
	k.log("comes back and is told: %s", outcome(resource.Status, err))
	if err == nil {
		w.check.shown(id, since, resource, nil)
	}
}

// mostWaits is how often customer and merchant look again whether it is their turn.
const mostWaits = 8

// waits is mostWaits, or 1 in a search over all choices: there they come at every moment.
func (w *world) waits() int {
	if w.plan.limits.switches != anySwitches {
		return 1
	}
	return mostWaits
}

// merchant waits for something to approve in iyzico's panel.
func (k *worker) merchant(it item) {
	for n := range k.world.waits() {
		before := k.world.stats.Balances
		if k.world.approve(it); k.world.stats.Balances > before || n+1 == k.world.waits() {
			return
		}
		k.sleep(2 * time.Minute)
	}
}

// approve approves every page that a customer has confirmed.
func (w *world) approve(it item) {
	id := it.command.OperationID()
	for _, p := range w.pages[id] {
		account := w.memory.peek(payment.PaymentAccount(it.command.PaymentID))
		if w.ledger.ApproveBalanceRefund(p.token) != nil {
			continue
		}
		w.stats.Executions++
		w.stats.Balances++
		w.log("merchant", "approves %s in iyzico's panel", id)
		if op := account.Operation(id); op == nil || !op.Status().Unfinished() || w.check.deciding[id] {
			w.check.cause(it.command.PaymentID, causePanel) // given up here, just now or before, and iyzico's link still worked
			w.check.cause(it.command.PaymentID, causeLateApproval)
		}
		account.PaymentID = it.command.PaymentID
		w.check.covered(&account)
	}
}

const causeLateApproval = "the merchant approved what was given up"

// giveUp is an operator who does not want to wait any longer for a refund: he records what iyzico's books say.
func (k *worker) giveUp(it item) {
	id := it.command.OperationID()
	decision, reason := payment.DecideNotExecuted, "the customer gave up"
	if k.world.check.movedBy(&operation{id: id, payment: it.command.PaymentID}).IsPositive() {
		decision, reason = payment.DecideSucceeded, "the merchant approved it"
	}
	for _, p := range k.world.pages[id] {
		if b, ok := k.world.ledger.BalanceRefund(p.token); ok && b.Stage != iyzicotest.BalanceOpened {
			k.world.check.cause(it.command.PaymentID, causePanel) // the merchant may approve it in this very moment
			k.world.check.cause(it.command.PaymentID, causeLateApproval)
		}
	}
	k.world.check.deciding[id] = true
	since := k.world.check.eventsOf(id)
	resource, err := k.service.Resolve(context.Background(), id, decision, reason, "operator-1", k.until())
	k.log("says that %s is %s and is told: %s", id, decision, outcome(resource.Status, err))
	k.world.check.shown(id, since, resource, err)
}

// waited notes how long a balance refund has waited when it is published as needs_review: after its time a person is
// asked for rightly.
func (c *checker) waited(op *operation, d payment.Detail) {
	since, waits := c.waiting[op.id]
	switch {
	case d.Status == payment.StatusAwaitingCustomer || d.Status == payment.StatusAwaitingMerchant:
		c.waiting[op.id] = d.UpdatedAt
	case waits && d.Status == payment.StatusNeedsReview && d.UpdatedAt.Sub(since) >= c.w.plan.rules(c.w.flaw).BalanceExpiry-2*maxSkew:
		c.cause(op.payment, "nobody acted at iyzico in time")
	}
}
