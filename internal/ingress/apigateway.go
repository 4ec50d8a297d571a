package ingress

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/textproto"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// lambdaMargin is kept between the end of a handler's time and the moment at which Lambda kills the function.
const lambdaMargin = 2 * time.Second

// APIGateway answers an event of an HTTP API (payload format 2.0). The error is always nil: a failure is an answer.
func (a *API) APIGateway(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	req := Request{
		ID: event.RequestContext.RequestID, Method: event.RequestContext.HTTP.Method, Path: gatewayPath(event),
		Actor: principal(event.RequestContext.Authorizer), RawQuery: event.RawQueryString, Header: gatewayHeader(event.Headers), Until: a.lambdaUntil(ctx),
	}
	req.setBody(gatewayBody(event))
	response := a.Handle(ctx, req)
	headers := make(map[string]string, len(response.Header))
	for name := range response.Header {
		headers[name] = response.Header.Get(name)
	}
	return events.APIGatewayV2HTTPResponse{StatusCode: response.Status, Headers: headers, Body: string(response.Body)}, nil
}

// readGatewayEvent reads what APIGateway looks at of an event. The whole event type has some forty members more, and
// encoding/json's preparing for them took a twentieth of a function's start.
func readGatewayEvent(data []byte) (events.APIGatewayV2HTTPRequest, error) {
	var e struct {
		RouteKey       string            `json:"routeKey"`
		RawPath        string            `json:"rawPath"`
		RawQueryString string            `json:"rawQueryString"`
		Headers        map[string]string `json:"headers"`
		RequestContext struct {
			Stage     string `json:"stage"`
			RequestID string `json:"requestId"`
			HTTP      struct {
				Method string `json:"method"`
			} `json:"http"`
			Authorizer *gatewayAuthorizer `json:"authorizer"`
		} `json:"requestContext"`
		Body            string `json:"body"`
		IsBase64Encoded bool   `json:"isBase64Encoded"`
	}
	if err := json.Unmarshal(data, &e); err != nil {
		return events.APIGatewayV2HTTPRequest{}, err
	}
	return events.APIGatewayV2HTTPRequest{
		RouteKey: e.RouteKey, RawPath: e.RawPath, RawQueryString: e.RawQueryString, Headers: e.Headers,
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			Stage: e.RequestContext.Stage, RequestID: e.RequestContext.RequestID,
			HTTP:       events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: e.RequestContext.HTTP.Method},
			Authorizer: e.RequestContext.Authorizer.description(),
		},
		Body: e.Body, IsBase64Encoded: e.IsBase64Encoded,
	}, nil
}

// lambdaUntil is the end of the handler's time, earlier if the function is killed earlier.
func (a *API) lambdaUntil(ctx context.Context) time.Time {
	until := a.until()
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-lambdaMargin).Before(until) {
		return deadline.Add(-lambdaMargin).Round(0)
	}
	return until
}

// setBody takes a body that came whole, in one piece; ok false means that it did not.
func (r *Request) setBody(body []byte, ok bool) {
	switch {
	case !ok:
		r.Unreadable = true
	case len(body) > MaxBodyBytes:
		r.TooLarge = true
	default:
		r.Body = body
	}
}

func gatewayBody(event events.APIGatewayV2HTTPRequest) ([]byte, bool) {
	if !event.IsBase64Encoded {
		return []byte(event.Body), true
	}
	body, err := base64.StdEncoding.DecodeString(event.Body)
	return body, err == nil
}

// gatewayHeader restores canonical names: the gateway lower-cases them and SAM's local one keeps what was sent. Values
// of a repeated header arrive joined with commas and stay so.
func gatewayHeader(headers map[string]string) http.Header {
	header := make(http.Header, len(headers))
	for name, value := range headers {
		header.Add(name, textproto.TrimString(value))
	}
	return header
}

// gatewayPath is the path as the route table knows it. In front of it a named stage, or a custom domain's mapping, may
// stand; the route that the gateway matched says how many segments are ours.
func gatewayPath(event events.APIGatewayV2HTTPRequest) string {
	path := event.RawPath
	for i := range routes {
		if event.RouteKey != routes[i].Method+" "+routes[i].Pattern {
			continue
		}
		segments := strings.Split(path, "/")
		ours := strings.Count(routes[i].Pattern, "/")
		if len(segments) > ours {
			return "/" + strings.Join(segments[len(segments)-ours:], "/")
		}
	}
	stage := "/" + event.RequestContext.Stage
	if rest, found := strings.CutPrefix(path, stage+"/"); found && event.RequestContext.Stage != "" {
		return "/" + rest
	}
	return path
}
