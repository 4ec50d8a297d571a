package journal

import (
	"slices"
	"time"

	"github.com/iade/iade/internal/payment"
)

// firstTime is before every operation of iade.
var firstTime = time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC)

// ahead is more than the clocks of the processes that accept operations differ.
const ahead = 24 * time.Hour

// bounds are the positions between which the filter looks; ok is false where there is nothing between them.
func (f Filter) bounds(now time.Time) (from, to string, ok bool) {
	first, last := firstTime, now.Add(ahead)
	if f.From.After(first) {
		first = f.From
	}
	if !f.To.IsZero() && f.To.Before(last) {
		last = f.To
	}
	return PositionAt(first), PositionAt(last), first.Before(last)
}

// places are what to look through, the fewest entries first, and whether all that stands there and within the bounds is
// asked for.
func (f Filter) places() (places []Place, exact bool) {
	conditions := 0
	for _, set := range []bool{len(f.Statuses) > 0, f.Kind != "", f.PaymentID != "", f.Reference != ""} {
		if set {
			conditions++
		}
	}
	switch {
	case f.Reference != "":
		places = []Place{{ByReference, f.Reference}}
	case f.PaymentID != "":
		places = []Place{{ByPayment, f.PaymentID}}
	case len(f.Statuses) > 0:
		for _, status := range f.Statuses {
			places = append(places, Place{ByStatus, string(status)})
		}
	case f.Kind != "":
		places = []Place{{ByKind, string(f.Kind)}}
	default:
		places = []Place{{ByTime, ""}}
	}
	return places, conditions <= 1
}

// takes tells whether the operation, as it is, is one that the filter asks for. The time is the place's own.
func (f Filter) takes(op payment.Resource) bool {
	return (len(f.Statuses) == 0 || slices.Contains(f.Statuses, op.Status)) && (f.Kind == "" || op.Kind == f.Kind) &&
		(f.PaymentID == "" || op.PaymentID == f.PaymentID) && (f.Reference == "" || op.Reference == f.Reference)
}
