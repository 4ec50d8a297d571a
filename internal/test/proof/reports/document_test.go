package reports_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/test/repo"
)

var update = flag.Bool("update", false, "rewrite the table of docs/proof/reports.md")

// count is what the changes of one report led to.
type count struct {
	name                       string
	changes, falseNo, falseYes int
	bothSilent                 int // moved, and neither the report nor the day list has the entry
	ends                       map[payment.State]int
}

// String is a row of the table in docs/proof/reports.md.
func (c count) String() string {
	return fmt.Sprintf("| %s | %d | %d | %d | %d | %d | %d | %d |", c.name, c.changes, c.ends[payment.StateSucceeded], c.ends[payment.StateNotExecuted],
		c.ends[payment.StateNeedsReview], c.bothSilent, c.falseNo, c.falseYes)
}

// counts are those of every report that was played.
type counts struct {
	mu   sync.Mutex
	rows []count
}

var counted counts

func (c *counts) add(row count) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rows = append(c.rows, row)
}

func (c *counts) table() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	slices.SortFunc(c.rows, func(a, b count) int { return strings.Compare(a.name, b.name) })
	sum := count{name: "all", ends: map[payment.State]int{}}
	text := "| report | changes | succeeded | not_executed | needs_review | neither source has it | false noes | false yeses |\n|---|---|---|---|---|---|---|---|\n"
	for _, row := range c.rows {
		text += row.String() + "\n"
		sum.changes += row.changes
		sum.falseNo += row.falseNo
		sum.bothSilent += row.bothSilent
		sum.falseYes += row.falseYes
		for state, n := range row.ends {
			sum.ends[state] += n
		}
	}
	return text + sum.String() + "\n"
}

// TestMain runs the tests from the repository's root and compares the document's numbers once all were played.
func TestMain(m *testing.M) {
	flag.Parse()
	repo.Main(m, func() error { return documented(counted.table()) })
}

const document = "docs/proof/reports.md"

// documented compares the table with the document, unless only some reports or some changes were played.
func documented(table string) error {
	if testing.Short() || flag.Lookup("test.run").Value.String() != "" {
		return nil
	}
	data, err := os.ReadFile(document)
	if err != nil {
		return fmt.Errorf("read the numbers: %w", err)
	}
	const begin, end = "<!-- reports:begin -->\n", "<!-- reports:end -->"
	before, rest, ok := strings.Cut(string(data), begin)
	have, after, ends := strings.Cut(rest, end)
	switch {
	case !ok || !ends:
		return fmt.Errorf("%s has no place for the table", document)
	case have == table:
		return nil
	case !*update:
		return fmt.Errorf("%s shows other numbers than were played: run this test with -update", document)
	}
	if err := os.WriteFile(document, []byte(before+begin+table+end+after), 0o600); err != nil {
		return fmt.Errorf("write the numbers: %w", err)
	}
	return nil
}
