package compose

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/iade/iade/internal/dayclose"
	"github.com/iade/iade/internal/journal"
	"github.com/iade/iade/internal/metrics"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/psp"
)

// closer makes what closes days, on the same limit of calls as everything else.
func closer(p Ports, quota *psp.Quota, books dayclose.Books, recorder *metrics.Recorder) *dayclose.Closer {
	return &dayclose.Closer{
		Pages: quota, Movements: journal.New(p.Journal, p.Clock.Now), Books: books, Store: p.Days, Publisher: p.DayEvents,
		Now: p.Clock.Now, Wait: wait,
		Tell: func(ctx context.Context, d dayclose.Day, err error) {
			if err != nil {
				if payment.CodeOf(err) != payment.CodeRateLimited { // that goes on by itself
					recorder.Count(metrics.DayCloseFailed)
				}
				p.Log.WarnContext(ctx, "a day was not closed", "date", string(d.Date), "error", caused(err).Error())
				return
			}
			if !d.Provisional {
				recorder.Count(metrics.DaysClosed)
			}
			if d.Status == dayclose.StatusDiffers {
				recorder.Count(metrics.DayDiffers)
			}
			p.Log.InfoContext(ctx, "a day was closed", "date", string(d.Date), "status", string(d.Status), "differences", d.DifferenceCount)
		},
	}
}

// wait waits, or returns the context's error.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// caused adds what payment.Error keeps from callers, for the log.
func caused(err error) error {
	var e *payment.Error
	if errors.As(err, &e) && e.Cause != nil {
		return fmt.Errorf("%w: %w", err, e.Cause)
	}
	return err
}
