package sim

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

var (
	seedFlag = flag.Uint64("sim.seed", 0, "replay the run of this seed instead of the fixed ones")
	opsFlag  = flag.Int("sim.ops", 0, "operations to run; 0 is the usual number")
)

// The usual numbers of operations.
const (
	fullOps  = 100_000
	shortOps = 5_000
	seeds    = 8
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestSimulation runs the product against everything that can go wrong, from fixed seeds and from IADE_SIM_SEED, or from
// -sim.seed alone.
func TestSimulation(t *testing.T) {
	var runs []Config
	ops := *opsFlag
	if ops == 0 {
		ops = fullOps
		if testing.Short() || raceDetector {
			ops = shortOps
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
	if total.Doubles != 0 || total.Unknowns != 0 {
		t.Errorf("%d double executions, %d unknowns left", total.Doubles, total.Unknowns)
	}
	if *seedFlag == 0 && (total.Executions == 0 || total.Kills == 0 || total.Faults == 0 || total.Reviews == 0) {
		t.Errorf("nothing was tested: %s", total)
	}
}
