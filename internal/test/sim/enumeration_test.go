package sim

// prefix is a Chooser that repeats given answers and takes the plain alternative after them. It notes how many there
// were each time, which is all that a depth-first search needs.
type prefix struct {
	answers []int
	sizes   []int
}

// Choose repeats, and opens a new question with its plain alternative.
func (x *prefix) Choose(n int, _ string) int {
	if len(x.sizes) == len(x.answers) {
		x.answers = append(x.answers, 0)
	}
	x.sizes = append(x.sizes, n)
	return x.answers[len(x.sizes)-1]
}

// next moves on to the answers of the next history: the last question that has an alternative left takes it, and what
// follows is open. It returns false after the last history.
func (x *prefix) next() bool {
	for i := len(x.sizes) - 1; i >= 0; i-- {
		if x.answers[i]+1 < x.sizes[i] {
			x.answers = x.answers[:i+1]
			x.answers[i]++
			x.sizes = x.sizes[:0]
			return true
		}
	}
	return false
}

// enumerate plays every history of a plan, depth first, up to the given number of them. It gives how many it played and
// the first in which a promise was broken, and says whether these were all.
func enumerate(p plan, f flaw, most int) (stats Stats, broken *find, all bool) {
	x := &prefix{}
	crew := &crew{}
	defer crew.dismiss()
	for range most {
		w := newWorld(p, x, f, crew)
		violation := w.run()
		w.stats.Worlds = 1
		stats.add(w.stats)
		if violation != nil {
			return stats, &find{world: w}, false
		}
		if !x.next() {
			return stats, nil, true
		}
	}
	return stats, nil, false
}
