package payment

import (
	"time"

	"github.com/iade/iade/internal/money"
)

// Resource is an operation as the API and the events show it (contract §3). Members that do not apply are absent.
type Resource struct {
	ID                   string      `json:"id"`
	Kind                 Kind        `json:"kind"`
	Status               Status      `json:"status"`
	PaymentID            string      `json:"paymentId,omitempty"`
	PaymentTransactionID string      `json:"paymentTransactionId,omitempty"`
	Amount               string      `json:"amount,omitempty"`
	RefundedAmount       string      `json:"refundedAmount,omitempty"`
	Currency             string      `json:"currency,omitempty"`
	Destination          Destination `json:"destination,omitempty"`
	Reason               string      `json:"reason,omitempty"`
	Reference            string      `json:"reference,omitempty"`
	Legs                 []LegView   `json:"legs,omitempty"`
	ReturnURL            string      `json:"returnUrl,omitempty"`
	Iyzico               *ProofView  `json:"iyzico,omitempty"`
	Error                *ErrorView  `json:"error,omitempty"`
	CreatedAt            time.Time   `json:"createdAt"`
	UpdatedAt            time.Time   `json:"updatedAt"`
	SettledAt            time.Time   `json:"settledAt,omitzero"`

	// What a fund payment shows besides.
	PaymentStatus string     `json:"paymentStatus,omitempty"`
	FraudStatus   *int       `json:"fraudStatus,omitempty"`
	Price         string     `json:"price,omitempty"`
	PaidPrice     string     `json:"paidPrice,omitempty"`
	Lines         []LineView `json:"lines,omitempty"`
}

// LegView is one leg of a Resource.
type LegView struct {
	PaymentTransactionID string     `json:"paymentTransactionId,omitempty"`
	Amount               string     `json:"amount"`
	Status               Status     `json:"status,omitempty"`
	ConversationID       string     `json:"conversationId,omitempty"`
	Iyzico               *ProofView `json:"iyzico,omitempty"`
}

// ProofView is what iyzico gave as references.
type ProofView struct {
	AuthCode            string `json:"authCode,omitempty"`
	HostReference       string `json:"hostReference,omitempty"`
	RefundHostReference string `json:"refundHostReference,omitempty"`
	CancelHostReference string `json:"cancelHostReference,omitempty"`
	RefundTxID          string `json:"refundTxId,omitempty"`
	SignatureVerified   bool   `json:"signatureVerified"`
}

// ErrorView says why an operation did not succeed. Code is iyzico's errorCode, a rule's slug, or iade's own reason.
type ErrorView struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// PaymentView is a payment as the API shows it.
type PaymentView struct {
	PaymentID        string        `json:"paymentId"`
	Currency         string        `json:"currency"`
	Status           PaymentStatus `json:"status"`
	PaidAmount       string        `json:"paidAmount"`
	RefundedAmount   string        `json:"refundedAmount"`
	ReservedAmount   string        `json:"reservedAmount"`
	RefundableAmount string        `json:"refundableAmount"`
	PaidAt           time.Time     `json:"paidAt,omitzero"`
	Lines            []LineView    `json:"lines"`
	Operations       []Resource    `json:"operations"`
	NextCursor       string        `json:"nextCursor,omitempty"`
}

// LineView is one line of a PaymentView.
type LineView struct {
	PaymentTransactionID string `json:"paymentTransactionId"`
	ItemID               string `json:"itemId,omitempty"`
	PaidAmount           string `json:"paidAmount"`
	RefundedAmount       string `json:"refundedAmount"`
	ReservedAmount       string `json:"reservedAmount"`
	RefundableAmount     string `json:"refundableAmount"`
}

// Resource shows the operation. paymentID is its account's.
func (o *Operation) Resource(paymentID string) Resource {
	r := Resource{
		ID: o.ID, Kind: o.Kind, Status: o.Status(), PaymentID: paymentID, PaymentTransactionID: o.LineID,
		RefundedAmount: o.RefundedAmount().String(), Currency: string(o.Amount.Currency()), Destination: o.Destination,
		Reason: o.Reason, Reference: o.Reference, ReturnURL: o.ReturnURL, Error: o.errorView(),
		CreatedAt: o.CreatedAt, UpdatedAt: o.UpdatedAt, SettledAt: o.SettledAt,
	}
	if o.Amount.Sign() > 0 {
		r.Amount = o.Amount.String()
	}
	for i := range o.Legs {
		r.Legs = append(r.Legs, o.legView(&o.Legs[i]))
	}
	if len(r.Legs) == 1 {
		r.Iyzico = r.Legs[0].Iyzico
		if r.PaymentTransactionID == "" {
			r.PaymentTransactionID = r.Legs[0].PaymentTransactionID
		}
	}
	if o.Fund != nil {
		o.Fund.show(&r)
	}
	return r
}

func (o *Operation) legView(leg *Leg) LegView {
	view := LegView{PaymentTransactionID: leg.LineID, Amount: leg.Amount.String(), Status: leg.State.Status()}
	if view.PaymentTransactionID == "" && len(leg.Parts) == 1 {
		view.PaymentTransactionID = leg.Parts[0].LineID
	}
	if leg.Attempt > 0 {
		view.ConversationID = ConversationID(o.ID, leg.Attempt)
	}
	if p := leg.Proof; p != (Proof{}) {
		view.Iyzico = &ProofView{p.AuthCode, p.HostReference, p.RefundHostReference, p.CancelHostReference, p.RefundTxID, p.SignatureVerified}
	}
	return view
}

// errorView shows the first leg that has something to say, or the rule that refused.
func (o *Operation) errorView() *ErrorView {
	if o.Refusal != nil {
		return &ErrorView{string(o.Refusal.Code), o.Refusal.Message}
	}
	if status := o.Status(); status == StatusSucceeded || status == StatusProcessing {
		return nil
	}
	failure := o.FirstFailure()
	if failure == nil {
		return nil
	}
	if failure.Code != "" {
		return &ErrorView{failure.Code, failure.Message}
	}
	return &ErrorView{failure.Reason, failure.Message}
}

// FirstFailure is the first leg's failure, nil if no leg has one.
func (o *Operation) FirstFailure() *Failure {
	for i := range o.Legs {
		if o.Legs[i].State != StateSucceeded && o.Legs[i].Failure != nil {
			return o.Legs[i].Failure
		}
	}
	return nil
}

// lineViews shows the lines of the totals.
func (t Totals) lineViews() []LineView {
	views := make([]LineView, 0, len(t.Lines))
	for _, line := range t.Lines {
		views = append(views, LineView{
			line.Line.ID, line.Line.ItemID, line.Line.PaidAmount.String(), line.RefundedAmount.String(),
			line.ReservedAmount.String(), line.RefundableAmount.String(),
		})
	}
	return views
}

// OperationsPerPage is how many operations PaymentView shows at once, newest first.
const OperationsPerPage = 100

// View shows the payment with the page of operations that starts after skip of the newest.
func (a *Account) View(skip int) PaymentView {
	t := a.Totals()
	view := PaymentView{
		PaymentID: a.PaymentID, Currency: string(a.Currency), Status: t.Status(), PaidAmount: t.PaidAmount.String(),
		RefundedAmount: t.RefundedAmount.String(), ReservedAmount: t.ReservedAmount.String(),
		RefundableAmount: t.RefundableAmount.String(), PaidAt: a.PaidAt, Lines: t.lineViews(), Operations: []Resource{},
	}
	for i := len(a.Operations) - 1 - skip; i >= 0 && len(view.Operations) < OperationsPerPage; i-- {
		view.Operations = append(view.Operations, a.Operations[i].Resource(a.PaymentID))
	}
	return view
}

// refundableOf is the refundable amount of one line, or of the payment if lineID is empty.
func (t Totals) refundableOf(lineID string) money.Amount {
	if lineID == "" {
		return t.RefundableAmount
	}
	for _, line := range t.Lines {
		if line.Line.ID == lineID {
			return line.RefundableAmount
		}
	}
	return money.Zero(t.PaidAmount.Currency())
}
