package sim

import (
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/iade/iade/internal/test/need"
)

var (
	seedFlag = flag.Uint64("sim.seed", 0, "replay the run of this seed instead of the fixed ones")
	opsFlag  = flag.Int("sim.ops", 0, "operations to run; 0 is the usual number")
)

// The usual numbers of operations.
const (
	heavyOps = 240_000 // with IADE_HEAVY, as in CI
	fullOps  = 100_000
	shortOps = 5_000
	raceOps  = 1_000
	// enoughOps is when everything that may happen must have happened.
	enoughOps = 80_000
	seeds     = 8
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(800) // worlds are small and short-lived: collecting them often takes a fifth of the time
	goleak.VerifyTestMain(m)
}

// TestSimulation runs the product against everything that can go wrong, from fixed seeds and from IADE_SIM_SEED, or from
// -sim.seed alone.
func TestSimulation(t *testing.T) {
	var runs []Config
	ops := *opsFlag
	if ops == 0 {
		switch {
		case raceDetector:
			ops = raceOps
		case testing.Short():
			ops = shortOps
		case need.Minutes():
			ops = heavyOps
		default:
			ops = fullOps
		}
	}
	if *seedFlag != 0 {
		runs = append(runs, Config{*seedFlag, ops})
	} else {
		for seed := range uint64(seeds) {
			runs = append(runs, Config{seed + 1, ops / seeds})
		}
		if text := os.Getenv("IADE_SIM_SEED"); text != "" {
			seed, err := strconv.ParseUint(text, 10, 64)
			if err != nil {
				t.Fatalf("IADE_SIM_SEED: %v", err)
			}
			runs = append(runs, Config{seed, ops / seeds})
		}
	}
	began := time.Now()
	var mu sync.Mutex
	var total Stats
	t.Run("seeds", func(t *testing.T) {
		for _, c := range runs {
			t.Run(fmt.Sprint(c.Seed), func(t *testing.T) {
				t.Parallel()
				stats, err := Run(c)
				mu.Lock()
				total.add(stats)
				mu.Unlock()
				if err != nil {
					t.Fatal(err)
				}
			})
		}
	})
	took := time.Since(began)
	t.Logf("%d seeds: %s; %.0f operations a second", len(runs), total, float64(total.Operations)/took.Seconds())
	t.Logf("what happened in these runs:%s", total.Seen.table())
	if total.Doubles != 0 || total.Unknowns != 0 {
		t.Errorf("%d double executions, %d unknowns left", total.Doubles, total.Unknowns)
	}
	if *seedFlag == 0 && total.Operations >= enoughOps {
		for _, s := range required() {
			if total.Seen[s] == 0 {
				t.Errorf("it never happened in these runs that %s: %s", s.group, s.name)
			}
		}
	}
}

// TestAWorldIsAFunctionOfItsSeed tells the same histories twice, line by line.
func TestAWorldIsAFunctionOfItsSeed(t *testing.T) {
	t.Parallel()
	crew := &crew{}
	defer crew.dismiss()
	tell := func(seed uint64, chooser Chooser) (*world, string) {
		w := newWorld(newPlan(seed), chooser, flawless, crew)
		w.history = &history{last: map[string]string{}}
		if v := w.run(); v != nil {
			t.Fatalf("seed %d: %v", seed, v)
		}
		return w, w.tell()
	}
	for seed := range uint64(40) {
		first, want := tell(seed, newRandom(seed))
		if _, got := tell(seed, newRandom(seed)); got != want {
			t.Errorf("seed %d tells another history the second time", seed)
		}
		if _, got := tell(seed, &replay{answers: first.answers}); got != want {
			t.Errorf("the choices of seed %d tell another history", seed)
		}
	}
}
