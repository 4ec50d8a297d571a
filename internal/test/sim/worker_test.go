package sim

import (
	"fmt"
	"runtime/debug"
	"time"

	"github.com/iade/iade/internal/payment"
)

// worker is one process: a Lambda invocation, say. It runs the production Service on ports of its own.
type worker struct {
	world   *world
	name    string
	skew    time.Duration // its clock minus the true time
	service *payment.Service

	*coroutine
	wakeAt time.Time
	sends  int // money requests that it wrote to the wire in the present call

	at      string            // what it does next, for the table of crash points
	answer  *payment.Answered // that it has not saved yet
	read    *payment.Report   // the last since its last save
	returns bool              // it is a browser's return
	hears   bool              // it takes iyzico's notices
	off     bool              // new money is off for it
}

// start makes the n-th worker of its kind, which does run at the scheduler's leisure.
func (w *world) start(kind string, n int, run func(k *worker)) {
	k := &worker{world: w, name: fmt.Sprintf("%s %d", kind, n), wakeAt: w.clock.now, at: "before it begins"}
	// Clocks differ from worker to worker, the same way in each replay.
	k.skew = time.Duration((n+len(kind))*1103%7-3) * maxSkew / 3
	rules := w.plan.rules(w.flaw)
	if w.flaw != forgetsRestore {
		rules.RestoredAt = w.restoredAt
	}
	k.off = w.moneyOff()
	rules.NewMoneyOff, rules.NewMoneyReason = k.off && w.flaw != forgetsSwitch, offReason
	k.service = payment.NewService(storePort{k}, k.limited(gateway{k}), workerClock{k}, rules)
	k.service.CountIn(usePort{k})
	k.service.OnAlarm(k.alarmed)
	k.service.LimitHints(k.hintSlot)
	k.coroutine = w.crew.take(func() {
		defer func() {
			if r := recover(); r != nil {
				if _, ok := r.(killed); !ok {
					w.check.violated("no panics", "", "%s: %v\n%s", k.name, r, debug.Stack())
				}
			}
		}()
		run(k)
	})
	w.workers = append(w.workers, k)
}

// settled is a pause after an effect. A search over all histories does without: what others do then, they may as well do
// before the next effect, and a kill then is a kill there.
func (k *worker) settled() {
	if !k.world.plan.coarse {
		k.pause()
	}
}

// sleep is a pause that lasts at least d.
func (k *worker) sleep(d time.Duration) {
	k.wakeAt = k.world.clock.now.Add(d)
	k.pause()
}

func (k *worker) now() time.Time { return workerClock{k}.Now() }

// until is the end of the handler's time, 2 s before the function's own 29 s.
func (k *worker) until() time.Time { return k.now().Add(27 * time.Second) }
