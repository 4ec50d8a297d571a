package payment

import (
	"errors"
	"fmt"
	"time"

	"github.com/iade/iade/internal/money"
)

// Code classifies every error that leaves the domain. It is the slug of the problem type.
type Code string

// The codes. What has none of them is CodeInternal.
const (
	CodeInvalidRequest    Code = "invalid-request"
	CodeNotFound          Code = "not-found"
	CodeInProgress        Code = "in-progress"
	CodeAmbiguous         Code = "ambiguous"
	CodeKeyReused         Code = "idempotency-key-reused"
	CodeExceedsRefundable Code = "exceeds-refundable"
	CodeNotRefundable     Code = "not-refundable"
	CodeNotCancellable    Code = "not-cancellable"
	CodeLineNotFound      Code = "line-not-found"
	CodeCurrencyMismatch  Code = "currency-mismatch"
	CodeAllocationNeeded  Code = "allocation-required"
	CodeTooManyOperations Code = "too-many-operations"
	CodeOverLimit         Code = "over-limit"
	CodeNotResolvable     Code = "not-resolvable"
	CodeRateLimited       Code = "rate-limited"
	CodeUnavailable       Code = "unavailable"
	CodeInternal          Code = "internal"
)

// Error is the domain's one error type. Message is written for the caller; the wrapped cause is for the operator alone.
type Error struct {
	Code        Code
	Message     string
	Field       string        // the member at fault, for CodeInvalidRequest
	OperationID string        // the operation in the way
	Operation   *Resource     // the operation that the key names, as it stands
	Refundable  *money.Amount // with CodeExceedsRefundable
	Lines       []LineView    // with CodeAllocationNeeded
	PaymentIDs  []string      // with CodeAmbiguous
	RetryAfter  time.Duration // 0 = not said
	Waits       bool          // a queue's command that only an operation with an open end refuses, and that is to come back
	Cause       error
}

// Error gives the code and the caller's message, never the cause's text.
func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// Unwrap gives the operator the cause.
func (e *Error) Unwrap() error { return e.Cause }

// WithCause adds what an Error keeps out of its text, for a log that only operators read. Any other error stays as it is.
func WithCause(err error) error {
	var e *Error
	if errors.As(err, &e) && e.Cause != nil {
		return fmt.Errorf("%w: %w", err, e.Cause)
	}
	return err
}

// CodeOf returns the code of an error, CodeInternal for one that is not the domain's, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}

// ErrReadFirst asks Apply for one read of iyzico's report; it then decides again with the report in the event.
var ErrReadFirst = errors.New("payment: the report must be read first")

// ErrConflict is what a Store answers when the stored version is not the one that the save was based on.
var ErrConflict = errors.New("payment: the account was changed by somebody else")

func fail(code Code, message string) *Error { return &Error{Code: code, Message: message} }
