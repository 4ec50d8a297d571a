package iyzico

import (
	"context"
	"net/http"

	"github.com/shopspring/decimal"
)

const (
	pathRefund        = "/payment/refund"
	pathRefundPayment = "/v2/payment/refund"
)

// RefundRequest asks for money of one line of a payment to go back to the card (seed 003, reference §2.3).
type RefundRequest struct {
	// PaymentTransactionID is the line's id, 1 to 19 digits.
	PaymentTransactionID string
	// Price is the amount to refund, more than zero, at most the line's paidPrice less what was refunded before.
	Price decimal.Decimal
	// Currency is the payment's. Optional; if set, the answer must name the same.
	Currency string
	// ConversationID tells this request apart in iyzico's report (refundConversationId): 1 to 64 visible ASCII
	// characters, a fresh one for every request.
	ConversationID string
	// IP is the requester's address, IPv4 or IPv6. Optional.
	IP string
	// Locale is tr (the default) or en.
	Locale string
	// Reason is one of the RefundReason constants. Optional.
	Reason string
	// Description explains the reason in at most 500 characters. It needs a Reason.
	Description string
	// ExpectedPaymentID is not sent. If set, the answer must name this payment.
	ExpectedPaymentID string
}

// RefundPaymentRequest asks for money of a payment to go back to the card, from a line that iyzico chooses. iyzico advises
// against it for payments of several products (seed 002, reference §2.4).
type RefundPaymentRequest struct {
	// PaymentID is the payment's id, 1 to 19 digits.
	PaymentID string
	// Price is the amount to refund, more than zero.
	Price decimal.Decimal
	// Currency is the payment's. Optional; if set, the answer must name the same.
	Currency string
	// ConversationID is as in RefundRequest.
	ConversationID string
	// IP is the requester's address. Optional.
	IP string
	// Locale is tr (the default) or en.
	Locale string
}

// Refund is iyzico's word that it took over a refund. When the cardholder sees the money depends on the bank.
type Refund struct {
	Envelope
	PaymentID string
	// PaymentTransactionID is the refunded line. Refund v2 usually leaves it out; the report shows it later.
	PaymentTransactionID string
	// Price is the refunded amount, equal to the one asked for.
	Price    decimal.Decimal
	Currency string
	AuthCode string
	// HostReference is the bank's reference of the payment, on older answers the refund's ARN (reference §2.3).
	HostReference string
	// RefundHostReference is the bank's reference of the refund.
	RefundHostReference string
	ConnectorName       string
	// Retryable is iyzico's word, nil if absent. On a success it has no known meaning.
	Retryable *bool
	// SignatureVerified is always true: a success without a valid signature is an error.
	SignatureVerified bool
	// Warnings holds Warning constants.
	Warnings []string
}

type wireRefundRequest struct {
	Locale               string `json:"locale"`
	ConversationID       string `json:"conversationId"`
	PaymentTransactionID string `json:"paymentTransactionId"`
	Price                string `json:"price"`
	IP                   string `json:"ip,omitempty"`
	Currency             string `json:"currency,omitempty"`
	Reason               string `json:"reason,omitempty"`
	Description          string `json:"description,omitempty"`
}

type wireRefundPaymentRequest struct {
	Locale         string `json:"locale"`
	ConversationID string `json:"conversationId"`
	Price          string `json:"price"`
	PaymentID      string `json:"paymentId"`
	Currency       string `json:"currency,omitempty"`
	IP             string `json:"ip,omitempty"`
}

type wireRefund struct {
	wireAnswer
	AuthCode            token `json:"authCode"`
	HostReference       token `json:"hostReference"`
	RefundHostReference token `json:"refundHostReference"`
	ConnectorName       token `json:"connectorName"`
}

// Refund refunds an amount of one line. It sends one request at most, whatever happens; the error's Outcome says what is
// known about it. A success is only returned if its signature is valid and it repeats the line, the amount, the currency
// and the conversation id of the request.
func (c *Client) Refund(ctx context.Context, req RefundRequest) (*Refund, error) {
	r, err := c.refundRequest(req)
	if err != nil {
		return nil, err
	}
	var wire wireRefund
	status, err := c.do(ctx, r, &wire)
	if err != nil {
		return nil, err
	}
	s := r.success(status, &wire.wireAnswer)
	refund := s.refund(&wire, req.Currency, req.Price)
	refund.PaymentTransactionID = s.echoes("paymentTransactionId", wire.PaymentTransactionID, req.PaymentTransactionID)
	refund.SignatureVerified = s.signed(ctx, c, refund.PaymentID, SignatureAmount(refund.Price), refund.Currency,
		refund.ConversationID)
	refund.Warnings = s.warnings
	if err := s.verdict(); err != nil {
		return nil, err
	}
	return refund, nil
}

// RefundPayment refunds an amount of a payment from a line that iyzico chooses. Its promises are those of Refund; a signature
// in the order of paymentId, conversationId is accepted too, with a warning, because iyzico's documents and its samples
// differ (reference §6).
func (c *Client) RefundPayment(ctx context.Context, req RefundPaymentRequest) (*Refund, error) {
	r, err := c.refundPaymentRequest(req)
	if err != nil {
		return nil, err
	}
	var wire wireRefund
	status, err := c.do(ctx, r, &wire)
	if err != nil {
		return nil, err
	}
	s := r.success(status, &wire.wireAnswer)
	refund := s.refund(&wire, req.Currency, req.Price)
	refund.PaymentTransactionID = s.fields.id("paymentTransactionId", wire.PaymentTransactionID)
	order := s.signedInOrder(ctx, c,
		[]string{refund.PaymentID, SignatureAmount(refund.Price), refund.Currency, refund.ConversationID},
		[]string{refund.PaymentID, refund.ConversationID})
	refund.SignatureVerified = order >= 0
	if order == 1 {
		s.warn(WarningSignatureOrder)
	}
	refund.Warnings = s.warnings
	if err := s.verdict(); err != nil {
		return nil, err
	}
	return refund, nil
}

func (c *Client) refundRequest(req RefundRequest) (*request, error) {
	var v checker
	r := &request{
		method:         http.MethodPost,
		path:           pathRefund,
		conversationID: v.conversationID(req.ConversationID),
		expect:         echo{paymentID: req.ExpectedPaymentID, paymentTransactionID: req.PaymentTransactionID},
	}
	v.id("paymentTransactionId", req.PaymentTransactionID)
	v.price("price", req.Price)
	v.currency("currency", req.Currency)
	v.ip("ip", req.IP)
	v.locale(req.Locale)
	v.reason(req.Reason, req.Description)
	v.optionalID("expectedPaymentId", req.ExpectedPaymentID)
	if err := v.err(r); err != nil {
		return nil, err
	}
	return r, r.encode(&wireRefundRequest{
		Locale:               localeOrDefault(req.Locale),
		ConversationID:       req.ConversationID,
		PaymentTransactionID: req.PaymentTransactionID,
		Price:                FormatPrice(req.Price),
		IP:                   req.IP,
		Currency:             req.Currency,
		Reason:               c.spell(req.Reason),
		Description:          req.Description,
	})
}

func (c *Client) refundPaymentRequest(req RefundPaymentRequest) (*request, error) {
	var v checker
	r := &request{
		method:         http.MethodPost,
		path:           pathRefundPayment,
		conversationID: v.conversationID(req.ConversationID),
		expect:         echo{paymentID: req.PaymentID},
	}
	v.id("paymentId", req.PaymentID)
	v.price("price", req.Price)
	v.currency("currency", req.Currency)
	v.ip("ip", req.IP)
	v.locale(req.Locale)
	if err := v.err(r); err != nil {
		return nil, err
	}
	return r, r.encode(&wireRefundPaymentRequest{
		Locale:         localeOrDefault(req.Locale),
		ConversationID: req.ConversationID,
		Price:          FormatPrice(req.Price),
		PaymentID:      req.PaymentID,
		Currency:       req.Currency,
		IP:             req.IP,
	})
}

// refund reads the members that refunds of both versions share and checks their echoes.
func (s *success) refund(wire *wireRefund, currency string, price decimal.Decimal) *Refund {
	s.echoes("conversationId", wire.ConversationID, s.request.conversationID)
	return &Refund{
		Envelope:            wire.envelope(s.httpStatus),
		PaymentID:           s.echoes("paymentId", wire.PaymentID, s.request.expect.paymentID),
		Price:               s.echoesAmount("price", wire.Price, price),
		Currency:            s.echoes("currency", wire.Currency, currency),
		AuthCode:            wire.AuthCode.str(),
		HostReference:       wire.HostReference.str(),
		RefundHostReference: wire.RefundHostReference.str(),
		ConnectorName:       wire.ConnectorName.str(),
		Retryable:           wire.Retryable.boolean(),
	}
}
