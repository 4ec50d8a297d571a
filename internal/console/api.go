package console

import (
	"cmp"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/words"
)

// What the API answers with, as far as the pages show it (openapi.yaml). Amounts stay the texts that they are.

// Operation is one operation. The address of a customer's page at iyzico is a secret of the customer's, and is not read.
type Operation struct {
	ID                   string `json:"id"`
	Kind                 string `json:"kind"`
	Status               string `json:"status"`
	PaymentID            string `json:"paymentId"`
	PaymentTransactionID string `json:"paymentTransactionId"`
	Amount               string `json:"amount"`
	RefundedAmount       string `json:"refundedAmount"`
	UnrefundableAmount   string `json:"unrefundableAmount"`
	PaidPrice            string `json:"paidPrice"`
	Currency             string `json:"currency"`
	Destination          string `json:"destination"`
	ChargedTo            string `json:"chargedTo"`
	Reason               string `json:"reason"`
	Reference            string `json:"reference"`
	CustomerReference    string `json:"customerReference"`
	Legs                 []Leg  `json:"legs"`
	Error                *struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
	SettledAt time.Time `json:"settledAt"`
}

// Leg is one part of an operation.
type Leg struct {
	PaymentTransactionID string `json:"paymentTransactionId"`
	Amount               string `json:"amount"`
	Status               string `json:"status"`
	ConversationID       string `json:"conversationId"`
	Iyzico               *struct {
		HostReference       string `json:"hostReference"`
		RefundHostReference string `json:"refundHostReference"`
		CancelHostReference string `json:"cancelHostReference"`
	} `json:"iyzico"`
}

// BankReference is the bank's reference of a part.
func (l Leg) BankReference() string {
	if l.Iyzico == nil {
		return ""
	}
	return cmp.Or(l.Iyzico.RefundHostReference, l.Iyzico.CancelHostReference, l.Iyzico.HostReference)
}

// Whole is what was asked for.
func (o *Operation) Whole() string { return cmp.Or(o.Amount, o.PaidPrice) }

// Waits tells whether the operation waits for a person's decision.
func (o *Operation) Waits() bool {
	return o.Status == "needs_review" || o.Status == "awaiting_customer" || o.Status == "awaiting_merchant"
}

// Open tells whether the operation's end is not known yet.
func (o *Operation) Open() bool {
	switch o.Status {
	case "succeeded", "partially_succeeded", "rejected", "not_sent", "not_executed", "expired":
		return false
	}
	return true
}

// ForCustomer is the paragraph for the customer in a language.
func (o *Operation) ForCustomer(l words.Language, now time.Time) string {
	cancelled := o.Kind == "cancel" || o.Kind == "reversal" && len(o.Legs) > 0 && o.Legs[0].Status == "succeeded" && o.Legs[0].Iyzico != nil &&
		o.Legs[0].Iyzico.CancelHostReference != ""
	return l.Customer(words.Movement{
		Kind: o.Kind, Status: o.Status, WholeAmount: o.Whole(), RefundedAmount: o.RefundedAmount, Currency: o.Currency,
		CustomerReference: o.CustomerReference, SettledAt: o.SettledAt, UpdatedAt: o.UpdatedAt, Cancelled: cancelled,
	}, now)
}

// Limits is whether new money may leave, and how much of the merchant's own limits is used.
type Limits struct {
	NewMoney string     `json:"newMoney"`
	Limits   []LimitUse `json:"limits"`
}

// LimitUse is one limit: of a day's amounts, or of an hour's refunds.
type LimitUse struct {
	Limit       string    `json:"limit"`
	Currency    string    `json:"currency"`
	UsedAmount  string    `json:"usedAmount"`
	LimitAmount string    `json:"limitAmount"`
	UsedCount   int       `json:"usedCount"`
	LimitCount  int       `json:"limitCount"`
	FreesAt     time.Time `json:"freesAt"`
}

// Percent is how much is used, rounded down.
func (u LimitUse) Percent() int64 {
	used, most := decimal.NewFromInt(int64(u.UsedCount)), decimal.NewFromInt(int64(u.LimitCount))
	if u.LimitAmount != "" {
		var errUsed, errMost error
		used, errUsed = decimal.NewFromString(u.UsedAmount)
		most, errMost = decimal.NewFromString(u.LimitAmount)
		if errUsed != nil || errMost != nil {
			return 0
		}
	}
	if !most.IsPositive() {
		return 100
	}
	return used.Mul(decimal.NewFromInt(100)).Div(most).IntPart()
}

// Tone is how the use looks: an alarm sounds at 80 %.
func (u LimitUse) Tone() string {
	switch percent := u.Percent(); {
	case percent >= 100:
		return "bad"
	case percent >= 80:
		return "open"
	}
	return "good"
}

// Operations is one page of a list.
type Operations struct {
	Operations []Operation `json:"operations"`
	NextCursor string      `json:"nextCursor"`
}

// Payment is what a customer paid, with what went back.
type Payment struct {
	PaymentID        string      `json:"paymentId"`
	Currency         string      `json:"currency"`
	Status           string      `json:"status"`
	NotRefundable    string      `json:"notRefundable"`
	RefundableUntil  time.Time   `json:"refundableUntil"`
	PaidAmount       string      `json:"paidAmount"`
	RefundedAmount   string      `json:"refundedAmount"`
	ReservedAmount   string      `json:"reservedAmount"`
	RefundableAmount string      `json:"refundableAmount"`
	PaidAt           time.Time   `json:"paidAt"`
	ReadAt           time.Time   `json:"readAt"`
	Lines            []Line      `json:"lines"`
	OtherMovements   []Movement  `json:"otherMovements"`
	Operations       []Operation `json:"operations"`
	NextCursor       string      `json:"nextCursor"`
}

// Held tells that the payment is a hold that was not captured: it can be released by a cancel, and nothing of it refunded.
func (p Payment) Held() bool { return p.Status == "authorized" }

// dayIsOver tells whether the payment's day in Istanbul is over, after which no hold is released. iyzico's times may be UTC or
// Istanbul's own: it is over where it is by both.
func (p Payment) dayIsOver(now time.Time) bool {
	over := func(paid time.Time) bool { return dayOf(now) != dayOf(paid) && now.After(paid) }
	w := p.PaidAt.UTC()
	return !w.IsZero() && over(w) && over(time.Date(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute(), w.Second(), w.Nanosecond(), words.Istanbul()))
}

// Line is one basket item of a payment.
type Line struct {
	PaymentTransactionID string `json:"paymentTransactionId"`
	ItemID               string `json:"itemId"`
	PaidAmount           string `json:"paidAmount"`
	RefundedAmount       string `json:"refundedAmount"`
	ReservedAmount       string `json:"reservedAmount"`
	RefundableAmount     string `json:"refundableAmount"`
}

// Movement is money that went back past iade.
type Movement struct {
	Kind                 string    `json:"kind"`
	RefundTxID           string    `json:"refundTxId"`
	PaymentTransactionID string    `json:"paymentTransactionId"`
	Amount               string    `json:"amount"`
	At                   time.Time `json:"at"`
}

// Day is a day of Istanbul: iyzico's books beside iade's.
type Day struct {
	Date            string       `json:"date"`
	Status          string       `json:"status"` // closed, differs, open
	ClosedAt        time.Time    `json:"closedAt"`
	ReadAt          time.Time    `json:"readAt"`
	Provisional     bool         `json:"provisional"`
	Reason          string       `json:"reason"`
	Iyzico          Sums         `json:"iyzico"`
	Iade            Sums         `json:"iade"`
	Confirmed       Sums         `json:"confirmed"`
	DifferenceCount int          `json:"differenceCount"`
	Differences     []Difference `json:"differences"`
}

// Sums are by kind of movement and by currency.
type Sums map[string]map[string]Sum

// Sum is a number of movements and what they come to.
type Sum struct {
	Count  int    `json:"count"`
	Amount string `json:"amount"`
}

// Difference is one place in which the books differ.
type Difference struct {
	Kind                 string    `json:"kind"`
	PaymentID            string    `json:"paymentId"`
	PaymentTransactionID string    `json:"paymentTransactionId"`
	OperationID          string    `json:"operationId"`
	TransactionID        string    `json:"transactionId"`
	Movement             string    `json:"movement"`
	Currency             string    `json:"currency"`
	IyzicoAmount         string    `json:"iyzicoAmount"`
	IadeAmount           string    `json:"iadeAmount"`
	At                   time.Time `json:"at"`
}
