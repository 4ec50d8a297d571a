package ingress_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

func unmarshal(data []byte, into any) error { return json.Unmarshal(data, into) }

// FuzzMessage: what a queue delivers becomes one command, the one that the same body becomes over the API, or it is parked
// with a reason that repeats nothing of it.
func FuzzMessage(f *testing.F) {
	const command = `{"paymentId":"10000001","paymentTransactionId":"20000001","amount":"10.50","idempotencyKey":"key-1"}`
	for _, body := range []string{
		command, `{"version":"0","detail-type":"refund.requested","source":"shop","detail":` + command + `}`, `{"detail-type":"cancel.requested","detail":` + command + `}`,
		`{"detail-type":"refund.requested"}`, `{"detail-type":7,"detail":{}}`, `{"paymentId":"1"}`, `{"paymentId":"1","full":true,"dryRun":true,"idempotencyKey":"k"}`, `null`, `[]`, ``,
		`{"detail-type":"refund.requested","detail":` + command + `,"detail":{}}`, strings.Replace(command, "key-1", "a,b", 1),
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		service := &fakeService{result: succeeded()}
		api, log := loggingAPI(service)
		until := time.Date(2026, 3, 1, 12, 0, 27, 0, time.UTC)
		v := api.Message(context.Background(), payment.KindRefund, ingress.Message{ID: "m-1", Body: body}, until)
		if log.Len() > 0 {
			t.Fatalf("our bug: %s", log)
		}
		switch v.Fate {
		case ingress.Acknowledge:
			if len(service.calls) != 1 || service.record == payment.RecordNone || service.command.Interactive || service.command.Key == "" {
				t.Fatalf("calls %v, record %v, %+v", service.calls, service.record, service.command)
			}
		case ingress.Park:
			if len(service.calls) > 0 || v.Reason == "" || v.Detail == "" || v.After != 0 || len(v.Detail) > 64<<10 {
				t.Fatalf("parked after %v: %+v", service.calls, v)
			}
			return
		case ingress.Back:
			t.Fatalf("%+v of a message that nothing was decided about", v)
		}
		var event struct{ Detail json.RawMessage }
		bare := body
		if json.Unmarshal(body, &event) == nil && bytes.Contains(body, []byte("detail-type")) && len(event.Detail) > 0 {
			bare = event.Detail
		}
		other := &fakeService{result: succeeded()}
		if reply := newAPI(other).Bare(context.Background(), payment.KindRefund, bare); reply.StatusCode != http.StatusCreated {
			t.Fatalf("a queue takes what a bare command is refused for: %d %s", reply.StatusCode, reply.Body)
		}
		other.command.Interactive = false // a queue's caller does not wait
		if !reflect.DeepEqual(service.command, other.command) {
			t.Fatalf("a queue reads %+v, a bare command %+v", service.command, other.command)
		}
	})
}

// FuzzBatch: a batch of any records names only messages that were in it, parks or carries out each, and loses none.
func FuzzBatch(f *testing.F) {
	const record = `{"messageId":"m-1","receiptHandle":"r-1","eventSource":"aws:sqs","eventSourceARN":"arn:q","attributes":{"ApproximateReceiveCount":"2"},"body":"{\"paymentId\":\"1\",\"full\":true,\"idempotencyKey\":\"k\"}"}`
	for _, records := range []string{record, record + "," + strings.ReplaceAll(record, "-1", "-2"), `{"eventSource":"aws:sqs"}`, strings.Replace(record, "idempotencyKey", "x", 1), `{"eventSource":"aws:sqs","body":7}`, record + `,{"eventSource":"aws:dynamodb"}`} {
		f.Add([]byte(`{"Records":[` + records + `]}`))
	}
	f.Fuzz(func(t *testing.T, event []byte) {
		service := &fakeService{result: succeeded()}
		queue := &countingQueue{}
		api, _ := loggingAPI(service)
		api.Queue = queue
		answer, err := api.Commands(payment.KindRefund)(context.Background(), event)
		response, isBatch := answer.(events.SQSEventResponse)
		if ingress.Detect(event) != ingress.ShapeQueue {
			if isBatch {
				t.Fatalf("%s was taken for a batch", event)
			}
			return
		}
		if err != nil {
			if len(service.calls)+queue.dead > 0 {
				t.Fatalf("%v after %v", err, service.calls)
			}
			return
		}
		var batch events.SQSEvent
		if err := json.Unmarshal(event, &batch); err != nil {
			return // encoding/json reads what the narrower type of ours does not look at
		}
		if got := len(service.calls) + queue.dead + len(response.BatchItemFailures); got != len(batch.Records) || queue.hidden != len(response.BatchItemFailures) {
			t.Fatalf("%d carried out, %d parked, %d back, %d hidden, of %d", len(service.calls), queue.dead, len(response.BatchItemFailures), queue.hidden, len(batch.Records))
		}
	})
}

// countingQueue counts what a batch asks of its queue.
type countingQueue struct{ hidden, dead int }

func (q *countingQueue) Hide(context.Context, string, string, time.Duration) error {
	q.hidden++
	return nil
}

func (q *countingQueue) DeadLetter(_ context.Context, _ string, m ingress.DeadMessage) error {
	if m.Reason == "" || m.Detail == "" || len([]rune(m.Detail)) > 1000 {
		panic("a dead message without a reason that fits")
	}
	q.dead++
	return nil
}

// FuzzGatewayEvent: an event of API Gateway is answered like the same request over HTTP, whatever stands in it.
func FuzzGatewayEvent(f *testing.F) {
	for _, seed := range []struct{ path, stage, query, key, body string }{
		{"/refunds", "$default", "", "key-1", refundBody}, {"/prod/refunds", "prod", "", "key-1", refundBody}, {"/refunds/" + refundID, "$default", "", "", ""},
		{"/operations", "$default", "status=unknown", "", ""}, {"/payments/1", "v1", "cursor=100", "", ""}, {"/cancels", "", "", `"k"`, `{"paymentId":"1"}`}, {"/refunds/%2e%2e", "", "", "", ""},
	} {
		f.Add(seed.path, seed.stage, seed.query, seed.key, []byte(seed.body), false)
		f.Add(seed.path, seed.stage, seed.query, seed.key, []byte(seed.body), true)
	}
	f.Fuzz(func(t *testing.T, path, stage, query, key string, body []byte, encoded bool) {
		method, text := http.MethodPost, string(body)
		if len(body) == 0 {
			method = http.MethodGet
		}
		if encoded {
			text = base64.StdEncoding.EncodeToString(body)
		}
		event, err := json.Marshal(map[string]any{
			"version": "2.0", "rawPath": path, "rawQueryString": query, "isBase64Encoded": encoded, "body": text,
			"headers":        map[string]string{"content-type": "application/json", "idempotency-key": key},
			"requestContext": map[string]any{"stage": stage, "requestId": "req-1", "http": map[string]string{"method": method}},
		})
		if err != nil || !json.Valid(event) || bytes.Contains(event, []byte(`\ufffd`)) || strings.Contains(path+stage+query+key+text, "\ufffd") {
			return // JSON cannot carry these texts as they are
		}
		overGateway, log := &fakeService{result: succeeded(), resource: refundResource(payment.StatusSucceeded)}, &bytes.Buffer{}
		api, said := loggingAPI(overGateway)
		answer, err := api.Lambda(nil)(context.Background(), event)
		if err != nil || said.Len()+log.Len() > 0 {
			t.Fatalf("%s: %v %s", event, err, said)
		}
		response := answer.(events.APIGatewayV2HTTPResponse)
		ours := path
		if rest, ok := strings.CutPrefix(path, "/"+stage+"/"); ok && stage != "" {
			ours = "/" + rest
		}
		direct := &fakeService{result: succeeded(), resource: refundResource(payment.StatusSucceeded)}
		request := post(ours, string(body))
		request.Method, request.RawQuery, request.Header["Idempotency-Key"] = method, query, []string{strings.Trim(key, " \t\r\n")}
		want := newAPI(direct).Handle(context.Background(), request)
		if len(body) > ingress.MaxBodyBytes {
			return
		}
		if response.StatusCode != want.Status || response.Body != string(want.Body) || !reflect.DeepEqual(overGateway.command, direct.command) || len(overGateway.calls) != len(direct.calls) {
			t.Fatalf("%s:\n%d %s\nover HTTP\n%d %s", event, response.StatusCode, response.Body, want.Status, want.Body)
		}
	})
}
