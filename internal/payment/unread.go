package payment

import "time"

// mostFailedReads is where the back-off stops growing: 1, 2, 4, 8, 16, 32 and then 60 steps.
const mostFailedReads = 7

// backOff is the pause after that many failures in a row: 1, 2, 4, … and at most 60 minutes. Only where the whole window is
// short, as with a fake iyzico, the steps are shorter than a minute.
func (r Rules) backOff(failures int) time.Duration {
	step := max(min(time.Minute, r.SettleWindow/5), time.Second)
	return min(step<<max(min(failures, mostFailedReads)-1, 0), 60*step)
}

// failedRead puts off the next read of the account, ever longer: what cannot be read must not stand before what can. It
// counts once for each read, however many legs the read said nothing of.
func (r Rules) failedRead(a *Account, now time.Time) {
	if a.ReadDueAt.After(now) {
		return
	}
	a.FailedReads = min(a.FailedReads+1, mostFailedReads)
	a.ReadDueAt = now.Add(r.backOff(a.FailedReads))
}

// readable ends the back-off, unless the read that just came in began another.
func (a *Account) readable() {
	if a.ReadDueAt.IsZero() {
		a.FailedReads = 0
	}
}

// unreadable applies a read that brought nothing. It changes when the next one is due, and nothing else until a limit is
// reached: then a person must look (I7).
func (r Rules) unreadable(a *Account, now time.Time) {
	if a.awaitsReport(now) || len(a.DaysNeeded(now)) > 0 {
		r.failedRead(a, now)
	}
	for i := range a.Operations {
		op := &a.Operations[i]
		for j := range op.Legs {
			leg := &op.Legs[j]
			switch {
			case leg.State == StateUnknown:
				r.giveUpUnread(op, leg, now)
			case leg.State == StateNeedsReview && !leg.DueAt.After(now):
				leg.DueAt = nextReview(leg, now)
			case leg.awaiting() && !leg.DueAt.After(now):
				leg.DueAt = r.nextWatch(op, now)
			}
		}
		op.giveUpFollowUps(now)
	}
}

// notCounted takes a read that proves nothing about an unknown leg: for a day it is tried again, ever more rarely.
func (r Rules) notCounted(a *Account, op *Operation, leg *Leg, now time.Time) {
	if now.Before(leg.SendBy) {
		return // the attempt may still be on its way: nothing was to be read yet
	}
	// A report that comes late, as in a worker that slept for a day, is no day of trying.
	if a.FailedReads == 0 || !r.giveUpUnread(op, leg, now) {
		r.failedRead(a, now)
	}
}

// giveUpUnread leaves an unknown leg to a person if no report has counted for a day.
func (r Rules) giveUpUnread(op *Operation, leg *Leg, now time.Time) bool {
	if leg.unreadFor(now) < unreadableLimit || !r.review(op, leg, TriggerDue, now) {
		return false
	}
	leg.Failure = &Failure{Reason: ReasonUnreadable, Message: "for a day iyzico has not shown clearly whether this was done"}
	return true
}

// unreadFor is how long ago the leg's attempt ended, or the last report that counted was read.
func (l *Leg) unreadFor(now time.Time) time.Duration {
	since := l.SendBy
	if l.AbsentAt.After(since) {
		since = l.AbsentAt
	}
	return now.Sub(since)
}

// starved tells that reads failed, that since then the limit of calls has let none through, and that the time is over in
// which an outcome may stay unknown without a report that counts.
func (a *Account) starved(now time.Time) bool {
	for i := range a.Operations {
		for j := range a.Operations[i].Legs {
			leg := &a.Operations[i].Legs[j]
			if a.FailedReads > 0 && leg.State == StateUnknown && leg.unreadFor(now) >= unreadableLimit {
				return true
			}
		}
	}
	return false
}

// giveUpFollowUps drops a look after a definite "no" that could not be had for two days.
func (o *Operation) giveUpFollowUps(now time.Time) {
	for len(o.FollowUps) > 0 && now.Sub(o.FollowUps[0]) >= followUpLimit {
		o.FollowUps = o.FollowUps[1:]
	}
}
