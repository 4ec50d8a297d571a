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
func (r Rules) countAbsence(op *Operation, leg *Leg, rep Report, now time.Time) {
	windowEnd := leg.SendBy.Add(r.SettleWindow)
	last := !rep.ReadAt.Before(windowEnd)
	switch {
	case leg.awaitsDayLists():
		r.overdue(op, leg, now)
		return
	case rep.ReadAt.Before(leg.SendBy), leg.Absences > 0 && rep.ReadAt.Before(leg.AbsentAt.Add(r.SettleWindow/4)):
		return
	case leg.Absences+1 >= countingReads && last && leg.API != APIFund && rep.SystemTime.Before(windowEnd):
		r.notCounted(op, leg, now) // by iyzico's clock the window is not over
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

// notCounted takes a read that proves nothing about an unknown leg: for a day it is tried again, ever more rarely.
func (r Rules) notCounted(op *Operation, leg *Leg, now time.Time) {
	if now.Before(leg.SendBy) {
		return // the attempt may still be on its way: nothing was to be read yet
	}
	if !r.overdue(op, leg, now) {
		leg.DueAt = now.Add(r.again(now.Sub(leg.countedAt())))
	}
}

// overdue sends a leg to a person that no read has brought forward for a day (I7).
func (r Rules) overdue(op *Operation, leg *Leg, now time.Time) bool {
	if now.Sub(leg.countedAt()) < unreadableLimit || !r.review(op, leg, TriggerDue, now) {
		return false
	}
	leg.Failure = &Failure{Reason: ReasonUnreadable, Message: "for a day iyzico has not shown clearly whether this was done"}
	return true
}

// countedAt is when a read last brought the leg forward: the last that counted, or the end of its attempt.
func (l *Leg) countedAt() time.Time {
	if l.AbsentAt.After(l.SendBy) {
		return l.AbsentAt
	}
	return l.SendBy
}

// again is how long to wait before the next read of what could not be read for so long: as long again, so that each wait is
// twice the one before, from a thirtieth of the window (a minute at most) to an hour.
func (r Rules) again(tried time.Duration) time.Duration {
	return min(max(tried, min(r.SettleWindow/30, time.Minute), time.Second), time.Hour)
}

// giveUpFollowUps drops a look after a definite "no" that could not be had for two days.
func (o *Operation) giveUpFollowUps(now time.Time) {
	for len(o.FollowUps) > 0 && now.Sub(o.FollowUps[0]) >= followUpLimit {
		o.FollowUps = o.FollowUps[1:]
	}
}
