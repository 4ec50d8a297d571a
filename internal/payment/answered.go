package payment

import (
	"errors"
	"time"
)

var errForgotten = errors.New("payment: an answer came for an operation that the table does not hold")

// trigger is what an answer does to its leg.
func (v Verdict) trigger() Trigger {
	switch v {
	case VerdictSucceeded:
		return TriggerOK
	case VerdictRejected:
		return TriggerRefused
	case VerdictNotSent:
		return TriggerNotSent
	case VerdictOpened:
		return TriggerOpened
	case VerdictInReview:
		return TriggerReview
	case VerdictUnknown:
		return TriggerLost
	}
	return TriggerLost
}

// answered takes over what one Send brought, however late, and goes on with the next leg.
func (r Rules) answered(a *Account, e Answered, now time.Time) (*Call, error) {
	op := a.Operation(e.Call.OperationID)
	if op == nil {
		return nil, errForgotten
	}
	leg := op.legOfAttempt(e.Call.Attempt)
	if leg == nil {
		op.Alarmed = op.Alarmed || e.Verdict == VerdictSucceeded
		return nil, nil
	}
	on := e.Verdict.trigger()
	if on == TriggerNotSent && (op.count(StateSucceeded) > 0 || op.fellBack() || op.gaveWay()) {
		on = TriggerPostponed
	}
	if op.Kind == KindBalanceRefund {
		on = op.opening(e, on)
	}
	if e.Verdict == VerdictSucceeded {
		leg.Proof = e.Proof.or(leg.Proof) // also where a report was faster, or a final outcome stands against it
	}
	if e.Made != nil && !op.Fund.take(*e.Made) {
		op.Alarmed = true // iyzico listed another payment under the attempt's id
	}
	was := leg.State
	if !op.move(leg, on) {
		if was == StateSucceeded && (e.Verdict == VerdictRejected || e.Verdict == VerdictNotSent) {
			op.Alarmed = true // I5: it was seen as done and is now refused
		}
		return nil, nil
	}
	if e.Verdict == VerdictSucceeded {
		leg.Seen = leg.FromFinal                 // I5: the totals are corrected, whatever becomes of the operation
		leg.DueAt = now.Add(r.SettleWindow / 30) // a v2 refund's line is looked up soon, a new payment's account opened
	}
	if leg.State != StateSucceeded {
		leg.Failure = e.Failure
	}
	switch leg.State {
	case StateSucceeded:
		return r.goOn(a, op, e.Call, now), nil
	case StateUnknown:
		leg.DueAt = now.Add(r.SettleWindow / 30)
		op.stopRest(TriggerStopped)
	case StateNotSent:
		op.stopRest(TriggerStoppedNone)
	case StateNeedsReview:
		leg.ReviewSince, leg.DueAt = now, nextReview(leg, now)
		op.stopRest(TriggerStopped)
	case StateRejected:
		op.stopRest(TriggerStopped)
		a.fallBack(op)
		return r.goOn(a, op, e.Call, now), nil
	case StateInReview:
		leg.DueAt = r.nextLook(op, now)
	case StateReserved:
		leg.Attempt = 0 // given up: should iyzico list it all the same, it is a stray and counts as foreign
	case StateAwaitingCustomer, StateAwaitingMerchant:
		r.opened(op, leg, *e.Opened, now)
	case StateSending, StateNotExecuted, StateExpired:
	}
	return nil, nil
}

// goOn marks the operation's next unsent leg, if there is one and time is left. What it leaves is sent when the same key asks
// again.
func (r Rules) goOn(a *Account, op *Operation, answered Call, now time.Time) *Call {
	if !op.hasLeg(StateReserved) || r.NewMoneyOff || a.Suspect || !now.Before(op.DeadlineAt) {
		return nil
	}
	slowest := max(answered.Slowest, now.Sub(answered.MarkedAt))
	if answered.Until.Sub(now) < legTime(slowest) {
		return nil
	}
	next := r.mark(a, op, answered.Command, answered.Until, now)
	if next != nil {
		next.Slowest = slowest
	}
	return next
}

// legTime is what must be left of the handler's time before a later leg is marked: as much as this request's slowest leg took,
// half as much again, because iyzico is as slow to the next one. A leg that is cut off would be unknown, and the rest not executed.
func legTime(slowest time.Duration) time.Duration { return max(MinSendTime, slowest+slowest/2) }

// or fills what p does not say from q.
func (p Proof) or(q Proof) Proof {
	fill := func(a, b string) string {
		if a == "" {
			return b
		}
		return a
	}
	return Proof{
		fill(p.AuthCode, q.AuthCode), fill(p.HostReference, q.HostReference), fill(p.RefundHostReference, q.RefundHostReference),
		fill(p.CancelHostReference, q.CancelHostReference), fill(p.RefundTxID, q.RefundTxID), p.SignatureVerified || q.SignatureVerified,
	}
}
