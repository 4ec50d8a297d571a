package proof_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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

var (
	// citation is a document of this repository, and perhaps a numbered part, row or source of it.
	citation = regexp.MustCompile(`\b((?:docs|pkg|examples|events|infra|ops)/[A-Za-z0-9_./-]+\.(?:md|json|yaml|svg|sh))(?:(?:\n\s*(?://|#))? (§[0-9.]*[0-9]|[WP][0-9]+))?`)
	// unresolved cites what nobody who reads this repository has.
	unresolved = regexp.MustCompile(`\b(?:design|contract|reference|tooling|anchors|peers) §|\bseeds? 00[0-9]|\((?:design|contract|reference)(?: §|,? "|\)|$)`)
)

// TestEveryCitationResolves: what code and documents cite is in the repository, and the part that they name is in it.
func TestEveryCitationResolves(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("git", "ls-files", "*.go", "*.md", "*.yaml", "*.yml", "*.sh", "Makefile", ".ci/run").Output()
	if err != nil {
		need.Missing(t, "git and a checkout", "git clone")
	}
	cited := 0
	for _, file := range strings.Fields(string(out)) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if found := unresolved.FindString(string(data)); found != "" && file != "internal/test/proof/documents_test.go" {
			t.Errorf("%s cites %q, which is not in the repository", file, found)
		}
		for _, match := range citation.FindAllStringSubmatch(string(data), -1) {
			cited++
			document, err := os.ReadFile(match[1])
			if err != nil && strings.HasPrefix(file, "docs/") {
				document, err = os.ReadFile(filepath.Join(filepath.Dir(file), match[1]))
			}
			if err != nil && strings.HasPrefix(file, "pkg/iyzico/") {
				document, err = os.ReadFile(filepath.Join("pkg/iyzico", match[1]))
			}
			if err != nil {
				t.Errorf("%s cites %s, which does not exist", file, match[1])
				continue
			}
			if part := match[2]; part != "" && !holds(string(document), part) {
				t.Errorf("%s cites %s of %s, which it does not have", file, part, match[1])
			}
		}
	}
	if cited < 50 {
		t.Errorf("only %d citations were found", cited)
	}
}

// holds tells whether a document has a numbered heading (§5.2), or a row or source of that name (W12, P4).
func holds(document, part string) bool {
	if number, isHeading := strings.CutPrefix(part, "§"); isHeading {
		return regexp.MustCompile(`(?m)^#+ ` + regexp.QuoteMeta(number) + `[. ]`).MatchString(document)
	}
	return regexp.MustCompile(`(?m)^\| ` + "`?" + part + "`?" + ` \|`).MatchString(document)
}
