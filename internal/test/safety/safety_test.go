package safety

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/iade/iade/internal/test/need"
)

var (
	full   = flag.Bool("safety.full", false, "every mode under every load")
	seed   = flag.Uint64("safety.seed", 1, "seed of the amounts")
	update = flag.Bool("update", false, "with -safety.full: write the table into docs/proof/safety.md")
)

const (
	root     = "../../.."
	document = root + "/docs/proof/safety.md"
)

// atOnce is how many cases run side by side: most of their time they wait.
const atOnce = 12

// cases are what a run is made of, those first that wait for a new minute.
func cases() []Case {
	loads := []Load{{8, 3}}
	if *full {
		loads = []Load{{1, 1}, {1, 3}, {8, 1}, {8, 3}}
	}
	var all []Case
	for _, mode := range Modes() {
		if !mode.Usual && !*full {
			continue
		}
		for _, load := range loads {
			for _, side := range []Side{Iade(), Obvious()} {
				all = append(all, Case{Seed: *seed, Mode: mode, Load: load, Side: side, Refunds: max(4, load.Concurrency), GiveUp: giveUp(mode, side)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Case) int { return order(a.Mode.Minute) - order(b.Mode.Minute) })
	return all
}

func order(first bool) int {
	if first {
		return 0
	}
	return 1
}

// giveUp is long enough for whatever comes to an end. The obvious service comes to none where every request fails.
func giveUp(mode Mode, side Side) time.Duration {
	if mode.Always && side.Name == Obvious().Name {
		return 10 * settleWindow
	}
	return patience
}

// TestSafetyScore is the comparison with the obvious service: usually a few modes under one load, with -safety.full all of
// them (make safety). iade moves nothing twice, tells nothing wrong, leaves nothing unknown; and where an answer is lost
// after the money moved, the obvious service does move it twice, so the comparison can fail.
func TestSafetyScore(t *testing.T) {
	need.Programs(t)
	programs, err := Build(t.Context(), root, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var results []Result
	began := time.Now()
	slots := make(chan struct{}, atOnce)
	var running sync.WaitGroup
	for _, c := range cases() {
		folder := t.TempDir()
		running.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			r, err := run(t.Context(), programs, c, folder)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			results = append(results, r)
		})
	}
	running.Wait()
	if t.Failed() {
		return
	}
	fmt.Printf("\nSafety score, seed %d. Times in settle windows of %s, rounded up; the run took %s.\n\n%s\n%s\n", *seed, settleWindow,
		time.Since(began).Round(time.Second), Table(results), Loads(results))
	for _, r := range results {
		r.check(t)
	}
	if *full && *update && !t.Failed() {
		writeReadme(t, Table(results))
	}
}

// run runs a case. Where nothing goes wrong but the machine is so busy that an answer took longer than the time-out, the
// obvious service gets another chance: that would be no fault of its.
func run(ctx context.Context, programs Programs, c Case, folder string) (Result, error) {
	for chance := 1; ; chance++ {
		score, err := programs.Run(ctx, c, filepath.Join(folder, fmt.Sprint(chance)))
		if err != nil || c.Mode.Fault.Mode != "" || c.Side.Name == Iade().Name || score.right() || chance == 3 {
			return Result{c, score}, err
		}
	}
}

// right tells whether every refund was moved once, and all was told so.
func (s Score) right() bool {
	return s.TwiceTimes == 0 && s.PayAgain == 0 && !s.Lost.IsPositive() && s.Wrong() == 0 && s.Unknown == 0 && s.Refused == 0 && s.Executed.Equal(s.Asked)
}

func (r Result) check(t *testing.T) {
	t.Helper()
	name := fmt.Sprintf("%s, %q, %+v", r.Side.Name, r.Mode.Name, r.Load)
	switch {
	case r.Side.Name == Iade().Name:
		if !r.right() {
			t.Errorf("%s: %+v", name, r.Score)
		}
	case r.Mode.Fault.Mode == "":
		if !r.right() {
			t.Errorf("%s: is not even right where nothing goes wrong: %+v", name, r.Score)
		}
	case r.Mode.Twice && r.TwiceTimes == 0:
		t.Errorf("%s: moved nothing twice, so the comparison shows nothing: %+v", name, r.Score)
	}
}

const (
	beginMark = "<!-- safety:begin -->\n"
	endMark   = "<!-- safety:end -->"
)

func documentTable(t *testing.T) (before, table, after string) {
	t.Helper()
	data, err := os.ReadFile(filepath.FromSlash(document))
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(data), beginMark)
	table, after, ended := strings.Cut(rest, endMark)
	if !begun || !ended {
		t.Fatalf("docs/proof/safety.md lacks the markers of the safety score's table")
	}
	return before, table, after
}

func writeReadme(t *testing.T, table string) {
	t.Helper()
	before, _, after := documentTable(t)
	if err := os.WriteFile(filepath.FromSlash(document), []byte(before+beginMark+table+endMark+after), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestSafetyScoreInTheReadme: the table there is one run's, so its sums are not compared; but it has a row for every
// mode, in order, iade's zeros, and what the obvious service moves twice where it must.
func TestSafetyScoreInTheReadme(t *testing.T) {
	t.Parallel()
	_, table, _ := documentTable(t)
	rows := strings.Split(strings.TrimSpace(table), "\n")
	want, twice := []string{"what goes wrong between service and iyzico", "---"}, map[string]bool{"**all**": true}
	for _, mode := range Modes() {
		want = append(want, mode.Name)
		twice[mode.Name] = mode.Twice
	}
	want = append(want, "**all**")
	if len(rows) != len(want) {
		t.Fatalf("%d rows for %d modes: run make safety with UPDATE=1", len(rows), len(want))
	}
	for i, row := range rows {
		cells := strings.Split(strings.Trim(row, "|"), "|")
		for j := range cells {
			cells[j] = strings.TrimSpace(cells[j])
		}
		if cells[0] != want[i] || len(cells) != 12 {
			t.Errorf("row %d is %q, want %q: run make safety with UPDATE=1", i, cells[0], want[i])
			continue
		}
		if i >= 2 && (cells[2] != "0" || cells[3] != "0" || cells[4] != "0" || cells[5] != "0") {
			t.Errorf("%q: iade has %s moved twice, %s wrong, %s told to pay again, %s unknown", cells[0], cells[2], cells[3], cells[4], cells[5])
		}
		if i >= 2 && strings.HasSuffix(cells[7], "×)") != twice[cells[0]] {
			t.Errorf("%q: the obvious service has %s moved twice", cells[0], cells[7])
		}
	}
}
