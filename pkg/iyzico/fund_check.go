package iyzico

import (
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

const (
	maxBasketItems = 500
	maxFieldLen    = 500
)

func (r *FundPaymentRequest) check(v *checker, loopback bool) {
	v.session(r.Session)
	v.secret("accessToken", r.AccessToken)
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
