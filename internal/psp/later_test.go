package psp_test

import (
	"errors"
	"testing"
	"time"

	"github.com/iade/iade/internal/psp"
)

var noon = time.Date(2026, 11, 22, 12, 0, 30, 0, time.UTC)

func at(now *time.Time) func() time.Time { return func() time.Time { return *now } }

// TestAQueuesBacklogIsSpreadOverLaterMinutes: no minute gets more than the shared part of the limit, however many
// processes give slots, and none is skipped by much.
func TestAQueuesBacklogIsSpreadOverLaterMinutes(t *testing.T) {
	t.Parallel()
	slots, now := &counter{totals: map[string]int{}}, noon
	processes := []*psp.Schedule{psp.NewSchedule(slots, at(&now), 50), psp.NewSchedule(slots, at(&now), 50), psp.NewSchedule(slots, at(&now), 50)}
	const messages = 2000
	perMinute := map[time.Time]int{}
	for i := range messages {
		wait, err := processes[i%3].Next(t.Context(), "refund")
		if err != nil {
			t.Fatal(err)
		}
		if wait < 30*time.Second || wait >= 12*time.Hour {
			t.Fatalf("message %d waits %s: its slot is in a later minute", i, wait)
		}
		perMinute[now.Add(wait).Truncate(time.Minute)]++
	}
	for minute, n := range perMinute {
		if n > 23 {
			t.Errorf("%d messages come back in the minute of %s, 23 are let through", n, minute.Format("15:04"))
		}
	}
	if len(perMinute) > messages/23+3 {
		t.Errorf("%d minutes for %d messages at 23 a minute", len(perMinute), messages)
	}
	if slots.takes > messages/2 {
		t.Errorf("%d writes for %d messages: slots are taken in blocks", slots.takes, messages)
	}
}

// TestAColdProcessFindsAFreeMinuteFast: it does not walk through hours of a backlog minute by minute.
func TestAColdProcessFindsAFreeMinuteFast(t *testing.T) {
	t.Parallel()
	slots, now := &counter{totals: map[string]int{}}, noon
	filling := psp.NewSchedule(slots, at(&now), 5)
	for range 2 * 300 { // 300 minutes of 2
		if _, err := filling.Next(t.Context(), "refund"); err != nil {
			t.Fatal(err)
		}
	}
	before := slots.takes
	wait, err := psp.NewSchedule(slots, at(&now), 5).Next(t.Context(), "refund")
	if err != nil || wait < 299*time.Minute || wait > 302*time.Minute {
		t.Errorf("it waits %s, %v; want about 300 minutes", wait, err)
	}
	if used := slots.takes - before; used > 25 {
		t.Errorf("it asked the store %d times", used)
	}
	if wait, err := filling.Next(t.Context(), "cancel"); err != nil || wait > 2*time.Minute {
		t.Errorf("another queue waits %s, %v: its slots are its own", wait, err)
	}
}

func TestABacklogBeyondSQSsPatienceStaysWithinIt(t *testing.T) {
	t.Parallel()
	slots, now := &counter{totals: map[string]int{}}, noon
	s := psp.NewSchedule(slots, at(&now), 5)
	for i := range 4*11*60 + 50 {
		wait, err := s.Next(t.Context(), "refund")
		if err != nil || wait <= 0 || wait >= 12*time.Hour {
			t.Fatalf("message %d waits %s, %v", i, wait, err)
		}
	}
}

func TestSlotsOfAMinuteThatPassedAreNotGiven(t *testing.T) {
	t.Parallel()
	slots, now := &counter{totals: map[string]int{}}, noon
	s := psp.NewSchedule(slots, at(&now), 50)
	if _, err := s.Next(t.Context(), "refund"); err != nil {
		t.Fatal(err)
	}
	now = now.Add(2 * time.Minute)
	if wait, err := s.Next(t.Context(), "refund"); err != nil || wait < 30*time.Second || wait > 75*time.Second {
		t.Errorf("it waits %s, %v; want the next minute", wait, err)
	}
	slots.err = errors.New("away")
	for range 6 {
		if _, err := s.Next(t.Context(), "refund"); err != nil {
			return // the block of five is used up
		}
	}
	t.Error("slots are given that the store did not count")
}
