// Package journal is the append-only record of every change, and the looking things up in it: operations by time, status,
// kind, payment and reference, the history of one, and what moved money on a day. An account forgets; the journal is kept
// for as long as books are.
package journal

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/iade/iade/internal/payment"
)

const (
	// MostListed is how many operations Find gives at once.
	MostListed = 200

	mostExamined = 1000 // entries that one Find looks at: a page may then hold fewer, or none, and have a next one
	pageOfChunk  = 200  // entries that are looked at together
	historyPage  = 500
	mostChanges  = 20_000 // of one operation: far more than 500 legs can have
)

// Journal answers questions about what was recorded. It is safe for concurrent use.
type Journal struct {
	store Store
	now   func() time.Time
}

// New gives a journal on a store.
func New(store Store, now func() time.Time) *Journal { return &Journal{store, now} }

// Filter chooses operations; a zero member takes all of them.
type Filter struct {
	Statuses  []payment.Status
	Kind      payment.Kind
	From, To  time.Time // accepted at or after From, and before To
	PaymentID string
	Reference string
	Ascending bool // oldest first; else newest first
}

// Find lists operations as their last record left them, by the time at which they were accepted. A page may be empty and
// still have a next cursor; "" ends the list. A cursor is a place in time, so an operation that is accepted meanwhile
// neither repeats nor hides another. CodeInvalidRequest: a cursor that Find did not give; CodeUnavailable: the journal
// cannot be reached.
func (j *Journal) Find(ctx context.Context, f Filter, cursor string, limit int) ([]payment.Resource, string, error) {
	from, to, ok := f.bounds(j.now())
	after, err := decodeCursor(cursor)
	if err != nil {
		return nil, "", err
	}
	if after != "" {
		if f.Ascending {
			from = max(from, after+"\x00")
		} else {
			to = min(to, after)
		}
	}
	found := []payment.Resource{}
	if !ok {
		return found, "", nil
	}
	limit = min(max(limit, 1), MostListed)
	places, exact := f.places()
	for examined := 0; examined < mostExamined; {
		chunk := pageOfChunk
		if exact {
			chunk = limit - len(found)
		}
		entries, more, err := j.entries(ctx, places, Range{From: from, To: to, Descending: !f.Ascending, Limit: chunk})
		if err != nil {
			return nil, "", unreachable("list operations of the journal", err)
		}
		operations, err := j.store.Operations(ctx, ids(entries))
		if err != nil {
			return nil, "", unreachable("read operations of the journal", err)
		}
		for _, e := range entries {
			if examined++; f.Ascending {
				from = e.Position + "\x00"
			} else {
				to = e.Position
			}
			op, kept := operations[e.OperationID]
			if !kept || PositionOf(op) != e.Position || !f.takes(op) {
				continue
			}
			if found = append(found, op); len(found) == limit {
				return found, encodeCursor(e.Position), nil
			}
		}
		if !more {
			return found, "", nil
		}
		after = entries[len(entries)-1].Position
	}
	return found, encodeCursor(after), nil
}

// entries merges what the places hold, in one order. More tells that there is something after the last of them; without
// entries there is nothing more.
func (j *Journal) entries(ctx context.Context, places []Place, r Range) (merged []Entry, more bool, err error) {
	compare := func(a, b Entry) int {
		if r.Descending {
			a, b = b, a
		}
		switch {
		case a.Position < b.Position:
			return -1
		case a.Position > b.Position:
			return 1
		}
		return 0
	}
	var horizon *Entry // what comes after it may not be all there is
	for _, place := range places {
		r.Place = place
		entries, err := j.store.List(ctx, r)
		if err != nil {
			return nil, false, err
		}
		merged = append(merged, entries...)
		if len(entries) < r.Limit {
			continue
		}
		if last := entries[len(entries)-1]; horizon == nil || compare(last, *horizon) < 0 {
			horizon = &last
		}
	}
	slices.SortFunc(merged, compare)
	merged = slices.CompactFunc(merged, func(a, b Entry) bool { return a == b })
	if horizon != nil {
		merged = slices.DeleteFunc(merged, func(e Entry) bool { return compare(e, *horizon) > 0 })
	}
	if len(merged) > r.Limit {
		return merged[:r.Limit], true, nil
	}
	return merged, horizon != nil, nil
}

// History gives every change of one operation, oldest first. One that was never recorded has none.
func (j *Journal) History(ctx context.Context, operationID string) ([]payment.Record, error) {
	changes := []payment.Record{}
	for after := ""; len(changes) < mostChanges; after = Key(changes[len(changes)-1]) {
		page, err := j.store.Records(ctx, operationID, after, historyPage)
		if err != nil {
			return nil, unreachable("read the history of "+operationID, err)
		}
		if changes = append(changes, page...); len(page) < historyPage {
			return changes, nil
		}
	}
	return nil, fmt.Errorf("journal: %s has more than %d changes", operationID, mostChanges)
}

// Moved goes through every change that says money moved on a day of Istanbul (2006-01-02), by the time at which it moved,
// a page of them in memory at once. An error ends it.
func (j *Journal) Moved(ctx context.Context, day string) iter.Seq2[payment.Record, error] {
	return func(yield func(payment.Record, error) bool) {
		for after := ""; ; {
			page, err := j.store.Moved(ctx, day, after, historyPage)
			if err != nil {
				yield(payment.Record{}, unreachable("read what moved on "+day, err))
				return
			}
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
			}
			if len(page) < historyPage {
				return
			}
			after = MovedKey(page[len(page)-1])
		}
	}
}

func ids(entries []Entry) []string {
	all := make([]string, len(entries))
	for i, e := range entries {
		all[i] = e.OperationID
	}
	return all
}

func unreachable(doing string, err error) error {
	if payment.CodeOf(err) == payment.CodeInvalidRequest {
		return err
	}
	return &payment.Error{
		Code: payment.CodeUnavailable, Message: "the journal cannot be reached: ask again", RetryAfter: time.Second,
		Cause: fmt.Errorf("%s: %w", doing, err),
	}
}
