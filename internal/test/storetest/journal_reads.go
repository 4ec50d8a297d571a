package storetest

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/iade/iade/internal/journal"
	"github.com/iade/iade/internal/payment"
)

// journalPages has years in it, several operations of one moment, and every status in turn.
func journalPages(t *testing.T, s journal.Store) {
	const operations = 60
	statuses := []payment.Status{payment.StatusSucceeded, payment.StatusRejected, payment.StatusUnknown}
	var all, some []string
	for i := range operations {
		e := accepted("10000001", i, at(i/3*60*24*20))
		mustAppend(t, s, e, e.then(statuses[i%3]))
		all = append(all, e.id)
		if i%3 != 2 {
			some = append(some, e.id)
		}
	}
	slices.Reverse(all)
	slices.Reverse(some)
	byTime := func(ids []string, descending bool) []string {
		// Within one moment operations stand by their ids, which rise with i but for the 26th letter.
		sorted := slices.Clone(ids)
		number := map[string]int{}
		for i := range operations {
			number[opID("10000001", i)] = i
		}
		slices.SortFunc(sorted, func(a, b string) int {
			if d := number[a]/3 - number[b]/3; d != 0 {
				return d
			}
			return strings.Compare(a, b)
		})
		if descending {
			slices.Reverse(sorted)
		}
		return sorted
	}
	two := []payment.Status{payment.StatusSucceeded, payment.StatusRejected}
	for _, limit := range []int{1, 7, operations - 1, operations, journal.MostListed} {
		if limit == 1 && testing.Short() {
			continue
		}
		findsAre(t, s, journal.Filter{}, limit, byTime(all, true)...)
		findsAre(t, s, journal.Filter{Ascending: true}, limit, byTime(all, false)...)
		findsAre(t, s, journal.Filter{Statuses: two}, limit, byTime(some, true)...)
		findsAre(t, s, journal.Filter{Statuses: two, PaymentID: "10000001", Ascending: true}, limit, byTime(some, false)...)
	}
}

func journalCursorSurvives(t *testing.T, s journal.Store) {
	for i := range 6 {
		mustAppend(t, s, accepted("10000001", i, at(i)))
	}
	findsAre(t, s, journal.Filter{}, 10, opID("10000001", 5), opID("10000001", 4), opID("10000001", 3), opID("10000001", 2), opID("10000001", 1), opID("10000001", 0))
	first, cursor, err := journalOf(s).Find(t.Context(), journal.Filter{}, "", 3)
	if err != nil || len(first) != 3 || cursor == "" {
		t.Fatalf("%d, %q, %v", len(first), cursor, err)
	}
	mustAppend(t, s, accepted("10000001", 6, at(6)), accepted("10000001", 7, at(7)))
	mustAppend(t, s, accepted("10000001", 1, at(1)).then(payment.StatusSucceeded))
	rest, next, err := journalOf(s).Find(t.Context(), journal.Filter{}, cursor, 3)
	if err != nil || len(rest) != 3 || rest[0].ID != opID("10000001", 2) || rest[2].ID != opID("10000001", 0) {
		t.Errorf("%+v, %v", rest, err)
	}
	if next != "" {
		if last, next, err := journalOf(s).Find(t.Context(), journal.Filter{}, next, 3); len(last) > 0 || next != "" || err != nil {
			t.Errorf("after the end: %v, %q, %v", last, next, err)
		}
	}
}

// journalEmptyPage looks for one of many: a page ends where it has looked at enough.
func journalEmptyPage(t *testing.T, s journal.Store) {
	if testing.Short() {
		t.Skip("appends a thousand operations")
	}
	wanted := accepted("10000009", 0, at(0))
	wanted.kind, wanted.reference = payment.KindCancel, "r"
	entries := []entry{wanted}
	for i := range 1100 {
		e := accepted("10000001", i, at(1+i))
		e.id = fmt.Sprintf("rf_10000001_%016d", i)
		e.reference = "r"
		entries = append(entries, e)
	}
	mustAppend(t, s, entries...)
	f := journal.Filter{Reference: "r", Kind: payment.KindCancel}
	findsAre(t, s, f, 10, wanted.id)
	page, next, err := journalOf(s).Find(t.Context(), f, "", 10)
	if err != nil || len(page) > 0 || next == "" {
		t.Errorf("the first page has %d, cursor %q, %v", len(page), next, err)
	}
}

func journalCursor(t *testing.T, s journal.Store) {
	encode := base64.RawURLEncoding.EncodeToString
	for _, cursor := range []string{
		"x", "%", "j.", "j.x", "j." + encode(nil), "j." + encode([]byte("2031")), encode([]byte(journal.PositionAt(at(0)) + "#rf_1")),
		"j." + encode([]byte(journal.PositionAt(at(0)))), "j." + encode([]byte(journal.PositionAt(at(0))+"#")),
		"j." + encode([]byte(journal.PositionAt(at(0))+"#\x00")), "j." + strings.Repeat("A", 1<<16), "\x00", "j." + encode([]byte("\xff#a")),
	} {
		if _, _, err := journalOf(s).Find(t.Context(), journal.Filter{}, cursor, 10); payment.CodeOf(err) != payment.CodeInvalidRequest {
			t.Errorf("Find after %.60q: %v", cursor, err)
		}
	}
}

func journalTimes(t *testing.T, s journal.Store) {
	var ids []string
	for i := range 5 {
		mustAppend(t, s, accepted("10000001", i, at(i)))
		ids = append(ids, opID("10000001", i))
	}
	findsAre(t, s, journal.Filter{From: at(1), To: at(3)}, 10, ids[2], ids[1])
	findsAre(t, s, journal.Filter{From: at(1), To: at(3), Ascending: true}, 1, ids[1], ids[2])
	findsAre(t, s, journal.Filter{From: at(3)}, 10, ids[4], ids[3])
	findsAre(t, s, journal.Filter{To: at(1)}, 10, ids[0])
	findsAre(t, s, journal.Filter{From: at(3), To: at(3)}, 10)
	findsAre(t, s, journal.Filter{From: at(3), To: at(1)}, 10)
	findsAre(t, s, journal.Filter{From: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}, 10)
	findsAre(t, s, journal.Filter{To: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), From: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)}, 2, ids[4], ids[3], ids[2], ids[1], ids[0])
}

func movedAre(t *testing.T, s journal.Store, day string, want ...string) {
	t.Helper()
	eventually(t, func() string {
		var got []string
		for r, err := range journalOf(s).Moved(t.Context(), day) {
			if err != nil {
				t.Fatal(err)
			}
			if r.Movement == nil || r.Movement.Amount != "10.50" {
				t.Fatalf("record %+v", r)
			}
			got = append(got, r.OperationID)
		}
		if !slices.Equal(got, want) {
			return fmt.Sprintf("moved on %s (-want +got):\n%s", day, cmp.Diff(want, got))
		}
		return ""
	})
}

// journalMoved: the day is Istanbul's, three hours before UTC's, and that of the movement, not of the record.
func journalMoved(t *testing.T, s journal.Store) {
	midnight := time.Date(2031, time.March, 4, 21, 0, 0, 0, time.UTC)
	early, late := accepted("10000001", 0, midnight), accepted("10000001", 1, midnight.Add(time.Minute))
	early, late = early.then(payment.StatusSucceeded), late.then(payment.StatusSucceeded)
	early.moved, late.moved = midnight.Add(-time.Nanosecond), midnight
	third := accepted("10000002", 2, midnight.Add(40*time.Hour)).then(payment.StatusSucceeded)
	third.moved = midnight.Add(-time.Hour)
	mustAppend(t, s, accepted("10000001", 3, midnight))
	mustAppend(t, s, late, early, third)
	movedAre(t, s, "2031-03-04", third.id, early.id)
	movedAre(t, s, "2031-03-05", late.id)
	movedAre(t, s, "2031-03-06")
}

func journalLongHistory(t *testing.T, s journal.Store) {
	changes := 1203
	if testing.Short() {
		changes = 503
	}
	e := accepted("10000001", 0, at(0))
	var entries []entry
	for range changes {
		e.moved = at(0)
		entries = append(entries, e)
		e = e.then(payment.StatusUnknown)
	}
	mustAppend(t, s, entries...)
	got, err := journalOf(s).History(t.Context(), e.id)
	if err != nil || len(got) != changes {
		t.Fatalf("%d changes of %d, %v", len(got), changes, err)
	}
	eventually(t, func() string {
		n := 0
		for _, err := range journalOf(s).Moved(t.Context(), payment.IstanbulDay(at(0))) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != changes {
			return fmt.Sprintf("%d movements of %d", n, changes)
		}
		return ""
	})
}

// journalLarge is an operation of as many legs as a payment may have.
func journalLarge(t *testing.T, s journal.Store) {
	r := accepted("10000001", 0, at(0)).record()
	for i := range 500 {
		r.Operation.Legs = append(r.Operation.Legs, payment.LegView{
			PaymentTransactionID: fmt.Sprint(1e18 + float64(i)), Amount: "1.00", Status: payment.StatusSucceeded, ConversationID: fmt.Sprint(r.OperationID, "-", i),
			Iyzico: &payment.ProofView{AuthCode: "512821", HostReference: strings.Repeat("h", 24), RefundHostReference: strings.Repeat("r", 24), RefundTxID: fmt.Sprint(i)},
		})
	}
	if err := s.Append(t.Context(), []payment.Record{r}); err != nil {
		t.Fatal(err)
	}
	operations, err := s.Operations(t.Context(), []string{r.OperationID})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.Operation, operations[r.OperationID]); diff != "" {
		t.Error(diff)
	}
}

func journalCancelled(t *testing.T, s journal.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e := accepted("10000001", 0, at(0))
	if err := s.Append(ctx, []payment.Record{e.record()}); err == nil {
		t.Error("Append with a cancelled context")
	}
	if _, _, err := journalOf(s).Find(ctx, journal.Filter{}, "", 10); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Errorf("Find: %v", err)
	}
	if _, err := journalOf(s).History(ctx, e.id); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Errorf("History: %v", err)
	}
	findsAre(t, s, journal.Filter{}, 10)
}
