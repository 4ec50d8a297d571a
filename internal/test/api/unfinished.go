package api

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
)

// blind leaves iyzico's report readable for the first contact with one payment only, so that nothing settles.
func (c *client) blind(t *testing.T) {
	t.Helper()
	c.fake.script(t, fault{Path: reportPath, Mode: "slow", Times: 1})
	c.fake.script(t, fault{Path: reportPath, Mode: "status-500-before", Times: 0})
}

// inTheWay: an operation whose outcome is not known stands in the way of what takes the whole payment, and a lost cancel
// in the way of everything.
func inTheWay(t *testing.T, target Target) {
	t.Run("a lost cancel", func(t *testing.T) {
		c := start(t, target, Options{})
		p := c.fake.add(t, payment{})
		c.blind(t)
		c.fake.script(t, fault{Path: cancelPath, Mode: "reset-after", Times: 1})
		lost := c.post(t, "/cancels", "cancel", `{"paymentId":"`+p.id+`"}`)
		if lost.Status != accepted || lost.text("status") != "unknown" {
			t.Fatalf("%d %s", lost.Status, lost.Body)
		}
		a := c.post(t, "/refunds", "refund", `{"paymentId":"`+p.id+`","amount":"10"}`)
		if a.Status != ruled || a.slug() != "not-refundable" || a.text("operationId") != lost.text("id") {
			t.Errorf("a refund: %d %s", a.Status, a.Body)
		}
		if view := c.get(t, "/payments/"+p.id); view.text("reservedAmount") != "100.00" || view.text("refundableAmount") != "0.00" || view.text("status") != "paid" {
			t.Errorf("payment: %s", view.Body)
		}
		c.fake.clear(t)
		c.settle(t, resourcePath(lost.text("id")), "succeeded")
		if view := c.get(t, "/payments/"+p.id); view.text("status") != "cancelled" || view.text("reservedAmount") != "0.00" {
			t.Errorf("payment: %s", view.Body)
		}
		checkCount(t, c, p, 1, 1)
	})
	t.Run("a lost refund", func(t *testing.T) {
		c := start(t, target, Options{})
		var p known
		lost := c.withFaults(t, []fault{{Path: refundPath, Mode: "reset-before", Times: 1}}, func() answer {
			p = c.fake.add(t, payment{})
			return c.post(t, "/refunds", "refund", `{"paymentId":"`+p.id+`","amount":"10"}`)
		})
		a := c.post(t, "/cancels", "cancel", `{"paymentId":"`+p.id+`"}`)
		if a.Status != ruled || a.slug() != "not-cancellable" || a.text("operationId") != lost.text("id") {
			t.Errorf("a cancel: %d %s", a.Status, a.Body)
		}
		rest := c.post(t, "/refunds", "rest", `{"paymentId":"`+p.id+`","full":true}`)
		if rest.Status != created || rest.text("amount") != "90.00" {
			t.Errorf("all that is left: %d %s", rest.Status, rest.Body)
		}
		checkCount(t, c, p, 1, 2)
	})
}

// mostUnfinished is how many unfinished operations one payment may have.
const mostUnfinished = 20

func tooManyOperations(t *testing.T, target Target) {
	c := start(t, target, Options{})
	p := c.fake.add(t, payment{})
	c.blind(t)
	c.fake.script(t, fault{Path: refundPath, Mode: "reset-before", Times: 0})
	ask := func(i int) answer {
		return c.post(t, "/refunds", fmt.Sprint("key-", i), `{"paymentId":"`+p.id+`","amount":"0.01"}`)
	}
	for i := range mostUnfinished {
		if a := ask(i); a.Status != accepted {
			t.Fatalf("refund %d: %d %s", i, a.Status, a.Body)
		}
	}
	for range 2 {
		if a := ask(mostUnfinished); a.Status != ruled || a.slug() != "too-many-operations" {
			t.Errorf("one more: %d %s", a.Status, a.Body)
		}
	}
	if a := ask(0); a.Status != accepted || a.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("a replay is no operation more: %d %s", a.Status, a.Body)
	}
	if view := c.get(t, "/payments/"+p.id); view.text("operations.#") != fmt.Sprint(mostUnfinished) || view.text("reservedAmount") != "0.20" {
		t.Errorf("payment: %s", view.Body)
	}
	checkCount(t, c, p, 0, mostUnfinished)
}

// pagesOfOperations: more payments with something unfinished than a page lists.
func pagesOfOperations(t *testing.T, target Target) {
	c := start(t, target, Options{})
	const all = 60
	c.fake.script(t, fault{Path: refundPath, Mode: "reset-before", Times: 0})
	var mu sync.Mutex
	var ids []string
	inParallel(t, sideBySide, make([]struct{}, all), func(struct{}) string { return "lost" }, func(t *testing.T, _ struct{}) {
		p := c.fake.add(t, payment{})
		a := c.post(t, "/refunds", "key", `{"paymentId":"`+p.id+`","amount":"1"}`)
		if a.Status != accepted {
			t.Errorf("%d %s", a.Status, a.Body)
		}
		mu.Lock()
		defer mu.Unlock()
		ids = append(ids, a.text("id"))
	})
	var found []string
	pages := 0
	for cursor := ""; ; {
		a := c.get(t, "/operations?status=unknown"+cursor)
		if a.Status != http.StatusOK {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		found = append(found, listed(a)...)
		pages++
		next := a.text("nextCursor")
		if next == "" || pages > all {
			break
		}
		cursor = "&cursor=" + next
	}
	if pages < 2 || pages > all {
		t.Errorf("%d operations on %d pages", all, pages)
	}
	for _, id := range ids {
		// On a busy machine the first may be settled by now.
		if !slices.Contains(found, id) && c.get(t, resourcePath(id)).text("status") == "unknown" {
			t.Errorf("%s is unknown and on no page", id)
		}
	}
}
