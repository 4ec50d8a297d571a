package api

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"
)

// fewPerMinute is the least that RATE_LIMIT_PER_MINUTE takes.
const fewPerMinute = 5

// rateLimit: above the calls a minute nothing is sent, and rules still come first.
func rateLimit(t *testing.T, target Target) {
	c := start(t, target, Options{RatePerMinute: fewPerMinute})
	p := c.fake.add(t, payment{})
	limited, done := untilLimited(t, c, p)
	if after, err := strconv.Atoi(limited.Header.Get("Retry-After")); err != nil || after < 1 || after > 60 {
		t.Errorf("Retry-After %q, want a second to a minute", limited.Header.Get("Retry-After"))
	}
	checkCount(t, c, p, done, done)
	if a := c.post(t, "/refunds", "above", `{"paymentId":"`+p.id+`","amount":"100"}`); a.Status != ruled || a.slug() != "exceeds-refundable" {
		t.Errorf("422 before 429: %d %s", a.Status, a.Body)
	}
	if a := c.post(t, "/refunds", "key-0", `{"paymentId":"`+p.id+`","amount":"0.01"}`); a.Status != http.StatusOK {
		t.Errorf("a replay needs no call: %d %s", a.Status, a.Body)
	}
	if view := c.get(t, "/payments/"+p.id); view.text("reservedAmount") != "0.00" {
		t.Errorf("what was not sent keeps %s reserved", view.text("reservedAmount"))
	}
	checkCount(t, c, p, done, done)
}

// untilLimited refunds 0.01 with new keys until the limit answers. A minute may end meanwhile, so it takes more than the
// limit at most once.
func untilLimited(t *testing.T, c *client, p known) (limited answer, done int) {
	t.Helper()
	for ; done <= 3*fewPerMinute; done++ {
		a := c.post(t, "/refunds", fmt.Sprint("key-", done), `{"paymentId":"`+p.id+`","amount":"0.01"}`)
		switch {
		case a.Status == created:
		case a.Status == http.StatusTooManyRequests && a.slug() == "rate-limited":
			return a, done
		default:
			t.Fatalf("refund %d: %d %s", done, a.Status, a.Body)
		}
	}
	t.Fatalf("%d refunds within a limit of %d a minute", done, fewPerMinute)
	return answer{}, 0
}

// nextMinute: the same key asks afresh once the limit is over, whoever set it, also in the middle of several legs.
func nextMinute(t *testing.T, target Target) {
	all := []group{{name: "our limit", run: ourLimitPasses}, {name: "iyzico's limit in the middle", run: limitInTheMiddle}}
	for _, way := range everyWay() {
		all = append(all, group{name: "iyzico's limit on " + way.path, run: func(t *testing.T, target Target) { iyzicosLimitPasses(t, target, way) }})
	}
	inParallel(t, len(all), all, func(g group) string { return g.name }, func(t *testing.T, g group) { g.run(t, target) })
}

func ourLimitPasses(t *testing.T, target Target) {
	c := start(t, target, Options{RatePerMinute: fewPerMinute})
	p := c.fake.add(t, payment{})
	_, done := untilLimited(t, c, p)
	a := askAgain(t, c, "/refunds", fmt.Sprint("key-", done), `{"paymentId":"`+p.id+`","amount":"0.01"}`)
	if a.Status != created {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	checkCount(t, c, p, done+1, done+1)
}

func iyzicosLimitPasses(t *testing.T, target Target, way money) {
	c := start(t, target, Options{})
	p := c.fake.add(t, payment{})
	c.fake.script(t, fault{Path: way.path, Mode: "rate-limit", Times: 1})
	body := fmt.Sprintf(way.body, p.id)
	first := c.post(t, way.route, "key", body)
	if first.Status != http.StatusTooManyRequests || first.slug() != "rate-limited" {
		t.Fatalf("%d %s", first.Status, first.Body)
	}
	id := first.operationID()
	if got := c.get(t, resourcePath(id)); got.text("status") != "not_sent" {
		t.Errorf("%s", got.Body)
	}
	a := askAgain(t, c, way.route, "key", body)
	if a.Status != created || a.text("id") != id {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	checkCount(t, c, p, 1, 2)
}

func limitInTheMiddle(t *testing.T, target Target) {
	c := start(t, target, Options{})
	p := c.fake.add(t, payment{lines: []string{"100.00", "60.00", "40.00"}})
	c.fake.script(t, fault{Path: refundPath, Mode: "slow", Times: 1})
	c.fake.script(t, fault{Path: refundPath, Mode: "rate-limit", Times: 1})
	body := `{"paymentId":"` + p.id + `","full":true}`
	first := c.post(t, "/refunds", "key", body)
	if first.Status != accepted || first.text("status") != "processing" || first.text("refundedAmount") != "100.00" {
		t.Fatalf("%d %s", first.Status, first.Body)
	}
	if view := c.get(t, "/payments/"+p.id); view.text("reservedAmount") != "100.00" {
		t.Errorf("legs that are left keep %s reserved, want 100.00", view.text("reservedAmount"))
	}
	a := askAgain(t, c, "/refunds", "key", body)
	if a.Status != created || legs(a, "") != "succeeded succeeded succeeded" || a.text("refundedAmount") != "200.00" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	checkMoved(t, c, p, []string{"refund {line1} 100.00", "refund {line2} 60.00", "refund {line3} 40.00"})
}

// askAgain sends the same request until its operation is sent, for at most two minutes.
func askAgain(t *testing.T, c *client, route, key, body string) answer {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; {
		a := c.post(t, route, key, body)
		waits := a.Status == http.StatusTooManyRequests || a.Status == accepted && a.text("status") == "processing"
		if !waits || time.Now().After(deadline) {
			return a
		}
		time.Sleep(2 * time.Second)
	}
}

// iyzicoDown: nothing listens at iyzico's address. Nothing can have been moved, so every command may ask again; what needs
// no iyzico answers as ever.
func iyzicoDown(t *testing.T, target Target) {
	c := start(t, target, Options{IyzicoDown: true})
	const unavailable = http.StatusServiceUnavailable
	keyed := []struct{ path, body string }{
		{"/refunds", `{"paymentId":"10000001","amount":"10"}`}, {"/refunds", `{"paymentId":"10000001","full":true}`},
		{"/refunds/preview", `{"paymentId":"10000001","amount":"10"}`}, {"/cancels", `{"paymentId":"10000001"}`},
	}
	for _, x := range keyed {
		for range 2 {
			if a := c.post(t, x.path, "key", x.body); a.Status != unavailable || a.slug() != "unavailable" || a.Header.Get("Idempotent-Replayed") != "" {
				t.Errorf("%s %s: %d %s", x.path, x.body, a.Status, a.Body)
			}
		}
	}
	for path, status := range map[string]int{
		"/payments/10000001": unavailable, "/health": http.StatusOK, "/operations": http.StatusOK, "/refunds/rf_10000001_abcdefghijklmnop": http.StatusNotFound,
	} {
		if a := c.get(t, path); a.Status != status {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
	if a := c.get(t, "/operations"); a.text("operations.#") != "0" {
		t.Errorf("something was stored: %s", a.Body)
	}
	if a := c.post(t, "/refunds", "key", `{"paymentId":"10000001","amount":"0"}`); a.Status != badRequest {
		t.Errorf("400 before 503: %d %s", a.Status, a.Body)
	}
}
