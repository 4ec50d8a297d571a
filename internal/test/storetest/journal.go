package storetest

import (
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
		{"words of a newer version come back as they are", journalNewerWords},
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

// journalNewerWords: while functions are replaced one after the other, an older one shows what a newer one wrote. It decides nothing
// by it: what money has moved is said by the account alone.
func journalNewerWords(t *testing.T, s journal.Store) {
	newer := accepted("10000001", 0, at(0))
	newer.kind = "voucher"
	disputed := newer.then("disputed")
	plain := accepted("10000002", 1, at(1)).then(payment.StatusRejected)
	mustAppend(t, s, newer, disputed, plain)
	got, err := journalOf(s).History(t.Context(), newer.id)
	if err != nil || len(got) != 2 || got[1].To != "disputed" || got[1].Kind != "voucher" {
		t.Errorf("history %+v, %v", got, err)
	}
	findsAre(t, s, journal.Filter{}, 10, plain.id, newer.id)
	findsAre(t, s, journal.Filter{Statuses: []payment.Status{payment.StatusRejected}}, 10, plain.id)
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
