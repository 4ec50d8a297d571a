package sim

import (
	"slices"
	"strings"
)

// script is a history's choices in terms of who did what, so that it can be shortened: a step that has become impossible
// is skipped, and what goes wrong for one worker does not depend on what the others do.
type script struct {
	steps  []step
	faults map[mishap]int
}

type step struct {
	turn   byte
	worker string // which goes on
	n      int    // which jump; which item
}

// mishap is the n-th time that a question is asked for a worker.
type mishap struct {
	worker, what string
	n            int
}

// writer is a Chooser that writes down what another one chooses.
type writer struct {
	w      *world
	inner  Chooser
	script script
	asked  map[mishap]int
}

// Choose passes the question on and notes the answer.
func (x *writer) Choose(n int, what string) int {
	answer := x.inner.Choose(n, what)
	if turns, ok := strings.CutPrefix(what, askTurn); ok {
		s := step{turn: turns[answer]}
		switch awake := x.w.awake(); {
		case s.turn == turnArrive:
			s.n = x.w.plan.items[x.w.arrived].n
		case s.turn == turnRun && len(awake) == 1:
			s.worker = awake[0].name
		}
		x.script.steps = append(x.script.steps, s)
		return answer
	}
	switch what {
	case askWho:
		x.script.steps[len(x.script.steps)-1].worker = x.w.awake()[answer].name
	case askJump:
		x.script.steps[len(x.script.steps)-1].n = answer
	default:
		if key := count(x.asked, x.w.current, what); answer > 0 {
			x.script.faults[key] = answer
		}
	}
	return answer
}

// count gives the key of a question, and counts it.
func count(asked map[mishap]int, worker, what string) mishap {
	all := mishap{worker: worker, what: what}
	key := all
	key.n = asked[all]
	asked[all]++
	return key
}

// actor is a Chooser that follows a script as far as it can.
type actor struct {
	w      *world
	script script
	next   int
	now    step // the step that is being taken
	asked  map[mishap]int
}

// Choose does what the script says.
func (x *actor) Choose(n int, what string) int {
	if turns, ok := strings.CutPrefix(what, askTurn); ok {
		return x.turn(turns)
	}
	switch what {
	case askWho:
		return max(0, slices.IndexFunc(x.w.awake(), func(k *worker) bool { return k.name == x.now.worker }))
	case askJump:
		return min(x.now.n, n-1)
	}
	return min(x.script.faults[count(x.asked, x.w.current, what)], n-1)
}

// turn takes the script's next step that is possible.
func (x *actor) turn(turns string) int {
	for x.next < len(x.script.steps) {
		x.now = x.script.steps[x.next]
		x.next++
		if i := strings.IndexByte(turns, x.now.turn); i >= 0 && x.possible(x.now) {
			return i
		}
	}
	x.now = step{}
	return 0
}

func (x *actor) possible(s step) bool {
	switch s.turn {
	case turnRun:
		return slices.ContainsFunc(x.w.awake(), func(k *worker) bool { return k.name == s.worker })
	case turnArrive:
		return x.w.plan.items[x.w.arrived].n == s.n
	}
	return true
}
