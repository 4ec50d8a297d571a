package iyzico

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"

	"github.com/shopspring/decimal"
)

// The statuses of a fund payment.
const (
	PaymentStatusSuccess = "SUCCESS"
	PaymentStatusFailure = "FAILURE"
)

// FundPaymentRequest asks for a payment from a customer's iyzico balance (docs, tokenization). Amounts are checked to have no more
// than 18 digits, 8 of them decimals.
type FundPaymentRequest struct {
	Session
	// AccessToken comes from RetrieveAccessToken.
	AccessToken Secret
	// ConversationID is 1 to 64 visible ASCII characters, a fresh one for every request. That the report shows it as
	// paymentConversationId is likely, not documented.
	ConversationID string
	// Locale is tr (the default) or en.
	Locale string
	// Price is the sum of the basket items' prices.
	Price decimal.Decimal
	// PaidPrice is what the customer pays.
	PaidPrice decimal.Decimal
	// Currency is TRY, USD, EUR or GBP.
	Currency string
	// CallbackURL is https, or http on a loopback host if the client's BaseURL is one too.
	CallbackURL string
	// PaymentGroup is PRODUCT, LISTING or SUBSCRIPTION. Optional.
	PaymentGroup string
	// BasketID is the merchant's own. Optional.
	BasketID string
	Buyer    Buyer
	// ShippingAddress is needed if an item is PHYSICAL.
	ShippingAddress *Address
	BillingAddress  Address
	// BasketItems are 1 to 500.
	BasketItems []BasketItem
}

// Buyer is the customer. All members but GSMNumber and IP are needed. Printing one shows nothing of it.
type Buyer struct {
	ID                  string `json:"id"`
	Name                string `json:"name"`
	Surname             string `json:"surname"`
	IdentityNumber      string `json:"identityNumber"`
	Email               string `json:"email"`
	GSMNumber           string `json:"gsmNumber,omitempty"`
	RegistrationAddress string `json:"registrationAddress"`
	City                string `json:"city"`
	Country             string `json:"country"`
	IP                  string `json:"ip,omitempty"`
	ZipCode             string `json:"zipCode"`
}

// Address is a shipping or billing address. ZipCode is needed for shipping only. Printing one shows nothing of it.
type Address struct {
	Address     string `json:"address"`
	ContactName string `json:"contactName"`
	City        string `json:"city"`
	Country     string `json:"country"`
	ZipCode     string `json:"zipCode,omitempty"`
}

// The types of a basket item.
const (
	ItemPhysical = "PHYSICAL"
	ItemVirtual  = "VIRTUAL"
)

// BasketItem is one thing that is paid for.
type BasketItem struct {
	// ID is at most 500 characters.
	ID string
	// Price is more than zero.
	Price     decimal.Decimal
	Name      string
	Category1 string
	// Category2 is optional.
	Category2 string
	// ItemType is ItemPhysical or ItemVirtual.
	ItemType string
}

// FundPayment is a payment from a customer's balance. FraudStatus is 1, or 0 while iyzico reviews it: then wait for the
// report before delivering.
type FundPayment struct {
	Payment
	CheckoutToken Secret
	SessionToken  Secret
}

// Format writes nothing of the buyer, for every verb.
func (b Buyer) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue gives log/slog nothing of the buyer.
func (b Buyer) LogValue() slog.Value { return slog.StringValue(redacted) }

// Format writes nothing of the address, for every verb.
func (a Address) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue gives log/slog nothing of the address.
func (a Address) LogValue() slog.Value { return slog.StringValue(redacted) }

// LogValue gives log/slog the conversation id only.
func (r FundPaymentRequest) LogValue() slog.Value {
	return slog.GroupValue(slog.String("conversationId", r.ConversationID))
}

type wireFundRequest struct {
	SessionToken     string         `json:"sessionToken"`
	MemberIdentifier string         `json:"memberIdentifier"`
	ConversationID   string         `json:"conversationId"`
	Locale           string         `json:"locale"`
	PaymentType      string         `json:"paymentType"`
	PaidPrice        json.Number    `json:"paidPrice"`
	Price            json.Number    `json:"price"`
	CallbackURL      string         `json:"callbackUrl"`
	PaymentGroup     string         `json:"paymentGroup,omitempty"`
	Currency         string         `json:"currency"`
	BasketID         string         `json:"basketId,omitempty"`
	Buyer            Buyer          `json:"buyer"`
	ShippingAddress  *Address       `json:"shippingAddress,omitempty"`
	BillingAddress   Address        `json:"billingAddress"`
	BasketItems      []wireFundItem `json:"basketItems"`
}

type wireFundItem struct {
	ID        string      `json:"id"`
	Price     json.Number `json:"price"`
	Name      string      `json:"name"`
	Category1 string      `json:"category1"`
	Category2 string      `json:"category2,omitempty"`
	ItemType  string      `json:"itemType"`
}

// CreateFundPayment takes a payment from a customer's iyzico balance. It sends one request at most, whatever happens; the error's
// Outcome says what is known about it. A success is only returned if it repeats the conversation id, the amounts and the
// currency, names the payment and its lines, and says that it was paid (paymentStatus SUCCESS) and not turned down by the
// fraud filter (fraudStatus 1 or 0). An answer that repeats what it holds of the request and says the opposite (FAILURE, or
// fraudStatus -1) is Rejected with ReasonDeclined; anything else is Unknown. iyzico does not document which values the
// signature is made of: one that fits no order of a payment's values is a warning.
func (c *Client) CreateFundPayment(ctx context.Context, req FundPaymentRequest) (*FundPayment, error) {
	return perform(ctx, c, c.fundRequest(req), func(s *success, wire *wirePayment) FundPayment {
		if fundDeclined(wire) {
			s.declined(wire, req)
			return FundPayment{}
		}
		s.echoesAmount("price", wire.Price, req.Price)
		s.echoesAmount("paidPrice", wire.PaidPrice, req.PaidPrice)
		s.echoesCurrency(wire.Currency, req.Currency)
		payment := s.payment(wire)
		if len(payment.Lines) == 0 {
			s.reject(ReasonEchoMismatch, "itemTransactions")
		}
		if payment.PaymentStatus != PaymentStatusSuccess {
			s.reject(ReasonPaymentStatus, "paymentStatus")
		}
		if fraud := payment.FraudStatus; fraud == nil || (*fraud != 0 && *fraud != 1) {
			s.reject(ReasonPaymentStatus, "fraudStatus")
		}
		payment.SignatureVerified = s.signedPayment(ctx, c, s.signedValues(wire, wire.BasketID.text), s.signedValues(wire, req.BasketID))
		return FundPayment{
			Payment:       payment,
			CheckoutToken: Secret(wire.CheckoutToken.str()),
			SessionToken:  Secret(wire.SessionToken.str()),
		}
	})
}

// fundDeclined tells whether an answer says that nothing was paid, in one of the two ways that the documents have.
func fundDeclined(wire *wirePayment) bool {
	return wire.PaymentStatus.text == PaymentStatusFailure || wire.FraudStatus.text == "-1"
}

// declined judges an answer that says that nothing was paid. It need not name a payment or lines, but what it holds of the
// request must be the request's, its fields must be readable, and iyzico must not be about to try again.
func (s *success) declined(wire *wirePayment, req FundPaymentRequest) {
	for _, m := range []struct {
		field string
		got   token
		want  decimal.Decimal
	}{{"price", wire.Price, req.Price}, {"paidPrice", wire.PaidPrice, req.PaidPrice}} {
		if m.got.present {
			s.echoesAmount(m.field, m.got, m.want)
		}
	}
	if wire.Currency.present {
		s.echoesCurrency(wire.Currency, req.Currency)
	}
	s.fields.integer("fraudStatus", wire.FraudStatus)
	if wire.mayBeRetried() {
		s.reject(ReasonRetryable, "retryable")
	}
	if s.err == nil && s.fields.faulty == "" {
		s.err = s.request.answered(s.httpStatus, ReasonDeclined, nil)
		s.err.Outcome = Rejected
	}
}

func (c *Client) fundRequest(req FundPaymentRequest) *request {
	r := move(pathSession+"/checkout/auth", req.ConversationID, req.Locale)
	r.accessToken = req.AccessToken
	r.expect = echo{price: req.Price, currency: req.Currency}
	if req.check(&r.checker, c.loopback); r.field != "" {
		return r
	}
	wire := &wireFundRequest{
		SessionToken:     req.SessionToken.Reveal(),
		MemberIdentifier: req.MemberIdentifier.Reveal(),
		ConversationID:   req.ConversationID,
		Locale:           localeOrDefault(req.Locale),
		PaymentType:      PaymentTypeFund,
		PaidPrice:        json.Number(FormatPrice(req.PaidPrice)),
		Price:            json.Number(FormatPrice(req.Price)),
		CallbackURL:      req.CallbackURL,
		PaymentGroup:     req.PaymentGroup,
		Currency:         req.Currency,
		BasketID:         req.BasketID,
		Buyer:            req.Buyer,
		ShippingAddress:  req.ShippingAddress,
		BillingAddress:   req.BillingAddress,
		BasketItems:      make([]wireFundItem, len(req.BasketItems)),
	}
	for i, item := range req.BasketItems {
		wire.BasketItems[i] = wireFundItem{
			ID:        item.ID,
			Price:     json.Number(FormatPrice(item.Price)),
			Name:      item.Name,
			Category1: item.Category1,
			Category2: item.Category2,
			ItemType:  item.ItemType,
		}
	}
	r.payload = wire
	return r
}
