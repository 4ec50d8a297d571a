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
		return (l.API.ofOneLine() || l.API == APIRefundV2) && near(e.Amount, l.Amount)
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

// assumeSlack is how far outside of an attempt's time an entry without an id may be dated and still be taken for it.
const assumeSlack = time.Minute

// assume finds, among the entries that carry no readable id, the money of our own succeeded legs, so that it counts once: on
// the leg's line, of its amount, dated within its attempt. Each entry explains one leg and each leg takes what it moved, no
// more. Once the report shows a leg's own id nothing is assumed for it. What is assumed is found anew after each change, so
// an entry that turns out to be a stranger's counts again.
func (a *Account) assume(clocks time.Duration) {
	for i := range a.Foreign {
		a.Foreign[i].Assumed = false
	}
	for i := range a.Operations {
		op := &a.Operations[i]
		for j := range op.Legs {
			if leg := &op.Legs[j]; leg.State == StateSucceeded && leg.Proof.RefundTxID == "" && len(leg.ClaimedTx) == 0 {
				a.assumeLeg(op, leg, clocks+assumeSlack)
			}
		}
	}
}

func (a *Account) assumeLeg(op *Operation, leg *Leg, slack time.Duration) {
	from, to := op.CreatedAt.Add(-slack), leg.SendBy.Add(slack)
	var found []int
	sum := money.Zero(a.Currency)
	for i, f := range a.Foreign {
		dated := f.CreatedAt.IsZero() || !f.CreatedAt.Before(from) && !f.CreatedAt.After(to)
		if !f.Unnamed || !f.moved() || f.Assumed || !dated || !leg.mayHavePut(f) {
			continue
		}
		if near(f.Amount, leg.Amount) || f.Cancel && leg.API == APICancel {
			a.Foreign[i].Assumed = true
			return
		}
		found = append(found, i)
		sum = sum.Add(f.Amount)
	}
	if leg.API == APIRefundV2 && near(sum, leg.Amount) {
		for _, i := range found {
			a.Foreign[i].Assumed = true
		}
	}
}

// provedBefore tells whether an entry that carries no readable id now is the proof of one of our legs: iyzico listed it under
// our id before. It has the refundTxId that the leg kept; of a Refund v2, which keeps the first of them, it is one of the parts
// beside that first one.
func (a *Account) provedBefore(e Entry, rep *Report) bool {
	if !e.moved() || !a.unnamed(e.ConversationID) {
		return false
	}
	for i := range a.Operations {
		if slices.ContainsFunc(a.Operations[i].Legs, func(l Leg) bool { return l.moved() && l.provedBy(e, rep) }) {
			return true
		}
	}
	return false
}

func (l *Leg) provedBy(e Entry, rep *Report) bool {
	kept := func(o Entry) bool {
		return o.TxID != "" && o.TxID == l.Proof.RefundTxID && l.fits(o) && o.Cancel == e.Cancel
	}
	if l.API != APIRefundV2 || e.Cancel {
		return kept(e) && (l.API == APICancel || near(e.Amount, l.Amount))
	}
	return slices.ContainsFunc(rep.Entries, kept) && slices.ContainsFunc(l.Parts, func(p Part) bool {
		part := func(o Entry) bool { return !o.Cancel && o.moved() && o.LineID == p.LineID && near(o.Amount, p.Amount) }
		first := slices.IndexFunc(rep.Entries, part) // each part explains one entry: what is beside it is a stranger's
		return part(e) && rep.Entries[first].key() == e.key()
	})
}

// mayHavePut tells whether the entry stands where the leg would put its money.
func (l *Leg) mayHavePut(f Foreign) bool {
	switch l.API {
	case APIRefund, APIRefundChargedToMerchant:
		return f.LineID == l.LineID && !f.Cancel || f.Cancel && near(f.Amount, l.Amount)
	case APIRefundV2:
		return !f.Cancel || near(f.Amount, l.Amount)
	case APICancel:
		return f.Cancel
	case APIBalanceInit, APIFund:
		return false
	}
	return false
}

// counts tells whether the entry is money that nothing else on the account stands for.
func (f Foreign) counts() bool { return f.moved() && !f.Assumed }

// unexplained tells whether iyzico lists a refund or cancel that nothing of ours explains and that may be this attempt's: in
// no snapshot from before the operation's acceptance, and made at or after it by iyzico's clock or by ours, or at a time that
// cannot be read. Older ones only correct the totals.
//
// Against a definite outcome only an entry that could be this very attempt speaks: without a readable id, where and of the
// amount that was asked for, no later than the attempt could be in work. A merchant may well refund in iyzico's panel what
// was refused here.
func (a *Account) unexplained(op *Operation, leg *Leg, behind, window time.Duration) bool {
	definite := leg.State.definite() || leg.State == StateNotSent
	last := leg.SendBy
	if leg.State == StateNotExecuted {
		last = last.Add(window)
	}
	return leg.Attempt > 0 && slices.ContainsFunc(a.Foreign, func(f Foreign) bool {
		if f.Assumed || !f.newSince(op, behind) {
			return false
		}
		return !definite || f.Unnamed && f.moved() && leg.mayHavePut(f) && near(f.Amount, leg.Amount) && !f.CreatedAt.After(last)
	})
}
