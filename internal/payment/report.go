package payment

import (
	"time"

	"github.com/iade/iade/internal/money"
)

// refundStatusSuccess is the only refundStatus that is known to mean "money moved" (reference §11 #11).
const refundStatusSuccess = 1

// Purpose is whom a read is for: each has its share of the limit of calls a minute.
type Purpose int

// The purposes.
const (
	PurposeBulk        Purpose = iota // nobody waits for the answer, as behind a queue
	PurposeInteractive                // a caller waits
	PurposeSettle                     // what is unknown is to be settled
)

// purpose of a read that a command needs.
func (c Command) purpose() Purpose {
	if c.Interactive {
		return PurposeInteractive
	}
	return PurposeBulk
}

// Query asks for one payment, by iyzico's id or by the conversationId that a fund payment was made with.
type Query struct {
	PaymentID             string
	PaymentConversationID string
	Purpose               Purpose
	Deadline              time.Time // zero = the adapter's own
}

// Report is what iyzico says about one payment at one moment.
type Report struct {
	ReadAt time.Time     // when the read began, by our clock
	Skew   time.Duration // iyzico's clock minus ours when the answer came, 0 if it gave none; never more than the truth
	Listed bool          // the report itself lists the payment; otherwise only payment detail knows it

	PaymentID string
	Currency  money.Currency
	Charged   bool
	// TotallyRefunded is iyzico's own word for the whole payment (paymentRefundStatus TOTALLY_REFUNDED).
	TotallyRefunded bool
	Refused         bool // iyzico says definitely that it was not paid
	PreAuth         bool
	PaidAt          time.Time
	Lines           []Line
	Entries         []Entry

	// What settles a fund payment. ConversationID is the payment's own; where only detail knows the payment, which does not
	// show it, the one that was asked for.
	ConversationID string
	PaidAmount     money.Amount
	PaymentStatus  string // SUCCESS or FAILURE; empty where iyzico's sources differ on the meaning
	FraudStatus    *int
	Ambiguous      bool // more than one payment is listed under the conversation id
}

// Entry is one refund or cancel in the report. Failed attempts are listed too, so Status decides (reference §5.2).
type Entry struct {
	TxID           string
	Cancel         bool
	LineID         string // empty for a cancel
	ConversationID string // empty for what was made in iyzico's panel
	Amount         money.Amount
	Status         int
	CreatedAt      time.Time // as iyzico wrote it, read as UTC
	AuthCode       string
	HostReference  string
}

// moved tells whether iyzico says that the entry moved money.
func (e Entry) moved() bool { return e.Status == refundStatusSuccess }
