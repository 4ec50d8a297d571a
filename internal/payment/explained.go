package payment

import (
	"slices"
	"time"

	"github.com/iade/iade/internal/money"
)

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
	case APIRefund:
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
