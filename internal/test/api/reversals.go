package api

import (
	"net/http"
	"testing"
)

var (
	preAuth = payment{phase: "PRE_AUTH"}
	triple  = payment{lines: []string{"100", "60", "40"}}
)

const aReversal = `{"paymentId":"{payment}"}`

// reversals that need no fault: by a cancel, by refunds, and where neither way is open.
func reversals() []scenario {
	whole := map[string]string{
		"id": "*", "kind": "reversal", "status": "succeeded", "paymentId": "{payment}", "paymentTransactionId": "", "amount": "200.00",
		"refundedAmount": "200.00", "destination": "", "legs.#": "1", "legs.0.amount": "200.00", "legs.0.status": "succeeded", "iyzico.cancelHostReference": "*",
		"reason": "OTHER", "reference": "ref", "settledAt": "*", "error": "",
	}
	return []scenario{
		{name: "reversal by a cancel", payment: triple, moved: []string{"cancel 200.00"}, operations: 1, steps: []step{
			{path: "/reversals", body: `{"paymentId":"{payment}","reason":"other","description":"twice","ip":"192.0.2.7","locale":"tr","reference":"ref"}`, status: 201, sends: 1, want: whole},
			{path: "/reversals/{op}", status: 200, want: whole},
			{path: "/reversals", body: aReversal, status: 200, replayed: true, want: whole},
			{path: "/payments/{payment}", status: 200, want: map[string]string{"status": "cancelled", "operations.0.kind": "reversal"}},
			{path: "/cancels", body: aReversal, status: ruled, slug: "idempotency-key-reused", replayed: true, want: map[string]string{"operation.id": "{op1}"}},
			{path: "/refunds", key: "b", body: `{"paymentId":"{payment}","full":true}`, status: ruled, slug: "not-refundable", want: map[string]string{"operationId": "{op1}"}},
		}},
		{name: "reversal of another day", payment: payment{lines: triple.lines, age: 3 * aDay}, moved: []string{"refund {line1} 100.00", "refund {line2} 60.00", "refund {line3} 40.00"},
			operations: 1, steps: []step{
				{path: "/reversals", body: aReversal, status: 201, sends: 3, want: map[string]string{"status": "succeeded", "amount": "200.00", "refundedAmount": "200.00", "legs.#": "3"}},
				{path: "/reversals", body: aReversal, status: 200, replayed: true},
			}},
		{name: "reversal after a refund", moved: []string{"refund {line1} 10.00", "refund {line1} 90.00"}, operations: 2, steps: []step{
			{path: "/refunds", key: "a", body: `{"paymentId":"{payment}","amount":"10"}`, status: 201, sends: 1},
			{path: "/reversals", body: aReversal, status: 201, sends: 1, want: map[string]string{"amount": "90.00", "refundedAmount": "90.00", "paymentTransactionId": "{line1}"}},
			{path: "/reversals", key: "b", body: aReversal, status: ruled, slug: "exceeds-refundable", want: map[string]string{"refundable": "0.00"}},
		}},
		{name: "reversal after a refund in the panel", moved: []string{"refund {line1} 30.00", "refund {line1} 70.00"}, operations: 1, steps: []step{
			{before: panelRefund("30.00"), path: "/reversals", body: aReversal, status: 201, sends: 1, want: map[string]string{"amount": "70.00", "status": "succeeded"}},
		}},
		{name: "reversal of a hold that was not captured", payment: preAuth, moved: []string{"cancel 100.00"}, operations: 1, steps: []step{
			{path: "/reversals", body: aReversal, status: 201, sends: 1, want: map[string]string{"legs.#": "1", "iyzico.cancelHostReference": "*"}},
		}},
		{name: "reversal of a hold of another day", payment: payment{phase: "PRE_AUTH", age: 3 * aDay}, steps: []step{
			{path: "/reversals", body: aReversal, status: ruled, slug: "not-cancellable", want: map[string]string{
				"operationId": "", "detail": "a pre-authorisation can be cancelled on its day only (Europe/Istanbul). Nothing was charged, so there is nothing to refund: the hold ends by itself",
			}},
		}},
		{name: "reversal after 365 days", payment: payment{age: 400 * aDay}, steps: []step{
			{path: "/reversals", body: aReversal, status: ruled, slug: "not-refundable"},
		}},
		{name: "reversal of a payment that iyzico does not know", unknown: true, steps: []step{
			{path: "/reversals", body: aReversal, status: http.StatusNotFound, slug: "not-found"},
		}},
		refused("reversal with a refund's members", "/reversals", `{"paymentId":"{payment}","amount":"1","full":true,"kind":"reversal"}`, "amount", "full", "kind"),
		refused("reversal without paymentId", "/reversals", `{}`, "paymentId"),
	}
}

// refusedReversals: iyzico refuses the cancel, and the refunds go on in the same operation and the same request.
func refusedReversals(t *testing.T, target Target) {
	c := start(t, target, Options{})
	refuseOnce := fault{Path: cancelPath, Mode: "refuse", Times: 1}
	reverse := func(p known, key string) answer { return c.post(t, "/reversals", key, `{"paymentId":"`+p.id+`"}`) }

	t.Run("the refund goes on", func(t *testing.T) {
		p := c.fake.add(t, payment{})
		c.fake.script(t, refuseOnce)
		a := reverse(p, "key")
		if a.Status != created || a.text("status") != "succeeded" || a.text("amount") != "100.00" || a.text("refundedAmount") != "100.00" ||
			a.text("legs.0.status") != "rejected" || a.text("legs.1.status") != "succeeded" || a.text("legs.1.paymentTransactionId") != p.lines[0] || a.text("error") != "" {
			t.Errorf("%d %s", a.Status, a.Body)
		}
		if again := reverse(p, "key"); again.Status != http.StatusOK || again.text("id") != a.text("id") || again.Header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("again: %d %s", again.Status, again.Body)
		}
		checkCount(t, c, p, 1, 2)
	})
	t.Run("a hold has nothing to refund", func(t *testing.T) {
		p := c.fake.add(t, preAuth)
		c.fake.script(t, refuseOnce)
		a := reverse(p, "key")
		if a.Status != ruled || a.slug() != "rejected-by-iyzico" || a.text("operation.status") != "rejected" || a.text("operation.legs.#") != "1" {
			t.Errorf("%d %s", a.Status, a.Body)
		}
		checkCount(t, c, p, 0, 1)
	})
	t.Run("the refund is refused, too", func(t *testing.T) {
		p := c.fake.add(t, payment{})
		c.fake.script(t, refuseOnce)
		c.fake.script(t, fault{Path: refundPath, Mode: "refuse", Times: 1})
		a := reverse(p, "key")
		if a.Status != ruled || a.slug() != "rejected-by-iyzico" || a.text("operation.status") != "rejected" || a.text("operation.legs.#") != "2" {
			t.Errorf("%d %s", a.Status, a.Body)
		}
		checkCount(t, c, p, 0, 2)
	})
	t.Run("a part of the refunds is refused", func(t *testing.T) {
		p := c.fake.add(t, triple)
		c.fake.script(t, refuseOnce)
		c.fake.script(t, fault{Path: refundPath, Mode: "slow", Times: 1})
		c.fake.script(t, fault{Path: refundPath, Mode: "refuse", Times: 1})
		a := reverse(p, "key")
		if a.Status != http.StatusMultiStatus || a.text("status") != "partially_succeeded" || a.text("amount") != "200.00" || a.text("refundedAmount") != "100.00" {
			t.Errorf("%d %s", a.Status, a.Body)
		}
		checkCount(t, c, p, 1, 3)
	})
	t.Run("the report cannot be read in between", func(t *testing.T) {
		p := c.fake.add(t, payment{})
		c.fake.script(t, refuseOnce)
		c.fake.script(t, fault{Path: reportPath, Mode: "slow", Times: 1})
		c.fake.script(t, fault{Path: reportPath, Mode: "html-502", Times: 0})
		a := reverse(p, "key")
		c.fake.clear(t)
		if a.Status != accepted || a.text("status") != "processing" || a.Header.Get("Retry-After") == "" || a.text("legs.1.status") != "processing" {
			t.Errorf("%d %s", a.Status, a.Body)
		}
		c.fake.panelRefund(t, p.lines[0], "30.00")
		again := reverse(p, "key")
		if again.Status != created || again.text("status") != "succeeded" || again.text("amount") != "70.00" || again.text("legs.1.amount") != "70.00" {
			t.Errorf("again: %d %s", again.Status, again.Body)
		}
		checkCount(t, c, p, 2, 2)
	})
}

// lostReversals: the cancel's answer is lost. Nothing else is sent until it is known what became of it.
func lostReversals(t *testing.T, target Target) {
	for name, mode := range map[string]string{"executed": "reset-after", "not executed": "reset-before"} {
		t.Run(name, func(t *testing.T) {
			c := start(t, target, Options{IyzicoTimeout: impatient})
			var p known
			reverse := func() answer { return c.post(t, "/reversals", "key", `{"paymentId":"`+p.id+`"}`) }
			lost := c.withFaults(t, []fault{{Path: cancelPath, Mode: mode, Times: 1}}, func() answer {
				p = c.fake.add(t, payment{})
				return reverse()
			})
			if lost.Status != accepted || lost.text("status") != "unknown" || lost.text("legs.#") != "1" {
				t.Fatalf("%d %s", lost.Status, lost.Body)
			}
			if other := c.post(t, "/refunds", "other", `{"paymentId":"`+p.id+`","amount":"1"}`); other.slug() != "not-refundable" || other.text("operationId") != lost.text("id") {
				t.Errorf("a refund beside it: %d %s", other.Status, other.Body)
			}
			if mode == "reset-after" {
				c.settle(t, resourcePath(lost.text("id")), "succeeded")
				if a := reverse(); a.Status != http.StatusOK || a.text("refundedAmount") != "100.00" {
					t.Errorf("%d %s", a.Status, a.Body)
				}
				checkCount(t, c, p, 1, 1)
				return
			}
			proved := c.settle(t, resourcePath(lost.text("id")), "processing")
			if proved.text("legs.0.status") != "not_executed" || proved.text("legs.1.status") != "processing" {
				t.Errorf("%s", proved.Body)
			}
			a := reverse()
			if a.Status != created || a.text("status") != "succeeded" || a.text("id") != lost.text("id") || a.text("legs.1.status") != "succeeded" {
				t.Errorf("%d %s", a.Status, a.Body)
			}
			checkCount(t, c, p, 1, 2)
		})
	}
}
