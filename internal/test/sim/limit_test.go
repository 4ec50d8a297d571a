package sim

import (
	"fmt"
	"os"
	"testing"

	"github.com/iade/iade/internal/test/repo"
)

// bothHide is a world in which both lists of iyzico's show what happened only after twice the settle window.
func bothHide(seed uint64, reviewFrom int64) plan {
	p := newPlan(seed)
	p.reportLies, p.dayLies, p.hideIDs, p.lies, p.tardy, p.wrong = nil, nil, false, false, false, false
	p.bothHide, p.reviewFrom = true, reviewFrom
	p.eager = true
	for i := range p.items {
		if p.items[i].do == doRestore {
			p.items[i].do = doList
		}
		if p.items[i].do == doRequest {
			p.items[i].tries = 10
		}
	}
	return p
}

const limitWorlds = 1_000

// TestBothListsHideTheSameForLonger measures the limit of what reading can prove: iyzico's report and its day list both leave out
// the same movement, without a trace, for longer than the settle window. Then a definite "no" can be false, and whoever asks
// again with a new key pays twice. Nothing is lost track of: once a list shows it, the operation is contradicted (I5). From
// REVIEW_ABSENCE_FROM on no absence is believed. With UPDATE=1 the whole run writes its numbers into docs/proof/limits.md.
func TestBothListsHideTheSameForLonger(t *testing.T) {
	t.Parallel()
	worlds := limitWorlds
	if testing.Short() || raceDetector {
		worlds = 100
	}
	rows := fmt.Sprintf("%d worlds for each row.\n\n| `REVIEW_ABSENCE_FROM` | operations | executions | false noes | wishes that moved twice | false yeses | left unknown | left to a person |\n|---|---|---|---|---|---|---|---|\n", worlds)
	for _, c := range []struct {
		name string
		from int64
	}{{"unset", 0}, {"10.00", 1000}, {"0.01", 1}} {
		var total Stats
		crew := &crew{}
		for seed, n := uint64(1), 0; n < worlds; seed, n = following(seed), n+1 {
			w := newWorld(bothHide(seed, c.from), newRandom(seed), flawless, crew)
			if v := w.run(); v != nil {
				t.Fatal(shrink(&find{seed, w}))
			}
			total.add(w.stats)
		}
		crew.dismiss()
		t.Logf("REVIEW_ABSENCE_FROM %s: %s; %d wishes moved twice", c.name, total, total.Seconds)
		rows += fmt.Sprintf("| %s | %d | %d | %d | %d | %d | %d | %d |\n", c.name, total.Operations, total.Executions, total.FalseNoes, total.Seconds,
			total.FalseYeses, total.Unknowns, total.Reviews)
		switch {
		case total.FalseYeses > 0 || total.Unknowns > 0:
			t.Errorf("%d false yeses, %d unknowns left", total.FalseYeses, total.Unknowns)
		case c.from == 0 && worlds == limitWorlds && total.FalseNoes == 0:
			t.Error("the limit was never reached")
		case c.from == 1 && total.FalseNoes+total.Seconds > 0:
			t.Errorf("%d false noes and %d second movements though no absence was to be believed", total.FalseNoes, total.Seconds)
		}
	}
	if worlds == limitWorlds && os.Getenv("UPDATE") != "" { // the document says that its numbers are one run's
		repo.Generated(t, "../../../docs/proof/limits.md", "limits", rows, true)
	}
}
