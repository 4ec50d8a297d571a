package iyzico

import "errors"

// Outcome says what is known about a request's effect at iyzico. It is decided from the bytes written
// and the bytes read, never guessed: what cannot be proved is Unknown.
type Outcome int

const (
	// Unknown means that the request may or may not have taken effect. It is the zero value. A money request
	// that ended so must not be sent again before iyzico's report has been read.
	Unknown Outcome = iota
	// NotSent means that the request had no effect, with proof: no byte of it was written, or iyzico turned it
	// away at the door (rate limit, credentials). The same request may be sent again.
	NotSent
	// Rejected means that iyzico answered with a refusal that is known to move no money.
	Rejected
	// Succeeded means that iyzico answered with success and the answer is about this very request.
	Succeeded
)

// String returns the outcome as a stable word: unknown, not_sent, rejected, succeeded.
func (o Outcome) String() string {
	switch o {
	case NotSent:
		return "not_sent"
	case Rejected:
		return "rejected"
	case Succeeded:
		return "succeeded"
	default:
		return "unknown"
	}
}

// MarshalText encodes the outcome as its word. It never fails.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// OutcomeOf returns the outcome that err tells: Succeeded for nil, the Outcome of an *Error in err's chain,
// and Unknown for any other error.
func OutcomeOf(err error) Outcome {
	if err == nil {
		return Succeeded
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Outcome
	}
	return Unknown
}
