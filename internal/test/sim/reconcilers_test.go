package sim

import (
	"context"
	"time"

	"github.com/iade/iade/internal/payment"
)

// reconcile starts one run of the scheduled reconciler.
func (w *world) reconcile() {
	w.passes++
	w.start("reconciler", w.passes, func(k *worker) {
		done, err := k.service.Reconcile(context.Background(), k.now().Add(25*time.Second))
		if done.Looked > 0 && !w.calm || done.Settled > 0 || err != nil {
			k.log("looked at %d accounts, settled %d, %d unreadable: %s", done.Looked, done.Settled, done.Unreadable, outcome("done", err))
		}
		if k.sends > 0 {
			w.check.violated("I2: the reconciler never sends", "", "%s wrote %d requests", k.name, k.sends)
		}
	})
	w.reconcilers = append(w.reconcilers, w.workers[len(w.workers)-1])
}

// checkNow is an operator who does not want to wait for the reconciler.
func (k *worker) checkNow(it item) {
	k.log("%s", it)
	k.world.stats.Calls++
	id := it.command.OperationID()
	since := k.world.check.eventsOf(id)
	resource, err := k.service.Check(context.Background(), id, k.until())
	k.log("is told: %s", outcome(resource.Status, err))
	k.world.check.shown(id, since, resource, err)
}

// resolve is an operator who looks into iyzico's books for everything that needs review, and says what is there. He
// waits until the attempt cannot be under way any more: that is what iyzico's support tells him.
func (k *worker) resolve() {
	k.log("resolves what needs review")
	k.world.stats.Calls++
	filter := payment.OperationFilter{Statuses: []payment.Status{payment.StatusNeedsReview}}
	open, _, err := k.service.Operations(context.Background(), filter, "", 100)
	if err != nil {
		return
	}
	for _, op := range open {
		if k.world.late[op.ID] > 0 || k.now().Sub(op.UpdatedAt) < time.Minute {
			continue
		}
		decision, ok := k.world.truth(op)
		if !ok {
			continue
		}
		if decision == payment.DecideSucceeded && k.world.plan.wrong && k.world.choose(2, askRight) == 1 {
			decision = payment.DecideNotExecuted
			k.world.check.mistaken[op.ID] = true
			k.world.check.cause(op.PaymentID, causeMistaken)
			k.world.check.cause(op.PaymentID, causePanel)
		}
		k.world.check.deciding[op.ID] = true
		since := k.world.check.eventsOf(op.ID)
		k.world.check.resolved = append(k.world.check.resolved, op.ID)
		resource, err := k.service.Resolve(context.Background(), op.ID, decision, "looked it up", "operator-1", k.until())
		if payment.CodeOf(err) == payment.CodeNotResolvable {
			delete(k.world.check.mistaken, op.ID)
		}
		k.log("says that %s is %s and is told: %s", op.ID, decision, outcome(resource.Status, err))
		k.world.check.shown(op.ID, since, resource, err)
	}
}

// truth is what iyzico's books say of the legs that wait for a person; false if they do not agree with each other.
func (w *world) truth(op payment.Resource) (payment.Decision, bool) {
	done, not := 0, 0
	if w.restored() { // attempts have other numbers than they had
		moved := w.check.movedBy(&operation{id: op.ID, payment: op.PaymentID})
		switch {
		case op.Kind == payment.KindFundPayment:
			return "", false
		case moved.IsZero():
			return payment.DecideNotExecuted, true
		case moved.StringFixed(2) == op.Amount:
			return payment.DecideSucceeded, true
		}
		return "", false
	}
	for _, leg := range op.Legs {
		switch {
		case leg.Status != payment.StatusNeedsReview:
		case w.reviewing(leg.ConversationID):
			return "", false
		case w.check.executions(op.PaymentID, leg.ConversationID) > 0:
			done++
		default:
			not++
		}
	}
	switch {
	case done > 0 && not == 0:
		return payment.DecideSucceeded, true
	case not > 0 && done == 0:
		return payment.DecideNotExecuted, true
	}
	return "", false
}
