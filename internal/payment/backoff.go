package payment

import "time"

// mostFailedReads is where the back-off stops growing: 1, 2, 4, 8, 16, 32 and then 60 steps.
const mostFailedReads = 7

// backOffStep is the pause after the first read that failed: a minute, and less only where the whole window is short, as
// with a fake iyzico.
func (r Rules) backOffStep() time.Duration {
	return max(min(time.Minute, r.SettleWindow/5), time.Second)
}

// backOff is the pause after that many failures in a row: 1, 2, 4, … and at most 60 steps.
func (r Rules) backOff(failures int) time.Duration {
	return min(r.backOffStep()<<max(min(failures, mostFailedReads)-1, 0), 60*r.backOffStep())
}

// unreadable applies a read that brought nothing. It saves nothing but when the next one is due, ever later, until a limit
// is reached: what cannot be read must not stand before what can.
func (r Rules) unreadable(a *Account, now time.Time) {
	if a.awaitsReport(now) || len(a.DaysNeeded(now)) > 0 {
		a.FailedReads = min(a.FailedReads+1, mostFailedReads)
		a.ReadDueAt = now.Add(r.backOff(a.FailedReads))
	}
	for i := range a.Operations {
		op := &a.Operations[i]
		for j := range op.Legs {
			leg := &op.Legs[j]
			switch {
			case leg.State == StateUnknown && a.unreadSince(leg, now) >= unreadableLimit:
				r.review(op, leg, TriggerDue, now)
			case leg.State == StateNeedsReview && !leg.DueAt.After(now):
				leg.DueAt = nextReview(leg, now)
			case leg.awaiting() && !leg.DueAt.After(now):
				leg.DueAt = r.nextWatch(op, now)
			}
		}
		for len(op.FollowUps) > 0 && now.Sub(op.FollowUps[0]) >= followUpLimit {
			op.FollowUps = op.FollowUps[1:]
		}
	}
}

// unreadSince is how long a leg has gone without a usable report since its attempt ended.
func (a *Account) unreadSince(leg *Leg, now time.Time) time.Duration {
	since := leg.SendBy
	if a.ReportReadAt.After(since) {
		since = a.ReportReadAt
	}
	return now.Sub(since)
}

// readable ends the back-off: a read brought something.
func (a *Account) readable() { a.FailedReads, a.ReadDueAt = 0, zeroTime }

// starved tells that reads failed, that since then the limit of calls has let none through, and that the time is over in
// which an outcome may stay unknown without a usable report.
func (a *Account) starved(now time.Time) bool {
	for i := range a.Operations {
		for j := range a.Operations[i].Legs {
			leg := &a.Operations[i].Legs[j]
			if a.FailedReads > 0 && leg.State == StateUnknown && a.unreadSince(leg, now) >= unreadableLimit {
				return true
			}
		}
	}
	return false
}
