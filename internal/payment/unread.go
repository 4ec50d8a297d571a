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
