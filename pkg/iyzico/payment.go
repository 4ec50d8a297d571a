package iyzico

import (
	"context"
	"net/http"

	"github.com/shopspring/decimal"
)

const pathDetail = "/payment/detail"

// RetrievePaymentRequest asks for a payment as it was created.
type RetrievePaymentRequest struct {
	// PaymentID or PaymentConversationID says which payment; exactly one is needed.
	PaymentID             string
	PaymentConversationID string
	// ConversationID names this query, not the payment. Optional, at most 64 visible ASCII characters.
	ConversationID string
	// IP is the requester's address. Optional.
	IP string
	// Locale is tr (the default) or en.
	Locale string
}

// Payment is a payment as it was created. It shows no refund, no cancel and no remainder.
//
// Commission, blockage and payout amounts are zero where the answer leaves them out or they cannot be read; Price and
// PaidPrice, here and on lines, are always read or the call fails.
type Payment struct {
	Envelope
	PaymentID string
	// PaymentStatus is SUCCESS, FAILURE, INIT_THREEDS, CALLBACK_THREEDS, BKM_POS_SELECTED or CALLBACK_PECCO.
	PaymentStatus string
	// FraudStatus is 1 approved, 0 in review, -1 rejected; nil if absent.
	FraudStatus *int
	Price       decimal.Decimal
	// PaidPrice is what was taken from the customer.
	PaidPrice     decimal.Decimal
	Currency      string
	Installment   int
	BasketID      string
	Phase         string
	AuthCode      string
	HostReference string
	ConnectorName string

	MerchantCommissionRate       decimal.Decimal
	MerchantCommissionRateAmount decimal.Decimal
	IyziCommissionRateAmount     decimal.Decimal
	IyziCommissionFee            decimal.Decimal

	// The card's members are empty for payments from a balance.
	CardType        string
	CardAssociation string
	CardFamily      string
	BinNumber       string
	LastFourDigits  string

	Lines []PaymentLine
	// SignatureVerified tells whether the answer carries the documented signature. If not, Warnings says why.
	SignatureVerified bool
}

// PaymentLine is one basket item of a payment.
type PaymentLine struct {
	PaymentTransactionID string
	ItemID               string
	// TransactionStatus is 0 fraud review, -1 rejected, 1 approved or waiting (marketplace), 2 approved.
	TransactionStatus int
	Price             decimal.Decimal
	// PaidPrice is what refunds of the line are counted against.
	PaidPrice decimal.Decimal

	MerchantCommissionRate        decimal.Decimal
	MerchantCommissionRateAmount  decimal.Decimal
	IyziCommissionRateAmount      decimal.Decimal
	IyziCommissionFee             decimal.Decimal
	BlockageRate                  decimal.Decimal
	BlockageRateAmountMerchant    decimal.Decimal
	BlockageRateAmountSubMerchant decimal.Decimal
	// BlockageResolvedDate is as written, yyyy-MM-dd HH:mm:ss without a zone.
	BlockageResolvedDate    string
	SubMerchantPrice        decimal.Decimal
	SubMerchantPayoutRate   decimal.Decimal
	SubMerchantPayoutAmount decimal.Decimal
	MerchantPayoutAmount    decimal.Decimal
	// ConvertedPayout is nil if absent.
	ConvertedPayout *ConvertedPayout
}

// ConvertedPayout is a line's payout in the payout's currency.
type ConvertedPayout struct {
	Currency                      string
	PaidPrice                     decimal.Decimal
	IyziCommissionRateAmount      decimal.Decimal
	IyziCommissionFee             decimal.Decimal
	BlockageRateAmountMerchant    decimal.Decimal
	BlockageRateAmountSubMerchant decimal.Decimal
	SubMerchantPayoutAmount       decimal.Decimal
	MerchantPayoutAmount          decimal.Decimal
	IyziConversionRate            decimal.Decimal
	IyziConversionRateAmount      decimal.Decimal
}

type wireRetrievePayment struct {
	Locale                string `json:"locale"`
	ConversationID        string `json:"conversationId,omitempty"`
	PaymentID             string `json:"paymentId,omitempty"`
	PaymentConversationID string `json:"paymentConversationId,omitempty"`
	IP                    string `json:"ip,omitempty"`
}

// RetrievePayment reads a payment as it was created. It moves nothing. A payment that iyzico does not know is an *Error with
// the Code that iyzico gave, see IsNotFound.
func (c *Client) RetrievePayment(ctx context.Context, req RetrievePaymentRequest) (*Payment, error) {
	r := ask(http.MethodPost, pathDetail, req.ConversationID, req.Locale)
	r.expect = echo{paymentID: req.PaymentID}
	r.onePayment(req.PaymentID, req.PaymentConversationID)
	r.ip("ip", req.IP)
	r.payload = &wireRetrievePayment{
		Locale:                localeOrDefault(req.Locale),
		ConversationID:        req.ConversationID,
		PaymentID:             req.PaymentID,
		PaymentConversationID: req.PaymentConversationID,
		IP:                    req.IP,
	}
	return perform(ctx, c, r, func(s *success, wire *wirePayment) Payment {
		payment := s.payment(wire)
		payment.SignatureVerified = s.signedPayment(ctx, c, s.signedValues(wire, wire.BasketID.text))
		return payment
	})
}

// signedValues returns the values of a payment's signature in their documented order, as the answer writes them
// (docs, response-signature-validation).
func (s *success) signedValues(wire *wirePayment, basketID string) []string {
	price, _ := parseAmount(wire.Price.text)
	paidPrice, _ := parseAmount(wire.PaidPrice.text)
	return []string{
		wire.PaymentID.text, wire.Currency.text, basketID, wire.ConversationID.text, SignatureAmount(paidPrice), SignatureAmount(price),
	}
}

// signedPayment checks a signature whose absence is only a warning, against each of the orders given.
func (s *success) signedPayment(ctx context.Context, c *Client, orders ...[]string) bool {
	switch got := s.wire.Signature.text; {
	case c.signedOrder(ctx, got, orders...) >= 0:
		return true
	case got == "":
		s.warn(WarningSignatureMissing)
	default:
		s.warn(WarningSignatureInvalid)
	}
	return false
}
