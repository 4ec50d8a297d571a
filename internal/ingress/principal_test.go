package ingress_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

// asking is a service that remembers who asks.
type asking struct {
	fakeService
	actor string
}

func (s *asking) Operation(ctx context.Context, _ string) (payment.Resource, error) {
	s.actor = payment.ActorOf(ctx)
	return refundResource(payment.StatusSucceeded), nil
}

func (s *asking) Request(ctx context.Context, _ payment.Command, _ time.Time, _ payment.Recording) (payment.Result, error) {
	s.actor = payment.ActorOf(ctx)
	return succeeded(), nil
}

func (s *asking) Check(ctx context.Context, _ string, _ time.Time) (payment.Resource, error) {
	s.actor = payment.ActorOf(ctx)
	return refundResource(payment.StatusSucceeded), nil
}

// TestTheGatewaysCallerIsNamedWithoutAPerson: the ARN without the session, the subject, and a hash for what names somebody.
func TestTheGatewaysCallerIsNamedWithoutAPerson(t *testing.T) {
	t.Parallel()
	for authorizer, want := range map[string]string{
		`{"iam":{"userArn":"arn:aws:sts::123456789012:assumed-role/shop/ayse.yilmaz@example.com"}}`: "arn:aws:sts::123456789012:assumed-role/shop",
		`{"iam":{"userArn":"arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Ops_1/ayse"}}`:    "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Ops_1",
		`{"iam":{"userArn":"arn:aws-cn:sts::123456789012:federated-user/ayse"}}`:                    "arn:aws-cn:sts::123456789012:federated-user",
		`{"iam":{"userArn":"arn:aws:iam::123456789012:user/ci"}}`:                                   "arn:aws:iam::123456789012:user/ci",
		`{"iam":{"userArn":"arn:aws:iam::123456789012:root"}}`:                                      "arn:aws:iam::123456789012:root",
		`{"jwt":{"claims":{"sub":"auth0|5f7c8ec7c33c6c004bbafe82","email":"a@b.example"}}}`:         "auth0|5f7c8ec7c33c6c004bbafe82",
		`{"jwt":{"claims":{"sub":"9gFbR2@clients"}}}`:                                               "9gFbR2@clients",
		`{"jwt":{"claims":{"sub":42}}}`:                                                             "",
		`{"jwt":{"claims":{}}}`:                                                                     "",
		`{}`:                                                                                        "",
		`null`:                                                                                      "",
	} {
		service := &asking{}
		event := `{"version":"2.0","routeKey":"GET /refunds/{id}","rawPath":"/refunds/` + refundID + `","requestContext":{"requestId":"r","http":{"method":"GET"},"authorizer":` + authorizer + `}}`
		if _, err := newAPI(service).Lambda(nil)(context.Background(), json.RawMessage(event)); err != nil {
			t.Fatal(err)
		}
		if service.actor != want {
			t.Errorf("%s is %q, want %q", authorizer, service.actor, want)
		}
	}
	for _, authorizer := range []string{
		`{"iam":{"userArn":"arn:aws:iam::123456789012:user/ayse@example.com"}}`, `{"jwt":{"claims":{"sub":"ayse@example.com"}}}`,
		`{"jwt":{"claims":{"sub":"Ayşe Yılmaz"}}}`, `{"jwt":{"claims":{"sub":"` + strings.Repeat("x", 300) + `"}}}`,
	} {
		service := &asking{}
		event := `{"version":"2.0","routeKey":"GET /refunds/{id}","rawPath":"/refunds/` + refundID + `","requestContext":{"requestId":"r","http":{"method":"GET"},"authorizer":` + authorizer + `}}`
		if _, err := newAPI(service).Lambda(nil)(context.Background(), json.RawMessage(event)); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(service.actor, "sha256:") || strings.Contains(service.actor, "ay") || strings.Contains(service.actor, "example") || len(service.actor) > 256 {
			t.Errorf("%.80s is %q", authorizer, service.actor)
		}
	}
}

func TestOtherWaysInAreNamedToo(t *testing.T) {
	t.Parallel()
	service := &asking{}
	newAPI(service).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/refunds/"+refundID, nil))
	if service.actor != payment.ActorLocal {
		t.Errorf("a local request is %q", service.actor)
	}
	request := httptest.NewRequest("GET", "/refunds/"+refundID, nil)
	newAPI(service).ServeHTTP(httptest.NewRecorder(), request.WithContext(payment.WithActor(context.Background(), "token:shop")))
	if service.actor != "token:shop" {
		t.Errorf("a local request with a token is %q", service.actor)
	}
	newAPI(service).Bare(context.Background(), payment.KindRefund, json.RawMessage(`{"paymentId":"1","amount":"1","idempotencyKey":"k"}`))
	if service.actor != payment.ActorInvoke {
		t.Errorf("a bare command is %q", service.actor)
	}
	newAPI(service).Operate(context.Background(), json.RawMessage(`{"check":"`+refundID+`"}`))
	if service.actor != payment.ActorInvoke {
		t.Errorf("a bare check is %q", service.actor)
	}
	api := newAPI(service)
	api.Queue = &nowhere{}
	batch := `{"Records":[{"messageId":"m","eventSource":"aws:sqs","body":"{\"paymentId\":\"1\",\"amount\":\"1\",\"idempotencyKey\":\"k\"}"}]}`
	if _, err := api.Batch(context.Background(), payment.KindRefund, json.RawMessage(batch)); err != nil || service.actor != payment.ActorQueue {
		t.Errorf("a queue's command is %q, %v", service.actor, err)
	}
}

// nowhere is a queue that takes everything.
type nowhere struct{}

func (nowhere) Hide(context.Context, string, string, time.Duration) error { return nil }

func (nowhere) DeadLetter(context.Context, string, ingress.DeadMessage) error { return nil }
