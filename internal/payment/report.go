package payment

import (
	"time"

	"github.com/iade/iade/internal/money"
)

// refundStatusSuccess is the only refundStatus that is known to mean "money moved".
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

// RefundStatus is iyzico's own word for how much of a payment was given back.
type RefundStatus string

// The values of paymentRefundStatus. Any other is no word that can be compared with the entries.
const (
	NotRefunded       RefundStatus = "NOT_REFUNDED"
	PartiallyRefunded RefundStatus = "PARTIALLY_REFUNDED"
	TotallyRefunded   RefundStatus = "TOTALLY_REFUNDED"
)

// Report is what iyzico says about one payment at one moment.
type Report struct {
	ReadAt time.Time     // when the read began, by our clock
	Skew   time.Duration // iyzico's clock minus ours when the answer came, 0 if it gave none; never more than the truth
	// SystemTime is iyzico's clock when it answered; zero = not said, and then nothing proves that the report is fresh.
	SystemTime time.Time
	Listed     bool // the report itself lists the payment; otherwise only payment detail knows it
	// Defects say what the adapter found missing, doubled or unreadable, each in a few words without a value. A report with a
	// defect proves no absence; what it does list is evidence all the same.
	Defects []string

	PaymentID string
	Currency  money.Currency
	Charged   bool
	// RefundStatus is iyzico's own word for the whole payment; empty if it gave none.
	RefundStatus RefundStatus
	Refused      bool // iyzico says definitely that it was not paid
	PreAuth      bool
	PaidAt       time.Time
	Lines        []Line
	Entries      []Entry

	// What settles a fund payment. ConversationID is the payment's own; where only detail knows the payment, which does not
	// show it, the one that was asked for.
	ConversationID string
	PaidAmount     money.Amount
	PaymentStatus  string // SUCCESS or FAILURE; empty where iyzico's sources differ on the meaning
	FraudStatus    *int
	Ambiguous      bool // more than one payment is listed under the conversation id
	// PaymentIDs are the payments listed under the conversation id that was asked for, each once, at most MostPaymentIDs; empty
	// for a question about one payment.
	PaymentIDs []string
}

// MostPaymentIDs bounds Report.PaymentIDs.
const MostPaymentIDs = 100

// StatusNotSaid is the Status of an entry that iyzico lists without one that can be read: it proves neither money nor
// absence.
const StatusNotSaid = -1

// Entry is one refund or cancel in the report. Failed attempts are listed too, so Status decides.
type Entry struct {
	TxID           string
	Cancel         bool
	LineID         string // empty for a cancel
	ConversationID string // empty for what was made in iyzico's panel
	Amount         money.Amount
	Status         int       // 1 moved money; StatusNotSaid; no source explains any other
	ErrorCode      string    // iyzico's code of a failed attempt, empty if it gave none
	CreatedAt      time.Time // zero = not readable, and then the entry is new
	AuthCode       string
	HostReference  string
}

// moved tells whether iyzico says that the entry moved money.
func (e Entry) moved() bool { return e.Status == refundStatusSuccess }

// failed tells whether iyzico says that the attempt failed: it moved no money so far, though iyzico may repeat it by
// itself later.
func (e Entry) failed() bool { return !e.moved() && e.ErrorCode != "" }
