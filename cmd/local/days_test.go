package main

import (
	"context"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/dayclose"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/store/bolt"
)

// oneMovement is a journal in which something moved on one day.
type oneMovement struct{ day string }

func (o oneMovement) Moved(_ context.Context, day string) iter.Seq2[payment.Record, error] {
	return func(yield func(payment.Record, error) bool) {
		if day == o.day {
			yield(payment.Record{
				Account: "PAYMENT#1", PaymentID: "1", OperationID: "rf_1_abcdefghijklmnop", Kind: payment.KindRefund,
				Movement: &payment.Movement{At: payment.Day(o.day).Start().Add(time.Hour), Amount: "1.00", Currency: "TRY"},
			}, nil)
		}
	}
}

// emptyBooks is an iyzico on whose days nothing moved, and accounts that know no payment.
type emptyBooks struct{}

func (emptyBooks) ReadDayPage(context.Context, payment.DayQuery, int) (payment.DayPage, error) {
	return payment.DayPage{}, nil
}

func (emptyBooks) Reread(context.Context, payment.AccountID, payment.DayList, time.Time) (payment.Reread, error) {
	return payment.Reread{}, nil
}

// TestTheDayBeforeIsClosedOnOneMachine once something has moved there, and some minutes after midnight in Istanbul.
func TestTheDayBeforeIsClosedOnOneMachine(t *testing.T) {
	t.Parallel()
	now := time.Date(2031, time.March, 10, 21, 5, 0, 0, time.UTC) // five past midnight in Istanbul
	folder := t.TempDir()
	store, err := bolt.Open(filepath.Join(folder, "iade.db"))
	if err != nil {
		t.Fatal(err)
	}
	events, err := openEventLog(filepath.Join(folder, "events.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
		if err := events.Close(); err != nil {
			t.Error(err)
		}
	})
	d := &dayCloser{log: slog.New(slog.DiscardHandler), days: &dayclose.Closer{
		Pages: emptyBooks{}, Movements: oneMovement{"2031-03-01"}, Books: emptyBooks{}, Store: store, Publisher: dayEvents{events},
		Now: func() time.Time { return now }, Wait: clock.Sleep, Tell: func(context.Context, dayclose.Day, error) {},
	}}
	published := func() string {
		t.Helper()
		if err := d.closeDue(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		lines, err := os.ReadFile(filepath.Join(folder, "events.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		return string(lines)
	}
	now = now.Add(10 * time.Minute)
	if got := published(); got != "" {
		t.Errorf("a folder without movements: %s", got)
	}
	now = now.Add(-10 * time.Minute)
	d.days.Movements = oneMovement{"2031-03-10"}
	if got := published(); got != "" {
		t.Errorf("right after midnight: %s", got)
	}
	now = now.Add(10 * time.Minute)
	if got := published(); strings.Count(got, "\n") != 1 || !strings.Contains(got, `"detail-type":"day.differs"`) || !strings.Contains(got, `"date":"2031-03-10"`) {
		t.Errorf("a quarter past: %s", got)
	}
	if got := published(); strings.Count(got, "\n") != 1 {
		t.Errorf("again: %s", got)
	}
}
