package sim

import (
	"math/rand/v2"
	"strings"
)

// Chooser answers the scheduler's questions. What it answers is the only thing in a world that is not in its plan, so
// the same plan and the same answers give the same history.
type Chooser interface {
	// Choose picks one of n alternatives, 0 ≤ answer < n. Alternative 0 is always the plain one: nothing goes wrong. what
	// is one of the question constants. It is not asked where there is nothing to choose (n < 2).
	Choose(n int, what string) int
}

// The questions. Their alternatives are listed where they are asked.
const (
	askTurn    = "turn "    // what happens next; each letter that follows is an alternative
	askWho     = "who"      // which worker goes on
	askFate    = "fate"     // goes on, is killed, or frozen
	askFreeze  = "freeze"   // for how long
	askJump    = "jump"     // how much time passes
	askLoad    = "load"     // what becomes of a load
	askSave    = "save"     // what becomes of a save
	askLanding = "landing"  // when a save whose answer was lost is applied after all
	askOpen    = "open"     // what becomes of a look into the index
	askWrite   = "write"    // at once, or after a long freeze
	askSend    = "send"     // what becomes of a money request
	askHowLate = "how late" // when a late request is executed
	askCode    = "code"     // which code a refusal has that iyzico calls retryable
	askRead    = "read"     // what becomes of a read of the report
	askPage    = "page"     // what becomes of a read of a page of the day list
	// What a list of iyzico's tells that is not so, and for how long.
	askReportLie = "report lie"
	askDayLie    = "day list lie"
	askLie       = "lie" // what a list tells from the first request on
	askHowLong   = "how long"
	askUntil     = "until"    // for how long a list tells it
	askRight     = "right"    // whether a person decides right
	askStale     = "stale"    // how far the report lags behind
	askTake      = "take"     // what becomes of a slot of the limit
	askLoadUse   = "load use" // what becomes of a load of what is used of the merchant's own limits
	askSaveUse   = "save use" // what becomes of a count
)

// odds weighs the alternatives of a random run; a question that is missing here has even odds.
var odds = map[string][]int{
	askFate:    {96, 2, 2},
	askFreeze:  {3, 3, 1},
	askJump:    {20, 20, 14, 10, 8, 5, 2, 1},
	askLoad:    {1930, 60, 7},
	askTake:    {95, 5},
	askLoadUse: {96, 4},
	askSaveUse: {86, 4, 4, 3, 3},
	askSave:    {86, 4, 4, 3, 3},
	askOpen:    {90, 4, 3, 3},
	askWrite:   {94, 6},
	askSend:    {48, 9, 7, 13, 6, 4, 6, 5, 7},
	askRead:    {84, 6, 5, 5},
	askPage:    {90, 6, 4},

	askReportLie: {60, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 12},
	askDayLie:    {50, 5, 5, 5, 10, 10, 10},
	askHowLong:   {4, 3, 3, 2},
	askRight:     {70, 30},
}

// turnOdds weighs the alternatives of a turn, while workers could go on and when none can.
var (
	turnOdds = map[byte]int{turnRun: 60, turnArrive: 14, turnTime: 6, turnReconcile: 6}
	idleOdds = map[byte]int{turnArrive: 50, turnWake: 20, turnTime: 12, turnReconcile: 25}
)

// random answers from a seed.
type random struct{ rng *rand.Rand }

func newRandom(seed uint64) *random { return &random{rand.New(rand.NewPCG(seed, 0x69616465))} }

// Choose draws.
func (r *random) Choose(n int, what string) int {
	var weight func(i int) int
	if turns, ok := strings.CutPrefix(what, askTurn); ok {
		weights := turnOdds
		if turns[0] != turnRun {
			weights = idleOdds
		}
		weight = func(i int) int { return weights[turns[i]] }
	} else if weights, ok := odds[what]; ok {
		weight = func(i int) int { return weights[i] }
	} else {
		return r.rng.IntN(n)
	}
	total := 0
	for i := range n {
		total += weight(i)
	}
	pick := r.rng.IntN(total)
	for i := range n {
		if pick -= weight(i); pick < 0 {
			return i
		}
	}
	return 0
}

// replay gives recorded answers, and the plain one when they are used up. An answer that does not fit the question, as
// happens when a history is shrunk, is bent to one that does.
type replay struct {
	answers []int
	next    int
}

// Choose repeats.
func (r *replay) Choose(n int, _ string) int {
	if r.next >= len(r.answers) {
		return 0
	}
	answer := r.answers[r.next]
	r.next++
	return answer % n
}
