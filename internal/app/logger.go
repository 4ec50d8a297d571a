package app

import (
	"context"
	"io"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// The log's names for the two ids of a call: Lambda's own, which its platform lines carry too, and API Gateway's, which
// the access log carries.
const (
	invocationAttr = "requestId"
	gatewayAttr    = "gatewayRequestId"
)

// newLogger writes one JSON object a line with Lambda's own names (timestamp, level, message, requestId), whatever log
// format the function is set to: text would not be searchable by field.
func newLogger(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(&handler{slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: lambdacontext.ReplaceAttr})})
}

// handler adds the invocation's id to each record. A record that names its request already keeps that id under
// gatewayAttr where the two differ, so that no name stands twice in a line.
type handler struct{ next slog.Handler }

// Enabled asks the handler below.
func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle writes the record with the invocation's id.
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	lc, ok := lambdacontext.FromContext(ctx)
	if !ok {
		return h.next.Handle(ctx, r)
	}
	out := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	out.AddAttrs(slog.String(invocationAttr, lc.AwsRequestID))
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == invocationAttr {
			if a.Value.String() == lc.AwsRequestID {
				return true
			}
			a.Key = gatewayAttr
		}
		out.AddAttrs(a)
		return true
	})
	return h.next.Handle(ctx, out)
}

// WithAttrs is this handler with attributes.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler { return &handler{h.next.WithAttrs(attrs)} }

// WithGroup is this handler with a group.
func (h *handler) WithGroup(name string) slog.Handler { return &handler{h.next.WithGroup(name)} }
