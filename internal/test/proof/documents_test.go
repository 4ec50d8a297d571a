package proof_test

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
	"github.com/iade/iade/internal/test/need"
	"github.com/iade/iade/internal/test/repo"
)

var update = flag.Bool("update", false, "rewrite the generated parts of the documents")

func TestTheStateChartInTheDocsIsTheTable(t *testing.T) {
	repo.Generated(t, "docs/how-it-works.md", "chart", "```mermaid\n"+payment.Chart()+"```\n", *update)
}

func TestTheEvidenceInTheDocsIsTheTable(t *testing.T) {
	repo.Generated(t, "docs/evidence.md", "effects", payment.EvidenceTable(), *update)
}

func TestTheMetricsInTheRunbookAreTheTable(t *testing.T) {
	var table strings.Builder
	table.WriteString("| metric | unit | dimensions | it counts |\n|---|---|---|---|\n")
	for _, m := range metrics.All() {
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", m.Name, m.Unit, strings.Join(m.Dimensions, ", "), m.Says)
	}
	repo.Generated(t, "docs/operate.md", "metrics", table.String(), *update)
}

// TestEveryTestThatTheDocumentsNameExists keeps promises and proofs together: a document that names a test which is gone
// fails.
func TestEveryTestThatTheDocumentsNameExists(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("git", "grep", "-hoE", `^func ((Test|Fuzz|Benchmark|Example)[A-Za-z0-9_]*)\(`, "--", "*_test.go", "internal/test/api/*.go").Output()
	if err != nil {
		need.Missing(t, "git and a checkout", "git clone")
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
