package lambda_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/iade/iade/internal/test/dynamotest"
)

// switchTo starts every function anew with other settings, as an update of the stack does.
func (d *deployment) switchTo(settings ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for name, f := range d.functions {
		f.Close()
		delete(d.functions, name)
	}
	d.env = append(d.env, settings...)
}

// TestNewMoneyIsSwitchedOffAndOnAgain: what was asked for before keeps its answer and settles, what comes meanwhile waits in
// its queue or is refused with the reason, and then goes on with the same key.
func TestNewMoneyIsSwitchedOffAndOnAgain(t *testing.T) {
	t.Parallel()
	d, m := deployBus(t, dynamotest.Endpoint(t))
	p := d.addPayment("100.00")
	body := `{"paymentId":"` + p + `","amount":"10"}`
	done := d.post("/refunds", "done", body)
	d.script("/payment/refund", "reset-after")
	lost := d.post("/refunds", "lost", body)
	if done.Status != http.StatusCreated || lost.Status != http.StatusAccepted {
		t.Fatalf("%d %s, %d %s", done.Status, done.Body, lost.Status, lost.Body)
	}

	const reason = "iyzico is being looked into"
	d.switchTo("NEW_MONEY=off", "NEW_MONEY_REASON="+reason)
	if a := d.post("/refunds", "new", body); a.Status != http.StatusServiceUnavailable || !strings.Contains(string(a.Body), reason) || a.Header.Get("Retry-After") == "" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if a := d.bare("refund", refundCommand(p, "10", "new")); a.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("bare: %+v", a)
	}
	if a := d.post("/refunds", "done", body); a.Status != http.StatusOK || a.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if a := d.get("/refunds/" + done.ID); a.Status != http.StatusOK {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	const least, most = 20 * 60, 40 * 60 // below the queue's 1000 receives in its 14 days
	if back := d.queue("refund", queued{"m", refundCommand(p, "10", "queued")}); len(back) != 1 || m.hiddenFor("m") < least || m.hiddenFor("m") > most {
		t.Errorf("%v go back, after %d s", back, m.hiddenFor("m"))
	}
	if a := d.bare("reconcile", `{"check":"`+lost.ID+`"}`); a.StatusCode != http.StatusOK || a.Body.State != "succeeded" {
		t.Errorf("what was lost does not settle: %+v", a)
	}
	if got := d.requests(p); got != 2 {
		t.Errorf("%d money requests, want the 2 of before", got)
	}

	d.switchTo("NEW_MONEY=on")
	if a := d.post("/refunds", "new", body); a.Status != http.StatusCreated {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if back := d.queue("refund", queued{"m", refundCommand(p, "10", "queued")}); len(back) != 0 || len(m.deadLetters()) != 0 {
		t.Errorf("%v go back, parked: %v", back, m.deadLetters())
	}
	if got := d.executions(p); got != 4 {
		t.Errorf("%d executions, want 4", got)
	}
}
