package payment

import "time"

// unreadable applies a read that brought nothing. It changes when the next one is due, and nothing else until a limit is
// reached: then a person must look (I7).
func (r Rules) unreadable(a *Account, now time.Time) {
	for i := range a.Operations {
		op := &a.Operations[i]
		for j := range op.Legs {
			leg := &op.Legs[j]
			switch {
			case leg.State == StateUnknown && (!leg.DueAt.After(now) || now.Sub(leg.SendBy) >= unreadableLimit):
				r.notCounted(op, leg, now)
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
func (r Rules) notCounted(op *Operation, leg *Leg, now time.Time) {
	since := leg.SendBy
	if now.Before(since) {
		return // the attempt may still be on its way: nothing was to be read yet
	}
	if leg.AbsentAt.After(since) {
		since = leg.AbsentAt
	}
	if now.Sub(since) < unreadableLimit {
		leg.DueAt = now.Add(r.backOff(now.Sub(since)))
		return
	}
	if r.review(op, leg, TriggerDue, now) {
		leg.Failure = &Failure{Reason: "unreadable", Message: "for a day iyzico's report has not shown clearly whether this was done"}
	}
}

// backOff is how long to wait before the next read of what could not be read for so long: as long again, so that each wait is
// twice the one before, from a thirtieth of the window (a minute at most) to an hour.
func (r Rules) backOff(tried time.Duration) time.Duration {
	return min(max(tried, min(r.SettleWindow/30, time.Minute), time.Second), time.Hour)
}

// giveUpFollowUps drops a look after a definite "no" that could not be had for two days.
func (o *Operation) giveUpFollowUps(now time.Time) {
	for len(o.FollowUps) > 0 && now.Sub(o.FollowUps[0]) >= followUpLimit {
		o.FollowUps = o.FollowUps[1:]
	}
}
