package payment

import "time"

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
