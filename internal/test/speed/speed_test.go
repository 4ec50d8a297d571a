package speed

import (
	"slices"
	"testing"
	"time"

	"github.com/iade/iade/internal/test/need"
	"github.com/iade/iade/internal/test/repo"
)

func TestMain(m *testing.M) { repo.Main(m) }

// TestBothServicesRefund holds that what is compared does the same: each refund that is asked for is carried out once.
func TestBothServicesRefund(t *testing.T) {
	need.Programs(t)
	for _, s := range []func(testing.TB) side{iade, peer} {
		s := s(t)
		t.Run(s.name, func(t *testing.T) {
			r := newRun(t, s, 4)
			for round := range 3 {
				r.round(t, 10_000_000, 8, round)
			}
			r.end(t)
		})
	}
}

const (
	callers = 16
	cohort  = 4 * callers // payments that are refunded together, round after round
	many    = 10          // operations of a payment that has many
	few     = 4           // rounds that are timed on payments with few and with many
)

// beat times both services on the same rounds, one right after the other, so that both meet the same machine: a cohort of new
// payments gathers ten operations each, and then takes turns with another new one.
type beat struct {
	whole     [2]time.Duration // all rounds
	few, many [2]time.Duration // known payments with few operations, and with ten
}

func measure(tb testing.TB, runs [2]*run, n int) beat {
	tb.Helper()
	var b beat
	old, fresh := 10_000_000+2*n*cohort, 10_000_000+(2*n+1)*cohort
	both := func(first, round int) (took [2]time.Duration) {
		for i := range runs {
			side := (i + n) % 2 // neither is always the one that comes second
			took[side] = runs[side].round(tb, first, cohort, round)
			b.whole[side] += took[side]
		}
		return took
	}
	for round := range many {
		both(old, round)
	}
	both(fresh, 0) // first contact, which reads iyzico
	for round := range few {
		turns := []func(){
			func() {
				for side, took := range both(fresh, 1+round) {
					b.few[side] += took
				}
			},
			func() {
				for side, took := range both(old, many+round) {
					b.many[side] += took
				}
			},
		}
		turns[(round+n)%2]() // neither is always the one that comes second
		turns[(round+n+1)%2]()
	}
	return b
}

// BenchmarkRefunds asks iade and the peer for refunds, 16 callers at once, and reports medians over the beats: refunds a second,
// what is left of that when each payment has ten operations, and at the end the time on a processor for one refund. It never
// fails on a time; docs/proof/benchmarks.md says how to run it.
func BenchmarkRefunds(b *testing.B) {
	runs := [2]*run{newRun(b, iade(b), callers), newRun(b, peer(b), callers)}
	var rate, kept [2][]float64
	const refunds = cohort * (many + 1 + 2*few)
	for n := 0; b.Loop(); n++ {
		beat := measure(b, runs, n)
		for side := range runs {
			rate[side] = append(rate[side], refunds/beat.whole[side].Seconds())
			kept[side] = append(kept[side], beat.few[side].Seconds()/beat.many[side].Seconds())
		}
	}
	ratios := make([]float64, len(rate[0]))
	for i := range ratios {
		ratios[i] = rate[0][i] / rate[1][i]
	}
	cpu := [2]float64{milliseconds(runs[0].end(b)), milliseconds(runs[1].end(b))}
	b.ReportMetric(0, "ns/op") // both together mean nothing
	b.ReportMetric(median(rate[0]), "iade/s")
	b.ReportMetric(median(rate[1]), "peer/s")
	b.ReportMetric(median(ratios), "rate-ratio")
	b.ReportMetric(median(kept[0]), "iade-kept")
	b.ReportMetric(median(kept[1]), "peer-kept")
	b.ReportMetric(cpu[0], "iade-cpu-ms")
	b.ReportMetric(cpu[1], "peer-cpu-ms")
	b.ReportMetric(cpu[0]/cpu[1], "cpu-ratio")
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1e3 }

func median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}
