package ingress_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/test/eventschema"
)

// TestWhatAQueueTakesIsWhatItsSchemaSays: a command that is taken is valid, alone and in an event; what the API refuses for
// its form is refused here too; and the schema of an order system's own tests would have refused most of it.
func TestWhatAQueueTakesIsWhatItsSchemaSays(t *testing.T) {
	t.Parallel()
	bodies := []string{
		`{"paymentId":"1","amount":"1"}`, `{"paymentId":"1","amount":1.5}`, `{"paymentId":"1","full":true}`, `{"paymentId":"1","amount":"1","full":false}`,
		`{"paymentId":"1","paymentTransactionId":"2","amount":"10.50","currency":"TRY","reason":"fraud","description":"d","ip":"192.0.2.1","locale":"en","reference":"r"}`,
		`{"paymentId":"1","amount":"1","allocation":"in_order"}`, `{"paymentId":"1","full":true}`, `{"paymentId":"1","amount":"1","destination":"card"}`,
		`{"paymentId":"1","paymentTransactionId":"2","amount":"1","chargedTo":"merchant"}`, `{"paymentId":"1","full":true,"chargedTo":"merchant"}`,
		// and what is refused:
		`{"paymentId":"1","amount":"1","full":true}`, `{"paymentId":"1"}`, `{"paymentId":"1","full":false}`, `{"paymentId":"1","full":true,"allocation":"in_order"}`,
		`{"paymentId":"1","amount":"1","dryRun":true}`, `{"paymentId":"1","amount":"1","description":"d"}`, `{"paymentId":"1","amount":"1","reason":"because"}`,
		`{"paymentId":"1","amount":"-1"}`, `{"paymentId":1,"amount":"1"}`, `{"paymentId":"1","amount":"1","x":1}`, `{"paymentId":"1","amount":"1","currency":"XXX"}`,
		`{"paymentId":"1","destination":"balance","amount":"1"}`, `{"paymentId":"1","destination":"balance","chargedTo":"merchant"}`,
		`{"paymentId":"1","amount":"1","allocation":"in_order","chargedTo":"merchant"}`, `{"paymentId":"1","amount":"1","chargedTo":"seller"}`,
	}
	for _, input := range badInputs() {
		if input.req.Method == http.MethodPost && input.req.Path == "/refunds" && input.req.Body != nil && strings.HasPrefix(string(input.req.Body), "{") {
			bodies = append(bodies, string(input.req.Body))
		}
	}
	taken, refused := 0, 0
	for _, body := range bodies {
		if strings.TrimSpace(body) == "{}" {
			continue
		}
		command := strings.Replace(body, "{", `{"idempotencyKey":"k",`, 1)
		service := &fakeService{result: succeeded()}
		v := message(newAPI(service), payment.KindRefund, command)
		err := eventschema.CheckCommand("refund", []byte(command))
		if v.Fate == ingress.Acknowledge {
			taken++
			if err != nil {
				t.Errorf("%s is taken: %v", command, err)
			}
			if event := eventOf("refund.requested", command); eventschema.Check([]byte(event)) != nil || message(newAPI(service), payment.KindRefund, event).Fate != ingress.Acknowledge {
				t.Errorf("%s is another in an event", command)
			}
			continue
		}
		if err != nil || !json.Valid([]byte(command)) {
			refused++
		}
	}
	if taken < 8 || refused < 40 {
		t.Errorf("%d commands taken, %d refused by schema and queue alike", taken, refused)
	}
	for _, body := range []string{`{"paymentId":"1","idempotencyKey":"k"}`, `{"paymentId":"1","reason":"OTHER","description":"d","idempotencyKey":"k"}`} {
		if err := eventschema.CheckCommand("cancel", []byte(body)); err != nil || message(newAPI(&fakeService{result: succeeded()}), payment.KindCancel, body).Fate != ingress.Acknowledge {
			t.Errorf("%s: %v", body, err)
		}
	}
	const reversal = `{"kind":"reversal","paymentId":"1","idempotencyKey":"k"}`
	service := &fakeService{result: succeeded()}
	if err := eventschema.CheckCommand("reversal", []byte(reversal)); err != nil || message(newAPI(service), payment.KindCancel, reversal).Fate != ingress.Acknowledge ||
		service.command.Kind != payment.KindReversal {
		t.Errorf("%s: %v, %s", reversal, err, service.command.Kind)
	}
	if eventschema.CheckCommand("reversal", []byte(`{"paymentId":"1","idempotencyKey":"k"}`)) == nil {
		t.Error("without its kind the queue takes it for a cancel")
	}
	if eventschema.CheckCommand("cancel", []byte(`{"paymentId":"1","amount":"1","idempotencyKey":"k"}`)) == nil {
		t.Error("a cancel has no amount")
	}
}
