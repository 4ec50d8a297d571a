package proof_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestTheDocsShowTheTable keeps docs/proof/guards.md the table's.
func TestTheDocsShowTheTable(t *testing.T) {
	const file = root + "/docs/proof/guards.md"
	want := document()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != want {
		t.Error("docs/proof/guards.md is not what the table says: run make docs")
	}
}

func document() string {
	var text strings.Builder
	fmt.Fprint(&text, "# Guards that must not be removed\n\n"+
		"A test that cannot fail proves nothing. Each row below is a few characters of the product that keep a promise; `TestNoGuardMayBeRemoved` takes them\n"+
		"away, one row at a time, in a copy that only the compiler sees (`go test -overlay`), and demands that the named test fails by an\n"+
		"assertion. `make guards` prints for each row what its test said. This page is generated from the table in\n`internal/test/proof`.\n")
	for _, part := range parts {
		fmt.Fprintf(&text, "\n## %s\n\n| promise | kept in | without it fails |\n|---|---|---|\n", part.title)
		for _, g := range part.guards {
			fmt.Fprintf(&text, "| %s | `%s` | `%s` |\n", g.name, g.file, g.test)
		}
	}
	return text.String()
}
