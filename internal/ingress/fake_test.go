package ingress_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

const (
	refundID = "rf_10000001_abcdefghijklmnop"
	cancelID = "cn_10000001_abcdefghijklmnop"
	fundID   = "fp_abcdefghijklmnopqrstuvwxyz"
)

// The real service must fit without an adapter between.
var _ ingress.Service = (*payment.Service)(nil)

// fakeService answers what it was given and remembers how it was called.
type fakeService struct {
	uses     []payment.LimitUse
	result   payment.Result
	preview  payment.Preview
	resource payment.Resource
	view     payment.PaymentView
	page     []payment.Resource
	next     string
	err      error
	panics   any

	calls     []string
	command   payment.Command
	until     time.Time
	record    payment.Recording
	id        string
	skip      int
	filter    payment.OperationFilter
	cursor    string
	limit     int
	decision  payment.Decision
	reason    string
	by        string
	tokenHash string
	notice    payment.Notice
}

func (s *fakeService) called(name string) {
	s.calls = append(s.calls, name)
	if s.panics != nil {
		panic(s.panics)
	}
}

func (s *fakeService) Request(_ context.Context, cmd payment.Command, until time.Time, record payment.Recording) (payment.Result, error) {
	s.command, s.until, s.record = cmd, until, record
	s.called("Request")
	return s.result, s.err
}

func (s *fakeService) Preview(_ context.Context, cmd payment.Command, until time.Time) (payment.Preview, error) {
	s.command, s.until = cmd, until
	s.called("Preview")
	return s.preview, s.err
}

func (s *fakeService) Operation(_ context.Context, id string) (payment.Resource, error) {
	s.id = id
	s.called("Operation")
	return s.resource, s.err
}

func (s *fakeService) Payment(_ context.Context, paymentID string, skip int, until time.Time) (payment.PaymentView, error) {
	s.id, s.skip, s.until = paymentID, skip, until
	s.called("Payment")
	return s.view, s.err
}

func (s *fakeService) RefreshPayment(_ context.Context, paymentID string, skip int, until time.Time) (payment.PaymentView, error) {
	s.id, s.skip, s.until = paymentID, skip, until
	s.called("RefreshPayment")
	return s.view, s.err
}

func (s *fakeService) PaymentByConversation(_ context.Context, conversationID string, skip int, until time.Time) (payment.PaymentView, error) {
	s.id, s.skip, s.until = conversationID, skip, until
	s.called("PaymentByConversation")
	return s.view, s.err
}

func (s *fakeService) Operations(_ context.Context, filter payment.OperationFilter, cursor string, limit int) ([]payment.Resource, string, error) {
	s.filter, s.cursor, s.limit = filter, cursor, limit
	s.called("Operations")
	return s.page, s.next, s.err
}

func (s *fakeService) Check(_ context.Context, operationID string, until time.Time) (payment.Resource, error) {
	s.id, s.until = operationID, until
	s.called("Check")
	return s.resource, s.err
}

func (s *fakeService) Return(_ context.Context, operationID, tokenHash string) (payment.Resource, error) {
	s.id, s.tokenHash = operationID, tokenHash
	s.called("Return")
	return s.resource, s.err
}

func (s *fakeService) Hint(_ context.Context, n payment.Notice) (bool, error) {
	s.notice = n
	s.called("Hint")
	return s.err == nil, s.err
}

func (s *fakeService) LimitUses(context.Context) ([]payment.LimitUse, error) {
	s.called("LimitUses")
	return s.uses, s.err
}

func (s *fakeService) Resolve(_ context.Context, operationID string, decision payment.Decision, reason, by string, until time.Time) (payment.Resource, error) {
	s.id, s.decision, s.reason, s.by, s.until = operationID, decision, reason, by, until
	s.called("Resolve")
	return s.resource, s.err
}

// succeeded is the service's answer to a refund that went through.
func succeeded() payment.Result {
	return payment.Result{Resource: refundResource(payment.StatusSucceeded), Sent: true}
}

func refundResource(status payment.Status) payment.Resource {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return payment.Resource{
		ID: refundID, Kind: payment.KindRefund, Status: status, PaymentID: "10000001", Amount: "10.50", RefundedAmount: "10.50",
		Currency: "TRY", Legs: []payment.LegView{{PaymentTransactionID: "20000001", Amount: "10.50", Status: status}},
		CreatedAt: at, UpdatedAt: at,
	}
}

// post is a POST with a JSON body and a good key.
func post(path, body string) ingress.Request {
	return ingress.Request{
		ID: "req-1", Method: http.MethodPost, Path: path, Body: []byte(body),
		Header: http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {"key-1"}},
		Until:  time.Date(2026, 3, 1, 12, 0, 27, 0, time.UTC),
	}
}

func get(path, query string) ingress.Request {
	return ingress.Request{
		ID: "req-1", Method: http.MethodGet, Path: path, RawQuery: query, Header: http.Header{},
		Until: time.Date(2026, 3, 1, 12, 0, 27, 0, time.UTC),
	}
}

// with returns req with other headers; a header without values is taken away.
func with(req ingress.Request, name string, values ...string) ingress.Request {
	req.Header = maps.Clone(req.Header)
	delete(req.Header, name)
	if len(values) > 0 {
		req.Header[name] = values
	}
	return req
}

func newAPI(s ingress.Service) *ingress.API {
	return &ingress.API{Service: s, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

func loggingAPI(s ingress.Service) (*ingress.API, *bytes.Buffer) {
	var log bytes.Buffer
	return &ingress.API{Service: s, Log: slog.New(slog.NewTextHandler(&log, nil))}, &log
}

// problemOf reads the answer as a problem and checks what every problem has.
func problemOf(t *testing.T, r ingress.Response) (slug string, p ingress.Problem) {
	t.Helper()
	if got := r.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("Content-Type = %q, body %s", got, r.Body)
	}
	decoder := json.NewDecoder(bytes.NewReader(r.Body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&p); err != nil {
		t.Fatalf("problem %s: %v", r.Body, err)
	}
	slug, ok := strings.CutPrefix(p.Type, "urn:iade:problem:")
	if !ok || p.Title == "" || p.Detail == "" || p.Status != r.Status {
		t.Errorf("problem %s with status %d lacks type, title, detail or its own status", r.Body, r.Status)
	}
	checkCommonHeaders(t, r)
	return slug, p
}

func checkCommonHeaders(t *testing.T, r ingress.Response) {
	t.Helper()
	if r.Header.Get("Cache-Control") != "no-store" || r.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("header = %v", r.Header)
	}
}
