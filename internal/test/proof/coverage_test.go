package proof_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/iade/iade/internal/test/need"
)

// TestEveryLineThatDecidesIsRunOrExplained measures the tests of the domain and the client. Of what Rules.Decide may call,
// each block of statements must be run by a test, or be in the table of explanations; one that is there and is run after
// all must leave it.
func TestEveryLineThatDecidesIsRunOrExplained(t *testing.T) {
	need.Heavy(t)
	functions := reachable(t)
	if len(functions) < 100 {
		t.Fatalf("Rules.Decide reaches %d functions only: the search is broken", len(functions))
	}
	p := measure(t)
	for _, folder := range counted {
		fmt.Printf("%s: %.1f %% of statements\n", folder, p.percent(folder))
	}
	missing := map[explanation]bool{}
	decides := 0
	for _, b := range p.missed() {
		f, ok := inside(functions, b)
		if !ok || p.statements[b] == 0 { // an empty case
			continue
		}
		decides++
		e := explanation{f.name, firstLine(t, b), ""}
		i := slices.IndexFunc(explained, func(x explanation) bool { return x.function == e.function && x.line == e.line })
		if i < 0 {
			t.Errorf("internal/payment/%s:%d: no test runs this, and nothing explains it:\n\t{%q, %q, \"\"},", f.file, b.fromLine, e.function, e.line)
			continue
		}
		missing[explained[i]] = true
		fmt.Printf("internal/payment/%s:%d: %s: %s: %s\n", f.file, b.fromLine, e.function, e.line, explained[i].why)
	}
	fmt.Printf("Rules.Decide reaches %d functions; %d blocks of them are run by no test\n", len(functions), decides)
	for _, e := range explained {
		if !missing[e] {
			t.Errorf("%s: %q is explained, and it is run or gone: take it out of the table", e.function, e.line)
		}
		if e.why == "" {
			t.Errorf("%s: %q has no explanation", e.function, e.line)
		}
	}
}

// inside finds the function that a block stands in.
func inside(functions []function, b block) (function, bool) {
	i := slices.IndexFunc(functions, func(f function) bool {
		return b.file == path.Join(module+"internal/payment", f.file) && f.fromLine <= b.fromLine && b.toLine <= f.toLine
	})
	if i < 0 {
		return function{}, false
	}
	return functions[i], true
}

// firstLine is the first statement of a block: its place may change, its text rarely does.
func firstLine(t *testing.T, b block) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, strings.TrimPrefix(b.file, module)))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	first := strings.Trim(lines[b.fromLine-1][b.fromCol-1:], " \t{")
	for at := b.fromLine; first == "" && at < b.toLine; at++ {
		first = strings.TrimSpace(lines[at])
	}
	return first
}
