package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

// answers logs what became of each command, so that its operation is found by the ids of the call and the other way round.
type answers struct {
	ingress.Service
	log *slog.Logger
}

func logAnswers(next ingress.Service, log *slog.Logger) ingress.Service { return answers{next, log} }

// Request carries out a command. What it refuses is logged where the answer is made.
func (a answers) Request(ctx context.Context, c payment.Command, until time.Time, record payment.Recording) (payment.Result, error) {
	result, err := a.Service.Request(ctx, c, until, record)
	if err == nil {
		a.log.InfoContext(ctx, "a command was answered", "operationId", result.Resource.ID, "kind", string(result.Resource.Kind),
			"status", string(result.Resource.Status), "sent", result.Sent, "known", result.Known)
	}
	return result, err
}
