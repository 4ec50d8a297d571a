package sim

import (
	"slices"
	"time"
)

// limits bound what the scheduler may choose, so that a search over all choices ends.
type limits struct {
	faults     int // effects that go wrong, and kills
	jumps      int // times that time passes while something could happen
	reconciles int
}

// mostReconcilers run at once: two invocations of a scheduled function may overlap.
const mostReconcilers = 2

// play runs the plan's items with all that may go wrong, until no worker is left. Time passes by choice only.
func (w *world) play() {
	for w.check.ok() {
		awake := w.awake()
		switch {
		case len(awake) > 0:
			w.then(awake)
		case w.arrived < len(w.plan.items):
			w.idle()
		case len(w.workers) > 0:
			w.wakeNext()
		default:
			w.played = w.clock.now.Sub(w.plan.start)
			return
		}
	}
	w.abandon()
}

// then is asked while workers could go on. 0: one does; 1: time passes; 2: a reconciler starts; 3: the next request
// arrives.
func (w *world) then(awake []*worker) {
	n := 4
	if w.arrived == len(w.plan.items) {
		n = 3
	}
	switch w.choose(n, askThen) {
	case 0:
		w.resume(awake[w.choose(len(awake), askWho)])
	case 1:
		w.jump()
	case 2:
		w.reconcile()
	case 3:
		w.arrive()
	}
}

// idle is asked when nobody could go on and requests are to come. 0: the next one arrives; 1: time passes; 2: a
// reconciler starts.
func (w *world) idle() {
	switch w.choose(3, askIdle) {
	case 0:
		w.arrive()
	case 1:
		w.jump()
	case 2:
		w.reconcile()
	}
}

// drain lets every worker end, in order and without faults.
func (w *world) drain() {
	for w.check.ok() && len(w.workers) > 0 {
		if awake := w.awake(); len(awake) > 0 {
			w.resume(awake[0])
		} else {
			w.wakeNext()
		}
	}
	w.abandon()
}

// choose asks the chooser, unless there is nothing to choose or all goes well now.
func (w *world) choose(n int, what string) int {
	if n < 2 || w.calm {
		return 0
	}
	w.stats.Choices++
	answer := w.chooser.Choose(n, what)
	w.answers = append(w.answers, answer)
	return answer
}

// fault asks what goes wrong with an effect: 0 is nothing.
func (w *world) fault(n int, what string) int {
	if w.faults >= w.plan.limits.faults {
		return 0
	}
	answer := w.choose(n, what)
	if answer > 0 {
		w.faults++
		w.stats.Faults++
	}
	return answer
}

func (w *world) awake() []*worker {
	var awake []*worker
	for _, k := range w.workers {
		if !k.wakeAt.After(w.clock.now) {
			awake = append(awake, k)
		}
	}
	return awake
}

// resume lets a worker go on to its next pause (0), kills it there (1), or freezes it for a while (2), as happens to
// processes. A killed worker's coroutine is unwound, so that nothing of it is left; it has no more effects.
func (w *world) resume(k *worker) {
	w.current = k.name
	switch w.fault(3, askFate) {
	case 1:
		w.stats.Kills++
		w.log(k.name, "is killed")
		w.remove(k)
		k.stop()
		return
	case 2:
		d := []time.Duration{30 * time.Second, 2 * w.plan.window, 24 * time.Hour}[w.choose(3, askFreeze)]
		w.log(k.name, "is frozen for %s", d)
		k.wakeAt = w.clock.now.Add(d)
		return
	}
	if _, alive := k.next(); !alive {
		w.remove(k)
	}
}

func (w *world) remove(k *worker) {
	w.workers = slices.DeleteFunc(w.workers, func(x *worker) bool { return x == k })
	w.reconcilers = slices.DeleteFunc(w.reconcilers, func(x *worker) bool { return x == k })
}

// abandon unwinds the workers that a violation left in the middle.
func (w *world) abandon() {
	for _, k := range slices.Clone(w.workers) {
		w.remove(k)
		k.stop()
	}
}

// wakeNext moves the time on to the first worker that wakes up.
func (w *world) wakeNext() {
	first := slices.MinFunc(w.workers, func(a, b *worker) int { return a.wakeAt.Compare(b.wakeAt) })
	w.pass(first.wakeAt)
}

func (w *world) jump() {
	if w.jumps >= w.plan.limits.jumps {
		return
	}
	w.jumps++
	steps := []time.Duration{
		100 * time.Millisecond, time.Second, 5 * time.Second, 30 * time.Second, w.plan.window / 4, w.plan.window, time.Hour,
		24 * time.Hour,
	}
	step := steps[w.choose(len(steps), askJump)]
	w.log("time", "%s pass", step)
	w.pass(w.clock.now.Add(step))
}

func (w *world) pass(to time.Time) {
	w.clock.advanceTo(to)
}

func (w *world) arrive() {
	it := w.plan.items[w.arrived]
	w.arrived++
	w.begin(it)
}
