package payment

import (
	"cmp"
	"time"
)

// Resource is an operation as the API and the events show it. Members that do not apply are absent.
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
	ChargedTo            ChargedTo   `json:"chargedTo,omitempty"`
	Reason               string      `json:"reason,omitempty"`
	Reference            string      `json:"reference,omitempty"`
	Legs                 []LegView   `json:"legs,omitempty"`
	RedirectURL          string      `json:"redirectUrl,omitempty"` // filled in by who can read SealedURL, for the caller alone
	ReturnURL            string      `json:"returnUrl,omitempty"`
	Iyzico               *ProofView  `json:"iyzico,omitempty"`
	// CustomerReference is the bank's reference of the first leg that moved money: what the customer can ask the bank about.
	CustomerReference string `json:"customerReference,omitempty"`
	// UnrefundableAmount is the part of Amount that iyzico offers this merchant no way to refund.
	UnrefundableAmount string     `json:"unrefundableAmount,omitempty"`
	Error              *ErrorView `json:"error,omitempty"`
	CreatedAt          time.Time  `json:"createdAt"`
	UpdatedAt          time.Time  `json:"updatedAt"`
	SettledAt          time.Time  `json:"settledAt,omitzero"`

	SealedURL  string    `json:"-"` // iyzico's page of a balance refund while it waits for the customer; opaque here
	NextLookAt time.Time `json:"-"` // when iyzico is read next about it, zero if nothing is open
	PageLocale string    `json:"-"` // the language that the caller asked for, empty if none
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

// Resource shows the operation. paymentID is its account's.
func (o *Operation) Resource(paymentID string) Resource {
	r := Resource{
		ID: o.ID, Kind: o.Kind, Status: o.Status(), PaymentID: paymentID, PaymentTransactionID: o.LineID,
		RefundedAmount: o.RefundedAmount().String(), Currency: string(o.Amount.Currency()), Destination: o.Destination, ChargedTo: o.ChargedTo,
		Reason: o.Reason, Reference: o.Reference, ReturnURL: o.ReturnURL, Error: o.errorView(),
		CreatedAt: shownTime(o.CreatedAt), UpdatedAt: shownTime(o.UpdatedAt), SettledAt: shownTime(o.SettledAt),
		CustomerReference: o.customerReference(), SealedURL: o.Page.SealedURL, PageLocale: o.Page.Locale,
	}
	if o.Amount.Sign() > 0 {
		r.Amount = o.Amount.String()
	}
	for i := range o.Legs {
		if leg := &o.Legs[i]; leg.State.holds() && leg.State != StateReserved && leg.State != StateSending {
			r.NextLookAt = earlier(r.NextLookAt, leg.DueAt)
		}
	}
	if left := o.unrefundable(); left.Sign() > 0 {
		r.UnrefundableAmount = left.String()
	}
	for i := range o.Legs {
		r.Legs = append(r.Legs, o.legView(&o.Legs[i]))
	}
	if legs := o.standing(); len(legs) == 1 {
		only := o.legView(&legs[0])
		r.Iyzico = only.Iyzico
		if r.PaymentTransactionID == "" {
			r.PaymentTransactionID = only.PaymentTransactionID
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

// FirstFailure is the first leg's failure, nil if no leg has one. A Refund v2 that the lines' floors stand in for speaks last.
func (o *Operation) FirstFailure() *Failure {
	var first *Failure
	legs := o.standing()
	for i := range legs {
		leg := &legs[i]
		if leg.State == StateSucceeded || leg.Failure == nil {
			continue
		}
		if !leg.refusedForGood() {
			return leg.Failure
		}
		first = leg.Failure
	}
	return first
}

// customerReference is the bank's reference of the first leg that moved money: of the refund, else of the cancel, else of the
// payment's host. Empty while iyzico gave none.
func (o *Operation) customerReference() string {
	for i := range o.Legs {
		if leg := &o.Legs[i]; leg.moved() {
			p := leg.Proof
			if reference := cmp.Or(p.RefundHostReference, p.CancelHostReference, p.HostReference); reference != "" {
				return reference
			}
		}
	}
	return ""
}

// shownTime is a time as answers and events write it: to the millisecond, which is as exact as clocks of several machines are.
func shownTime(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// errorView shows why the operation did not succeed, or is not known to have: the first leg that has something to say, or
// the rule that refused. Every status but succeeded and processing has one, and it always says something.
func (o *Operation) errorView() *ErrorView {
	status := o.Status()
	if o.Refusal != nil {
		return explained(status, &ErrorView{string(o.Refusal.Code), o.Refusal.Message})
	}
	if status == StatusSucceeded || status == StatusProcessing {
		return nil
	}
	if status == StatusPartiallySucceeded && o.wentAsFarAsItCould() {
		return &ErrorView{ReasonRestNotRefundable, "all that iyzico lets this merchant refund was refunded; unrefundableAmount, below one unit on each line, is left " +
			"and cannot be asked for: do not ask again"}
	}
	failure := o.FirstFailure()
	if failure == nil {
		return explained(status, nil)
	}
	view := &ErrorView{failure.Code, failure.Message}
	if failure.Code == "" {
		view.Code = failure.Reason
	}
	return explained(status, view)
}

// wentAsFarAsItCould tells whether every leg but a Refund v2 that iyzico does not offer succeeded.
func (o *Operation) wentAsFarAsItCould() bool {
	legs := o.standing()
	return o.fellBack() && countState(legs, StateSucceeded) == len(legs)-1
}

// statusAdvice says of each status what happened to the money and what to do now. Nothing here may be read as a call to pay
// twice.
var statusAdvice = map[Status]ErrorView{
	StatusPartiallySucceeded: {"partially-succeeded", "a part moved and the rest did not; legs names the parts. " +
		"What is missing can be asked for with a new key and the missing amount"},
	StatusRejected:         {"rejected", "it was refused and no money moved. If the money is still to move, correct what was refused and ask with a new key"},
	StatusNotSent:          {"not-sent", "nothing was sent and no money moved. The same request with the same key asks afresh"},
	StatusUnknown:          {"unknown", "the answer was lost: the money may or may not have moved. It is being found out; wait, read again, and do not ask with a new key"},
	StatusNotExecuted:      {"not-executed", "it is proved that no money moved. If the money is still to move, ask with a new key"},
	StatusNeedsReview:      {"needs-review", "a person must compare this with iyzico. The amount stays reserved; do not ask with a new key"},
	StatusExpired:          {"expired", "a person recorded that the customer did not take it. If the money is still to move, ask with a new key"},
	StatusAwaitingCustomer: {"awaiting-customer", "the customer has not confirmed yet. Wait, and do not ask with a new key"},
	StatusAwaitingMerchant: {"awaiting-merchant", "the refund waits for approval in iyzico's panel. Do not ask with a new key"},
	StatusInReview:         {"in-review", "iyzico's fraud filter is looking at the payment. Wait, and do not ask with a new key"},
}

// Advice says in one sentence what happened to the money of an operation of this status and what to do now; empty for
// succeeded and processing, which need no advice.
func (s Status) Advice() string { return statusAdvice[s].Message }

// explained completes what is said of a status, so that no code stands without words and no words without a code.
func explained(status Status, view *ErrorView) *ErrorView {
	usual := statusAdvice[status]
	if view == nil && (status == StatusAwaitingCustomer || status == StatusAwaitingMerchant || status == StatusInReview) {
		return nil // nothing is wrong
	}
	if view == nil {
		return &usual
	}
	if view.Code == "" {
		view.Code = usual.Code
	}
	if view.Message == "" {
		view.Message = usual.Message
	}
	return view
}
