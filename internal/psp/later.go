package psp

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	// furthest is how far ahead a slot may lie: SQS hides a message for 12 hours at most, counted from its receipt.
	furthest = 11 * time.Hour
	// arrivals is the part of its minute in which a message comes back: what comes at the end of a minute is worked on in
	// the next one.
	arrivals = 45 * time.Second
	// raceTries bounds how often somebody else may take the last slots of a minute that was found free.
	raceTries = 20
)

// Schedule spreads queued commands that were over the limit over later minutes, as many into each as the shared part of
// the report's limit lets through: a payment's first command reads its report. A slot in it is a time to come back at, not a permission: what comes back takes its calls from
// the minute's own count like everybody else, so that a slot that nobody uses is lost to nobody.
type Schedule struct {
	slots Slots
	now   func() time.Time
	limit int

	mu    sync.Mutex
	ahead map[string]*lead
}

// lead is what this process holds of one queue's slots, all in one minute.
type lead struct {
	minute time.Time
	left   int
}

// NewSchedule makes a Schedule on the store's counters. perMinute is the limit of calls, at least 1.
func NewSchedule(slots Slots, now func() time.Time, perMinute int) *Schedule {
	return &Schedule{slots: slots, now: now, limit: max(1, sharedOf(perMinute)), ahead: map[string]*lead{}}
}

// Next gives a command of that queue a slot in a later minute and says how long until then: more than 0, and less than 12
// hours. After an error no slot is held; slots that were counted and not given only slow the queue.
func (s *Schedule) Next(ctx context.Context, queue string) (time.Duration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now().UTC()
	next := now.Truncate(time.Minute).Add(time.Minute)
	l := s.ahead[queue]
	if l == nil {
		l = &lead{minute: next}
		s.ahead[queue] = l
	}
	if l.minute.Before(next) {
		l.minute, l.left = next, 0
	}
	if l.left == 0 {
		if err := s.reserve(ctx, "queue/"+queue, l, next); err != nil {
			return 0, fmt.Errorf("give a slot in a later minute: %w", err)
		}
	}
	l.left--
	return l.minute.Sub(now) + rand.N(arrivals), nil
}

// reserve takes a block of slots in the first minute from the lead's own on that has some. Where none has, until furthest
// ahead, the last one gets one more: it comes back too early and is given a slot again.
func (s *Schedule) reserve(ctx context.Context, name string, l *lead, next time.Time) error {
	last := next.Add(furthest)
	minute := l.minute
	for range raceTries {
		block := max(1, s.limit/4)
		total, err := s.slots.Take(ctx, name, minute, block)
		if err != nil {
			return err
		}
		if left := min(block, s.limit-(total-block)); left > 0 {
			l.minute, l.left = minute, left
			return nil
		}
		if minute, err = s.free(ctx, name, minute, last); err != nil {
			return err
		}
		if !minute.Before(last) {
			break
		}
	}
	l.minute, l.left = minute, 1
	return nil
}

// free finds a minute after a full one that has slots left: in steps that double, and then between the last full one and
// the first free one. Reading a counter is adding nothing to it.
func (s *Schedule) free(ctx context.Context, name string, full, last time.Time) (time.Time, error) {
	found := full
	for step := time.Minute; ; step *= 2 {
		found = full.Add(step)
		if !found.Before(last) {
			found = last
			break
		}
		isFull, err := s.full(ctx, name, found)
		if err != nil {
			return time.Time{}, err
		}
		if !isFull {
			break
		}
		full = found
	}
	for found.Sub(full) > time.Minute {
		middle := full.Add((found.Sub(full) / 2).Truncate(time.Minute))
		isFull, err := s.full(ctx, name, middle)
		if err != nil {
			return time.Time{}, err
		}
		if isFull {
			full = middle
		} else {
			found = middle
		}
	}
	return found, nil
}

func (s *Schedule) full(ctx context.Context, name string, minute time.Time) (bool, error) {
	total, err := s.slots.Take(ctx, name, minute, 0)
	return total >= s.limit, err
}
