package payment

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/iade/iade/internal/money"
)

const cancelKey = "cancel/"

// absorb takes over what a report says of the payment itself and of foreign entries. Refunded never decreases: an entry
// that moved money once stays, even if a later, staler report lacks it. Own entries change nothing here: judge reads them.
func (a *Account) absorb(rep Report) {
	if len(a.Lines) == 0 {
		a.PaymentID, a.Currency = rep.PaymentID, rep.Currency
	}
	a.absorbLines(&rep)
	a.Charged, a.PreAuth = rep.Charged, rep.PreAuth
	if !rep.PaidAt.IsZero() {
		a.PaidAt = rep.PaidAt
	}
	if !rep.Listed {
		return
	}
	if rep.ReadAt.After(a.ReportReadAt) && !rep.hides() {
		a.ReportReadAt = rep.ReadAt
	}
	for _, e := range rep.Entries {
		if a.owns(e) && e.moved() { // an earlier report may have hidden whose it is: it counts once, with its leg
			a.Foreign = slices.DeleteFunc(a.Foreign, func(f Foreign) bool { return f.Unnamed && f.key() == e.key() })
		}
		if a.owns(e) || a.claimed(e.key()) || a.provedBefore(e, &rep) {
			continue
		}
		a.noteForeign(e)
	}
}

// absorbLines takes over the payment's lines: those of the first report, and later those of a report whose lines sum to
// what was paid, so that one which left a line out is made good. Lines are never taken away.
func (a *Account) absorbLines(rep *Report) {
	whole := rep.linesAddUp() && !rep.doubleLine()
	if len(a.Lines) > 0 && (!whole || a.lineDefect(rep) != "") {
		return
	}
	if len(a.Lines) == 0 || !slices.EqualFunc(a.Lines, rep.Lines, sameLine) && a.LinesPartial {
		a.Lines, a.LinesPartial = slices.Clone(rep.Lines), !whole
		return
	}
	a.LinesPartial = a.LinesPartial && !whole
}

func sameLine(a, b Line) bool { return a.ID == b.ID && a.PaidAmount.Equal(b.PaidAmount) }

func (a *Account) noteForeign(e Entry) {
	for i := range a.Foreign {
		known := &a.Foreign[i]
		if known.key() != e.key() {
			continue
		}
		if !known.moved() {
			known.Status, known.Amount = e.Status, e.Amount
		}
		return
	}
	f := Foreign{
		TxID: e.TxID, Cancel: e.Cancel, LineID: e.LineID, Amount: e.Amount, Status: e.Status, CreatedAt: e.CreatedAt,
		SeenIn: a.Version + 1, Unnamed: a.unnamed(e.ConversationID),
	}
	if f.TxID == "" {
		f.TxID = e.key()
	}
	if id, _, ok := splitConversationID(e.ConversationID); ok {
		if owner, ours := AccountOf(id); ours && owner == a.ID {
			f.OperationID = id
		}
	}
	a.Foreign = append(a.Foreign, f)
}

// fits tells whether a report can be about this account.
func (rep *Report) fits(a *Account) bool {
	return rep.PaymentID == a.ID.PaymentID() && (a.Version == 0 || rep.Currency == a.Currency)
}

// inOneCurrency makes the entries comparable: one in another currency than the payment's proves nothing.
func (rep Report) inOneCurrency() Report {
	rep.Entries = slices.Clone(rep.Entries)
	for i := range rep.Entries {
		if e := &rep.Entries[i]; e.Amount.Currency() != rep.Currency {
			e.Amount, e.Status = money.Zero(rep.Currency), StatusNotSaid
		}
	}
	return rep
}

// key tells the entry apart from every other: its refundTxId and its line (cancels are numbered apart), or, should iyzico
// leave the id out, everything else that tells it apart.
func (e Entry) key() string {
	if e.TxID != "" {
		return entryKey(e.Cancel, e.TxID, e.LineID)
	}
	return entryKey(e.Cancel, fmt.Sprintf("%s/%s/%s", e.ConversationID, e.Amount.Decimal(), e.CreatedAt.UTC().Format(time.RFC3339)), e.LineID)
}

// key is the key of the entry that was seen.
func (f Foreign) key() string {
	if strings.Contains(f.TxID, "/") {
		return f.TxID
	}
	return entryKey(f.Cancel, f.TxID, f.LineID)
}

func entryKey(cancel bool, id, line string) string {
	if cancel {
		return cancelKey + id
	}
	return id + "/" + line
}

// unnamed tells whether an entry's conversation id leaves open who made it: there is none, or it is one of ours that was
// changed on the way.
func (a *Account) unnamed(conversationID string) bool {
	if plain(conversationID) == "" {
		return true
	}
	for i := range a.Operations {
		op := &a.Operations[i]
		for j := range op.Legs {
			if op.resembles(&op.Legs[j], conversationID) && op.legOfAttempt(op.Legs[j].Attempt) != nil {
				return true
			}
		}
	}
	return false
}

// owns tells whether an attempt of ours explains the entry: the account holds the attempt that its conversationId names,
// and the entry is where that attempt would put it. After a restore of the table iyzico may list attempts that we
// forgot, and an attempt that was proved not sent and given up explains no money either: both are foreign.
func (a *Account) owns(e Entry) bool {
	id, attempt, ok := splitConversationID(e.ConversationID)
	if !ok {
		return false
	}
	op := a.Operation(id)
	if op == nil {
		return a.pastOwns(id, attempt, e)
	}
	if op.Restored {
		return slices.ContainsFunc(op.Legs, func(l Leg) bool { return l.fits(e) })
	}
	leg := op.legOfAttempt(attempt)
	return leg != nil && leg.fits(e)
}

// fits tells whether the entry stands where the leg's money would: on its line; for what takes the whole payment, anywhere.
// iyzico may carry out a refund of the whole payment on its day as a cancel.
func (l *Leg) fits(e Entry) bool {
	switch {
	case l.API == APICancel, l.API == APIBalanceInit && !e.Cancel:
		return true
	case e.Cancel:
		return (l.API == APIRefund || l.API == APIRefundV2) && near(e.Amount, l.Amount)
	}
	return l.API == APIRefundV2 || e.LineID == l.LineID
}

func splitConversationID(s string) (operationID string, attempt int, ok bool) {
	i := strings.LastIndexByte(s, '-')
	if i < 0 {
		return "", 0, false
	}
	n, err := strconv.Atoi(s[i+1:])
	if err != nil || n < 1 {
		return "", 0, false
	}
	return s[:i], n, true
}

// legOfAttempt returns the leg whose current attempt has that number.
func (o *Operation) legOfAttempt(attempt int) *Leg {
	for i := range o.Legs {
		if attempt > 0 && o.Legs[i].Attempt == attempt {
			return &o.Legs[i]
		}
	}
	return nil
}

func (a *Account) claimed(txID string) bool {
	for i := range a.Operations {
		for j := range a.Operations[i].Legs {
			if slices.Contains(a.Operations[i].Legs[j].ClaimedTx, txID) {
				return true
			}
		}
	}
	return false
}

// behind is how much older than an acceptance iyzico's time of the operation's own money may look: iyzico's clock is
// behind the reader's, and the reader's behind the acceptor's.
func (r Rules) behind(rep Report) time.Duration { return r.ClockTolerance - min(rep.Skew, 0) }

// newSince tells whether the entry may have been made after the operation was accepted: the account did not hold it
// then, and iyzico's time of it is not older, or cannot be read. iyzico writes whole seconds.
func (f Foreign) newSince(op *Operation, behind time.Duration) bool {
	return f.SeenIn > op.AcceptedIn && (f.CreatedAt.IsZero() || !f.CreatedAt.Before(op.CreatedAt.Add(-behind).Truncate(time.Second)))
}

// entriesOf are the report's entries that carry an attempt of this operation id, whatever their status.
func (rep *Report) entriesOf(operationID string) []Entry {
	var found []Entry
	for _, e := range rep.Entries {
		if id, _, ok := splitConversationID(e.ConversationID); ok && id == operationID {
			found = append(found, e)
		}
	}
	return found
}
