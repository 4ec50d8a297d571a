package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/metrics"
	"github.com/iade/iade/internal/payment"
)

const (
	// reconcileEvery is the pause between two passes. What is due says when iyzico is read, so most passes read nothing.
	reconcileEvery = time.Second
	// passTime bounds one pass.
	passTime = 27 * time.Second
)

// reconciler settles what is unknown by reading iyzico.
type reconciler struct {
	service *payment.Service
	clock   payment.Clock
	metrics *metrics.Recorder
	log     *slog.Logger
}

// run makes a pass every second until ctx ends. An error that stays the same is told once.
func (r *reconciler) run(ctx context.Context) {
	told := ""
	for clock.Sleep(ctx, reconcileEvery) == nil {
		done, err := r.service.Reconcile(ctx, r.clock.Now().Add(passTime))
		if ctx.Err() == nil {
			r.metrics.Pass(done)
		}
		if done.Settled > 0 {
			r.log.Info("settled by reading iyzico", "operations", done.Settled)
		}
		problem := ""
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			problem = payment.WithCause(err).Error()
		case done.Unreadable > 0:
			problem = "iyzico's report could not be read"
		case !done.Complete:
			problem = "the pass did not reach the end, the next one goes on"
		}
		if problem != "" && problem != told {
			r.log.Warn("something could not be settled yet", "error", problem, "accounts", done.Failed+done.Unreadable)
		}
		told = problem
	}
}
