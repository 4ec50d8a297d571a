package iyzicotest

import (
	"time"

	"github.com/shopspring/decimal"
)

// Payment and fraud status, as reporting shows them (docs/iyzico.md §5.2, docs/iyzico.md P4).
const (
	PaymentSuccess = 1
	PaymentFailure = 2

	FraudApproved = 1
	FraudInReview = 0
	FraudRejected = -1
)

// Phases of a payment. The money of a PRE_AUTH payment is only held: it can be cancelled and not refunded.
const (
	PhaseAuth     = "AUTH"
	PhasePreAuth  = "PRE_AUTH"
	PhasePostAuth = "POST_AUTH"
)

// LineSpec is a basket item of a payment to add. PaidPrice is what the customer paid for it; Price, its list price,
// defaults to PaidPrice. ItemID defaults to "item-<n>".
type LineSpec struct {
	ItemID    string
	PaidPrice decimal.Decimal
	Price     decimal.Decimal
}

// PaymentSpec describes a payment to add. Zero values mean: TRY, created now, charged, approved, phase AUTH.
type PaymentSpec struct {
	Currency string
	Lines    []LineSpec
	// CreatedAt is the payment's time on iyzico's clock.
	CreatedAt time.Time
	// PaymentStatus is 1 for a charged payment; 0 here means 1, because iyzico's 0 and 2 are both failures.
	PaymentStatus int
	// FraudStatus nil means 1.
	FraudStatus    *int
	Phase          string
	ConversationID string
	BasketID       string
	// Path names the request that took the money. A payment with a path is an execution of kind payment; without one
	// it is a state put in place before a test begins, and no execution.
	Path string
}

// Line is one item of a payment: what refunds are made on.
type Line struct {
	PaymentTransactionID string          `json:"paymentTransactionId"`
	ItemID               string          `json:"itemId"`
	Price                decimal.Decimal `json:"price"`
	PaidPrice            decimal.Decimal `json:"paidPrice"`
}

// Payment is a payment as at its creation: like iyzico's detail it shows no refunds (docs/iyzico.md §5.1).
type Payment struct {
	ID             string          `json:"id"`
	ConversationID string          `json:"conversationId,omitempty"`
	BasketID       string          `json:"basketId,omitempty"`
	Currency       string          `json:"currency"`
	Price          decimal.Decimal `json:"price"`
	PaidPrice      decimal.Decimal `json:"paidPrice"`
	PaymentStatus  int             `json:"paymentStatus"`
	FraudStatus    int             `json:"fraudStatus"`
	Phase          string          `json:"phase"`
	CreatedAt      time.Time       `json:"createdAt"`
	// SessionToken and CheckoutToken are set on payments from a balance.
	SessionToken  string `json:"sessionToken,omitempty"`
	CheckoutToken string `json:"checkoutToken,omitempty"`
	Path          string `json:"path,omitempty"`
	Lines         []Line `json:"lines"`
}

// Charged tells whether the money was taken: paid, and neither in review nor rejected.
func (p Payment) Charged() bool {
	return p.PaymentStatus == PaymentSuccess && p.FraudStatus == FraudApproved
}

// account is a payment with everything that happened to it.
type account struct {
	payment Payment
	// at is when it happened on our clock; reports show it a lag after that.
	at       time.Time
	lines    []lineState
	cancels  []movement
	refunded decimal.Decimal
	// cancelled is set by the successful cancel, cancelledAt is its time on our clock; failed attempts stand in cancels only.
	cancelled   bool
	cancelledAt time.Time
	executions  []int
}

type lineState struct {
	refunded decimal.Decimal
	refunds  []movement
}

// movement is a refund or a cancel, tried or done.
type movement struct {
	txID           string
	conversationID string
	price          decimal.Decimal
	refusal        *Refusal
	charged        bool // to the merchant
	at             time.Time
	createdAt      time.Time
}

// sameDay tells whether a time on iyzico's clock is on the payment's day in Istanbul.
func (a *account) sameDay(created time.Time) bool {
	return onDay(created, istanbulDay(a.payment.CreatedAt))
}

func (a *account) remainder(line int) decimal.Decimal {
	return a.payment.Lines[line].PaidPrice.Sub(a.lines[line].refunded)
}

// AddPayment puts a payment in place. It refuses a payment without lines or with an amount below zero, and one whose
// lines sum to zero.
func (l *Ledger) AddPayment(spec PaymentSpec) (Payment, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, now := l.now()
	p := Payment{
		ConversationID: spec.ConversationID,
		BasketID:       spec.BasketID,
		Currency:       spec.Currency,
		PaymentStatus:  spec.PaymentStatus,
		FraudStatus:    FraudApproved,
		Phase:          spec.Phase,
		CreatedAt:      now,
		Path:           spec.Path,
	}
	if p.Currency == "" {
		p.Currency = "TRY"
	}
	if p.PaymentStatus == 0 {
		p.PaymentStatus = PaymentSuccess
	}
	if spec.FraudStatus != nil {
		p.FraudStatus = *spec.FraudStatus
	}
	if p.Phase == "" {
		p.Phase = PhaseAuth
	}
	if !spec.CreatedAt.IsZero() {
		p.CreatedAt = spec.CreatedAt.UTC().Round(0)
		if happened := p.CreatedAt.Add(-l.offset); happened.Before(at) {
			at = happened
		}
	}
	for i, line := range spec.Lines {
		if line.PaidPrice.IsNegative() || line.Price.IsNegative() {
			return Payment{}, refuse(CodeInvalidRequest)
		}
		if line.Price.IsZero() {
			line.Price = line.PaidPrice
		}
		if line.ItemID == "" {
			line.ItemID = "item-" + formatID(int64(i+1))
		}
		p.Lines = append(p.Lines, Line{ItemID: line.ItemID, Price: line.Price, PaidPrice: line.PaidPrice})
		p.Price = p.Price.Add(line.Price)
		p.PaidPrice = p.PaidPrice.Add(line.PaidPrice)
	}
	if !p.PaidPrice.IsPositive() {
		return Payment{}, refuse(CodeInvalidRequest)
	}
	l.number(&p)
	if err := l.commit(Entry{Kind: EntryPayment, At: at, CreatedAt: p.CreatedAt, Payment: &p}); err != nil {
		return Payment{}, err
	}
	return p.clone(), nil
}

// number gives a payment and its lines their ids.
func (l *Ledger) number(p *Payment) {
	p.ID = formatID(l.nextPayment)
	for i := range p.Lines {
		p.Lines[i].PaymentTransactionID = formatID(l.nextLine + int64(i))
	}
}

func (p Payment) clone() Payment {
	p.Lines = append([]Line(nil), p.Lines...)
	return p
}

// Payment gives a payment by id, without its refunds. It is known from the moment it was made, whatever reports show.
func (l *Ledger) Payment(id string) (Payment, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a, ok := l.payments[id]
	if !ok {
		return Payment{}, false
	}
	return a.payment.clone(), true
}

// PaymentByConversation gives the newest payment made with that conversationId.
func (l *Ledger) PaymentByConversation(conversationID string) (Payment, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := l.byConversation[conversationID]
	if conversationID == "" || len(found) == 0 {
		return Payment{}, false
	}
	return found[len(found)-1].payment.clone(), true
}

// PaymentOfLine gives the id of the payment that a paymentTransactionId belongs to.
func (l *Ledger) PaymentOfLine(paymentTransactionID string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ref, ok := l.lines[paymentTransactionID]
	if !ok {
		return "", false
	}
	return ref.account.payment.ID, true
}

// Capture charges a hold, as the shop does past iade: its phase is POST_AUTH from now on. It refuses what is no hold, and one that was cancelled.
func (l *Ledger) Capture(paymentID string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	a, ok := l.payments[paymentID]
	if !ok {
		return refuse(CodeUnknownPayment)
	}
	if a.payment.Phase != PhasePreAuth || a.cancelled {
		return refuse(CodeInvalidRequest)
	}
	at, created := l.now()
	return l.commit(Entry{Kind: EntryCapture, At: at, CreatedAt: created, PaymentID: paymentID})
}

// SetFraudStatus ends the review of a payment in review: approved (the money is taken now) or rejected (it never was;
// a balance gets it back). It refuses payments that are not in review, and any other status.
func (l *Ledger) SetFraudStatus(paymentID string, status int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	a, ok := l.payments[paymentID]
	if !ok {
		return refuse(CodeUnknownPayment)
	}
	if a.payment.FraudStatus != FraudInReview || status != FraudApproved && status != FraudRejected {
		return refuse(CodeInvalidRequest)
	}
	at, created := l.now()
	return l.commit(Entry{Kind: EntryReview, At: at, CreatedAt: created, PaymentID: paymentID, FraudStatus: status})
}
