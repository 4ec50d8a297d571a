package payment

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/iade/iade/internal/money"
)

// openRetry is how long a queue's command stays away that an operation with an open end keeps from being carried out.
const openRetry = 2 * time.Minute

// requested answers a command: a known key replays or goes on, a new one is checked against every rule, accepted and
// marked in one change.
func (r Rules) requested(a *Account, e Requested, now time.Time) (*Call, error) {
	c := e.Command
	if c.Kind == KindFundPayment {
		return r.requestedFund(a, e, now)
	}
	if past := a.past(c); past != nil {
		return nil, a.replayPast(past, c)
	}
	if op := a.operationByKey(c.Key); op != nil && op.Status() != StatusNotSent {
		return r.known(a, op, e, now)
	}
	if err := r.refresh(a, c, e.Report, now); err != nil {
		return nil, err
	}
	if op := a.operationByKey(c.Key); op != nil && op.Status() != StatusNotSent {
		return r.known(a, op, e, now) // the report has just shown that an attempt held for not sent moved money
	}
	if e.Report != nil {
		if found, err := r.restore(a, c, *e.Report, now); found || err != nil {
			return nil, err
		}
	}
	legs, err := r.accept(a, c, now)
	if err != nil {
		return nil, a.refuse(e, err, now)
	}
	if e.Until.Sub(now) < MinSendTime {
		return nil, &Error{Code: CodeUnavailable, Message: "too little time is left to send: nothing was sent, ask again with the same key", RetryAfter: time.Second}
	}
	next, op, err := a.admit(Operation{Legs: legs}, c, now)
	if err != nil {
		return nil, err
	}
	*a = next
	a.Suspect = false // refresh read the report if it was set
	return r.mark(a, op, c, e.Until, now), nil
}

// refuse answers a command that a rule refused. A queue's is kept as a rejected operation, because nobody gets the answer:
// unless an operation whose end is open is all that stands in its way, for then it may fit soon.
func (a *Account) refuse(e Requested, err error, now time.Time) error {
	var refused *Error
	if e.Record == RecordNone || !errors.As(err, &refused) || !recorded(refused.Code) {
		return err
	}
	if e.Record == RecordSettled && a.onlyOpenInTheWay(e.Command, now) {
		waiting := *refused
		waiting.Waits, waiting.RetryAfter = true, openRetry
		return &waiting
	}
	next, _, full := a.admit(Operation{Refusal: &Refusal{refused.Code, refused.Message}}, e.Command, now)
	if full != nil {
		return full
	}
	*a = next
	return nil
}

// onlyOpenInTheWay tells whether the command would be accepted if all that is open had moved nothing.
func (a *Account) onlyOpenInTheWay(c Command, now time.Time) bool {
	settled := a.clone()
	for i := range settled.Operations {
		for j := range settled.Operations[i].Legs {
			if leg := &settled.Operations[i].Legs[j]; leg.State.holds() {
				leg.State = StateNotExecuted
			}
		}
	}
	_, err := settled.accept(c, now)
	return err == nil
}

// replayPast answers a key whose operation left the account: as before, and never by sending.
func (a *Account) replayPast(past *Past, c Command) error {
	full, literal := a.fingerprint(c), c.literalFingerprint()
	if past.Kind != c.Kind || past.Fingerprint == "" || !strings.HasPrefix(full, past.Fingerprint) && !strings.HasPrefix(literal, past.Fingerprint) {
		return keyReused(past.Resource(a.PaymentID))
	}
	return nil
}

// known answers a key that an operation holds (I6). It sends only legs that were never sent, or proved not sent.
func (r Rules) known(a *Account, op *Operation, e Requested, now time.Time) (*Call, error) {
	if !a.sameRequest(op.Fingerprint, e.Command) {
		return nil, keyReused(op.Resource(a.PaymentID))
	}
	r.passTime(a, now)
	if op.hasLeg(StateSending) {
		resource := op.Resource(a.PaymentID)
		return nil, &Error{
			Code: CodeInProgress, Operation: &resource, RetryAfter: time.Second,
			Message: "another request with this key is in progress",
		}
	}
	if !op.hasLeg(StateReserved) || e.Until.Sub(now) < MinSendTime {
		return nil, nil
	}
	if e.Report == nil && (a.Suspect || r.outdated(a) || op.awaitsPlan()) {
		return nil, ErrReadFirst
	}
	if e.Report != nil {
		if err := r.readBefore(a, *e.Report, now); err != nil || !op.hasLeg(StateReserved) {
			return nil, err
		}
		if a.replan(op, now); !op.hasLeg(StateReserved) {
			return nil, nil
		}
		a.Suspect = false
	}
	return r.mark(a, op, e.Command, e.Until, now), nil
}

// refresh brings the account up to date for a command, and returns ErrReadFirst where iyzico must be read before the
// rules can be trusted.
func (r Rules) refresh(a *Account, c Command, rep *Report, now time.Time) error {
	if err := r.offers(c); err != nil {
		return err
	}
	r.passTime(a, now)
	if rep != nil && c.Kind == KindBalanceRefund && !rep.Listed {
		return &Error{Code: CodeUnavailable, Message: "iyzico's report does not list the payment yet: ask again later", RetryAfter: 30 * time.Second}
	}
	if rep != nil {
		if err := r.readBefore(a, *rep, now); err != nil {
			return err
		}
		if c.LineID == "" {
			return a.wholeKnown()
		}
		return nil
	}
	if r.needsRead(a, c) {
		return ErrReadFirst
	}
	return nil
}

// wholeKnown refuses while a line of the payment is not known: which lines are meant, and how much they are, cannot be told.
func (a *Account) wholeKnown() error {
	if !a.LinesPartial {
		return nil
	}
	return &Error{Code: CodeUnavailable, Message: "iyzico's report leaves out a line of the payment: nothing was sent, ask again later with the same key", RetryAfter: time.Minute}
}

// accept checks every rule, those of the settings too, and plans the legs.
func (r Rules) accept(a *Account, c Command, now time.Time) ([]Leg, error) {
	legs, err := a.accept(c, now)
	if err != nil {
		return nil, err
	}
	return legs, r.guardForgotten(a, c)
}

// accept checks every rule of the payment and plans the legs.
func (a *Account) accept(c Command, now time.Time) ([]Leg, error) {
	if err := a.guard(c.Kind, now); err != nil {
		return nil, err
	}
	legs, err := a.plan(c, now)
	if err != nil {
		return nil, err
	}
	return legs, a.guardLimits(c, legs)
}

// needsRead tells whether the account must not be trusted without a fresh report.
func (r Rules) needsRead(a *Account, c Command) bool {
	forgotten := func(f Foreign) bool { return f.OperationID == c.OperationID() }
	return a.Version == 0 || slices.ContainsFunc(a.Foreign, forgotten) || c.Kind == KindCancel || c.takesAll() || c.Destination == ToBalance ||
		a.Suspect || a.LinesPartial || !a.Charged || a.PreAuth || r.outdated(a)
}

// outdated tells whether the table was restored since the last report was read: iyzico may list attempts that the table
// forgot.
func (r Rules) outdated(a *Account) bool {
	return !r.RestoredAt.IsZero() && a.ReportReadAt.Before(r.RestoredAt)
}

// readBefore takes over the report that was read for this request. A payment that only detail knows is taken as it is
// on an account without operations; with operations, and after a restore, the report must list it.
func (r Rules) readBefore(a *Account, rep Report, now time.Time) error {
	if !rep.fits(a) {
		return &Error{Code: CodeUnavailable, Message: "iyzico's report does not fit what is known of the payment: ask again later", RetryAfter: time.Minute}
	}
	if rep.Listed {
		r.observe(a, rep, now)
		return a.trust(&rep)
	}
	// Detail shows no refunds. Nor may it be believed where a restored table may have forgotten some: the same key would
	// send them again (I2), nor where iyzico said of an attempt that it was not taken.
	if r.outdated(a) || a.Suspect || slices.ContainsFunc(a.Operations, func(op Operation) bool { return len(op.Legs) > 0 && op.Status() != StatusNotSent }) {
		return &Error{Code: CodeUnavailable, Message: "iyzico's report does not list the payment yet: ask again later", RetryAfter: 30 * time.Second}
	}
	a.absorb(rep)
	return nil
}

// put adds the operation of a command, or puts it in the place of one that ended not_sent: its attempt numbers go on.
func (a *Account) put(op Operation, c Command, now time.Time) *Operation {
	op.ID, op.Kind, op.Key, op.Fingerprint = c.OperationID(), c.Kind, c.Key, a.fingerprint(c)
	op.LineID, op.Destination, op.Allocation, op.ChargedTo = c.LineID, c.Destination, c.Allocation, c.ChargedTo
	op.Reason, op.Reference, op.ReturnURL = c.Reason, c.Reference, c.ReturnURL
	if c.Kind == KindBalanceRefund {
		op.Page = CustomerPage{Locale: c.PageLocale}
	}
	op.AcceptedIn = a.Version + 1
	op.CreatedAt, op.UpdatedAt, op.DeadlineAt = now, now, now.Add(operationTime)
	op.Amount = money.Zero(a.Currency)
	if len(op.Legs) == 0 {
		op.Amount = money.New(c.Amount.Decimal(), a.Currency)
	}
	for i := range op.Legs {
		op.Amount = op.Amount.Add(op.Legs[i].Amount)
	}
	op.Attempts = max(op.Attempts, a.AttemptFloor)
	if old := a.operationByKey(c.Key); old != nil {
		op.Attempts = max(op.Attempts, old.Attempts)
		*old = op
		return old
	}
	a.Operations = append(a.Operations, op)
	return &a.Operations[len(a.Operations)-1]
}

// recorded tells whether a queue's command that this rule refuses is kept as a rejected operation.
func recorded(code Code) bool {
	switch code {
	case CodeExceedsRefundable, CodeNotRefundable, CodeNotCancellable, CodeLineNotFound, CodeCurrencyMismatch,
		CodeAllocationNeeded, CodeTooManyOperations:
		return true
	case CodeInvalidRequest, CodeNotFound, CodeInProgress, CodeAmbiguous, CodeKeyReused, CodeNotResolvable, CodeRateLimited,
		CodeOverLimit, CodeUnavailable, CodeInternal:
		return false
	}
	return false
}

// mark moves the next unsent leg to sending and gives the call that its attempt makes. From the moment this is saved
// the attempt is never sent again (I2): a crash before the call leaves an attempt that settles as not executed. A leg that
// no longer fits the payment ends unsent, and those after it.
func (r Rules) mark(a *Account, op *Operation, c Command, until, now time.Time) *Call {
	for i := range op.Legs {
		leg := &op.Legs[i]
		if leg.State != StateReserved {
			continue
		}
		if err := a.stillFits(op, i, now); err != nil {
			op.stopRest(TriggerStopped)
			leg.Failure = noLongerFits(err)
			return nil
		}
		if !op.move(leg, TriggerSend) {
			continue
		}
		op.Attempts++
		leg.Attempt = op.Attempts
		leg.SendBy = now.Add(r.SendTimeout)
		if until.Before(leg.SendBy) {
			leg.SendBy = until
		}
		leg.Failure = nil
		r.countOn(op, leg, now)
		return &Call{
			Account: a.ID, OperationID: op.ID, Leg: i, Attempt: leg.Attempt,
			ConversationID: ConversationID(op.ID, leg.Attempt), API: leg.API, PaymentID: a.PaymentID, LineID: leg.LineID,
			Amount: leg.Amount, Deadline: leg.SendBy, Command: c, Until: until, MarkedAt: now,
		}
	}
	return nil
}

// stillFits checks every rule that protects money on the account as it is now, the leg itself left out: since the operation
// was accepted, iyzico may have shown a cancel, or a refund of the leg's own line (I4).
func (a *Account) stillFits(op *Operation, leg int, now time.Time) error {
	if op.Kind.spec().ownAccount {
		return nil
	}
	without := a.clone()
	self := &without.Operation(op.ID).Legs[leg]
	self.State = StateNotExecuted
	if err := without.guardLeg(self.API, now); err != nil {
		return err
	}
	if self.Amount.Currency() != a.Currency {
		return fail(CodeCurrencyMismatch, fmt.Sprintf("the refund is in %s and the payment in %s", self.Amount.Currency(), a.Currency))
	}
	if self.whole() {
		return nil
	}
	if left := without.Totals().refundableOf(self.LineID); self.Amount.Cmp(left) > 0 {
		return &Error{
			Code: CodeExceedsRefundable, Refundable: &left,
			Message: fmt.Sprintf("%s %s is refundable now, less than the %s that was to be sent", left, a.Currency, self.Amount),
		}
	}
	return nil
}

// noLongerFits is the failure of a leg that was accepted and is not sent any more.
func noLongerFits(err error) *Failure {
	failure := &Failure{Reason: string(CodeOf(err)), Message: "not sent: the payment changed since the request was accepted"}
	var refused *Error
	if errors.As(err, &refused) {
		failure.Message = "not sent, because the payment changed since the request was accepted: " + refused.Message
	}
	return failure
}
