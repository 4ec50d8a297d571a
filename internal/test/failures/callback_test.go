package failures

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/returnlink"
	"github.com/iade/iade/internal/secret"
)

// open begins a refund to balance and gives what the customer's browser will bring back.
func (w *world) open(a *asked) (token string, back browser) {
	w.t.Helper()
	token = pageToken(w, w.process().deliver(a, overHTTP).is(w.t, http.StatusCreated, "awaiting_customer"))
	return token, w.customer(token, "confirm")
}

// TestFailure22Callback: the customer's way back from iyzico, in every way that it can go wrong. Nothing that comes
// with it moves money or says that money moved.
func TestFailure22Callback(t *testing.T) {
	t.Parallel()
	run := func(name string, scenario func(w *world)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, scenario)
		})
	}
	status := func(w *world, a *asked) payment.Status { return w.show(a).Status }
	run("missing", func(w *world) {
		a := w.toBalance(w.payment())
		token, _ := w.open(a)
		w.approve(token)
	})
	run("missing, and nobody ever approves", func(w *world) {
		a := w.toBalance(w.payment()).ends(payment.StatusNeedsReview, 1)
		w.open(a)
	})
	run("twice, over several processes at once", func(w *world) {
		a := w.toBalance(w.payment())
		token, back := w.open(a)
		for range 2 {
			one, other := w.process(), w.process()
			atOnce(func() { one.browse(back) }, func() { other.browse(back) })
		}
		if got := status(w, a); got != payment.StatusAwaitingMerchant {
			w.t.Errorf("it is %s", got)
		}
		w.approve(token)
	})
	run("after it is done", func(w *world) {
		a := w.toBalance(w.payment())
		token, back := w.open(a)
		w.approve(token)
		w.minutes(60, w.process())
		w.process().browse(back)
	})
	run("forged", func(w *world) {
		a := w.toBalance(w.payment(), `,"returnUrl":"https://shop.example/back"`)
		token, back := w.open(a)
		unknown := w.process().browse(browser{http.MethodPost, "/balance-callback/x", "", "token=x"})
		stranger := returnlink.New("https://iade.example", returnlink.Fixed(returnlink.Keys{Current: secret.New("another-callback-key-4714")}))
		forged, err := stranger.CallbackURL(w.t.Context(), a.id, time.Now())
		if err != nil {
			w.t.Fatal(err)
		}
		for name, b := range map[string]browser{
			"another token":    {back.method, back.path, "", "token=0123456789abcdef0123456789abcdef"},
			"no token":         {back.method, back.path, "", ""},
			"two tokens":       {back.method, back.path, "token=other", back.body},
			"another state":    {back.method, back.path + "A", back.query, back.body},
			"a state cut off":  {back.method, back.path[:len(back.path)-1], back.query, back.body},
			"a stranger's key": {back.method, strings.TrimPrefix(forged, "https://iade.example"), back.query, back.body},
		} {
			if got := w.process().browse(b); got.code != http.StatusNotFound || got.body != unknown.body || got.location != "" {
				w.t.Errorf("%s: %d to %q, not the one page for whatever does not verify", name, got.code, got.location)
			}
		}
		if got := status(w, a); got != payment.StatusAwaitingCustomer {
			w.t.Errorf("it is %s: something forged changed it", got)
		}
		w.approve(token)
	})
	run("early, before our own record is complete", func(w *world) {
		a := w.toBalance(w.payment())
		worker, token := w.process(), ""
		worker.gateway.after = func(_ payment.Call, answer payment.Answered) {
			if answer.Opened == nil {
				w.t.Error("no page was opened")
				return
			}
			address, err := returnlink.New("", returnlink.Fixed(returnlink.Keys{Current: secret.New(callbackKey)})).Open(w.t.Context(), a.id, answer.Opened.SealedURL)
			if err != nil {
				w.t.Error(err)
				return
			}
			token = address[strings.LastIndexByte(address, '/')+1:]
			w.process().browse(w.customer(token, "confirm"))
			if got := status(w, a); got != payment.StatusProcessing {
				w.t.Errorf("it is %s", got)
			}
		}
		worker.deliver(a, overHTTP).is(w.t, http.StatusCreated, "awaiting_merchant")
		w.approve(token)
	})
	run("early, and our own record is lost", func(w *world) {
		a := w.toBalance(w.payment()).ends(payment.StatusNeedsReview, 1)
		worker := w.process()
		worker.gateway.after = func(_ payment.Call, answer payment.Answered) {
			address, err := returnlink.New("", returnlink.Fixed(returnlink.Keys{Current: secret.New(callbackKey)})).Open(w.t.Context(), a.id, answer.Opened.SealedURL)
			if err != nil {
				w.t.Error(err)
			}
			w.process().browse(w.customer(address[strings.LastIndexByte(address, '/')+1:], "confirm"))
			die()
		}
		worker.deliver(a, overHTTP).died(w.t)
	})
	run("expired: a person has given it up, and iyzico's link still works", func(w *world) {
		a := w.toBalance(w.payment()).ends(payment.StatusNeedsReview, 1)
		token, back := w.open(a)
		w.process().post("/operations/"+a.id+"/resolution", `{"decision":"not_executed","reason":"gave up","by":"ops-1"}`).is(w.t, http.StatusOK, "expired")
		w.process().browse(back)
		if got := status(w, a); got != payment.StatusNeedsReview {
			w.t.Errorf("it is %s: the payment has to be reserved again", got)
		}
		if v := w.view(a.paid); v.ReservedAmount != "100.00" {
			w.t.Errorf("%s reserved", v.ReservedAmount)
		}
		w.approve(token)
	})
	run("expired: a state of more than 400 days ago", func(w *world) {
		a := w.toBalance(w.payment())
		token, back := w.open(a)
		w.approve(token)
		w.minutes(60, w.process())
		time.Sleep(401 * 24 * time.Hour)
		if got := w.process().browse(back); got.code != http.StatusNotFound {
			w.t.Errorf("%d %s", got.code, got.body)
		}
	})
	run("for another payment", func(w *world) {
		a, b := w.toBalance(w.payment()), w.toBalance(w.payment())
		tokenA, backA := w.open(a)
		tokenB, backB := w.open(b)
		for _, mixed := range []browser{{backA.method, backA.path, backB.query, backB.body}, {backB.method, backB.path, backA.query, backA.body}} {
			if got := w.process().browse(mixed); got.code != http.StatusNotFound {
				w.t.Errorf("%d %s", got.code, got.body)
			}
		}
		for _, x := range []*asked{a, b} {
			if got := status(w, x); got != payment.StatusAwaitingCustomer {
				w.t.Errorf("%s is %s", x.id, got)
			}
		}
		w.approve(tokenA)
		w.approve(tokenB)
	})
	run("open redirect", func(w *world) {
		for _, elsewhere := range []string{
			"https://evil.example/", "//evil.example/", "https://shop.example@evil.example/", "https://shop.example.evil.example/", "http://shop.example/",
			"https://shop.example:8443/", "javascript:alert(1)",
		} {
			a := &asked{kind: payment.KindRefund, key: "evil", body: `{"paymentId":"` + w.payment().id + `","destination":"balance","returnUrl":"` + elsewhere + `"}`}
			w.process().deliver(a, overHTTP).is(w.t, http.StatusBadRequest, "invalid-request")
		}
		a := w.toBalance(w.payment(), `,"returnUrl":"https://shop.example/back?order=1"`)
		token, back := w.open(a)
		got := w.process().browse(browser{back.method, back.path, "returnUrl=https%3A%2F%2Fevil.example", back.body})
		if got.code != http.StatusSeeOther || !strings.HasPrefix(got.location, "https://shop.example/back?") {
			w.t.Errorf("the browser goes to %d %q", got.code, got.location)
		}
		w.approve(token)
	})
}
