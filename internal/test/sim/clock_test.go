package sim

import (
	"context"
	"slices"
	"time"
)

// maxSkew is how far a worker's clock may be from the true time, either way.
const maxSkew = 3 * time.Second

// clock is the world's true time. It stands still until the scheduler moves it.
type clock struct {
	now    time.Time
	timers []timer // what happens later by itself, earliest first
}

type timer struct {
	at   time.Time
	fire func()
}

// later arranges for fire to run when the clock passes at.
func (c *clock) later(at time.Time, fire func()) {
	i, _ := slices.BinarySearchFunc(c.timers, at, func(t timer, at time.Time) int {
		if t.at.After(at) {
			return 1
		}
		return -1 // after all that are due at the same time
	})
	c.timers = slices.Insert(c.timers, i, timer{at, fire})
}

// advanceTo moves the time on; each timer on the way fires at its own time.
func (c *clock) advanceTo(to time.Time) {
	for len(c.timers) > 0 && !c.timers[0].at.After(to) {
		t := c.timers[0]
		c.timers = c.timers[1:]
		c.now = t.at
		t.fire()
	}
	if to.After(c.now) {
		c.now = to
	}
}

// workerClock is payment.Clock as one worker sees it: a little wrong.
type workerClock struct{ k *worker }

// Now is the true time plus the worker's skew.
func (c workerClock) Now() time.Time { return c.k.world.clock.now.Add(c.k.skew) }

// Pause sleeps a growing while, as the product does.
func (c workerClock) Pause(_ context.Context, n int) error {
	c.k.sleep(min(50*time.Millisecond<<min(n, 10), time.Second))
	return nil
}
