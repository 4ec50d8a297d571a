package ingress_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

// sampleEvents is one event of each shape, and what only looks like one.
func sampleEvents() map[string]ingress.Shape {
	return map[string]ingress.Shape{
		`{"version":"2.0","routeKey":"GET /health","rawPath":"/health","headers":{},"requestContext":{"http":{"method":"GET"},"stage":"$default"},"isBase64Encoded":false}`: ingress.ShapeAPIGateway,
		`{"version":"1.0","resource":"/health","httpMethod":"GET","requestContext":{"stage":"prod"}}`:                                                                       ingress.ShapeUnknown,
		`{"requestContext":{"elb":{}},"httpMethod":"GET","path":"/"}`:                                                                                                       ingress.ShapeUnknown,
		`{"version":"2.0","requestContext":7}`:                                   ingress.ShapeUnknown,
		`{"version":2.0,"requestContext":{"http":{}}}`:                           ingress.ShapeUnknown,
		`{"Records":[{"messageId":"1","eventSource":"aws:sqs","body":"{}"}]}`:    ingress.ShapeQueue,
		`{"Records":[{"eventSource":"aws:sqs"},{"eventSource":"aws:dynamodb"}]}`: ingress.ShapeUnknown,
		`{"Records":[{"eventSource":"aws:dynamodb"}]}`:                           ingress.ShapeUnknown,
		`{"Records":[]}`: ingress.ShapeUnknown,
		`{"Records":7}`:  ingress.ShapeUnknown,
		`{"version":"0","id":"1","detail-type":"refund.requested","source":"shop","detail":{"paymentId":"1"}}`: ingress.ShapeEventBridge,
		`{"version":"0","id":"1","detail-type":"Scheduled Event","source":"aws.events","detail":{}}`:           ingress.ShapeEventBridge,
		`{"paymentId":"1","amount":"1","idempotencyKey":"k"}`:                                                  ingress.ShapeBare,
		`{"check":"x"}`: ingress.ShapeBare,
		`{}`:            ingress.ShapeBare,
		`null`:          ingress.ShapeUnknown,
		`[]`:            ingress.ShapeUnknown,
		`"x"`:           ingress.ShapeUnknown,
		`7`:             ingress.ShapeUnknown,
		``:              ingress.ShapeUnknown,
		`{`:             ingress.ShapeUnknown,
		`{} {}`:         ingress.ShapeUnknown,
		strings.Repeat("[", 20000) + strings.Repeat("]", 20000): ingress.ShapeUnknown,
	}
}

func TestShapesAreToldApart(t *testing.T) {
	t.Parallel()
	for event, want := range sampleEvents() {
		if got := ingress.Detect(json.RawMessage(event)); got != want {
			t.Errorf("%.80s = %s, want %s", event, got, want)
		}
	}
}

func TestAFunctionServesItsShapesAndRefusesTheRest(t *testing.T) {
	t.Parallel()
	for event, shape := range sampleEvents() {
		service := &fakeService{result: succeeded()}
		api := newAPI(service)
		bare := func(ctx context.Context, body json.RawMessage) ingress.BareReply {
			return api.Bare(ctx, payment.KindRefund, body)
		}
		answer, err := api.Lambda(bare)(context.Background(), json.RawMessage(event))
		_, withoutBare := api.Lambda(nil)(context.Background(), json.RawMessage(event))
		switch shape {
		case ingress.ShapeAPIGateway:
			if response, ok := answer.(events.APIGatewayV2HTTPResponse); !ok || response.StatusCode != http.StatusOK || err != nil || withoutBare != nil {
				t.Errorf("%.80s: %v, %v", event, answer, err)
			}
		case ingress.ShapeBare:
			if _, ok := answer.(ingress.BareReply); !ok || err != nil || !errors.Is(withoutBare, ingress.ErrUnsupportedEvent) {
				t.Errorf("%.80s: %v, %v, %v", event, answer, err, withoutBare)
			}
		case ingress.ShapeQueue, ingress.ShapeEventBridge, ingress.ShapeUnknown:
			if answer != nil || !errors.Is(err, ingress.ErrUnsupportedEvent) || !errors.Is(withoutBare, ingress.ErrUnsupportedEvent) || len(service.calls) > 0 {
				t.Errorf("%.80s: %v, %v", event, answer, err)
			}
		}
	}
}

func TestABrokenGatewayEventIsAnError(t *testing.T) {
	t.Parallel()
	_, err := newAPI(&fakeService{}).Lambda(nil)(context.Background(), json.RawMessage(`{"version":"2.0","headers":7,"requestContext":{"http":{}}}`))
	if err == nil || errors.Is(err, ingress.ErrUnsupportedEvent) {
		t.Errorf("err = %v", err)
	}
}
