package sim

import (
	"cmp"
	"maps"
	"slices"
)

// mostTries bounds the search for a shorter history.
const mostTries = 4000

// shrinker looks for the shortest plan and script that still break the same rule: delta debugging over the plan's items,
// the script's steps, and what goes wrong.
type shrinker struct {
	rule   string
	flaw   flaw
	only   string
	plan   plan
	script script
	tries  int
	crew   *crew
}

func shrink(f *find) *Failure {
	v := *f.world.check.first
	s := &shrinker{rule: v.Rule, flaw: f.world.flaw, only: f.world.check.only, plan: f.world.plan, crew: &crew{}}
	defer s.crew.dismiss()
	again := newWorld(s.plan, nil, s.flaw, s.crew)
	x := &writer{w: again, inner: &replay{answers: f.world.answers}, asked: map[mishap]int{}, script: script{faults: map[mishap]int{}}}
	again.chooser = x
	again.check.only = s.only
	again.run()
	s.script = x.script
	s.plainWorld()
	for before := -1; before != s.size() && s.tries < mostTries; {
		before = s.size()
		s.dropItems()
		s.dropSteps()
		s.dropFaults()
		s.smallerJumps()
	}
	last := s.play(s.plan, s.script, &history{last: map[string]string{}})
	if last.check.first != nil {
		v = *last.check.first
	}
	return &Failure{Violation: v, Seed: f.seed, Choices: last.answers, History: last.tell()}
}

func (s *shrinker) size() int { return len(s.plan.items) + len(s.script.steps) + len(s.script.faults) }

func (s *shrinker) play(p plan, sc script, h *history) *world {
	w := newWorld(p, nil, s.flaw, s.crew)
	w.chooser = &actor{w: w, script: sc, asked: map[mishap]int{}}
	w.history = h
	w.check.only = s.only
	w.run()
	return w
}

// still tells whether the rule is still broken, and takes plan and script over if so.
func (s *shrinker) still(p plan, sc script) bool {
	if s.tries++; s.tries > mostTries {
		return false
	}
	w := s.play(p, sc, nil)
	if w.check.first == nil || w.check.first.Rule != s.rule {
		return false
	}
	s.plan, s.script = p, sc
	return true
}

// plainWorld takes away what makes the world special.
func (s *shrinker) plainWorld() {
	for _, plainer := range []func(*plan){
		func(p *plan) { p.operator = false },
		func(p *plan) { p.failedAttempts = false },
		func(p *plan) { p.lag = 0 },
		func(p *plan) { p.offset = 0 },
		func(p *plan) { p.hideIDs = false },
		func(p *plan) { p.lies = false },
	} {
		p := s.plan
		plainer(&p)
		s.still(p, s.script)
	}
}

func (s *shrinker) dropItems() {
	chunks(len(s.plan.items), func(at, end int) bool {
		p := s.plan
		p.items = without(p.items, at, end)
		return s.still(p, s.script)
	})
	for i := range s.plan.items {
		if s.plan.items[i].tries > 1 {
			p := s.plan
			p.items = slices.Clone(p.items)
			p.items[i].tries--
			s.still(p, s.script)
		}
	}
}

func (s *shrinker) dropSteps() {
	chunks(len(s.script.steps), func(at, end int) bool {
		return s.still(s.plan, script{without(s.script.steps, at, end), s.script.faults})
	})
}

func (s *shrinker) dropFaults() {
	keys := slices.SortedFunc(maps.Keys(s.script.faults), func(a, b mishap) int {
		return cmp.Or(cmp.Compare(a.worker, b.worker), cmp.Compare(a.what, b.what), cmp.Compare(a.n, b.n))
	})
	chunks(len(keys), func(at, end int) bool {
		faults := maps.Clone(s.script.faults)
		for _, key := range keys[at:end] {
			delete(faults, key)
		}
		if !s.still(s.plan, script{s.script.steps, faults}) {
			return false
		}
		keys = without(keys, at, end)
		return true
	})
}

func (s *shrinker) smallerJumps() {
	for i := range s.script.steps {
		if s.script.steps[i].turn == turnTime && s.script.steps[i].n > 0 {
			steps := slices.Clone(s.script.steps)
			steps[i].n--
			s.still(s.plan, script{steps, s.script.faults})
		}
	}
}

// chunks offers ever smaller parts of a list of n to drop; drop tells whether it did.
func chunks(n int, drop func(at, end int) bool) {
	for size := (n + 1) / 2; size > 0; size /= 2 {
		for at := 0; at < n; {
			end := min(at+size, n)
			if drop(at, end) {
				n -= end - at
			} else {
				at = end
			}
		}
	}
}

func without[T any](list []T, at, end int) []T { return slices.Delete(slices.Clone(list), at, end) }
