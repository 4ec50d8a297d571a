package api

import (
	"regexp"
	"testing"
)

// accessTokenForm is the fake's form of an access token: nobody but iyzico and the function that fetched one knows it.
var accessTokenForm = regexp.MustCompile(`\d{9,}\.[0-9a-f]{64}`)

// personalFunds plants a customer's data and session in fund payments that go every way, and gives what must be found
// nowhere.
func personalFunds(t *testing.T, c *client) []string {
	t.Helper()
	s, passive := c.fake.session(t, nil), c.fake.session(t, map[string]any{"active": false})
	address := map[string]any{
		"address": "canary-street", "contactName": "canary-contact", "city": "canary-city", "country": "canary-country", "zipCode": "canary-zip",
	}
	person := func(body map[string]any) {
		body["buyer"] = map[string]any{
			"id": "canary-buyer", "name": "canary-name", "surname": "canary-surname", "identityNumber": "98765432101", "email": "canary@mail.example",
			"gsmNumber": "+905321234567", "registrationAddress": "canary-home", "city": "canary-town", "country": "canary-land", "ip": "203.0.113.78",
			"zipCode": "canary-post",
		}
		body["shippingAddress"], body["billingAddress"] = address, address
		body["callbackUrl"], body["basketId"] = "https://shop.example/canary-callback", "canary-basket"
		for _, item := range body["basketItems"].([]any) {
			item := item.(map[string]any)
			item["name"], item["category1"], item["category2"] = "canary-item", "canary-category", "canary-subcategory"
		}
	}
	pay := func(key string, s session, change func(map[string]any)) answer {
		return c.pay(t, key, fundOrder(s, func(body map[string]any) {
			person(body)
			if change != nil {
				change(body)
			}
		}))
	}
	done := pay("fund-done", s, nil)
	if done.Status != created {
		t.Fatalf("%d %s", done.Status, done.Body)
	}
	pay("fund-done", s, nil)
	pay("fund-done", s, with("paidPrice", "2"))
	pay("fund-invalid", s, func(body map[string]any) {
		body["buyer"].(map[string]any)["ip"], body["callbackUrl"] = "canary-ip", "canary"
	})
	pay("fund-passive", passive, nil)
	pay("fund-token", s, with("accessToken", "1.canary-access-token"))
	pay("fund-verified", s, with("verifySession", true))
	for _, path := range []string{authPath, accessTokenPath} {
		for _, mode := range []string{"reset-after", "status-500-after", "refuse", "refuse-after", "truncated-after", "wrong-echo", "html-502"} {
			c.fake.script(t, fault{Path: path, Mode: mode, Times: 1})
			a := pay("fund-"+mode+path[len(path)-5:], s, nil)
			c.get(t, resourcePath(a.operationID()))
			c.check(t, a.operationID())
		}
	}
	c.get(t, "/payments/"+done.text("paymentId"))
	return []string{
		"canary-street", "canary-contact", "canary-city", "canary-country", "canary-zip", "canary-buyer", "canary-name", "canary-surname", "98765432101",
		"canary@mail", "5321234567", "canary-home", "canary-town", "canary-land", "203.0.113.78", "canary-post", "canary-callback", "canary-ip", "canary-basket", "canary-item", "canary-category", "canary-subcategory",
		"canary-access-token", s.SessionToken, s.MemberIdentifier, passive.SessionToken, passive.MemberIdentifier,
	}
}
