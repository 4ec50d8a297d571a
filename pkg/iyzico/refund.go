package iyzico

import (
	"context"

	"github.com/shopspring/decimal"
)

const (
	pathRefund                  = "/payment/refund"
	pathRefundPayment           = "/v2/payment/refund"
	pathRefundChargedToMerchant = "/payment/iyzipos/refund/merchant/charge"
)

// The reasons that a refund or cancel can be given (docs, refund and cancel; upper case as on the newest page).
const (
	RefundReasonOther         = "OTHER"
	RefundReasonFraud         = "FRAUD"
	RefundReasonBuyerRequest  = "BUYER_REQUEST"
	RefundReasonDoublePayment = "DOUBLE_PAYMENT"
)

// How iyzico can carry out a refund, see Refund.TransactionType.
const (
	CarriedOutAsRefund = "REFUND"
	CarriedOutAsCancel = "CANCEL"
)

// RefundRequest asks for money of one line of a payment to go back to the card (docs, refund and cancel).
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
// against it for payments of several products (docs, refund and cancel).
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
	// TransactionType is how iyzico carried out a RefundPayment: CarriedOutAsRefund, or CarriedOutAsCancel for the whole
	// amount on the payment's day (sandbox, 2026). Empty if absent.
	TransactionType string
	// Price is the refunded amount, equal to the one asked for.
	Price    decimal.Decimal
	Currency string
	AuthCode string
	// HostReference is the bank's reference of the payment, on older answers the refund's ARN (docs, refund and cancel).
	HostReference string
	// RefundHostReference is the bank's reference of the refund.
	RefundHostReference string
	ConnectorName       string
	// Retryable is iyzico's word, nil if absent. On a success it has no known meaning.
	Retryable *bool
	// SignatureVerified is true after Refund and RefundPayment, which fail without a valid signature, and false after
	// RefundChargedToMerchant, whose answers have no known one.
	SignatureVerified bool
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
	TransactionType     token `json:"transactionType"`
}

// Refund refunds an amount of one line. It sends one request at most, whatever happens; the error's Outcome says what is
// known about it. A success is only returned if its signature is valid and it repeats the line, the amount, the currency
// and the conversation id of the request.
func (c *Client) Refund(ctx context.Context, req RefundRequest) (*Refund, error) {
	return perform(ctx, c, refundRequest(pathRefund, req), func(s *success, wire *wireRefund) Refund {
		refund := s.refund(wire, req.Price)
		refund.PaymentTransactionID = s.echoes("paymentTransactionId", wire.PaymentTransactionID, req.PaymentTransactionID)
		refund.SignatureVerified = s.signedInOrder(ctx, c, wire.signedValues(refund.Price)) == 0
		return refund
	})
}

// RefundChargedToMerchant refunds an amount of one line of a marketplace's payment and charges the marketplace instead of
// the seller. iyzico documents no more of it than its name and its rate limit (docs, limits); request and answer are those
// of Refund in the java, php, node and dotnet SDKs, none of which verifies a signature, so neither does this call. Its other
// promises are those of Refund.
func (c *Client) RefundChargedToMerchant(ctx context.Context, req RefundRequest) (*Refund, error) {
	return perform(ctx, c, refundRequest(pathRefundChargedToMerchant, req), func(s *success, wire *wireRefund) Refund {
		refund := s.refund(wire, req.Price)
		refund.PaymentTransactionID = s.echoes("paymentTransactionId", wire.PaymentTransactionID, req.PaymentTransactionID)
		return refund
	})
}

// RefundPayment refunds an amount of a payment from lines that iyzico chooses. Its promises are those of Refund; a signature
// in the order of paymentId, conversationId is accepted too, with a warning, because iyzico's documents and its node SDK's
// sample differ.
func (c *Client) RefundPayment(ctx context.Context, req RefundPaymentRequest) (*Refund, error) {
	return perform(ctx, c, refundPaymentRequest(req), func(s *success, wire *wireRefund) Refund {
		refund := s.refund(wire, req.Price)
		refund.PaymentTransactionID = s.fields.id("paymentTransactionId", wire.PaymentTransactionID)
		order := s.signedInOrder(ctx, c, wire.signedValues(refund.Price), []string{wire.PaymentID.text, wire.ConversationID.text})
		refund.SignatureVerified = order >= 0
		if order == 1 {
			s.warn(WarningSignatureOrder)
		}
		return refund
	})
}

func refundRequest(path string, req RefundRequest) *request {
	r := move(path, req.ConversationID, req.Locale)
	r.expect = echo{
		paymentID: req.ExpectedPaymentID, paymentTransactionID: req.PaymentTransactionID, price: req.Price, currency: req.Currency,
	}
	r.id("paymentTransactionId", req.PaymentTransactionID)
	r.price("price", req.Price)
	r.currency("currency", req.Currency)
	r.ip("ip", req.IP)
	r.reason(req.Reason, req.Description)
	r.optionalID("expectedPaymentId", req.ExpectedPaymentID)
	if r.field != "" { // an amount beyond its bounds must not even be written down
		return r
	}
	r.payload = &wireRefundRequest{
		Locale:               localeOrDefault(req.Locale),
		ConversationID:       req.ConversationID,
		PaymentTransactionID: req.PaymentTransactionID,
		Price:                FormatPrice(req.Price),
		IP:                   req.IP,
		Currency:             req.Currency,
		Reason:               req.Reason,
		Description:          req.Description,
	}
	return r
}

func refundPaymentRequest(req RefundPaymentRequest) *request {
	r := move(pathRefundPayment, req.ConversationID, req.Locale)
	r.expect = echo{paymentID: req.PaymentID, price: req.Price, currency: req.Currency}
	r.id("paymentId", req.PaymentID)
	r.price("price", req.Price)
	r.currency("currency", req.Currency)
	r.ip("ip", req.IP)
	if r.field != "" { // an amount beyond its bounds must not even be written down
		return r
	}
	r.payload = &wireRefundPaymentRequest{
		Locale:         localeOrDefault(req.Locale),
		ConversationID: req.ConversationID,
		Price:          FormatPrice(req.Price),
		PaymentID:      req.PaymentID,
		Currency:       req.Currency,
		IP:             req.IP,
	}
	return r
}

// signedValues returns the values of a refund's signature in their documented order, as the answer writes them
// (docs, response-signature-validation).
func (w *wireRefund) signedValues(price decimal.Decimal) []string {
	return []string{w.PaymentID.text, SignatureAmount(price), w.Currency.text, w.ConversationID.text}
}

// refund reads the members that all refunds share and checks their echoes.
func (s *success) refund(wire *wireRefund, price decimal.Decimal) Refund {
	return Refund{
		PaymentID:           s.echoes("paymentId", wire.PaymentID, s.request.expect.paymentID),
		TransactionType:     wire.TransactionType.str(),
		Price:               s.echoesAmount("price", wire.Price, price),
		Currency:            s.echoesCurrency(wire.Currency, s.request.expect.currency),
		AuthCode:            wire.AuthCode.str(),
		HostReference:       wire.HostReference.str(),
		RefundHostReference: wire.RefundHostReference.str(),
		ConnectorName:       wire.ConnectorName.str(),
		Retryable:           wire.Retryable.boolean(),
	}
}
