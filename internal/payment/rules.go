package payment

import (
	"errors"
	"reflect"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// MinSendTime is what must be left of the handler's time before an attempt is marked: sending, and saving the answer.
const MinSendTime = 5 * time.Second

// operationTime is how long after acceptance the same request may go on with unsent legs.
const operationTime = time.Hour

// Rules are the settings that Decide needs. They are data: the same account, event and time give the same decision.
type Rules struct {
	SettleWindow time.Duration // longest time that iyzico may work on a request, with margin
	SendTimeout  time.Duration // IYZICO_TIMEOUT: the most that one Send takes
	RestoredAt   time.Time     // TABLE_RESTORED_AT: reports older than this prove nothing about us; zero = never restored
	// BalanceExpiry is BALANCE_REFUND_EXPIRY: how long customer or merchant may take before a person looks.
	BalanceExpiry time.Duration
	// ClockTolerance is how far apart the clocks of two of our processes may be: the one that accepted an operation, and the
	// one that reads the report. It must never be more, or an operation's own money could pass for older than the
	// operation; a foreign refund of just before an acceptance then asks for a person. On one machine it is 0.
	ClockTolerance time.Duration
	// NewMoneyOff is NEW_MONEY=off: nothing is marked, so no money request leaves. What was sent is settled all the same.
	// NewMoneyReason is what refused callers are told.
	NewMoneyOff    bool
	NewMoneyReason string
	// ReviewAbsenceFrom is REVIEW_ABSENCE_FROM: from this amount on, in whatever currency, absence is not believed and ends in
	// needs_review. Zero = never.
	ReviewAbsenceFrom decimal.Decimal
	// Marketplace is MARKETPLACE=on: refunds may be charged to the merchant. Without it they are refused.
	Marketplace bool
	// Limits are the merchant's own limits on money that leaves. What is used of them is no part of the account: Service counts it
	// before it saves a mark.
	Limits Limits
}

// Decide holds every rule. It is pure: it reads no clock, changes nothing it was given and does no I/O.
//
// The same Version back means that there is nothing to save. A non-nil Call is already marked `sending` in next: send it
// once, after next is saved. ErrReadFirst asks for one report read. Another error is the caller's answer; next is to be
// saved all the same if its Version is new.
func (r Rules) Decide(a Account, e Event, now time.Time) (next Account, send *Call, err error) {
	next = a.clone()
	switch e := e.(type) {
	case Requested:
		e.Report = oneCurrency(e.Report)
		if send, err = r.requested(&next, e, now); r.holdsBack(send, err) {
			return a, nil, r.heldBack(&a, e)
		}
	case Answered:
		send, err = r.answered(&next, e, now)
	case Observed:
		r.passTime(&next, now)
		next.hintRead(e.Report.ReadAt)
		next.ReadDueAt = zeroTime
		if r.observe(&next, e.Report.inOneCurrency(), now) {
			next.readable()
		} else if next.ReadDueAt.IsZero() {
			next.ReadDueAt = a.ReadDueAt
		}
		if a.onlyHinted(now) {
			next.uncounted(&a)
		}
	case Listed:
		r.passTime(&next, now)
		r.listed(&next, e.Lists, now)
	case Due:
		r.passTime(&next, now)
		if e.Unreadable && !a.onlyHinted(now) {
			r.unreadable(&next, now)
		}
		r.hintUnread(&next, e.Unreadable, now)
	case Resolved:
		e.Report = oneCurrency(e.Report)
		err = r.resolved(&next, e, now)
	case Returned:
		err = r.returned(&next, e, now)
	case Hinted:
		r.hinted(&next, e, now)
	case Seeded:
		next.seeded(e)
	case SeedDone:
		next.seedDone(e)
	}
	next.giveWay(&a, now)
	next.assume(r.ClockTolerance)
	_, opens := e.(Seeded)
	if send == nil && (len(next.Operations) == 0 && !opens || !material(a, next)) {
		return a, nil, err
	}
	conclude(&a, &next, now)
	next.Version = a.Version + 1
	if r.RestoredAt.After(next.RestoredAt) {
		next.RestoredAt = r.RestoredAt
	}
	return next, send, err
}

func oneCurrency(rep *Report) *Report {
	if rep == nil {
		return nil
	}
	same := rep.inOneCurrency()
	return &same
}

// material tells whether the accounts differ in more than the time of the last read.
func material(a, next Account) bool {
	if !slices.EqualFunc(a.Operations, next.Operations, func(old, op Operation) bool { return op.same(&old) }) {
		return true
	}
	next.ReportReadAt, next.Operations = a.ReportReadAt, a.Operations
	return !reflect.DeepEqual(&a, &next)
}

// conclude keeps what every change of an operation must: when it changed, when it became definite, and that a definite
// "no" of something that was sent is looked at again before the next send and after 1 h, 24 h and 72 h. Where iyzico itself
// said that an attempt was not taken (its rate limit, credentials), the next send reads the report first, too: that it had no
// effect is iyzico's word, and no proof like a request of which nothing was written.
func conclude(a, next *Account, now time.Time) {
	for i := range next.Operations {
		op := &next.Operations[i]
		old := a.Operation(op.ID)
		if old != nil && old.same(op) {
			continue
		}
		op.UpdatedAt = now
		for j := range op.Legs {
			leg := &op.Legs[j]
			leg.bound()
			ended := leg.State == StateRejected || leg.State == StateNotExecuted || leg.State == StateExpired
			changed := old == nil || j >= len(old.Legs) || old.Legs[j].State != leg.State
			switch {
			case !changed:
			case ended && leg.Attempt > 0:
				next.Suspect = next.Suspect || !leg.refusedForGood()
				op.FollowUps = []time.Time{now.Add(followUpFirst), now.Add(followUpSecond), now.Add(followUpLast)}
			case leg.turnedAway():
				next.Suspect = true
			}
		}
		switch status := op.Status(); {
		case status.Unfinished() || status == StatusNotSent:
			op.SettledAt = zeroTime
		case op.SettledAt.IsZero():
			op.SettledAt = now
		}
	}
}

// turnedAway tells whether iyzico answered the leg's last attempt and said that it did not take it.
func (l *Leg) turnedAway() bool {
	return (l.State == StateNotSent || l.State == StateReserved) && l.API != APIFund && l.Failure != nil && l.Failure.Code != ""
}

// How long a caller should wait who is refused because no new money is moved. A queue's command comes back so seldom that it
// stays below the queue's limit of receives (1000) for as long as the queue keeps it (14 days).
const (
	stoppedRetry       = time.Minute
	stoppedRetryQueued = 20 * time.Minute
)

// heldBack is the answer to a command that would put a money request on the wire, or would have iyzico read for one, while
// new money is off. Nothing is saved, so no key is bound. A key that is known keeps its answer: an operation with unsent
// legs stays as it is.
func (r Rules) heldBack(a *Account, e Requested) error {
	if op := a.operationByKey(e.Command.Key); op != nil && op.Status() != StatusNotSent {
		return nil
	}
	message := "no new refund, cancel or payment is made now: nothing was sent, ask again later with the same key"
	if r.NewMoneyReason != "" {
		message = r.NewMoneyReason + ": nothing was sent, ask again later with the same key"
	}
	return &Error{Code: CodeUnavailable, Message: message, RetryAfter: e.stoppedRetry()}
}

// holdsBack tells whether a decision about a command must not stand while new money is off.
func (r Rules) holdsBack(send *Call, err error) bool {
	return r.NewMoneyOff && (send != nil || errors.Is(err, ErrReadFirst))
}

func (e Requested) stoppedRetry() time.Duration {
	if e.Record != RecordNone {
		return stoppedRetryQueued
	}
	return stoppedRetry
}

// held tells the caller of an operation with unsent legs when asking again makes sense while new money is off.
func (r *Result) held(rules Rules, e Event) {
	if requested, ok := e.(Requested); ok && rules.NewMoneyOff && r.Resource.Status == StatusProcessing {
		r.RetryAfter = requested.stoppedRetry()
	}
}

// awaitNextLook tells when asking again may bring something new: when iyzico is read next, within a second to an hour. Where
// something else was said, or nothing is waited for, it changes nothing.
func (r *Result) awaitNextLook(now time.Time) {
	if at := r.Resource.NextLookAt; r.RetryAfter == 0 && !at.IsZero() {
		r.RetryAfter = min(max(at.Sub(now), time.Second), time.Hour)
	}
}
