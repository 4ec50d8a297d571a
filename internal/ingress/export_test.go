package ingress_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/journal"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/store/bolt"
	"github.com/iade/iade/internal/test/need"
)

// TestExportingAMonthTakesFlatMemory asks page by page for a month of operations as CSV, as a client of GET /operations does:
// each of them comes once and in order, and neither side holds more than a page.
func TestExportingAMonthTakesFlatMemory(t *testing.T) {
	operations := 5_000
	if need.Minutes() {
		operations = 100_000 // a minute on a busy machine
	}
	const mostHeap = 24 << 20 // the pages of the file that are mapped are not heap
	store, err := bolt.Open(filepath.Join(t.TempDir(), "iade.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	begin := time.Date(2026, time.February, 28, 21, 0, 0, 0, time.UTC) // March in Istanbul
	month := 31 * 24 * time.Hour
	fillMonth(t, store, operations, begin, month)
	api := newAPI(&fakeService{})
	api.Journal = journal.New(store, func() time.Time { return begin.Add(2 * month) })

	most, rows, pages := uint64(0), 0, 0
	before := heap() // what other tests left
	path := "/operations?from=2026-03-01&to=2026-03-31&order=asc&limit=200"
	for path != "" {
		route, query, _ := strings.Cut(path, "?")
		req := with(get(route, query), "Accept", "text/csv")
		response := api.Handle(context.Background(), req)
		if response.Status != http.StatusOK {
			t.Fatalf("%d %s", response.Status, response.Body)
		}
		lines, err := csv.NewReader(bytes.NewReader(response.Body)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines[1:] {
			if want := monthID(rows); line[0] != want {
				t.Fatalf("row %d is %s, want %s", rows, line[0], want)
			}
			rows++
		}
		path = nextLink(response)
		if pages++; pages%10 == 0 {
			now := heap()
			most = max(most, now-min(before, now))
		}
	}
	if rows != operations || pages > operations/200+1 {
		t.Errorf("%d rows of %d on %d pages", rows, operations, pages)
	}
	t.Logf("%d operations on %d pages: %d KiB of heap at most", rows, pages, most>>10)
	if most > mostHeap {
		t.Errorf("the heap grew to %d bytes", most)
	}
}

func monthID(i int) string { return fmt.Sprintf("rf_%d_%016d", 10000000+i%1000, i) }

// fillMonth keeps operations of a month that begins a little before and ends a little after: all of one status, so that
// nothing but the time tells them apart.
func fillMonth(t *testing.T, store *bolt.Store, operations int, begin time.Time, month time.Duration) {
	t.Helper()
	record := func(id string, at time.Time) payment.Record {
		op := payment.Resource{
			ID: id, Kind: payment.KindRefund, Status: payment.StatusSucceeded, PaymentID: strings.Split(id, "_")[1], Amount: "10.50", RefundedAmount: "10.50",
			Currency: "TRY", Reference: "order " + id, CreatedAt: at, UpdatedAt: at, SettledAt: at, Legs: []payment.LegView{{Amount: "10.50", Status: payment.StatusSucceeded}},
		}
		return payment.Record{OperationID: id, Kind: op.Kind, PaymentID: op.PaymentID, Sequence: 1, At: at, To: string(op.Status), Actor: "iade:queue", Operation: op}
	}
	records := []payment.Record{record("rf_1_beforeaaaaaaaaaa", begin.Add(-time.Nanosecond)), record("rf_1_afteraaaaaaaaaaa", begin.Add(month))}
	for i := range operations {
		records = append(records, record(monthID(i), begin.Add(month/time.Duration(operations)*time.Duration(i))))
		if len(records) >= 5000 || i == operations-1 {
			if err := store.Append(t.Context(), records); err != nil {
				t.Fatal(err)
			}
			records = records[:0]
		}
	}
}

// nextLink is the path of a page's Link, "" at the end.
func nextLink(r ingress.Response) string {
	link, found := strings.CutSuffix(r.Header.Get("Link"), `>; rel="next"`)
	if !found {
		return ""
	}
	return strings.TrimPrefix(link, "<")
}

// heap is what is in use after a collection.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
