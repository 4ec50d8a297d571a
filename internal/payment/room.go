package payment

import (
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
		data, err := EncodeAccount(next.worstCase())
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

// worstCase is the account when everything that may be said about its unfinished operations was said in the longest form.
func (a *Account) worstCase() Account {
	worst := a.clone()
	for i := range worst.Operations {
		op := &worst.Operations[i]
		if !op.Status().Unfinished() {
			continue
		}
		if op.Allocation == AllocateNone && len(op.Legs) == 1 && op.Legs[0].API == APIRefundV2 {
			for _, line := range a.Lines { // iyzico may refuse Refund v2 for good
				op.Legs = append(op.Legs, refundLeg(line.ID, line.PaidAmount.Floor()))
			}
		}
		for j := range op.Legs {
			op.Legs[j].fill(a.Lines, j == 0)
		}
		op.fill()
	}
	worst.Suspect, worst.LinesPartial, worst.FailedReads, worst.ReadDueAt = true, true, 1000, longestTime
	principal := strings.Repeat("x", maxPrincipal)
	worst.Author = Author{principal, principal, strings.Repeat("x", maxProofText), worst.RestoredAt}
	return worst
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
