package ingress

import (
	"context"
	"time"

	"github.com/iade/iade/internal/payment"
)

// Service is what ingress needs of the payment service. Errors are *payment.Error; any other error is answered as
// CodeInternal. `until` is the end of the handler's time: nothing is started that cannot end before it.
type Service interface {
	// Request carries out a command whose form was checked. record says which refusals by a rule are kept as a rejected
	// operation, which only a queue wants; with RecordSettled an error that Waits is to come back. Codes: not-found, in-progress, idempotency-key-reused, the rules' (422),
	// rate-limited, unavailable. An outcome that is not known is a Result, never an error.
	Request(ctx context.Context, cmd payment.Command, until time.Time, record payment.Recording) (payment.Result, error)
	// Preview says what Request would do and does nothing; cmd.Key is empty. Codes: not-found, the rules', unavailable.
	Preview(ctx context.Context, cmd payment.Command, until time.Time) (payment.Preview, error)
	// Operation reads one operation. Codes: not-found, also for what cannot be an id; unavailable.
	Operation(ctx context.Context, id string) (payment.Resource, error)
	// Payment shows one payment with a page of its operations that starts after skip of the newest, reading iyzico if
	// the payment is not known. NextCursor is the decimal skip of the next page. Codes: not-found, rate-limited, unavailable.
	Payment(ctx context.Context, paymentID string, skip int, until time.Time) (payment.PaymentView, error)
	// RefreshPayment is Payment after reading iyzico now. Codes: not-found, rate-limited, unavailable.
	RefreshPayment(ctx context.Context, paymentID string, skip int, until time.Time) (payment.PaymentView, error)
	// PaymentByConversation is RefreshPayment of the payment made under a conversation id of the shop's. Codes: not-found,
	// ambiguous, rate-limited, unavailable.
	PaymentByConversation(ctx context.Context, conversationID string, skip int, until time.Time) (payment.PaymentView, error)
	// Operations lists unfinished operations of all payments and the cursor of the next page, "" after the last. A page
	// may be empty and have one. Codes: invalid-request for a cursor that Operations did not give, unavailable.
	Operations(ctx context.Context, filter payment.OperationFilter, cursor string, limit int) ([]payment.Resource, string, error)
	// Check settles one operation now instead of when it is due. Codes: not-found, rate-limited, unavailable.
	Check(ctx context.Context, operationID string, until time.Time) (payment.Resource, error)
	// Return records that a customer's browser came back from iyzico. Codes: not-found for whatever does not verify, with
	// nothing changed; unavailable.
	Return(ctx context.Context, operationID, tokenHash string) (payment.Resource, error)
	// Hint has a payment read soon because of a notice that verified, and tells whether it is. Codes: unavailable.
	Hint(ctx context.Context, n payment.Notice) (taken bool, err error)
	// LimitUses says how much of the merchant's own limits is used now, nothing where none is set. Codes: unavailable.
	LimitUses(ctx context.Context) ([]payment.LimitUse, error)
	// Resolve records an operator's decision. Codes: not-found, not-resolvable, unavailable.
	Resolve(ctx context.Context, operationID string, decision payment.Decision, reason, by string, until time.Time) (payment.Resource, error)
}
