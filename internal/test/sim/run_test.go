package sim

import (
	"fmt"
	"reflect"
	"slices"
)

// Config says what to run.
type Config struct {
	Seed uint64 // of the first world; the others' follow from it
	Ops  int    // distinct operations that callers ask for, at least; the last world is always played to its end
}

// Stats are what a run did, summed over its worlds.
type Stats struct {
	Worlds     int // each a history of its own
	Operations int // distinct keys that callers used
	Calls      int // requests, repetitions, previews and queries by callers
	Choices    int // answers of the chooser
	Faults     int // effects that went wrong, kills included
	Kills      int
	Requests   int // money requests written to the wire
	Refusals   int // of them refused by iyzico's money rules
	Executions int // money movements at iyzico
	Funds      int // of them payments from a balance, those in review included
	Doubles    int // of them done twice, or beyond what was asked: must be 0
	Seconds    int // wishes that moved twice, those included where iyzico denies for longer than the window what it did
	Events     int
	Reviews    int // operations that ended in needs_review, each with a cause
	Unknowns   int // operations without an end: must be 0
	Lies       int // answers of iyzico's lists that were not so
	FalseNoes  int // attempts that were said not to be done, and were: must be 0
	FalseYeses int // attempts that were said to be done, and were not: must be 0
	Mistakes   int // wrong decisions of a person that the report contradicted (I5)
	Balances   int // refunds to balance that the merchant approved
	Seen       coverage
}

// String is one line for people.
func (s Stats) String() string {
	return fmt.Sprintf("%d operations in %d worlds, %d calls, %d choices, %d faults (%d kills), %d requests to iyzico (%d refused by it), "+
		"%d executions (%d payments from a balance, %d refunds to one), %d double executions, %d events, %d left to a person, %d unknowns left, "+
		"%d lies told, %d false noes, %d false yeses, %d wrong decisions contradicted",
		s.Operations, s.Worlds, s.Calls, s.Choices, s.Faults, s.Kills, s.Requests, s.Refusals, s.Executions, s.Funds, s.Balances, s.Doubles, s.Events,
		s.Reviews, s.Unknowns, s.Lies, s.FalseNoes, s.FalseYeses, s.Mistakes)
}

func (s *Stats) add(t Stats) {
	sum, other := reflect.ValueOf(s).Elem(), reflect.ValueOf(t)
	for i := range sum.NumField() {
		if f := sum.Field(i); f.Kind() == reflect.Int {
			f.SetInt(f.Int() + other.Field(i).Int())
		}
	}
	if s.Seen == nil {
		s.Seen = coverage{}
	}
	for what, n := range t.Seen {
		s.Seen[what] += n
	}
}

// Failure is a run in which a promise was broken. Its text holds the seed that replays it, the choices, and the shortest
// history that was found for it.
type Failure struct {
	Violation Violation
	Seed      uint64 // of the world, for -sim.seed with -sim.ops=1
	Choices   []int  // of the shortest history
	History   string // of the shortest history
}

// Error is the whole story.
func (f *Failure) Error() string {
	replay := fmt.Sprintf("make sim SEED=%d OPS=1, or go test ./internal/test/sim -run '^TestSimulation$' -count=1 -v -sim.seed=%d -sim.ops=1", f.Seed, f.Seed)
	if f.Seed == 0 {
		replay = "go test ./internal/test/sim -run '^TestEveryHistory$' -count=1 -v"
	}
	return fmt.Sprintf("broken promise: %s\n%s\n\nreplay: %s\nchoices of the shortest history found: %v\n\nwhen (since the start), who, what\n%s",
		f.Violation.Rule, f.Violation.Text, replay, f.Choices, f.History)
}

// Run plays worlds from the seed until the operations are used up, or a promise is broken: then the error is a *Failure.
// It is deterministic, and safe to call from several goroutines.
func Run(c Config) (Stats, error) {
	stats, broken := search(c, flawless, "")
	if broken != nil {
		return stats, shrink(broken)
	}
	return stats, nil
}

// find is a world in which a promise was broken.
type find struct {
	seed  uint64
	world *world
}

// search plays until a promise is broken; only, if not empty, is the one promise that is looked at.
func search(c Config, f flaw, only string) (Stats, *find) {
	var total Stats
	crew := &crew{}
	defer crew.dismiss()
	for seed := c.Seed; ; seed = following(seed) {
		w := newWorld(f.shape(newPlan(seed)), newRandom(seed), f, crew)
		w.check.only = only
		violation := w.run()
		w.stats.Worlds = 1
		total.add(w.stats)
		if violation != nil {
			return total, &find{seed, w}
		}
		if total.Operations >= c.Ops {
			return total, nil
		}
	}
}

// shape makes a plan one in which a flaw of restoring has a chance to show.
func (f flaw) shape(p plan) plan {
	if f != restoresAtOnce && f != forgetsRestore || p.hideIDs || p.bothHide {
		return p
	}
	p.reportLies, p.dayLies = nil, nil
	if !slices.ContainsFunc(p.items, func(it item) bool { return it.do == doRestore }) {
		p.items = append(slices.Clone(p.items), item{n: len(p.items) + 1, do: doRestore, tries: 60})
	}
	return p
}

// following is the next world's seed (SplitMix64's step), so that a world is replayed by its own seed alone.
func following(seed uint64) uint64 {
	seed += 0x9e3779b97f4a7c15
	seed = (seed ^ seed>>30) * 0xbf58476d1ce4e5b9
	seed = (seed ^ seed>>27) * 0x94d049bb133111eb
	return seed ^ seed>>31
}
