package iyzico

import (
	"context"

	"github.com/shopspring/decimal"
)

const pathCancel = "/payment/cancel"

// CancelRequest asks for a whole payment to be voided on its day (docs, refund and cancel).
type CancelRequest struct {
	// PaymentID is the payment's id, 1 to 19 digits.
	PaymentID string
	// ConversationID tells this request apart in iyzico's report (cancelConversationId): 1 to 64 visible ASCII
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
	// ExpectedPrice and ExpectedCurrency are not sent. If set, an answer that names another currency is Unknown, one that
	// names another amount gets a warning.
	ExpectedPrice    decimal.Decimal
	ExpectedCurrency string
}

// Cancel is iyzico's word that it voided a payment. Such answers carry no signature.
type Cancel struct {
	Envelope
	PaymentID string
	// Price is the amount that the answer names, zero if it names none that can be read.
	Price         decimal.Decimal
	Currency      string
	AuthCode      string
	HostReference string
	// CancelHostReference is the bank's reference of the cancel.
	CancelHostReference string
	ConnectorName       string
}

type wireCancelRequest struct {
	Locale         string `json:"locale"`
	ConversationID string `json:"conversationId"`
	PaymentID      string `json:"paymentId"`
	IP             string `json:"ip,omitempty"`
	Reason         string `json:"reason,omitempty"`
	Description    string `json:"description,omitempty"`
}

type wireCancel struct {
	wireAnswer
	AuthCode            token `json:"authCode"`
	HostReference       token `json:"hostReference"`
	CancelHostReference token `json:"cancelHostReference"`
	ConnectorName       token `json:"connectorName"`
}

// Cancel voids a payment. It sends one request at most, whatever happens; the error's Outcome says what is known about it.
// A success is only returned if it repeats the payment's id and the conversation id and names a currency, the expected one
// if there is one.
func (c *Client) Cancel(ctx context.Context, req CancelRequest) (*Cancel, error) {
	r := move(pathCancel, req.ConversationID, req.Locale)
	r.expect = echo{paymentID: req.PaymentID, currency: req.ExpectedCurrency}
	r.id("paymentId", req.PaymentID)
	r.ip("ip", req.IP)
	r.reason(req.Reason, req.Description)
	r.currency("expectedCurrency", req.ExpectedCurrency)
	r.payload = &wireCancelRequest{
		Locale:         localeOrDefault(req.Locale),
		ConversationID: req.ConversationID,
		PaymentID:      req.PaymentID,
		IP:             req.IP,
		Reason:         req.Reason,
		Description:    req.Description,
	}
	return perform(ctx, c, r, func(s *success, wire *wireCancel) Cancel {
		price, readable := parseAmount(wire.Price.text)
		if !readable || (!req.ExpectedPrice.IsZero() && !price.Equal(req.ExpectedPrice)) {
			s.warn(WarningPriceDiffers)
		}
		return Cancel{
			PaymentID:           s.echoes("paymentId", wire.PaymentID, req.PaymentID),
			Price:               price,
			Currency:            s.echoesCurrency(wire.Currency, req.ExpectedCurrency),
			AuthCode:            wire.AuthCode.str(),
			HostReference:       wire.HostReference.str(),
			CancelHostReference: wire.CancelHostReference.str(),
			ConnectorName:       wire.ConnectorName.str(),
		}
	})
}
