package ingress_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

func TestABareCommandIsAnsweredLikeItsRoute(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		kind   payment.Kind
		body   string
		status int
		fields []string
		call   string
	}{
		"refund":            {payment.KindRefund, `{"idempotencyKey":"key-1","paymentId":"10000001","amount":"10.50"}`, 201, nil, "Request"},
		"quoted key":        {payment.KindRefund, `{"idempotencyKey":"\"key-1\"","paymentId":"10000001","amount":"10.50"}`, 201, nil, "Request"},
		"cancel":            {payment.KindCancel, `{"idempotencyKey":"key-1","paymentId":"10000001"}`, 201, nil, "Request"},
		"dryRun":            {payment.KindRefund, `{"idempotencyKey":"key-1","paymentId":"1","amount":"1","dryRun":true}`, 400, []string{"dryRun"}, ""},
		"fund payment":      {payment.KindFundPayment, `{"idempotencyKey":"key-1",` + fundBody[1:], 201, nil, "Request"},
		"no key":            {payment.KindRefund, `{"paymentId":"1","amount":"1"}`, 400, []string{"idempotencyKey"}, ""},
		"key number":        {payment.KindRefund, `{"idempotencyKey":7,"paymentId":"1","amount":"1"}`, 400, []string{"idempotencyKey"}, ""},
		"key with comma":    {payment.KindRefund, `{"idempotencyKey":"a,b","paymentId":"1","amount":"1"}`, 400, []string{"idempotencyKey"}, ""},
		"key as a header":   {payment.KindRefund, `{"Idempotency-Key":"k","paymentId":"1","amount":"1"}`, 400, []string{"idempotencyKey", "Idempotency-Key"}, ""},
		"not an object":     {payment.KindRefund, `[]`, 400, []string{"body"}, ""},
		"too large":         {payment.KindRefund, `{"reference":"` + strings.Repeat("x", 65<<10) + `"}`, 413, nil, ""},
		"cancel, no member": {payment.KindCancel, `{}`, 400, []string{"paymentId", "idempotencyKey"}, ""},
	} {
		service := &fakeService{result: succeeded()}
		reply := newAPI(service).Bare(context.Background(), tc.kind, json.RawMessage(tc.body))
		if reply.StatusCode != tc.status || strings.Join(service.calls, " ") != tc.call {
			t.Errorf("%s: %d %s, calls %v", name, reply.StatusCode, reply.Body, service.calls)
		}
		if tc.call == "Request" && (service.command.Key != "key-1" || service.command.Kind != tc.kind || !service.command.Interactive || service.record != payment.RecordNone) {
			t.Errorf("%s: command %+v", name, service.command)
		}
		checkBareFaults(t, name, reply, tc.fields)
	}
}

func checkBareFaults(t *testing.T, name string, reply ingress.BareReply, want []string) {
	t.Helper()
	var problem struct{ Errors []ingress.Fault }
	if err := json.Unmarshal(reply.Body, &problem); err != nil {
		t.Fatalf("%s: %s: %v", name, reply.Body, err)
	}
	var fields []string
	for _, fault := range problem.Errors {
		fields = append(fields, fault.Field)
	}
	if !slices.Equal(fields, want) {
		t.Errorf("%s: fields %q, want %q", name, fields, want)
	}
}

func TestABareReplyHoldsTheBodyAsAnObject(t *testing.T) {
	t.Parallel()
	reply := newAPI(&fakeService{resource: refundResource(payment.StatusUnknown)}).Operate(context.Background(), json.RawMessage(`{"check":"`+refundID+`"}`))
	text, err := json.Marshal(reply)
	if err != nil || !strings.HasPrefix(string(text), `{"statusCode":200,"body":{"id":"`+refundID+`"`) {
		t.Errorf("reply = %s, %v", text, err)
	}
}

func TestOperatorsCommandsAreCarriedOut(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body   string
		status int
		fields []string
		call   string
	}{
		"check":           {`{"check":"` + refundID + `"}`, 200, nil, "Check"},
		"resolve":         {`{"resolve":{"operationId":"` + refundID + `","decision":"not_executed","reason":"bank said no","by":"op-7"}}`, 200, nil, "Resolve"},
		"unknown id":      {`{"check":"x"}`, 404, nil, ""},
		"resolve unknown": {`{"resolve":{"operationId":"x","decision":"succeeded","reason":"r","by":"b"}}`, 404, nil, ""},
		"both":            {`{"check":"` + refundID + `","resolve":{}}`, 400, []string{"body"}, ""},
		"neither":         {`{}`, 400, []string{"body"}, ""},
		"something else":  {`{"settle":"` + refundID + `"}`, 400, []string{"settle", "body"}, ""},
		"check number":    {`{"check":7}`, 400, []string{"check"}, ""},
		"resolve string":  {`{"resolve":"` + refundID + `"}`, 400, []string{"resolve"}, ""},
		"resolve nothing": {`{"resolve":{}}`, 400, []string{"resolve.operationId", "resolve.decision", "resolve.reason", "resolve.by"}, ""},
		"resolve more":    {`{"resolve":{"operationId":"x","decision":"succeeded","reason":"r","by":"b","at":1}}`, 400, []string{"resolve.at"}, ""},
		"twice":           {`{"check":"a","check":"b"}`, 400, []string{"check"}, ""},
		"nothing":         {``, 400, []string{"body"}, ""},
		"too large":       {`{"check":"` + strings.Repeat("x", 65<<10) + `"}`, 413, nil, ""},
	} {
		service := &fakeService{resource: refundResource(payment.StatusNotExecuted)}
		reply := newAPI(service).Operate(context.Background(), json.RawMessage(tc.body))
		if reply.StatusCode != tc.status || strings.Join(service.calls, " ") != tc.call {
			t.Errorf("%s: %d %s, calls %v", name, reply.StatusCode, reply.Body, service.calls)
		}
		if tc.call != "" && service.id != refundID {
			t.Errorf("%s: operation %q", name, service.id)
		}
		if tc.call == "Resolve" && (service.decision != payment.DecideNotExecuted || service.reason != "bank said no" || service.by != "op-7") {
			t.Errorf("%s: %q %q %q", name, service.decision, service.reason, service.by)
		}
		checkBareFaults(t, name, reply, tc.fields)
	}
}

func TestABareCommandsPanicIsAnswered(t *testing.T) {
	t.Parallel()
	api, log := loggingAPI(&fakeService{panics: "broken"})
	ctx := lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: "invocation-1"})
	for _, reply := range []ingress.BareReply{
		api.Bare(ctx, payment.KindCancel, json.RawMessage(`{"paymentId":"1","idempotencyKey":"k"}`)),
		api.Operate(ctx, json.RawMessage(`{"check":"`+refundID+`"}`)),
	} {
		if reply.StatusCode != http.StatusInternalServerError {
			t.Errorf("reply = %+v", reply)
		}
	}
	if strings.Count(log.String(), "panic=broken") != 2 || strings.Count(log.String(), "requestId=invocation-1") != 2 {
		t.Errorf("log = %s", log)
	}
}
