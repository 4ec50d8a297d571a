package api

import "net/http"

// ShopOrigin is the one origin in RETURN_URL_ORIGINS of every system of the suite.
const ShopOrigin = "https://shop.example"

// PublicURL is PUBLIC_BASE_URL where a system's own address is not known before it starts.
const PublicURL = "http://127.0.0.1:18080"

const (
	balancePath = "/payment/refund-to-balance/init"
	aBalance    = `{"paymentId":"{payment}","destination":"balance"}`
)

// toBalance are refunds to balance as far as no browser is needed: the rules, replays, and what is in the way of what.
func toBalance() []scenario {
	three := payment{lines: []string{"100.00", "60.00", "33.33333333"}}
	noKey := http.Header{"Content-Type": {"application/json"}}
	open := map[string]string{
		"kind": "balance_refund", "status": "awaiting_customer", "destination": "balance", "redirectUrl": "*", "amount": "100.00",
		"refundedAmount": "0.00", "legs.#": "1", "legs.0.status": "awaiting_customer", "settledAt": "", "paymentTransactionId": "", "error": "",
	}
	away := func(url string) step {
		return step{path: "/refunds", body: `{"paymentId":"{payment}","destination":"balance","returnUrl":"` + url + `"}`,
			status: badRequest, slug: invalid, fields: []string{"returnUrl"}}
	}
	all := []scenario{
		{name: "a refund to balance, again, read, and in the way of everything", operations: 1, steps: []step{
			{path: "/refunds", body: aBalance, status: 201, sends: 1, want: open},
			{path: "/refunds", body: aBalance, status: 200, replayed: true, want: open},
			{path: "/refunds", body: `{"paymentId":"{payment}","destination":"balance","locale":"en","ip":"1.2.3.4"}`, status: 200, replayed: true, want: open},
			{path: "/refunds", body: `{"paymentId":"{payment}","destination":"balance","returnUrl":"` + ShopOrigin + `/"}`, status: 200, replayed: true, want: open},
			{path: "/refunds", body: fullBody, status: ruled, slug: "idempotency-key-reused", replayed: true},
			{path: "/refunds/{op1}", status: 200, want: map[string]string{"kind": "balance_refund", "status": "awaiting_customer"}},
			{path: "/cancels/{op1}", status: 404, slug: "not-found"},
			{path: "/refunds", key: "r", body: aRefund, status: ruled, slug: "not-refundable", want: map[string]string{"operationId": "{op1}"}},
			{path: "/refunds", key: "f", body: fullBody, status: ruled, slug: "not-refundable", want: map[string]string{"operationId": "{op1}"}},
			{path: "/refunds", key: "b", body: aBalance, status: ruled, slug: "not-refundable", want: map[string]string{"operationId": "{op1}"}},
			{path: "/cancels", key: "c", body: aCancel, status: ruled, slug: "not-cancellable", want: map[string]string{"operationId": "{op1}"}},
			{path: "/payments/{payment}", status: 200, want: map[string]string{
				"reservedAmount": "100.00", "refundableAmount": "0.00", "refundedAmount": "0.00", "status": "paid", "operations.0.redirectUrl": "",
			}},
			{path: "/operations/{op1}/check", method: http.MethodPost, status: 200, want: map[string]string{"status": "awaiting_customer"}},
			{path: "/operations/{op1}/resolution", body: `{"decision":"not_executed","reason":"gave up","by":"op-1"}`, status: 200,
				want: map[string]string{"status": "expired", "redirectUrl": "", "settledAt": "*"}},
			{path: "/operations/{op1}/resolution", body: `{"decision":"not_executed","reason":"gave up","by":"op-1"}`, status: 200, want: map[string]string{"status": "expired"}},
			{path: "/refunds", body: aBalance, status: ruled, slug: "not-executed", replayed: true, want: map[string]string{"operation.status": "expired"}},
			{path: "/payments/{payment}", status: 200, want: map[string]string{"reservedAmount": "0.00", "refundableAmount": "100.00"}},
		}},
		{name: "a refund to balance of a whole order", payment: three, operations: 1, steps: []step{
			{path: "/refunds", body: `{"paymentId":"{payment}","destination":"balance","reason":"buyer_request","reference":"r","returnUrl":"` + ShopOrigin + `/back?a=1#b"}`,
				status: 201, sends: 1, want: map[string]string{
					"amount": "193.33", "reason": "BUYER_REQUEST", "reference": "r", "returnUrl": ShopOrigin + "/back?a=1#b", "legs.0.amount": "193.33",
				}},
		}},
		{name: "a preview of a refund to balance", steps: []step{
			{path: "/refunds/preview", header: noKey, body: `{"paymentId":"{payment}","destination":"balance"}`, status: 200,
				want: map[string]string{"legs.#": "1", "legs.0.amount": "100.00", "refundable": "100.00", "redirectUrl": ""}},
		}},
		{name: "no refund to balance after a refund", moved: []string{"refund {line1} 10.00"}, operations: 1, steps: []step{
			{path: "/refunds", key: "r", body: aRefund, status: 201, sends: 1},
			{path: "/refunds", body: aBalance, status: ruled, slug: "not-refundable", want: map[string]string{"operationId": "{op1}"}},
			{path: "/refunds/preview", header: noKey, body: `{"paymentId":"{payment}","destination":"balance"}`, status: ruled, slug: "not-refundable"},
		}},
		{name: "no refund to balance after a cancel", moved: []string{"cancel 100.00"}, operations: 1, steps: []step{
			{path: "/cancels", key: "c", body: aCancel, status: 201, sends: 1},
			{path: "/refunds", body: aBalance, status: ruled, slug: "not-refundable", want: map[string]string{"operationId": "{op1}"}},
		}},
		{name: "no refund to balance after one in iyzico's panel", moved: []string{"refund {line1} 5.00"}, steps: []step{
			{before: panelRefund("5.00"), path: "/refunds", body: aBalance, status: ruled, slug: "not-refundable", want: map[string]string{"operationId": ""}},
		}},
		{name: "no refund to balance of what was not paid", payment: payment{status: number(2)}, steps: []step{
			{path: "/refunds", body: aBalance, status: ruled, slug: "not-refundable"},
		}},
		{name: "no refund to balance after 365 days", payment: payment{age: 400 * aDay}, steps: []step{
			{path: "/refunds", body: aBalance, status: ruled, slug: "not-refundable"},
		}},
		{name: "a refund to balance in another currency", steps: []step{
			{path: "/refunds", body: `{"paymentId":"{payment}","destination":"balance","currency":"EUR"}`, status: ruled, slug: "currency-mismatch"},
		}},
		{name: "a refund to balance of a payment that iyzico does not know", unknown: true, steps: []step{
			{path: "/refunds", body: aBalance, status: 404, slug: "not-found"},
		}},
	}
	redirects := scenario{name: "a returnUrl that is not of the shop's origin"}
	for _, url := range []string{
		"//evil.example", "https://evil.example/", ShopOrigin + "@evil.example/", ShopOrigin + ":8443/", "http://shop.example/",
		"HTTPS://shop.example/", "https://SHOP.example/", ShopOrigin + "./", ShopOrigin + ".evil.example/", ShopOrigin + "\\\\evil.example",
	} {
		redirects.steps = append(redirects.steps, away(url))
	}
	return append(all, redirects)
}
