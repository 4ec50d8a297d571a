package api

import (
	"fmt"
	"net/http"
	"testing"
)

// reads: every GET route, also for what is not there.
func reads() []scenario {
	missing := func(path string) scenario {
		return scenario{name: "nothing at " + path, steps: []step{{path: path, status: http.StatusNotFound, slug: "not-found"}}}
	}
	return []scenario{
		missing("/refunds/rf_{payment}_abcdefghijklmnop"),
		missing("/refunds/rf_1"),
		missing("/refunds/x"),
		missing("/refunds/rf_{payment}_ABCDEFGHIJKLMNOP"),
		missing("/refunds/%2e%2e"),
		missing("/cancels/cn_{payment}_abcdefghijklmnop"),
		missing("/fund-payments/fp_abcdefghijklmnopqrstuvwxyz"),
		missing("/fund-payments/rf_{payment}_abcdefghijklmnop"),
		missing("/operations/rf_{payment}_abcdefghijklmnop/history"),
		missing("/operations/rf_1/history"),
		missing("/payments/12345678901234567890"),
		missing("/payments/abc"),
		missing("/payments/1%200"),
		{name: "an id has one place only", moved: []string{"refund {line1} 10.00"}, operations: 1, steps: []step{
			{path: "/refunds", body: aRefund, status: 201, sends: 1},
			{path: "/cancels/{op}", status: 404, slug: "not-found"},
			{path: "/fund-payments/{op}", status: 404, slug: "not-found"},
			{path: "/refunds/{op1}", status: 200, want: map[string]string{"id": "{op1}"}},
		}},
		{name: "a payment that is not known is read from iyzico", steps: []step{
			{path: "/payments/{payment}", status: 200, want: map[string]string{
				"paymentId": "{payment}", "status": "paid", "paidAmount": "100.00", "refundedAmount": "0.00", "reservedAmount": "0.00",
				"refundableAmount": "100.00", "operations.#": "0", "nextCursor": "", "paidAt": "*",
			}},
			{path: "/payments/{payment}?cursor=0", status: 200, want: map[string]string{"operations.#": "0"}},
			{path: "/payments/{payment}?cursor=1000", status: 200, want: map[string]string{"operations.#": "0", "nextCursor": ""}},
		}},
		{name: "health", steps: []step{{path: "/health", status: 200, want: map[string]string{"status": "ok"}}}},
		{name: "operations", steps: []step{
			{path: "/operations", status: 200, want: map[string]string{"operations": "*"}},
			{path: "/operations?status=unknown", status: 200}, {path: "/operations?status=needs_review", status: 200},
			{path: "/operations?status=awaiting_customer", status: 200}, {path: "/operations?status=awaiting_merchant", status: 200},
			{path: "/operations?status=in_review", status: 200}, {path: "/operations?status=processing", status: 200},
			{path: "/operations?status=unfinished&limit=1&order=asc", status: 200}, {path: "/operations?status=succeeded,unfinished", status: 200},
			{path: "/operations?from=2026-01-01&to=2026-01-31&kind=refund", status: 200, want: map[string]string{"operations.#": "0"}},
			{path: "/operations?reference=none&paymentId={payment}&limit=200", status: 200, want: map[string]string{"operations.#": "0", "nextCursor": ""}},
			{path: "/operations?status=rejected", method: http.MethodGet, header: http.Header{"Accept": {"text/csv"}}, status: 200},
		}},
	}
}

// routes: 404 for what is no route, 405 for a wrong method, problems both. What "/" answers is the machine's: cmd/local has a page there.
func routes() []scenario {
	var all []scenario
	for _, path := range []string{"/refund", "/refunds/", "/Refunds", "/refunds//", "/payments/", "/payments/{payment}/lines", "/operations/", "/operations/x", "/health/"} {
		all = append(all, scenario{name: "no route " + path, steps: []step{{path: path, method: http.MethodGet, status: 404, slug: "not-found"}}})
	}
	for path, methods := range map[string][]string{
		"/refunds":                 {"GET", "PUT", "PATCH", "DELETE"},
		"/cancels":                 {"GET", "PUT"},
		"/fund-payments":           {"GET"},
		"/refunds/x":               {"POST", "DELETE"},
		"/cancels/x":               {"POST"},
		"/fund-payments/x":         {"PUT"},
		"/payments":                {"POST"},
		"/payments/{payment}":      {"POST", "DELETE"},
		"/operations":              {"POST"},
		"/operations/x/check":      {"GET"},
		"/operations/x/history":    {"POST"},
		"/days":                    {"POST"},
		"/days/2026-01-31":         {"POST", "DELETE"},
		"/days/2026-01-31/close":   {"GET"},
		"/operations/x/resolution": {"GET", "PUT"},
		"/balance-callback/x":      {"DELETE"},
		"/limits":                  {"POST"},
		"/health":                  {"POST"},
	} {
		for _, method := range methods {
			all = append(all, scenario{name: method + " " + path, steps: []step{{path: path, method: method, status: 405, slug: "method-not-allowed"}}})
		}
	}
	return all
}

// pages: a payment with more operations than a page shows.
func pages(t *testing.T, target Target) {
	c := start(t, target, Options{})
	const all = 103
	p := c.fake.add(t, payment{})
	var newestFirst []string
	for i := range all {
		a := c.post(t, "/refunds", fmt.Sprintf("key-%d", i), `{"paymentId":"`+p.id+`","amount":"0.01"}`)
		if a.Status != http.StatusCreated {
			t.Fatalf("refund %d: %d %s", i, a.Status, a.Body)
		}
		newestFirst = append([]string{a.text("id")}, newestFirst...)
	}
	first := c.get(t, "/payments/"+p.id)
	cursor := first.text("nextCursor")
	if first.text("operations.#") != "100" || cursor == "" {
		t.Fatalf("%s operations, cursor %q", first.text("operations.#"), cursor)
	}
	second := c.get(t, "/payments/"+p.id+"?cursor="+cursor)
	if second.text("operations.#") != "3" || second.text("nextCursor") != "" {
		t.Fatalf("second page: %s operations, cursor %q", second.text("operations.#"), second.text("nextCursor"))
	}
	for i, id := range newestFirst {
		page, at := first, i
		if i >= 100 {
			page, at = second, i-100
		}
		if got := page.text(fmt.Sprintf("operations.%d.id", at)); got != id {
			t.Errorf("operation %d is %s, want %s", i, got, id)
		}
	}
	if first.text("refundedAmount") != "1.03" || second.text("refundedAmount") != "1.03" {
		t.Errorf("refunded %s and %s, want 1.03", first.text("refundedAmount"), second.text("refundedAmount"))
	}
}
