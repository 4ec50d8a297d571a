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
	// switches is how often a worker that could go on is left for something else, which a search over all choices bounds;
	// anySwitches does not.
	switches int
}

const anySwitches = -1

// mostReconcilers run at once: two invocations of a scheduled function may overlap.
const mostReconcilers = 2

// The kinds of turns.
const (
	turnRun       = 'r' // a worker goes on
	turnArrive    = 'a' // the plan's next item begins
	turnWake      = 'w' // the first sleeper wakes up
	turnTime      = 't' // time passes
	turnReconcile = 'c' // a reconciler starts
)

// play runs the plan's items with all that may go wrong, until no worker is left. Time passes by choice only, unless
// everybody sleeps.
func (w *world) play() {
	for w.check.ok() {
		turns := w.turns()
		if turns == "" {
			w.played = w.clock.now.Sub(w.plan.start)
			return
		}
		turn := turns[w.choose(len(turns), askTurn+turns)]
		left := w.runner // is left for something else, if it could go on
		if left != nil && left.wakeAt.After(w.clock.now) {
			left = nil
		}
		before := len(w.workers)
		switch turn {
		case turnRun:
			awake := w.awake()
			if w.bound() {
				awake = awake[:1]
			}
			k := awake[w.choose(len(awake), askWho)]
			if k == left {
				left = nil
			}
			w.runner = k
			w.resume(k)
		case turnArrive:
			w.begin(w.plan.items[w.arrived])
			w.arrived++
		case turnWake:
			w.wakeNext()
		case turnTime:
			w.jump()
		case turnReconcile:
			w.reconcile()
		}
		if left != nil {
			w.switches++
		}
		if n := len(w.workers); n > before && w.plan.limits.switches != anySwitches {
			w.runner = w.workers[n-1] // it came at this very moment
		}
	}
}

// bound tells that the worker that ran last could go on and may not be left any more.
func (w *world) bound() bool {
	return w.plan.limits.switches != anySwitches && w.switches >= w.plan.limits.switches &&
		w.runner != nil && !w.runner.wakeAt.After(w.clock.now)
}

// turns lists what may happen next, the plain alternative first; empty when all is over.
func (w *world) turns() string {
	if w.bound() {
		return string(turnRun)
	}
	awake := w.awake()
	turns := make([]byte, 0, 4)
	if len(awake) > 0 {
		turns = append(turns, turnRun)
	}
	if w.arrived < len(w.plan.items) {
		turns = append(turns, turnArrive)
	}
	if len(awake) == 0 && len(w.workers) > 0 {
		turns = append(turns, turnWake)
	}
	if len(turns) == 0 {
		return ""
	}
	if w.jumps < w.plan.limits.jumps {
		turns = append(turns, turnTime)
	}
	if w.passes < w.plan.limits.reconciles && len(w.reconcilers) < mostReconcilers && w.memory.hasDue(w.clock.now.Add(maxSkew)) {
		turns = append(turns, turnReconcile)
	}
	return string(turns)
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
		w.saw(sawFault, faultNames[what][answer-1])
	}
	return answer
}

// awake lists who could go on: the one that ran last first, then in the order in which they came.
func (w *world) awake() []*worker {
	var awake []*worker
	for _, k := range w.workers {
		switch {
		case k.wakeAt.After(w.clock.now):
		case k == w.runner:
			awake = slices.Insert(awake, 0, k)
		default:
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
		w.log(k.name, "is killed %s", k.at)
		w.saw(sawKill, k.at)
		w.check.died(k)
		k.kill()
		w.remove(k)
		return
	case 2:
		d := []time.Duration{30 * time.Second, 2 * w.plan.window, 24 * time.Hour}[w.choose(3, askFreeze)]
		w.log(k.name, "is frozen for %s", d)
		k.wakeAt = w.clock.now.Add(d)
		return
	}
	if !k.resume() {
		w.remove(k)
	}
}

// remove takes a worker away whose task has ended.
func (w *world) remove(k *worker) {
	w.crew.give(k.coroutine)
	if w.runner == k {
		w.runner = nil
	}
	w.workers = slices.DeleteFunc(w.workers, func(x *worker) bool { return x == k })
	w.reconcilers = slices.DeleteFunc(w.reconcilers, func(x *worker) bool { return x == k })
}

// abandon unwinds the workers that a violation left in the middle.
func (w *world) abandon() {
	for _, k := range slices.Clone(w.workers) {
		k.kill()
		w.remove(k)
	}
}

// wakeNext moves the time on to the first worker that wakes up.
func (w *world) wakeNext() {
	first := slices.MinFunc(w.workers, func(a, b *worker) int { return a.wakeAt.Compare(b.wakeAt) })
	w.clock.advanceTo(first.wakeAt)
}

func (w *world) jump() {
	w.jumps++
	step := w.plan.jumps[w.choose(len(w.plan.jumps), askJump)]
	w.log("time", "%s pass", step)
	w.clock.advanceTo(w.clock.now.Add(step))
}
