package iyzico

import (
	"context"
	"net/http"

	"github.com/shopspring/decimal"
)

const pathDetail = "/payment/detail"

// RetrievePaymentRequest asks for a payment as it was created (reference §5.1).
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

// Payment is a payment as it was created. It shows no refund, no cancel and no remainder (reference §5.1).
//
// Commission, blockage and payout amounts are zero where the answer leaves them out or they cannot be read; Price and
// PaidPrice, here and on lines, are always read or the call fails.
type Payment struct {
	Envelope
	PaymentID string
	// PaymentStatus is SUCCESS, FAILURE, INIT_THREEDS, CALLBACK_THREEDS, BKM_POS_SELECTED or CALLBACK_PECCO.
	PaymentStatus string
	// FraudStatus is 1 approved, 0 in review, -1 rejected (seed 004); nil if absent.
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
	// Warnings holds Warning constants.
	Warnings []string
}

// PaymentLine is one basket item of a payment.
type PaymentLine struct {
	PaymentTransactionID string
	ItemID               string
	// TransactionStatus is 0 fraud review, -1 rejected, 1 approved or waiting (marketplace), 2 approved (seed 004).
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

type wireRetrievePaymentRequest struct {
	Locale                string `json:"locale"`
	ConversationID        string `json:"conversationId,omitempty"`
	PaymentID             string `json:"paymentId,omitempty"`
	PaymentConversationID string `json:"paymentConversationId,omitempty"`
	IP                    string `json:"ip,omitempty"`
}

// Payment reads a payment as it was created. It moves nothing. A payment that iyzico does not know is an *Error with
// the Code that iyzico gave.
func (c *Client) RetrievePayment(ctx context.Context, req RetrievePaymentRequest) (*Payment, error) {
	var v checker
	r := &request{
		method:         http.MethodPost,
		path:           pathDetail,
		conversationID: v.optionalConversationID(req.ConversationID),
		expect:         echo{paymentID: req.PaymentID},
	}
	v.onePayment(req.PaymentID, req.PaymentConversationID)
	v.ip("ip", req.IP)
	v.locale(req.Locale)
	if err := v.err(r); err != nil {
		return nil, err
	}
	if err := r.encode(&wireRetrievePaymentRequest{
		Locale:                localeOrDefault(req.Locale),
		ConversationID:        req.ConversationID,
		PaymentID:             req.PaymentID,
		PaymentConversationID: req.PaymentConversationID,
		IP:                    req.IP,
	}); err != nil {
		return nil, err
	}
	var wire wirePayment
	status, err := c.do(ctx, r, &wire)
	if err != nil {
		return nil, err
	}
	s := r.success(status, &wire.wireAnswer)
	s.echoesIfPresent("conversationId", wire.ConversationID, req.ConversationID)
	detail := s.payment(&wire)
	detail.SignatureVerified = s.signedPayment(ctx, c, SignatureWarn, detail.signedValues(wire.BasketID.text))
	detail.Warnings = s.warnings
	if err := s.verdict(); err != nil {
		return nil, err
	}
	return detail, nil
}

// signedValues returns the values of a payment's signature in their documented order (reference §6).
func (p *Payment) signedValues(basketID string) []string {
	return []string{p.PaymentID, p.Currency, basketID, p.ConversationID, SignatureAmount(p.PaidPrice), SignatureAmount(p.Price)}
}

// signedPayment checks a signature whose fitting is up to the policy, against each of the orders given.
func (s *success) signedPayment(ctx context.Context, c *Client, policy SignaturePolicy, orders ...[]string) bool {
	if policy == SignatureOff {
		return false
	}
	if c.signedOrder(ctx, s.wire.Signature.text, orders...) >= 0 {
		return true
	}
	missing := s.wire.Signature.text == ""
	switch {
	case policy == SignatureEnforce && missing:
		s.reject(ReasonMissingSignature, "")
	case policy == SignatureEnforce:
		s.reject(ReasonBadSignature, "")
	case missing:
		s.warn(WarningSignatureMissing)
	default:
		s.warn(WarningSignatureInvalid)
	}
	return false
}
