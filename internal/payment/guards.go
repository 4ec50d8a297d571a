package payment

import (
	"fmt"
	"slices"
	"sync"
	"time"
	_ "time/tzdata" // Europe/Istanbul must exist in a Lambda image too
)

// Limits of one payment: they keep the account's one item far below the store's 400 KB.
const (
	MaxUnfinished = 20
	MaxLegs       = 500
	refundDays    = 365
)

var zeroTime time.Time

// istanbul is where the banks' day ends. It is loaded when it is first needed: most functions start without it.
var istanbul = sync.OnceValue(func() *time.Location {
	location, err := time.LoadLocation("Europe/Istanbul")
	if err != nil {
		panic("payment: embedded time zone data lacks Europe/Istanbul")
	}
	return location
})

func (a *Account) guardRefund(now time.Time) error {
	switch {
	case !a.Charged:
		return fail(CodeNotRefundable, "the payment is not charged: only a successful payment can be refunded")
	case a.PreAuth:
		return fail(CodeNotRefundable, "the payment is a pre-authorisation that was not captured: cancel it instead")
	case a.Totals().Cancelled:
		return &Error{
			Code: CodeNotRefundable, OperationID: a.cancelledBy(), Message: "the payment was cancelled: nothing is left to refund",
		}
	}
	if op := a.openOperation(func(_ *Operation, l *Leg) bool { return l.whole() }); op != nil {
		return &Error{
			Code: CodeNotRefundable, OperationID: op.ID,
			Message: fmt.Sprintf("%s %s takes the whole payment and is %s", op.Kind, op.ID, op.Status()),
		}
	}
	if err := a.doubted(); err != nil {
		return err
	}
	if a.tooOld(now) {
		return fail(CodeNotRefundable, "the payment is older than 365 days: iyzico refunds within 365 days only")
	}
	return nil
}

// offers refuses a refund charged to the merchant where the setting does not allow any.
func (r Rules) offers(c Command) error {
	if c.ChargedTo == "" || r.Marketplace {
		return nil
	}
	return &Error{
		Code: CodeInvalidRequest, Field: "chargedTo",
		Message: fmt.Sprintf("chargedTo %q is for marketplaces only, and MARKETPLACE is off here: nothing was stored and nothing was sent", string(c.ChargedTo)),
	}
}

// guardForgotten refuses a refund charged to the merchant on a payment that is older than the last restore of the table: the
// table may have forgotten one under the same key, and iyzico's report need not show it.
func (r Rules) guardForgotten(a *Account, c Command) error {
	if c.ChargedTo == "" || r.RestoredAt.IsZero() || a.PaidAt.After(r.RestoredAt) {
		return nil
	}
	return fail(CodeNotRefundable, "the table was restored after this payment was made, and iyzico's report need not show a refund charged to the "+
		"merchant: one that was made before the restore cannot be told. Nothing was sent; look in iyzico's panel, and make it there if it is missing")
}

// tooOld tells whether iyzico's time for refunds is over.
func (a *Account) tooOld(now time.Time) bool {
	return pastBoth(a.PaidAt, func(paid time.Time) bool { return now.After(paid.AddDate(0, 0, refundDays)) })
}

func (a *Account) guardCancel(now time.Time) error {
	t := a.Totals()
	switch {
	case !a.Charged && !a.PreAuth:
		return fail(CodeNotCancellable, "the payment is not charged: only a successful payment can be cancelled")
	case t.Cancelled:
		return &Error{Code: CodeNotCancellable, OperationID: a.cancelledBy(), Message: "the payment was cancelled already"}
	}
	if op := a.openOperation(anyLeg); op != nil {
		return &Error{
			Code: CodeNotCancellable, OperationID: op.ID,
			Message: fmt.Sprintf("%s %s is %s: a cancel takes the whole payment", op.Kind, op.ID, op.Status()),
		}
	}
	if t.RefundedAmount.Sign() > 0 {
		return &Error{
			Code: CodeNotCancellable, OperationID: a.refundedBy(),
			Message: "part of the payment was refunded: a cancel takes the whole payment, refund the rest instead",
		}
	}
	if pastBoth(a.PaidAt, func(paid time.Time) bool { return day(now) != day(paid) && now.After(paid) }) {
		if a.PreAuth {
			return fail(CodeNotCancellable, "a pre-authorisation can be cancelled on its day only (Europe/Istanbul). Nothing was charged, so there is "+
				"nothing to refund: the hold ends by itself")
		}
		return fail(CodeNotCancellable, "a cancel is possible on the day of the payment only (Europe/Istanbul): refund it instead")
	}
	return nil
}

// anyLeg accepts every leg that still reserves something.
func anyLeg(*Operation, *Leg) bool { return true }

// openOperation is the first operation with a leg that still reserves something and that match accepts.
func (a *Account) openOperation(match func(*Operation, *Leg) bool) *Operation {
	for i := range a.Operations {
		op := &a.Operations[i]
		for j := range op.Legs {
			if op.Legs[j].State.holds() && match(op, &op.Legs[j]) {
				return op
			}
		}
	}
	return nil
}

// refundedBy is the first operation that refunded something, empty if only iyzico's panel did.
func (a *Account) refundedBy() string {
	for i := range a.Operations {
		if a.Operations[i].RefundedAmount().Sign() > 0 {
			return a.Operations[i].ID
		}
	}
	return ""
}

// cancelledBy is the operation that cancelled the payment, empty if only iyzico's panel did.
func (a *Account) cancelledBy() string {
	for i := range a.Operations {
		op := &a.Operations[i]
		if slices.ContainsFunc(op.Legs, func(l Leg) bool { return l.API == APICancel && l.moved() }) {
			return op.ID
		}
	}
	return ""
}

// pastBoth applies a date rule to both readings of the time that iyzico wrote: as UTC, and as Istanbul wall time. Only
// when both say "past" is the rule ours to apply; else iyzico decides. An unknown time is never past.
func pastBoth(written time.Time, past func(time.Time) bool) bool {
	if written.IsZero() {
		return false
	}
	w := written.UTC()
	wall := time.Date(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute(), w.Second(), w.Nanosecond(), istanbul())
	return past(w) && past(wall)
}

// day is the calendar day in Istanbul, where the banks' day ends.
func day(t time.Time) [3]int {
	y, m, d := t.In(istanbul()).Date()
	return [3]int{y, int(m), d}
}

// guardLimits keeps the account small. A cancel is exempt: it must always be possible. What ended not_sent or was refused
// by a rule counts in no limit.
func (a *Account) guardLimits(c Command, legs []Leg) error {
	if len(legs) == 1 && legs[0].API == APICancel {
		return nil
	}
	unfinished, total := 0, a.PastLegs+len(legs)
	if c.takesAll() && len(legs) == 1 && legs[0].API == APIRefundV2 {
		total += len(a.Lines) // should iyzico refuse Refund v2 for good
	}
	for i := range a.Operations {
		op := &a.Operations[i]
		status := op.Status()
		if status.Unfinished() {
			unfinished++
		}
		if status != StatusNotSent {
			total += len(op.Legs)
		}
	}
	switch {
	case unfinished >= MaxUnfinished:
		return fail(CodeTooManyOperations, fmt.Sprintf("the payment has %d unfinished operations, the most allowed: wait until one is settled", unfinished))
	case total > MaxLegs:
		return fail(CodeTooManyOperations, fmt.Sprintf("the payment would have %d legs, %d are the most allowed", total, MaxLegs))
	}
	return nil
}

// IstanbulDay is the calendar day in Istanbul (2006-01-02), where the banks' day ends.
func IstanbulDay(t time.Time) string { return string(DayOf(t)) }

// IstanbulDayBounds gives the beginning of a day of Istanbul (2006-01-02) and that of the next one.
func IstanbulDayBounds(day string) (from, to time.Time, err error) {
	from, err = time.ParseInLocation(time.DateOnly, day, istanbul())
	if err != nil {
		return time.Time{}, time.Time{}, fmt.Errorf("read a day: %w", err)
	}
	return from.UTC(), from.AddDate(0, 0, 1).UTC(), nil
}
