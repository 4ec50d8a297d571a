package api

import (
	"net/http"
	"strings"
	"sync"
	"testing"
)

// lostFundPayments tries every fault mode on the money request of a fund payment: whatever the answer was, the customer is
// charged as often as iyzico says, never twice, and the payment settles by its conversation id. One that iyzico never
// lists ends with a person, never as not executed.
//
// failure 7, 8, 9, 12: fund payments
func lostFundPayments(t *testing.T, target Target) {
	c := start(t, target, Options{IyzicoTimeout: impatient})
	all := everyMode()
	for i := range all {
		all[i].fault.Path, all[i].fault.Times = authPath, 1
		switch {
		case all[i].fault.Mode == "bad-signature":
			all[i].status = created // the order of its signature is not documented (docs/iyzico.md §4.1)
		case all[i].ends == "not_executed":
			all[i].ends = "needs_review"
		}
	}
	all = append(all, lostAnswer{fault{Path: authPath, Mode: "refuse", Times: 1, ErrorCode: "260018"}, ruled, "rejected-by-iyzico", "rejected", 0})
	var scripted sync.Mutex // a fault is taken by the first request on its path
	inParallel(t, len(all), all, lostAnswer.title, func(t *testing.T, o lostAnswer) {
		body := fundOrder(c.fake.session(t, nil), nil)
		key := strings.ReplaceAll(o.title(), " ", "-")
		scripted.Lock()
		c.fake.script(t, o.fault)
		first := c.pay(t, key, body)
		scripted.Unlock()
		id := first.operationID()
		if first.Status != o.status || first.slug() != o.slug || c.fake.asked(t, id) != 1 {
			t.Fatalf("%d %q after %d money requests, want %d %q: %s", first.Status, first.slug(), c.fake.asked(t, id), o.status, o.slug, first.Body)
		}
		if o.ends == "not_sent" {
			scripted.Lock()
			again := c.pay(t, key, body)
			scripted.Unlock()
			if again.Status != created || again.text("legs.0.conversationId") != id+"-2" {
				t.Errorf("the same key after not_sent: %d %s", again.Status, again.Body)
			}
			c.checkCharged(t, id, 1, 2)
			return
		}
		end := c.settle(t, resourcePath(id), o.ends)
		c.checkCharged(t, id, o.runs, 1)
		again := c.pay(t, key, body)
		want := map[string]int{"succeeded": http.StatusOK, "needs_review": accepted, "rejected": ruled}[o.ends]
		if again.Status != want || again.Header.Get("Idempotent-Replayed") != "true" || again.operationID() != id {
			t.Errorf("replay: %d, want %d: %s", again.Status, want, again.Body)
		}
		c.checkCharged(t, id, o.runs, 1)
		switch o.ends {
		case "succeeded":
			x := c.fake.charged(t, id)[0]
			if end.text("paymentId") == "" || end.text("lines.#") != "2" || end.text("legs.0.conversationId") != x.ConversationID {
				t.Errorf("settled as %s", end.Body)
			}
			if refund := c.post(t, "/refunds", key, `{"paymentId":"`+end.text("paymentId")+`","full":true}`); refund.Status != created || refund.text("refundedAmount") != "1.20" {
				t.Errorf("refund: %d %s", refund.Status, refund.Body)
			}
		case "needs_review":
			if a := c.resolve(t, id, "not_executed"); a.Status != http.StatusOK || a.text("status") != "not_executed" {
				t.Errorf("a person's decision: %d %s", a.Status, a.Body)
			}
		}
	})
	t.Run("rate limit", func(t *testing.T) { limitedFund(t, target, authPath, 1) })
	t.Run("hidden conversation ids", func(t *testing.T) { hiddenFund(t, target) })
}

// title names a fault mode.
func (l lostAnswer) title() string {
	return strings.TrimSuffix(l.fault.Mode+" "+l.fault.ErrorCode, " ")
}

// refusedTokens tries every fault mode on the request for an access token, which moves no money: without a token nothing is
// sent, and the same key asks afresh.
func refusedTokens(t *testing.T, target Target) {
	c := start(t, target, Options{IyzicoTimeout: impatient})
	const unavailable = http.StatusServiceUnavailable
	all := []lostAnswer{
		{fault{Mode: "reset-before"}, unavailable, "unavailable", "not_sent", 0},
		{fault{Mode: "reset-after"}, unavailable, "unavailable", "not_sent", 0},
		{fault{Mode: "hang-before"}, unavailable, "unavailable", "not_sent", 0},
		{fault{Mode: "hang-after"}, unavailable, "unavailable", "not_sent", 0},
		{fault{Mode: "late", DelayMS: 500}, unavailable, "unavailable", "not_sent", 0},
		{fault{Mode: "status-500-before"}, unavailable, "unavailable", "not_sent", 0},
		{fault{Mode: "status-500-after"}, unavailable, "unavailable", "not_sent", 0},
		{fault{Mode: "html-502"}, unavailable, "unavailable", "not_sent", 0},
		{fault{Mode: "truncated-after"}, unavailable, "unavailable", "not_sent", 0},
		{fault{Mode: "wrong-echo"}, unavailable, "unavailable", "not_sent", 0},
		{fault{Mode: "refuse", ErrorCode: "1"}, unavailable, "unavailable", "not_sent", 0},
		{fault{Mode: "refuse", ErrorCode: "1001"}, unavailable, "unavailable", "not_sent", 0},
		{fault{Mode: "refuse", ErrorCode: "260902"}, ruled, "rejected-by-iyzico", "not_sent", 0},
		{fault{Mode: "refuse-after"}, ruled, "rejected-by-iyzico", "not_sent", 0},
		{fault{Mode: "missing-echo"}, created, "", "succeeded", 1},  // a question's echo is optional
		{fault{Mode: "bad-signature"}, created, "", "succeeded", 1}, // its answer is not signed
		{fault{Mode: "slow", DelayMS: 300}, created, "", "succeeded", 1},
	}
	var scripted sync.Mutex
	inParallel(t, len(all), all, lostAnswer.title, func(t *testing.T, o lostAnswer) {
		o.fault.Path, o.fault.Times = accessTokenPath, 1
		body := fundOrder(c.fake.session(t, nil), nil)
		key := strings.ReplaceAll(o.title(), " ", "-")
		scripted.Lock()
		c.fake.script(t, o.fault)
		first := c.pay(t, key, body)
		again := c.pay(t, key, body)
		scripted.Unlock()
		id := first.operationID()
		if first.Status != o.status || first.slug() != o.slug {
			t.Fatalf("%d %q, want %d %q: %s", first.Status, first.slug(), o.status, o.slug, first.Body)
		}
		if o.ends == "not_sent" {
			if first.text("operation.status") != "not_sent" || again.Status != created || again.text("legs.0.conversationId") != id+"-2" {
				t.Errorf("%s, then the same key: %d %s", first.Body, again.Status, again.Body)
			}
		} else if again.Status != http.StatusOK {
			t.Errorf("replay: %d %s", again.Status, again.Body)
		}
		c.checkCharged(t, id, 1, 1)
	})
	t.Run("rate limit", func(t *testing.T) { limitedFund(t, target, accessTokenPath, 0) })
}

// limitedFund: iyzico's own rate limit closes the endpoint for the rest of the minute, so it has a system of its own.
func limitedFund(t *testing.T, target Target, path string, requests int) {
	c := start(t, target, Options{})
	c.fake.script(t, fault{Path: path, Mode: "rate-limit", Times: 1})
	a := c.pay(t, "limited", fundOrder(c.fake.session(t, nil), nil))
	if a.Status != http.StatusTooManyRequests || a.slug() != "rate-limited" || a.text("operation.status") != "not_sent" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	c.checkCharged(t, a.operationID(), 0, requests)
}

// hiddenFund: a report that hides our ids shows nothing of a lost payment. It was made, so nothing but a person ends it.
func hiddenFund(t *testing.T, target Target) {
	c := start(t, target, Options{})
	c.fake.set(t, map[string]any{"hideConversationIds": true})
	c.fake.script(t, fault{Path: authPath, Mode: "reset-after", Times: 1})
	body := fundOrder(c.fake.session(t, nil), nil)
	a := c.pay(t, "hidden", body)
	id := a.operationID()
	c.settle(t, resourcePath(id), "needs_review")
	if again := c.pay(t, "hidden", body); again.Status != accepted || again.text("status") != "needs_review" {
		t.Errorf("%d %s", again.Status, again.Body)
	}
	c.checkCharged(t, id, 1, 1)
	if a := c.resolve(t, id, "succeeded"); a.Status != http.StatusOK || a.text("status") != "succeeded" {
		t.Errorf("a person's decision: %d %s", a.Status, a.Body)
	}
	c.checkCharged(t, id, 1, 1)
}
