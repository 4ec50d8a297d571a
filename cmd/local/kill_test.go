package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// fast settings: what is tested is crashes, not iyzico's limits.
var fastSettings = []string{"SETTLE_WINDOW=2s", "IYZICO_TIMEOUT=3s", "RATE_LIMIT_PER_MINUTE=100000"}

func noFakeLimit(t *testing.T, fake string) {
	t.Helper()
	if a := mustCall(t, http.MethodPut, fake+"/_fake/settings", "", `{"ratePerMinute":0}`); a.status != http.StatusOK {
		t.Fatalf("settings: %d %s", a.status, a.body)
	}
}

// addPayments puts payments in place at the fake and gives their ids.
func addPayments(t *testing.T, fake string, n int) []string {
	t.Helper()
	var ids []string
	for range n {
		a := mustCall(t, http.MethodPost, fake+"/_fake/payments", "", `{"lines":[{"paidPrice":"1000.00"},{"paidPrice":"500.00"}]}`)
		ids = append(ids, read[struct{ PaymentID string }](t, a.body).PaymentID)
	}
	return ids
}

// request is one refund that a client asks for until it has a definite answer.
type request struct{ key, body string }

// clients asks for the requests, each by a goroutine of its own, until each is definite or ctx ends. Each refund that the
// API confirmed before ctx ended is in the result.
func clients(ctx context.Context, url string, requests []request, confirmed func(id string)) {
	var all sync.WaitGroup
	for _, q := range requests {
		all.Go(func() {
			for ctx.Err() == nil {
				a, err := call(ctx, http.MethodPost, url+"/refunds", q.key, q.body)
				var r resource
				if err == nil && json.Unmarshal(a.body, &r) == nil && (a.status == http.StatusCreated || a.status == http.StatusOK) {
					confirmed(r.ID)
					return
				}
				if err == nil && a.status == http.StatusUnprocessableEntity {
					return // not executed: a client would take a new key
				}
				if pause(ctx, 20*time.Millisecond) != nil {
					return
				}
			}
		})
	}
	all.Wait()
}

// TestKillInTheMiddleOfRefundsMovesNoMoneyTwice kills the real program three times while twenty clients refund, starts it
// again on its folder, and lets the clients ask the same again. No key is executed twice, everything that was confirmed
// was executed, and every operation ends definite, with its event.
//
// failure 5, 10: kill -9 of the whole system among many refunds
func TestKillInTheMiddleOfRefundsMovesNoMoneyTwice(t *testing.T) {
	t.Parallel()
	killInTheMiddle(t, fastSettings, 3, 20)
}

// killInTheMiddle kills so many times while so many clients refund.
func killInTheMiddle(t *testing.T, settings []string, kills, callers int) {
	t.Helper()
	program, data := binary(t, "local"), t.TempDir()
	args := []string{"-addr", "127.0.0.1:0", "-iyzico-addr", "127.0.0.1:0", "-data", data}

	var mu sync.Mutex
	confirmed := map[string]bool{}
	confirm := func(id string) {
		mu.Lock()
		defer mu.Unlock()
		confirmed[id] = true
	}
	count := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(confirmed)
	}

	p := startProcess(t, program, 2, environment(settings...), args...)
	noFakeLimit(t, p.iyzico)
	payments := addPayments(t, p.iyzico, 4)
	var requests []request
	for round := range kills {
		for i := range callers {
			requests = append(requests, request{
				fmt.Sprintf("kill-%d-%d", round, i),
				fmt.Sprintf(`{"paymentId":%q,"amount":"%d.50","allocation":"proportional"}`, payments[i%len(payments)], i+1),
			})
		}
		ctx, leave := context.WithCancel(t.Context())
		var left sync.WaitGroup
		before := count()
		left.Go(func() { clients(ctx, p.url, requests, confirm) })
		eventually(t, "some refunds are confirmed", func() bool { return count() > before+3*round })
		p.kill()
		leave()
		left.Wait()
		p = startProcess(t, program, 2, environment(settings...), args...)
		noFakeLimit(t, p.iyzico)
	}
	clients(t.Context(), p.url, requests, confirm)

	byLeg := map[string]int{}
	executed := map[string]int{}
	for _, x := range executions(t, p.iyzico, "") {
		byLeg[x.ConversationID]++
		executed[x.ConversationID[:strings.LastIndex(x.ConversationID, "-")]]++
	}
	for leg, n := range byLeg {
		if n != 1 {
			t.Errorf("%s was executed %d times", leg, n)
		}
	}
	for id, n := range executed {
		if n > 2 {
			t.Errorf("%s has two lines and was executed %d times", id, n)
		}
	}
	for id := range confirmed {
		if executed[id] == 0 {
			t.Errorf("%s was confirmed and not executed", id)
		}
	}
	eventually(t, "nothing is unfinished", func() bool {
		a := mustCall(t, http.MethodGet, p.url+"/operations", "", "")
		return len(read[struct{ Operations []resource }](t, a.body).Operations) == 0
	})
	final := map[string]string{}
	for _, id := range payments {
		a := mustCall(t, http.MethodGet, p.url+"/payments/"+id, "", "")
		for _, op := range read[struct{ Operations []resource }](t, a.body).Operations {
			final[op.ID] = op.Status
			if moved := executed[op.ID]; (moved > 0) != (op.Status == "succeeded" || op.Status == "partially_succeeded") {
				t.Errorf("%s is %s and was executed %d times", op.ID, op.Status, moved)
			}
		}
	}
	if len(final) != len(requests) {
		t.Errorf("%d operations of %d requests", len(final), len(requests))
	}
	checkEvents(t, p.url, final)
}

// checkEvents: the last event of every operation is its final status, and sequences never fall within a payment once
// repeats are dropped.
func checkEvents(t *testing.T, url string, final map[string]string) {
	t.Helper()
	last := map[string]string{}
	eventually(t, "every final status is published", func() bool {
		clear(last)
		for _, e := range eventsAfter(t, url, 0) {
			last[e.Detail.ID] = e.Detail.Status
		}
		for id, status := range final {
			if last[id] != status {
				return false
			}
		}
		return true
	})
	unknown := 0
	type write struct {
		id       string
		sequence int64
	}
	seen, newest := map[write]bool{}, map[string]int64{}
	for _, e := range eventsAfter(t, url, 0) {
		w := write{e.Detail.ID, e.Detail.Sequence}
		if seen[w] {
			continue
		}
		seen[w] = true
		if e.Detail.Status == "unknown" {
			unknown++
		}
		if e.Detail.Sequence < newest[e.Detail.PaymentID] {
			t.Errorf("payment %s: sequence %d after %d", e.Detail.PaymentID, e.Detail.Sequence, newest[e.Detail.PaymentID])
		}
		newest[e.Detail.PaymentID] = e.Detail.Sequence
		if e.Source != "iade" || e.DetailType != e.Detail.Kind+"."+e.Detail.Status || e.Detail.SchemaVersion != 1 ||
			e.Detail.IdempotencyKey == "" || e.Time.IsZero() {
			t.Errorf("event: %+v", e)
		}
	}
	t.Logf("%d operations, %d events, %d times unknown on the way", len(final), len(seen), unknown)
}

// TestAKilledFakeKeepsItsState runs against the fake as a program of its own, kills it, and starts it again where it was.
func TestAKilledFakeKeepsItsState(t *testing.T) {
	t.Parallel()
	fakeProgram, data := binary(t, "fake-iyzico"), t.TempDir()
	fake := startProcess(t, fakeProgram, 1, environment(), "-addr", "127.0.0.1:0", "-data", data)
	fakeAddr := strings.TrimPrefix(fake.url, "http://")
	y, _ := startSystem(t, t.TempDir(), env(map[string]string{
		"IYZICO_BASE_URL": fake.url, "IYZICO_API_KEY": "sandbox-apiKey", "IYZICO_SECRET_KEY": "sandbox-secretKey",
		"SETTLE_WINDOW": "1s", "IYZICO_TIMEOUT": "2s",
	}))
	if y.Fake != nil {
		t.Error("it started a fake of its own")
	}
	lost := request{"k-1", lostBody}
	mustCall(t, http.MethodPost, fake.url+"/_fake/faults", "", `{"path":"/payment/refund","mode":"reset-after"}`)
	a := mustCall(t, http.MethodPost, y.URL+"/refunds", lost.key, lost.body)
	fake.kill()
	if a.status != http.StatusAccepted {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if b := mustCall(t, http.MethodPost, y.URL+"/refunds", "k-2", refundBody); b.status != http.StatusServiceUnavailable {
		t.Errorf("without iyzico: %d %s", b.status, b.body)
	}

	fake = startProcess(t, fakeProgram, 1, environment(), "-addr", fakeAddr, "-data", data)
	if r := settled(t, y.URL+a.header.Get("Location")); r.Status != "succeeded" {
		t.Errorf("status: %s", r.Status)
	}
	if b := mustCall(t, http.MethodPost, y.URL+"/refunds", "k-2", refundBody); b.status != http.StatusCreated {
		t.Errorf("the same key, with iyzico again: %d %s", b.status, b.body)
	}
	if got := executions(t, fake.url, "10000004"); len(got) != 1 || got[0].Price != "250.00" {
		t.Errorf("executions: %+v", got)
	}
}
