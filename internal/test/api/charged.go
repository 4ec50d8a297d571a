package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// chargedToMerchant: with MARKETPLACE on a line's refund may be charged to the merchant, over a call of its own.
func chargedToMerchant(t *testing.T, target Target) {
	c := start(t, target, Options{Marketplace: true})
	c.fake.set(t, map[string]any{"marketplace": true})
	two := payment{lines: []string{"100.00", "60.00"}}
	noKey := http.Header{"Content-Type": {"application/json"}}
	ask := func(members string) string { return `{"paymentId":"{payment}","chargedTo":"merchant",` + members + `}` }
	const aPart = `"paymentTransactionId":"{line2}","amount":"10.5","reason":"other","description":"scratched","ip":"192.0.2.7"`
	whole := map[string]string{
		"id": "*", "kind": "refund", "status": "succeeded", "paymentTransactionId": "{line2}", "amount": "10.50", "refundedAmount": "10.50",
		"destination": "card", "chargedTo": "merchant", "legs.#": "1", "legs.0.conversationId": "{op}-1", "iyzico.refundHostReference": "*",
		"iyzico.signatureVerified": "false", "error": "",
	}
	all := []scenario{
		{name: "a part of a line", payment: two, moved: []string{"refund {line2} 10.50"}, operations: 1, steps: []step{
			{path: "/refunds/preview", header: noKey, body: ask(aPart), status: 200, want: map[string]string{
				"amount": "10.50", "iyzicoCalls": "1", "legs.#": "1", "legs.0.paymentTransactionId": "{line2}", "refundable": "60.00",
			}},
			{path: "/refunds", body: ask(aPart), status: created, sends: 1, want: whole},
			{path: "/refunds", body: ask(aPart), status: 200, replayed: true, want: whole},
			{path: "/refunds/{op}", status: 200, want: whole},
			{path: "/refunds", body: `{"paymentId":"{payment}",` + aPart + `}`, status: ruled, slug: "idempotency-key-reused", replayed: true},
			{path: "/payments/{payment}", status: 200, want: map[string]string{
				"refundedAmount": "10.50", "lines.1.refundedAmount": "10.50", "operations.0.chargedTo": "merchant", "otherMovements.#": "0",
			}},
			{path: "/operations/{op}/history", status: 200},
		}},
		{name: "all of a line", payment: two, moved: []string{"refund {line1} 100.00"}, operations: 1, steps: []step{
			{path: "/refunds", body: ask(`"paymentTransactionId":"{line1}","full":true`), status: created, sends: 1, want: map[string]string{"amount": "100.00", "chargedTo": "merchant"}},
			{path: "/cancels", key: "c", body: `{"paymentId":"{payment}"}`, status: ruled, slug: "not-cancellable", want: map[string]string{"operationId": "{op}"}},
		}},
		{name: "the payment's only line", moved: []string{"refund {line1} 10.00"}, operations: 1, steps: []step{
			{path: "/refunds", body: ask(`"amount":"10"`), status: created, sends: 1, want: map[string]string{"paymentTransactionId": "{line1}"}},
			{path: "/refunds", body: ask(`"amount":"10.00","paymentTransactionId":"{line1}","currency":"TRY"`), status: 200, replayed: true},
			{path: "/refunds", key: "b", body: ask(`"amount":"90.01"`), status: ruled, slug: "exceeds-refundable", want: map[string]string{"refundable": "90.00"}},
		}},
		{name: "no line of several", payment: two, steps: []step{
			{path: "/refunds", body: ask(`"amount":"10"`), status: ruled, slug: "allocation-required", want: map[string]string{"lines.#": "2"}},
			{path: "/refunds", body: ask(`"full":true`), status: ruled, slug: "allocation-required", want: map[string]string{"lines.#": "2"}},
			{path: "/refunds", body: ask(`"amount":"10","allocation":"proportional"`), status: badRequest, slug: invalid, fields: []string{"chargedTo"}},
			{path: "/refunds/preview", header: noKey, body: ask(`"amount":"10"`), status: ruled, slug: "allocation-required", want: map[string]string{"lines.#": "2"}},
		}},
		{name: "to balance", steps: []step{
			{path: "/refunds", body: ask(`"destination":"balance"`), status: badRequest, slug: invalid, fields: []string{"chargedTo"}},
		}},
	}
	inParallel(t, sideBySide, all, func(s scenario) string { return s.name }, func(t *testing.T, s scenario) { s.run(t, c) })
	if c.Publish != nil {
		c.Publish(t)
	}
	listed := c.send(t, Request{Method: http.MethodGet, Path: "/operations", RawQuery: "kind=refund", Header: http.Header{"Accept": {"text/csv"}}})
	if !strings.Contains(string(listed.Body), "chargedTo") || !strings.Contains(string(listed.Body), ",merchant") {
		t.Errorf("as CSV: %s", listed.Body)
	}
}

// lostCharged tries every fault mode on a refund that is charged to the merchant. What iyzico lists settles it; what iyzico does not
// list a person must decide, because no source says that iyzico lists every one.
func lostCharged(t *testing.T, target Target) {
	c := start(t, target, Options{Marketplace: true, IyzicoTimeout: impatient})
	way := money{chargePath, "/refunds", `{"paymentId":"%s","amount":"10","chargedTo":"merchant"}`}
	modes := everyMode()
	for i := range modes {
		if modes[i].fault.Mode == "bad-signature" {
			modes[i].status = created // the answer has no signature to be wrong
		}
		modes[i].fault.Path, modes[i].fault.Times = way.path, 1
	}
	modes = slices.DeleteFunc(modes, func(l lostAnswer) bool {
		return l.ends == "not_executed" && l.fault.Mode != "reset-before" && l.fault.Mode != "refuse"
	})
	name := func(l lostAnswer) string { return strings.TrimSpace(l.fault.Mode + " " + l.fault.ErrorCode) }
	inParallel(t, len(modes), modes, name, func(t *testing.T, l lostAnswer) {
		if l.ends != "not_executed" {
			l.run(t, c, way)
			return
		}
		var p known
		var body string
		first := c.withFaults(t, []fault{l.fault}, func() answer {
			p = c.fake.add(t, payment{})
			body = fmt.Sprintf(way.body, p.id)
			return c.post(t, way.route, "key", body)
		})
		l.checkFirst(t, c, p, first)
		id := first.operationID()
		end := c.settle(t, resourcePath(id), "needs_review")
		again := c.post(t, way.route, "key", body)
		if end.text("error.code") != "weak-absence" || again.Status != accepted || again.text("status") != "needs_review" {
			t.Errorf("%s\nasked again: %d %s", end.Body, again.Status, again.Body)
		}
		if view := c.get(t, "/payments/"+p.id); view.text("reservedAmount") != "10.00" || view.text("refundableAmount") != "90.00" {
			t.Errorf("the payment: %s", view.Body)
		}
		checkCount(t, c, p, 0, 1)
		decided := c.post(t, "/operations/"+id+"/resolution", "", `{"decision":"not_executed","reason":"not in the panel","by":"ops-1"}`)
		if decided.Status != http.StatusOK || decided.text("status") != "not_executed" {
			t.Errorf("decided: %d %s", decided.Status, decided.Body)
		}
	})
}
