package payment

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"

	"github.com/iade/iade/internal/money"
)

// FundOrder is iyzico's Fund Payment request (docs/iyzico.md P4) with its form checked: a payment from a customer's iyzico balance.
// It goes to iyzico and is never stored (I9); what is kept of it is Fund. Printing, logging or encoding one shows nothing.
type FundOrder struct {
	SessionToken     string
	MemberIdentifier string
	AccessToken      string // empty = one is fetched for this payment
	VerifySession    bool   // ask iyzico first whether the session's last payment was made from the balance

	PriceAmount  money.Amount // the sum of the basket's prices
	PaidAmount   money.Amount // what the customer pays
	CallbackURL  string
	PaymentGroup string // PRODUCT, LISTING or SUBSCRIPTION
	BasketID     string

	Buyer           Buyer
	ShippingAddress *Address // needed for a PHYSICAL item
	BillingAddress  Address
	BasketItems     []BasketItem
}

// Buyer is the customer of a FundOrder. Printing one shows nothing.
type Buyer struct {
	ID, Name, Surname, IdentityNumber, Email, GSMNumber string
	RegistrationAddress, City, Country, ZipCode, IP     string
}

// Address is where a FundOrder is sent or billed to. Printing one shows nothing.
type Address struct{ Address, ContactName, City, Country, ZipCode string }

// BasketItem is one thing that a FundOrder pays for.
type BasketItem struct {
	ID          string
	PriceAmount money.Amount
	Name        string
	Category1   string
	Category2   string
	ItemType    string // PHYSICAL or VIRTUAL
}

const redacted = "[redacted]"

// Format writes nothing of the order, for every verb.
func (o FundOrder) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue gives log/slog nothing of the order.
func (o FundOrder) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON encodes nothing of the order. It never fails.
func (o FundOrder) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// Format writes nothing of the buyer, for every verb.
func (b Buyer) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue gives log/slog nothing of the buyer.
func (b Buyer) LogValue() slog.Value { return slog.StringValue(redacted) }

// Format writes nothing of the address, for every verb.
func (a Address) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue gives log/slog nothing of the address.
func (a Address) LogValue() slog.Value { return slog.StringValue(redacted) }

// canonical is the order's text for the fingerprints of older versions: every member but the access token, verifySession and the buyer's ip,
// amounts by value. Nobody keeps it: only its hash, which the session token makes impossible to guess at.
func (o *FundOrder) canonical() json.RawMessage {
	if o == nil {
		return nil
	}
	type members FundOrder // without the methods that redact
	order := members(*o)
	order.AccessToken, order.VerifySession, order.Buyer.IP = "", false, ""
	amounts := []string{o.PriceAmount.String(), o.PaidAmount.String()}
	for _, item := range o.BasketItems {
		amounts = append(amounts, item.PriceAmount.String())
	}
	text, err := json.Marshal(struct {
		Order   members
		Amounts []string
	}{order, amounts})
	if err != nil {
		panic("payment: an order of plain strings did not marshal: " + err.Error())
	}
	return text
}
