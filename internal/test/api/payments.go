package api

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// paymentsShown: what GET /payments/{id} says of payments that are not simply paid, and of what moved past iade.
func paymentsShown() []scenario {
	shown := func(name string, p payment, want map[string]string) scenario {
		return scenario{name: name, payment: p, steps: []step{
			{path: "/payments/{payment}", status: 200, want: want}, {path: "/payments/{payment}?refresh=true", status: 200, want: want},
		}}
	}
	never := func(status, why string) map[string]string {
		return map[string]string{
			"status": status, "notRefundable": why, "refundableAmount": "0.00", "lines.0.refundableAmount": "0.00", "refundedAmount": "0.00",
			"reservedAmount": "0.00", "refundableUntil": "", "otherMovements.#": "0", "readAt": "*",
		}
	}
	tooOld := never("paid", "too-old")
	tooOld["refundableUntil"] = "*"
	panel := panelRefund
	return []scenario{
		shown("a payment that failed", payment{status: number(2)}, never("unpaid", "not-charged")),
		shown("a payment in the fraud filter", payment{fraud: number(0)}, never("unpaid", "not-charged")),
		shown("a payment that the fraud filter turned down", payment{fraud: number(-1)}, never("unpaid", "not-charged")),
		shown("a hold that was not captured", payment{phase: "PRE_AUTH"}, never("authorized", "not-charged")),
		shown("a payment older than 365 days", payment{age: 366 * aDay}, tooOld),
		shown("a payment that is almost too old", payment{age: 364 * aDay}, map[string]string{
			"status": "paid", "notRefundable": "", "refundableAmount": "100.00", "refundableUntil": "*",
		}),
		{name: "a cancelled payment", moved: []string{"cancel 100.00"}, operations: 1, steps: []step{
			{path: "/cancels", body: aCancel, status: 201, sends: 1},
			{path: "/payments/{payment}", status: 200, want: map[string]string{
				"status": "cancelled", "notRefundable": "cancelled", "refundableAmount": "0.00", "refundedAmount": "100.00", "refundableUntil": "", "otherMovements.#": "0",
			}},
		}},
		{name: "a refund in the panel is seen when it is asked for", moved: []string{"refund {line1} 10.00", "refund {line1} 30.00"}, operations: 1, steps: []step{
			{path: "/refunds", body: aRefund, status: 201, sends: 1},
			{before: panel("30.00"), path: "/payments/{payment}?refresh=false", status: 200, want: map[string]string{"refundedAmount": "10.00", "otherMovements.#": "0"}},
			{path: "/payments/{payment}?refresh=true", status: 200, want: map[string]string{
				"status": "partially_refunded", "refundedAmount": "40.00", "refundableAmount": "60.00", "otherMovements.#": "1", "otherMovements.0.kind": "refund",
				"otherMovements.0.amount": "30.00", "otherMovements.0.paymentTransactionId": "{line1}", "otherMovements.0.refundTxId": "*", "otherMovements.0.at": "*",
				"operations.0.refundedAmount": "10.00", "readAt": "*",
			}},
			{path: "/payments/{payment}", status: 200, want: map[string]string{"refundedAmount": "40.00", "otherMovements.#": "1"}},
		}},
		{name: "a refund in the panel of a payment that iade does not know", moved: []string{"refund {line1} 100.00"}, steps: []step{
			{before: panel("100.00"), path: "/payments/{payment}", status: 200, want: map[string]string{
				"status": "refunded", "notRefundable": "", "refundedAmount": "100.00", "otherMovements.#": "1", "otherMovements.0.amount": "100.00",
			}},
		}},
	}
}

// histories: what became of an operation, with times to the millisecond as everywhere.
func histories() []scenario {
	return []scenario{{name: "the history of a refund", moved: []string{"refund {line1} 10.00"}, operations: 1, steps: []step{
		{path: "/refunds", body: aRefund, status: 201, sends: 1},
		{before: published, path: "/operations/{op}/history", status: 200, want: map[string]string{
			"changes.#": "2", "changes.0.to": "processing", "changes.1.from": "processing", "changes.1.to": "succeeded", "changes.1.at": "*",
		}},
	}}}
}

// published waits until the journal holds what was done.
func published(t *testing.T, c *client, _ known) {
	t.Helper()
	if c.Publish != nil {
		c.Publish(t)
	}
}

// foundByConversation: the shop's own conversation id finds its payment, known to iade or not.
func foundByConversation() []scenario {
	once := fmt.Sprintf("order-%d ğ", time.Now().UnixNano())
	query := "/payments?conversationId=" + url.QueryEscape(once)
	twice := once + "-twice"
	return []scenario{
		{name: "a payment by its conversation id", payment: payment{conversationID: once}, moved: []string{"refund {line1} 10.00", "refund {line1} 20.00"}, operations: 1, steps: []step{
			{path: query, status: 200, want: map[string]string{"paymentId": "{payment}", "status": "paid", "readAt": "*", "operations.#": "0"}},
			{path: "/refunds", body: aRefund, status: 201, sends: 1},
			{before: panelRefund("20.00"), path: query + "&refresh=true&cursor=0", status: 200, want: map[string]string{
				"paymentId": "{payment}", "refundedAmount": "30.00", "operations.#": "1", "otherMovements.#": "1",
			}},
		}},
		{name: "no payment of a conversation id", steps: []step{{path: "/payments?conversationId=none-of-ours", status: 404, slug: "not-found"}}},
		{name: "two payments of a conversation id", payment: payment{conversationID: twice}, steps: []step{
			{
				before: func(t *testing.T, c *client, _ known) { c.fake.add(t, payment{conversationID: twice}) },
				path:   "/payments?conversationId=" + url.QueryEscape(twice), status: http.StatusConflict, slug: "ambiguous",
				want: map[string]string{"paymentIds.#": "2", "paymentIds.0": "*", "paymentIds.1": "*"},
			},
		}},
	}
}

// refreshOverTheLimit: reading iyzico on demand has the same limit as everything that somebody waits for; what iade knows is
// told all the same.
func refreshOverTheLimit(t *testing.T, target Target) {
	c := start(t, target, Options{RatePerMinute: fewPerMinute})
	p := c.fake.add(t, payment{})
	if a := c.post(t, "/refunds", "key", `{"paymentId":"`+p.id+`","amount":"1"}`); a.Status != created {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	for range 3 * fewPerMinute {
		if a := c.get(t, "/payments/"+p.id+"?refresh=true"); a.Status != http.StatusOK {
			if a.Status != http.StatusTooManyRequests || a.slug() != "rate-limited" || a.Header.Get("Retry-After") == "" {
				t.Errorf("%d %v %s", a.Status, a.Header, a.Body)
			}
			if a := c.get(t, "/payments/"+p.id); a.Status != http.StatusOK || a.text("refundedAmount") != "1.00" {
				t.Errorf("%d %s", a.Status, a.Body)
			}
			return
		}
	}
	t.Error("no limit")
}
