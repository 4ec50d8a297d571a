package metrics

import (
	"context"
	"time"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

// service counts what callers are answered.
type service struct {
	ingress.Service
	recorder *Recorder
}

// Service decorates what ingress asks.
func (r *Recorder) Service(next ingress.Service) ingress.Service { return service{next, r} }

// Request carries out a command and counts the answers that say "as before": the ones with Idempotent-Replayed.
func (s service) Request(ctx context.Context, c payment.Command, until time.Time, record payment.Recording) (payment.Result, error) {
	result, err := s.Service.Request(ctx, c, until, record)
	switch code := payment.CodeOf(err); {
	case code == payment.CodeInProgress, code == payment.CodeKeyReused, err == nil && result.Known && !result.Sent:
		s.recorder.Count(DuplicatesAnswered, string(c.Kind))
	}
	return result, err
}

// Return records a browser's return and counts those whose token does not verify.
func (s service) Return(ctx context.Context, operationID, tokenHash string) (payment.Resource, error) {
	resource, err := s.Service.Return(ctx, operationID, tokenHash)
	if payment.CodeOf(err) == payment.CodeNotFound {
		s.recorder.Count(CallbacksRefused)
	}
	return resource, err
}

// pages counts the states that do not verify.
type pages struct {
	ingress.Pages
	recorder *Recorder
}

// Pages decorates what reads callbacks.
func (r *Recorder) Pages(next ingress.Pages) ingress.Pages { return pages{next, r} }

// Verify verifies.
func (p pages) Verify(ctx context.Context, state string, now time.Time) (string, bool, error) {
	operationID, ok, err := p.Pages.Verify(ctx, state, now)
	if !ok && err == nil {
		p.recorder.Count(CallbacksRefused)
	}
	return operationID, ok, err
}
