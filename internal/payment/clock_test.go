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
		name    string
		created time.Duration // against the acceptance, by iyzico's clock
		seen    int64         // against the acceptance, in versions
		skew    time.Duration
		want    bool
	}{
		{"made and seen later", time.Second, 1, 0, true},
		{"made by a clock that is a little behind the acceptor's", -2 * time.Second, 1, 0, true},
		{"made within the tolerance", -clockTolerance, 1, 0, true},
		{"made before the tolerance", -clockTolerance - time.Second, 1, 0, false},
		{"made before the tolerance, by an iyzico that is behind", -clockTolerance - time.Hour, 1, -time.Hour, true},
		{"made before the tolerance, by an iyzico that is ahead", -clockTolerance - time.Second, 1, time.Hour, false},
		{"in the snapshot that the acceptance was decided on", 0, 0, 0, false},
		{"in an earlier snapshot, its time is Istanbul's", 3 * time.Hour, -1, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			op := Operation{CreatedAt: accepted, AcceptedIn: 7}
			f := Foreign{CreatedAt: accepted.Add(c.created), SeenIn: 7 + c.seen}
			if got := f.newSince(&op, c.skew); got != c.want {
				t.Errorf("newSince = %t, want %t", got, c.want)
			}
		})
	}
}
