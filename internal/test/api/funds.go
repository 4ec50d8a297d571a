package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// fundPayments: payments from a customer's balance that nothing goes wrong with, and those that iyzico or a rule refuses.
func fundPayments(t *testing.T, target Target) {
	c := start(t, target, Options{})
	all := []struct {
		name string
		run  func(*testing.T, *client)
	}{
		{"a fund payment, and refunds of it", fundAndRefund},
		{"the same key again", fundReplays},
		{"keys are the merchant's", fundKeys},
		{"what iyzico refuses", fundRefusals},
		{"what iyzico refuses before the money request", sessionRefusals},
		{"in review", fundReview},
		{"the same key many times at once", fundAtOnce},
		{"an attempt in flight", fundInFlight},
		{"wrong in form", badFunds},
	}
	for _, one := range all {
		t.Run(one.name, func(t *testing.T) { one.run(t, c) })
	}
}

func fundAndRefund(t *testing.T, c *client) {
	s := c.fake.session(t, nil)
	a := c.pay(t, "fund-refund", fundOrder(s, nil))
	if a.Status != created {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	id, payment, line := a.text("id"), a.text("paymentId"), a.text("lines.1.paymentTransactionId")
	step{status: created, want: map[string]string{
		"kind": "fund_payment", "status": "succeeded", "paymentId": "*", "amount": "1.20", "currency": "TRY", "reference": "order-4711", "paymentStatus": "SUCCESS",
		"fraudStatus": "1", "price": "1.00", "paidPrice": "1.20", "lines.#": "2", "lines.0.itemId": "BI101", "lines.0.paidAmount": "0.36", "lines.0.refundableAmount": "0.36",
		"lines.1.itemId": "BI102", "lines.1.paidAmount": "0.84", "lines.1.paymentTransactionId": "*", "legs.#": "1", "legs.0.amount": "1.20", "legs.0.status": "succeeded",
		"legs.0.conversationId": id + "-1", "settledAt": "*", "error": "", "destination": "", "refundedAmount": "", "paymentTransactionId": "", "buyer": "", "sessionToken": "",
	}}.check(t, "the payment", a, strings.NewReplacer())
	if x := c.fake.charged(t, id); len(x) != 1 || x[0].Kind != "fund_payment" || x[0].Price != "1.20" || x[0].ConversationID != id+"-1" {
		t.Errorf("executed %+v", x)
	}
	if view := c.get(t, "/payments/"+payment); view.text("paidAmount") != "1.20" || view.text("refundableAmount") != "1.20" || view.text("operations.#") != "0" || view.text("status") != "paid" {
		t.Errorf("payment: %s", view.Body)
	}
	c.fake.script(t, fault{Path: reportPath, Mode: "html-502", Times: 1}) // the refund needs no read
	refund := c.post(t, "/refunds", "fund-refund", `{"paymentId":"`+payment+`","paymentTransactionId":"`+line+`","amount":"0.50"}`)
	c.fake.clear(t)
	if refund.Status != created || refund.text("refundedAmount") != "0.50" {
		t.Errorf("%d %s", refund.Status, refund.Body)
	}
	after := c.get(t, "/fund-payments/"+id)
	if after.text("lines.1.refundedAmount") != "0.50" || after.text("lines.1.refundableAmount") != "0.34" || after.text("status") != "succeeded" {
		t.Errorf("after the refund: %s", after.Body)
	}
	if full := c.post(t, "/refunds", "fund-rest", `{"paymentId":"`+payment+`","full":true}`); full.Status != created || full.text("amount") != "0.70" {
		t.Errorf("%d %s", full.Status, full.Body)
	}
	if view := c.get(t, "/payments/"+payment); view.text("status") != "refunded" || view.text("operations.#") != "2" {
		t.Errorf("payment: %s", view.Body)
	}
}

func fundReplays(t *testing.T, c *client) {
	s := c.fake.session(t, nil)
	first := c.pay(t, "fund-replay", fundOrder(s, nil))
	id := first.text("id")
	for name, body := range map[string]string{
		"the same body": fundOrder(s, nil), "another access token": fundOrder(s, with("accessToken", "at.1")), "verifySession": fundOrder(s, with("verifySession", true)),
		"another locale": fundOrder(s, with("locale", "tr")), "amounts as text": fundOrder(s, func(b map[string]any) { b["price"], b["paidPrice"] = "1.00", 1.2 }),
		"another reference": fundOrder(s, with("conversationId", "order-4712")), "no shipping address": fundOrder(s, func(b map[string]any) {
			delete(b, "shippingAddress")
			b["basketItems"].([]any)[0].(map[string]any)["itemType"] = "VIRTUAL"
		}),
		"another ip": fundOrder(s, func(b map[string]any) { b["buyer"].(map[string]any)["ip"] = "2001:db8::1" }),
	} {
		if a := c.pay(t, "fund-replay", body); a.Status != http.StatusOK || a.text("id") != id || a.Header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	for name, body := range map[string]string{
		"another price": fundOrder(s, with("paidPrice", "1.21")), "another member": fundOrder(s, with("memberIdentifier", "another")),
		"another currency": fundOrder(s, with("currency", "EUR")), "another item": fundOrder(s, func(b map[string]any) {
			b["basketItems"].([]any)[0].(map[string]any)["id"] = "another"
		}),
	} {
		if a := c.pay(t, "fund-replay", body); a.Status != ruled || a.slug() != "idempotency-key-reused" || a.text("operation.id") != id {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	c.checkCharged(t, id, 1, 1)
}

func fundKeys(t *testing.T, c *client) {
	p := c.fake.add(t, payment{})
	refund := c.post(t, "/refunds", "shared-key", `{"paymentId":"`+p.id+`","amount":"10"}`)
	fund := c.pay(t, "shared-key", fundOrder(c.fake.session(t, nil), nil))
	if refund.Status != created || fund.Status != created || refund.text("id") == fund.text("id") {
		t.Errorf("%d %s\n%d %s", refund.Status, refund.Body, fund.Status, fund.Body)
	}
	if a := c.get(t, "/refunds/"+fund.text("id")); a.Status != http.StatusNotFound {
		t.Errorf("as a refund: %d", a.Status)
	}
	if a := c.get(t, "/fund-payments/fp_abcdefghijklmnopqrstuvwxyz"); a.Status != http.StatusNotFound || a.slug() != "not-found" {
		t.Errorf("unknown: %d %s", a.Status, a.Body)
	}
}

func fundRefusals(t *testing.T, c *client) {
	for _, x := range []struct {
		name    string
		session map[string]any
		code    string
	}{
		{"insufficient balance", map[string]any{"balance": "1.19"}, "10051"},
		{"a session of a card", map[string]any{"paymentType": "CARD_PAYMENT"}, "260018"},
	} {
		body := fundOrder(c.fake.session(t, x.session), nil)
		for i := range 2 {
			a := c.pay(t, "refused-"+x.code, body)
			if a.Status != ruled || a.slug() != "rejected-by-iyzico" || a.text("iyzico.errorCode") != x.code || a.text("iyzico.errorMessage") == "" ||
				a.text("operation.status") != "rejected" || a.text("operation.error.code") != x.code || (a.Header.Get("Idempotent-Replayed") == "true") != (i == 1) {
				t.Errorf("%s: %d %v %s", x.name, a.Status, a.Header, a.Body)
			}
			c.checkCharged(t, a.operationID(), 0, 1)
		}
	}
}

// sessionRefusals: iyzico says no before any money is asked for. The answer is its refusal, the operation was not sent, and
// the key is free: the same request asks afresh, another body may take it.
func sessionRefusals(t *testing.T, c *client) {
	good := c.fake.session(t, nil)
	for _, x := range []struct{ name, body, code string }{
		{"passive session", fundOrder(c.fake.session(t, map[string]any{"active": false}), nil), "260902"},
		{"unknown session", fundOrder(session{"unknown", "unknown"}, nil), "260901"},
		{"verified session of a card", fundOrder(c.fake.session(t, map[string]any{"paymentType": "CARD_PAYMENT"}), with("verifySession", true)), "260018"},
		{"expired access token", fundOrder(good, with("accessToken", "1.0123456789abcdef")), "260903"},
	} {
		key := strings.ReplaceAll(x.name, " ", "-")
		id := ""
		for range 2 {
			a := c.pay(t, key, x.body)
			if a.Status != ruled || a.slug() != "rejected-by-iyzico" || a.text("iyzico.errorCode") != x.code || a.text("iyzico.errorMessage") == "" ||
				a.text("operation.status") != "not_sent" || a.Header.Get("Idempotent-Replayed") != "" {
				t.Errorf("%s: %d %v %s", x.name, a.Status, a.Header, a.Body)
			}
			id = a.operationID()
		}
		c.checkCharged(t, id, 0, 0)
		if a := c.pay(t, key, fundOrder(good, nil)); a.Status != created || a.text("id") != id || a.text("legs.0.conversationId") != id+"-3" {
			t.Errorf("%s, then another body: %d %s", x.name, a.Status, a.Body)
		}
		c.checkCharged(t, id, 1, 1)
	}
	a := c.pay(t, "verified", fundOrder(good, with("verifySession", true)))
	if a.Status != created {
		t.Errorf("a session that is verified: %d %s", a.Status, a.Body)
	}
}

func fundReview(t *testing.T, c *client) {
	for fraud, ends := range map[int]string{1: "succeeded", -1: "rejected"} {
		body := fundOrder(c.fake.session(t, map[string]any{"fraudStatus": 0}), nil)
		key := "review-" + ends
		a := c.pay(t, key, body)
		if a.Status != accepted || a.text("status") != "in_review" || a.text("fraudStatus") != "0" || a.text("paymentId") == "" {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		id := a.text("id")
		if again := c.pay(t, key, body); again.Status != accepted || again.text("status") != "in_review" || again.Header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("again: %d %s", again.Status, again.Body)
		}
		if refund := c.post(t, "/refunds", key, `{"paymentId":"`+a.text("paymentId")+`","full":true}`); refund.Status != ruled || refund.slug() != "not-refundable" {
			t.Errorf("a refund of what is in review: %d %s", refund.Status, refund.Body)
		}
		if listed := c.get(t, "/operations?status=in_review"); !strings.Contains(string(listed.Body), id) {
			t.Errorf("not listed: %s", listed.Body)
		}
		if decided := c.resolve(t, id, "succeeded"); decided.Status != ruled || decided.slug() != "not-resolvable" {
			t.Errorf("in review is not for people: %d %s", decided.Status, decided.Body)
		}
		c.fake.call(t, http.MethodPost, "/_fake/payments/"+a.text("paymentId")+"/review", map[string]int{"fraudStatus": fraud}, nil)
		if checked := c.check(t, id); checked.Status != http.StatusOK || checked.text("status") != ends || checked.text("settledAt") == "" {
			t.Errorf("checked: %d %s", checked.Status, checked.Body)
		}
		again := c.pay(t, key, body)
		if fraud == 1 && (again.Status != http.StatusOK || len(c.fake.charged(t, id)) != 1) ||
			fraud == -1 && (again.Status != ruled || again.slug() != "rejected-by-iyzico" || again.text("iyzico.errorCode") != "declined" || len(c.fake.charged(t, id)) != 0) {
			t.Errorf("in the end: %d %s", again.Status, again.Body)
		}
		if fraud == 1 {
			if refund := c.post(t, "/refunds", "reviewed", `{"paymentId":"`+a.text("paymentId")+`","full":true}`); refund.Status != created {
				t.Errorf("refund: %d %s", refund.Status, refund.Body)
			}
		}
	}
}

func fundAtOnce(t *testing.T, c *client) {
	body := fundOrder(c.fake.session(t, nil), nil)
	id, sent := "", 0
	for _, a := range atOnce(8, func(int) answer { return c.pay(t, "fund-at-once", body) }) {
		id = a.operationID()
		switch {
		case a.Status == created:
			sent++
		case a.Status == http.StatusOK && a.Header.Get("Idempotent-Replayed") == "true":
		case a.Status == http.StatusConflict && a.slug() == "in-progress":
		default:
			t.Errorf("%d %s", a.Status, a.Body)
		}
	}
	if sent > 1 {
		t.Errorf("%d answers say that they sent", sent)
	}
	c.checkCharged(t, id, 1, 1)
}

func fundInFlight(t *testing.T, c *client) {
	body := fundOrder(c.fake.session(t, nil), nil)
	c.fake.script(t, fault{Path: authPath, Mode: "slow", Times: 1, DelayMS: 2000})
	first := make(chan answer, 1)
	go func() { first <- c.pay(t, "fund-in-flight", body) }()
	var conflict answer
	for deadline := time.Now().Add(settleTime); conflict.Status != http.StatusConflict && time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond)
		if listed := c.get(t, "/operations?status=processing"); listed.text("operations.0.id") != "" {
			conflict = c.pay(t, "fund-in-flight", body)
		}
		if len(first) > 0 {
			break
		}
	}
	if conflict.Status != http.StatusConflict || conflict.slug() != "in-progress" {
		t.Errorf("%d %s", conflict.Status, conflict.Body)
	}
	a := <-first
	if a.Status != created {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	c.checkCharged(t, a.operationID(), 1, 1)
}

func badFunds(t *testing.T, c *client) {
	s := c.fake.session(t, nil)
	item := func(name string, value any) func(map[string]any) {
		return func(b map[string]any) { b["basketItems"].([]any)[1].(map[string]any)[name] = value }
	}
	buyer := func(name string, value any) func(map[string]any) {
		return func(b map[string]any) { b["buyer"].(map[string]any)[name] = value }
	}
	for _, x := range []struct {
		name   string
		change func(map[string]any)
		fields []string
	}{
		{"sum of the items", with("price", "1.01"), []string{"price"}},
		{"http callback", with("callbackUrl", "http://shop.example/paid"), []string{"callbackUrl"}},
		{"a physical item without shipping address", func(b map[string]any) { delete(b, "shippingAddress") }, []string{"shippingAddress"}},
		{"shipping without a zip code", func(b map[string]any) {
			b["shippingAddress"] = map[string]any{"address": "a", "contactName": "b", "city": "c", "country": "d"}
		}, []string{"shippingAddress.zipCode"}},
		{"an id of 501 characters", item("id", strings.Repeat("b", 501)), []string{"basketItems[1].id"}},
		{"an item's price", item("price", "-1"), []string{"basketItems[1].price"}},
		{"an item's type", item("itemType", "GAS"), []string{"basketItems[1].itemType"}},
		{"a buyer without zip code", func(b map[string]any) { delete(b["buyer"].(map[string]any), "zipCode") }, []string{"buyer.zipCode"}},
		{"a buyer's ip", buyer("ip", "buyer Ip"), []string{"buyer.ip"}},
		{"currency", with("currency", "NOK"), []string{"currency"}},
		{"payment type", with("paymentType", "NON3D"), []string{"paymentType"}},
		{"payment group", with("paymentGroup", "GIFT"), []string{"paymentGroup"}},
		{"several at once", func(b map[string]any) {
			delete(b, "billingAddress")
			b["sessionToken"], b["paidPrice"], b["dryRun"] = "", 0, true
		}, []string{"sessionToken", "paidPrice", "billingAddress", "dryRun"}},
	} {
		a := c.pay(t, "bad-fund", fundOrder(s, x.change))
		slices.Sort(x.fields)
		if a.Status != badRequest || a.slug() != invalid || !slices.Equal(a.fields(), x.fields) {
			t.Errorf("%s: %d, errors name %q, want %q: %s", x.name, a.Status, a.fields(), x.fields, a.Body)
		}
	}
	if a := c.post(t, "/fund-payments", "", fundOrder(s, nil)); a.Status != badRequest || !slices.Equal(a.fields(), []string{"Idempotency-Key"}) {
		t.Errorf("without key: %d %s", a.Status, a.Body)
	}
	if a := c.pay(t, "bad-fund", fundOrder(s, nil)); a.Status != created { // what was refused bound nothing
		t.Errorf("%d %s", a.Status, a.Body)
	}
}
