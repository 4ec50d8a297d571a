package api

import (
	"net/http"
	"testing"
	"time"
)

// marketplace: iyzico offers no Refund v2 to marketplaces, so parts below a kuruş on several lines stay behind, and the
// resource names them.
func marketplace(t *testing.T, target Target) {
	c := start(t, target, Options{})
	c.fake.set(t, map[string]any{"marketplace": true})
	for name, x := range map[string]struct {
		lines           []string
		full, back, gap string
		requests        int
		moved           []string
	}{
		"a surcharge over two lines": {[]string{"0.30599401", "9.90400599"}, "10.21", "10.20", "0.01", 3, []string{"refund {line1} 0.30", "refund {line2} 9.90"}},
		"thirds": {[]string{"33.33333333", "33.33333333", "33.33333334"}, "100.00", "99.99", "0.01", 4,
			[]string{"refund {line1} 33.33", "refund {line2} 33.33", "refund {line3} 33.33"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := c.fake.add(t, payment{lines: x.lines, age: 3 * aDay})
			body := `{"paymentId":"` + p.id + `","full":true}`
			first := c.post(t, "/refunds", "key", body)
			again := c.post(t, "/refunds", "key", body)
			for what, a := range map[string]answer{"first": first, "again": again} {
				if a.Status != http.StatusMultiStatus || a.text("status") != "partially_succeeded" || a.text("amount") != x.full ||
					a.text("refundedAmount") != x.back || a.text("unrefundableAmount") != x.gap || a.text("error.code") != "rest-not-refundable" {
					t.Errorf("%s: %d %s", what, a.Status, a.Body)
				}
			}
			if again.Header.Get("Idempotent-Replayed") != "true" || first.Header.Get("Location") == "" {
				t.Errorf("headers %v, %v", first.Header, again.Header)
			}
			if got := c.fake.requests(t, p.id); got != x.requests {
				t.Errorf("%d requests, want %d", got, x.requests)
			}
			checkMoved(t, c, p, x.moved)
			if view := c.get(t, "/payments/"+p.id); view.text("refundedAmount") != x.back || view.text("refundableAmount") != x.gap || view.text("status") != "partially_refunded" {
				t.Errorf("%s", view.Body)
			}
		})
	}
}

// legsGoOn: leg 1 is done and leg 2 waits for its key. What iyzico shows meanwhile decides whether it is still sent.
func legsGoOn(t *testing.T, target Target) {
	for name, x := range map[string]struct {
		meanwhile func(t *testing.T, c *client, p known)
		moved     []string
	}{
		"line 2 was refunded in the panel": {
			func(t *testing.T, c *client, p known) { c.fake.panelRefund(t, p.lines[1], "30.00") },
			[]string{"refund {line1} 100.00", "refund {line2} 30.00"},
		},
		"a part of line 2 is gone by a kuruş": {
			func(t *testing.T, c *client, p known) { c.fake.panelRefund(t, p.lines[1], "0.01") },
			[]string{"refund {line1} 100.00", "refund {line2} 0.01"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, target, Options{})
			p := c.fake.add(t, payment{lines: []string{"100.00", "60.00"}})
			c.fake.script(t, fault{Path: refundPath, Mode: "slow", Times: 1})
			c.fake.script(t, fault{Path: refundPath, Mode: "rate-limit", Times: 1})
			body := `{"paymentId":"` + p.id + `","full":true}`
			first := c.post(t, "/refunds", "key", body)
			if first.Status != accepted || first.text("status") != "processing" || legs(first, "") != "succeeded processing" {
				t.Fatalf("%d %s", first.Status, first.Body)
			}
			x.meanwhile(t, c, p)
			check := c.post(t, "/operations/"+first.text("id")+"/check", "", "")
			if check.Status != http.StatusOK {
				t.Fatalf("%d %s", check.Status, check.Body)
			}
			sent := c.fake.requests(t, p.id)
			for range 2 {
				a := c.post(t, "/refunds", "key", body)
				if a.Status != http.StatusMultiStatus || legs(a, "") != "succeeded not_executed" || a.text("refundedAmount") != "100.00" || a.text("error.message") == "" {
					t.Errorf("%d %s", a.Status, a.Body)
				}
				time.Sleep(10 * time.Millisecond)
			}
			if now := c.fake.requests(t, p.id); now != sent {
				t.Errorf("%d requests more", now-sent)
			}
			checkMoved(t, c, p, x.moved)
		})
	}
}
