package ingress

import (
	"context"
	"encoding/base64"
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
		RawQuery: event.RawQueryString, Header: gatewayHeader(event.Headers), Until: a.lambdaUntil(ctx),
	}
	req.setBody(gatewayBody(event))
	response := a.Handle(ctx, req)
	headers := make(map[string]string, len(response.Header))
	for name := range response.Header {
		headers[name] = response.Header.Get(name)
	}
	return events.APIGatewayV2HTTPResponse{StatusCode: response.Status, Headers: headers, Body: string(response.Body)}, nil
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
