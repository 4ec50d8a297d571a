package iyzico

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// The statuses of a fund payment.
const (
	PaymentStatusSuccess = "SUCCESS"
	PaymentStatusFailure = "FAILURE"
)

// FundPaymentRequest asks for a payment from a customer's iyzico balance (seed 004). Amounts are checked to have no more
// than 18 digits, 8 of them decimals.
type FundPaymentRequest struct {
	Session
	// AccessToken comes from RetrieveAccessToken.
	AccessToken Secret
	// ConversationID is 1 to 64 visible ASCII characters, a fresh one for every request. That the report shows it as
	// paymentConversationId is likely, not documented (reference §4.1).
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

// FundPayment takes a payment from a customer's iyzico balance. It sends one request at most, whatever happens; the error's
// Outcome says what is known about it. A success is only returned if it repeats the conversation id, the amounts and the
// currency, names the payment and its lines, and says that it was paid (paymentStatus SUCCESS) and not turned down by the
// fraud filter (fraudStatus 1 or 0). An answer that repeats what it holds of the request and says the opposite (FAILURE, or
// fraudStatus -1) is Rejected with ReasonDeclined; anything else is Unknown. The signature is treated as
// WithFundSignaturePolicy says.
func (c *Client) CreateFundPayment(ctx context.Context, req FundPaymentRequest) (*FundPayment, error) {
	r, err := c.fundRequest(req)
	if err != nil {
		return nil, err
	}
	var wire wirePayment
	status, err := c.do(ctx, r, &wire)
	if err != nil {
		return nil, err
	}
	s := r.success(status, &wire.wireAnswer)
	if fundDeclined(&wire) {
		return nil, s.declined(ctx, &wire, c, req)
	}
	s.echoes("conversationId", wire.ConversationID, req.ConversationID)
	s.echoesAmount("price", wire.Price, req.Price)
	s.echoesAmount("paidPrice", wire.PaidPrice, req.PaidPrice)
	s.echoes("currency", wire.Currency, req.Currency)
	detail := s.payment(&wire)
	if len(detail.Lines) == 0 {
		s.reject(ReasonEchoMismatch, "itemTransactions")
	}
	if detail.PaymentStatus != PaymentStatusSuccess {
		s.reject(ReasonPaymentStatus, "paymentStatus")
	}
	if fraud := detail.FraudStatus; fraud == nil || (*fraud != 0 && *fraud != 1) {
		s.reject(ReasonPaymentStatus, "fraudStatus")
	}
	detail.SignatureVerified = s.signedPayment(ctx, c, c.opts.fundSignature,
		detail.signedValues(wire.BasketID.text), detail.signedValues(req.BasketID))
	detail.Warnings = s.warnings
	if err := s.verdict(); err != nil {
		return nil, err
	}
	return &FundPayment{
		Payment:       *detail,
		CheckoutToken: Secret(wire.CheckoutToken.str()),
		SessionToken:  Secret(wire.SessionToken.str()),
	}, nil
}

// fundDeclined tells whether an answer says that nothing was paid, in one of the two ways that seed 004 documents.
func fundDeclined(wire *wirePayment) bool {
	return wire.PaymentStatus.text == PaymentStatusFailure || wire.FraudStatus.text == "-1"
}

// declined judges an answer that says that nothing was paid. It need not name a payment or lines, but what it holds of the
// request must be the request's, and its fields must be readable.
func (s *success) declined(ctx context.Context, wire *wirePayment, c *Client, req FundPaymentRequest) error {
	s.echoes("conversationId", wire.ConversationID, req.ConversationID)
	for _, m := range []struct {
		field string
		got   token
		want  decimal.Decimal
	}{{"price", wire.Price, req.Price}, {"paidPrice", wire.PaidPrice, req.PaidPrice}} {
		if m.got.present && m.got.text != "" {
			s.echoesAmount(m.field, m.got, m.want)
		}
	}
	s.echoesIfPresent("currency", wire.Currency, req.Currency)
	s.fields.integer("fraudStatus", wire.FraudStatus)
	if c.opts.fundSignature == SignatureEnforce {
		detail := s.payment(wire)
		s.signedPayment(ctx, c, SignatureEnforce, detail.signedValues(wire.BasketID.text), detail.signedValues(req.BasketID))
	}
	if err := s.verdict(); err != nil {
		return err
	}
	e := s.request.answered(s.httpStatus, ReasonDeclined, nil)
	e.Outcome = Rejected
	return e
}

func (c *Client) fundRequest(req FundPaymentRequest) (*request, error) {
	var v checker
	r := &request{
		method:         http.MethodPost,
		path:           pathSession + "/checkout/auth",
		conversationID: v.conversationID(req.ConversationID),
		accessToken:    req.AccessToken,
	}
	req.check(&v, c.loopback)
	if err := v.err(r); err != nil {
		return nil, err
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
	return r, r.encode(wire)
}

const (
	maxBasketItems = 500
	maxFieldLen    = 500
)

func (r *FundPaymentRequest) check(v *checker, loopback bool) {
	v.session(r.Session)
	v.secret("accessToken", r.AccessToken)
	v.locale(r.Locale)
	v.price("price", r.Price)
	v.price("paidPrice", r.PaidPrice)
	v.oneOf("currency", r.Currency, "TRY", "USD", "EUR", "GBP")
	v.callbackURL("callbackUrl", r.CallbackURL, loopback)
	if r.PaymentGroup != "" {
		v.oneOf("paymentGroup", r.PaymentGroup, "PRODUCT", "LISTING", "SUBSCRIPTION")
	}
	v.text("basketId", r.BasketID, false)
	r.Buyer.check(v)
	r.BillingAddress.check(v, "billingAddress")
	physical := r.checkItems(v)
	v.require(r.ShippingAddress != nil || !physical, "shippingAddress", "is needed for a PHYSICAL item")
	if r.ShippingAddress != nil {
		r.ShippingAddress.check(v, "shippingAddress")
		v.require(strings.TrimSpace(r.ShippingAddress.ZipCode) != "", "shippingAddress.zipCode", "must not be empty")
	}
}

// checkItems checks the basket and tells whether an item is physical.
func (r *FundPaymentRequest) checkItems(v *checker) (physical bool) {
	v.require(len(r.BasketItems) > 0 && len(r.BasketItems) <= maxBasketItems, "basketItems", "must be 1 to 500")
	if v.field != "" {
		return false
	}
	var sum decimal.Decimal
	for i, item := range r.BasketItems {
		path := "basketItems[" + strconv.Itoa(i) + "]."
		v.text(path+"id", item.ID, true)
		v.price(path+"price", item.Price)
		v.text(path+"name", item.Name, true)
		v.text(path+"category1", item.Category1, true)
		v.text(path+"category2", item.Category2, false)
		v.oneOf(path+"itemType", item.ItemType, ItemPhysical, ItemVirtual)
		if v.field != "" {
			return false
		}
		physical = physical || item.ItemType == ItemPhysical
		sum = sum.Add(item.Price)
	}
	v.require(sum.Equal(r.Price), "price", "must be the sum of the basket items' prices")
	return physical
}

func (b *Buyer) check(v *checker) {
	for _, m := range []struct {
		field, value string
		required     bool
	}{
		{"id", b.ID, true},
		{"name", b.Name, true},
		{"surname", b.Surname, true},
		{"identityNumber", b.IdentityNumber, true},
		{"email", b.Email, true},
		{"gsmNumber", b.GSMNumber, false},
		{"registrationAddress", b.RegistrationAddress, true},
		{"city", b.City, true},
		{"country", b.Country, true},
		{"zipCode", b.ZipCode, true},
	} {
		v.text("buyer."+m.field, m.value, m.required)
	}
	v.ip("buyer.ip", b.IP)
}

func (a *Address) check(v *checker, path string) {
	v.text(path+".address", a.Address, true)
	v.text(path+".contactName", a.ContactName, true)
	v.text(path+".city", a.City, true)
	v.text(path+".country", a.Country, true)
	v.text(path+".zipCode", a.ZipCode, false)
}
