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

const apiPage = "docs/api.md"

// TestTheProblemsInTheAPIPageAreTheTable: every problem that a caller can meet.
func TestTheProblemsInTheAPIPageAreTheTable(t *testing.T) {
	var table strings.Builder
	table.WriteString("| word | HTTP | title |\n|---|---|---|\n")
	for _, p := range ingress.ProblemTypes() {
		fmt.Fprintf(&table, "| `%s` | %d | %s |\n", p.Slug, p.Status, p.Title)
	}
	repo.Generated(t, apiPage, "problems", table.String(), *update)
}

// TestTheAPIPageSaysWhatToDoWithEveryAnswer: with every status of an operation, and with every HTTP status of a problem.
func TestTheAPIPageSaysWhatToDoWithEveryAnswer(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(apiPage)
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "## What to do, by `status`")
	table, _, _ = strings.Cut(table, "\n## ")
	for _, s := range payment.Statuses() {
		if !strings.Contains(table, "`"+string(s)+"`") {
			t.Errorf("%s does not say what to do with %s", apiPage, s)
		}
	}
	for _, p := range ingress.ProblemTypes() {
		if !strings.Contains(table, fmt.Sprint(p.Status)) {
			t.Errorf("%s does not say what to do with %d (%s)", apiPage, p.Status, p.Slug)
		}
	}
	for _, s := range []payment.PaymentStatus{
		payment.PaymentUnpaid, payment.PaymentAuthorized, payment.PaymentPaid, payment.PaymentPartiallyRefunded, payment.PaymentRefunded, payment.PaymentCancelled,
	} {
		if !strings.Contains(string(text), "`"+string(s)+"`") {
			t.Errorf("%s does not explain a payment that is %s", apiPage, s)
		}
	}
}
