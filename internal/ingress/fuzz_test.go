package ingress_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

func FuzzRefundBody(f *testing.F) {
	for _, input := range badInputs() {
		if input.req.Path == "/refunds" && len(input.req.Body) < 1<<10 {
			f.Add(input.req.Body)
		}
	}
	for _, body := range []string{
		refundBody, `{"paymentId":"1","full":true,"currency":"EUR"}`, `{"paymentId":"1","amount":1.50,"allocation":"iyzico","locale":"en"}`,
		`{"paymentId":"1","destination":"balance","returnUrl":"https://shop.example/"}`, `{"paymentId":"1","full":true,"dryRun":true}`,
		`{"paymentId":"1","amount":"1","reason":"fraud","description":"\ud83d\ude00","ip":"::1","reference":"\\u0041"}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		service := &fakeService{result: succeeded()}
		api, log := loggingAPI(service)
		response := api.Handle(context.Background(), post("/refunds", string(body)))
		if log.Len() > 0 {
			t.Fatalf("our bug: %s", log)
		}
		if !json.Valid(response.Body) {
			t.Fatalf("answer = %s", response.Body)
		}
		switch response.Status {
		case http.StatusCreated, http.StatusOK:
			checkCommand(t, service.command, body)
		case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusNotImplemented:
			if len(service.calls) > 0 {
				t.Fatalf("%d although the service was called", response.Status)
			}
		default:
			t.Fatalf("answer = %d %s", response.Status, response.Body)
		}
	})
}

// checkCommand holds a command to what the domain relies on, and the body to what was promised about it.
func checkCommand(t *testing.T, c payment.Command, body []byte) {
	t.Helper()
	if c.Kind != payment.KindRefund || c.Destination != payment.ToCard || c.ReturnURL != "" || !c.Interactive {
		t.Errorf("kind %q, destination %q, returnUrl %q", c.Kind, c.Destination, c.ReturnURL)
	}
	if !payment.ValidIyzicoID(c.PaymentID) || c.LineID != "" && !payment.ValidIyzicoID(c.LineID) {
		t.Errorf("payment %q, line %q", c.PaymentID, c.LineID)
	}
	if c.Full == (c.Amount.Sign() > 0) || c.Amount.Sign() < 0 || !c.Amount.Equal(c.Amount.Floor()) || c.Amount.Currency() != c.Currency {
		t.Errorf("full %v, amount %s %q, currency %q", c.Full, c.Amount.Decimal(), c.Amount.Currency(), c.Currency)
	}
	if c.Currency != "" && !c.Currency.Valid() || c.Locale != "tr" && c.Locale != "en" {
		t.Errorf("currency %q, locale %q", c.Currency, c.Locale)
	}
	if c.Allocation != payment.AllocateNone && (c.Full || c.LineID != "") || c.Description != "" && c.Reason == "" || c.Reason != strings.ToUpper(c.Reason) {
		t.Errorf("allocation %q, reason %q, description %q", c.Allocation, c.Reason, c.Description)
	}
	if utf8.RuneCountInString(c.Reference) > 100 || utf8.RuneCountInString(c.Description) > 500 {
		t.Error("a text is longer than it may be")
	}
	if !json.Valid(body) || !utf8.Valid(body) || len(body) > ingress.MaxBodyBytes {
		t.Error("a body was taken that is not JSON text of 64 KiB at most")
	}
	if strings.ContainsRune(c.Reference+c.Description, utf8.RuneError) && !strings.Contains(string(body), "\ufffd") && !strings.Contains(strings.ToLower(string(body)), `\ufffd`) {
		t.Error("a text was changed while it was read")
	}
}

func FuzzIdempotencyKey(f *testing.F) {
	for _, key := range []string{"", "k", `"k"`, `""`, `"`, "a,b", "a b", " k ", "ğ", "\x7f", strings.Repeat("k", 255), strings.Repeat("k", 256), `"` + strings.Repeat("k", 255) + `"`} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		service := &fakeService{result: succeeded()}
		response := newAPI(service).Handle(context.Background(), with(post("/refunds", refundBody), "Idempotency-Key", key))
		if response.Status == http.StatusBadRequest {
			if len(service.calls) > 0 {
				t.Fatal("refused although the service was called")
			}
			return
		}
		got := service.command.Key
		if response.Status != http.StatusCreated || got == "" || len(got) > 255 || !strings.Contains(key, got) || strings.Contains(got, ",") {
			t.Fatalf("answer = %d, key %q from %q", response.Status, got, key)
		}
		for i := range len(got) {
			if got[i] < 0x21 || got[i] > 0x7e {
				t.Fatalf("key %q holds byte %#x", got, got[i])
			}
		}
		bare := &fakeService{result: succeeded()}
		trimmed := strings.Trim(key, " \t\r\n")
		body, err := json.Marshal(map[string]string{"paymentId": "1", "amount": "1", "idempotencyKey": trimmed})
		if err != nil {
			t.Fatal(err)
		}
		if reply := newAPI(bare).Bare(context.Background(), payment.KindRefund, body); reply.StatusCode != http.StatusCreated || bare.command.Key != got {
			t.Fatalf("a bare command reads key %q as %q (%d), a header as %q", trimmed, bare.command.Key, reply.StatusCode, got)
		}
	})
}

func FuzzDetect(f *testing.F) {
	for event := range sampleEvents() {
		f.Add([]byte(event))
	}
	f.Fuzz(func(t *testing.T, event []byte) {
		shape := ingress.Detect(event)
		var members map[string]json.RawMessage
		object := json.Unmarshal(event, &members) == nil && members != nil
		switch shape {
		case ingress.ShapeAPIGateway, ingress.ShapeQueue, ingress.ShapeEventBridge, ingress.ShapeBare:
			if !object {
				t.Fatalf("%q is no object and yet %s", event, shape)
			}
		case ingress.ShapeUnknown:
		default:
			t.Fatalf("shape %q", shape)
		}
		api, log := loggingAPI(&fakeService{result: succeeded(), resource: refundResource(payment.StatusSucceeded)})
		answer, err := api.Lambda(api.Operate)(context.Background(), event)
		if (answer == nil) == (err == nil) || log.Len() > 0 {
			t.Fatalf("%s: answer %v, error %v, log %s", shape, answer, err, log)
		}
	})
}
