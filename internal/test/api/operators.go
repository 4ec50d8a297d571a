package api

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
)

// resolve records an operator's decision.
func (c *client) resolve(t *testing.T, id, decision string) answer {
	t.Helper()
	return c.post(t, "/operations/"+id+"/resolution", "", `{"decision":"`+decision+`","reason":"the bank says so","by":"op-17"}`)
}

// lose makes a refund whose answer is lost, and returns its operation in the state unknown.
func (c *client) lose(t *testing.T, p known, key, amount, mode string) answer {
	t.Helper()
	c.fake.script(t, fault{Path: refundPath, Mode: mode, Times: 1})
	a := c.post(t, "/refunds", key, `{"paymentId":"`+p.id+`","amount":"`+amount+`"}`)
	if a.Status != accepted || a.text("status") != "unknown" {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	return a
}

// operators: what a person sees and may do. The steps follow each other on one system.
func operators(t *testing.T, target Target) {
	c := start(t, target, Options{IyzicoTimeout: impatient})
	p := c.fake.add(t, payment{})
	c.blind(t)
	lost := c.lose(t, p, "lost", "10", "reset-after")
	id := lost.text("id")

	t.Run("what is unknown is listed, reserved and in the way", func(t *testing.T) {
		for _, path := range []string{"/operations", "/operations?status=unknown"} {
			if a := c.get(t, path); !slices.Equal(listed(a), []string{id}) {
				t.Errorf("%s: %s", path, a.Body)
			}
		}
		for _, path := range []string{"/operations?status=needs_review", "/operations?status=processing"} {
			if a := c.get(t, path); len(listed(a)) != 0 {
				t.Errorf("%s: %s", path, a.Body)
			}
		}
		if view := c.get(t, "/payments/"+p.id); view.text("reservedAmount") != "10.00" || view.text("refundableAmount") != "90.00" || view.text("refundedAmount") != "0.00" {
			t.Errorf("payment: %s", view.Body)
		}
		if lost.text("error.code") == "" || lost.text("settledAt") != "" || lost.text("refundedAmount") != "0.00" {
			t.Errorf("operation: %s", lost.Body)
		}
		again := c.post(t, "/refunds", "lost", `{"paymentId":"`+p.id+`","amount":"10"}`)
		if again.Status != accepted || again.Header.Get("Idempotent-Replayed") != "true" || again.text("id") != id {
			t.Errorf("the same key: %d %s", again.Status, again.Body)
		}
	})
	t.Run("an unreadable report is 503", func(t *testing.T) {
		if a := c.check(t, id); a.Status != http.StatusServiceUnavailable || a.slug() != "unavailable" {
			t.Errorf("check: %d %s", a.Status, a.Body)
		}
		cancel := c.post(t, "/cancels", "cancel", `{"paymentId":"`+p.id+`"}`)
		if cancel.Status != http.StatusServiceUnavailable {
			t.Errorf("a cancel reads first: %d %s", cancel.Status, cancel.Body)
		}
		if a := c.get(t, resourcePath(id)); a.text("status") != "unknown" {
			t.Errorf("operation: %s", a.Body)
		}
	})
	t.Run("unknown is not for people", func(t *testing.T) {
		if a := c.resolve(t, id, "succeeded"); a.Status != ruled || a.slug() != "not-resolvable" || a.text("operation.id") != id {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	})
	c.fake.clear(t)
	t.Run("check settles now", func(t *testing.T) {
		if a := c.check(t, id); a.Status != http.StatusOK || a.text("status") != "succeeded" || a.text("iyzico.refundTxId") == "" {
			t.Errorf("%d %s", a.Status, a.Body)
		}
		if a := c.check(t, id); a.Status != http.StatusOK || a.text("status") != "succeeded" {
			t.Errorf("again: %d %s", a.Status, a.Body)
		}
		checkCount(t, c, p, 1, 1)
	})
	t.Run("what ended is not for people", func(t *testing.T) {
		for _, decision := range []string{"succeeded", "not_executed"} {
			if a := c.resolve(t, id, decision); a.Status != ruled || a.slug() != "not-resolvable" {
				t.Errorf("%s: %d %s", decision, a.Status, a.Body)
			}
		}
	})
	for _, way := range everyWay() {
		t.Run("a refusal that the report contradicts on "+way.path, func(t *testing.T) { contradictedRefusal(t, c, way) })
	}
	t.Run("a check that finds nothing proves nothing yet", func(t *testing.T) {
		q := c.fake.add(t, payment{})
		lost := c.lose(t, q, "key", "10", "reset-before")
		if a := c.check(t, lost.text("id")); a.Status != http.StatusOK || a.text("status") != "unknown" {
			t.Errorf("%d %s", a.Status, a.Body)
		}
		c.settle(t, resourcePath(lost.text("id")), "not_executed")
		next := c.post(t, "/refunds", "next", `{"paymentId":"`+q.id+`","amount":"100"}`)
		if next.Status != created {
			t.Errorf("what was not executed can be asked for with a new key: %d %s", next.Status, next.Body)
		}
		checkCount(t, c, q, 1, 2)
	})
}

// contradictedRefusal: iyzico says no and did it all the same (I5).
func contradictedRefusal(t *testing.T, c *client, way money) {
	var p known
	ask := func() answer { return c.post(t, way.route, "key", fmt.Sprintf(way.body, p.id)) }
	first := c.withFaults(t, []fault{{Path: way.path, Mode: "refuse-after", Times: 1}}, func() answer {
		p = c.fake.add(t, payment{})
		return ask()
	})
	moved, left := "10.00", "90.00"
	if way.path == cancelPath {
		moved, left = "100.00", "0.00"
	}
	if first.Status != ruled || first.slug() != "rejected-by-iyzico" {
		t.Fatalf("%d %s", first.Status, first.Body)
	}
	id := first.operationID()
	if a := c.check(t, id); a.Status != http.StatusOK || a.text("status") != "needs_review" || a.text("refundedAmount") != moved {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if view := c.get(t, "/payments/"+p.id); view.text("refundedAmount") != moved || view.text("refundableAmount") != left {
		t.Errorf("payment: %s", view.Body)
	}
	if a := c.get(t, "/operations?status=needs_review"); !slices.Contains(listed(a), id) {
		t.Errorf("operations: %s", a.Body)
	}
	again := ask()
	if again.Status != accepted || again.text("status") != "needs_review" || again.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("the same key: %d %s", again.Status, again.Body)
	}
	if a := c.resolve(t, id, "not_executed"); a.Status != ruled || a.slug() != "not-resolvable" {
		t.Errorf("not_executed while the report holds it: %d %s", a.Status, a.Body)
	}
	for range 2 {
		if a := c.resolve(t, id, "succeeded"); a.Status != http.StatusOK || a.text("status") != "succeeded" || a.text("refundedAmount") != moved {
			t.Errorf("succeeded: %d %s", a.Status, a.Body)
		}
	}
	if view := c.get(t, "/payments/"+p.id); view.text("refundedAmount") != moved || view.text("reservedAmount") != "0.00" {
		t.Errorf("payment: %s", view.Body)
	}
	checkCount(t, c, p, 1, 1)
}

// hiddenIDs: iyzico's report shows refunds without the ids that we sent, so an unexplained one may be ours: a person must
// say.
func hiddenIDs(t *testing.T, target Target) {
	c := start(t, target, Options{IyzicoTimeout: impatient})
	c.fake.set(t, map[string]any{"hideConversationIds": true})
	review := func(t *testing.T, p known, a answer) string {
		t.Helper()
		id := a.text("id")
		c.settle(t, resourcePath(id), "needs_review")
		if view := c.get(t, "/payments/"+p.id); view.text("operations.0.id") != id {
			t.Errorf("payment: %s", view.Body)
		}
		return id
	}
	t.Run("it was ours", func(t *testing.T) {
		p := c.fake.add(t, payment{})
		id := review(t, p, c.lose(t, p, "key", "10", "reset-after"))
		if again := c.post(t, "/refunds", "key", `{"paymentId":"`+p.id+`","amount":"10"}`); again.Status != accepted {
			t.Errorf("the same key: %d %s", again.Status, again.Body)
		}
		for range 2 {
			if a := c.resolve(t, id, "succeeded"); a.Status != http.StatusOK || a.text("status") != "succeeded" {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		}
		if a := c.resolve(t, id, "not_executed"); a.Status != ruled || a.slug() != "not-resolvable" {
			t.Errorf("the opposite afterwards: %d %s", a.Status, a.Body)
		}
		if view := c.get(t, "/payments/"+p.id); view.text("refundedAmount") != "10.00" || view.text("refundableAmount") != "90.00" {
			t.Errorf("the refund counts once: %s", view.Body)
		}
		checkCount(t, c, p, 1, 1)
	})
	t.Run("it was the panel's", func(t *testing.T) {
		p := c.fake.add(t, payment{})
		lost := c.lose(t, p, "key", "10", "reset-before")
		c.fake.panelRefund(t, p.lines[0], "25.00")
		id := review(t, p, lost)
		for range 2 {
			if a := c.resolve(t, id, "not_executed"); a.Status != http.StatusOK || a.text("status") != "not_executed" {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		}
		if again := c.post(t, "/refunds", "key", `{"paymentId":"`+p.id+`","amount":"10"}`); again.Status != ruled || again.slug() != "not-executed" {
			t.Errorf("the same key: %d %s", again.Status, again.Body)
		}
		if view := c.get(t, "/payments/"+p.id); view.text("refundedAmount") != "25.00" || view.text("reservedAmount") != "0.00" {
			t.Errorf("payment: %s", view.Body)
		}
	})
	t.Run("both would be more than was paid", func(t *testing.T) {
		p := c.fake.add(t, payment{})
		lost := c.lose(t, p, "key", "60", "reset-before")
		c.fake.panelRefund(t, p.lines[0], "50.00")
		id := review(t, p, lost)
		if a := c.resolve(t, id, "succeeded"); a.Status != ruled || a.slug() != "not-resolvable" || a.text("operation.status") != "needs_review" {
			t.Errorf("%d %s", a.Status, a.Body)
		}
		if a := c.get(t, resourcePath(id)); a.text("status") != "needs_review" {
			t.Errorf("%s", a.Body)
		}
	})
	t.Run("the report is unreadable", func(t *testing.T) {
		p := c.fake.add(t, payment{})
		lost := c.lose(t, p, "key", "10", "reset-after")
		id := review(t, p, lost)
		c.fake.script(t, fault{Path: reportPath, Mode: "status-500-before", Times: 0})
		defer c.fake.clear(t)
		if a := c.resolve(t, id, "succeeded"); a.Status != http.StatusServiceUnavailable || a.slug() != "unavailable" {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	})
}

// listed are the ids on a page of GET /operations.
func listed(a answer) []string {
	var ids []string
	list, _ := a.value("operations").([]any)
	for _, one := range list {
		if member, ok := one.(map[string]any); ok {
			id, _ := member["id"].(string)
			ids = append(ids, id)
		}
	}
	return ids
}
