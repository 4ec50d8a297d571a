package iade_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/iade/iade/internal/metrics"
	"github.com/iade/iade/internal/payment"
)

var update = flag.Bool("update", false, "rewrite the generated parts of the documents")

// between replaces or returns what stands between two marker lines of a document.
func between(t *testing.T, file, name, want string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- "+name+":begin -->\n", "<!-- "+name+":end -->"
	before, rest, ok := strings.Cut(string(data), begin)
	have, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s lacks the markers of %s", file, name)
	}
	if have == want {
		return
	}
	if !*update {
		t.Fatalf("%s: %s is not what the code says: run go test . -update", file, name)
	}
	if err := os.WriteFile(file, []byte(before+begin+want+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestTheStateChartInTheDocsIsTheTable(t *testing.T) {
	between(t, "docs/architecture.md", "chart", "```mermaid\n"+payment.Chart()+"```\n")
}

func TestTheMetricsInTheRunbookAreTheTable(t *testing.T) {
	var table strings.Builder
	table.WriteString("| metric | unit | dimensions | it counts |\n|---|---|---|---|\n")
	for _, m := range metrics.All() {
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", m.Name, m.Unit, strings.Join(m.Dimensions, ", "), m.Says)
	}
	between(t, runbook, "metrics", table.String())
}

// TestEveryTestThatTheDocumentsNameExists keeps promises and proofs together: a document that names a test which is gone
// fails.
func TestEveryTestThatTheDocumentsNameExists(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("git", "grep", "-hoE", `^func ((Test|Fuzz|Benchmark|Example)[A-Za-z0-9_]*)\(`, "--", "*_test.go", "internal/apitest/*.go").Output()
	if err != nil {
		t.Skipf("not a git checkout: %v", err)
	}
	defined := string(out)
	name := regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z][A-Za-z0-9_]*)`")
	documents, err := exec.Command("git", "ls-files", "*.md").Output()
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, file := range strings.Fields(string(documents)) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range name.FindAllStringSubmatch(string(data), -1) {
			named++
			if !strings.Contains(defined, "func "+match[1]+"(") {
				t.Errorf("%s names %s, which does not exist", file, match[1])
			}
		}
	}
	if named == 0 {
		t.Error("no document names a test: every promise links to the test that shows it")
	}
}
