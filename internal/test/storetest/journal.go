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
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/iade/iade/internal/journal"
	"github.com/iade/iade/internal/payment"
)

// RunJournal checks every promise of journal.Store, and the questions that journal.Journal answers on it. open gives an
// empty journal and closes it with the test.
func RunJournal(t *testing.T, open func(t *testing.T) journal.Store) {
	for _, promise := range []struct {
		name  string
		check func(t *testing.T, s journal.Store)
	}{
		{"records come back as they were, oldest first", journalHistory},
		{"a repeat changes nothing", journalRepeat},
		{"an older save never hides a newer one", journalOlder},
		{"a save after a restore comes after the forgotten ones", journalRestored},
		{"operations are found by each of their places", journalPlaces},
		{"conditions are joined", journalJoined},
		{"an operation leaves the status that it had", journalLeavesStatus},
		{"an operation that is accepted anew moves to its new time", journalAcceptedAnew},
		{"pages hold everything once, in order", journalPages},
		{"a cursor survives new entries", journalCursorSurvives},
		{"a page may be empty and go on", journalEmptyPage},
		{"a cursor that is not its own is refused", journalCursor},
		{"times bound a list", journalTimes},
		{"what moved on a day", journalMoved},
		{"a long history is read whole", journalLongHistory},
		{"a large operation", journalLarge},
		{"a cancelled context is honoured", journalCancelled},
	} {
		t.Run(promise.name, func(t *testing.T) {
			t.Parallel()
			promise.check(t, open(t))
		})
	}
}

// entry is one operation's state after one save, in the journal's words.
type entry struct {
	id        string
	kind      payment.Kind
	payment   string
	reference string
	created   time.Time
	from, to  payment.Status
	sequence  int64
	moved     time.Time
}

// opID is an operation's id, its payment's first.
func opID(payment string, n int) string {
	return fmt.Sprintf("rf_%s_%s", payment, strings.Repeat(string(rune('a'+n%26)), 15)+string(rune('a'+n/26%26)))
}

func (e entry) record() payment.Record {
	op := payment.Resource{
		ID: e.id, Kind: e.kind, Status: e.to, PaymentID: e.payment, Reference: e.reference, Amount: "10.50", Currency: "TRY",
		CreatedAt: e.created, UpdatedAt: e.created.Add(time.Duration(e.sequence) * time.Second),
		Iyzico: &payment.ProofView{AuthCode: "512821", RefundTxID: "7"}, Legs: []payment.LegView{{Amount: "10.50", Status: e.to}},
	}
	r := payment.Record{
		Account: payment.PaymentAccount(e.payment), PaymentID: e.payment, OperationID: e.id, Kind: e.kind, Sequence: e.sequence,
		At: op.UpdatedAt, From: string(e.from), To: string(e.to), Actor: "arn:aws:sts::1:assumed-role/shop",
		Evidence: &payment.RecordEvidence{ConversationID: e.id + "-1", RefundTxID: "7"}, Operation: op,
	}
	if !e.moved.IsZero() {
		r.Movement = &payment.Movement{At: e.moved, Amount: "10.50", Currency: "TRY", PaymentTransactionID: "9", ConversationID: e.id + "-1"}
	}
	return r
}

// accepted is a refund's first record.
func accepted(paymentID string, n int, created time.Time) entry {
	return entry{id: opID(paymentID, n), kind: payment.KindRefund, payment: paymentID, created: created, to: payment.StatusProcessing, sequence: 1}
}

func (e entry) then(to payment.Status) entry {
	e.from, e.to, e.sequence = e.to, to, e.sequence+1
	return e
}

func mustAppend(t *testing.T, s journal.Store, entries ...entry) {
	t.Helper()
	var records []payment.Record
	for _, e := range entries {
		records = append(records, e.record())
	}
	if err := s.Append(t.Context(), records); err != nil {
		t.Fatalf("Append: %v", err)
	}
}

func journalOf(s journal.Store) *journal.Journal {
	return journal.New(s, func() time.Time { return at(60 * 24 * 400) })
}

// find reads every page.
func find(t *testing.T, s journal.Store, f journal.Filter, limit int) []string {
	t.Helper()
	var found []string
	cursor := ""
	for range 1000 {
		page, next, err := journalOf(s).Find(t.Context(), f, cursor, limit)
		if err != nil {
			t.Fatalf("Find: %v", err)
		}
		if len(page) > limit {
			t.Fatalf("a page of %d, the limit is %d", len(page), limit)
		}
		for _, op := range page {
			found = append(found, op.ID)
		}
		if cursor = next; next == "" {
			return found
		}
	}
	t.Fatal("no end after 1000 pages")
	return nil
}

func findsAre(t *testing.T, s journal.Store, f journal.Filter, limit int, want ...string) {
	t.Helper()
	eventually(t, func() string {
		if got := find(t, s, f, limit); !slices.Equal(got, want) {
			return fmt.Sprintf("%+v lists (-want +got):\n%s", f, cmp.Diff(want, got))
		}
		return ""
	})
}

func journalHistory(t *testing.T, s journal.Store) {
	first := accepted("10000001", 0, at(0))
	entries := []entry{first, first.then(payment.StatusUnknown), first.then(payment.StatusUnknown).then(payment.StatusSucceeded)}
	mustAppend(t, s, entries[0])
	mustAppend(t, s, entries[1:]...)
	mustAppend(t, s, accepted("10000001", 1, at(1)))
	got, err := journalOf(s).History(t.Context(), first.id)
	if err != nil {
		t.Fatal(err)
	}
	var want []payment.Record
	for _, e := range entries {
		want = append(want, e.record())
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(payment.Record{}, "Operation")); diff != "" {
		t.Errorf("(-appended +read):\n%s", diff)
	}
	operations, err := s.Operations(t.Context(), []string{first.id, opID("10000001", 9), first.id})
	if err != nil || len(operations) != 1 {
		t.Fatalf("%d operations, %v", len(operations), err)
	}
	if diff := cmp.Diff(want[2].Operation, operations[first.id]); diff != "" {
		t.Errorf("the operation (-appended +read):\n%s", diff)
	}
	if none, err := journalOf(s).History(t.Context(), opID("10000001", 9)); err != nil || len(none) != 0 || none == nil {
		t.Errorf("history of nothing: %v, %v", none, err)
	}
}

func journalRepeat(t *testing.T, s journal.Store) {
	first := accepted("10000001", 0, at(0))
	all := []entry{first, first.then(payment.StatusUnknown), first.then(payment.StatusUnknown).then(payment.StatusRejected)}
	for range 3 { // the whole batch again, and each save again
		mustAppend(t, s, all...)
		for _, e := range all {
			mustAppend(t, s, e)
		}
	}
	again := all[1]
	again.to = payment.StatusSucceeded // a repeat that says something else is not believed
	again.moved = at(1)
	mustAppend(t, s, again)
	got, err := journalOf(s).History(t.Context(), first.id)
	if err != nil || len(got) != len(all) || got[1].To != string(payment.StatusUnknown) || got[2].To != string(payment.StatusRejected) {
		t.Errorf("history %+v, %v", got, err)
	}
	findsAre(t, s, journal.Filter{}, 10, first.id)
	findsAre(t, s, journal.Filter{Statuses: []payment.Status{payment.StatusRejected}}, 10, first.id)
	findsAre(t, s, journal.Filter{Statuses: []payment.Status{payment.StatusUnknown, payment.StatusProcessing}}, 10)
	movedAre(t, s, payment.IstanbulDay(at(1)))
}

func journalOlder(t *testing.T, s journal.Store) {
	first := accepted("10000001", 0, at(0))
	unknown := first.then(payment.StatusUnknown)
	last := unknown.then(payment.StatusSucceeded)
	mustAppend(t, s, last)
	mustAppend(t, s, first, unknown)
	findsAre(t, s, journal.Filter{Statuses: []payment.Status{payment.StatusSucceeded}}, 10, first.id)
	findsAre(t, s, journal.Filter{Statuses: []payment.Status{payment.StatusUnknown, payment.StatusProcessing}}, 10)
	if got, err := journalOf(s).History(t.Context(), first.id); err != nil || len(got) != 3 || got[0].To != string(payment.StatusProcessing) {
		t.Errorf("history %+v, %v", got, err)
	}
}

func journalRestored(t *testing.T, s journal.Store) {
	first := accepted("10000001", 0, at(0))
	forgotten := first.then(payment.StatusSucceeded)
	forgotten.sequence = 900
	after := first.then(payment.StatusUnknown)
	after.sequence = at(5).Unix() + 2
	mustAppend(t, s, first, forgotten)
	mustAppend(t, s, after)
	got, err := journalOf(s).History(t.Context(), first.id)
	if err != nil || len(got) != 3 || got[2].To != string(payment.StatusUnknown) {
		t.Errorf("history %+v, %v", got, err)
	}
	findsAre(t, s, journal.Filter{Statuses: []payment.Status{payment.StatusUnknown}}, 10, first.id)
}

func journalPlaces(t *testing.T, s journal.Store) {
	a, b, c := accepted("10000001", 0, at(0)), accepted("10000002", 1, at(1)), accepted("10000001", 2, at(2))
	a.reference, c.reference, b.kind = "order 4711 ığü", "order 4711 ığü", payment.KindCancel
	fund := entry{id: "fp_" + strings.Repeat("a", 26), kind: payment.KindFundPayment, created: at(3), to: payment.StatusInReview, sequence: 1}
	mustAppend(t, s, a, b, c, fund, a.then(payment.StatusSucceeded), b.then(payment.StatusSucceeded))
	findsAre(t, s, journal.Filter{}, 10, fund.id, c.id, b.id, a.id)
	findsAre(t, s, journal.Filter{Ascending: true}, 10, a.id, b.id, c.id, fund.id)
	findsAre(t, s, journal.Filter{PaymentID: "10000001"}, 10, c.id, a.id)
	findsAre(t, s, journal.Filter{Reference: "order 4711 ığü"}, 10, c.id, a.id)
	findsAre(t, s, journal.Filter{Reference: "order 471"}, 10)
	findsAre(t, s, journal.Filter{Kind: payment.KindCancel}, 10, b.id)
	findsAre(t, s, journal.Filter{Statuses: []payment.Status{payment.StatusSucceeded}}, 10, b.id, a.id)
	findsAre(t, s, journal.Filter{Statuses: []payment.Status{payment.StatusSucceeded, payment.StatusInReview}}, 10, fund.id, b.id, a.id)
}

func journalJoined(t *testing.T, s journal.Store) {
	a, b, c := accepted("10000001", 0, at(0)), accepted("10000001", 1, at(1)), accepted("10000002", 2, at(2))
	a.reference, b.reference, c.reference, c.kind = "r", "q", "r", payment.KindCancel
	mustAppend(t, s, a, b, c, a.then(payment.StatusSucceeded))
	findsAre(t, s, journal.Filter{PaymentID: "10000001", Reference: "r"}, 10, a.id)
	findsAre(t, s, journal.Filter{PaymentID: "10000001", Statuses: []payment.Status{payment.StatusProcessing}}, 10, b.id)
	findsAre(t, s, journal.Filter{Kind: payment.KindRefund, Statuses: []payment.Status{payment.StatusProcessing}}, 10, b.id)
	findsAre(t, s, journal.Filter{Reference: "r", Kind: payment.KindCancel, From: at(1), To: at(3)}, 10, c.id)
	findsAre(t, s, journal.Filter{Reference: "r", Kind: payment.KindCancel, From: at(3)}, 10)
}

func journalLeavesStatus(t *testing.T, s journal.Store) {
	e := accepted("10000001", 0, at(0))
	for _, status := range []payment.Status{payment.StatusUnknown, payment.StatusNeedsReview, payment.StatusSucceeded} {
		mustAppend(t, s, e)
		findsAre(t, s, journal.Filter{Statuses: []payment.Status{e.to}}, 10, e.id)
		old := e.to
		e = e.then(status)
		mustAppend(t, s, e)
		findsAre(t, s, journal.Filter{Statuses: []payment.Status{old}}, 10)
		findsAre(t, s, journal.Filter{Statuses: []payment.Status{status}}, 10, e.id)
	}
}

func journalAcceptedAnew(t *testing.T, s journal.Store) {
	e, other := accepted("10000001", 0, at(0)), accepted("10000001", 1, at(1))
	anew := e.then(payment.StatusNotSent).then(payment.StatusProcessing)
	anew.created = at(2)
	mustAppend(t, s, e, e.then(payment.StatusNotSent), other, anew)
	findsAre(t, s, journal.Filter{}, 10, e.id, other.id)
	findsAre(t, s, journal.Filter{PaymentID: "10000001", Ascending: true}, 1, other.id, e.id)
	findsAre(t, s, journal.Filter{To: at(1)}, 10)
}

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
