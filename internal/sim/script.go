package sim

// script is a history's choices in terms of who did what, so that it can be shortened: a step that has become impossible
// is skipped, and what goes wrong for one worker does not depend on what the others do.
type script struct {
	steps  []step
	faults map[mishap]int
}

type stepKind int

const (
	stepRun stepKind = iota // a worker goes on
	stepJump
	stepReconcile
	stepArrive
)

type step struct {
	kind   stepKind
	worker string
	n      int // which jump; which item
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

func (x *writer) Choose(n int, what string) int {
	answer := x.inner.Choose(n, what)
	switch what {
	case askThen, askIdle:
		kind := stepOf(what, answer)
		s := step{kind: kind}
		switch awake := x.w.awake(); {
		case kind == stepArrive:
			s.n = x.w.plan.items[x.w.arrived].n
		case kind == stepRun && len(awake) == 1:
			s.worker = awake[0].name
		}
		x.script.steps = append(x.script.steps, s)
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

// stepOf reads an answer to askThen or askIdle; see there for the alternatives.
func stepOf(what string, answer int) stepKind {
	if what == askThen {
		return []stepKind{stepRun, stepJump, stepReconcile, stepArrive}[answer]
	}
	return []stepKind{stepArrive, stepJump, stepReconcile}[answer]
}

// actor is a Chooser that follows a script as far as it can.
type actor struct {
	w      *world
	script script
	next   int
	asked  map[mishap]int
}

func (x *actor) Choose(n int, what string) int {
	switch what {
	case askThen, askIdle:
		for ; x.next < len(x.script.steps); x.next++ {
			s := x.script.steps[x.next]
			for answer := range n {
				if stepOf(what, answer) == s.kind && x.possible(s) {
					if s.kind == stepReconcile || s.kind == stepArrive || s.kind == stepRun && len(x.w.awake()) == 1 {
						x.next++ // nothing more will be asked about it
					}
					return answer
				}
			}
		}
		return 0
	case askWho:
		if x.next < len(x.script.steps) {
			s := x.script.steps[x.next]
			x.next++
			for i, k := range x.w.awake() {
				if k.name == s.worker {
					return i
				}
			}
		}
		return 0
	case askJump:
		if x.next < len(x.script.steps) {
			s := x.script.steps[x.next]
			x.next++
			return min(s.n, n-1)
		}
		return 0
	}
	return min(x.script.faults[count(x.asked, x.w.current, what)], n-1)
}

func (x *actor) possible(s step) bool {
	switch s.kind {
	case stepRun:
		for _, k := range x.w.awake() {
			if k.name == s.worker {
				return true
			}
		}
		return false
	case stepArrive:
		return x.w.plan.items[x.w.arrived].n == s.n
	case stepJump:
		return x.w.jumps < x.w.plan.limits.jumps
	case stepReconcile:
		return true
	}
	return false
}
