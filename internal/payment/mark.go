package payment

import (
	"errors"
	"fmt"
	"time"
)

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
		return &Call{
			Account: a.ID, OperationID: op.ID, Leg: i, Attempt: leg.Attempt,
			ConversationID: ConversationID(op.ID, leg.Attempt), API: leg.API, PaymentID: a.PaymentID, LineID: leg.LineID,
			Amount: leg.Amount, Deadline: leg.SendBy, Command: c, Until: until,
		}
	}
	return nil
}

// stillFits checks every rule that protects money on the account as it is now, the leg itself left out: since the operation
// was accepted, iyzico may have shown a cancel, or a refund of the leg's own line (I4).
func (a *Account) stillFits(op *Operation, leg int, now time.Time) error {
	spec := op.Kind.spec()
	if spec.ownAccount {
		return nil
	}
	without := a.clone()
	self := &without.Operation(op.ID).Legs[leg]
	self.State = StateNotExecuted
	if err := without.guard(op.Kind, now); err != nil {
		return err
	}
	if self.Amount.Currency() != a.Currency {
		return fail(CodeCurrencyMismatch, fmt.Sprintf("the refund is in %s and the payment in %s", self.Amount.Currency(), a.Currency))
	}
	if spec.whole {
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
