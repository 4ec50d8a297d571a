package payment

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/iade/iade/internal/money"
)

// Reread is what one account and iyzico's report say of its payment after the report was read once more, because a day's
// list and the journal did not agree about it.
type Reread struct {
	// Known is false for a payment that iade never saw: then nothing was read, and the rows are as they were given.
	Known bool
	// Settled are the operations that this read ended, by id.
	Settled []string
	// Held are the operations that the account still holds, and Moves those of their legs that say now that money moved.
	Held  []string
	Moves []BookedMove
	// Rows are those of the list that gave money back, and after them what the report dates on other days. Of a fund payment's
	// account they are the rows of the payment that it made.
	Rows []BookedRow
}

// BookedMove is money that one leg says it moved.
type BookedMove struct {
	OperationID    string
	Kind           Kind
	PaymentID      string
	LineID         string
	ConversationID string
	Amount         money.Amount
	ChargedTo      ChargedTo
}

// BookedRow is a row with the attempt whose money it is.
type BookedRow struct {
	DayRow
	Owner string // the attempt's conversationId; empty for what was made past iade
	Other bool   // iyzico's report has it on another day than the list's
}

// Reread reads iyzico's report of one account, applies it as the reconciler does, and shows the account beside the rows of
// a day's list that may be about it. CodeRateLimited: no call is left in this minute; CodeUnavailable: report or store could
// not be read. Nothing is ever sent.
func (s *Service) Reread(ctx context.Context, id AccountID, list DayList, until time.Time) (Reread, error) {
	before, err := s.load(ctx, id)
	if err != nil {
		return Reread{}, err
	}
	if before.Version == 0 {
		return Reread{}, nil
	}
	query := before.query()
	query.Purpose, query.Deadline = PurposeSettle, s.clock.Now().Add(readTime)
	if until.Before(query.Deadline) {
		query.Deadline = until
	}
	report, err := s.read(ctx, id, query)
	if err != nil {
		return Reread{}, fmt.Errorf("read account %s again: %w", id, unreadable(err))
	}
	if _, err := s.Apply(ctx, id, Observed{Report: report}); err != nil {
		return Reread{}, err
	}
	after, err := s.load(ctx, id)
	if err != nil {
		return Reread{}, err
	}
	return after.reread(&before, &report, list), nil
}

func (a *Account) reread(before *Account, report *Report, list DayList) Reread {
	found := Reread{Known: true}
	for i := range a.Operations {
		op := &a.Operations[i]
		if was := before.Operation(op.ID); was != nil && was.Status().Unfinished() && !op.Status().Unfinished() {
			found.Settled = append(found.Settled, op.ID)
		}
		found.Held = append(found.Held, op.ID)
		shown := op.Resource(a.PaymentID)
		for j := range op.Legs {
			if leg := &op.Legs[j]; leg.moved() {
				found.Moves = append(found.Moves, BookedMove{
					op.ID, op.Kind, shown.PaymentID, leg.LineID, ConversationID(op.ID, leg.Attempt), leg.Amount, leg.chargedTo(),
				})
			}
		}
	}
	if a.ID.isFund() {
		found.Rows = madeRows(list.Rows, found.Moves)
		return found
	}
	for _, row := range list.Rows {
		if row.Kind != DayRowPayment {
			found.Rows = append(found.Rows, BookedRow{DayRow: row})
		}
	}
	for _, e := range report.Entries {
		if e.moved() && !e.CreatedAt.IsZero() && DayOf(e.CreatedAt) != list.Day {
			found.Rows = append(found.Rows, BookedRow{DayRow: e.asRow(a.PaymentID), Other: true})
		}
	}
	taken := map[*Leg]int{}
	for i := range found.Rows {
		found.Rows[i].Owner = a.ownerOf(found.Rows[i].DayRow, report, taken)
	}
	return found
}

// madeRows are the rows of the payment that a fund payment made: all of them are its money.
func madeRows(rows []DayRow, moves []BookedMove) []BookedRow {
	var made []BookedRow
	for _, row := range rows {
		if row.Kind != DayRowPayment {
			continue
		}
		b := BookedRow{DayRow: row}
		if len(moves) == 1 && moves[0].PaymentID == row.PaymentID {
			b.Owner = moves[0].ConversationID
		}
		made = append(made, b)
	}
	return made
}

// asRow shows an entry of the report as a day's list would, but that a cancel is one row.
func (e Entry) asRow(paymentID string) DayRow {
	kind := DayRowRefund
	if e.Cancel {
		kind = DayRowCancel
	}
	return DayRow{
		Kind: kind, TransactionID: e.TxID, PaymentID: paymentID, LineID: e.LineID, ConversationID: e.ConversationID, Amount: e.Amount,
		At: e.CreatedAt, AuthCode: e.AuthCode, HostReference: e.HostReference,
	}
}

// ownerOf gives the attempt whose money a row is: the one that its conversationId names; else the one that claimed the
// report's entry of it; else the succeeded one that it is taken for. Empty: none.
func (a *Account) ownerOf(row DayRow, report *Report, taken map[*Leg]int) string {
	if a.ownRow(row) {
		return row.ConversationID
	}
	for i := range a.Operations {
		op := &a.Operations[i]
		for j := range op.Legs {
			leg := &op.Legs[j]
			if leg.State == StateSucceeded && slices.ContainsFunc(report.Entries, func(e Entry) bool {
				return slices.Contains(leg.ClaimedTx, e.key()) && sameMoney(row, e)
			}) {
				return ConversationID(op.ID, leg.Attempt)
			}
		}
	}
	if leg, id := a.assumedOwner(row, taken); leg != nil {
		return id
	}
	return ""
}

// assumedOwner is the succeeded leg that assumedRow takes the row for.
func (a *Account) assumedOwner(row DayRow, taken map[*Leg]int) (*Leg, string) {
	had := make(map[*Leg]int, len(taken))
	for leg, n := range taken {
		had[leg] = n
	}
	if !a.assumedRow(row, taken, 0) {
		return nil, ""
	}
	for i := range a.Operations {
		for j := range a.Operations[i].Legs {
			if leg := &a.Operations[i].Legs[j]; taken[leg] != had[leg] {
				return leg, ConversationID(a.Operations[i].ID, leg.Attempt)
			}
		}
	}
	return nil, ""
}

// sameMoney tells whether a row of a day's list and an entry of the report are the same movement: a cancel stands in the list
// once for each line.
func sameMoney(row DayRow, e Entry) bool {
	if e.Cancel != (row.Kind == DayRowCancel) || !e.moved() || !e.CreatedAt.IsZero() && e.CreatedAt.Sub(row.At).Abs() > rowSlack {
		return false
	}
	return e.Cancel || e.LineID == row.LineID && e.Amount.Currency() == row.Amount.Currency() && near(e.Amount, row.Amount)
}

// OperationOfAttempt is the id of the operation whose attempt a conversationId names; false where it names none of iade's.
// Whether that operation exists is not looked at.
func OperationOfAttempt(conversationID string) (string, bool) {
	id, _, ok := splitConversationID(conversationID)
	if !ok {
		return "", false
	}
	_, ours := AccountOf(id)
	return id, ours
}
