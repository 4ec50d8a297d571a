package ingress_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

// gatewayEvent is what API Gateway makes of a request: lower-case header names, repeated headers joined with commas.
func gatewayEvent(req ingress.Request, encoded bool) events.APIGatewayV2HTTPRequest {
	event := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: "$default", RawPath: req.Path, RawQueryString: req.RawQuery, Headers: map[string]string{},
		Body: string(req.Body), IsBase64Encoded: encoded,
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			Stage: "$default", RequestID: req.ID, HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: req.Method, Path: req.Path},
		},
	}
	for name, values := range req.Header {
		event.Headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	if encoded {
		event.Body = base64.StdEncoding.EncodeToString(req.Body)
	}
	return event
}

func throughGateway(api *ingress.API, req ingress.Request, encoded bool) ingress.Response {
	answer, err := api.APIGateway(context.Background(), gatewayEvent(req, encoded))
	if err != nil {
		panic(err)
	}
	response := ingress.Response{Status: answer.StatusCode, Header: http.Header{}, Body: []byte(answer.Body)}
	for name, value := range answer.Headers {
		response.Header.Set(name, value)
	}
	return response
}

func throughHandler(api *ingress.API, req ingress.Request) ingress.Response {
	r := httptest.NewRequest(req.Method, "http://127.0.0.1"+req.Path+"?"+req.RawQuery, bytes.NewReader(req.Body))
	r.Header = maps.Clone(req.Header)
	recorder := httptest.NewRecorder()
	api.ServeHTTP(recorder, r)
	return ingress.Response{Status: recorder.Code, Header: recorder.Header(), Body: recorder.Body.Bytes()}
}

func TestEveryEntryPointGivesTheSameAnswer(t *testing.T) {
	t.Parallel()
	requests := map[string]ingress.Request{
		"refund":         post("/refunds", refundBody),
		"quoted key":     with(post("/refunds", refundBody), "Idempotency-Key", `"key-1"`),
		"cancel":         post("/cancels", `{"paymentId":"1"}`),
		"preview":        with(post("/refunds/preview", `{"paymentId":"1","amount":"1"}`), "Idempotency-Key"),
		"balance":        post("/refunds", `{"paymentId":"1","destination":"balance"}`),
		"resource":       get("/refunds/"+refundID, ""),
		"payment":        get("/payments/1", "cursor=100"),
		"operations":     get("/operations", "status=unknown&cursor=a%2Bb"),
		"check":          post("/operations/"+refundID+"/check", ""),
		"resolution":     post("/operations/"+refundID+"/resolution", `{"decision":"succeeded","reason":"r","by":"b"}`),
		"callback":       with(post("/balance-callback/s", "token=t"), "Content-Type", "application/x-www-form-urlencoded"),
		"notice":         post("/iyzico-webhook", `{"iyziEventType":"API_AUTH"}`),
		"health":         get("/health", ""),
		"unknown route":  get("/nothing/here", ""),
		"trailing slash": post("/refunds/", refundBody),
		"wrong method":   {Method: http.MethodDelete, Path: "/refunds/" + refundID, Header: http.Header{}},
		"escaped id":     get("/refunds/rf%5F1", ""),
	}
	for _, input := range badInputs() {
		requests[input.name] = input.req
	}
	for name, req := range requests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one := func(call func(*ingress.API) ingress.Response) (ingress.Response, *fakeService) {
				service := &fakeService{
					result: succeeded(), resource: refundResource(payment.StatusSucceeded), next: "n",
					preview: payment.Preview{Refundable: "1.00"}, view: payment.PaymentView{PaymentID: "1"},
				}
				response := call(newAPI(service))
				service.until = time.Time{}
				return response, service
			}
			direct, want := one(func(api *ingress.API) ingress.Response { return api.Handle(context.Background(), req) })
			answers := map[string]func(*ingress.API) ingress.Response{
				"net/http":        func(api *ingress.API) ingress.Response { return throughHandler(api, req) },
				"gateway, base64": func(api *ingress.API) ingress.Response { return throughGateway(api, req, true) },
				"gateway":         func(api *ingress.API) ingress.Response { return throughGateway(api, req, false) },
			}
			for entry, call := range answers {
				got, service := one(call)
				if diff := cmp.Diff(direct, got, cmpopts.EquateEmpty()); diff != "" { // an empty body is none
					t.Errorf("%s answers otherwise (-core +%s):\n%s", entry, entry, diff)
				}
				if diff := cmp.Diff(want, service, cmp.AllowUnexported(fakeService{}), compareCommands); diff != "" {
					t.Errorf("%s calls the service otherwise:\n%s", entry, diff)
				}
			}
		})
	}
}

func TestAHandlersTimeEndsAfterItsStart(t *testing.T) {
	t.Parallel()
	soon, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	late, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	gateway := func(ctx context.Context) func(*ingress.API) {
		return func(api *ingress.API) {
			if _, err := api.APIGateway(ctx, gatewayEvent(post("/refunds", refundBody), false)); err != nil {
				t.Error(err)
			}
		}
	}
	bare := func(ctx context.Context) func(*ingress.API) {
		return func(api *ingress.API) {
			api.Bare(ctx, payment.KindRefund, json.RawMessage(`{"paymentId":"1","amount":"1","idempotencyKey":"k"}`))
		}
	}
	for name, tc := range map[string]struct {
		handlerTime time.Duration
		call        func(*ingress.API)
		want        time.Duration
	}{
		"net/http":               {0, func(api *ingress.API) { throughHandler(api, post("/refunds", refundBody)) }, 27 * time.Second},
		"net/http, configured":   {time.Hour, func(api *ingress.API) { throughHandler(api, post("/refunds", refundBody)) }, time.Hour},
		"gateway":                {0, gateway(context.Background()), 27 * time.Second},
		"gateway, killed soon":   {0, gateway(soon), 8 * time.Second},
		"gateway, killed late":   {0, gateway(late), 27 * time.Second},
		"bare, killed soon":      {0, bare(soon), 8 * time.Second},
		"gateway, short handler": {time.Second, gateway(soon), time.Second},
	} {
		service := &fakeService{result: succeeded()}
		api := newAPI(service)
		api.HandlerTime = tc.handlerTime
		before := time.Now().Add(tc.want)
		if strings.Contains(name, "soon") {
			deadline, _ := soon.Deadline()
			before = deadline.Add(-2 * time.Second).Round(0)
		}
		tc.call(api)
		after := time.Now().Add(tc.want)
		if service.until.Before(before.Round(0)) || service.until.After(after.Round(0)) {
			t.Errorf("%s: until = %v, want between %v and %v", name, service.until, before, after)
		}
	}
}

func TestTheGatewaysPrefixesAreTakenOff(t *testing.T) {
	t.Parallel()
	const id = "/refunds/" + refundID
	for name, tc := range map[string]struct {
		routeKey, stage, path string
		status                int
	}{
		"default stage":           {"GET /refunds/{id}", "$default", id, 200},
		"named stage":             {"GET /refunds/{id}", "prod", "/prod" + id, 200},
		"mapping":                 {"GET /refunds/{id}", "$default", "/money/v1" + id, 200},
		"stage without route":     {"$default", "prod", "/prod" + id, 200},
		"no route, no prefix":     {"$default", "prod", id, 200},
		"stage named as a route":  {"GET /refunds/{id}", "refunds", "/refunds" + id, 200},
		"stage as a beginning":    {"$default", "prod", "/production" + id, 404},
		"another prefix":          {"$default", "$default", "/v1" + id, 404},
		"trailing slash":          {"GET /refunds/{id}", "$default", id + "/", 404},
		"no stage at all":         {"", "", id, 200},
		"shorter than its route":  {"GET /refunds/{id}", "$default", "/", 404},
		"empty":                   {"GET /refunds/{id}", "$default", "", 404},
		"route that is not known": {"GET /v1/refunds/{id}", "$default", id, 200},
	} {
		event := gatewayEvent(get(tc.path, ""), false)
		event.RouteKey, event.RequestContext.Stage = tc.routeKey, tc.stage
		answer, err := newAPI(&fakeService{resource: refundResource(payment.StatusSucceeded)}).APIGateway(context.Background(), event)
		if err != nil || answer.StatusCode != tc.status {
			t.Errorf("%s: %d, want %d, %v", name, answer.StatusCode, tc.status, err)
		}
	}
}

func TestTheGatewaysHeadersAreFoundInEveryCase(t *testing.T) {
	t.Parallel()
	service := &fakeService{result: succeeded()}
	event := gatewayEvent(post("/refunds", refundBody), false)
	event.Headers = map[string]string{"IDEMPOTENCY-KEY": " key-2 ", "Content-type": "application/json"}
	answer, err := newAPI(service).APIGateway(context.Background(), event)
	if err != nil || answer.StatusCode != http.StatusCreated || service.command.Key != "key-2" {
		t.Errorf("answer = %d, key %q, %v", answer.StatusCode, service.command.Key, err)
	}
	event.Headers["idempotency-key"] = "key-3"
	answer, err = newAPI(service).APIGateway(context.Background(), event)
	if err != nil || answer.StatusCode != http.StatusBadRequest {
		t.Errorf("two keys = %d, %v", answer.StatusCode, err)
	}
}

func TestAnEventsBrokenBase64Is400(t *testing.T) {
	t.Parallel()
	service := &fakeService{result: succeeded()}
	event := gatewayEvent(post("/refunds", refundBody), true)
	event.Body += "?"
	answer, err := newAPI(service).APIGateway(context.Background(), event)
	if err != nil || answer.StatusCode != http.StatusBadRequest || len(service.calls) > 0 {
		t.Errorf("answer = %d %s, %v", answer.StatusCode, answer.Body, err)
	}
}

func TestABodyThatBreaksOffIs400(t *testing.T) {
	t.Parallel()
	service := &fakeService{result: succeeded()}
	r := httptest.NewRequest(http.MethodPost, "/refunds", io.MultiReader(strings.NewReader(refundBody), iotest.ErrReader(io.ErrUnexpectedEOF)))
	r.Header = post("", "").Header
	recorder := httptest.NewRecorder()
	newAPI(service).ServeHTTP(recorder, r)
	if recorder.Code != http.StatusBadRequest || len(service.calls) > 0 {
		t.Errorf("answer = %d, calls %v", recorder.Code, service.calls)
	}
}

func TestARealServerAnswersWhatItRefuses(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(newAPI(&fakeService{result: succeeded()}))
	defer server.Close()
	for size, want := range map[int]int{65 << 10: 413, 10_000_000: 413, ingress.MaxBodyBytes - len(refundBody): 201} {
		req, err := http.NewRequest(http.MethodPost, server.URL+"/refunds", strings.NewReader(refundBody+strings.Repeat(" ", size)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = post("", "").Header
		response, err := server.Client().Do(req)
		if err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		if err := response.Body.Close(); err != nil || response.StatusCode != want {
			t.Errorf("%d bytes: %d, want %d, %v", size, response.StatusCode, want, err)
		}
	}
}

func TestARawRequestWithTwoKeysIsRefused(t *testing.T) {
	t.Parallel()
	service := &fakeService{result: succeeded()}
	server := httptest.NewServer(newAPI(service))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := fmt.Fprintf(conn, "POST /refunds HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"+
		"idempotency-key: a\r\nIDEMPOTENCY-KEY: a\r\nContent-Length: %d\r\n\r\n%s", len(refundBody), refundBody); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 400 ")) || !bytes.Contains(answer, []byte("Idempotency-Key")) || len(service.calls) > 0 {
		t.Errorf("answer = %s, %v", answer, err)
	}
}
