package payment

import (
	"time"
)

// Status is an operation's state as callers see it.
type Status string

// The statuses. A leg has the same ones, but for StateReserved and StateSending.
const (
	StatusProcessing         Status = "processing"
	StatusSucceeded          Status = "succeeded"
	StatusPartiallySucceeded Status = "partially_succeeded"
	StatusRejected           Status = "rejected"
	StatusNotSent            Status = "not_sent"
	StatusUnknown            Status = "unknown"
	StatusNotExecuted        Status = "not_executed"
	StatusNeedsReview        Status = "needs_review"
	StatusAwaitingCustomer   Status = "awaiting_customer"
	StatusAwaitingMerchant   Status = "awaiting_merchant"
	StatusExpired            Status = "expired"
	StatusInReview           Status = "in_review"
)

// Statuses lists every status of an operation.
func Statuses() []Status {
	return []Status{
		StatusProcessing, StatusSucceeded, StatusPartiallySucceeded, StatusRejected, StatusNotSent, StatusUnknown, StatusNotExecuted,
		StatusNeedsReview, StatusAwaitingCustomer, StatusAwaitingMerchant, StatusExpired, StatusInReview,
	}
}

// Unfinished tells whether an operation of this status still has an end ahead of it.
func (s Status) Unfinished() bool {
	switch s {
	case StatusProcessing, StatusUnknown, StatusNeedsReview, StatusAwaitingCustomer, StatusAwaitingMerchant, StatusInReview:
		return true
	case StatusSucceeded, StatusPartiallySucceeded, StatusRejected, StatusNotSent, StatusNotExecuted, StatusExpired:
		return false
	}
	return false
}

// Published tells whether reaching this status is an event.
func (s Status) Published() bool { return s != StatusProcessing && s != StatusNotSent }

// State is where a leg stands. The allowed changes are in Transitions.
type State string

// The states of a leg.
const (
	StateReserved         State = "reserved"
	StateSending          State = "sending"
	StateUnknown          State = "unknown"
	StateNotSent          State = "not_sent"
	StateInReview         State = "in_review"
	StateAwaitingCustomer State = "awaiting_customer"
	StateAwaitingMerchant State = "awaiting_merchant"
	StateNeedsReview      State = "needs_review"
	StateSucceeded        State = "succeeded"
	StateRejected         State = "rejected"
	StateNotExecuted      State = "not_executed"
	StateExpired          State = "expired"
)

// States lists every state in the order of the chart.
func States() []State {
	return []State{
		StateReserved, StateSending, StateUnknown, StateNotSent, StateInReview, StateAwaitingCustomer,
		StateAwaitingMerchant, StateNeedsReview, StateSucceeded, StateRejected, StateNotExecuted, StateExpired,
	}
}

// Status is the state as callers see it: reserved and sending are both processing.
func (s State) Status() Status {
	if s == StateReserved || s == StateSending {
		return StatusProcessing
	}
	return Status(s)
}

// holds tells whether a leg in this state keeps its amount reserved (I4).
func (s State) holds() bool {
	switch s {
	case StateReserved, StateSending, StateUnknown, StateInReview, StateAwaitingCustomer, StateAwaitingMerchant, StateNeedsReview:
		return true
	case StateNotSent, StateSucceeded, StateRejected, StateNotExecuted, StateExpired:
		return false
	}
	return false
}

// definite tells whether a leg in this state moves only on contradicting evidence (I5).
func (s State) definite() bool {
	return s == StateSucceeded || s == StateRejected || s == StateNotExecuted || s == StateExpired
}

// DueAt is when reconcile must look at the account next; the zero time means that nothing is unfinished. Stores index
// it.
func (a *Account) DueAt() time.Time {
	due := a.readAt(a.Hint.DueAt)
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
