package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

// order is an event that asks for a refund of one of the fake's payments.
func order(paymentID, amount, key string) string {
	return fmt.Sprintf(`{"source":"shop.orders","detail-type":"refund.requested","detail":{"paymentId":%q,"amount":%q,"idempotencyKey":%q}}`, paymentID, amount, key)
}

// drop puts a file into the orders' folder.
func drop(t *testing.T, folder, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestAnOrderInIsADomainEventOut(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), none)
	post := func(body string) reply { return mustCall(t, http.MethodPost, y.URL+eventsPath, "", body) }
	reversal := `{"detail-type":"reversal.requested","detail":{"paymentId":"10000002","idempotencyKey":"o-4"}}`
	cancel := `{"detail-type":"cancel.requested","detail":{"paymentId":"10000003","idempotencyKey":"o-3"}}`
	for _, body := range []string{order("10000001", "10.00", "o-1"), order("10000001", "10.00", "o-1"), "[" + order("10000001", "91.00", "o-2") + "," + cancel + "," + reversal + "]"} {
		if a := post(body); a.status != http.StatusAccepted {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	var got []published
	eventually(t, "four events", func() bool { got = eventsAfter(t, y.URL, 0); return len(got) == 4 })
	for i, want := range []string{"refund.succeeded o-1", "refund.rejected o-2", "cancel.succeeded o-3", "reversal.succeeded o-4"} {
		if is := got[i].DetailType + " " + got[i].Detail.IdempotencyKey; is != want {
			t.Errorf("event %d is %s, want %s", i, is, want)
		}
	}
	if all := executions(t, y.IyzicoURL, "10000001"); len(all) != 1 {
		t.Errorf("executions: %+v", all)
	}
	// The key that a rule's refusal bound is the same over HTTP.
	a := mustCall(t, http.MethodPost, y.URL+"/refunds", "o-2", `{"paymentId":"10000001","amount":"91.00"}`)
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(string(a.body), "exceeds-refundable") || !strings.Contains(string(a.body), `"operation"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	eventually(t, "all files are done", func() bool {
		done, err := os.ReadDir(filepath.Join(y.Folder, "orders", doneOrders))
		return err == nil && len(done) == 3
	})
}

func TestWhatIsNoOrderIsNotTaken(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), none)
	good := order("10000001", "10.00", "o-1")
	for name, body := range map[string]string{
		"not JSON": "{", "a text": `"refund.requested"`, "an empty list": "[]", "another event": `{"detail-type":"order.placed","detail":{}}`,
		"a command alone": `{"paymentId":"10000001","amount":"10.00","idempotencyKey":"k"}`, "one of ours": strings.Replace(good, "shop.orders", "iade", 1),
		"one among good ones": "[" + good + `,{}]`, "a list of texts": `["a"]`, "nothing": "null", "too large": "[" + strings.Repeat(" ", maxOrderBytes) + good + "]",
	} {
		if a := mustCall(t, http.MethodPost, y.URL+eventsPath, "", body); a.status != http.StatusBadRequest && body != "" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	request, err := http.NewRequest(http.MethodPost, y.URL+eventsPath, strings.NewReader(good))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "text/plain")
	answer, err := asking.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if _ = answer.Body.Close(); answer.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("text/plain: %d", answer.StatusCode)
	}
	if got := files(t, filepath.Join(y.Folder, "orders")); len(got) != 0 {
		t.Errorf("files: %v", got)
	}
}

func TestAFileThatIsDroppedIsDoneOrFailedWithItsReason(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), none)
	folder := filepath.Join(y.Folder, "orders")
	for _, c := range []struct{ name, text, reason string }{
		{"a-good.json", order("10000001", "10.00", "d-1"), ""},
		// Three lines need an allocation: that is a rule, so the refusal is recorded and published, and the file is done.
		{"b-list.json", "[" + order("10000002", "1.00", "d-2") + "," + order("10000004", "2.00", "d-3") + "]", ""},
		{"c-no-json.json", "{", "must be one event or a list"},
		{"d-other.json", `{"detail-type":"order.placed"}`, "event 1: unknown-event: an order is"},
		{"e-form.json", order("10000001", "1,00", "d-4"), "event 1: invalid-request: amount must"},
		{"f-unknown.json", order("99999999", "1.00", "d-5"), "event 1: not-found: "},
		{"g-key.json", order("10000001", "11.00", "d-1"), "event 1: idempotency-key-reused: "},
	} {
		name := c.name
		drop(t, folder, name, c.text)
		target := filepath.Join(folder, doneOrders, name)
		if c.reason != "" {
			target = filepath.Join(folder, failedOrders, name)
		}
		eventually(t, name+" is put away", func() bool { return exists(target) && !exists(filepath.Join(folder, name)) })
		reason, err := os.ReadFile(target + reasonSuffix)
		if (err == nil) != (c.reason != "") || !strings.Contains(string(reason), c.reason) {
			t.Errorf("%s: reason %q, %v", name, reason, err)
		}
	}
	drop(t, folder, "a-good.json", order("10000001", "10.00", "d-1"))
	eventually(t, "a name twice", func() bool { return exists(filepath.Join(folder, doneOrders, "a-good.json.2")) })
	drop(t, folder, "notes.txt", "{")
	drop(t, folder, ".half.json", "{")
	time.Sleep(2 * lookForOrders)
	if !exists(filepath.Join(folder, "notes.txt")) || !exists(filepath.Join(folder, ".half.json")) {
		t.Error("a file that is no order was taken")
	}
	if all := executions(t, y.IyzicoURL, "10000001"); len(all) != 1 {
		t.Errorf("executions: %+v", all)
	}
}

// waitingService refuses until it is told not to.
type waitingService struct {
	ingress.Service
	err   error
	calls int
}

func (s *waitingService) Request(_ context.Context, cmd payment.Command, _ time.Time, record payment.Recording) (payment.Result, error) {
	s.calls++
	if record != payment.RecordSettled || cmd.Interactive {
		return payment.Result{}, fmt.Errorf("recorded %v, interactive %v", record, cmd.Interactive)
	}
	return payment.Result{Resource: payment.Resource{Status: payment.StatusSucceeded}}, s.err
}

func TestAnOrderThatCannotBeTakenNowStaysAndIsTriedLater(t *testing.T) {
	t.Parallel()
	service := &waitingService{err: &payment.Error{Code: payment.CodeUnavailable, Message: "iyzico is away"}}
	folder := t.TempDir()
	o, err := newOrders(folder, &ingress.API{Service: service, Log: quiet}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	drop(t, folder, "a.json", "["+order("10000001", "10.00", "w-1")+`,{"detail-type":"order.placed"}]`)
	for range 3 {
		if err := o.pass(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if service.calls != 1 || !exists(filepath.Join(folder, "a.json")) || !o.waits["a.json"].until.After(time.Now()) {
		t.Fatalf("%d calls, waits %+v", service.calls, o.waits)
	}
	service.err = nil
	o.waits["a.json"] = orderWait{receives: 1}
	if err := o.pass(t.Context()); err != nil {
		t.Fatal(err)
	}
	if service.calls != 2 || !exists(filepath.Join(folder, failedOrders, "a.json"+reasonSuffix)) || len(o.waits) != 0 {
		t.Errorf("%d calls, waits %+v", service.calls, o.waits)
	}
}

func TestAFileThatIsBeingWrittenIsWaitedFor(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	o, err := newOrders(folder, &ingress.API{Service: &waitingService{}, Log: quiet}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	whole := order("10000001", "10.00", "h-1")
	drop(t, folder, "a.json", whole[:len(whole)/2])
	later := time.Now().Add(time.Hour) // the machine may be busy
	if err := os.Chtimes(filepath.Join(folder, "a.json"), later, later); err != nil {
		t.Fatal(err)
	}
	if err := o.pass(t.Context()); err != nil || !exists(filepath.Join(folder, "a.json")) {
		t.Fatalf("half a file was taken: %v", err)
	}
	drop(t, folder, "a.json", whole)
	if err := o.pass(t.Context()); err != nil || !exists(filepath.Join(folder, doneOrders, "a.json")) {
		t.Errorf("the whole file was not: %v", err)
	}
}

// TestAnOrderSurvivesAKill kills the real program while iyzico takes its time over an order's refund, and again before
// an order is looked at.
func TestAnOrderSurvivesAKill(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := startProcess(t, binary(t, "local"), 2, environment(), "-addr", "127.0.0.1:0", "-iyzico-addr", "127.0.0.1:0", "-data", data)
	mustCall(t, http.MethodPost, p.iyzico+"/_fake/faults", "", `{"path":"/payment/refund","mode":"slow","delayMs":2000}`)
	if a := mustCall(t, http.MethodPost, p.url+eventsPath, "", order("10000004", "5.00", "x-1")); a.status != http.StatusAccepted {
		t.Fatalf("%d %s", a.status, a.body)
	}
	eventually(t, "iyzico has the refund", func() bool { return len(executions(t, p.iyzico, "10000004")) == 1 })
	p.kill()
	drop(t, filepath.Join(data, "orders"), "z.json", order("10000004", "6.00", "x-2"))
	y, _ := startSystem(t, data, none)
	for _, key := range []string{"x-1", "x-2"} {
		settled(t, y.URL+operationPath(payment.KindRefund, "10000004", key))
	}
	eventually(t, "both files are done", func() bool {
		left, err := filepath.Glob(filepath.Join(data, "orders", "*.json"))
		return err == nil && len(left) == 0
	})
	all := executions(t, y.IyzicoURL, "10000004")
	if len(all) != 2 || all[0].Price != "5.00" && all[0].Price != "5" {
		t.Errorf("executions: %+v", all)
	}
}
