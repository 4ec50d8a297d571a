package sim

import (
	"context"
	"time"

	"github.com/iade/iade/internal/payment"
)

// mostPasses is how many looks of the reconciler must be enough for everything to come to rest (I7): a few reads for
// each unknown outcome, two follow-ups for each definite "no", a day of ever rarer looks for each refund to balance.
const mostPasses = 600

// rest lets everything that is open come to an end without further faults, asks every key once more, and has the end
// checked.
func (w *world) rest() {
	if !w.check.ok() {
		return
	}
	w.calm = true
	w.log("world", "from here on nothing goes wrong")
	w.drain()
	w.settle()
	if timers := w.clock.timers; len(timers) > 0 {
		w.clock.advanceTo(timers[len(timers)-1].at)
		w.settle()
	}
	if w.check.ok() {
		w.check.nothingUnknown()
	}
	w.honest = true // who looks then, sees the truth
	w.settle()
	if w.plan.operator {
		w.clock.advanceTo(w.clock.now.Add(2 * time.Minute))
		w.start("operator", w.number(), func(k *worker) { k.resolve() })
		w.drain()
		w.settle()
	}
	for _, id := range w.check.order {
		commands := w.check.operations[id].commands
		if !w.restored() {
			commands = commands[:1] // else only what was accepted is recognised
		}
		for _, command := range commands {
			w.start("client", w.number(), func(k *worker) { k.askAtLast(command) })
			w.drain()
		}
	}
	w.settle()
	for _, t := range w.plan.targets() {
		w.start("client", w.number(), func(k *worker) { k.last(t.id) })
		w.drain()
	}
	for _, id := range w.made {
		if w.memory.peek(payment.PaymentAccount(id)).Version > 0 {
			w.start("client", w.number(), func(k *worker) { k.last(id) })
			w.drain()
		}
	}
	for _, command := range w.check.commands() {
		if command.Fund != nil {
			w.start("operator", w.number(), func(k *worker) { k.lastFund(command.OperationID()) })
			w.drain()
		}
	}
	if w.check.ok() {
		w.check.end()
		w.check.silent()
	}
}

// reviewTime is how long needs_review is read again, hourly, before the world takes it to wait for a person.
const reviewTime = 3 * time.Hour

// settle runs the reconciler whenever something is due, until only people can go on.
func (w *world) settle() {
	since := w.clock.now
	for range mostPasses {
		due := w.nextDue(w.clock.now.Sub(since) > reviewTime)
		if due.IsZero() || !w.check.ok() {
			return
		}
		w.review(true) // iyzico ends every review some time
		// By any worker's clock it is due then; the reconciler is scheduled every minute.
		w.clock.advanceTo(latest(due.Add(2*maxSkew), w.clock.now.Add(time.Minute)))
		w.reconcile()
		w.drain()
		w.goOn()
	}
	w.check.violated("I7: every operation ends", "", "something is still due after %d looks", mostPasses)
}

// number numbers the workers that come after the plan's.
func (w *world) number() int {
	w.last++
	return 100 + w.last
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// nextDue is when the reconciler must look next; zero if nothing is due, or, with patience, if all that is open waits for
// a person.
func (w *world) nextDue(patient bool) time.Time {
	var due time.Time
	for id, s := range w.memory.accounts {
		if s.due.IsZero() || patient && w.waitsForPeople(id) {
			continue
		}
		if due.IsZero() || s.due.Before(due) {
			due = s.due
		}
	}
	return due
}

func (w *world) waitsForPeople(id payment.AccountID) bool {
	account := w.memory.peek(id)
	reviews := 0
	for _, op := range account.View(0, time.Time{}).Operations {
		switch {
		case len(account.Operation(op.ID).FollowUps) > 0:
			return false // a definite "no" is looked at again
		case op.Status == payment.StatusNeedsReview:
			reviews++
		case op.Status.Unfinished():
			return false
		}
	}
	// A Refund v2 whose line reports never show, for they hide its id, is looked for ever more rarely.
	return reviews > 0 || w.plan.hideIDs || w.check.lied
}

// mostAsked is how often somebody asks who is told to come back: iyzico's clock may be ten minutes behind ours, and its report
// then seems that much older.
const mostAsked = 15

// askAtLast asks once more, and again while the answer is to come back later.
func (k *worker) askAtLast(command payment.Command) {
	for range mostAsked {
		if _, err := k.ask(item{do: doRequest, command: command}); payment.CodeOf(err) != payment.CodeUnavailable {
			return
		}
		k.sleep(time.Minute)
	}
}

// last reads what an operator could read in the end: iyzico's report once more, each operation, and the payment.
func (k *worker) last(paymentID string) {
	w, ctx := k.world, context.Background()
	view, err := k.service.Payment(ctx, paymentID, 0, k.until())
	if err == nil && len(view.Operations) > 0 {
		if _, err = k.service.Check(ctx, view.Operations[0].ID, k.until()); err == nil {
			view, err = k.service.Payment(ctx, paymentID, 0, k.until())
		}
	}
	w.check.final(paymentID, view, err)
}
