package deploy_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/store/dynamo"
)

// journalItem is an item as DynamoDB gets it: each attribute's type and value.
type journalItem map[string]map[string]string

// bytes is the size of some of the item's attributes as DynamoDB counts it: names and values, no number longer than 8.
func (i journalItem) bytes(attributes ...string) int {
	n := 0
	for _, name := range attributes {
		for kind, value := range i[name] {
			n += len(name) + len(value)
			if kind == "N" {
				n += 8 - len(value)
			}
		}
	}
	return n
}

// names are all of its attributes.
func (i journalItem) names() []string {
	var names []string
	for name := range i {
		names = append(names, name)
	}
	return names
}

func (i journalItem) same(other journalItem, name string) bool {
	return i[name]["S"] == other[name]["S"]
}

// journalCost is what one refund costs the journal.
type journalCost struct {
	writes int // units, the indexes' included
	stored int // bytes, the indexes' included
}

// journalUse plays a refund's saves into the journal and works out what DynamoDB counts of them. internal/store/dynamo holds
// the count against an engine.
func journalUse(t *testing.T) journalCost {
	t.Helper()
	const unit = 1024
	units := func(bytes int) int { return (bytes + unit - 1) / unit }
	table := deploy(t, nil).properties("JournalTable")
	kept := map[string]journalItem{}
	cost := journalCost{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var put struct{ Item journalItem }
		if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".PutItem") || json.NewDecoder(r.Body).Decode(&put) != nil {
			t.Errorf("the journal asks for %s", r.Header.Get("X-Amz-Target"))
		}
		key := put.Item["pk"]["S"] + " " + put.Item["sk"]["S"]
		old, item := kept[key], put.Item
		kept[key] = item
		cost.writes += units(item.bytes(item.names()...))
		for _, index := range table["GlobalSecondaryIndexes"].([]any) {
			attributes := projected(index.(object))
			was, is := old[attributes[2]] != nil, item[attributes[2]] != nil
			moved := was && (!item.same(old, attributes[2]) || !item.same(old, attributes[3]))
			switch {
			case was && moved:
				cost.writes += units(old.bytes(attributes...))
				fallthrough
			case is && !was:
				cost.writes += units(item.bytes(attributes...))
			}
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = io.WriteString(w, "{}")
	}))
	defer server.Close()
	client := dynamo.NewClient("eu-central-1", server.URL, credentials.NewStaticCredentialsProvider("local", "local", ""))
	journal := dynamo.NewJournal(client, "journal", 3650*24*time.Hour)
	var before payment.Account
	for _, a := range playedRefund(t) {
		if err := journal.Append(t.Context(), payment.Records(before, a)); err != nil {
			t.Fatal(err)
		}
		before = a
	}
	for _, item := range kept {
		cost.stored += item.bytes(item.names()...)
		for _, index := range table["GlobalSecondaryIndexes"].([]any) {
			if attributes := projected(index.(object)); item[attributes[2]] != nil {
				cost.stored += item.bytes(attributes...)
			}
		}
	}
	return cost
}

// projected are the attributes that an index holds: the table's key, its own, and what it includes.
func projected(index object) []string {
	attributes := []string{"pk", "sk"}
	for _, key := range index["KeySchema"].([]any) {
		attributes = append(attributes, key.(object)["AttributeName"].(string))
	}
	included, _ := index["Projection"].(object)["NonKeyAttributes"].([]any)
	for _, name := range included {
		attributes = append(attributes, name.(string))
	}
	return attributes
}
