package proof_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/test/repo"
)

const contractPage = "docs/contract.md"

// TestTheRoutesInTheContractDocsAreTheTable: the page that others rely on names every route and no other.
func TestTheRoutesInTheContractDocsAreTheTable(t *testing.T) {
	var table strings.Builder
	table.WriteString("| route | who may call it |\n|---|---|\n")
	for _, r := range ingress.Routes() {
		fmt.Fprintf(&table, "| `%s %s` | %s |\n", r.Method, r.Pattern, r.Scope)
	}
	repo.Generated(t, contractPage, "routes", table.String(), *update)
}

// TestTheStatusesInTheContractDocsAreTheDomains: every status, what it says of the money, and whether it is an event.
func TestTheStatusesInTheContractDocsAreTheDomains(t *testing.T) {
	var table strings.Builder
	table.WriteString("| `status` | has an end ahead of it | is an event |\n|---|---|---|\n")
	for _, s := range payment.Statuses() {
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", s, yes(s.Unfinished()), yes(s.Published()))
	}
	repo.Generated(t, contractPage, "statuses", table.String(), *update)
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// TestEveryStatusStandsInTheReadme: a reader looks a status up there first.
func TestEveryStatusStandsInTheReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range payment.Statuses() {
		if !strings.Contains(string(readme), "`"+string(s)+"`") {
			t.Errorf("README.md does not say what to do with %s", s)
		}
	}
	if lines := strings.Count(string(readme), "\n"); lines > 200 {
		t.Errorf("README.md has %d lines; a newcomer reads 200", lines)
	}
}
