package lambda_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/iade/iade/internal/metrics"
	"github.com/iade/iade/internal/payment"
	apitest "github.com/iade/iade/internal/test/api"
	"github.com/iade/iade/internal/test/dynamotest"
)

// measured reads the metrics out of a log as CloudWatch Logs does: by what the directives of each line name. It adds up
// what the lines say of one metric and set of dimensions.
func measured(t *testing.T, log []byte) (values map[string]float64, lines int) {
	t.Helper()
	values = map[string]float64{}
	for line := range bytes.Lines(log) {
		var directives struct {
			AWS struct {
				Timestamp         int64
				CloudWatchMetrics []struct {
					Namespace  string
					Dimensions [][]string
					Metrics    []struct{ Name string }
				}
			} `json:"_aws"`
		}
		var members map[string]any
		if json.Unmarshal(line, &directives) != nil || json.Unmarshal(line, &members) != nil {
			t.Fatalf("not JSON: %s", line)
		}
		for _, directive := range directives.AWS.CloudWatchMetrics {
			lines++
			if directive.Namespace != "iade" || directives.AWS.Timestamp == 0 || len(directive.Dimensions) != 1 {
				t.Errorf("%s", line)
			}
			for _, m := range directive.Metrics {
				name := m.Name
				for _, dimension := range directive.Dimensions[0] {
					name += fmt.Sprint(" ", members[dimension])
				}
				switch value := members[m.Name].(type) {
				case float64:
					values[name] += value
				case []any:
					for _, one := range value {
						values[name] += one.(float64)
					}
				}
			}
		}
	}
	return values, lines
}

// TestTheFunctionsWriteWhatTheAlarmsWatch brings about what is alarmed and reads it out of the functions' standard output.
func TestTheFunctionsWriteWhatTheAlarmsWatch(t *testing.T) {
	t.Parallel()
	d := deploy(t, dynamotest.Endpoint(t), "IYZICO_TIMEOUT=2s", "CALLBACK_STATE_KEY="+testCallbackKey, "PUBLIC_BASE_URL="+apitest.PublicURL, "LOG_LEVEL=error")
	pass := func() {
		t.Helper()
		if _, err := d.function("reconcile").Invoke(t.Context(), []byte(`{"reconcile": true}`)); err != nil {
			t.Fatal(err)
		}
	}
	has := func(when string, want map[string]float64) {
		t.Helper()
		got, _ := measured(t, logged(t, d.log))
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s: %s is %v, not %v; all: %v", when, name, got[name], value, got)
			}
		}
	}
	p := d.addPayment("100.00")
	d.get("/payments/" + p)
	d.get("/operations")
	if _, lines := measured(t, logged(t, d.log)); lines != 0 {
		t.Errorf("looking wrote %d lines of metrics: %s", lines, logged(t, d.log))
	}
	d.post("/refunds", "done", `{"paymentId":"`+p+`","amount":"1"}`)
	// One by kind and status, one without dimensions: the outcome, and the event that is due for it.
	if _, lines := measured(t, logged(t, d.log)); lines != 2 {
		t.Errorf("a refund wrote %d lines of metrics: %s", lines, logged(t, d.log))
	}
	d.post("/refunds", "done", `{"paymentId":"`+p+`","amount":"1"}`)
	has("callers", map[string]float64{"Outcomes refund succeeded": 1, "EventsDue": 1, "DuplicatesAnswered refund": 1})

	// A lost refund beside one from the panel is for a person, once the pass sees both.
	q := d.addPayment("100.00")
	d.post("/refunds", "first", `{"paymentId":"`+q+`","amount":"1"}`)
	d.script("/payment/refund", "reset-before")
	lost := d.post("/refunds", "lost", `{"paymentId":"`+q+`","amount":"10"}`)
	pass()
	has("lost", map[string]float64{"Outcomes refund unknown": 1, "Unknown": 1, "NeedsReview": 0, "ReconcilePasses": 1})
	var view struct {
		Lines []struct{ PaymentTransactionID string }
	}
	if err := json.Unmarshal(d.get("/payments/"+q).Body, &view); err != nil || len(view.Lines) != 1 {
		t.Fatal(err)
	}
	d.control(http.MethodPost, "/_fake/panel-refunds", `{"paymentTransactionId":"`+view.Lines[0].PaymentTransactionID+`","price":"7.00"}`, nil)
	d.bare("reconcile", `{"check":"`+lost.ID+`"}`)
	pass()
	has("panel", map[string]float64{"Outcomes refund needs_review": 1, "NeedsReview": 1, "Unknown": 1, "PanelRefunds": 1, "ReconcilePasses": 2})
	d.bare("reconcile", `{"resolve":{"operationId":"`+lost.ID+`","decision":"not_executed","reason":"the panel","by":"ops-7"}}`)
	pass()
	has("decided", map[string]float64{"Outcomes refund not_executed": 1, "NeedsReview": 1, "ReconcilePasses": 3})

	// Refused, and made all the same.
	d.control(http.MethodPost, "/_fake/faults", `{"path":"/payment/refund","mode":"refuse-after","errorCode":"10051"}`, nil)
	refused := d.post("/refunds", "refused", `{"paymentId":"`+p+`","amount":"2"}`)
	d.bare("reconcile", `{"check":"`+refused.Operation.ID+`"}`)
	if a := d.post("/refunds", "undecided", `{"paymentId":"`+p+`","amount":"1"}`); a.Type != "urn:iade:problem:not-refundable" {
		t.Errorf("a refund beside a contradicted one: %d %s", a.Status, a.Body)
	}
	has("contradicted", map[string]float64{"Outcomes refund rejected": 1, "Contradicted": 1})
	reply, err := d.do(apitest.Request{
		Method: http.MethodGet, Path: "/balance-callback/rf_1_abcdefghijklmnop.b0ya.AAAAAAAAAAAAAAAAAAAAAA", RawQuery: "token=t", Header: http.Header{},
	})
	if err != nil || reply.Status != http.StatusNotFound {
		t.Errorf("%d %v", reply.Status, err)
	}
	has("strangers", map[string]float64{"CallbacksRefused": 1})
	d.script("/payment/refund", "rate-limit")
	if a := d.post("/refunds", "limited", `{"paymentId":"`+d.addPayment("100.00")+`","amount":"1"}`); a.Status != http.StatusTooManyRequests {
		t.Errorf("over the limit: %d %s", a.Status, a.Body)
	}
	has("the limit", map[string]float64{"RateLimitWaits refund": 1})
	d.secrets.put("nonsense")
	d.post("/cancels", "no-keys", `{"paymentId":"`+d.addPayment("100.00")+`"}`)
	has("keys", map[string]float64{"KeysRefused": 1})
}

// TestWhatIsWrittenStandsInTheTable: no name is made up where something is counted.
func TestWhatIsWrittenStandsInTheTable(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, m := range metrics.All() {
		names[m.Name] = true
	}
	d := deploy(t, dynamotest.Endpoint(t))
	d.post("/refunds", "k", `{"paymentId":"`+d.addPayment("10.00")+`","amount":"1"}`)
	if _, err := d.function("reconcile").Invoke(t.Context(), []byte(`{"reconcile": true}`)); err != nil {
		t.Fatal(err)
	}
	values, _ := measured(t, logged(t, d.log))
	for series := range values {
		if name := string(bytes.Fields([]byte(series))[0]); !names[name] {
			t.Errorf("%s is not in the table", name)
		}
	}
	if len(values) == 0 {
		t.Error("nothing was written")
	}
}

// TestEveryLineLeadsToItsCallAndOperation: a line that is written far below the handler names what it is about, whether the
// call came through the gateway or from a queue.
func TestEveryLineLeadsToItsCallAndOperation(t *testing.T) {
	t.Parallel()
	d, _ := deployBus(t, dynamotest.Endpoint(t))
	overAPI, overQueue := d.addPayment("10.00"), d.addPayment("10.00")
	d.script("/payment/refund", "reset-after")
	byAPI := d.post("/refunds", "lost", `{"paymentId":"`+overAPI+`","amount":"1"}`).ID
	d.script("/payment/refund", "reset-after")
	if failed := d.queue("refund", queued{"message-1", refundCommand(overQueue, "1", "lost")}); len(failed) > 0 {
		t.Fatalf("%v came back", failed)
	}
	byQueue := payment.Command{Kind: payment.KindRefund, PaymentID: overQueue, Key: "lost"}.OperationID()
	found := map[string]int{}
	for line := range bytes.Lines(logged(t, d.log)) {
		var l struct{ Message, RequestID, CorrelationID, OperationID string }
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatal(err)
		}
		if l.Message == "metrics" || l.Message == "the function starts" { // no call has come yet
			continue
		}
		found[l.Message]++
		operation := map[string]string{"gateway-request-1": byAPI, "message-1": byQueue}[l.CorrelationID]
		if l.RequestID == "" || operation == "" || l.OperationID != operation {
			t.Errorf("%s", line)
		}
	}
	for _, message := range []string{"a command was answered", "an attempt was not done"} {
		if found[message] != 2 {
			t.Errorf("%d lines say %q, want 2", found[message], message)
		}
	}
}
