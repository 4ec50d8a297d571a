// Package clock is payment.Clock on the machine's own time.
package clock

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	firstPause = 5 * time.Millisecond
	maxPause   = 500 * time.Millisecond
)

// Wall is the machine's wall clock.
type Wall struct{}

// Now is the wall clock in UTC, without a monotonic part: a deadline is compared with it by other processes, and after
// a freeze.
func (Wall) Now() time.Time { return time.Now().UTC().Round(0) }

// Pause waits a random time that grows with n, at most half a second, or returns the context's error.
func (Wall) Pause(ctx context.Context, n int) error {
	bound := min(maxPause, firstPause<<min(n, 10))
	return Sleep(ctx, rand.N(bound)+time.Millisecond)
}

// Sleep waits that long, or returns the context's error if it ends before.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
