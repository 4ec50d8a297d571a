package dayclose

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

// again reads one payment again. Where iyzico's report of it cannot be read, its differences stay as they are, with that.
func (c *Closer) again(ctx context.Context, paymentID string, listed payment.DayList, rows []row, moves []move, until time.Time) (verdict, error) {
	found := reread{rows: rows, moves: moves, booked: map[string]payment.BookedMove{}}
	for _, id := range accountsOf(paymentID, rows, moves) {
		var r payment.Reread
		err := c.inTime(ctx, until, func(deadline time.Time) (err error) {
			r, err = c.Books.Reread(ctx, id, listed, deadline)
			return err
		})
		switch {
		case payment.CodeOf(err) == payment.CodeRateLimited || ctx.Err() != nil:
			return verdict{}, errors.Join(err, ctx.Err())
		case err != nil:
			out := compare(rows, moves)
			for i := range out.differences {
				out.differences[i].NotReadAgain = true
			}
			return verdictOf(paymentID, out, moves, found.settled), nil
		case r.Known:
			found.take(id, r)
		}
	}
	now := found.movesNow()
	return verdictOf(paymentID, compare(found.rowsNow(), now), now, found.settled), nil
}

// reread is what the accounts of one payment and iyzico's reports say of it now.
type reread struct {
	rows  []row  // of the list
	moves []move // of the journal

	refunds, made bool // which of the rows accounts have spoken about
	seen          []row
	booked        map[string]payment.BookedMove // by conversationId
	held          []string
	settled       []string
}

func (f *reread) take(id payment.AccountID, r payment.Reread) {
	if id.PaymentID() == "" {
		f.made = true
	} else {
		f.refunds = true
	}
	f.held, f.settled = append(f.held, r.Held...), append(f.settled, r.Settled...)
	for _, m := range r.Moves {
		f.booked[m.ConversationID] = m
	}
	for _, b := range r.Rows {
		f.seen = append(f.seen, row{b.DayRow, b.Owner, b.Other})
	}
}

// rowsNow are the rows with the owners that the accounts know, and as they were where no account is known.
func (f *reread) rowsNow() []row {
	rows := slices.Clone(f.seen)
	for _, r := range f.rows {
		if spoken := r.Kind == payment.DayRowPayment && f.made || r.Kind != payment.DayRowPayment && f.refunds; !spoken {
			rows = append(rows, r)
		}
	}
	return rows
}

// movesNow are the movements as the accounts say now: those that the journal had on the day, if they still stand, and those
// that rows of the day belong to. What left its account for want of room is settled for good, and stands as the journal has it.
func (f *reread) movesNow() []move {
	var moves []move
	taken := map[string]bool{}
	for _, m := range f.moves {
		taken[m.ConversationID] = true
		now, stands := f.booked[m.ConversationID]
		if stands {
			m.Amount, m.LineID = now.Amount, now.LineID
		} else if slices.Contains(f.held, m.OperationID) {
			continue
		}
		moves = append(moves, m)
	}
	for _, r := range f.seen {
		m, stands := f.booked[r.owner]
		if !stands || r.other || taken[r.owner] {
			continue
		}
		taken[r.owner] = true
		moves = append(moves, move{
			OperationID: m.OperationID, Kind: m.Kind, PaymentID: m.PaymentID, LineID: m.LineID, ConversationID: m.ConversationID,
			Amount: m.Amount, ChargedTo: m.ChargedTo, At: r.At, OfDay: true,
		})
	}
	return moves
}

// accountsOf are the accounts that may know of the rows and movements of a payment: its own, and those of fund payments.
func accountsOf(paymentID string, rows []row, moves []move) []payment.AccountID {
	ids := []payment.AccountID{payment.PaymentAccount(paymentID)}
	add := func(operationID string) {
		if id, ok := payment.AccountOf(operationID); ok && isFund(operationID) && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, r := range rows {
		operation, _ := payment.OperationOfAttempt(r.owner)
		add(operation)
	}
	for _, m := range moves {
		add(m.OperationID)
	}
	return ids
}

// verdict is what became of one payment that was read again, as a part keeps it.
type verdict struct {
	PaymentID   string       `json:"paymentId"`
	Differences []Difference `json:"differences,omitempty"`
	Settled     []string     `json:"settled,omitempty"`
	Moves       []counted    `json:"moves,omitempty"` // of the day
	Confirmed   []counted    `json:"confirmed,omitempty"`
}

// counted is a movement of which only kind and amount count any more.
type counted struct {
	Kind     payment.Kind   `json:"kind"`
	Amount   string         `json:"amount"`
	Currency money.Currency `json:"currency"`
}

func (m move) counted() counted {
	return counted{m.Kind, m.Amount.Decimal().String(), m.Amount.Currency()}
}

func verdictOf(paymentID string, out outcome, moves []move, settled []string) verdict {
	v := verdict{PaymentID: paymentID, Differences: out.differences, Settled: settled}
	for _, m := range moves {
		if m.OfDay {
			v.Moves = append(v.Moves, m.counted())
		}
	}
	for _, m := range out.confirmed {
		v.Confirmed = append(v.Confirmed, m.counted())
	}
	return v
}
