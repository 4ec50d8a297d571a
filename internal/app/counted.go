package app

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/iade/iade/internal/metrics"
)

// Handler is what lambda.Start takes.
type Handler = func(ctx context.Context, event json.RawMessage) (any, error)

// Counted writes what an invocation counted when it ends, before it is answered: afterwards Lambda freezes the process.
func (a *App) Counted(handler Handler) Handler { return counted(a.Metrics, handler) }

func counted(recorder *metrics.Recorder, handler Handler) Handler {
	return func(ctx context.Context, event json.RawMessage) (any, error) {
		defer func() { recorder.Flush(InvocationID(ctx)) }()
		return handler(ctx, event)
	}
}

// InvocationID is Lambda's id of the invocation, "" outside of one.
func InvocationID(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		return lc.AwsRequestID
	}
	return ""
}
