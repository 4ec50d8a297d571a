package ingress_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

// fundBody is the request example of docs/iyzico.md P4, with tokens, a callback and an ip in the places of its placeholders.
const fundBody = `{
    "sessionToken": "16f60166-74ba", "memberIdentifier": "7ce32610-9851", "conversationId": "conversationId", "locale": "en", "paymentType": "FUND",
    "paidPrice": 1.0, "price": 1.0, "callbackUrl": "https://shop.example/paid", "paymentGroup": "PRODUCT", "currency": "TRY", "basketId": "B67832",
    "buyer": {"id": "BY789", "name": "John", "surname": "Doe", "identityNumber": "74300864111", "email": "sandboxtest0@gmail.com", "gsmNumber": "+905555555555",
        "registrationAddress": "Adres", "city": "Istanbul", "country": "Turkey", "ip": "85.34.78.112", "zipCode": "34580"},
    "shippingAddress": {"address": "Altunizade Mah.", "contactName": "Jane Doe", "city": "Istanbul", "country": "Turkey", "zipCode": "34580"},
    "billingAddress": {"address": "Altunizade Mah.", "contactName": "Jane Doe", "city": "Istanbul", "country": "Turkey", "zipCode": "34580"},
    "basketItems": [{"id": "BI101", "price": 1.0, "name": "Binocular", "category1": "Collectibles", "itemType": "PHYSICAL"}]
}`

func TestAFundPaymentsBodyBecomesAnOrder(t *testing.T) {
	t.Parallel()
	address := payment.Address{Address: "Altunizade Mah.", ContactName: "Jane Doe", City: "Istanbul", Country: "Turkey", ZipCode: "34580"}
	one := amountOf("1", "TRY")
	want := payment.Command{
		Kind: payment.KindFundPayment, Key: "key-1", Reference: "conversationId", Locale: "en", Currency: "TRY", Interactive: true,
		Fund: &payment.FundOrder{
			SessionToken: "16f60166-74ba", MemberIdentifier: "7ce32610-9851", PriceAmount: one, PaidAmount: one, CallbackURL: "https://shop.example/paid",
			PaymentGroup: "PRODUCT", BasketID: "B67832", Buyer: payment.Buyer{
				ID: "BY789", Name: "John", Surname: "Doe", IdentityNumber: "74300864111", Email: "sandboxtest0@gmail.com", GSMNumber: "+905555555555",
				RegistrationAddress: "Adres", City: "Istanbul", Country: "Turkey", IP: "85.34.78.112", ZipCode: "34580",
			},
			ShippingAddress: &address, BillingAddress: address,
			BasketItems: []payment.BasketItem{{ID: "BI101", PriceAmount: one, Name: "Binocular", Category1: "Collectibles", ItemType: "PHYSICAL"}},
		},
	}
	for _, tc := range []struct {
		name   string
		body   string
		change func(*payment.Command)
	}{
		{"docs/iyzico.md P4's example", fundBody, func(*payment.Command) {}},
		{"without what is optional", without(fundBody, `"conversationId": "conversationId", "locale": "en", "paymentType": "FUND",`, `"paymentGroup": "PRODUCT",`, `, "basketId": "B67832"`,
			`"gsmNumber": "+905555555555",`, `"ip": "85.34.78.112", `), func(c *payment.Command) {
			c.Reference, c.Locale, c.Fund.PaymentGroup, c.Fund.BasketID, c.Fund.Buyer.GSMNumber, c.Fund.Buyer.IP = "", "tr", "", "", "", ""
		}},
		{"with all that is optional", strings.NewReplacer(`"sessionToken"`, `"accessToken": "at.1", "verifySession": true, "sessionToken"`,
			`"itemType"`, `"category2": "Old", "itemType"`).Replace(fundBody), func(c *payment.Command) {
			c.Fund.AccessToken, c.Fund.VerifySession, c.Fund.BasketItems[0].Category2 = "at.1", true, "Old"
		}},
		{"a virtual item needs no shipping address", without(strings.Replace(fundBody, "PHYSICAL", "VIRTUAL", 1),
			`"shippingAddress": {"address": "Altunizade Mah.", "contactName": "Jane Doe", "city": "Istanbul", "country": "Turkey", "zipCode": "34580"},`), func(c *payment.Command) {
			c.Fund.ShippingAddress, c.Fund.BasketItems[0].ItemType = nil, "VIRTUAL"
		}},
		{"a paid price that is not the price, as strings", strings.NewReplacer(`"paidPrice": 1.0`, `"paidPrice": "1.20"`, `"price": 1.0,`, `"price": "1.00",`).Replace(fundBody), func(c *payment.Command) {
			c.Fund.PaidAmount = amountOf("1.2", "TRY")
		}},
		{"an id of 500 characters", strings.Replace(fundBody, "BI101", strings.Repeat("ğ", 500), 1), func(c *payment.Command) {
			c.Fund.BasketItems[0].ID = strings.Repeat("ğ", 500)
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			expected, order := want, *want.Fund
			order.BasketItems = slices.Clone(order.BasketItems)
			expected.Fund = &order
			tc.change(&expected)
			service := &fakeService{result: succeeded()}
			response := newAPI(service).Handle(context.Background(), post("/fund-payments", tc.body))
			if response.Status != http.StatusCreated {
				t.Fatalf("answer = %d %s", response.Status, response.Body)
			}
			if diff := cmp.Diff(expected, service.command, compareCommands); diff != "" {
				t.Errorf("command (-want +got):\n%s", diff)
			}
		})
	}
}

func without(body string, parts ...string) string {
	for _, part := range parts {
		if !strings.Contains(body, part) {
			panic("the body does not hold " + part)
		}
		body = strings.Replace(body, part, "", 1)
	}
	return body
}

func TestEveryFaultOfAFundPaymentIsNamed(t *testing.T) {
	t.Parallel()
	const shipping = `"shippingAddress": {"address": "Altunizade Mah.", "contactName": "Jane Doe", "city": "Istanbul", "country": "Turkey", "zipCode": "34580"},`
	put := func(old, replacement string) string {
		if !strings.Contains(fundBody, old) {
			t.Fatalf("the body does not hold %s", old)
		}
		return strings.Replace(fundBody, old, replacement, 1)
	}
	type bad struct {
		name, body string
		fields     []string
	}
	cases := []bad{
		{"nothing", `{}`, []string{"sessionToken", "memberIdentifier", "callbackUrl", "currency", "price", "paidPrice", "buyer", "basketItems", "billingAddress"}},
		{"empty objects", without(fundBody, fundBody[strings.Index(fundBody, `"buyer"`):]) + `"buyer":{},"shippingAddress":{},"billingAddress":{},"basketItems":[{},{}]}`, []string{
			"buyer.id", "buyer.name", "buyer.surname", "buyer.identityNumber", "buyer.email", "buyer.registrationAddress", "buyer.city", "buyer.country", "buyer.zipCode",
			"basketItems[0].id", "basketItems[0].price", "basketItems[0].name", "basketItems[0].category1", "basketItems[0].itemType",
			"basketItems[1].id", "basketItems[1].price", "basketItems[1].name", "basketItems[1].category1", "basketItems[1].itemType",
			"shippingAddress.address", "shippingAddress.contactName", "shippingAddress.city", "shippingAddress.country", "shippingAddress.zipCode",
			"billingAddress.address", "billingAddress.contactName", "billingAddress.city", "billingAddress.country",
		}},
		{"not objects", without(fundBody, fundBody[strings.Index(fundBody, `"buyer"`):]) + `"buyer":1,"shippingAddress":"x","billingAddress":[],"basketItems":[1,{}]}`, []string{
			"buyer", "basketItems[0]", "basketItems[1].id", "basketItems[1].price", "basketItems[1].name", "basketItems[1].category1", "basketItems[1].itemType", "shippingAddress", "billingAddress",
		}},
		{"sum", put(`"price": 1.0,`, `"price": 1.01,`), []string{"price"}},
		{"price above the decimals", put(`"price": 1.0,`, `"price": 1.001,`), []string{"price"}},
		{"paidPrice of zero", put(`"paidPrice": 1.0`, `"paidPrice": 0`), []string{"paidPrice"}},
		{"price with an exponent", put(`"price": 1.0, "name"`, `"price": 1e0, "name"`), []string{"basketItems[0].price"}},
		{"http callback", put(`https://shop.example/paid`, `http://shop.example/paid`), []string{"callbackUrl"}},
		{"http callback on loopback", put(`https://shop.example/paid`, `http://127.0.0.1:8080/paid`), []string{"callbackUrl"}},
		{"callback that is no URL", put(`https://shop.example/paid`, `shop.example`), []string{"callbackUrl"}},
		{"a physical item without shipping", without(fundBody, shipping), []string{"shippingAddress"}},
		{"shipping without zip code", put(`"country": "Turkey", "zipCode": "34580"},
    "billing`, `"country": "Turkey"},
    "billing`), []string{"shippingAddress.zipCode"}},
		{"an id of 501 characters", put("BI101", strings.Repeat("b", 501)), []string{"basketItems[0].id"}},
		{"currency", put(`"TRY"`, `"NOK"`), []string{"currency"}},
		{"no currency", without(fundBody, `"currency": "TRY", `), []string{"currency"}},
		{"payment type", put(`"FUND"`, `"3DS"`), []string{"paymentType"}},
		{"payment group", put(`"PRODUCT"`, `"GIFT"`), []string{"paymentGroup"}},
		{"item type", put(`"PHYSICAL"`, `"physical"`), []string{"basketItems[0].itemType"}},
		{"locale", put(`"en"`, `"de"`), []string{"locale"}},
		{"buyer's ip", put(`85.34.78.112`, `buyer Ip`), []string{"buyer.ip"}},
		{"blank name", put(`"John"`, `" "`), []string{"buyer.name"}},
		{"name as a number", put(`"John"`, `7`), []string{"buyer.name"}},
		{"unknown members", put(`"zipCode": "34580"},
    "shipping`, `"zipCode": "34580", "phone": "1"},
    "x": 1, "shipping`), []string{"buyer.phone", "x"}},
		{"no items", put(`[{"id": "BI101", "price": 1.0, "name": "Binocular", "category1": "Collectibles", "itemType": "PHYSICAL"}]`, `[]`), []string{"basketItems"}},
		{"items that are no array", put(`[{"id": "BI101", "price": 1.0, "name": "Binocular", "category1": "Collectibles", "itemType": "PHYSICAL"}]`, `{}`), []string{"basketItems"}},
		{"session token with a blank", put(`16f60166-74ba`, `a b`), []string{"sessionToken"}},
		{"reference above its length", put(`"conversationId": "conversationId"`, `"conversationId": "`+strings.Repeat("r", 101)+`"`), []string{"conversationId"}},
		{"a dry run", put(`"locale"`, `"dryRun": true, "locale"`), []string{"dryRun"}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			service := &fakeService{}
			response := newAPI(service).Handle(context.Background(), post("/fund-payments", tc.body))
			slug, problem := problemOf(t, response)
			var fields []string
			for _, f := range problem.Errors {
				fields = append(fields, f.Field)
			}
			slices.Sort(fields)
			slices.Sort(tc.fields)
			if response.Status != http.StatusBadRequest || slug != "invalid-request" || !slices.Equal(fields, tc.fields) || len(service.calls) > 0 {
				t.Errorf("%d %s, fields %q, want %q, calls %v", response.Status, slug, fields, tc.fields, service.calls)
			}
			for _, personal := range []string{"John", "Doe", "74300864111", "sandboxtest0", "Altunizade", "16f60166", "7ce32610"} {
				if strings.Contains(string(response.Body), personal) {
					t.Errorf("the answer repeats %s: %s", personal, response.Body)
				}
			}
		})
	}
}

func TestALoopbackCallbackNeedsALoopbackIyzico(t *testing.T) {
	t.Parallel()
	api := &ingress.API{Service: &fakeService{result: succeeded()}, LoopbackCallbacks: true}
	for callback, status := range map[string]int{"http://127.0.0.1:8080/paid": 201, "http://localhost/paid": 201, "http://shop.example/paid": 400} {
		body := strings.Replace(fundBody, "https://shop.example/paid", callback, 1)
		if response := api.Handle(context.Background(), post("/fund-payments", body)); response.Status != status {
			t.Errorf("%s: %d %s", callback, response.Status, response.Body)
		}
	}
}

func TestARefusedSessionIsIyzicosRefusalOfWhatWasNotSent(t *testing.T) {
	t.Parallel()
	r := payment.Result{
		Resource: payment.Resource{ID: fundID, Kind: payment.KindFundPayment, Status: payment.StatusNotSent}, Sent: true,
		Failure: &payment.Failure{Reason: payment.ReasonSessionRefused, Code: "260902", Message: "Session is passive"},
	}
	response := newAPI(&fakeService{result: r}).Handle(context.Background(), post("/fund-payments", fundBody))
	slug, _ := problemOf(t, response)
	if response.Status != http.StatusUnprocessableEntity || slug != "rejected-by-iyzico" || response.Header.Get("Retry-After") != "" ||
		!strings.Contains(string(response.Body), `"errorCode":"260902"`) || !strings.Contains(string(response.Body), `"status":"not_sent"`) {
		t.Errorf("%d %s %v %s", response.Status, slug, response.Header, response.Body)
	}
}
