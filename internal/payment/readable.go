package payment

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
)

// tolerance is how far apart two sums of iyzico's may be and still be the same amount: its answers come through floating
// point (10.209999999999999 for 10.21).
var tolerance = decimal.New(1, -6)

// near compares two amounts of one currency by value, within the tolerance.
func near(a, b money.Amount) bool {
	return a.Sub(b).Decimal().Abs().LessThanOrEqual(tolerance)
}

// Defect says why a report cannot prove that something did not happen; empty if it can, but for its freshness, which
// depends on the attempt. A report may prove absence only if it is complete (every line once, summing to what was paid; every
// entry with id, price, status and a readable date) and consistent (iyzico's own word agrees with the entries).
func (a *Account) defect(rep *Report) string {
	switch {
	case len(rep.Defects) > 0:
		return rep.Defects[0]
	case !rep.Listed:
		return "the report does not list the payment"
	case rep.Ambiguous:
		return "more than one payment is listed"
	}
	if why := a.lineDefect(rep); why != "" {
		return why
	}
	if why := entryDefect(rep); why != "" {
		return why
	}
	if rep.RefundStatus != rep.refundStatusOfEntries() {
		return "paymentRefundStatus does not agree with the refunds and cancels"
	}
	return ""
}

// lineDefect checks that the report lists every line that is known, each once, and that they make up what was paid.
func (a *Account) lineDefect(rep *Report) string {
	if rep.doubleLine() {
		return "a line is listed twice"
	}
	for _, known := range a.Lines {
		if !slices.ContainsFunc(rep.Lines, func(l Line) bool { return l.ID == known.ID }) {
			return "a line that is known is not listed"
		}
	}
	if !rep.linesAddUp() {
		return "the lines do not sum to what was paid"
	}
	return ""
}

func (rep *Report) doubleLine() bool {
	for i, line := range rep.Lines {
		if slices.ContainsFunc(rep.Lines[:i], func(l Line) bool { return l.ID == line.ID }) {
			return true
		}
	}
	return false
}

// linesAddUp tells whether the lines sum to the payment's paidPrice.
func (rep *Report) linesAddUp() bool {
	return len(rep.Lines) > 0 && near(rep.paid(), rep.PaidAmount) && rep.PaidAmount.Sign() > 0
}

func (rep *Report) paid() money.Amount {
	sum := money.Zero(rep.Currency)
	for _, line := range rep.Lines {
		sum = sum.Add(line.PaidAmount)
	}
	return sum
}

// entryDefect checks what every entry needs before the ones that are not there can count.
func entryDefect(rep *Report) string {
	for i, e := range rep.Entries {
		switch {
		case e.TxID == "":
			return "an entry has no id"
		case e.Amount.Sign() <= 0:
			return "an entry has no amount"
		case e.Status == StatusNotSaid:
			return "an entry has no status"
		case e.CreatedAt.IsZero():
			return "an entry has no readable date"
		case !e.Cancel && !slices.ContainsFunc(rep.Lines, func(l Line) bool { return l.ID == e.LineID }):
			return "an entry stands on no line"
		case slices.ContainsFunc(rep.Entries[:i], func(o Entry) bool { return o.key() == e.key() }):
			return "an entry is listed twice"
		case rep.oneOverLines(e):
			return "one refund is listed alike under several lines"
		}
	}
	return ""
}

// oneOverLines tells whether the entry's refundTxId stands under several lines with the same amount: one refund repeated, or
// one split into equal parts, the report does not say which.
func (rep *Report) oneOverLines(e Entry) bool {
	return !e.Cancel && slices.ContainsFunc(rep.Entries, func(o Entry) bool {
		return !o.Cancel && o.TxID == e.TxID && o.LineID != e.LineID && o.Amount.Equal(e.Amount)
	})
}

// refundStatusOfEntries is the word that fits what the report lists.
func (rep *Report) refundStatusOfEntries() RefundStatus {
	sum, cancelled := money.Zero(rep.Currency), false
	for _, e := range rep.Entries {
		switch {
		case !e.moved():
		case e.Cancel:
			cancelled = true
		default:
			sum = sum.Add(e.Amount)
		}
	}
	switch {
	case cancelled || near(sum, rep.paid()):
		return TotallyRefunded
	case sum.Sign() > 0:
		return PartiallyRefunded
	}
	return NotRefunded
}

// hides tells whether the report may hide money that was given back: what it lists must not be counted on before a send. A
// line that is listed twice would be counted twice.
func (rep *Report) hides() bool {
	if !rep.Listed {
		return false
	}
	if len(rep.Lines) == 0 || rep.doubleLine() {
		return true
	}
	listed := rep.refundStatusOfEntries()
	switch rep.RefundStatus {
	case NotRefunded:
		return false
	case PartiallyRefunded:
		return listed == NotRefunded
	case TotallyRefunded:
		return listed != TotallyRefunded
	}
	return len(rep.Defects) > 0 || listed == NotRefunded
}

// trust refuses a report on which nothing may be sent: one that may hide what was given back; and after a definite "no" one
// that could not prove absence, because what it leaves out may be the attempt that was held for not done: one with a defect,
// or one that iyzico made before that attempt ended.
func (a *Account) trust(rep *Report) error {
	why, again := "", time.Minute
	switch {
	case rep.hides():
		why = "iyzico's report contradicts itself about what was refunded"
	case a.Suspect && a.defect(rep) != "":
		why = "iyzico's report cannot be relied on now: " + a.defect(rep)
	case a.Suspect && rep.SystemTime.Before(a.lastNo()):
		why = "iyzico's report is older than what was last held for not done on the payment"
		again = min(again, max(time.Second, a.lastNo().Sub(rep.SystemTime)))
	default:
		return nil
	}
	return &Error{Code: CodeUnavailable, Message: why + ": nothing was sent, ask again later with the same key", RetryAfter: again}
}

// lastNo is when an attempt of the account was last held for not done, to the second; zero if none was.
func (a *Account) lastNo() time.Time {
	last := zeroTime
	for i := range a.Operations {
		op := &a.Operations[i]
		no := func(l Leg) bool {
			return l.State.definite() && l.State != StateSucceeded && l.Attempt > 0 || l.turnedAway()
		}
		at := op.SettledAt // a later look that found nothing is no new "no"
		if at.IsZero() {
			at = op.UpdatedAt
		}
		if slices.ContainsFunc(op.Legs, no) && at.After(last) {
			last = at
		}
	}
	return last.Truncate(time.Second)
}

// doubted refuses new refunds while iyzico contradicts an outcome that was definite: whoever asks may be asking for the very
// money that was held for not given back. A person ends it.
func (a *Account) doubted() error {
	op := a.openOperation(func(_ *Operation, l *Leg) bool { return l.State == StateNeedsReview && l.FromFinal })
	if op == nil {
		return nil
	}
	return &Error{
		Code: CodeNotRefundable, OperationID: op.ID,
		Message: fmt.Sprintf("%s %s was held for not done, and iyzico shows that it may have been done: nothing was sent, a person must decide about it first",
			op.Kind, op.ID),
	}
}

// freshFor tells whether the report can be about the attempt at all, and says something new: iyzico's clock stood at or
// after the attempt's deadline, and later than at the last read that counted.
func (rep *Report) freshFor(leg *Leg) bool {
	return !rep.SystemTime.IsZero() && !rep.SystemTime.Before(leg.SendBy) && rep.SystemTime.After(leg.AbsentSystem)
}

// awaitRest takes a read that shows a part of the amount: the rest may follow until the window's end.
func (r Rules) awaitRest(op *Operation, leg *Leg, readAt, now time.Time) {
	if !readAt.Before(leg.SendBy.Add(r.SettleWindow)) {
		if r.review(op, leg, TriggerConflicting, now) {
			leg.Failure = conflicting(leg.API, EvidencePart)
		}
		return
	}
	leg.forgetAbsences()
	leg.DueAt = now.Add(r.SettleWindow / 4)
}

// countAbsence takes one read that shows nothing of the attempt. Absence needs countingReads of them at least a quarter of
// the window apart, the last after the whole window since the attempt's deadline, by our clock and by iyzico's: until then
// the request may still be in work at iyzico. For a refund or a cancel the day lists have the last word (listed).
func (r Rules) countAbsence(a *Account, op *Operation, leg *Leg, rep Report, now time.Time) {
	windowEnd := leg.SendBy.Add(r.SettleWindow)
	last := !rep.ReadAt.Before(windowEnd)
	switch {
	case leg.awaitsDayLists():
		r.giveUpUnread(op, leg, now)
		return
	case rep.ReadAt.Before(leg.SendBy), leg.Absences > 0 && rep.ReadAt.Before(leg.AbsentAt.Add(r.SettleWindow/4)):
		return
	case leg.Absences+1 >= countingReads && last && leg.API != APIFund && rep.SystemTime.Before(windowEnd):
		r.notCounted(a, op, leg, now) // by iyzico's clock the window is not over
		return
	}
	leg.AbsentAt, leg.AbsentSystem = rep.ReadAt, rep.SystemTime
	switch {
	case leg.Absences+1 < countingReads || !last:
		leg.Absences = min(leg.Absences+1, countingReads-1)
		leg.DueAt = now.Add(r.SettleWindow / 4)
		if leg.Absences == countingReads-1 && leg.DueAt.Before(windowEnd) {
			leg.DueAt = windowEnd
		}
	case leg.API == APIFund:
		r.review(op, leg, TriggerAbsent, now)
	default:
		leg.Absences, leg.DueAt = countingReads, now
	}
}

func (l *Leg) forgetAbsences() {
	l.Absences, l.AbsentAt, l.AbsentSystem = 0, zeroTime, zeroTime
}
