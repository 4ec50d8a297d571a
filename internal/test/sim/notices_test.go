package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"

	"github.com/iade/iade/internal/payment"
)

// mostNotices is how many notices one item of a plan sends: the one that iyzico sent, and what somebody makes of it.
const mostNotices = 4

// addNotices has iyzico's notices come at any time, in some worlds: true ones, of payments that nobody asked about, of refunds that
// it says it tries again, and the same ones from somebody who replays them under other codes.
func addNotices(p *plan, rng *rand.Rand) {
	if rng.IntN(100) >= 35 {
		return
	}
	var asked []item
	for _, it := range p.items {
		if it.do == doRequest {
			asked = append(asked, it)
		}
	}
	for range 1 + rng.IntN(5) {
		if len(asked) == 0 {
			return
		}
		it := item{do: doNotice, command: asked[rng.IntN(len(asked))].command, tries: 1 + rng.IntN(mostNotices), approve: rng.IntN(3) == 0}
		p.insert(it, rng)
	}
}

// notify is what the webhook's function does with notices that verify. It asks iyzico nothing, sends nothing, and whatever it
// saves decides nothing.
func (k *worker) notify(it item) {
	w := k.world
	k.hears = true
	n := payment.Notice{PaymentID: it.command.PaymentID, Code: payment.HashCode(fmt.Sprint(it.n)), Retried: it.approve}
	if n.PaymentID == "" { // a fund payment's, which nobody knows yet
		n.PaymentID, n.ConversationID = "19999999", payment.ConversationID(it.command.OperationID(), 1)
	}
	for i := range it.tries {
		if i%2 == 1 {
			n.Code = payment.HashCode(fmt.Sprint(it.n, "-", i)) // the signature does not cover the code
		}
		w.stats.Calls++
		taken, err := k.service.Hint(context.Background(), n)
		k.log("hears of it and is told: %s", outcome(taken, err))
		if taken {
			w.saw(sawCaller, "a notice has a payment read")
		}
	}
	if k.sends > 0 || k.read != nil {
		w.check.violated("a notice decides nothing", "", "%s asked iyzico", k.name)
	}
}

// heard checks what the save of a notice's function changed: when iyzico is read, and nothing about money.
func (c *checker) heard(k *worker, old, next *payment.Account) {
	if !k.hears {
		return
	}
	if !reflect.DeepEqual(old.Totals(), next.Totals()) {
		c.violated("a notice decides nothing", string(next.ID), "the totals changed from %+v to %+v", old.Totals(), next.Totals())
	}
	for i := range next.Operations {
		op := &next.Operations[i]
		if was := old.Operation(op.ID); was == nil || was.Status() != op.Status() || !reflect.DeepEqual(was.Legs, op.Legs) || was.Alarmed != op.Alarmed {
			c.violated("a notice decides nothing", op.ID, "it became %s", op.Status())
		}
	}
}
