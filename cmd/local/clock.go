package main

import (
	"context"
	"math/rand/v2"
	"time"
)

// wallClock is payment.Clock. Its times have no monotonic part, because stored deadlines outlive the process.
type wallClock struct{}

// Now is the wall clock in UTC.
func (wallClock) Now() time.Time { return time.Now().Round(0).UTC() }

// Pause waits about 5 ms before the first repetition, doubling up to about half a second. A random part keeps those who
// lost the same race apart.
func (wallClock) Pause(ctx context.Context, n int) error {
	wait := 5 * time.Millisecond << min(max(n-1, 0), 6)
	return pause(ctx, wait/2+rand.N(wait))
}

// pause waits, or returns the context's error if it ends before.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
