package metrics

import (
	"context"
	"time"

	"github.com/iade/iade/internal/payment"
)

// accountsPerLook bounds what one look reads: a thousand reads of one item each.
const accountsPerLook = 1000

// accountsPerPage is how many accounts are asked for at once; time is looked at in between.
const accountsPerPage = 50

// Rounds goes round all open accounts, a bounded part at each look, and writes what is unfinished. With at most
// accountsPerLook open accounts each look is a whole round. With more, a look writes the larger of what the last whole round
// found and what this one has found so far: accounts that are due first come first, so an unknown outcome is found at once,
// and one that waits for a person stays visible once a round has met it.
//
// What a round has found lives in this process alone: a new one begins at the start. It is not safe for concurrent use.
type Rounds struct {
	service  census
	recorder *Recorder

	cursor    string
	last, now payment.Census
}

// census is what is needed of payment.Service.
type census interface {
	Census(ctx context.Context, cursor string, limit int) (payment.Census, string, error)
}

// Rounds makes a Rounds on a service.
func (r *Recorder) Rounds(service census) *Rounds { return &Rounds{service: service, recorder: r} }

// Look reads on and writes what it knows, until the part is done or the time is up. After an error nothing is written and
// the round begins anew.
func (o *Rounds) Look(ctx context.Context, clock payment.Clock, until time.Time) error {
	for looked := 0; looked < accountsPerLook; looked += accountsPerPage {
		found, next, err := o.service.Census(ctx, o.cursor, accountsPerPage)
		if err != nil {
			o.cursor, o.now = "", payment.Census{}
			return err
		}
		o.now.Add(found)
		if o.cursor = next; next == "" {
			o.last, o.now = o.now, payment.Census{}
			break
		}
		if !clock.Now().Before(until) {
			break
		}
	}
	o.write(clock.Now())
	return nil
}

func (o *Rounds) write(now time.Time) {
	count := func(m *Metric, statuses ...payment.Status) {
		before, sofar := 0, 0
		for _, status := range statuses {
			before, sofar = before+o.last.Unfinished[status], sofar+o.now.Unfinished[status]
		}
		o.recorder.Add(m, int64(max(before, sofar)))
	}
	count(Processing, payment.StatusProcessing)
	count(Unknown, payment.StatusUnknown)
	count(NeedsReview, payment.StatusNeedsReview)
	count(Awaiting, payment.StatusAwaitingCustomer, payment.StatusAwaitingMerchant)
	count(InReview, payment.StatusInReview)
	since := o.last.UnknownSince
	if s := o.now.UnknownSince; since.IsZero() || !s.IsZero() && s.Before(since) {
		since = s
	}
	age := time.Duration(0)
	if !since.IsZero() {
		age = max(now.Sub(since), 0)
	}
	o.recorder.Add(OldestUnknownAge, int64(age/time.Second))
}

// Pass counts one pass of the reconciler. Only one that looked at everything due is a beat of its heart.
func (r *Recorder) Pass(done payment.Summary) {
	if done.Complete {
		r.Count(ReconcilePasses)
	} else {
		r.Count(ReconcileUnfinished)
	}
	r.Add(OperationsSettled, int64(done.Settled))
	r.Add(ReportsUnreadable, int64(done.Unreadable))
}
