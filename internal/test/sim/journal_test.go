package sim

import (
	"fmt"
	"reflect"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/payment"
)

// recordName names a record for good, as the stores' journals do.
type recordName struct {
	account  payment.AccountID
	sequence int64
	index    int
}

// journal keeps the records of every save as the stream brings them: each at least once, so a repeat must change nothing.
type journal struct {
	records map[recordName]payment.Record
	order   map[string][]payment.Record // by operation, oldest first
}

// record appends a save's records, and every third save's twice, as a stream that begins anew behind its last confirmation.
func (w *world) record(old, next payment.Account) {
	if w.journal == nil {
		return
	}
	records := payment.Records(old, next)
	if next.Version%3 == 0 {
		records = append(records, payment.Records(old, next)...)
	}
	for _, r := range records {
		if w.flaw == losesRecords && r.To == string(payment.StatusSucceeded) {
			continue
		}
		name := recordName{r.Account, r.Sequence, r.Index}
		if kept, known := w.journal.records[name]; known {
			if kept.Operation, r.Operation = (payment.Resource{}), (payment.Resource{}); !reflect.DeepEqual(kept, r) {
				w.check.violated("journal: a record has one name", r.OperationID, "%+v came as %+v", name, r)
			}
			continue
		}
		w.journal.records[name] = r
		w.journal.order[r.OperationID] = append(w.journal.order[r.OperationID], r)
	}
}

// journalled holds the journal against what was published and against what iyzico executed: every change once, in order,
// from the first to the last, and the money that it tells of is the money that moved.
func (c *checker) journalled() {
	if c.w.journal == nil || c.w.restored() {
		return // a journal remembers what a restored table forgot
	}
	for _, id := range c.order {
		op := c.operations[id]
		if op.final == nil {
			continue
		}
		c.chained(op)
		moved, known := c.told(op)
		if status := op.final.Status; !known || status == payment.StatusNeedsReview || status == payment.StatusUnknown || len(c.causes[op.payment]) > 0 {
			continue // what a person must look at, or caused otherwise, may be told of differently
		}
		floored := decimal.New(int64(len(op.final.Legs)), -2) // each leg's amount is shown floored to the kuruş
		if really := c.movedBy(op); moved.GreaterThan(really) || really.Sub(moved).GreaterThanOrEqual(floored) && !moved.Equal(really) {
			c.violated("journal: the money that it tells of moved", id, "it says %s, and iyzico moved %s", moved, really)
		}
	}
}

// chained looks at the changes of an operation's status.
func (c *checker) chained(op *operation) {
	at := ""
	var published []payment.Status
	for _, r := range c.w.journal.order[op.id] {
		if r.Leg > 0 {
			continue
		}
		if r.From != at {
			c.violated("journal: every change, in order", op.id, "it goes from %q to %q where %q was the last", r.From, r.To, at)
			return
		}
		if status := payment.Status(r.To); r.To != r.From && status.Published() {
			published = append(published, status)
		}
		at = r.To
	}
	if at != string(op.final.Status) {
		c.violated("journal: every change, in order", op.id, "it ends with %q, and the operation is %s", at, op.final.Status)
	}
	var events []payment.Status
	for _, e := range op.events {
		events = append(events, e.Status)
	}
	if fmt.Sprint(published) != fmt.Sprint(events) {
		c.violated("journal: what was published is in it", op.id, "it tells of %v, and the events of %v", published, events)
	}
}

// told is the money that the journal says an operation moved.
func (c *checker) told(op *operation) (sum decimal.Decimal, known bool) {
	last := map[int]decimal.Decimal{}
	for _, r := range c.w.journal.order[op.id] {
		m := r.Movement
		if m == nil {
			continue
		}
		amount, err := decimal.NewFromString(m.Amount)
		if err != nil {
			return sum, false
		}
		if m.TakenBack {
			amount = decimal.Zero
		}
		last[r.Leg] = amount
	}
	for _, amount := range last {
		sum = sum.Add(amount)
	}
	return sum, true
}
