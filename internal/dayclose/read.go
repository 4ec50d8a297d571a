package dayclose

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

// read makes the day out of iyzico's list, the journal, and what the differing payments say when they are read again.
func (c *Closer) read(ctx context.Context, record Record, until time.Time) (Day, error) {
	date := record.Day.Date
	parts, err := c.Store.Parts(ctx, date, record.Reading)
	if err != nil {
		return Day{}, unreachable("read what was gathered of "+string(date), err)
	}
	listed, err := c.readList(ctx, record, parts, until)
	if err != nil {
		return Day{}, err
	}
	moves, err := c.moves(ctx, date)
	if err != nil {
		return Day{}, err
	}
	rows := rowsOf(listed.Rows, moves)
	first := compare(rows, moves)
	verdicts, err := c.reread(ctx, record, parts, listed, rows, moves, first.differences, until)
	if err != nil {
		return Day{}, err
	}
	now := c.Now().UTC().Truncate(time.Millisecond)
	d := Day{
		Date: date, Status: StatusClosed, ClosedAt: now, ReadAt: listed.ReadAt, Provisional: !over(date, listed.ReadAt),
		Iyzico: sumsOf(listed.Rows),
	}
	d.settle(first, moves, verdicts)
	return d, nil
}

// settle takes over the comparison, and for the payments that were read again what came of that.
func (d *Day) settle(first outcome, moves []move, verdicts []verdict) {
	again := map[string]bool{}
	ours, agreed := tally{}, tally{}
	differences, settled := []Difference{}, []string{}
	for _, v := range verdicts {
		again[v.PaymentID] = true
		differences = append(differences, v.Differences...)
		settled = append(settled, v.Settled...)
		for _, m := range v.Moves {
			ours.take(m)
		}
		for _, m := range v.Confirmed {
			agreed.take(m)
		}
	}
	for _, x := range first.differences {
		if !again[x.PaymentID] {
			differences = append(differences, x)
		}
	}
	for _, m := range first.confirmed {
		if !again[m.PaymentID] {
			agreed.add(string(m.Kind), m.Amount)
		}
	}
	for _, m := range moves {
		if m.OfDay && !again[m.PaymentID] {
			ours.add(string(m.Kind), m.Amount)
		}
	}
	sortDifferences(differences)
	slices.Sort(settled)
	d.Iade, d.Confirmed, d.Settled = ours.sums(), agreed.sums(), capped(slices.Compact(settled))
	d.DifferenceCount, d.Differences = len(differences), capped(differences)
	if len(differences) > 0 {
		d.Status = StatusDiffers
	}
}

// moves are the movements that the journal has on the day and on those beside it, as its newest records leave them.
func (c *Closer) moves(ctx context.Context, date payment.Day) ([]move, error) {
	type leg struct {
		operation string
		number    int
	}
	newest := map[leg]payment.Record{}
	var order []leg
	for _, day := range []payment.Day{previous(date), date, following(date)} {
		for r, err := range c.Movements.Moved(ctx, string(day)) {
			if err != nil {
				return nil, err
			}
			key := leg{r.OperationID, max(r.Leg, 1)}
			kept, there := newest[key]
			if !there {
				order = append(order, key)
			}
			if !there || kept.Sequence < r.Sequence || kept.Sequence == r.Sequence && kept.Index < r.Index {
				newest[key] = r
			}
		}
	}
	var moves []move
	for _, key := range order {
		r := newest[key]
		if r.Movement.TakenBack {
			continue
		}
		value, err := decimal.NewFromString(r.Movement.Amount)
		if err != nil {
			return nil, fmt.Errorf("read the journal's record of %s: %w", r.OperationID, err)
		}
		moves = append(moves, move{
			OperationID: r.OperationID, Kind: r.Kind, PaymentID: r.PaymentID, LineID: r.Movement.PaymentTransactionID,
			ConversationID: r.Movement.ConversationID, Amount: money.New(value, money.Currency(r.Movement.Currency)), ChargedTo: r.Movement.ChargedTo,
			At: r.Movement.At, OfDay: payment.DayOf(r.Movement.At) == date,
		})
	}
	return moves, nil
}

// rowsOf are the rows that give money back, and those of the payments that a fund payment of ours made.
func rowsOf(all []payment.DayRow, moves []move) []row {
	made := map[string]string{} // by the payment, the attempt
	for _, m := range moves {
		if m.Kind == payment.KindFundPayment {
			made[m.PaymentID] = m.ConversationID
		}
	}
	var rows []row
	for _, r := range all {
		if !moved(r) {
			continue
		}
		owner := ""
		if _, ours := payment.OperationOfAttempt(r.ConversationID); ours {
			owner = r.ConversationID
		}
		if r.Kind == payment.DayRowPayment {
			if attempt, is := made[r.PaymentID]; is {
				owner = attempt
			}
			if operation, _ := payment.OperationOfAttempt(owner); operation == "" || !isFund(operation) {
				continue
			}
		}
		rows = append(rows, row{DayRow: r, owner: owner})
	}
	return rows
}

// moved tells whether a row says that money moved. A payment's status is its line's: 1 and 2 stand for approved, 0 for iyzico's
// fraud filter that still looks at it.
func moved(r payment.DayRow) bool {
	if r.Kind == payment.DayRowPayment {
		return r.Status == nil || *r.Status > 0
	}
	return r.Moved()
}

func isFund(operationID string) bool {
	id, ok := payment.AccountOf(operationID)
	return ok && id.PaymentID() == ""
}

func sumsOf(rows []payment.DayRow) Sums {
	t := tally{}
	for _, r := range rows {
		if moved(r) {
			t.add(word(r.Kind), r.Amount)
		}
	}
	return t.sums()
}

// rereadBatch is how many payments are read again before that is kept.
const rereadBatch = 20

// reread reads every differing payment again, so that the domain decides, and compares it once more. What a reading has read
// again already is not read a third time.
func (c *Closer) reread(
	ctx context.Context, record Record, parts []Part, listed payment.DayList, rows []row, moves []move, differences []Difference, until time.Time,
) ([]verdict, error) {
	open := map[string]bool{}
	for _, d := range differences {
		open[d.PaymentID] = true
	}
	var verdicts []verdict
	batches := 0
	for _, stored := range parts {
		var batch []verdict
		if !strings.HasPrefix(stored.Name, rereadPrefix) {
			continue
		}
		if err := json.Unmarshal(stored.Data, &batch); err != nil {
			return nil, fmt.Errorf("read %s of %s: %w", stored.Name, stored.Date, err)
		}
		batches++
		for _, v := range batch {
			verdicts = append(verdicts, v)
			delete(open, v.PaymentID)
		}
	}
	rowsBy, movesBy := map[string][]row{}, map[string][]move{}
	for _, r := range rows {
		if open[r.PaymentID] {
			rowsBy[r.PaymentID] = append(rowsBy[r.PaymentID], r)
		}
	}
	for _, m := range moves {
		if open[m.PaymentID] {
			movesBy[m.PaymentID] = append(movesBy[m.PaymentID], m)
		}
	}
	left := slices.Sorted(maps.Keys(open))
	for batch := range slices.Chunk(left, rereadBatch) {
		var done []verdict
		var stopped error
		for _, id := range batch {
			of := listed
			of.Rows = nil
			for _, r := range rowsBy[id] {
				of.Rows = append(of.Rows, r.DayRow)
			}
			v, err := c.again(ctx, id, of, rowsBy[id], movesBy[id], until)
			if stopped = err; err != nil {
				break
			}
			done = append(done, v)
		}
		if len(done) > 0 {
			batches++
			if err := c.savePart(ctx, record, fmt.Sprintf("%s%06d", rereadPrefix, batches), done); err != nil {
				return nil, err
			}
			verdicts = append(verdicts, done...)
		}
		if stopped != nil {
			return nil, stopped
		}
	}
	return verdicts, nil
}
