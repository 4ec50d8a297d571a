package api

import (
	"net/http"
	"testing"
)

// refunds that go through, with everything that the resource and the payment then show.
func refunds() []scenario {
	whole := map[string]string{
		"id": "*", "kind": "refund", "status": "succeeded", "paymentId": "{payment}", "paymentTransactionId": "{line1}", "amount": "10.50",
		"refundedAmount": "10.50", "currency": "TRY", "destination": "card", "reason": "BUYER_REQUEST", "reference": "iade-ığüşöç 4711",
		"legs.#": "1", "legs.0.paymentTransactionId": "{line1}", "legs.0.amount": "10.50", "legs.0.status": "succeeded",
		"legs.0.conversationId": "*", "legs.0.iyzico.signatureVerified": "true", "iyzico.authCode": "*", "iyzico.hostReference": "*",
		"iyzico.refundHostReference": "*", "iyzico.signatureVerified": "true", "error": "", "createdAt": "*", "updatedAt": "*", "settledAt": "*",
		"redirectUrl": "", "returnUrl": "", "paymentStatus": "", "fraudStatus": "", "price": "", "paidPrice": "", "lines": "",
		"description": "", "ip": "", "locale": "", "idempotencyKey": "",
	}
	return []scenario{
		{name: "refund of a part of a line", moved: []string{"refund {line1} 10.50"}, operations: 1, steps: []step{
			{path: "/refunds", body: `{"paymentId":"{payment}","paymentTransactionId":"{line1}","amount":"10.5","currency":"TRY","destination":"card",
				"reason":"buyer_request","description":"too small","ip":"2001:db8::1","locale":"en","reference":"iade-ığüşöç 4711"}`,
				status: http.StatusCreated, sends: 1, want: whole},
			{path: "/refunds/{op}", status: 200, want: whole},
			{path: "/payments/{payment}", status: 200, want: map[string]string{
				"paymentId": "{payment}", "currency": "TRY", "status": "partially_refunded", "paidAmount": "100.00", "refundedAmount": "10.50",
				"reservedAmount": "0.00", "refundableAmount": "89.50", "paidAt": "*", "lines.#": "1", "lines.0.paymentTransactionId": "{line1}",
				"lines.0.itemId": "*", "lines.0.paidAmount": "100.00", "lines.0.refundedAmount": "10.50", "lines.0.reservedAmount": "0.00",
				"lines.0.refundableAmount": "89.50", "operations.#": "1", "operations.0.id": "{op}", "operations.0.status": "succeeded", "nextCursor": "",
			}},
		}},
		{name: "refund of a payment with one line needs no line", moved: []string{"refund {line1} 0.01"}, operations: 1, steps: []step{
			{path: "/refunds", body: `{"paymentId":"{payment}","amount":0.01}`, status: 201, sends: 1, want: map[string]string{
				"paymentTransactionId": "{line1}", "amount": "0.01", "destination": "card", "reason": "", "reference": "",
			}},
		}},
		{name: "refund of all of one line", moved: []string{"refund {line1} 100.00"}, operations: 1, steps: []step{
			{path: "/refunds", body: fullBody, status: 201, sends: 1, want: map[string]string{"amount": "100.00", "refundedAmount": "100.00"}},
		}},
		{name: "refund in euros", payment: payment{currency: "EUR", lines: []string{"80.00"}}, moved: []string{"refund {line1} 80.00"}, operations: 1, steps: []step{
			{path: "/refunds", body: `{"paymentId":"{payment}","amount":"80","currency":"EUR"}`, status: 201, sends: 1, want: map[string]string{"currency": "EUR", "amount": "80.00"}},
			{path: "/payments/{payment}", status: 200, want: map[string]string{"currency": "EUR", "status": "refunded"}},
		}},
		{name: "refund of a line paid below the minor unit", payment: payment{lines: []string{"33.33333333", "66.66666667"}}, operations: 2,
			moved: []string{"refund {line1} 33.33", "refund 66.67"}, steps: []step{
				{path: "/payments/{payment}", status: 200, want: map[string]string{
					"paidAmount": "100.00", "refundableAmount": "100.00", "lines.0.paidAmount": "33.33", "lines.0.refundableAmount": "33.33", "lines.1.refundableAmount": "66.66",
				}},
				{path: "/refunds", key: "a", body: `{"paymentId":"{payment}","paymentTransactionId":"{line1}","full":true}`, status: 201, sends: 1, want: map[string]string{"amount": "33.33"}},
				{path: "/refunds", key: "b", body: fullBody, status: 201, sends: 1, want: map[string]string{"amount": "66.67", "refundedAmount": "66.67", "legs.#": "1"}},
				{path: "/payments/{payment}", status: 200, want: map[string]string{"status": "refunded", "refundableAmount": "0.00", "reservedAmount": "0.00", "refundedAmount": "100.00"}},
			}},
		{name: "a price that is not the paid price", payment: payment{lines: []string{"0.36", "0.84"}}, moved: []string{"refund {line1} 0.36"}, operations: 1, steps: []step{
			{path: "/refunds", body: `{"paymentId":"{payment}","paymentTransactionId":"{line1}","full":true}`, status: 201, sends: 1, want: map[string]string{"amount": "0.36"}},
		}},
	}
}

// allocations: how an amount without a line spreads over several.
func allocations() []scenario {
	three := payment{lines: []string{"100.00", "60.00", "40.00"}}
	thirds := payment{lines: []string{"33.33333333", "33.33333333", "33.33333334"}}
	spread := func(amount, allocation string) string {
		return `{"paymentId":"{payment}","amount":"` + amount + `","allocation":"` + allocation + `"}`
	}
	return []scenario{
		{name: "proportional", payment: three, moved: []string{"refund {line1} 25.00", "refund {line2} 15.00", "refund {line3} 10.00"}, operations: 1, steps: []step{
			{path: "/refunds", body: spread("50", "proportional"), status: 201, sends: 3, want: map[string]string{
				"status": "succeeded", "amount": "50.00", "refundedAmount": "50.00", "paymentTransactionId": "", "iyzico": "", "legs.#": "3",
				"legs.0.conversationId": "{op}-1", "legs.1.conversationId": "{op}-2", "legs.2.conversationId": "{op}-3",
				"legs.0.status": "succeeded", "legs.1.status": "succeeded", "legs.2.status": "succeeded", "legs.2.iyzico.signatureVerified": "true",
			}},
			{path: "/payments/{payment}", status: 200, want: map[string]string{"refundableAmount": "150.00", "lines.0.refundableAmount": "75.00", "lines.1.refundableAmount": "45.00", "lines.2.refundableAmount": "30.00"}},
		}},
		{name: "proportional with a rest", payment: thirds, moved: []string{"refund {line1} 3.34", "refund {line2} 3.33", "refund {line3} 3.33"}, operations: 1, steps: []step{
			{path: "/refunds", body: spread("10", "proportional"), status: 201, sends: 3},
		}},
		{name: "proportional by what is refundable now", payment: three, moved: []string{"refund {line1} 100.00", "refund {line2} 6.00", "refund {line3} 4.00"}, operations: 2, steps: []step{
			{path: "/refunds", key: "a", body: `{"paymentId":"{payment}","paymentTransactionId":"{line1}","full":true}`, status: 201, sends: 1},
			{path: "/refunds", key: "b", body: spread("10", "proportional"), status: 201, sends: 2, want: map[string]string{"legs.#": "2", "legs.0.paymentTransactionId": "{line2}"}},
		}},
		{name: "proportional drops legs of nothing", payment: three, moved: []string{"refund {line1} 0.01"}, operations: 1, steps: []step{
			{path: "/refunds", body: spread("0.01", "proportional"), status: 201, sends: 1, want: map[string]string{"legs.#": "1"}},
		}},
		{name: "in order", payment: three, moved: []string{"refund {line1} 100.00", "refund {line2} 20.00"}, operations: 1, steps: []step{
			{path: "/refunds", body: spread("120", "in_order"), status: 201, sends: 2, want: map[string]string{"legs.#": "2", "legs.1.amount": "20.00", "amount": "120.00"}},
		}},
		{name: "all of three lines", payment: three, moved: []string{"refund {line1} 100.00", "refund {line2} 60.00", "refund {line3} 40.00"}, operations: 1, steps: []step{
			{path: "/refunds", body: fullBody, status: 201, sends: 3, want: map[string]string{"amount": "200.00", "refundedAmount": "200.00", "legs.#": "3", "status": "succeeded"}},
			{path: "/refunds", body: fullBody, status: 200, replayed: true, want: map[string]string{"id": "{op}", "amount": "200.00"}},
			{path: "/payments/{payment}", status: 200, want: map[string]string{"status": "refunded"}},
		}},
		{name: "all of thirds on the payment's day", payment: thirds, moved: []string{"cancel 100.00"}, operations: 1, steps: []step{
			{path: "/refunds/preview", body: fullBody, status: 200, want: map[string]string{"amount": "100.00", "iyzicoCalls": "1", "legs.#": "1", "legs.0.paymentTransactionId": ""}},
			{path: "/refunds", body: fullBody, status: 201, sends: 1, want: map[string]string{"amount": "100.00", "refundedAmount": "100.00", "status": "succeeded"}},
			{path: "/payments/{payment}", status: 200, want: map[string]string{"status": "refunded", "refundableAmount": "0.00"}},
		}},
		{name: "all of thirds", payment: payment{lines: thirds.lines, age: 3 * aDay}, moved: []string{"refund 100.00"}, operations: 1, steps: []step{
			{path: "/refunds", body: fullBody, status: 201, sends: 1, want: map[string]string{"amount": "100.00", "refundedAmount": "100.00", "customerReference": "*"}},
			{path: "/payments/{payment}", status: 200, want: map[string]string{"status": "refunded", "paidAmount": "100.00", "refundableAmount": "0.00"}},
		}},
		{name: "allocation on one line changes nothing", moved: []string{"refund {line1} 10.00", "refund {line1} 5.00"}, operations: 2, steps: []step{
			{path: "/refunds", key: "a", body: spread("10", "proportional"), status: 201, sends: 1, want: map[string]string{"paymentTransactionId": "{line1}"}},
			{path: "/refunds", key: "b", body: spread("5", "in_order"), status: 201, sends: 1, want: map[string]string{"paymentTransactionId": "{line1}"}},
		}},
		{name: "v2: iyzico chooses the line", payment: three, moved: []string{"refund 150.00"}, operations: 1, steps: []step{
			{path: "/refunds", body: spread("150", "iyzico"), status: 201, sends: 1, want: map[string]string{
				"status": "succeeded", "amount": "150.00", "refundedAmount": "150.00", "legs.#": "1", "legs.0.amount": "150.00", "iyzico.signatureVerified": "true",
			}},
			{path: "/refunds", body: spread("150", "iyzico"), status: 200, replayed: true},
			{path: "/refunds", key: "b", body: spread("50.01", "in_order"), status: ruled, slug: "exceeds-refundable", want: map[string]string{"refundable": "*"}},
		}},
		{name: "v2 on one line", moved: []string{"refund {line1} 10.00"}, operations: 1, steps: []step{
			{path: "/refunds", body: spread("10", "iyzico"), status: 201, sends: 1},
			{path: "/payments/{payment}", status: 200, want: map[string]string{"refundedAmount": "10.00", "refundableAmount": "90.00"}},
		}},
	}
}

// cancels that go through.
func cancels() []scenario {
	three := payment{lines: []string{"100.00", "60.00", "40.00"}}
	whole := map[string]string{
		"id": "*", "kind": "cancel", "status": "succeeded", "paymentId": "{payment}", "paymentTransactionId": "", "amount": "200.00",
		"refundedAmount": "200.00", "currency": "TRY", "destination": "", "reason": "OTHER", "reference": "ref", "legs.#": "1",
		"legs.0.amount": "200.00", "legs.0.status": "succeeded", "legs.0.conversationId": "*", "iyzico.cancelHostReference": "*", "settledAt": "*", "error": "",
	}
	return []scenario{
		{name: "cancel", payment: three, moved: []string{"cancel 200.00"}, operations: 1, steps: []step{
			{path: "/cancels", body: `{"paymentId":"{payment}","reason":"other","description":"twice","ip":"192.0.2.7","locale":"tr","reference":"ref"}`, status: 201, sends: 1, want: whole},
			{path: "/cancels/{op}", status: 200, want: whole},
			{path: "/cancels", body: `{"paymentId":"{payment}","reason":"OTHER","description":"twice","reference":"ref"}`, status: 200, replayed: true, want: whole},
			{path: "/payments/{payment}", status: 200, want: map[string]string{"status": "cancelled", "lines.2.refundableAmount": "0.00", "operations.0.kind": "cancel"}},
		}},
	}
}

// replays: the key, the fingerprint, and what binds them.
func replays() []scenario {
	const shop = `{"paymentId":"{payment}","amount":"10.5","reason":"OTHER","description":"d","reference":"r","ip":"192.0.2.1"}`
	same := func(body string) step {
		return step{path: "/refunds", body: body, status: 200, replayed: true, want: map[string]string{"id": "{op1}", "status": "succeeded"}}
	}
	other := func(path, body string) step {
		return step{path: path, body: body, status: ruled, slug: "idempotency-key-reused", replayed: true, want: map[string]string{"operation.id": "{op1}", "operation.status": "succeeded"}}
	}
	quoted := http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {`"key-1"`}}
	return []scenario{
		{name: "the same request again", moved: []string{"refund {line1} 10.50"}, operations: 1, steps: []step{
			{path: "/refunds", body: shop, status: 201, sends: 1},
			same(shop),
			same(`{ "reference":"r", "amount":10.50, "description":"d", "reason":"other", "paymentId":"{payment}" }`),
			same(`{"paymentId":"{payment}","amount":"10.5000","reason":"OTHER","description":"d","reference":"r","ip":"2001:db8::7","locale":"en"}`),
			same(`{"paymentId":"{payment}","amount":"10.5","reason":"OTHER","description":"d","reference":"r","destination":"card","full":false}`),
			{path: "/refunds", header: quoted, body: shop, status: 200, replayed: true, want: map[string]string{"id": "{op1}"}},
			other("/refunds", `{"paymentId":"{payment}","amount":"10.51","reason":"OTHER","description":"d","reference":"r"}`),
			other("/refunds", `{"paymentId":"{payment}","full":true,"reason":"OTHER","description":"d","reference":"r"}`),
			same(`{"paymentId":"{payment}","amount":"10.5"}`),
			same(`{"paymentId":"{payment}","amount":"10.5","reason":"FRAUD","description":"e","reference":"s"}`),
			same(`{"paymentId":"{payment}","amount":"10.5","currency":"TRY"}`),
			same(`{"paymentId":"{payment}","amount":"10.5","paymentTransactionId":"{line1}"}`),
			same(`{"paymentId":"{payment}","amount":"10.5","allocation":"in_order"}`),
			other("/refunds", `{"paymentId":"{payment}","amount":"10.5","currency":"EUR"}`),
			other("/refunds", `{"paymentId":"{payment}","amount":"10.5","paymentTransactionId":"7"}`),
			other("/refunds", `{"paymentId":"{payment}","amount":"10.5","allocation":"iyzico"}`),
			other("/cancels", `{"paymentId":"{payment}","reason":"OTHER","description":"d","reference":"r"}`),
		}},
		{name: "the same key for a refund after a cancel", moved: []string{"cancel 100.00"}, operations: 1, steps: []step{
			{path: "/cancels", body: aCancel, status: 201, sends: 1},
			{path: "/cancels", body: aCancel, status: 200, replayed: true},
			other("/refunds", aRefund),
			{path: "/cancels", body: `{"paymentId":"{payment}","reference":"r"}`, status: 200, replayed: true},
		}},
		{name: "the same key on another payment", moved: []string{"refund {line1} 10.00"}, operations: 1, steps: []step{
			{path: "/refunds", body: aRefund, status: 201, sends: 1},
			{path: "/refunds", body: `{"paymentId":"{other}","amount":"10"}`, status: 201, want: map[string]string{"paymentId": "{other}"}},
			{path: "/refunds/{op1}", status: 200, want: map[string]string{"paymentId": "{payment}"}},
		}},
		{name: "keys that differ in case are two", moved: []string{"refund {line1} 10.00", "refund {line1} 10.00"}, operations: 2, steps: []step{
			{path: "/refunds", key: "key", body: aRefund, status: 201, sends: 1},
			{path: "/refunds", key: "KEY", body: aRefund, status: 201, sends: 1},
		}},
		{name: "a key of 255 odd characters", moved: []string{"refund {line1} 10.00"}, operations: 1, steps: []step{
			{path: "/refunds", key: oddKey(), body: aRefund, status: 201, sends: 1},
			{path: "/refunds", key: oddKey(), body: aRefund, status: 200, replayed: true},
		}},
		{name: "what was refused binds no key", moved: []string{"refund {line1} 10.00"}, operations: 1, steps: []step{
			{path: "/refunds", body: `{"paymentId":"{payment}","amount":"-1"}`, status: badRequest, slug: invalid, fields: []string{"amount"}},
			{path: "/refunds", body: `{"paymentId":"{payment}","amount":"500"}`, status: ruled, slug: "exceeds-refundable"},
			{path: "/refunds", body: `{"paymentId":"{payment}","amount":"1","currency":"EUR"}`, status: ruled, slug: "currency-mismatch"},
			{path: "/refunds", body: aRefund, status: 201, sends: 1},
		}},
	}
}

// oddKey is the longest key, with every visible character but the comma.
func oddKey() string {
	var key []byte
	for len(key) < 255 {
		for c := byte('!'); c <= '~' && len(key) < 255; c++ {
			if c != ',' {
				key = append(key, c)
			}
		}
	}
	return string(key)
}

// panelRefund is the merchant refunding a part of the first line in iyzico's own panel.
func panelRefund(price string) func(*testing.T, *client, known) {
	return func(t *testing.T, c *client, p known) {
		t.Helper()
		c.fake.panelRefund(t, p.lines[0], price)
	}
}

// foreignRefunds: what the merchant refunded in iyzico's own panel is seen, shown and respected.
func foreignRefunds() []scenario {
	panel := panelRefund
	return []scenario{
		{name: "a panel refund before the first contact", moved: []string{"refund {line1} 30.00", "refund {line1} 70.00"}, operations: 1, steps: []step{
			{before: panel("30.00"), path: "/payments/{payment}", status: 200, want: map[string]string{"status": "partially_refunded", "refundedAmount": "30.00", "refundableAmount": "70.00"}},
			{path: "/refunds", body: `{"paymentId":"{payment}","amount":"70.01"}`, status: ruled, slug: "exceeds-refundable", want: map[string]string{"refundable": "70.00"}},
			{path: "/cancels", key: "c", body: aCancel, status: ruled, slug: "not-cancellable", want: map[string]string{"operationId": ""}},
			{path: "/refunds", body: fullBody, status: 201, sends: 1, want: map[string]string{"amount": "70.00"}},
		}},
		{name: "a panel refund later is seen before a full refund", moved: []string{"refund {line1} 10.00", "refund {line1} 30.00", "refund {line1} 60.00"}, operations: 2, steps: []step{
			{path: "/refunds", key: "a", body: aRefund, status: 201, sends: 1},
			{before: panel("30.00"), path: "/payments/{payment}", status: 200, want: map[string]string{"refundableAmount": "90.00"}},
			{path: "/refunds", key: "b", body: fullBody, status: 201, sends: 1, want: map[string]string{"amount": "60.00"}},
			{path: "/payments/{payment}", status: 200, want: map[string]string{"refundableAmount": "0.00", "refundedAmount": "100.00", "status": "refunded"}},
		}},
		{name: "a panel refund later is seen before a cancel", moved: []string{"refund {line1} 30.00"}, steps: []step{
			{before: panel("30.00"), path: "/cancels", body: aCancel, status: ruled, slug: "not-cancellable"},
		}},
	}
}
