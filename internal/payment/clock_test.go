package payment

import (
	"testing"
	"time"
)

// The process that accepted an operation and the one that reads the report have clocks of their own, and iyzico's times
// are compared through both.
//
// failure 19: the rules alone
func TestEntriesOfJustBeforeAnAcceptanceMayBeTheOperationsOwn(t *testing.T) {
	t.Parallel()
	const tolerance = 10 * time.Second
	accepted := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name      string
		created   time.Duration // against the acceptance, by iyzico's clock
		seen      int64         // against the acceptance, in versions
		skew      time.Duration
		tolerance time.Duration
		want      bool
	}{
		{"made and seen later", time.Second, 1, 0, tolerance, true},
		{"made by a clock that is a little behind the acceptor's", -2 * time.Second, 1, 0, tolerance, true},
		{"made within the tolerance", -tolerance, 1, 0, tolerance, true},
		{"made before the tolerance", -tolerance - time.Second, 1, 0, tolerance, false},
		{"made before the tolerance, by an iyzico that is behind", -tolerance - time.Hour, 1, -time.Hour, tolerance, true},
		{"made before the tolerance, by an iyzico that is ahead", -tolerance - time.Second, 1, time.Hour, tolerance, false},
		{"made before it on one machine", -time.Second, 1, 0, 0, false},
		{"made in its second on one machine", 0, 1, 0, 0, true},
		{"in the snapshot that the acceptance was decided on", 0, 0, 0, tolerance, false},
		{"in an earlier snapshot, its time is Istanbul's", 3 * time.Hour, -1, 0, tolerance, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			op := Operation{CreatedAt: accepted, AcceptedIn: 7}
			f := Foreign{CreatedAt: accepted.Add(c.created), SeenIn: 7 + c.seen}
			behind := Rules{ClockTolerance: c.tolerance}.behind(Report{Skew: c.skew})
			if got := f.newSince(&op, behind); got != c.want {
				t.Errorf("newSince = %t, want %t", got, c.want)
			}
		})
	}
}
