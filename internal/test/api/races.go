package api

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

// failure 13: eight requests
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

// failure 15: four refunds
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

// refundAndCancel: whoever is first takes the payment. Neither may be, if iyzico could not be read in time; then it is
// tried once more.
//
// failure 16: at once
func refundAndCancel(t *testing.T, c *client) {
	for range 5 {
		p := c.fake.add(t, payment{})
		requests := []Request{posting("/refunds", "refund", `{"paymentId":"`+p.id+`","amount":"10"}`), posting("/cancels", "cancel", `{"paymentId":"`+p.id+`"}`)}
		done, unread := 0, 0
		for _, a := range atOnce(len(requests), func(i int) answer { return c.send(t, requests[i]) }) {
			switch {
			case a.Status == created:
				done++
			case a.Status == ruled && (a.slug() == "not-refundable" || a.slug() == "not-cancellable"):
			case a.Status == http.StatusServiceUnavailable:
				unread++
			default:
				t.Errorf("%d %s", a.Status, a.Body)
			}
		}
		checkCount(t, c, p, done, done)
		if unread > 0 {
			continue
		}
		if done != 1 {
			t.Errorf("%d went through, want 1", done)
		}
		return
	}
	t.Error("iyzico could not be read in time, again and again")
}

// attemptInFlight asks about an operation while iyzico still works on it. On a machine so busy that the attempt ended
// before everything was asked, it asks again on another payment.
func attemptInFlight(t *testing.T, c *client) {
	for range 3 {
		if m := meanwhile(t, c); m.inFlight {
			m.check(t)
			checkCount(t, c, m.payment, 1, 1)
			return
		}
	}
	t.Error("no attempt took as long as asking about it")
}

// asked are the answers that were given while an attempt was in flight.
type asked struct {
	payment  known
	inFlight bool // still, after the last of them

	same, reused, above, cancel, view, list answer
}

func meanwhile(t *testing.T, c *client) asked {
	t.Helper()
	p := c.fake.add(t, payment{})
	c.fake.script(t, fault{Path: refundPath, Mode: "slow", Times: 1, DelayMS: 8000})
	body := `{"paymentId":"` + p.id + `","amount":"10"}`
	first := make(chan answer, 1)
	go func() {
		defer close(first)
		first <- c.post(t, "/refunds", "key", body)
	}()
	for deadline := time.Now().Add(settleTime); c.fake.requests(t, p.id) == 0 && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	requests := []Request{
		posting("/refunds", "key", body),
		posting("/refunds", "key", `{"paymentId":"`+p.id+`","amount":"11"}`),
		posting("/refunds", "other", `{"paymentId":"`+p.id+`","amount":"90.01"}`),
		posting("/cancels", "cancel", `{"paymentId":"`+p.id+`"}`),
		getting("/payments/" + p.id),
		getting("/operations?status=processing"),
	}
	replies := make([]Reply, len(requests))
	for i, req := range requests {
		replies[i] = c.exchange(t, req)
	}
	m := asked{payment: p}
	select {
	case <-first:
		return m
	default:
	}
	if a := <-first; a.Status != created {
		return m
	}
	m.inFlight = true
	for i, into := range []*answer{&m.same, &m.reused, &m.above, &m.cancel, &m.view, &m.list} {
		*into = c.examine(t, requests[i], replies[i])
	}
	return m
}

func (m asked) check(t *testing.T) {
	t.Helper()
	id := m.same.operationID()
	if a := m.same; a.Status != http.StatusConflict || a.slug() != "in-progress" || a.Header.Get("Idempotent-Replayed") != "true" ||
		a.text("operation.status") != "processing" {
		t.Errorf("the same request: %d %s", a.Status, a.Body)
	}
	if a := m.reused; a.Status != ruled || a.slug() != "idempotency-key-reused" {
		t.Errorf("the same key: %d %s", a.Status, a.Body)
	}
	if a := m.above; a.Status != ruled || a.text("refundable") != "90.00" {
		t.Errorf("another refund: %d %s", a.Status, a.Body)
	}
	if a := m.cancel; a.Status != ruled || a.slug() != "not-cancellable" || a.text("operationId") != id {
		t.Errorf("a cancel: %d %s", a.Status, a.Body)
	}
	if a := m.view; a.text("reservedAmount") != "10.00" || a.text("refundableAmount") != "90.00" || a.text("status") != "paid" ||
		a.text("operations.0.status") != "processing" {
		t.Errorf("the payment: %s", a.Body)
	}
	if a := m.list; a.text("operations.0.id") != id {
		t.Errorf("what is in progress: %s", a.Body)
	}
}
