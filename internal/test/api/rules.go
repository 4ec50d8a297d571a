package api

import (
	"net/http"
	"strings"
	"time"
)

const (
	aDay     = 24 * time.Hour
	aRefund  = `{"paymentId":"{payment}","amount":"10"}`
	aCancel  = `{"paymentId":"{payment}"}`
	fullBody = `{"paymentId":"{payment}","full":true}`
)

func number(n int) *int { return &n }

// ruledOut is a case of one good request that a rule refuses before anything is sent.
func ruledOut(name string, p payment, path, body, slug string, want map[string]string) scenario {
	return scenario{name: name, payment: p, steps: []step{{path: path, body: body, status: ruled, slug: slug, want: want}}}
}

// rules: every rule, each refused before sending, with the members that it promises.
func rules() []scenario {
	notPaid := payment{status: number(2)}
	inReview := payment{fraud: number(0)}
	hold := payment{phase: "PRE_AUTH"}
	old := payment{age: 400 * aDay}
	threeLines := payment{lines: []string{"100.00", "60.00", "40.00"}}
	nothingInTheWay := map[string]string{"operationId": "", "operation": "", "refundable": "", "lines": ""}
	lines := map[string]string{
		"lines.#": "3", "lines.0.paymentTransactionId": "{line1}", "lines.0.paidAmount": "100.00", "lines.0.refundedAmount": "0.00",
		"lines.0.reservedAmount": "0.00", "lines.0.refundableAmount": "100.00", "lines.1.refundableAmount": "60.00",
		"lines.2.paymentTransactionId": "{line3}", "lines.2.refundableAmount": "40.00",
	}
	var all []scenario
	for what, p := range map[string]payment{"not paid": notPaid, "in review": inReview, "rejected by the fraud filter": {fraud: number(-1)}} {
		all = append(all,
			ruledOut("refund of a payment "+what, p, "/refunds", aRefund, "not-refundable", nothingInTheWay),
			ruledOut("cancel of a payment "+what, p, "/cancels", aCancel, "not-cancellable", nothingInTheWay),
		)
	}
	all = append(all,
		ruledOut("refund of a hold that was not captured", hold, "/refunds", aRefund, "not-refundable", nothingInTheWay),
		ruledOut("refund of a payment older than 365 days", old, "/refunds", aRefund, "not-refundable", nothingInTheWay),
		ruledOut("refund of all of a payment older than 365 days", old, "/refunds", fullBody, "not-refundable", nothingInTheWay),
		ruledOut("cancel on another day", payment{age: 3 * aDay}, "/cancels", aCancel, "not-cancellable", nothingInTheWay),
		ruledOut("refund of more than was paid", payment{}, "/refunds", `{"paymentId":"{payment}","amount":"100.01"}`, "exceeds-refundable",
			map[string]string{"refundable": "100.00", "operation": ""}),
		ruledOut("refund of a huge amount", payment{}, "/refunds", `{"paymentId":"{payment}","amount":999999999999.99}`, "exceeds-refundable",
			map[string]string{"refundable": "100.00"}),
		ruledOut("refund of more than a line", threeLines, "/refunds", `{"paymentId":"{payment}","paymentTransactionId":"{line3}","amount":"40.01"}`,
			"exceeds-refundable", map[string]string{"refundable": "40.00"}),
		ruledOut("spread of more than the payment", threeLines, "/refunds", `{"paymentId":"{payment}","amount":"200.01","allocation":"proportional"}`,
			"exceeds-refundable", map[string]string{"refundable": "200.00"}),
		ruledOut("v2 refund of more than the payment", threeLines, "/refunds", `{"paymentId":"{payment}","amount":"200.01","allocation":"iyzico"}`,
			"exceeds-refundable", map[string]string{"refundable": "200.00"}),
		ruledOut("refund of what is below the minor unit", payment{lines: []string{"33.33333333"}}, "/refunds", `{"paymentId":"{payment}","amount":"33.34"}`,
			"exceeds-refundable", map[string]string{"refundable": "33.33"}),
		ruledOut("refund of an unknown line", payment{}, "/refunds", `{"paymentId":"{payment}","paymentTransactionId":"1","amount":"1"}`, "line-not-found", nothingInTheWay),
		ruledOut("refund of another payment's line", payment{}, "/refunds", `{"paymentId":"{payment}","paymentTransactionId":"{otherLine}","amount":"1"}`,
			"line-not-found", nothingInTheWay),
		ruledOut("refund of all of another payment's line", payment{}, "/refunds", `{"paymentId":"{payment}","paymentTransactionId":"{otherLine}","full":true}`,
			"line-not-found", nothingInTheWay),
		ruledOut("refund in another currency", payment{}, "/refunds", `{"paymentId":"{payment}","amount":"1","currency":"EUR"}`, "currency-mismatch", nothingInTheWay),
		ruledOut("refund of all in another currency", payment{currency: "EUR"}, "/refunds", `{"paymentId":"{payment}","full":true,"currency":"TRY"}`, "currency-mismatch", nothingInTheWay),
		ruledOut("an amount on three lines", threeLines, "/refunds", aRefund, "allocation-required", lines),
		scenario{name: "refund of a payment that iyzico does not know", unknown: true, steps: []step{
			{path: "/refunds", body: aRefund, status: http.StatusNotFound, slug: "not-found"},
			{path: "/refunds", body: aRefund, status: http.StatusNotFound, slug: "not-found"},
		}},
		scenario{name: "cancel of a payment that iyzico does not know", unknown: true, steps: []step{
			{path: "/cancels", body: aCancel, status: http.StatusNotFound, slug: "not-found"},
			{path: "/payments/{payment}", status: http.StatusNotFound, slug: "not-found"},
		}},
		scenario{name: "refund after a cancel", moved: []string{"cancel 100.00"}, operations: 1, steps: []step{
			{path: "/cancels", key: "c", body: aCancel, status: http.StatusCreated, sends: 1},
			{path: "/refunds", key: "r", body: aRefund, status: ruled, slug: "not-refundable"},
			{path: "/refunds", key: "f", body: fullBody, status: ruled, slug: "not-refundable"},
			{path: "/cancels", key: "d", body: aCancel, status: ruled, slug: "not-cancellable"},
			{path: "/payments/{payment}", status: http.StatusOK, want: map[string]string{
				"status": "cancelled", "refundableAmount": "0.00", "reservedAmount": "0.00", "refundedAmount": "100.00", "lines.0.refundableAmount": "0.00",
			}},
		}},
		scenario{name: "cancel after a refund", moved: []string{"refund {line1} 10.00"}, operations: 1, steps: []step{
			{path: "/refunds", key: "r", body: aRefund, status: http.StatusCreated, sends: 1},
			{path: "/cancels", key: "c", body: aCancel, status: ruled, slug: "not-cancellable", want: map[string]string{"operationId": "{op1}"}},
		}},
		scenario{name: "refunds until nothing is left", moved: []string{"refund {line1} 10.00", "refund {line1} 90.00"}, operations: 2, steps: []step{
			{path: "/refunds", key: "a", body: aRefund, status: http.StatusCreated, sends: 1},
			{path: "/refunds", key: "b", body: `{"paymentId":"{payment}","amount":"90.01"}`, status: ruled, slug: "exceeds-refundable", want: map[string]string{"refundable": "90.00"}},
			{path: "/refunds", key: "c", body: fullBody, status: http.StatusCreated, sends: 1, want: map[string]string{"amount": "90.00", "refundedAmount": "90.00"}},
			{path: "/refunds", key: "d", body: fullBody, status: ruled, slug: "exceeds-refundable", want: map[string]string{"refundable": "0.00"}},
			{path: "/refunds", key: "e", body: `{"paymentId":"{payment}","amount":"0.01"}`, status: ruled, slug: "exceeds-refundable", want: map[string]string{"refundable": "0.00"}},
			{path: "/payments/{payment}", status: http.StatusOK, want: map[string]string{"status": "refunded", "refundableAmount": "0.00", "refundedAmount": "100.00"}},
		}},
		scenario{name: "refund of a payment 364 days old", payment: payment{age: 364 * aDay}, moved: []string{"refund {line1} 10.00"}, operations: 1, steps: []step{
			{path: "/refunds", body: aRefund, status: http.StatusCreated, sends: 1},
		}},
		scenario{name: "cancel of a hold that was not captured", payment: hold, moved: []string{"cancel 100.00"}, operations: 1, steps: []step{
			{path: "/cancels", body: aCancel, status: http.StatusCreated, sends: 1},
		}},
	)
	return all
}

// order: 415, 413, 400, replay or key reused, 404, other 422. 429 and 503 come last in groups of their own.
func order() []scenario {
	large := strings.Repeat(" ", 65<<10)
	text := http.Header{"Content-Type": {"text/plain"}}
	json := http.Header{"Content-Type": {"application/json"}}
	return []scenario{
		{name: "415 before 413", steps: []step{{path: "/refunds", header: text, body: large, status: 415, slug: "unsupported-media-type"}}},
		{name: "413 before 400", steps: []step{{path: "/refunds", header: json, body: large, status: 413, slug: "content-too-large"}}},
		{name: "400 before 404", unknown: true, steps: []step{
			{path: "/refunds", body: `{"paymentId":"{payment}","amount":"-1"}`, status: badRequest, slug: invalid, fields: []string{"amount"}},
			{path: "/cancels", header: json, body: aCancel, status: badRequest, slug: invalid, fields: []string{"Idempotency-Key"}},
		}},
		{name: "404 before other 422", unknown: true, steps: []step{
			{path: "/refunds", body: `{"paymentId":"{payment}","paymentTransactionId":"7","amount":"1","currency":"EUR"}`, status: 404, slug: "not-found"},
		}},
		{name: "400, then replay and key reused, before other 422", moved: []string{"refund {line1} 100.00"}, operations: 1, steps: []step{
			{path: "/refunds", body: `{"paymentId":"{payment}","amount":"100"}`, status: 201, sends: 1},
			{path: "/refunds", body: `{"paymentId":"{payment}","amount":"-1"}`, status: badRequest, slug: invalid, fields: []string{"amount"}},
			{path: "/refunds", body: `{"paymentId":"{payment}","amount":"100"}`, status: 200, replayed: true},
			{path: "/refunds", body: `{"paymentId":"{payment}","amount":"500"}`, status: ruled, slug: "idempotency-key-reused", replayed: true},
			{path: "/refunds", body: `{"paymentId":"{payment}","amount":"1","currency":"EUR","paymentTransactionId":"7"}`, status: ruled, slug: "idempotency-key-reused", replayed: true},
			{path: "/cancels", body: aCancel, status: ruled, slug: "idempotency-key-reused", replayed: true},
		}},
	}
}

// previews answer what would happen and do nothing.
func previews() []scenario {
	three := payment{lines: []string{"100.00", "60.00", "40.00"}}
	what := func(members string) string { return `{"paymentId":"{payment}",` + members + `}` }
	noKey := http.Header{"Content-Type": {"application/json"}}
	twoKeys := http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {"a", "b,c"}}
	return []scenario{
		{name: "preview of a part", steps: []step{{path: "/refunds/preview", header: noKey, body: what(`"amount":"10.5"`), status: 200, want: map[string]string{
			"refundable": "100.00", "amount": "10.50", "iyzicoCalls": "1", "legs.#": "1", "legs.0.paymentTransactionId": "{line1}", "legs.0.amount": "10.50", "legs.0.status": "", "id": "",
		}}}},
		{name: "preview of a whole order", payment: three, steps: []step{{path: "/refunds/preview", header: noKey, body: what(`"full":true`), status: 200, want: map[string]string{
			"refundable": "200.00", "amount": "200.00", "iyzicoCalls": "3", "legs.#": "3", "legs.0.amount": "100.00", "legs.1.amount": "60.00", "legs.2.paymentTransactionId": "{line3}", "legs.2.amount": "40.00",
		}}}},
		{name: "preview of one line", payment: three, steps: []step{{path: "/refunds/preview", header: noKey, body: what(`"full":true,"paymentTransactionId":"{line2}"`), status: 200, want: map[string]string{
			"refundable": "60.00", "legs.#": "1", "legs.0.paymentTransactionId": "{line2}", "legs.0.amount": "60.00",
		}}}},
		{name: "preview of v2", payment: three, steps: []step{{path: "/refunds/preview", header: noKey, body: what(`"amount":"150","allocation":"iyzico"`), status: 200, want: map[string]string{
			"refundable": "200.00", "legs.#": "1", "legs.0.paymentTransactionId": "", "legs.0.amount": "150.00",
		}}}},
		{name: "preview that a rule refuses", steps: []step{
			{path: "/refunds/preview", header: noKey, body: what(`"amount":"100.01"`), status: ruled, slug: "exceeds-refundable", want: map[string]string{"refundable": "100.00"}},
			{path: "/refunds/preview", header: noKey, body: what(`"amount":"1","currency":"EUR"`), status: ruled, slug: "currency-mismatch"},
		}},
		{name: "preview of three lines without allocation", payment: three, steps: []step{
			{path: "/refunds/preview", header: noKey, body: what(`"amount":"1"`), status: ruled, slug: "allocation-required", want: map[string]string{"lines.#": "3"}},
		}},
		{name: "preview of an unknown payment", unknown: true, steps: []step{{path: "/refunds/preview", header: noKey, body: what(`"amount":"1"`), status: 404, slug: "not-found"}}},
		{name: "preview that is wrong in form", steps: []step{{path: "/refunds/preview", header: noKey, body: what(`"amount":"0"`), status: badRequest, slug: invalid, fields: []string{"amount"}}}},
		{name: "preview does not look at the key", moved: []string{"refund {line1} 10.00"}, operations: 1, steps: []step{
			{path: "/refunds/preview", header: twoKeys, body: what(`"amount":"1"`), status: 200, want: map[string]string{"refundable": "100.00"}},
			{path: "/refunds", body: aRefund, status: 201, sends: 1},
			{path: "/refunds/preview", body: what(`"amount":"10"`), status: 200, want: map[string]string{"refundable": "90.00", "legs.0.amount": "10.00"}},
			{path: "/refunds/preview", body: what(`"amount":"20"`), status: 200, want: map[string]string{"refundable": "90.00"}},
		}},
		{name: "dryRun is not known any more", steps: []step{
			{path: "/refunds", body: `{"paymentId":"{payment}","amount":"10","dryRun":true}`, status: badRequest, slug: invalid, fields: []string{"dryRun"}},
			{path: "/refunds", body: `{"paymentId":"{payment}","amount":"10","dryRun":false}`, status: badRequest, slug: invalid, fields: []string{"dryRun"}},
			{path: "/refunds/preview", body: `{"paymentId":"{payment}","amount":"10","dryRun":true}`, status: badRequest, slug: invalid, fields: []string{"dryRun"}},
		}},
	}
}
