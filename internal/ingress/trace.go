package ingress

import "context"

// Trace says which call a log line belongs to. It holds ids only, and of them none that a caller chose.
type Trace struct {
	// CallID is how the transport names the call: API Gateway's request id, or the queue's message id.
	CallID string
	// OperationID is the operation that the call is about, once that is known.
	OperationID string
}

type traceKey struct{}

// TraceOf is what is known of the call that a context belongs to.
func TraceOf(ctx context.Context) Trace {
	t, _ := ctx.Value(traceKey{}).(Trace)
	return t
}

func withCall(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, traceKey{}, Trace{CallID: id})
}

func withOperation(ctx context.Context, id string) context.Context {
	t := TraceOf(ctx)
	t.OperationID = id
	return context.WithValue(ctx, traceKey{}, t)
}
