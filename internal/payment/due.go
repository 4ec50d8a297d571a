package payment

import "time"

// DueAt is when reconcile must look at the account next; the zero time means that nothing is unfinished. Stores index
// it.
func (a *Account) DueAt() time.Time {
	var due time.Time
	for i := range a.Operations {
		op := &a.Operations[i]
		for j := range op.Legs {
			leg := &op.Legs[j]
			at := op.legDueAt(leg)
			if !op.timeAlone(leg) {
				at = a.readAt(at)
			}
			due = earlier(due, at)
		}
		if len(op.FollowUps) > 0 {
			due = earlier(due, a.readAt(op.FollowUps[0]))
		}
	}
	return due
}

// readAt is when what is due then is read: not before the back-off of reads that failed is over.
func (a *Account) readAt(due time.Time) time.Time {
	if !due.IsZero() && due.Before(a.ReadDueAt) {
		return a.ReadDueAt
	}
	return due
}

// timeAlone tells whether time moves the leg on without a read.
func (o *Operation) timeAlone(leg *Leg) bool {
	return leg.State == StateReserved || leg.State == StateSending || o.unseeded()
}

// legDueAt is when time alone, or a read, must move the leg on; zero if never.
func (o *Operation) legDueAt(leg *Leg) time.Time {
	switch leg.State {
	case StateReserved:
		return o.DeadlineAt
	case StateSending:
		return leg.SendBy
	case StateUnknown, StateNeedsReview, StateInReview, StateAwaitingCustomer, StateAwaitingMerchant:
		return leg.DueAt
	case StateSucceeded:
		if leg.unplaced() || o.unseeded() {
			return leg.DueAt
		}
	case StateNotSent, StateRejected, StateNotExecuted, StateExpired:
	}
	return time.Time{}
}

// unplaced tells that iyzico chose the line of a v2 refund and its report has not shown which.
func (l *Leg) unplaced() bool {
	return l.State == StateSucceeded && l.API == APIRefundV2 && l.LineID == "" && len(l.Parts) == 0
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}
