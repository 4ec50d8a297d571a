package payment

import (
	"testing"
	"time"
)

// The process that accepted an operation and the one that reads the report have clocks of their own, and iyzico's times
// are compared through both.
func TestEntriesOfTheSameMinuteMayBeTheOperationsOwn(t *testing.T) {
	t.Parallel()
	accepted := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name          string
		created, seen time.Duration // against the acceptance
		skew          time.Duration
		want          bool
	}{
		{"made and seen later", time.Second, time.Minute, 0, true},
		{"made by a clock that is a little behind the acceptor's", -2 * time.Second, time.Minute, 0, true},
		{"seen by a reader whose clock is a little behind the acceptor's", 0, -2 * time.Second, 0, true},
		{"made within the tolerance", -clockTolerance, time.Minute, 0, true},
		{"made before the tolerance", -clockTolerance - time.Second, time.Minute, 0, false},
		{"made before the tolerance, by an iyzico that is behind", -clockTolerance - time.Hour, time.Minute, -time.Hour, true},
		{"made before the tolerance, by an iyzico that is ahead", -clockTolerance - time.Second, time.Minute, time.Hour, false},
		{"in a snapshot from before the acceptance", 0, -clockTolerance, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := Foreign{CreatedAt: accepted.Add(c.created), SeenAt: accepted.Add(c.seen)}
			if got := f.newSince(accepted, c.skew); got != c.want {
				t.Errorf("newSince = %t, want %t", got, c.want)
			}
		})
	}
}
