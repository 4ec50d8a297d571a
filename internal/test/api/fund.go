package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// iyzico's paths of a fund payment.
const (
	authPath        = "/v1/pay-with-iyzico/third-party-session/checkout/auth"
	accessTokenPath = "/v1/pay-with-iyzico/third-party-session/retrieve/access-token"
)

// session is what a customer's consent consists of.
type session struct {
	SessionToken     string `json:"sessionToken"`
	MemberIdentifier string `json:"memberIdentifier"`
}

// session puts a session with a balance of 100.00 in place; settings are more members of POST /_fake/sessions.
func (f fake) session(t *testing.T, settings map[string]any) session {
	t.Helper()
	body := map[string]any{"balance": "100.00"}
	for name, value := range settings {
		body[name] = value
	}
	var s session
	f.call(t, http.MethodPost, "/_fake/sessions", body, &s)
	return s
}

// charged is the ground truth about one fund payment: the payments that iyzico made for it, by its attempts' ids.
func (f fake) charged(t *testing.T, operationID string) []execution {
	t.Helper()
	var own []execution
	for _, x := range f.executions(t, "") {
		if strings.HasPrefix(x.ConversationID, operationID+"-") {
			own = append(own, x)
		}
	}
	return own
}

// asked counts the money requests that iyzico received for one fund payment, refused ones too.
func (f fake) asked(t *testing.T, operationID string) int {
	t.Helper()
	var answer struct {
		Requests []struct {
			ConversationID string `json:"conversationId"`
		} `json:"requests"`
	}
	f.call(t, http.MethodGet, "/_fake/requests", nil, &answer)
	n := 0
	for _, r := range answer.Requests {
		if strings.HasPrefix(r.ConversationID, operationID+"-") {
			n++
		}
	}
	return n
}

// fundOrder is the body of a fund payment: 1.20 for two items of 0.30 and 0.70, of which iyzico makes lines of 0.36 and 0.84.
// change may alter its members.
func fundOrder(s session, change func(map[string]any)) string {
	address := map[string]any{"address": "Altunizade Mah.", "contactName": "Jane Doe", "city": "Istanbul", "country": "Turkey", "zipCode": "34580"}
	body := map[string]any{
		"sessionToken": s.SessionToken, "memberIdentifier": s.MemberIdentifier, "conversationId": "order-4711", "locale": "en", "paymentType": "FUND",
		"price": 1.0, "paidPrice": "1.20", "callbackUrl": "https://shop.example/paid", "paymentGroup": "PRODUCT", "currency": "TRY", "basketId": "B67832",
		"buyer": map[string]any{
			"id": "BY789", "name": "John", "surname": "Doe", "identityNumber": "74300864111", "email": "john@doe.example", "gsmNumber": "+905555555555",
			"registrationAddress": "Altunizade Mah.", "city": "Istanbul", "country": "Turkey", "ip": "192.0.2.1", "zipCode": "34580",
		},
		"shippingAddress": address, "billingAddress": address,
		"basketItems": []any{
			map[string]any{"id": "BI101", "price": 0.3, "name": "Binocular", "category1": "Collectibles", "itemType": "PHYSICAL"},
			map[string]any{"id": "BI102", "price": "0.70", "name": "Game code", "category1": "Game", "category2": "Online", "itemType": "VIRTUAL"},
		},
	}
	if change != nil {
		change(body)
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic("apitest: an order of plain values did not marshal: " + err.Error())
	}
	return string(text)
}

// with sets one member of an order.
func with(name string, value any) func(map[string]any) {
	return func(body map[string]any) { body[name] = value }
}

// pay asks for a fund payment.
func (c *client) pay(t *testing.T, key, body string) answer {
	t.Helper()
	return c.post(t, "/fund-payments", key, body)
}

// checkCharged compares how often iyzico was asked and made a payment with what must be.
func (c *client) checkCharged(t *testing.T, id string, payments, requests int) {
	t.Helper()
	if got := len(c.fake.charged(t, id)); got != payments {
		t.Errorf("%s: %d payments, want %d", id, got, payments)
	}
	if got := c.fake.asked(t, id); got != requests {
		t.Errorf("%s: %d money requests, want %d", id, got, requests)
	}
}
