package lambda_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/test/dynamotest"
)

// TestLogsAreJSONWithTheRequestAndNothingPrivate makes the functions log whatever they can log, at the lowest level, and
// reads every line (I9).
func TestLogsAreJSONWithTheRequestAndNothingPrivate(t *testing.T) {
	t.Parallel()
	d := deploy(t, dynamotest.Endpoint(t), "IYZICO_TIMEOUT=1s", "SETTLE_WINDOW=1s")
	p := d.addPayment("100.00")
	const private = `"reason":"OTHER","description":"canary-description Ayşe","ip":"203.0.113.77"`
	refund := func(key string) answer {
		return d.post("/refunds", key, `{"paymentId":"`+p+`","amount":"1",`+private+`}`)
	}
	refund("fine")
	for _, mode := range []string{
		"reset-after", "status-500-before", "html-502", "truncated-after", "bad-signature", "wrong-echo", "missing-echo", "refuse", "rate-limit", "hang-before",
	} {
		d.script("/payment/refund", mode)
		refund("key-" + mode)
	}
	d.bare("refund", `{"paymentId":"`+p+`","amount":"500","idempotencyKey":"bare",`+private+`}`)
	d.script("/v2/reporting/payment/details", "status-500-before")
	if a := d.get("/payments/" + d.addPayment("1.00")); a.Status != http.StatusServiceUnavailable {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	d.bare("reconcile", `{"check":"rf_1_abcdefghijklmnop"}`)
	if _, err := d.function("reconcile").Invoke(t.Context(), []byte(`{"reconcile": true}`)); err != nil {
		t.Error(err)
	}
	if _, err := d.function("status").Invoke(t.Context(), []byte(`{"description":"canary-description"}`)); err == nil {
		t.Error("the status function took a bare command")
	}

	log := logged(t, d.log)
	for _, canary := range []string{testAPIKey, testSecretKey, "canary-description", "Ayşe", "203.0.113.77", "IYZWSv2"} {
		if bytes.Contains(log, []byte(canary)) {
			t.Errorf("%s stands in the log:\n%s", canary, log)
		}
	}
	seen := map[string]bool{}
	for line := range bytes.Lines(log) {
		seen[checkLogLine(t, line)] = true
	}
	for _, message := range []string{"reconciled", "a request was refused", "an attempt was not done"} {
		if !seen[message] {
			t.Errorf("nothing logged %q; the log:\n%s", message, log)
		}
	}
}

// checkLogLine holds one line against the form that Lambda's own JSON logs have, and returns its message.
func checkLogLine(t *testing.T, line []byte) string {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal(line, &fields); err != nil {
		t.Errorf("not JSON: %s", line)
		return ""
	}
	if n := strings.Count(string(line), `"requestId":`); n > 1 {
		t.Errorf("requestId stands %d times: %s", n, line)
	}
	text := func(name string) string { s, _ := fields[name].(string); return s }
	if _, err := time.Parse(time.RFC3339, text("timestamp")); err != nil {
		t.Errorf("timestamp: %s", line)
	}
	if level := text("level"); level != "DEBUG" && level != "INFO" && level != "WARN" && level != "ERROR" {
		t.Errorf("level: %s", line)
	}
	message := text("message")
	// What Lambda's library logs of a failed invocation has no context to take the id from. A start comes before every call.
	of := text("requestId") != "" || strings.Contains(message, "errorMessage") || message == "the function starts" && text("function") != ""
	if message == "" || !of {
		t.Errorf("message or requestId missing: %s", line)
	}
	return message
}

func TestTheLogLevelIsTheSettings(t *testing.T) {
	t.Parallel()
	d := deploy(t, dynamotest.Endpoint(t), "LOG_LEVEL=warn")
	if _, err := d.function("reconcile").Invoke(t.Context(), []byte(`{"reconcile": true}`)); err != nil {
		t.Fatal(err)
	}
	// The metrics are no matter of the level: alarms and the reconciler's heartbeat hang on them.
	if log := logged(t, d.log); bytes.Count(log, []byte("\n")) != 1 || !bytes.Contains(log, []byte(`"ReconcilePasses":1`)) {
		t.Errorf("logged at warn: %s", log)
	}
}
