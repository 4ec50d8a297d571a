package lambda_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/proof/crash-points.md")

// TestCrashPointsDocs holds docs/proof/crash-points.md against the flows.
func TestCrashPointsDocs(t *testing.T) {
	t.Parallel()
	const file = "docs/proof/crash-points.md"
	want := crashPointsDocs()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(file); err != nil || string(have) != want {
		t.Errorf("%s is not what the flows are (%v): run make docs", file, err)
	}
}

func crashPointsDocs() string {
	var b strings.Builder
	total := 0
	for _, f := range flows() {
		total += 2 * len(f.exchanges)
	}
	fmt.Fprintf(&b, `# Crash points

<!-- Written from internal/test/lambda/flows_test.go: make docs -->

A process changes something outside itself, or learns something from there, only by an exchange with the table, iyzico, the
secrets, the queues or the bus. So these are all the places where a crash can make a difference. `+"`TestAProcessMayBeKilledAtEveryExchange`"+`
runs the functions' binaries as Lambda does, with a proxy before everything that they talk to. It holds the exchanges of each flow
against this list, to the letter, and then kills the process with SIGKILL before and after each one: %d times. Each time the
request comes again to new processes, and what iyzico really did, what callers are told and what is published must agree.
`+"`make kill KILLS=500 SEED=7`"+` kills at random moments, under load, as often as one likes (`+"`TestProcessesMayBeKilledAtAnyTime`"+`).

| flow | function that is killed | its exchanges | crash points |
|---|---|---|---|
`, total)
	for _, f := range flows() {
		fmt.Fprintf(&b, "| %s | %s | %s | %d |\n", f.name, f.function, strings.Join(runs(f.exchanges), ", "), 2*len(f.exchanges))
	}
	return b.String()
}

// runs writes repetitions as one.
func runs(exchanges []string) []string {
	var all []string
	for i := 0; i < len(exchanges); {
		n := 1
		for i+n < len(exchanges) && exchanges[i+n] == exchanges[i] {
			n++
		}
		run := exchanges[i]
		if n > 1 {
			run = fmt.Sprintf("%d × %s", n, run)
		}
		all = append(all, run)
		i += n
	}
	return all
}
