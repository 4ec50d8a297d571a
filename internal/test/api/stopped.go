package api

import (
	"net/http"
	"strings"
	"testing"
)

// whyStopped is NEW_MONEY_REASON of systems that are started with new money off.
const whyStopped = "Refunds are paused while iyzico is being looked into"

// newMoneyOff: everything that would move money is refused with the reason, and nothing else is. No key is bound.
func newMoneyOff(t *testing.T, target Target) {
	c := start(t, target, Options{NewMoneyOff: whyStopped, Marketplace: true})
	s := c.fake.session(t, nil)
	p := c.fake.add(t, payment{})
	replaced := func(text string) string {
		return strings.NewReplacer("{payment}", p.id, "{line}", p.lines[0]).Replace(text)
	}
	for _, way := range []struct{ name, path, body string }{
		{"a refund", "/refunds", `{"paymentId":"{payment}","amount":"10"}`},
		{"a refund of a line", "/refunds", `{"paymentId":"{payment}","paymentTransactionId":"{line}","amount":"10"}`},
		{"all that is left", "/refunds", `{"paymentId":"{payment}","full":true}`},
		{"iyzico chooses", "/refunds", `{"paymentId":"{payment}","amount":"10","allocation":"iyzico"}`},
		{"charged to the merchant", "/refunds", `{"paymentId":"{payment}","amount":"10","chargedTo":"merchant"}`},
		{"to balance", "/refunds", `{"paymentId":"{payment}","destination":"balance"}`},
		{"a cancel", "/cancels", `{"paymentId":"{payment}"}`},
		{"a reversal", "/reversals", `{"paymentId":"{payment}"}`},
		{"a fund payment", "/fund-payments", fundOrder(s, nil)},
	} {
		t.Run(way.name, func(t *testing.T) {
			a := c.post(t, way.path, "one-key-for-all", replaced(way.body))
			if a.Status != http.StatusServiceUnavailable || a.slug() != "unavailable" || !strings.HasPrefix(a.text("detail"), whyStopped) ||
				a.Header.Get("Retry-After") != "60" || a.Header.Get("Idempotent-Replayed") != "" || a.text("operation.id") != "" {
				t.Errorf("%d %v %s", a.Status, a.Header, a.Body)
			}
		})
	}
	if view := c.get(t, "/payments/"+p.id); view.Status != http.StatusOK || view.text("operations.#") != "0" || view.text("refundableAmount") != "100.00" {
		t.Errorf("the payment: %d %s", view.Status, view.Body)
	}
	preview := c.post(t, "/refunds/preview", "", replaced(`{"paymentId":"{payment}","amount":"10"}`))
	if preview.Status != http.StatusOK || preview.text("refundable") != "100.00" {
		t.Errorf("a preview: %d %s", preview.Status, preview.Body)
	}
	if bad := c.post(t, "/refunds", "k", `{}`); bad.Status != http.StatusBadRequest {
		t.Errorf("400 before 503: %d %s", bad.Status, bad.Body)
	}
	for _, path := range []string{"/operations", "/health"} {
		if a := c.get(t, path); a.Status != http.StatusOK {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
	checkCount(t, c, p, 0, 0)
}
