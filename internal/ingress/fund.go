package ingress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

// The bounds of a fund payment's body. iyzico documents the one of an item's id (docs/iyzico.md P4); the others only bound what is
// sent on.
const (
	maxFundText    = 500
	maxFundSecret  = 4096
	maxBasketItems = 500
)

// paymentTypeFund is the one paymentType of a payment from a balance (docs/iyzico.md P4).
const paymentTypeFund = "FUND"

// fundCurrencies are what iyzico takes fund payments in (docs/iyzico.md P4).
func fundCurrencies() []money.Currency {
	return []money.Currency{money.TRY, money.USD, money.EUR, money.GBP}
}

// readFundPayment reads the body of POST /fund-payments: iyzico's own request, nested as in its example (docs/iyzico.md P4), with
// conversationId as the caller's reference. Every rule that needs nothing but the body is checked here, because iyzico is
// asked for nothing before the money request. loopback allows callbacks by http on a loopback address.
func readFundPayment(f *form, loopback bool) payment.Command {
	cmd := payment.Command{Kind: payment.KindFundPayment, Locale: "tr"}
	order := &payment.FundOrder{
		SessionToken:     f.needed("sessionToken", fundSecretRule, isFundSecret),
		MemberIdentifier: f.needed("memberIdentifier", fundSecretRule, isFundSecret),
		VerifySession:    f.flag("verifySession"),
		PaymentGroup:     oneOf(f, "paymentGroup", "PRODUCT", "LISTING", "SUBSCRIPTION"),
		BasketID:         f.prose("basketId", maxFundText),
	}
	order.AccessToken, _ = f.text("accessToken", fundSecretRule, isFundSecret)
	order.CallbackURL = f.needed("callbackUrl", fundCallbackRule, func(s string) bool {
		return validReturnURL(s) && (loopback || strings.HasPrefix(strings.ToLower(s), "https:"))
	})
	oneOf(f, "paymentType", paymentTypeFund)
	cmd.Reference = f.prose("conversationId", maxReference)
	if locale := oneOf(f, "locale", "tr", "en"); locale != "" {
		cmd.Locale = locale
	}
	cmd.Currency = money.Currency(f.needed("currency", oneOfRule(fundCurrencies()), func(s string) bool {
		return slices.Contains(fundCurrencies(), money.Currency(s))
	}))
	order.PriceAmount = f.neededAmount("price", cmd.Currency)
	order.PaidAmount = f.neededAmount("paidPrice", cmd.Currency)
	if buyer, ok := f.neededObject("buyer"); ok {
		order.Buyer = readBuyer(buyer)
	}
	order.BasketItems = readBasket(f, cmd.Currency)
	checkSum(f, order)
	order.ShippingAddress = readShipping(f, order.BasketItems)
	if billing, ok := f.neededObject("billingAddress"); ok {
		order.BillingAddress = readAddress(billing)
		order.BillingAddress.ZipCode = billing.prose("zipCode", maxFundText)
		billing.end()
	}
	cmd.Fund = order
	return cmd
}

func readBuyer(f *form) payment.Buyer {
	buyer := payment.Buyer{
		ID: f.words("id"), Name: f.words("name"), Surname: f.words("surname"), IdentityNumber: f.words("identityNumber"),
		Email: f.words("email"), GSMNumber: f.prose("gsmNumber", maxFundText), RegistrationAddress: f.words("registrationAddress"),
		City: f.words("city"), Country: f.words("country"), ZipCode: f.words("zipCode"),
	}
	buyer.IP, _ = f.text("ip", "must be an IPv4 or IPv6 address without zone", validIP)
	f.end()
	return buyer
}

// readAddress reads what both addresses need.
func readAddress(f *form) payment.Address {
	return payment.Address{
		Address: f.words("address"), ContactName: f.words("contactName"), City: f.words("city"), Country: f.words("country"),
	}
}

// readShipping reads the shipping address, which a physical item needs.
func readShipping(f *form, items []payment.BasketItem) *payment.Address {
	if f.ask("shippingAddress") == nil {
		if slices.ContainsFunc(items, func(item payment.BasketItem) bool { return item.ItemType == itemPhysical }) {
			f.fault("shippingAddress", "is needed for an item of the type PHYSICAL")
		}
		return nil
	}
	shipping, ok := f.neededObject("shippingAddress")
	if !ok {
		return nil
	}
	address := readAddress(shipping)
	address.ZipCode = shipping.words("zipCode")
	shipping.end()
	return &address
}

const itemPhysical = "PHYSICAL"

func readBasket(f *form, currency money.Currency) []payment.BasketItem {
	rule := fmt.Sprintf("must be an array of 1 to %d items", maxBasketItems)
	n := f.ask("basketItems")
	switch {
	case n == nil:
		f.fault("basketItems", "is needed: it "+rule)
		return nil
	case n.kind != arrayNode || len(n.elements) == 0 || len(n.elements) > maxBasketItems:
		f.fault("basketItems", rule)
		return nil
	}
	items := make([]payment.BasketItem, 0, len(n.elements))
	for i, element := range n.elements {
		path := fmt.Sprintf("%s[%d]", memberPath(f.path, "basketItems"), i)
		if element.kind != objectNode {
			f.faults.add(path, "must be an object")
			continue
		}
		item := newForm(path, element, f.faults)
		items = append(items, payment.BasketItem{
			ID: item.words("id"), PriceAmount: item.neededAmount("price", currency), Name: item.words("name"),
			Category1: item.words("category1"), Category2: item.prose("category2", maxFundText),
			ItemType: item.needed("itemType", oneOfRule([]string{itemPhysical, "VIRTUAL"}), func(s string) bool { return s == itemPhysical || s == "VIRTUAL" }),
		})
		item.end()
	}
	return items
}

// checkSum compares price with its items, unless one of them is at fault itself.
func checkSum(f *form, o *payment.FundOrder) {
	sum := money.Zero(o.PriceAmount.Currency())
	for _, item := range o.BasketItems {
		if item.PriceAmount.IsZero() {
			return
		}
		sum = sum.Add(item.PriceAmount)
	}
	if len(o.BasketItems) > 0 && !o.PriceAmount.IsZero() && !sum.Equal(o.PriceAmount) {
		f.fault("price", "must be the sum of the items' prices")
	}
}

var (
	fundSecretRule   = fmt.Sprintf("must be a string of 1 to %d visible ASCII characters", maxFundSecret)
	fundTextRule     = fmt.Sprintf("must be a string of 1 to %d characters, not all of them blank, without control characters", maxFundText)
	fundCallbackRule = "must be an absolute https URL of at most 2000 characters (http for a loopback address only, and only where iyzico is on one)"
)

func isFundSecret(s string) bool { return visibleASCII(s, maxFundSecret) }

// words reads a text that may not be empty.
func (f *form) words(name string) string {
	return f.needed(name, fundTextRule, func(s string) bool { return strings.TrimSpace(s) != "" && isProse(s, maxFundText) })
}

// neededAmount reads an amount that may not be absent.
func (f *form) neededAmount(name string, currency money.Currency) money.Amount {
	if !f.has(name) {
		f.fault(name, "is needed: it must be an amount, as a string or a number")
	}
	return money.New(f.amount(name).Decimal(), currency)
}

// neededObject reads a member that must be an object. Its form still has to be ended.
func (f *form) neededObject(name string) (*form, bool) {
	switch n := f.ask(name); {
	case n == nil:
		f.fault(name, "is needed: it must be an object")
	case n.kind != objectNode:
		f.fault(name, "must be an object")
	default:
		return newForm(memberPath(f.path, name), *n, f.faults), true
	}
	return nil, false
}
