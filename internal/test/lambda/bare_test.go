package lambda_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/iade/iade/internal/test/dynamotest"
	"github.com/iade/iade/internal/test/runtimeapi"
)

// bareReply is the answer to a bare command.
type bareReply struct {
	StatusCode int `json:"statusCode"`
	Body       struct {
		ID     string `json:"id"`
		Kind   string `json:"kind"`
		State  any    `json:"status"`
		Type   string `json:"type"`
		Errors []struct {
			Field string `json:"field"`
		} `json:"errors"`
	} `json:"body"`
}

// bare gives a function a command without any transport around it, as `sam local invoke` does.
func (d *deployment) bare(function, command string) bareReply {
	d.t.Helper()
	payload, err := d.function(function).Invoke(context.Background(), []byte(command))
	if err != nil {
		d.t.Fatalf("%s %s: %v", function, command, err)
	}
	var reply bareReply
	if err := json.Unmarshal(payload, &reply); err != nil {
		d.t.Fatalf("%s: %v", payload, err)
	}
	return reply
}

func TestBareCommandsAnswerLikeTheirRoutes(t *testing.T) {
	t.Parallel()
	d := deploy(t, dynamotest.Endpoint(t))
	p, q := d.addPayment("100.00"), d.addPayment("50.00")
	refund := `{"paymentId":"` + p + `","amount":"10","idempotencyKey":"key-1"}`
	done := d.bare("refund", refund)
	if done.StatusCode != http.StatusCreated || done.Body.Kind != "refund" || done.Body.State != "succeeded" {
		t.Fatalf("refund: %+v", done)
	}
	if again := d.bare("refund", refund); again.StatusCode != http.StatusOK || again.Body.ID != done.Body.ID {
		t.Errorf("the same again: %+v", again)
	}
	if over := d.post("/refunds", "key-1", `{"paymentId":"`+p+`","amount":"10"}`); over.Status != http.StatusOK || over.ID != done.Body.ID {
		t.Errorf("the same key over HTTP: %d %s", over.Status, over.Body)
	}
	if cancelled := d.bare("cancel", `{"paymentId":"`+q+`","idempotencyKey":"key-1"}`); cancelled.StatusCode != http.StatusCreated || cancelled.Body.Kind != "cancel" {
		t.Errorf("cancel: %+v", cancelled)
	}
	if got := d.executions(p) + d.executions(q); got != 2 {
		t.Errorf("%d executions, want 2", got)
	}
	for _, x := range []struct {
		function, command, slug string
		status                  int
		field                   string
	}{
		{"refund", `{"paymentId":"` + p + `","amount":"10"}`, "invalid-request", 400, "idempotencyKey"},
		{"refund", `{"paymentId":"` + p + `","amount":"1000","idempotencyKey":"key-2"}`, "exceeds-refundable", 422, ""},
		{"refund", `{"paymentId":"` + p + `","amount":"11","idempotencyKey":"key-1"}`, "idempotency-key-reused", 422, ""},
		{"cancel", `{"paymentId":"` + p + `","idempotencyKey":"key-3"}`, "not-cancellable", 422, ""},
		{"cancel", `{}`, "invalid-request", 400, "paymentId"},
		{"refund", `{"paymentId":"` + p + `","idempotencyKey":"key-4","destination":"balance"}`, "not-implemented", 501, ""},
	} {
		reply := d.bare(x.function, x.command)
		if reply.StatusCode != x.status || reply.Body.Type != "urn:iade:problem:"+x.slug {
			t.Errorf("%s %s: %+v", x.function, x.command, reply)
			continue
		}
		if x.field != "" && (len(reply.Body.Errors) == 0 || !strings.Contains(fields(reply), x.field)) {
			t.Errorf("%s %s: errors name %s, want %s", x.function, x.command, fields(reply), x.field)
		}
	}
}

func fields(r bareReply) string {
	var names []string
	for _, e := range r.Body.Errors {
		names = append(names, e.Field)
	}
	return strings.Join(names, " ")
}

func TestOperatorsCommandTheReconcileFunction(t *testing.T) {
	t.Parallel()
	d := deploy(t, dynamotest.Endpoint(t), "IYZICO_TIMEOUT=1s", "SETTLE_WINDOW=1s")
	p, q := d.addPayment("100.00"), d.addPayment("100.00")
	d.script("/payment/refund", "reset-after")
	lost := d.post("/refunds", "key", `{"paymentId":"`+p+`","amount":"10"}`)
	if lost.Status != http.StatusAccepted || lost.State != "unknown" {
		t.Fatalf("%d %s", lost.Status, lost.Body)
	}
	if r := d.bare("reconcile", `{"check":"`+lost.ID+`"}`); r.StatusCode != http.StatusOK || r.Body.ID != lost.ID || r.Body.State != "succeeded" {
		t.Errorf("check: %+v", r)
	}
	resolve := func(id, decision string) bareReply {
		return d.bare("reconcile", `{"resolve":{"operationId":"`+id+`","decision":"`+decision+`","reason":"the bank says so","by":"op-17"}}`)
	}
	if r := resolve(lost.ID, "not_executed"); r.StatusCode != http.StatusUnprocessableEntity || r.Body.Type != "urn:iade:problem:not-resolvable" {
		t.Errorf("resolve what succeeded: %+v", r)
	}

	d.script("/payment/refund", "refuse-after") // iyzico says no and did it all the same: a person has to look
	refused := d.post("/refunds", "key", `{"paymentId":"`+q+`","amount":"10"}`)
	if refused.Status != http.StatusUnprocessableEntity {
		t.Fatalf("%d %s", refused.Status, refused.Body)
	}
	id := refused.Operation.ID
	if r := d.bare("reconcile", `{"check":"`+id+`"}`); r.StatusCode != http.StatusOK || r.Body.State != "needs_review" {
		t.Errorf("check: %+v", r)
	}
	for range 2 {
		if r := resolve(id, "succeeded"); r.StatusCode != http.StatusOK || r.Body.State != "succeeded" {
			t.Errorf("resolve: %+v", r)
		}
	}
	for command, status := range map[string]int{
		`{"check":"rf_1_abcdefghijklmnop"}`: http.StatusNotFound, `{"check":""}`: http.StatusBadRequest, `{}`: http.StatusBadRequest,
		`{"reconcile":false}`: http.StatusBadRequest, `{"check":"x","resolve":{}}`: http.StatusBadRequest,
	} {
		if r := d.bare("reconcile", command); r.StatusCode != status {
			t.Errorf("%s: %+v, want %d", command, r, status)
		}
	}
}

func TestAnEventThatNobodyExpectsFailsVisibly(t *testing.T) {
	t.Parallel()
	d := deploy(t, dynamotest.Endpoint(t))
	for function, event := range map[string]string{
		"refund":    `{"Records":[{"eventSource":"aws:sns"}]}`,
		"cancel":    `{"version":"1.0","requestContext":{}}`,
		"status":    `{"reconcile":true}`,
		"reconcile": `[]`,
	} {
		_, err := d.function(function).Invoke(t.Context(), []byte(event))
		var reported *runtimeapi.FunctionError
		if !errors.As(err, &reported) || !strings.Contains(reported.Message, "this function takes no such event") {
			t.Errorf("%s: %v", function, err)
		}
	}
}
