package metrics

import (
	"context"
	"errors"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/psp"
)

// gateway counts the calls that were held back.
type gateway struct {
	next     payment.Gateway
	recorder *Recorder
}

// Gateway decorates a payment.Gateway, the quota included.
func (r *Recorder) Gateway(next payment.Gateway) payment.Gateway { return gateway{next, r} }

// Send sends.
func (g gateway) Send(ctx context.Context, c payment.Call) payment.Answered {
	answer := g.next.Send(ctx, c)
	if answer.Failure != nil {
		switch answer.Failure.Reason {
		case payment.ReasonRateLimited:
			g.recorder.Count(RateLimitWaits)
		case payment.ReasonCredentials, payment.ReasonKeysUnreadable:
			g.recorder.Count(KeysRefused)
		}
	}
	return answer
}

// Read reads.
func (g gateway) Read(ctx context.Context, q payment.Query) (payment.Report, error) {
	report, err := g.next.Read(ctx, q)
	g.count(err)
	return report, err
}

// ReadDay reads.
func (g gateway) ReadDay(ctx context.Context, q payment.DayQuery) (payment.DayList, error) {
	list, err := g.next.ReadDay(ctx, q)
	g.count(err)
	return list, err
}

// count counts a read that was held back.
func (g gateway) count(err error) {
	switch {
	case err == nil:
	case payment.CodeOf(err) == payment.CodeRateLimited:
		g.recorder.Count(RateLimitWaits)
	case psp.RefusedKeys(err), errors.Is(err, psp.ErrKeysUnreadable):
		g.recorder.Count(KeysRefused)
	}
}
