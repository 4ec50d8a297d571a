package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/iade/iade/internal/clock"
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

// request is what one client asks for until it has a definite answer.
type request struct{ path, key, body string }

// crowd is the clients of one test and what they were told.
type crowd struct {
	mu        sync.Mutex
	ids       map[string]string // of operations, by key, once their client has a definite answer
	confirmed map[string]bool   // operations that were said to be done
}

func newCrowd() *crowd { return &crowd{ids: map[string]string{}, confirmed: map[string]bool{}} }

func (c *crowd) told(key, id string, done bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ids[key] = id
	if done {
		c.confirmed[id] = true
	}
}

// count is how many operations were confirmed.
func (c *crowd) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.confirmed)
}

// ask asks for the requests, each by a goroutine of its own, until each is definite or ctx ends.
func (c *crowd) ask(ctx context.Context, url string, requests []request) {
	var all sync.WaitGroup
	for _, q := range requests {
		all.Go(func() {
			for ctx.Err() == nil {
				a, err := call(ctx, http.MethodPost, url+q.path, q.key, q.body)
				var r struct {
					ID        string   `json:"id"`
					Status    any      `json:"status"` // a problem's is a number
					Operation resource `json:"operation"`
				}
				if err == nil && json.Unmarshal(a.body, &r) != nil {
					err = errors.New("no JSON")
				}
				switch {
				case err != nil:
				case a.status == http.StatusCreated, a.status == http.StatusOK, a.status == http.StatusMultiStatus:
					c.told(q.key, r.ID, true)
					return
				case a.status == http.StatusUnprocessableEntity: // not executed: a client would take a new key
					c.told(q.key, r.Operation.ID, false)
					return
				case r.Status == "needs_review": // a person would look
					c.told(q.key, r.ID, false)
					return
				}
				if clock.Sleep(ctx, 20*time.Millisecond) != nil {
					return
				}
			}
		})
	}
	all.Wait()
}

// mixed is what so many callers ask for in one round: refunds on payments that they share, and a cancel, a payment from a
// balance and a refund to one each.
func mixed(t *testing.T, fake string, round, callers int, payments []string) []request {
	t.Helper()
	var requests []request
	for i := range callers - 3 {
		requests = append(requests, request{
			"/refunds", fmt.Sprintf("kill-%d-%d", round, i),
			fmt.Sprintf(`{"paymentId":%q,"amount":"%d.50","allocation":"proportional"}`, payments[i%len(payments)], i+1),
		})
	}
	own := addPayments(t, fake, 2)
	a := mustCall(t, http.MethodPost, fake+"/_fake/sessions", "", `{"balance":"100.00"}`)
	session := read[struct{ SessionToken, MemberIdentifier string }](t, a.body)
	order := strings.NewReplacer("7dbd06d023712b32c0964dcc971212a1", session.SessionToken, "992cab6b8d035d5edb2f5d3d5a6806ce", session.MemberIdentifier).
		Replace(walkthroughOrder)
	return append(requests,
		request{"/cancels", fmt.Sprintf("kill-%d-cancel", round), fmt.Sprintf(`{"paymentId":%q}`, own[0])},
		request{"/fund-payments", fmt.Sprintf("kill-%d-fund", round), order},
		request{"/refunds", fmt.Sprintf("kill-%d-balance", round), fmt.Sprintf(`{"paymentId":%q,"destination":"balance"}`, own[1])},
	)
}

// TestKillInTheMiddleOfRefundsMovesNoMoneyTwice kills the real program three times while twenty clients ask for refunds,
// cancels, payments and refunds to balance, starts it again on its folder, and lets the clients ask the same again. No key
// is executed twice, everything that was confirmed was executed, and every operation ends definite, with its event.
//
// failure 5, 10: kill -9 of the whole system among many refunds
func TestKillInTheMiddleOfRefundsMovesNoMoneyTwice(t *testing.T) {
	t.Parallel()
	killInTheMiddle(t, fastSettings, 3, 20)
}

// killInTheMiddle kills so many times while so many clients ask.
func killInTheMiddle(t *testing.T, settings []string, kills, callers int) {
	t.Helper()
	program, data := binary(t, "local"), t.TempDir()
	args := []string{"-addr", "127.0.0.1:0", "-iyzico-addr", "127.0.0.1:0", "-data", data}
	p := startProcess(t, program, 2, environment(settings...), args...)
	noFakeLimit(t, p.iyzico)
	payments := addPayments(t, p.iyzico, 4)
	var requests []request
	c := newCrowd()
	for round := range kills {
		requests = append(requests, mixed(t, p.iyzico, round, callers, payments)...)
		c.askUntilKilled(t, p.url, requests, 3*round, p.kill)
		p = startProcess(t, program, 2, environment(settings...), args...)
		noFakeLimit(t, p.iyzico)
	}
	c.ask(t.Context(), p.url, requests)
	c.check(t, p.url, p.iyzico, requests)
}

// askUntilKilled kills when more than so many more operations were confirmed, and sends the clients home.
func (c *crowd) askUntilKilled(t *testing.T, url string, requests []request, more int, kill func()) {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	var left sync.WaitGroup
	before := c.count()
	left.Go(func() { c.ask(ctx, url, requests) })
	eventually(t, "some are confirmed", func() bool { return c.count() > before+more })
	kill()
	leave()
	left.Wait()
}

// TestTheFakeIsKilledWhileClientsAsk kills iyzico three times while twenty clients ask, and starts it again where it was.
func TestTheFakeIsKilledWhileClientsAsk(t *testing.T) {
	t.Parallel()
	program, data := binary(t, "fake-iyzico"), t.TempDir()
	fake := startProcess(t, program, 1, environment(), "-addr", "127.0.0.1:0", "-data", data)
	noFakeLimit(t, fake.url)
	settings := map[string]string{"IYZICO_BASE_URL": fake.url, "IYZICO_API_KEY": "sandbox-apiKey", "IYZICO_SECRET_KEY": "sandbox-secretKey"}
	for _, s := range fastSettings {
		name, value, _ := strings.Cut(s, "=")
		settings[name] = value
	}
	y, _ := startSystem(t, t.TempDir(), env(settings))
	payments := addPayments(t, fake.url, 4)
	var requests []request
	c := newCrowd()
	for round := range 3 {
		requests = append(requests, mixed(t, fake.url, round, 20, payments)...)
		c.askUntilKilled(t, y.URL, requests, 3*round, fake.kill)
		fake = startProcess(t, program, 1, environment(), "-addr", strings.TrimPrefix(fake.url, "http://"), "-data", data)
		noFakeLimit(t, fake.url)
	}
	c.ask(t.Context(), y.URL, requests)
	c.check(t, y.URL, fake.url, requests)
}

// check goes on with what needs people, and holds what the API says against what iyzico really did.
func (c *crowd) check(t *testing.T, url, fake string, requests []request) {
	t.Helper()
	for _, q := range requests {
		switch {
		case q.path == "/fund-payments":
			c.review(t, url, q)
		case strings.HasSuffix(q.key, "-balance"):
			c.toBalance(t, url, fake, q)
		}
	}
	eventually(t, "nothing is unfinished", func() bool {
		a := mustCall(t, http.MethodGet, url+"/operations", "", "")
		return len(read[struct{ Operations []resource }](t, a.body).Operations) == 0
	})
	byLeg, executed := map[string]int{}, map[string]int{}
	for _, x := range executions(t, fake, "") {
		byLeg[x.ConversationID]++
		executed[x.ConversationID[:strings.LastIndex(x.ConversationID, "-")]]++
	}
	for leg, n := range byLeg {
		if n != 1 {
			t.Errorf("%s was executed %d times", leg, n)
		}
	}
	final := map[string]string{}
	for _, q := range requests {
		id := c.ids[q.key]
		op := read[resource](t, mustCall(t, http.MethodGet, url+q.path+"/"+id, "", "").body)
		final[id] = op.Status
		if moved := executed[id]; (moved > 0) != (op.Status == "succeeded" || op.Status == "partially_succeeded") || moved > 2 {
			t.Errorf("%s is %s and was executed %d times", id, op.Status, moved)
		}
		if op.ID != id || c.confirmed[id] && executed[id] == 0 {
			t.Errorf("%s %q was confirmed and executed %d times", q.key, id, executed[id])
		}
		delete(executed, id)
	}
	if len(final) != len(requests) || len(executed) > 0 {
		t.Errorf("%d operations of %d requests, and executions for others: %v", len(final), len(requests), executed)
	}
	checkEvents(t, url, final)
}

// review is a person's, who looks at a payment from a balance that iyzico does not list.
func (c *crowd) review(t *testing.T, url string, q request) {
	t.Helper()
	id := c.ids[q.key]
	op := read[resource](t, mustCall(t, http.MethodGet, url+q.path+"/"+id, "", "").body)
	if op.Status != "needs_review" {
		return
	}
	a := mustCall(t, http.MethodPost, url+"/operations/"+id+"/resolution", "", `{"decision":"not_executed","reason":"iyzico has none","by":"op-1"}`)
	if a.status != http.StatusOK {
		t.Errorf("%s cannot be resolved: %d %s", id, a.status, a.body)
	}
}

// toBalance goes with the customer to iyzico and back, and with the merchant to the panel.
func (c *crowd) toBalance(t *testing.T, url, fake string, q request) {
	t.Helper()
	shown := mustCall(t, http.MethodPost, url+q.path, q.key, q.body)
	page := read[struct{ RedirectURL string }](t, shown.body).RedirectURL
	if page == "" {
		t.Fatalf("%s shows no page: %d %s", q.key, shown.status, shown.body)
	}
	token := page[strings.LastIndexByte(page, '/')+1:]
	going := read[struct{ URL string }](t, mustCall(t, http.MethodPost, fake+"/_fake/balance-refunds/"+token+"/confirm", "", "").body)
	_, path, _ := strings.Cut(going.URL, "/balance-callback/") // the program serves on another port since it was killed
	if a := mustCall(t, http.MethodGet, url+"/balance-callback/"+path+"?token="+token, "", ""); a.status != http.StatusOK {
		t.Errorf("the customer sees %d %s", a.status, a.body)
	}
	mustCall(t, http.MethodPost, fake+"/_fake/balance-refunds/"+token+"/approve", "", "")
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
		account := e.Detail.PaymentID
		if e.Detail.Kind == "fund_payment" {
			account = e.Detail.ID // a fund payment has one of its own
		}
		if e.Detail.Sequence < newest[account] {
			t.Errorf("account %s: sequence %d after %d", account, e.Detail.Sequence, newest[account])
		}
		newest[account] = e.Detail.Sequence
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
	lost := request{"/refunds", "k-1", lostBody}
	mustCall(t, http.MethodPost, fake.url+"/_fake/faults", "", `{"path":"/payment/refund","mode":"reset-after"}`)
	a := mustCall(t, http.MethodPost, y.URL+lost.path, lost.key, lost.body)
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
