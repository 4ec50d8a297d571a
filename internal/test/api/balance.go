package api

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// going is what the customer's browser would request next, as the fake tells it.
type going struct {
	Method string            `json:"method"`
	URL    string            `json:"url"`
	Form   map[string]string `json:"form"`
}

// act is the customer's yes or no at iyzico, or the merchant's approval.
func (f fake) act(t *testing.T, token, what string) going {
	t.Helper()
	var g going
	f.call(t, http.MethodPost, "/_fake/balance-refunds/"+token+"/"+what, nil, &g)
	return g
}

// request is the browser's request to iade, whatever address the callback was given.
func (g going) request() Request {
	_, rest, _ := strings.Cut(g.URL, "/balance-callback/")
	path, query, _ := strings.Cut(rest, "?")
	req := Request{Method: g.Method, Path: "/balance-callback/" + path, RawQuery: query, Header: http.Header{}}
	if g.Method == http.MethodPost {
		form := url.Values{}
		for name, value := range g.Form {
			form.Set(name, value)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Body = []byte(form.Encode())
	}
	return req
}

// browse sends a browser's request. The answer must be one that openapi.yaml describes.
func (c *client) browse(t *testing.T, req Request) Reply {
	t.Helper()
	reply, err := c.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", req.Method, req.Path, err)
	}
	c.remember(reply)
	if err := c.document.Check(req, reply); err != nil {
		t.Errorf("%s: %d %s\nis not what openapi.yaml says: %v", req.Path, reply.Status, reply.Body, err)
	}
	return reply
}

// opened is a refund to balance that waits for the customer.
type opened struct {
	payment known
	id      string
	token   string
	body    string
}

// open asks for a refund to balance with more members, "" for none.
func (c *client) open(t *testing.T, members string) opened {
	t.Helper()
	p := c.fake.add(t, payment{})
	o := opened{payment: p, body: `{"paymentId":"` + p.id + `","destination":"balance"` + members + `}`}
	a := c.post(t, "/refunds", "key", o.body)
	if a.Status != created || a.text("status") != "awaiting_customer" {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	o.id = a.text("id")
	page := a.text("redirectUrl")
	o.token = page[strings.LastIndexByte(page, '/')+1:]
	return o
}

func (c *client) status(t *testing.T, o opened) string {
	t.Helper()
	return c.get(t, "/refunds/"+o.id).text("status")
}

// wantPage checks a page for the customer.
func wantPage(t *testing.T, reply Reply, language string) {
	t.Helper()
	if reply.Status != http.StatusOK || !bytes.Contains(reply.Body, []byte(`<html lang="`+language+`">`)) {
		t.Errorf("%d %s, want a page in %s", reply.Status, reply.Body, language)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
	} {
		if got := reply.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if policy := reply.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("policy %q", policy)
	}
}

func wantRedirect(t *testing.T, reply Reply, location string) {
	t.Helper()
	if reply.Status != http.StatusSeeOther || reply.Header.Get("Location") != location || reply.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%d to %q, want 303 to %q", reply.Status, reply.Header.Get("Location"), location)
	}
}

// balanceRefunds: the customer at iyzico, the way back, and the end by the report.
//
// failure 22: every way back
func balanceRefunds(t *testing.T, target Target) {
	c := start(t, target, Options{})
	for _, method := range []string{http.MethodPost, http.MethodGet} {
		c.fake.set(t, map[string]any{"callbackMethod": method})
		t.Run("the whole story with "+method, func(t *testing.T) { wholeStory(t, c) })
		t.Run("back to the shop with "+method, func(t *testing.T) { backToTheShop(t, c) })
	}
	t.Run("the customer says no", func(t *testing.T) {
		o := c.open(t, "")
		wantPage(t, c.browse(t, c.fake.act(t, o.token, "decline").request()), "tr")
		if got := c.status(t, o); got != "awaiting_merchant" {
			t.Errorf("iyzico's return is the same after a no: it is %s", got)
		}
		checkMoved(t, c, o.payment, nil)
	})
	t.Run("callback missing", func(t *testing.T) {
		o := c.open(t, "")
		c.fake.act(t, o.token, "confirm")
		c.fake.act(t, o.token, "approve")
		c.settle(t, "/refunds/"+o.id, "succeeded")
		checkMoved(t, c, o.payment, []string{"balance_refund {line1} 100.00"})
	})
	t.Run("callback late, after a person gave it up", func(t *testing.T) { lateCallback(t, c) })
	t.Run("a part refunded in the panel meanwhile", func(t *testing.T) {
		o := c.open(t, "")
		c.fake.panelRefund(t, o.payment.lines[0], "40.00")
		c.settle(t, "/refunds/"+o.id, "needs_review")
		if a := c.resolve(t, o.id, "succeeded"); a.Status != ruled || a.slug() != "not-resolvable" {
			t.Errorf("%d %s", a.Status, a.Body)
		}
		if a := c.resolve(t, o.id, "not_executed"); a.Status != http.StatusOK || a.text("status") != "expired" {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	})
	t.Run("a person says it is done", func(t *testing.T) {
		o := c.open(t, "")
		if a := c.resolve(t, o.id, "succeeded"); a.Status != http.StatusOK || a.text("status") != "succeeded" || a.text("refundedAmount") != "100.00" {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	})
	t.Run("what a stranger sees", func(t *testing.T) { strangers(t, c) })
	t.Run("neither token nor url is written down", func(t *testing.T) { nothingOfThePage(t, c) })
	t.Run("the init is lost", func(t *testing.T) { lostInits(t, c) }) // last: a rate limit closes the rest of the minute
}

func wholeStory(t *testing.T, c *client) {
	o := c.open(t, `,"locale":"en"`)
	back := c.fake.act(t, o.token, "confirm").request()
	back.Header.Set("Accept-Language", "tr")
	wantPage(t, c.browse(t, back), "en")
	if a := c.get(t, "/refunds/"+o.id); a.text("status") != "awaiting_merchant" || a.text("redirectUrl") != "" || a.text("refundedAmount") != "0.00" {
		t.Errorf("%s", a.Body)
	}
	checkMoved(t, c, o.payment, nil)
	if a := c.post(t, "/refunds", "key", o.body); a.Status != http.StatusOK || a.text("status") != "awaiting_merchant" || a.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("the same key: %d %s", a.Status, a.Body)
	}
	wantPage(t, c.browse(t, back), "en") // twice
	c.fake.act(t, o.token, "approve")
	a := c.settle(t, "/refunds/"+o.id, "succeeded")
	if a.text("refundedAmount") != "100.00" || a.text("iyzico.refundTxId") == "" || a.text("settledAt") == "" {
		t.Errorf("%s", a.Body)
	}
	checkMoved(t, c, o.payment, []string{"balance_refund {line1} 100.00"})
	if view := c.get(t, "/payments/"+o.payment.id); view.text("status") != "refunded" || view.text("refundedAmount") != "100.00" || view.text("reservedAmount") != "0.00" {
		t.Errorf("payment: %s", view.Body)
	}
	page := c.browse(t, back)
	wantPage(t, page, "en")
	if !bytes.Contains(page.Body, []byte("complete")) {
		t.Errorf("the page after the end: %s", page.Body)
	}
	if a := c.resolve(t, o.id, "not_executed"); a.Status != ruled {
		t.Errorf("the end is not for people: %d %s", a.Status, a.Body)
	}
}

func backToTheShop(t *testing.T, c *client) {
	o := c.open(t, `,"returnUrl":"`+ShopOrigin+`/orders/7?tab=a%20b&x#refund"`)
	back := c.fake.act(t, o.token, "confirm").request()
	location := func(status string) string {
		return ShopOrigin + "/orders/7?tab=a%20b&x&refundId=" + o.id + "&status=" + status + "#refund"
	}
	wantRedirect(t, c.browse(t, back), location("awaiting_merchant"))
	wantRedirect(t, c.browse(t, back), location("awaiting_merchant"))
	c.fake.act(t, o.token, "approve")
	c.settle(t, "/refunds/"+o.id, "succeeded")
	wantRedirect(t, c.browse(t, back), location("succeeded"))
}

func lateCallback(t *testing.T, c *client) {
	o := c.open(t, "")
	if a := c.resolve(t, o.id, "not_executed"); a.Status != http.StatusOK || a.text("status") != "expired" {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	back := c.fake.act(t, o.token, "confirm").request()
	wantPage(t, c.browse(t, back), "tr")
	if a := c.get(t, "/refunds/"+o.id); a.text("status") != "needs_review" {
		t.Errorf("%s", a.Body)
	}
	if view := c.get(t, "/payments/"+o.payment.id); view.text("reservedAmount") != "100.00" || view.text("refundableAmount") != "0.00" {
		t.Errorf("it is not reserved again: %s", view.Body)
	}
	c.fake.act(t, o.token, "approve")
	if a := c.check(t, o.id); a.text("status") != "needs_review" || a.text("refundedAmount") != "100.00" {
		t.Errorf("a person ends what was final: %d %s", a.Status, a.Body)
	}
	if a := c.resolve(t, o.id, "succeeded"); a.Status != http.StatusOK || a.text("status") != "succeeded" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

// lostInits: without an answer nobody has the page's url, so nothing can move, and the same key asks afresh.
func lostInits(t *testing.T, c *client) {
	for _, mode := range []string{"reset-before", "reset-after", "status-500-after", "html-502", "truncated-after", "wrong-echo", "rate-limit"} {
		var p known
		ask := func() answer { return c.post(t, "/refunds", "key", `{"paymentId":"`+p.id+`","destination":"balance"}`) }
		a := c.withFaults(t, []fault{{Path: balancePath, Mode: mode, Times: 1}}, func() answer {
			p = c.fake.add(t, payment{})
			return ask()
		})
		want, slug := http.StatusServiceUnavailable, "unavailable"
		if mode == "rate-limit" {
			want, slug = http.StatusTooManyRequests, "rate-limited"
		}
		if a.Status != want || a.slug() != slug || a.text("operation.status") != "not_sent" {
			t.Errorf("%s: %d %s", mode, a.Status, a.Body)
		}
		if mode == "rate-limit" {
			continue // the rest of the minute is closed for this call
		}
		if again := ask(); again.Status != created || again.text("redirectUrl") == "" || again.text("id") != a.text("operation.id") {
			t.Errorf("%s: the same key: %d %s", mode, again.Status, again.Body)
		}
	}
}

// strangers: whatever does not verify gets one page, byte for byte, and changes nothing.
func strangers(t *testing.T, c *client) {
	one, other := c.open(t, ""), c.open(t, "")
	good := c.fake.act(t, one.token, "confirm").request()
	elsewhere := c.fake.act(t, other.token, "confirm").request()
	if good.Method != http.MethodPost {
		c.fake.set(t, map[string]any{"callbackMethod": http.MethodPost})
		good, elsewhere = c.fake.act(t, one.token, "confirm").request(), c.fake.act(t, other.token, "confirm").request()
	}
	change := func(by func(*Request)) Request {
		req := good
		req.Header = good.Header.Clone()
		by(&req)
		return req
	}
	flipped := []byte(good.Path)
	flipped[len(flipped)-1] ^= 1
	changes := map[string]Request{
		"forged state":            change(func(r *Request) { r.Path = string(flipped) }),
		"state of nothing":        change(func(r *Request) { r.Path = "/balance-callback/x" }),
		"the id alone":            change(func(r *Request) { r.Path = "/balance-callback/" + one.id }),
		"another payment's state": change(func(r *Request) { r.Path = elsewhere.Path }),
		"another payment's token": change(func(r *Request) { r.Body = elsewhere.Body }),
		"another token":           change(func(r *Request) { r.Body = []byte("token=" + strings.Repeat("0", len(one.token))) }),
		"token in another case":   change(func(r *Request) { r.Body = []byte("token=" + strings.ToUpper(one.token)) }),
		"no token":                change(func(r *Request) { r.Body = nil }),
		"empty token":             change(func(r *Request) { r.Body = []byte("token=") }),
		"two tokens":              change(func(r *Request) { r.RawQuery = "token=other" }),
		"wrong content type":      change(func(r *Request) { r.Header.Set("Content-Type", "text/plain") }),
		"no content type":         change(func(r *Request) { r.Header.Del("Content-Type") }),
		"JSON that is a form":     change(func(r *Request) { r.Header.Set("Content-Type", "application/json") }),
		"GET without token":       change(func(r *Request) { r.Method, r.Body = http.MethodGet, nil }),
		"GET with another token":  change(func(r *Request) { r.Method, r.Body, r.RawQuery = http.MethodGet, nil, "token=other" }),
		"10 MB": change(func(r *Request) {
			r.Body = append([]byte("token="+one.token+"&x="), bytes.Repeat([]byte("x"), 10<<20)...)
		}),
		"10 MB, token in the path": change(func(r *Request) { r.RawQuery = "token=" + one.token; r.Body = bytes.Repeat([]byte("x"), 10<<20) }),
		"in English":               change(func(r *Request) { r.Path = string(flipped); r.Header.Set("Accept-Language", "en") }),
	}
	want := c.browse(t, Request{Method: http.MethodGet, Path: "/balance-callback/nothing", Header: http.Header{}})
	if want.Status != http.StatusNotFound || want.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("%d %s", want.Status, want.Body)
	}
	for name, req := range changes {
		got := c.browse(t, req)
		if got.Status != want.Status || !bytes.Equal(got.Body, want.Body) || !sameHeader(got.Header, want.Header) {
			t.Errorf("%s: a stranger sees a difference: %d %v %s", name, got.Status, got.Header, got.Body)
		}
	}
	for _, o := range []opened{one, other} {
		if got := c.status(t, o); got != "awaiting_customer" {
			t.Errorf("a stranger changed a refund: it is %s", got)
		}
	}
	asJSON := change(func(r *Request) {
		r.Header.Set("Content-Type", "application/json")
		r.Body = fmt.Appendf(nil, `{"token":%q,"status":"success","more":[1]}`, one.token)
	})
	wantPage(t, c.browse(t, asJSON), "tr")
	if got := c.status(t, one); got != "awaiting_merchant" {
		t.Errorf("after the right token it is %s", got)
	}
}

// sameHeader compares what iade says; the means of transport adds a date.
func sameHeader(a, b http.Header) bool {
	a, b = a.Clone(), b.Clone()
	for _, h := range []http.Header{a, b} {
		h.Del("Date")
		h.Del("Connection")
	}
	return maps.EqualFunc(a, b, slices.Equal)
}

func nothingOfThePage(t *testing.T, c *client) {
	if c.Traces == nil {
		t.Skip("this system cannot tell what it has written")
	}
	o := c.open(t, "")
	c.browse(t, c.fake.act(t, o.token, "confirm").request())
	wrong := Request{Method: http.MethodGet, Path: "/balance-callback/x", RawQuery: "token=canary-stranger-token", Header: http.Header{}}
	c.browse(t, wrong)
	for _, trace := range c.Traces(t) {
		for _, secret := range []string{o.token, "canary-stranger-token"} {
			if bytes.Contains(trace.Data, []byte(secret)) {
				t.Errorf("%s holds a token", trace.Name)
			}
		}
	}
}
