package dayclose

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/iade/iade/internal/payment"
)

// Movements is what is needed of the journal.
type Movements interface {
	// Moved goes through every change that says money moved on a day, or moved no more. An error ends it.
	Moved(ctx context.Context, day string) iter.Seq2[payment.Record, error]
}

// Books are the accounts.
type Books interface {
	// Reread reads iyzico's report of one account, applies it, and shows what the account and the report say now.
	// CodeRateLimited: no call is left in this minute; CodeUnavailable: it could not be read.
	Reread(ctx context.Context, id payment.AccountID, list payment.DayList, until time.Time) (payment.Reread, error)
}

// Publisher takes the event of a day, at least once.
type Publisher interface {
	PublishDay(ctx context.Context, e Event) error
}

// Closer closes days. It is safe for concurrent use by any number of processes: what one of them has read, another goes on
// with, and of two that close the same day at once one ends with an error that says so.
type Closer struct {
	Pages     Pages
	Movements Movements
	Books     Books
	Store     Store
	Publisher Publisher // nil = days can be looked at here, and not closed
	Now       func() time.Time
	// Wait waits, or returns the context's error.
	Wait func(context.Context, time.Duration) error
	// Tell is told of every call that closes a day: what it is then, and what stopped the closing, with its cause.
	Tell func(ctx context.Context, d Day, err error)
}

const (
	// staleReading is how long what was read of a list is gone on with.
	staleReading = 12 * time.Hour
	// caughtUp is how many days back a day that was never closed is still closed by itself.
	caughtUp = 31
)

// Close closes a day that has begun, whether it was closed before or not, and gives it as it is then; what the day was before
// stays until then. A list that cannot be read, or for which there was not the time, leaves it as it was with Day.Reason, and
// the next call goes on. CodeInvalidRequest: no day, or one that has not begun; CodeUnavailable: the store cannot be reached,
// or somebody else closes the day.
func (c *Closer) Close(ctx context.Context, date payment.Day, until time.Time) (Day, error) {
	if err := c.begun(date); err != nil {
		return Day{}, err
	}
	d, stopped, err := c.close(ctx, date, until)
	c.Tell(ctx, d, first(err, stopped))
	return d, err
}

// close gives the day, and apart from an error what stopped the reading.
func (c *Closer) close(ctx context.Context, date payment.Day, until time.Time) (d Day, stopped, err error) {
	record, err := c.load(ctx, date)
	if err != nil {
		return Day{Date: date}, nil, err
	}
	if now := c.Now(); record.Reading.IsZero() || now.Sub(record.Reading) > staleReading {
		record.Reading = now.UTC().Truncate(time.Millisecond)
		if record, err = c.save(ctx, record); err != nil {
			return Day{Date: date}, nil, err
		}
	}
	done, stopped := c.read(ctx, record, until)
	var anew *misplacedError
	switch {
	case errors.As(stopped, &anew):
		record.Reading, record.Day.Reason = time.Time{}, stopped.Error()
	case stopped != nil:
		record.Day.Reason = reasonOf(stopped)
	default:
		record.Day, record.Reading, record.Unpublished = done, time.Time{}, true
	}
	if record, err = c.save(ctx, record); err != nil {
		return Day{Date: date}, stopped, err
	}
	return record.Day, stopped, c.publish(ctx, record)
}

// reasonOf is the error for people; its cause is for the log alone.
func reasonOf(err error) string {
	var e *payment.Error
	if errors.As(err, &e) {
		return e.Message
	}
	return "the day could not be read"
}

// publish publishes the day's event if that is still to be done.
func (c *Closer) publish(ctx context.Context, record Record) error {
	if !record.Unpublished {
		return nil
	}
	if err := c.Publisher.PublishDay(ctx, EventOf(record.Day)); err != nil {
		return unreachable("publish "+string(record.Day.Date), err)
	}
	record.Unpublished = false
	_, err := c.save(ctx, record)
	return err
}

// CloseDue closes the day before this one, and those of the last month that are still open, were closed before they were over
// or were left out, the newest first. What stops one of them stops no other; the first error is returned.
func (c *Closer) CloseDue(ctx context.Context, until time.Time) ([]Day, error) {
	yesterday := previous(payment.DayOf(c.Now()))
	oldest := payment.DayOf(yesterday.Start().AddDate(0, 0, -caughtUp).Add(noon))
	records, err := c.Store.Days(ctx, oldest, yesterday)
	if err != nil {
		return nil, unreachable("list days", err)
	}
	known := map[payment.Day]Record{}
	begin := yesterday
	for _, r := range records {
		known[r.Day.Date] = r
		begin = min(begin, r.Day.Date)
	}
	var days []Day
	var failed error
	for date := yesterday; date >= begin; date = previous(date) {
		r, ok := known[date]
		if ok && r.Day.Status != StatusOpen && !r.Day.Provisional && r.Reading.IsZero() {
			failed = first(failed, c.publish(ctx, r))
			continue
		}
		d, err := c.Close(ctx, date, until)
		if err != nil {
			failed = first(failed, fmt.Errorf("close %s: %w", date, err))
			continue
		}
		days = append(days, d)
	}
	return days, failed
}

// first is the first of two errors that is one.
func first(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// Day gives one day as it was closed last; StatusOpen if it never was. CodeInvalidRequest: it is no day.
func (c *Closer) Day(ctx context.Context, date payment.Day) (Day, error) {
	if !valid(date) {
		return Day{}, noDay("date", date)
	}
	record, err := c.load(ctx, date)
	return record.Day, err
}

// MostListed is how many days one call of Days looks at.
const MostListed = 366

// Days gives the days of from to to, both included, that were closed or begun, oldest first, without their differences'
// names. CodeInvalidRequest: no days, or too many of them.
func (c *Closer) Days(ctx context.Context, from, to payment.Day) ([]Day, error) {
	switch {
	case !valid(from):
		return nil, noDay("from", from)
	case !valid(to):
		return nil, noDay("to", to)
	case to < from:
		return nil, invalid("to", "must not be before from")
	case to.Start().Sub(from.Start()) > MostListed*24*time.Hour:
		return nil, invalid("to", fmt.Sprintf("must not be more than %d days after from", MostListed))
	}
	records, err := c.Store.Days(ctx, from, to)
	if err != nil {
		return nil, unreachable("list days", err)
	}
	days := make([]Day, 0, len(records))
	for _, r := range records {
		r.Day.Differences, r.Day.Settled = nil, nil
		days = append(days, r.Day)
	}
	return days, nil
}

func (c *Closer) load(ctx context.Context, date payment.Day) (Record, error) {
	record, err := c.Store.Day(ctx, date)
	if err != nil {
		return Record{}, unreachable("read "+string(date), err)
	}
	if record.Revision == 0 {
		record.Day = Day{Date: date, Status: StatusOpen, Differences: []Difference{}}
	}
	return record, nil
}

func (c *Closer) save(ctx context.Context, record Record) (Record, error) {
	record.Revision++
	err := c.Store.SaveDay(context.WithoutCancel(ctx), record)
	if errors.Is(err, ErrConflict) {
		return record, &payment.Error{
			Code: payment.CodeUnavailable, Message: "the day is being closed by another call: ask again", RetryAfter: time.Minute, Cause: err,
		}
	}
	if err != nil {
		return record, unreachable("save "+string(record.Day.Date), err)
	}
	return record, nil
}

// begun refuses what is no day, and a day that is still to come.
func (c *Closer) begun(date payment.Day) error {
	switch {
	case c.Publisher == nil:
		return &payment.Error{Code: payment.CodeUnavailable, Message: "days are not closed here"}
	case !valid(date):
		return noDay("date", date)
	case date > payment.DayOf(c.Now()):
		return invalid("date", "has not begun in Istanbul: a day that is over or under way can be closed")
	}
	return nil
}

func valid(date payment.Day) bool {
	return !date.Start().IsZero() && payment.DayOf(date.Start()) == date
}

// noDay refuses a text that is no day, and quotes its beginning.
func noDay(field string, given payment.Day) error {
	const quoted = 32
	text := []rune(string(given))
	return invalid(field, fmt.Sprintf("must be a day such as 2026-01-31, not %q", string(text[:min(len(text), quoted)])))
}

func invalid(field, message string) error {
	return &payment.Error{Code: payment.CodeInvalidRequest, Field: field, Message: message}
}

const noon = 12 * time.Hour

// previous and following are the days beside one, whatever the clocks of Istanbul did meanwhile.
func previous(d payment.Day) payment.Day  { return payment.DayOf(d.Start().Add(-noon)) }
func following(d payment.Day) payment.Day { return payment.DayOf(d.Start().Add(3 * noon)) }

// over tells whether the day ended before a moment.
func over(d payment.Day, at time.Time) bool { return !at.Before(following(d).Start()) }

// capped gives the first of a list.
func capped[T any](all []T) []T { return slices.Clone(all[:min(len(all), MostNamed)]) }
