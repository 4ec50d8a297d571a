package ingress_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/iade/iade/internal/money"
)

// FuzzFundBody: a body is refused with 400 before anything is asked of the service, or it became an order that keeps what
// iyzico demands of one.
func FuzzFundBody(f *testing.F) {
	for _, body := range []string{
		fundBody, `{}`, `{"buyer":{},"basketItems":[{}],"billingAddress":{},"shippingAddress":null}`, strings.Replace(fundBody, "PHYSICAL", "VIRTUAL", 1),
		strings.Replace(fundBody, `"price": 1.0, "name"`, `"price": "0.99", "name"`, 1), strings.Replace(fundBody, `"TRY"`, `"GBP"`, 1),
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		service := &fakeService{result: succeeded()}
		api, log := loggingAPI(service)
		response := api.Handle(context.Background(), post("/fund-payments", string(body)))
		if log.Len() > 0 || !json.Valid(response.Body) {
			t.Fatalf("our bug: %s %s", log, response.Body)
		}
		if response.Status != http.StatusCreated {
			if response.Status != http.StatusBadRequest && response.Status != http.StatusRequestEntityTooLarge || len(service.calls) > 0 {
				t.Fatalf("answer = %d %s, calls %v", response.Status, response.Body, service.calls)
			}
			return
		}
		c, o := service.command, service.command.Fund
		sum, physical := money.Zero(c.Currency), false
		for _, item := range o.BasketItems {
			sum, physical = sum.Add(item.PriceAmount), physical || item.ItemType == "PHYSICAL"
			if item.ID == "" || item.Name == "" || item.Category1 == "" || item.PriceAmount.Sign() <= 0 || item.ItemType != "PHYSICAL" && item.ItemType != "VIRTUAL" {
				t.Errorf("an item lacks something: %q %q %s", item.ID, item.ItemType, item.PriceAmount)
			}
		}
		if !slices.Contains([]money.Currency{money.TRY, money.USD, money.EUR, money.GBP}, c.Currency) || !sum.Equal(o.PriceAmount) || o.PaidAmount.Sign() <= 0 ||
			o.PaidAmount.Currency() != c.Currency || physical && o.ShippingAddress == nil || o.ShippingAddress != nil && o.ShippingAddress.ZipCode == "" ||
			!strings.HasPrefix(strings.ToLower(o.CallbackURL), "https:") || o.SessionToken == "" || o.MemberIdentifier == "" {
			t.Errorf("price %s of %s, paid %s %s, callback %q", o.PriceAmount, sum, o.PaidAmount, c.Currency, o.CallbackURL)
		}
		for _, text := range []string{o.Buyer.ID, o.Buyer.Name, o.Buyer.Surname, o.Buyer.IdentityNumber, o.Buyer.Email, o.Buyer.RegistrationAddress, o.Buyer.City,
			o.Buyer.Country, o.Buyer.ZipCode, o.BillingAddress.Address, o.BillingAddress.ContactName, o.BillingAddress.City, o.BillingAddress.Country} {
			if strings.TrimSpace(text) == "" || len(text) > 2000 {
				t.Error("a needed text is blank or longer than it may be")
			}
		}
	})
}
