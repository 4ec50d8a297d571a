package app

import (
	"context"
	"io"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/iade/iade/internal/ingress"
)

// The log's names for the ids of a line: Lambda's own of the invocation, which its platform lines carry too; the transport's
// of the call, which is API Gateway's request id (in the access log, and in the answer's header apigw-requestid) or the
// queue's message id; and the operation's.
const (
	invocationAttr  = "requestId"
	correlationAttr = "correlationId"
	operationAttr   = "operationId"
)

// newLogger writes one JSON object a line with Lambda's own names (timestamp, level, message, requestId), whatever log
// format the function is set to: text would not be searchable by field.
func newLogger(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(&handler{slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: lambdacontext.ReplaceAttr})})
}

// handler adds to each record the ids that its context knows, unless the record says them itself. A record that names its
// request keeps that id as the correlation id where it is not the invocation's, so that no name stands twice in a line.
type handler struct{ next slog.Handler }

// Enabled asks the handler below.
func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle writes the record with its ids.
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	invocation, trace := InvocationID(ctx), ingress.TraceOf(ctx)
	if trace.CallID == invocation {
		trace.CallID = ""
	}
	out := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	add := func(name, id string) {
		if id != "" {
			out.AddAttrs(slog.String(name, id))
		}
	}
	add(invocationAttr, invocation)
	r.Attrs(func(a slog.Attr) bool {
		switch {
		case a.Key == invocationAttr && invocation != "":
			if trace.CallID == "" && a.Value.String() != invocation {
				trace.CallID = a.Value.String()
			}
			return true
		case a.Key == operationAttr:
			trace.OperationID = ""
		}
		out.AddAttrs(a)
		return true
	})
	add(correlationAttr, trace.CallID)
	add(operationAttr, trace.OperationID)
	return h.next.Handle(ctx, out)
}

// WithAttrs is this handler with attributes.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler { return &handler{h.next.WithAttrs(attrs)} }

// WithGroup is this handler with a group.
func (h *handler) WithGroup(name string) slog.Handler { return &handler{h.next.WithGroup(name)} }
