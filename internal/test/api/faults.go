package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// lostAnswer is one fault mode and what must come of it: the answer, the truth, and the end.
type lostAnswer struct {
	fault  fault
	status int
	slug   string
	ends   string // the operation's status in the end
	runs   int    // executions in the end: never more than one
}

const (
	accepted = http.StatusAccepted
	created  = http.StatusCreated
)

// everyMode lists every fault mode of the fake that can be tried beside others. rate-limit closes the endpoint for the
// rest of the minute and has a group of its own.
func everyMode() []lostAnswer {
	return []lostAnswer{
		{fault{Mode: "reset-before"}, accepted, "", "not_executed", 0},
		{fault{Mode: "reset-after"}, accepted, "", "succeeded", 1},
		{fault{Mode: "hang-before"}, accepted, "", "not_executed", 0},
		{fault{Mode: "hang-after"}, accepted, "", "succeeded", 1},
		{fault{Mode: "late", DelayMS: 3000}, accepted, "", "succeeded", 1},
		{fault{Mode: "status-500-before"}, accepted, "", "not_executed", 0},
		{fault{Mode: "status-500-after"}, accepted, "", "succeeded", 1},
		{fault{Mode: "html-502"}, accepted, "", "not_executed", 0},
		{fault{Mode: "truncated-after"}, accepted, "", "succeeded", 1},
		{fault{Mode: "bad-signature"}, accepted, "", "succeeded", 1},
		{fault{Mode: "missing-echo"}, accepted, "", "succeeded", 1},
		{fault{Mode: "wrong-echo"}, accepted, "", "succeeded", 1},
		{fault{Mode: "refuse"}, ruled, "rejected-by-iyzico", "rejected", 0},
		{fault{Mode: "refuse", ErrorCode: "5999"}, accepted, "", "not_executed", 0},
		{fault{Mode: "refuse", ErrorCode: "10219"}, accepted, "", "not_executed", 0},
		{fault{Mode: "refuse", ErrorCode: "1001"}, http.StatusServiceUnavailable, "unavailable", "not_sent", 0},
		{fault{Mode: "refuse-after", ErrorCode: "10203"}, accepted, "", "succeeded", 1},
		{fault{Mode: "slow", DelayMS: 300}, created, "", "succeeded", 1},
	}
}

// money is one way to move money, with the path that it takes at iyzico.
type money struct{ path, route, body string }

func everyWay() []money {
	return []money{
		{refundPath, "/refunds", `{"paymentId":"%s","amount":"10"}`},
		{refundV2Path, "/refunds", `{"paymentId":"%s","amount":"10","allocation":"iyzico"}`},
		{cancelPath, "/cancels", `{"paymentId":"%s"}`},
	}
}

// lostAnswers tries every fault mode on every money path: whatever the answer was, money moved as often as iyzico says,
// the same key never sends again, and the operation ends with the truth.
//
// failure 7, 8, 9, 12: every fault mode on every path
func lostAnswers(t *testing.T, target Target) {
	ways := everyWay()
	inParallel(t, len(ways), ways, func(m money) string { return m.path }, func(t *testing.T, m money) {
		c := start(t, target, Options{IyzicoTimeout: impatient})
		modes := everyMode()
		for i := range modes {
			if m.path == cancelPath && modes[i].fault.Mode == "bad-signature" {
				modes[i].status = created // cancels carry no signature (docs/iyzico.md §2.5)
			}
			modes[i].fault.Path, modes[i].fault.Times = m.path, 1
		}
		name := func(l lostAnswer) string { return strings.TrimSpace(l.fault.Mode + " " + l.fault.ErrorCode) }
		inParallel(t, len(modes), modes, name, func(t *testing.T, l lostAnswer) { l.run(t, c, m) })
	})
}

func (l lostAnswer) run(t *testing.T, c *client, m money) {
	t.Helper()
	var p known
	var body string
	ask := func() answer { return c.post(t, m.route, "key", body) }
	first := c.withFaults(t, []fault{l.fault}, func() answer {
		p = c.fake.add(t, payment{})
		body = fmt.Sprintf(m.body, p.id)
		return ask()
	})
	l.checkFirst(t, c, p, first)
	id := first.operationID()
	if l.ends == "not_sent" {
		again := c.withFaults(t, nil, ask)
		if again.Status != created || again.operationID() != id || again.text("legs.0.conversationId") != id+"-2" {
			t.Errorf("the same key after not_sent: %d %s", again.Status, again.Body)
		}
		checkCount(t, c, p, 1, 2)
		return
	}
	end := c.settle(t, resourcePath(id), l.ends)
	checkCount(t, c, p, l.runs, 1)
	l.checkReplay(t, ask(), end)
	checkCount(t, c, p, l.runs, 1)
	if view := c.get(t, "/payments/"+p.id); view.text("reservedAmount") != "0.00" {
		t.Errorf("a settled operation keeps %s reserved", view.text("reservedAmount"))
	}
}

// checkFirst checks the answer to the request that went wrong, before anything was settled.
func (l lostAnswer) checkFirst(t *testing.T, c *client, p known, a answer) {
	t.Helper()
	if a.Status != l.status || a.slug() != l.slug || a.Header.Get("Idempotent-Replayed") != "" {
		t.Fatalf("%d %q replayed %q, want %d %q: %s", a.Status, a.slug(), a.Header.Get("Idempotent-Replayed"), l.status, l.slug, a.Body)
	}
	want := map[int]string{accepted: "unknown", created: "succeeded"}[a.Status]
	if got := a.text("status"); want != "" && got != want {
		t.Errorf("status %s, want %s", got, want)
	}
	if l.slug == "rejected-by-iyzico" {
		checkRefusal(t, a)
	}
	if got := c.fake.requests(t, p.id); got != 1 {
		t.Errorf("%d money requests, want 1", got)
	}
}

// checkReplay checks what the same request gets once the operation is settled.
func (l lostAnswer) checkReplay(t *testing.T, a, end answer) {
	t.Helper()
	status, slug := http.StatusOK, ""
	switch l.ends {
	case "rejected":
		status, slug = ruled, "rejected-by-iyzico"
		checkRefusal(t, a)
		if end.text("error.code") != "10051" || end.text("error.message") == "" || end.text("refundedAmount") != "0.00" {
			t.Errorf("resource: %s", end.Body)
		}
	case "not_executed":
		status, slug = ruled, "not-executed"
	}
	if a.Status != status || a.slug() != slug || a.Header.Get("Idempotent-Replayed") != "true" || a.operationID() != end.text("id") {
		t.Errorf("replay: %d %q, want %d %q: %s", a.Status, a.slug(), status, slug, a.Body)
	}
	if end.text("settledAt") == "" || l.runs == 1 && end.text("error.code") != "" {
		t.Errorf("settled as %s", end.Body)
	}
}

// checkRefusal checks that iyzico's refusal is shown whole, the first time and replayed.
func checkRefusal(t *testing.T, a answer) {
	t.Helper()
	if a.text("iyzico.errorCode") != "10051" || a.text("iyzico.errorGroup") != "NOT_SUFFICIENT_FUNDS" || a.text("iyzico.errorMessage") == "" ||
		a.text("operation.status") != "rejected" || a.text("operation.error.code") != "10051" {
		t.Errorf("refusal is not shown whole: %s", a.Body)
	}
}

func checkCount(t *testing.T, c *client, p known, executions, requests int) {
	t.Helper()
	if got := len(c.fake.executions(t, p.id)); got != executions {
		t.Errorf("%d executions, want %d", got, executions)
	}
	if got := c.fake.requests(t, p.id); got != requests {
		t.Errorf("%d money requests, want %d", got, requests)
	}
}

// severalLegs: one leg of three goes wrong.
//
// failure 29: each leg
func severalLegs(t *testing.T, target Target) {
	type one struct {
		name     string
		faults   []fault // the first acts on the first leg, and so on
		status   int
		slug     string
		now      string // statuses of the legs in the answer
		ends     string
		legs     string // statuses of the legs in the end
		runs     int
		requests int
		refunded string
	}
	fine := fault{Mode: "slow"}
	all := []one{
		{"lost in the middle, executed", []fault{fine, {Mode: "reset-after"}}, accepted, "", "succeeded unknown not_executed",
			"partially_succeeded", "succeeded succeeded not_executed", 2, 2, "160.00"},
		{"lost in the middle, not executed", []fault{fine, {Mode: "reset-before"}}, accepted, "", "succeeded unknown not_executed",
			"partially_succeeded", "succeeded not_executed not_executed", 1, 2, "100.00"},
		{"refused in the middle", []fault{fine, {Mode: "refuse"}}, http.StatusMultiStatus, "", "succeeded rejected not_executed",
			"partially_succeeded", "succeeded rejected not_executed", 1, 2, "100.00"},
		{"refused at once", []fault{{Mode: "refuse"}}, ruled, "rejected-by-iyzico", "rejected not_executed not_executed",
			"rejected", "rejected not_executed not_executed", 0, 1, "0.00"},
		{"lost at once", []fault{{Mode: "reset-before"}}, accepted, "", "unknown not_executed not_executed",
			"not_executed", "not_executed not_executed not_executed", 0, 1, "0.00"},
	}
	c := start(t, target, Options{IyzicoTimeout: impatient})
	inParallel(t, len(all), all, func(o one) string { return o.name }, func(t *testing.T, o one) {
		var p known
		ask := func() answer { return c.post(t, "/refunds", "key", `{"paymentId":"`+p.id+`","full":true}`) }
		for i := range o.faults {
			o.faults[i].Path, o.faults[i].Times = refundPath, 1
		}
		a := c.withFaults(t, o.faults, func() answer {
			p = c.fake.add(t, payment{lines: []string{"100.00", "60.00", "40.00"}})
			return ask()
		})
		prefix := ""
		if o.slug != "" {
			prefix = "operation."
		}
		if a.Status != o.status || a.slug() != o.slug || legs(a, prefix) != o.now {
			t.Fatalf("%d %q legs %q, want %d %q %q: %s", a.Status, a.slug(), legs(a, prefix), o.status, o.slug, o.now, a.Body)
		}
		end := c.settle(t, resourcePath(a.operationID()), o.ends)
		if got := legs(end, ""); got != o.legs || end.text("refundedAmount") != o.refunded {
			t.Errorf("ended with legs %q, refunded %s, want %q, %s", got, end.text("refundedAmount"), o.legs, o.refunded)
		}
		again := ask()
		if want := map[bool]int{true: http.StatusMultiStatus, false: ruled}[o.ends == "partially_succeeded"]; again.Status != want || again.Header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("replay: %d %s", again.Status, again.Body)
		}
		checkCount(t, c, p, o.runs, o.requests)
	})
}

func legs(a answer, prefix string) string {
	var states []string
	for i := 0; a.value(fmt.Sprintf("%slegs.%d", prefix, i)) != nil; i++ {
		states = append(states, a.text(fmt.Sprintf("%slegs.%d.status", prefix, i)))
	}
	return strings.Join(states, " ")
}

// laggingReport: payments and refunds appear in the report seconds later; nothing is taken for absent before.
//
// failure 23: the report lags
func laggingReport(t *testing.T, target Target) {
	c := start(t, target, Options{IyzicoTimeout: impatient})
	c.fake.set(t, map[string]any{"reportingLagMs": 4000})
	type one struct {
		name, mode string
		status     int
		ends       string
		runs       int
	}
	all := []one{
		{"answered", "slow", created, "succeeded", 1},
		{"lost after", "reset-after", accepted, "succeeded", 1},
		{"lost before", "reset-before", accepted, "not_executed", 0},
	}
	inParallel(t, len(all), all, func(o one) string { return o.name }, func(t *testing.T, o one) {
		var p known
		a := c.withFaults(t, []fault{{Path: refundPath, Mode: o.mode, Times: 1}}, func() answer {
			// Only payment detail knows the payment yet: the account has no operations, so it is sent.
			p = c.fake.add(t, payment{})
			return c.post(t, "/refunds", "key", `{"paymentId":"`+p.id+`","amount":"10"}`)
		})
		if a.Status != o.status {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		c.settle(t, resourcePath(a.text("id")), o.ends)
		checkCount(t, c, p, o.runs, 1)
	})
}
