package payment

import (
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
)

// MaxStoredBytes is how long an account's stored form may become by what was accepted: each operation's answer, its settling
// and a person's decision included. The smallest store (DynamoDB) takes 400 KB an item; what lies between is left for
// refunds in iyzico's panel, which nobody can refuse.
const MaxStoredBytes = 360 << 10

// The longest texts of others that an account keeps, in bytes. Longer ones are cut.
const (
	maxProofText     = 40 // iyzico's references are numbers and codes of at most 20 characters
	maxFailureText   = 50
	maxFailureDetail = 300
	maxSealedURL     = 4096
	maxDecisionText  = 500 // characters
	maxDecisionBy    = 100
	maxPrincipal     = 2048 // an IAM principal's name
)

// longestTime takes as many bytes as a time may.
var longestTime = time.Date(2999, time.December, 31, 23, 59, 59, 999999999, time.UTC)

// admit gives the account with one more operation, or refuses it while the account has no room left for all that may still be
// said about it: an answer that was paid for always fits.
func (a *Account) admit(op Operation, c Command, now time.Time) (next Account, added *Operation, err error) {
	for keep := keepSettled; keep >= keepLeast; keep /= 2 {
		next = a.clone()
		next.retire(keep, now)
		added = next.put(op, c, now)
		if next.mostStored()+next.mostAdded() <= MaxStoredBytes {
			return next, added, nil
		}
		data, err := EncodeAccount(next)
		if err == nil && len(data)+next.mostAdded() > MaxStoredBytes {
			data, err = EncodeAccount(next.worstCase())
		} else if err == nil {
			return next, added, nil
		}
		if err != nil {
			return *a, nil, err
		}
		if len(data) <= MaxStoredBytes {
			return next, added, nil
		}
	}
	return *a, nil, fail(CodeTooManyOperations, "the payment holds so many operations that nothing more about it can be kept: nothing was sent. "+
		"Wait until its unsettled operations are settled, or refund the rest in iyzico's panel")
}

// mostStored is at least how long the account's stored form is. It is far more, and told without writing it: of an account with few
// operations it is enough to know that there is room.
func (a *Account) mostStored() int {
	const account, operation, leg, entry = 4 << 10, 2 << 10, 2 << 10, 1 << 10
	stored := account + escaped(string(a.ID), a.PaymentID, a.Author.Actor, a.Author.Via, a.Author.OperationID) +
		entry*(len(a.Lines)+len(a.Past)+len(a.PastRefunds)+len(a.Foreign)+len(a.Hint.Codes))
	for i := range a.Lines {
		stored += escaped(a.Lines[i].ID, a.Lines[i].ItemID)
	}
	for i := range a.Foreign {
		stored += escaped(a.Foreign[i].TxID, a.Foreign[i].LineID, a.Foreign[i].OperationID)
	}
	for i := range a.PastRefunds {
		stored += escaped(a.PastRefunds[i].LineID)
	}
	for i := range a.Past {
		stored += escaped(a.Past[i].Hash, a.Past[i].Fingerprint, a.Past[i].Code) + 24*len(a.Past[i].Moved)
	}
	for i := range a.Operations {
		op := &a.Operations[i]
		if op.Fund != nil || op.Refusal != nil || op.Resolution != nil || op.Page.SealedURL != "" || len(op.Page.Returned) > 0 {
			return MaxStoredBytes // rare, and long
		}
		stored += operation + leg*len(op.Legs) + escaped(op.ID, op.Key, op.Fingerprint, op.LineID, op.Reason, op.Reference, op.ReturnURL)
		for j := range op.Legs {
			l := &op.Legs[j]
			stored += escaped(l.LineID, l.Proof.AuthCode, l.Proof.HostReference, l.Proof.RefundHostReference, l.Proof.CancelHostReference, l.Proof.RefundTxID)
			stored += escaped(l.ClaimedTx...) + 8*len(l.ClaimedTx) + entry*len(l.Parts)
			for _, part := range l.Parts {
				stored += escaped(part.LineID)
			}
			if f := l.Failure; f != nil {
				stored += escaped(f.Reason, f.Code, f.Message, f.Group)
			}
		}
	}
	return stored
}

// escaped is at least how long the texts are in JSON: no byte takes more than six.
func escaped(texts ...string) int {
	length := 0
	for _, text := range texts {
		length += 6 * len(text)
	}
	return length
}

// mostAdded is at least what worstCase adds to the account's stored form. It is far more, and told without making the worst case.
func (a *Account) mostAdded() int {
	const account, operation, leg, part = 8 << 10, 12 << 10, 3 << 10, 128
	parts := 0
	for _, line := range a.Lines {
		parts += part + len(line.ID)
	}
	added := account
	for i := range a.Operations {
		if op := &a.Operations[i]; op.Status().Unfinished() {
			added += operation + (len(op.Legs)+len(a.Lines))*(leg+parts)
		}
	}
	return added
}

// worstCase is the account when everything that may be said about its unfinished operations was said in the longest form.
func (a *Account) worstCase() Account {
	worst := a.clone()
	for i := range worst.Operations {
		op := &worst.Operations[i]
		if !op.Status().Unfinished() {
			continue
		}
		op.Legs = append(op.Legs, a.mayFollow(op)...)
		for j := range op.Legs {
			op.Legs[j].fill(a.Lines, j == 0)
		}
		op.fill()
	}
	worst.Suspect, worst.LinesPartial, worst.FailedReads, worst.ReadDueAt = true, true, 1000, longestTime
	code := HashCode("")
	worst.Hint = Hint{longestTime, longestTime, longestTime, slices.Repeat([]string{code}, mostHintCodes)}
	principal := strings.Repeat("x", maxPrincipal)
	worst.Author = Author{principal, principal, strings.Repeat("x", maxProofText), worst.RestoredAt}
	return worst
}

// mayFollow are the legs that iyzico's answers may yet add to the operation: refunds in place of a reversal's cancel, and
// each line's floor in place of a Refund v2 that iyzico does not offer.
func (a *Account) mayFollow(op *Operation) []Leg {
	var legs []Leg
	last := op.Legs[len(op.Legs)-1]
	cancels := op.cancelsFirst() && len(op.Legs) == 1 && a.PastLegs+len(a.Lines) < MaxLegs
	if cancels && len(a.Lines) > 1 {
		last = Leg{API: APIRefundV2, Amount: op.Amount, State: StateReserved}
		legs = append(legs, last)
	}
	if cancels || op.Allocation == AllocateNone && last.API == APIRefundV2 {
		for _, line := range a.Lines {
			legs = append(legs, refundLeg(line.ID, line.PaidAmount.Floor()))
		}
	}
	return legs
}

// fill writes everything that an operation may still hold.
func (o *Operation) fill() {
	late := longestTime
	o.Attempts += len(o.Legs) + 1000
	o.UpdatedAt, o.SettledAt = late, late
	o.FollowUps = []time.Time{late, late, late}
	o.Alarmed, o.Restored = true, true
	// U+2028 is the longest that a character can become in JSON.
	o.Resolution = &Resolution{DecideNotExecuted, strings.Repeat("\u2028", maxDecisionText), strings.Repeat(`"`, maxDecisionBy), late}
	if o.Kind == KindBalanceRefund {
		hash := HashToken("")
		o.Page = CustomerPage{strings.Repeat("x", maxSealedURL), hash, []string{hash, hash, hash}, late, "tr"}
	}
	if o.Fund != nil {
		o.Fund.Seeded = true
	}
}

// fill writes everything that a leg may still hold. Only one leg of an operation has something to say of iyzico's: the others
// were not asked for, or succeeded.
func (l *Leg) fill(lines []Line, fails bool) {
	late := longestTime
	text := strings.Repeat("x", maxProofText)
	l.State, l.Attempt = StateNotExecuted, l.Attempt+1000
	l.SendBy, l.DueAt, l.AbsentAt, l.AbsentSystem, l.ReviewSince = late, late, late, late, late
	l.Absences, l.FromFinal, l.Seen = countingReads, true, true
	l.CountedOn = DayOf(late)
	l.Proof = Proof{text, text, text, text, text, true}
	if l.API == APIRefundV2 {
		for _, line := range lines {
			l.Parts = append(l.Parts, Part{line.ID, money.New(decimal.New(999999999999999999, -8), line.PaidAmount.Currency())})
		}
	}
	if fails {
		retryable := false
		word := strings.Repeat("x", maxFailureText)
		l.Failure = &Failure{word, word, strings.Repeat(`"`, maxFailureDetail), word, &retryable}
	}
}

// bound cuts the texts of others that the leg keeps.
func (l *Leg) bound() {
	p := &l.Proof
	for _, text := range []*string{&p.AuthCode, &p.HostReference, &p.RefundHostReference, &p.CancelHostReference, &p.RefundTxID} {
		*text = written(*text, maxProofText)
	}
	if l.Failure == nil {
		return
	}
	f := *l.Failure
	f.Reason, f.Code, f.Group = written(f.Reason, maxFailureText), written(f.Code, maxFailureText), written(f.Group, maxFailureText)
	f.Message = cut(strings.Map(func(r rune) rune {
		if r < ' ' || r == '\u007f' {
			return ' '
		}
		return r
	}, f.Message), maxFailureDetail)
	l.Failure = &f
}

// written is a text of at most limit bytes, without what JSON would have to escape.
func written(s string, limit int) string {
	return cut(strings.Map(func(r rune) rune {
		if r < ' ' || r == '"' || r == '\\' || r == '\u007f' || r == '\u2028' || r == '\u2029' {
			return -1
		}
		return r
	}, s), limit)
}

// cut shortens s to at most limit bytes at a character's edge.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "")
}

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
	// Without SettledAt it became definite in this very save, of which events and journal have yet to tell.
	if o.SettledAt.IsZero() || !slices.Contains(pastStatuses, o.Status()) || !o.Kind.spec().folds || o.Restored || o.Alarmed || o.Resolution != nil || len(o.FollowUps) > 0 {
		return false
	}
	return !slices.ContainsFunc(o.Legs, func(l Leg) bool {
		return l.Seen || l.FromFinal || len(l.ClaimedTx) > 0 || l.unplaced() || l.moved() && l.whole()
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
