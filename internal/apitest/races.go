package apitest

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"
)

// races: requests about one payment at the same time.
func races(t *testing.T, target Target) {
	c := start(t, target, Options{})
	all := []struct {
		name string
		run  func(*testing.T, *client)
	}{
		{"the same key many times at once", sameKeyAtOnce},
		{"different keys together above the remainder", keysAboveRemainder},
		{"different keys that fit", keysThatFit},
		{"refund and cancel at once", refundAndCancel},
		{"an attempt in flight", attemptInFlight},
	}
	for _, one := range all {
		t.Run(one.name, func(t *testing.T) { one.run(t, c) })
	}
}

// atOnce sends n requests at the same moment.
func atOnce(n int, send func(i int) answer) []answer {
	answers := make([]answer, n)
	var group sync.WaitGroup
	begin := make(chan struct{})
	for i := range answers {
		group.Add(1)
		go func() {
			defer group.Done()
			<-begin
			answers[i] = send(i)
		}()
	}
	close(begin)
	group.Wait()
	return answers
}

func sameKeyAtOnce(t *testing.T, c *client) {
	p := c.fake.add(t, payment{})
	body := `{"paymentId":"` + p.id + `","amount":"10"}`
	sent := 0
	for _, a := range atOnce(8, func(int) answer { return c.post(t, "/refunds", "key", body) }) {
		switch {
		case a.Status == created && a.Header.Get("Idempotent-Replayed") == "":
			sent++
		case a.Status == http.StatusOK && a.Header.Get("Idempotent-Replayed") == "true":
		case a.Status == http.StatusConflict && a.slug() == "in-progress":
		default:
			t.Errorf("%d %s", a.Status, a.Body)
		}
	}
	if sent != 1 {
		t.Errorf("%d answers say that they sent it, want 1", sent)
	}
	checkCount(t, c, p, 1, 1)
}

func keysAboveRemainder(t *testing.T, c *client) {
	p := c.fake.add(t, payment{})
	done := 0
	for _, a := range atOnce(4, func(i int) answer {
		return c.post(t, "/refunds", fmt.Sprint("key-", i), `{"paymentId":"`+p.id+`","amount":"60"}`)
	}) {
		switch {
		case a.Status == created:
			done++
		case a.Status == ruled && a.slug() == "exceeds-refundable" && a.text("refundable") == "40.00":
		default:
			t.Errorf("%d %s", a.Status, a.Body)
		}
	}
	if done != 1 {
		t.Errorf("%d refunds of 60.00 on 100.00 went through, want 1", done)
	}
	checkMoved(t, c, p, []string{"refund {line1} 60.00"})
}

func keysThatFit(t *testing.T, c *client) {
	p := c.fake.add(t, payment{})
	for _, a := range atOnce(5, func(i int) answer {
		return c.post(t, "/refunds", fmt.Sprint("key-", i), `{"paymentId":"`+p.id+`","amount":"20"}`)
	}) {
		if a.Status != created {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	}
	if view := c.get(t, "/payments/"+p.id); view.text("status") != "refunded" || view.text("refundedAmount") != "100.00" {
		t.Errorf("payment %s", view.Body)
	}
	checkCount(t, c, p, 5, 5)
}

func refundAndCancel(t *testing.T, c *client) {
	p := c.fake.add(t, payment{})
	done := 0
	for _, a := range atOnce(2, func(i int) answer {
		if i == 0 {
			return c.post(t, "/refunds", "refund", `{"paymentId":"`+p.id+`","amount":"10"}`)
		}
		return c.post(t, "/cancels", "cancel", `{"paymentId":"`+p.id+`"}`)
	}) {
		switch {
		case a.Status == created:
			done++
		case a.Status == ruled && (a.slug() == "not-refundable" || a.slug() == "not-cancellable"):
		default:
			t.Errorf("%d %s", a.Status, a.Body)
		}
	}
	if done != 1 {
		t.Errorf("%d went through, want 1", done)
	}
	checkCount(t, c, p, 1, 1)
}

// attemptInFlight asks about an operation while iyzico still works on it.
func attemptInFlight(t *testing.T, c *client) {
	p := c.fake.add(t, payment{})
	c.fake.script(t, fault{Path: refundPath, Mode: "slow", Times: 1, DelayMS: 3000})
	body := `{"paymentId":"` + p.id + `","amount":"10"}`
	first := make(chan answer, 1)
	go func() { first <- c.post(t, "/refunds", "key", body) }()
	for deadline := time.Now().Add(settleTime); c.fake.requests(t, p.id) == 0 && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	second := c.post(t, "/refunds", "key", body)
	view := c.get(t, "/payments/"+p.id)
	third := c.post(t, "/refunds", "key", `{"paymentId":"`+p.id+`","amount":"11"}`)
	above := c.post(t, "/refunds", "other", `{"paymentId":"`+p.id+`","amount":"90.01"}`)
	cancel := c.post(t, "/cancels", "cancel", `{"paymentId":"`+p.id+`"}`)
	list := c.get(t, "/operations?status=processing")
	if a := <-first; a.Status != created {
		t.Errorf("the first: %d %s", a.Status, a.Body)
	}
	id := second.operationID()
	if second.Status != http.StatusConflict || second.slug() != "in-progress" || second.Header.Get("Idempotent-Replayed") != "true" ||
		second.text("operation.status") != "processing" {
		t.Errorf("the same request meanwhile: %d %s", second.Status, second.Body)
	}
	if view.text("reservedAmount") != "10.00" || view.text("refundableAmount") != "90.00" || view.text("status") != "paid" ||
		view.text("operations.0.status") != "processing" {
		t.Errorf("the payment meanwhile: %s", view.Body)
	}
	if third.Status != ruled || third.slug() != "idempotency-key-reused" {
		t.Errorf("the same key meanwhile: %d %s", third.Status, third.Body)
	}
	if above.Status != ruled || above.text("refundable") != "90.00" {
		t.Errorf("another refund meanwhile: %d %s", above.Status, above.Body)
	}
	if cancel.Status != ruled || cancel.slug() != "not-cancellable" || cancel.text("operationId") != id {
		t.Errorf("a cancel meanwhile: %d %s", cancel.Status, cancel.Body)
	}
	if list.text("operations.0.id") != id {
		t.Errorf("what is in progress: %s", list.Body)
	}
	checkCount(t, c, p, 1, 1)
}
