package payment

import (
	"errors"
	"time"
)

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
