package safety

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Result is the score of a case.
type Result struct {
	Case
	Score
}

// Table shows what each side did under each mode, as Markdown.
func Table(results []Result) string {
	var b strings.Builder
	b.WriteString("| what goes wrong between service and iyzico | asked | **iade**: executed − asked | wrong answers | told to pay again | left unknown | settled within " +
		"| **the obvious service**: executed − asked | wrong answers | told to pay again | left unknown | settled within |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, mode := range Modes() {
		in := func(side Side) (Score, bool) {
			return total(results, func(r Result) bool { return r.Mode.Name == mode.Name && r.Side.Name == side.Name })
		}
		if iade, ok := in(Iade()); ok {
			obvious, _ := in(Obvious())
			writeRow(&b, mode.Name, iade, obvious)
		}
	}
	iade, _ := total(results, func(r Result) bool { return r.Side.Name == Iade().Name })
	obvious, _ := total(results, func(r Result) bool { return r.Side.Name == Obvious().Name })
	writeRow(&b, "**all**", iade, obvious)
	return b.String()
}

func writeRow(b *strings.Builder, name string, iade, obvious Score) {
	fmt.Fprintf(b, "| %s | %s |", name, iade.Asked.StringFixed(2))
	for _, s := range []Score{iade, obvious} {
		fmt.Fprintf(b, " %s | %d | %d | %d | %s |", s.moved(), s.Wrong(), s.PayAgain, s.Unknown, windows(s.Slowest()))
	}
	b.WriteString("\n")
}

// moved is executed − asked: what was moved too much, and what somebody believes to be moved and was not.
func (s Score) moved() string {
	text := "0"
	if s.TwiceTimes > 0 {
		text = fmt.Sprintf("+%s (%d ×)", s.Twice.StringFixed(2), s.TwiceTimes)
	}
	if s.Lost.IsPositive() {
		text += fmt.Sprintf(" −%s", s.Lost.StringFixed(2))
	}
	return text
}

// Loads shows the same sums by how the callers came.
func Loads(results []Result) string {
	var loads []Load
	for _, r := range results {
		if !slices.Contains(loads, r.Load) {
			loads = append(loads, r.Load)
		}
	}
	slices.SortFunc(loads, func(a, b Load) int { return cmp.Or(a.Concurrency-b.Concurrency, a.Duplicates-b.Duplicates) })
	var b strings.Builder
	b.WriteString("| refunds at once | callers each | service | refunds | definitely refused | asked | executed | executed − asked | said done, was not | said not done, was | changed its word | unknown | settled within |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, load := range loads {
		for _, side := range []Side{Iade(), Obvious()} {
			s, _ := total(results, func(r Result) bool { return r.Load == load && r.Side.Name == side.Name })
			fmt.Fprintf(&b, "| %d | %d | %s | %d | %d | %s | %s | %s | %d | %d | %d | %d | %s |\n", load.Concurrency, load.Duplicates, side.Name, s.Refunds, s.Refused,
				s.Asked.StringFixed(2), s.Executed.StringFixed(2), s.moved(), s.SaidDone, s.SaidNotDone, s.Changed, s.Unknown, windows(s.Slowest()))
		}
	}
	return b.String()
}

func total(results []Result, belongs func(Result) bool) (Score, bool) {
	var sum Score
	found := false
	for _, r := range results {
		if belongs(r) {
			sum.add(r.Score)
			found = true
		}
	}
	return sum, found
}

// windows is a time in settle windows, rounded up, because what is compared are orders and no machine's seconds.
func windows(d time.Duration) string {
	if d == 0 {
		return "never"
	}
	n := int((d + settleWindow - 1) / settleWindow)
	if n == 1 {
		return "1 window"
	}
	return fmt.Sprintf("%d windows", n)
}
