package ingress

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// Shape is what kind of event a function was invoked with.
type Shape string

// The shapes. Everything that is a JSON object and none of the others is a bare command.
const (
	ShapeAPIGateway  Shape = "API Gateway v2 request"
	ShapeQueue       Shape = "SQS batch"
	ShapeEventBridge Shape = "EventBridge event"
	ShapeBare        Shape = "bare command"
	ShapeUnknown     Shape = "unknown event"
)

// ErrUnsupportedEvent is what Lambda's handler returns for an event that the function has no use for. The invocation
// then fails visibly, and what sent the event keeps it or parks it.
var ErrUnsupportedEvent = errors.New("this function takes no such event")

// Detect tells the shapes apart by their fixed members. What looks like a transport that is not served (a REST API's
// event, a batch of another source) is ShapeUnknown, never a bare command.
func Detect(event json.RawMessage) Shape {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(event, &members); err != nil || members == nil {
		return ShapeUnknown
	}
	if records, ok := members["Records"]; ok {
		return detectRecords(records)
	}
	if requestContext, ok := members["requestContext"]; ok {
		if textOf(members["version"]) == "2.0" && hasMember(requestContext, "http") {
			return ShapeAPIGateway
		}
		return ShapeUnknown
	}
	if _, ok := members["detail-type"]; ok {
		return ShapeEventBridge
	}
	return ShapeBare
}

func detectRecords(records json.RawMessage) Shape {
	var batch []map[string]json.RawMessage
	if err := json.Unmarshal(records, &batch); err != nil || len(batch) == 0 {
		return ShapeUnknown
	}
	for _, record := range batch {
		if textOf(record["eventSource"]) != "aws:sqs" {
			return ShapeUnknown
		}
	}
	return ShapeQueue
}

func textOf(value json.RawMessage) string {
	var text string
	if len(value) == 0 || json.Unmarshal(value, &text) != nil {
		return ""
	}
	return text
}

func hasMember(object json.RawMessage, name string) bool {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil {
		return false
	}
	_, ok := members[name]
	return ok
}

// Lambda is what lambda.Start takes: it answers API Gateway's requests, gives bare commands to bare, and refuses the
// rest with ErrUnsupportedEvent. A nil bare refuses bare commands too.
func (a *API) Lambda(bare func(context.Context, json.RawMessage) BareReply) func(context.Context, json.RawMessage) (any, error) {
	return func(ctx context.Context, event json.RawMessage) (any, error) {
		switch shape := Detect(event); {
		case shape == ShapeAPIGateway:
			request, err := readGatewayEvent(event)
			if err != nil {
				return nil, fmt.Errorf("read an %s: %w", shape, err)
			}
			return a.APIGateway(ctx, request)
		case shape == ShapeBare && bare != nil:
			return bare(ctx, event), nil
		default:
			return nil, fmt.Errorf("%w: %s", ErrUnsupportedEvent, shape)
		}
	}
}
