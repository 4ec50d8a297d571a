package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/dayclose"
	"github.com/iade/iade/internal/payment"
)

// dayEvents writes the events of closed days into the event log.
type dayEvents struct{ events *eventLog }

// PublishDay implements dayclose.Publisher.
func (d dayEvents) PublishDay(_ context.Context, e dayclose.Event) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write the event of %s: %w", e.Detail.Date, err)
	}
	return d.events.Append([][]byte{append(line, '\n')})
}

const (
	// closeEvery is the pause between two looks at what is to be closed. A day that is closed costs one read.
	closeEvery = 10 * time.Minute
	// closeTime bounds one of them.
	closeTime = 9 * time.Minute
	// closeAfter is how long after midnight iyzico's list has the whole of the day before.
	closeAfter = 10 * time.Minute
)

// dayCloser closes the day before this one, at the start and after midnight in Istanbul.
type dayCloser struct {
	days *dayclose.Closer
	log  *slog.Logger
}

// run closes what is due every ten minutes until ctx ends. An error that stays the same is told once.
func (d *dayCloser) run(ctx context.Context) {
	told := ""
	for {
		problem := ""
		if err := d.closeDue(ctx, clock.Wall{}.Now()); err != nil && ctx.Err() == nil {
			problem = payment.WithCause(err).Error()
		}
		if problem != "" && problem != told {
			d.log.Warn("a day could not be closed yet", "error", problem)
		}
		told = problem
		if clock.Sleep(ctx, closeEvery) != nil {
			return
		}
	}
}

// closeDue closes what is due, unless nothing was ever closed here and nothing moved yesterday: a new folder has no books.
func (d *dayCloser) closeDue(ctx context.Context, now time.Time) error {
	yesterday := payment.DayOf(now.Add(-closeAfter).Add(-24 * time.Hour))
	if payment.DayOf(now.Add(-closeAfter)) != payment.DayOf(now) {
		return nil
	}
	begun, err := d.days.Days(ctx, payment.DayOf(now.AddDate(0, 0, -31)), yesterday)
	if err != nil {
		return err
	}
	if len(begun) == 0 {
		moved, err := d.moved(ctx, yesterday)
		if err != nil || !moved {
			return err
		}
	}
	_, err = d.days.CloseDue(ctx, now.Add(closeTime))
	return err
}

func (d *dayCloser) moved(ctx context.Context, day payment.Day) (bool, error) {
	for _, err := range d.days.Movements.Moved(ctx, string(day)) {
		return err == nil, err
	}
	return false, nil
}
