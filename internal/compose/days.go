package compose

import (
	"context"

	"github.com/iade/iade/internal/clock"
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
		Now: p.Clock.Now, Wait: clock.Sleep,
		Tell: func(ctx context.Context, d dayclose.Day, err error) {
			if err != nil {
				if payment.CodeOf(err) != payment.CodeRateLimited { // that goes on by itself
					recorder.Count(metrics.DayCloseFailed)
				}
				p.Log.WarnContext(ctx, "a day was not closed", "date", string(d.Date), "error", payment.WithCause(err).Error())
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
