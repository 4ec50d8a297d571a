package sim

import "slices"

// mostTries bounds the search for a shorter history.
const mostTries = 3000

// shrinker looks for the shortest plan and the plainest choices that still break the same rule: delta debugging over the
// plan's items, and over the list of choices.
type shrinker struct {
	rule    string
	flaw    flaw
	plan    plan
	answers []int
	tries   int
}

func shrink(seed uint64, w *world, v Violation) *Failure {
	s := &shrinker{rule: v.Rule, flaw: w.flaw, plan: w.plan, answers: w.answers}
	for before := -1; before != s.size() && s.tries < mostTries; {
		before = s.size()
		s.dropItems(seed)
		s.dropAnswers()
		s.plainAnswers()
	}
	history, violation := tell(s.plan, s.answers, s.flaw)
	if violation.Rule == "" {
		violation = v
	}
	return &Failure{Violation: violation, Seed: seed, Choices: s.answers, History: history}
}

func (s *shrinker) size() int {
	weight := 0
	for _, answer := range s.answers {
		if answer > 0 {
			weight++
		}
	}
	return 1000*len(s.plan.items) + len(s.answers) + weight
}

// still tells whether the rule is broken by that plan and chooser, and takes both over if so.
func (s *shrinker) still(items []item, chooser Chooser) bool {
	if s.tries++; s.tries > mostTries {
		return false
	}
	p := s.plan
	p.items = items
	w := newWorld(p, chooser, s.flaw)
	v := w.run()
	if v == nil || v.Rule != s.rule {
		return false
	}
	answers := w.answers
	for len(answers) > 0 && answers[len(answers)-1] == 0 {
		answers = answers[:len(answers)-1] // a replay goes on with the plain ones by itself
	}
	s.plan, s.answers = p, answers
	return true
}

// dropItems leaves out items of the plan. The choices do not fit any more then, so new ones are tried, too.
func (s *shrinker) dropItems(seed uint64) {
	for size := (len(s.plan.items) + 1) / 2; size > 0; size /= 2 {
		for at := 0; at < len(s.plan.items); {
			items := slices.Delete(slices.Clone(s.plan.items), at, min(at+size, len(s.plan.items)))
			found := s.still(items, &replay{answers: s.answers})
			for i := uint64(1); i <= 15 && !found; i++ {
				found = s.still(items, newRandom(seed+i))
			}
			if !found {
				at += size
			}
		}
	}
}

// dropAnswers leaves out choices: what follows them moves up.
func (s *shrinker) dropAnswers() {
	for size := (len(s.answers) + 1) / 2; size > 0; size /= 2 {
		for at := 0; at+size <= len(s.answers); {
			if !s.still(s.plan.items, &replay{answers: slices.Delete(slices.Clone(s.answers), at, at+size)}) {
				at += size
			}
		}
	}
}

// plainAnswers makes choices plain: a fault less, a worker that simply goes on.
func (s *shrinker) plainAnswers() {
	for size := (len(s.answers) + 1) / 2; size > 0; size /= 2 {
		for at := 0; at < len(s.answers); at += size {
			answers := slices.Clone(s.answers)
			end := min(at+size, len(answers))
			if slices.Max(answers[at:end]) == 0 {
				continue
			}
			clear(answers[at:end])
			s.still(s.plan.items, &replay{answers: answers})
		}
	}
}
