package payment

import (
	"slices"
	"strings"
	"time"

	"github.com/iade/iade/internal/money"
)

// How many operations stay in an account as a whole, and how long the trace of a refused one stays.
const (
	// keepSettled is how many settled and refused operations an account holds, and keepLeast how many of them where long texts
	// leave no room for more. Older ones become Past.
	keepSettled = 200
	keepLeast   = 25
	// keepNotSent is how many operations that ended not_sent, and bind no key, an account holds. Older ones are forgotten.
	keepNotSent = 50
	// keepRefusal is how long the Past of an operation that a rule refused is kept: longer than a queue may keep the message
	// (14 days) that would ask again.
	keepRefusal = 15 * 24 * time.Hour
)

// pastFingerprint is how much of a fingerprint a Past keeps, in characters: 128 bits.
const pastFingerprint = 32

// Past is what an account keeps of an operation that left it for the journal: enough to answer its key as before and never
// send it again (I2, I6), to know its attempts in iyzico's report, and to show it in short. Its refunds are in
// Account.PastRefunds.
type Past struct {
	Hash           string // the end of its id: a hash of payment and key
	Kind           Kind
	Status         Status
	Fingerprint    string // the beginning of the operation's
	Amount         money.Amount
	RefundedAmount money.Amount
	Attempts       int
	Moved          []int  // the attempts that moved money
	Code           string // why it was refused: iyzico's errorCode or a rule's slug
	Ruled          bool   // a rule of ours refused it, so that nothing of it was ever sent
	CreatedAt      time.Time
	SettledAt      time.Time
}

// retire moves the oldest settled operations into Past and forgets the oldest that bind no key. Here, and nowhere else,
// operations leave the account: whoever writes the journal has recorded every change of theirs before.
func (a *Account) retire(keep int, now time.Time) {
	settled, unsent := -keep, -keepNotSent
	for i := range a.Operations {
		switch status := a.Operations[i].Status(); {
		case status == StatusNotSent:
			unsent++
		case !status.Unfinished():
			settled++
		}
	}
	a.Operations = slices.DeleteFunc(a.Operations, func(op Operation) bool {
		switch {
		case unsent >= 0 && op.Status() == StatusNotSent:
			unsent--
			a.AttemptFloor = max(a.AttemptFloor, op.Attempts)
			return true
		case settled >= 0 && op.retirable():
			settled--
			a.fold(&op)
			return true
		}
		return false
	})
	a.Past = slices.DeleteFunc(a.Past, func(p Past) bool {
		gone := p.Ruled && now.Sub(p.SettledAt) > keepRefusal
		if gone {
			a.AttemptFloor = max(a.AttemptFloor, p.Attempts)
		}
		return gone
	})
}

// retirable tells whether everything about the operation is settled for good, and said by one line. Whatever a report, a
// browser or a person may still ask for stays.
func (o *Operation) retirable() bool {
	spec := o.Kind.spec()
	// Without SettledAt it became definite in this very save, of which events and journal have yet to tell.
	if o.SettledAt.IsZero() || !slices.Contains(pastStatuses, o.Status()) || !spec.folds || o.Restored || o.Alarmed || o.Resolution != nil || len(o.FollowUps) > 0 {
		return false
	}
	return !slices.ContainsFunc(o.Legs, func(l Leg) bool {
		return l.Seen || l.FromFinal || len(l.ClaimedTx) > 0 || l.unplaced() || l.moved() && spec.whole
	})
}

// fold keeps of the operation what its Past is, and adds its refunds to the account's.
func (a *Account) fold(op *Operation) {
	past := Past{
		Hash: op.ID[strings.LastIndexByte(op.ID, '_')+1:], Kind: op.Kind, Status: op.Status(),
		Fingerprint: op.Fingerprint[:min(len(op.Fingerprint), pastFingerprint)], Amount: op.Amount, RefundedAmount: op.RefundedAmount(),
		Attempts: op.Attempts, Ruled: op.Refusal != nil, CreatedAt: op.CreatedAt, SettledAt: op.SettledAt,
	}
	if view := op.errorView(); view != nil && past.Status != StatusPartiallySucceeded {
		past.Code = view.Code
	}
	for i := range op.Legs {
		leg := &op.Legs[i]
		if !leg.moved() {
			continue
		}
		past.Moved = append(past.Moved, leg.Attempt)
		parts := leg.Parts
		if len(parts) == 0 {
			parts = []Part{{leg.LineID, leg.Amount}}
		}
		for _, part := range parts {
			a.addPastRefund(part)
		}
	}
	a.PastLegs += len(op.Legs)
	a.Past = append(a.Past, past)
}

func (a *Account) addPastRefund(part Part) {
	for i := range a.PastRefunds {
		if known := &a.PastRefunds[i]; known.LineID == part.LineID {
			known.Amount = known.Amount.Add(part.Amount)
			return
		}
	}
	a.PastRefunds = append(a.PastRefunds, part)
}

// past is the operation that a command's key names among those that left, nil if there is none.
func (a *Account) past(c Command) *Past { return a.pastByID(c.OperationID()) }

// pastByID finds by the hash in an operation's id, for a key's scope is the payment whatever the kind.
func (a *Account) pastByID(operationID string) *Past {
	for i := range a.Past {
		if strings.HasSuffix(operationID, "_"+a.Past[i].Hash) {
			return &a.Past[i]
		}
	}
	return nil
}

// pastOwns tells whether an attempt of an operation that left explains an entry of iyzico's report: one that moved money, or
// an entry that moved none.
func (a *Account) pastOwns(operationID string, attempt int, e Entry) bool {
	p := a.pastByID(operationID)
	if p == nil || p.id(a.PaymentID) != operationID {
		return false
	}
	return slices.Contains(p.Moved, attempt) || !e.moved() && attempt <= p.Attempts
}

func (p *Past) id(paymentID string) string { return p.Kind.spec().prefix + paymentID + "_" + p.Hash }

// Resource shows what is left of the operation. Its legs, its references and what iyzico said are in the journal alone.
func (p *Past) Resource(paymentID string) Resource {
	r := Resource{
		ID: p.id(paymentID), Kind: p.Kind, Status: p.Status, PaymentID: paymentID, RefundedAmount: p.RefundedAmount.String(),
		Currency: string(p.Amount.Currency()), CreatedAt: shownTime(p.CreatedAt), UpdatedAt: shownTime(p.SettledAt), SettledAt: shownTime(p.SettledAt),
	}
	if p.Amount.Sign() > 0 {
		r.Amount = p.Amount.String()
	}
	if p.Status != StatusSucceeded {
		r.Error = explained(p.Status, &ErrorView{Code: p.Code})
	}
	return r
}
