package lambda_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"github.com/iade/iade/internal/ingress"
	apitest "github.com/iade/iade/internal/test/api"
)

// serves says which function serves each route, by the route's name.
var serves = map[string]string{
	"createRefund": "refund", "previewRefund": "refund", "createCancel": "cancel", "createReversal": "cancel", "createFundPayment": "fund",
	"getRefund": "status", "getCancel": "status", "getReversal": "status", "getFundPayment": "status", "getPayment": "status", "findPayment": "status", "listOperations": "status",
	"getOperationHistory": "status", "getDay": "status", "listDays": "status", "getLimits": "status", "getHealth": "status",
	"checkOperation": "reconcile", "resolveOperation": "reconcile", "closeDay": "close",
	"iyzicoWebhook":   "webhook",
	"balanceCallback": "balance-callback", "balanceCallbackForm": "balance-callback",
}

func TestEveryRouteHasAFunction(t *testing.T) {
	t.Parallel()
	for _, route := range ingress.Routes() {
		if serves[route.Name] == "" {
			t.Errorf("no function serves %s", route.Name)
		}
	}
	if len(serves) != len(ingress.Routes()) {
		t.Errorf("%d routes are served, the table has %d", len(serves), len(ingress.Routes()))
	}
}

// unrouted is the function that gets what no route takes. API Gateway answers such requests itself, in its own words;
// here a function does, so that the suite sees what ours would say.
const unrouted = "status"

// routed says which function a request goes to, and the key of the route that API Gateway matched.
func routed(method, path string) (function, routeKey string, params map[string]string) {
	for _, route := range ingress.Routes() {
		if route.Method != method {
			continue
		}
		if params, ok := matched(route.Pattern, path); ok {
			return serves[route.Name], route.Method + " " + route.Pattern, params
		}
	}
	return unrouted, "$default", nil
}

func matched(pattern, path string) (map[string]string, bool) {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return nil, false
	}
	params := map[string]string{}
	for i := range want {
		switch {
		case strings.HasPrefix(want[i], "{") && got[i] != "":
			params[strings.Trim(want[i], "{}")] = got[i]
		case want[i] != got[i]:
			return nil, false
		}
	}
	return params, true
}

// gatewayEvent is what an HTTP API sends (payload format 2.0): names in lower case, repeated headers joined with a comma,
// bodies in base64 where they are no text, and at times where they are.
func gatewayEvent(req apitest.Request, routeKey string, params map[string]string) ([]byte, error) {
	event := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: routeKey, RawPath: req.Path, RawQueryString: req.RawQuery,
		Headers: map[string]string{}, PathParameters: params, Body: string(req.Body),
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: routeKey, Stage: "$default", RequestID: "gateway-request-1",
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: req.Method, Path: req.Path, Protocol: "HTTP/1.1", SourceIP: "192.0.2.1"},
		},
	}
	for name, values := range req.Header {
		event.Headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	if !utf8.Valid(req.Body) || len(req.Body)%2 == 1 {
		event.Body, event.IsBase64Encoded = base64.StdEncoding.EncodeToString(req.Body), true
	}
	return json.Marshal(event)
}

// gatewayReply is the HTTP answer that API Gateway makes of a function's.
func gatewayReply(payload []byte) (apitest.Reply, error) {
	var answer events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(payload, &answer); err != nil {
		return apitest.Reply{}, fmt.Errorf("read the function's answer: %w", err)
	}
	reply := apitest.Reply{Status: answer.StatusCode, Header: http.Header{}, Body: []byte(answer.Body)}
	for name, value := range answer.Headers {
		reply.Header.Set(name, value)
	}
	if answer.IsBase64Encoded {
		body, err := base64.StdEncoding.DecodeString(answer.Body)
		if err != nil {
			return apitest.Reply{}, fmt.Errorf("read the function's body: %w", err)
		}
		reply.Body = body
	}
	return reply, nil
}
