package sim

import (
	"math/rand/v2"
	"time"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

func reversalOf(key string) item {
	return item{do: doRequest, tries: 1, command: payment.Command{Kind: payment.KindReversal, PaymentID: "10000001", Key: key}}
}

// reversals is a reversal of a payment of two lines, asked for twice with the same key, whoever goes on with it: its caller does, too,
// once it is proved that its cancel moved nothing.
func reversals(l limits, more ...item) plan {
	p := smallPlan(l, append([]item{reversalOf("a"), reversalOf("a")}, more...)...)
	p.payments[0].Lines = append(p.payments[0].Lines, iyzicotest.LineSpec{PaidPrice: money.MinorUnits(5000, "").Decimal()})
	p.goesOn = true
	return p
}

// aroundMidnight begins seconds before midnight in Istanbul.
func aroundMidnight(build func(limits) plan) func(limits) plan {
	return func(l limits) plan {
		p := build(l)
		p.start = time.Date(2026, time.March, 2, 20, 59, 50, 0, time.UTC)
		p.payments[0].CreatedAt = p.start.Add(-time.Hour)
		return p
	}
}

// inThePanel is a refund of a part of the first line.
func inThePanel() item {
	return item{do: doPanelRefund, command: payment.Command{PaymentID: "10000001", LineID: "20000001", Amount: money.MinorUnits(3000, "")}}
}

// afterAbsence is what may happen to a reversal from the moment on when it is proved that its cancel, which was lost on the way, moved
// nothing: two callers with its key, and a refund in the panel.
func afterAbsence(l limits) plan {
	p := reversals(l, inThePanel())
	p.lostFirst = true
	return p
}

// lied is a reversal whose cancel iyzico may carry out and say that it refused.
func lied(l limits) plan {
	p := reversals(l)
	p.lies = true
	return p
}

// addReversals makes reversals of some cancels and of some refunds of all that is left. A key that comes again mostly says so again.
func addReversals(p *plan, rng *rand.Rand) {
	reverses := rng.IntN(100) < 45
	p.goesOn = rng.IntN(100) < 60
	if !reverses {
		return
	}
	for i := range p.items {
		c := &p.items[i].command
		whole := c.Kind == payment.KindCancel || c.Kind == payment.KindRefund && c.Full && c.LineID == ""
		if whole && (c.Key == "" || c.Key[len(c.Key)-1]%4 > 0 == (rng.IntN(12) > 0)) {
			*c = payment.Command{Kind: payment.KindReversal, PaymentID: c.PaymentID, Key: c.Key, Interactive: c.Interactive}
		}
	}
}

// loseFirst makes the plan's first request, whose cancel is lost on the way, and lets reconcile prove that. Nothing else goes wrong
// meanwhile.
func (w *world) loseFirst() {
	if !w.plan.lostFirst {
		return
	}
	w.calm, w.loses = true, true
	w.begin(w.plan.items[0])
	w.arrived = 1
	w.drain()
	id := w.plan.items[0].command.OperationID()
	for range mostPasses {
		account := w.memory.peek(w.plan.items[0].command.AccountID())
		if op := account.Operation(id); op == nil || op.Status() != payment.StatusUnknown {
			break
		}
		w.clock.advanceTo(w.clock.now.Add(w.plan.window / 4))
		w.reconcile()
		w.drain()
	}
	w.calm, w.passes, w.reconcilers = false, 0, nil
}

// goOn lets the callers of reversals that may go on with refunds ask again.
func (w *world) goOn() {
	if !w.plan.goesOn {
		return
	}
	for _, id := range w.check.order {
		command := w.check.operations[id].commands[0]
		if command.Kind != payment.KindReversal {
			continue
		}
		account := w.memory.peek(command.AccountID())
		if op := account.Operation(id); op != nil && op.Status() == payment.StatusProcessing {
			w.start("client", w.number(), func(k *worker) { k.askAtLast(command) })
			w.drain()
		}
	}
}
