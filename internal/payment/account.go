package payment

import (
	"slices"
	"strings"
	"time"

	"github.com/iade/iade/internal/money"
)

// AccountID names one account in the store: PAYMENT#<paymentId>, or FUND#<operation id> for a fund payment.
type AccountID string

const (
	paymentPrefix = "PAYMENT#"
	fundPrefix    = "FUND#"
)

// PaymentAccount is the id of the account of one iyzico payment.
func PaymentAccount(paymentID string) AccountID { return AccountID(paymentPrefix + paymentID) }

// PaymentID is the iyzico payment that the account is about, empty for a fund payment's account.
func (id AccountID) PaymentID() string {
	if rest, ok := strings.CutPrefix(string(id), paymentPrefix); ok {
		return rest
	}
	return ""
}

// Account is everything iade knows about one iyzico payment. It is one item in the store, and every change of it is one
// conditional write of the whole on Version: that single write gives idempotency, the refundable check, mutual
// exclusion and the outbox record at once. (In a file with transactions its operations lie beside it; a save is one transaction.)
type Account struct {
	ID      AccountID
	Version int64 // 0 = never saved; each save adds one

	PaymentID string
	Currency  money.Currency
	PaidAt    time.Time // zero when only detail answered
	Charged   bool      // paymentStatus 1, not refused by the fraud filter
	PreAuth   bool      // a hold that was not captured: can be cancelled, not refunded
	Lines     []Line

	Operations []Operation // oldest first
	Past       []Past      // operations that left the account for the journal, oldest first
	Foreign    []Foreign   // refunds and cancels that iyzico lists and no attempt of ours explains

	// LinesPartial tells that the lines do not sum to what was paid: the report that they come from left some out.
	LinesPartial bool

	ReportReadAt time.Time // when the last report that listed the payment was read; for a fund payment, any; zero = never
	Suspect      bool      // the next send reads the report first (after rejected, not_executed, expired, or turned away by iyzico)
	FailedReads  int       // reads in a row that brought nothing, of those that reconcile made
	ReadDueAt    time.Time // before it reconcile does not read again after such reads; zero = none failed
	// What the Past operations sum up to: their refunds by line, and how many legs they had.
	PastRefunds []Part
	PastLegs    int
	// AttemptFloor is the highest attempt number of an operation that was forgotten because it bound no key. A new operation
	// may be of the same key, so its attempts are counted from here: no conversationId is used twice.
	AttemptFloor int
	// RestoredAt is TABLE_RESTORED_AT when the account was last saved. Versions before it may have been published and then
	// forgotten.
	RestoredAt time.Time
	Author     Author // who it was saved for last
	Hint       Hint   // iyzico's notices about the payment
}

// sequence numbers the account's writes for consumers of events. Versions begin anew where a restored table forgot some, and a
// consumer would drop the later event for the earlier; the restore's time keeps them apart, for no account is saved more
// than once a second for long.
func (a *Account) sequence() int64 {
	if a.RestoredAt.IsZero() {
		return a.Version
	}
	return a.RestoredAt.Unix() + a.Version
}

// Line is one basket item of the payment. PaidAmount is iyzico's paidPrice, never price.
type Line struct {
	ID         string // paymentTransactionId
	ItemID     string
	PaidAmount money.Amount
}

// Foreign is an entry of iyzico's report that no attempt of this account made: a refund or cancel in iyzico's panel.
type Foreign struct {
	TxID      string // refundTxId; with the line the key
	Cancel    bool
	LineID    string
	Amount    money.Amount
	Status    int       // refundStatus; only 1 moved money
	CreatedAt time.Time // zero = not readable
	SeenIn    int64     // the account's version that first held it
	Unnamed   bool      // its conversationId leaves open who made it
	Assumed   bool      // it is taken for the money of a succeeded leg of ours, and counts with that leg alone

	OperationID string // the operation of ours that its conversationId names, though the table holds no such attempt
}

// moved tells whether the entry is money that iyzico says it moved.
func (f Foreign) moved() bool { return f.Status == refundStatusSuccess }

// Line returns the line with that paymentTransactionId.
func (a *Account) Line(id string) (Line, bool) {
	for _, line := range a.Lines {
		if line.ID == id {
			return line, true
		}
	}
	return Line{}, false
}

// Operation returns the operation with that id, nil if the account does not hold it.
func (a *Account) Operation(id string) *Operation {
	for i := range a.Operations {
		if a.Operations[i].ID == id {
			return &a.Operations[i]
		}
	}
	return nil
}

// operationByKey returns the operation that a key names on this payment, whatever its kind.
func (a *Account) operationByKey(key string) *Operation {
	for i := range a.Operations {
		if a.Operations[i].Key == key {
			return &a.Operations[i]
		}
	}
	return nil
}

// Clone copies the account, so that a change of the one is none of the other.
func (a *Account) Clone() Account { return a.clone() }

// clone copies everything that Decide may change, so that the account it was given stays as it was.
func (a *Account) clone() Account {
	next := *a
	next.Lines = slices.Clone(a.Lines)
	next.Foreign = slices.Clone(a.Foreign)
	next.Past = slices.Clone(a.Past)
	next.PastRefunds = slices.Clone(a.PastRefunds)
	next.Hint.Codes = slices.Clone(a.Hint.Codes)
	next.Operations = slices.Clone(a.Operations)
	total := 0
	for i := range a.Operations {
		total += len(a.Operations[i].Legs)
	}
	legs := make([]Leg, 0, total) // of all operations in one piece
	for i := range next.Operations {
		op := &next.Operations[i]
		if n := len(op.Legs); n > 0 {
			legs = append(legs, op.Legs...)
			op.Legs = legs[len(legs)-n : len(legs) : len(legs)]
		}
		op.FollowUps = slices.Clone(op.FollowUps)
		op.Page.Returned = slices.Clone(op.Page.Returned)
		for j := range op.Legs {
			op.Legs[j].Parts = slices.Clone(op.Legs[j].Parts)
			op.Legs[j].ClaimedTx = slices.Clone(op.Legs[j].ClaimedTx)
		}
		op.Fund = op.Fund.clone()
	}
	return next
}
