package payment

import "fmt"

// keyReused refuses another request under a key that an operation holds (I6). It says first what the key did, for whoever
// meant that very refund must not be sent for a second one.
func keyReused(op Resource) *Error {
	return &Error{Code: CodeKeyReused, Operation: &op, Message: op.keyDid() + " " + op.keyAdvice()}
}

// keyDid says in one sentence what became of the operation that a key stands for.
func (r Resource) keyDid() string {
	what := fmt.Sprintf("%s %s (%s, %s)", r.Amount, r.Currency, r.ID, r.Status)
	if r.Amount == "" {
		what = fmt.Sprintf("%s (%s)", r.ID, r.Status)
	}
	spec := r.Kind.spec()
	switch r.Status {
	case StatusSucceeded:
		return fmt.Sprintf("This key already %s %s.", spec.did, what)
	case StatusPartiallySucceeded:
		return fmt.Sprintf("This key already %s %s of %s.", spec.did, r.RefundedAmount, what)
	case StatusRejected, StatusNotExecuted, StatusExpired, StatusNotSent:
		return fmt.Sprintf("This key was used to %s %s, and moved no money.", spec.does, what)
	case StatusProcessing, StatusUnknown, StatusNeedsReview, StatusAwaitingCustomer, StatusAwaitingMerchant, StatusInReview:
	}
	return fmt.Sprintf("This key was used to %s %s, and its end is open.", spec.does, what)
}

// keyAdvice says what to do now, and never invites a second movement of the same money.
func (r Resource) keyAdvice() string {
	noun := r.Kind.spec().noun
	switch r.Status {
	case StatusSucceeded:
		return fmt.Sprintf("If that is the %s you meant, you are done. A new key is a second %s.", noun, noun)
	case StatusPartiallySucceeded:
		return fmt.Sprintf("If that is the %s you meant, read it: only what is missing is to be asked for. A new key is a second %s.", noun, noun)
	case StatusRejected, StatusNotExecuted, StatusExpired, StatusNotSent:
		return fmt.Sprintf("If the money is still to move, ask with a new key. The new key is a %s of its own.", noun)
	case StatusProcessing, StatusUnknown, StatusNeedsReview, StatusAwaitingCustomer, StatusAwaitingMerchant, StatusInReview:
	}
	return fmt.Sprintf("If that is the %s you meant, wait and read it again. A new key is a second %s.", noun, noun)
}
