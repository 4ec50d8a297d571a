//go:build linux

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// soakReport is what a soak found.
type soakReport struct {
	length  time.Duration
	points  []soakPoint
	last    soakPoint // after everything was settled
	traffic *traffic

	atStop    int // unfinished when the traffic stopped
	left      int // unfinished in the end
	statuses  map[string]int
	movements int
	executed  decimal.Decimal
	told      decimal.Decimal
	twice     int
}

// verdict compares the first third of the samples with the last one, after a warm-up of a fifth. Slack is what may come
// and go whatever the length.
type verdict struct {
	what        string
	first, last float64
	times       float64
	slack       float64
}

func (v verdict) flat() bool { return v.last <= v.first*v.times+v.slack }

func (v verdict) String() string {
	word := "flat"
	if !v.flat() {
		word = "GROWS"
	}
	return fmt.Sprintf("| %s | %s | %s | %.2f | %.2f × + %s | %s |", v.what, figure(v.first), figure(v.last), v.last/max(v.first, 1), v.times, figure(v.slack), word)
}

// figure writes a count or a size.
func figure(n float64) string {
	switch {
	case n >= 10<<20:
		return fmt.Sprintf("%.0f MiB", n/(1<<20))
	case n >= 100<<10:
		return fmt.Sprintf("%.1f MiB", n/(1<<20))
	}
	return fmt.Sprintf("%.0f", n)
}

func (r *soakReport) verdicts() []verdict {
	warm := r.points[len(r.points)/5:]
	third := max(1, len(warm)/3)
	first, last := warm[:third], warm[len(warm)-third:]
	compare := func(what string, times, slack float64, of func(soakPoint) float64) verdict {
		return verdict{what, middle(first, of), middle(last, of), times, slack}
	}
	perOperation := func(part []soakPoint) float64 {
		from, to := part[0], part[len(part)-1]
		return float64(to.usedBytes-from.usedBytes) / float64(max(1, to.operations-from.operations))
	}
	list := []verdict{
		compare("goroutines", 1.1, 5, func(p soakPoint) float64 { return float64(p.Goroutines) }),
		compare("live heap", 1.25, 2<<20, func(p soakPoint) float64 { return float64(p.HeapBytes) }),
		compare("live objects", 1.25, 20_000, func(p soakPoint) float64 { return float64(p.HeapObjects) }),
		compare("resident memory but mapped files", 1.5, 16<<20, func(p soakPoint) float64 { return float64(p.AnonBytes) }),
		compare("threads", 1.5, 5, func(p soakPoint) float64 { return float64(p.Threads) }),
		compare("open files", 1.1, 5, func(p soakPoint) float64 { return float64(p.Files) }),
		compare("operations whose end is unknown", 1.5, 20, func(p soakPoint) float64 { return float64(p.unknown) }),
	}
	if third >= 3 {
		list = append(list, verdict{"store, bytes in use per operation added", perOperation(first), perOperation(last), 1.25, 100})
	}
	return list
}

// middle is the median.
func middle(points []soakPoint, of func(soakPoint) float64) float64 {
	values := make([]float64, len(points))
	for i, p := range points {
		values[i] = of(p)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func (r *soakReport) text() string {
	var b strings.Builder
	x := r.traffic
	fmt.Fprintf(&b, "\nSoak of %s, seed %d, %d callers: %d operations, %d answers, %d faults at iyzico.\n\n", r.length, *soakSeed, soakCallers, len(x.operations),
		answersOf(x), faultsOf(x))
	b.WriteString("| at | operations | goroutines | live heap | objects | anonymous | threads | files | store file | in use | accounts | unknown | waiting for a person | to look at | unpublished | events |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, p := range append(slices.Clone(r.points), r.last) {
		fmt.Fprintf(&b, "| %s | %d | %d | %s | %d | %s | %d | %d | %s | %s | %d | %d | %d | %d | %d | %s |\n", p.at.Round(time.Second), p.operations, p.Goroutines,
			figure(float64(p.HeapBytes)), p.HeapObjects, figure(float64(p.AnonBytes)), p.Threads, p.Files, figure(float64(p.fileBytes)), figure(float64(p.usedBytes)),
			p.accounts, p.unknown, p.waiting, p.due, p.outbox, figure(float64(p.events)))
	}
	b.WriteString("\n| route | answers | p50 ms | p90 ms | p99 ms | p50, last third ÷ first |\n|---|---|---|---|---|---|\n")
	for _, route := range slices.Sorted(maps.Keys(x.latencies)) {
		r.route(&b, route)
	}
	fmt.Fprintf(&b, "\nanswers by status: %v\noperations in the end: %v\nfaults: %v\n", x.answers, r.statuses, x.faults)
	fmt.Fprintf(&b, "unfinished when the traffic stopped: %d; unknown left: %d\n", r.atStop, r.left)
	fmt.Fprintf(&b, "iyzico executed %d movements, %s; iade says %s; executed − asked %s; attempts executed twice: %d\n", r.movements, r.executed.StringFixed(2),
		r.told.StringFixed(2), r.executed.Sub(r.told).StringFixed(2), r.twice)
	fmt.Fprintf(&b, "\n| | first third | last third | ratio | bound | verdict |\n|---|---|---|---|---|---|\n")
	word := "flat"
	for _, v := range r.verdicts() {
		fmt.Fprintln(&b, v)
		if !v.flat() {
			word = "NOT FLAT"
		}
	}
	fmt.Fprintf(&b, "\nverdict: %s\n", word)
	return b.String()
}

func (r *soakReport) route(b *strings.Builder, route string) {
	var all, first, last []time.Duration
	for _, l := range r.traffic.latencies[route] {
		all = append(all, l.took)
		switch {
		case l.at < r.length/3:
			first = append(first, l.took)
		case l.at >= r.length*2/3:
			last = append(last, l.took)
		}
	}
	drift := "–"
	if len(first) > 0 && len(last) > 0 {
		drift = fmt.Sprintf("%.2f", float64(percentile(last, 50))/float64(percentile(first, 50)))
	}
	fmt.Fprintf(b, "| %s | %d | %s | %s | %s | %s |\n", route, len(all), ms(percentile(all, 50)), ms(percentile(all, 90)), ms(percentile(all, 99)), drift)
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d)/float64(time.Millisecond)) }

// percentile is the smallest value that so many of a hundred do not exceed.
func percentile(all []time.Duration, n int) time.Duration {
	slices.Sort(all)
	return all[min(len(all)-1, max(0, (len(all)*n+99)/100-1))]
}

func answersOf(x *traffic) int {
	n := 0
	for _, count := range x.answers {
		n += count
	}
	return n
}

func faultsOf(x *traffic) int {
	n := 0
	for _, count := range x.faults {
		n += count
	}
	return n
}
