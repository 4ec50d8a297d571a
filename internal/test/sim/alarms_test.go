package sim

import (
	"context"

	"github.com/iade/iade/internal/payment"
)

// alarmed is told of every alarm that a worker raises.
func (k *worker) alarmed(_ context.Context, a payment.Alarm) {
	w := k.world
	if w.flaw == silencesAlarms {
		return
	}
	w.saw(sawCaller, "an alarm is raised: "+string(a.Kind))
	if a.Kind == payment.AlarmNeedsReview {
		delete(w.check.owed, a.OperationID)
	}
}

// owes notes which worker must raise an alarm for what it has just saved: everything that became needs_review (I7).
func (c *checker) owes(k *worker, old, next *payment.Account) {
	for i := range next.Operations {
		op := &next.Operations[i]
		if op.Status() != payment.StatusNeedsReview {
			continue
		}
		if was := old.Operation(op.ID); was == nil || was.Status() != payment.StatusNeedsReview {
			c.owed[op.ID] = k
		}
	}
}

// died forgives a worker what it owed: it was killed between its save and its alarm, and the event is published all the
// same.
func (c *checker) died(k *worker) {
	for id, debtor := range c.owed {
		if debtor == k {
			delete(c.owed, id)
		}
	}
}

// silent looks for alarms that were never raised.
func (c *checker) silent() {
	for _, id := range c.order {
		if k := c.owed[id]; k != nil {
			c.violated("I7: needs_review alarms", id, "became needs_review by a save of %s, and nobody was told", k.name)
		}
	}
}
