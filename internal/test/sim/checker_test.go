package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestTheCheckerSeesEveryFlaw puts one defect into the world and demands that a promise is found broken, the right one:
// a checker that cannot fail proves nothing.
func TestTheCheckerSeesEveryFlaw(t *testing.T) {
	t.Parallel()
	if raceDetector {
		t.Skip("a search in one goroutine has no races to detect")
	}
	for _, c := range []struct {
		name    string
		flaw    flaw
		promise string // that the checker finds broken, whatever else is
	}{
		{"a transport that sends again when the answer is lost", sendsTwice, "I1"},
		{"a mark that is acknowledged and not stored", forgetsMark, "I1"},
		{"a mark that is acknowledged and not stored", forgetsMark, "I2"},
		{"a store that ignores versions", ignoresVersion, "I2"},
		{"a writer that is told it won the race it lost", ownsConflicts, "I2"},
		{"a restored table of which nobody says so", forgetsRestore, "I2"},
		{"a table restored while requests are under way", restoresAtOnce, "I1"},
		{"a lost answer that is taken for a request that never left", lostIsNotSent, "I3"},
		{"a store that ignores versions", ignoresVersion, "I4"},
		{"a transport that does not look at the deadline", sendsTooLate, "I4"},
		{"a report that lags longer than the settle window", lagsTooLong, "I4"},
		{"no settle window", noSettleWindow, "I4"},
		{"no settle window", noSettleWindow, "I5"},
		{"a lost answer that is taken for success", inventsSuccess, "I5"},
		{"a limit that says that it refused what it let through", limitLeaks, "I5"},
		{"a first answer that is kept and given again", cachesAnswers, "I6"},
		{"an answer that is acknowledged and not stored", forgetsAnswers, "I8"},
		{"an index that never lists anything", emptyIndex, "I7"},
		{"a review that nobody is told of", silencesAlarms, "I7"},
		{"a status change that is not published", losesEvents, "I8"},
		{"events in the wrong order", swapsEvents, "I8"},
		{"a change that is not recorded", losesRecords, "journal"},
		{"a refusal to be tried later that is taken for a no", takesLaterForNo, "I5"},
		{"a count that is acknowledged and not stored", forgetsCounts, "limits"},
		{"a process that sends though new money is off", forgetsSwitch, "new money off"},
	} {
		t.Run(c.promise+" "+c.name, func(t *testing.T) {
			t.Parallel()
			stats, broken := search(Config{Seed: 1, Ops: 120_000}, c.flaw, c.promise)
			if broken == nil {
				t.Fatalf("nothing was found: %s", stats)
			}
			violation := broken.world.check.first
			t.Logf("after %d operations: %s: %s", stats.Operations, violation.Rule, violation.Text)
		})
	}
}

// TestAFailureIsToldShortly shrinks a history and replays it: from the world's seed, and from the choices alone.
func TestAFailureIsToldShortly(t *testing.T) {
	t.Parallel()
	_, broken := search(Config{Seed: 1, Ops: fullOps}, noSettleWindow, "")
	if broken == nil {
		t.Fatal("nothing was found")
	}
	failure := shrink(broken)
	t.Log(failure)
	if lines := strings.Count(failure.History, "\n"); lines > 45 {
		t.Errorf("the history has %d lines", lines)
	}
	crew := &crew{}
	defer crew.dismiss()
	again := newWorld(newPlan(failure.Seed), newRandom(failure.Seed), noSettleWindow, crew)
	if v := again.run(); v == nil || *v != *broken.world.check.first {
		t.Errorf("the seed %d gives another history: %v", failure.Seed, v)
	}
	if answers := again.answers; !slices.Equal(answers, broken.world.answers) {
		t.Errorf("the seed %d gives other choices", failure.Seed)
	}
	if !strings.Contains(failure.Error(), fmt.Sprintf("-sim.seed=%d -sim.ops=1", failure.Seed)) {
		t.Error("the text does not say how to replay it")
	}
}
