package payment

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/iade/iade/internal/money"
)

// statusNotProven marks an entry in another currency than the payment's: it is evidence of nothing.
const statusNotProven = -1

const cancelKey = "cancel/"

// absorb takes over what a report says of the payment itself and of foreign entries. Refunded never decreases: an entry
// that moved money once stays, even if a later, staler report lacks it. Own entries change nothing here: judge reads them.
func (a *Account) absorb(rep Report) {
	if len(a.Lines) == 0 {
		a.PaymentID, a.Currency, a.Lines = rep.PaymentID, rep.Currency, slices.Clone(rep.Lines)
	}
	a.Charged, a.PreAuth = rep.Charged, rep.PreAuth
	if !rep.PaidAt.IsZero() {
		a.PaidAt = rep.PaidAt
	}
	if !rep.Listed {
		return
	}
	if rep.ReadAt.After(a.ReportReadAt) {
		a.ReportReadAt = rep.ReadAt
	}
	for _, e := range rep.Entries {
		if a.owns(e) || a.claimed(e.key()) {
			continue
		}
		a.noteForeign(e)
	}
}

func (a *Account) noteForeign(e Entry) {
	for i := range a.Foreign {
		known := &a.Foreign[i]
		if known.TxID != e.key() {
			continue
		}
		if !known.moved() {
			known.Status, known.Amount = e.Status, e.Amount
		}
		return
	}
	f := Foreign{
		TxID: e.key(), Cancel: e.Cancel, LineID: e.LineID, Amount: e.Amount, Status: e.Status, CreatedAt: e.CreatedAt,
		SeenIn: a.Version + 1,
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
			e.Amount, e.Status = money.Zero(rep.Currency), statusNotProven
		}
	}
	return rep
}

// key is the entry's refundTxId (cancels are numbered apart), or, should iyzico leave it out, everything else that tells
// it apart.
func (e Entry) key() string {
	if e.TxID != "" && e.Cancel {
		return cancelKey + e.TxID
	}
	if e.TxID != "" {
		return e.TxID
	}
	return fmt.Sprintf("%s/%s/%s/%s", e.ConversationID, e.LineID, e.Amount.Decimal(), e.CreatedAt.UTC().Format(time.RFC3339))
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

// fits tells whether the entry is of the leg's kind and on its line.
func (l *Leg) fits(e Entry) bool {
	return e.Cancel == (l.API == APICancel) && (l.API != APIRefund || e.LineID == l.LineID)
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

// unexplained tells whether iyzico lists a refund or cancel that nothing of ours explains and that may be this
// operation's: in no snapshot from before its acceptance, and made at or after it by iyzico's clock or by ours. Older
// ones only correct the totals.
func (a *Account) unexplained(op *Operation, behind time.Duration) bool {
	return slices.ContainsFunc(a.Foreign, func(f Foreign) bool { return f.newSince(op, behind) })
}

// behind is how much older than an acceptance iyzico's time of the operation's own money may look: iyzico's clock is
// behind the reader's, and the reader's behind the acceptor's.
func (r Rules) behind(rep Report) time.Duration { return r.ClockTolerance - min(rep.Skew, 0) }

// newSince tells whether the entry may have been made after the operation was accepted: the account did not hold it
// then, and iyzico's time of it is not older. iyzico writes whole seconds.
func (f Foreign) newSince(op *Operation, behind time.Duration) bool {
	return f.SeenIn > op.AcceptedIn && !f.CreatedAt.Before(op.CreatedAt.Add(-behind).Truncate(time.Second))
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
