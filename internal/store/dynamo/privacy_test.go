package dynamo

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/iade/iade/internal/payment"
)

// TestThePrivacyDocumentTellsWhatTheJournalKeeps holds docs/privacy.md's attributes against the journal's items.
func TestThePrivacyDocumentTellsWhatTheJournalKeeps(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../../docs/privacy.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "<!-- journal:begin -->")
	listed, _, _ := strings.Cut(rest, "<!-- journal:end -->")
	var documented []string
	for i, part := range strings.Split(listed, "`") {
		if i%2 == 1 {
			documented = append(documented, part)
		}
	}
	slices.Sort(documented)
	j := NewJournal(nil, "journal", time.Hour)
	op := payment.Resource{ID: "rf_1_a", PaymentID: "1", Reference: "r", CreatedAt: time.Now()}
	r := payment.Record{OperationID: op.ID, Operation: op, Movement: &payment.Movement{}}
	stored := map[string]bool{}
	for _, made := range []func(payment.Record) (map[string]types.AttributeValue, error){j.recordItem, j.operationItem} {
		item, err := made(r)
		if err != nil {
			t.Fatal(err)
		}
		for name := range item {
			stored[name] = true
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(stored)), documented); diff != "" {
		t.Errorf("(- stored, + documented):\n%s", diff)
	}
}

// TestThePrivacyDocumentTellsWhatTheTableKeeps holds docs/privacy.md's times and attributes against the items.
func TestThePrivacyDocumentTellsWhatTheTableKeeps(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../../docs/privacy.md")
	if err != nil {
		t.Fatal(err)
	}
	row := func(place string) string {
		_, rest, found := strings.Cut(string(data), "| "+place+" |")
		if !found {
			t.Fatalf("no row %s", place)
		}
		line, _, _ := strings.Cut(rest, "\n")
		return line
	}
	if !strings.Contains(row("table: accounts of payments"), fmt.Sprintf("**%d days**", keptFor/(24*time.Hour))) {
		t.Errorf("accounts of payments are kept for %s", keptFor)
	}
	if !strings.Contains(row("table: counters of calls"), "**1 hour**") || quotaKept != time.Hour {
		t.Errorf("counters are kept for %s", quotaKept)
	}
	if _, expires := expiry(payment.Account{ID: payment.FundAccount("fp_x"), PaidAt: time.Now()}); expires || !strings.Contains(row("table: accounts of fund payments"), "**for good**") {
		t.Errorf("accounts of fund payments expire: %v", expires)
	}
	_, rest, _ := strings.Cut(string(data), "<!-- attributes:begin -->")
	listed, _, _ := strings.Cut(rest, "<!-- attributes:end -->")
	var documented []string
	for i, part := range strings.Split(listed, "`") {
		if i%2 == 1 {
			documented = append(documented, part)
		}
	}
	slices.Sort(documented)
	all := []string{keyAttr, versionAttr, writerAttr, accountAttr, shardAttr, dueAttr, expiresAttr, usedAttr}
	slices.Sort(all)
	if diff := cmp.Diff(all, documented); diff != "" {
		t.Errorf("(- stored, + documented):\n%s", diff)
	}
	item, err := newItem(payment.Account{ID: payment.PaymentAccount("1"), Version: 1, PaidAt: time.Now()}, "writer")
	if err != nil {
		t.Fatal(err)
	}
	for name := range item {
		if !slices.Contains(documented, name) {
			t.Errorf("attribute %s is not documented", name)
		}
	}
}
