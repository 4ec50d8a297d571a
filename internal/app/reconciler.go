package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/metrics"
	"github.com/iade/iade/internal/payment"
)

// scheduled is what the schedule sends, word for word as template.yaml says.
type scheduled struct {
	Reconcile bool `json:"reconcile"`
}

// passTime is the longest that one pass takes: the next one starts a minute after this one began.
const passTime = 50 * time.Second

// passMargin is kept between a pass's end and the moment at which Lambda kills the function.
const passMargin = 2 * time.Second

// Reconciler is the handler of the reconcile function: the schedule's {"reconcile": true} makes one pass over everything
// that is due; everything else is an operator's request.
func (a *App) Reconciler() Handler {
	operate := a.API.Lambda(a.API.Operate)
	rounds := a.Metrics.Rounds(a.Service)
	return a.Counted(func(ctx context.Context, event json.RawMessage) (any, error) {
		var tick scheduled
		if ingress.Detect(event) != ingress.ShapeBare || json.Unmarshal(event, &tick) != nil || !tick.Reconcile {
			return operate(ctx, event)
		}
		return a.pass(ctx, rounds)
	})
}

// passed is what one pass did, for its caller and the log.
type passed struct {
	Looked     int  `json:"looked"`
	Settled    int  `json:"settled"`
	Unreadable int  `json:"unreadable"`
	Waiting    int  `json:"waiting"`
	Failed     int  `json:"failed"`
	Complete   bool `json:"complete"`
}

// pass makes one pass and logs what it did. It fails if an account could not be looked at, so that the function's error
// metric shows it; the next pass tries again.
func (a *App) pass(ctx context.Context, rounds *metrics.Rounds) (any, error) {
	wall := clock.Wall{}
	until := wall.Now().Add(passTime)
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-passMargin).Before(until) {
		until = deadline.Add(-passMargin).Round(0)
	}
	done, err := a.Service.Reconcile(ctx, until)
	a.Metrics.Pass(done)
	if done.Complete || done.Looked > 0 { // else the store is away, and err says so
		// What is unfinished is looked at after the pass, which may have ended some of it.
		if err := rounds.Look(ctx, wall, until); err != nil {
			a.Log.WarnContext(ctx, "what is unfinished could not be counted", "error", payment.WithCause(err).Error())
		}
	}
	level, did := slog.LevelInfo, "reconciled"
	if !done.Complete {
		level, did = slog.LevelWarn, "the pass did not reach the end: the next one goes on"
	}
	a.Log.Log(ctx, level, did, "looked", done.Looked, "settled", done.Settled, "unreadable", done.Unreadable,
		"waiting", done.Waiting, "failed", done.Failed, "complete", done.Complete)
	if err != nil {
		return nil, fmt.Errorf("reconcile: %w", payment.WithCause(err))
	}
	return passed(done), nil
}
