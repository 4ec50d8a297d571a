package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/iade/iade/internal/payment"
)

// scriptedOutbox hands out changes; its errors come first.
type scriptedOutbox struct {
	mu      sync.Mutex
	changes []payment.Change
	errs    []error // of Pending
	lost    []error // of confirm
	wake    chan struct{}
}

// confirmed tells that nothing is pending any more.
func (o *scriptedOutbox) confirmed() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.changes) == 0
}

func (o *scriptedOutbox) Changed() <-chan struct{} { return o.wake }

func (o *scriptedOutbox) Pending(context.Context) ([]payment.Change, func(context.Context) error, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := next(&o.errs); err != nil {
		return nil, nil, err
	}
	if len(o.changes) == 0 {
		return nil, nil, nil
	}
	batch := o.changes[:min(2, len(o.changes))]
	return batch, func(context.Context) error {
		o.mu.Lock()
		defer o.mu.Unlock()
		if err := next(&o.lost); err != nil {
			return err
		}
		o.changes = o.changes[len(batch):]
		return nil
	}, nil
}

func next(errs *[]error) error {
	if len(*errs) == 0 {
		return nil
	}
	err := (*errs)[0]
	*errs = (*errs)[1:]
	return err
}

func changesNumbered(from, to int) []payment.Change {
	var changes []payment.Change
	for i := from; i <= to; i++ {
		changes = append(changes, payment.Change{DetailType: "refund.unknown", Detail: payment.Detail{
			Resource: payment.Resource{ID: fmt.Sprint("rf_", i)}, Sequence: int64(i),
		}})
	}
	return changes
}

func ids(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for line := range strings.Lines(string(content)) {
		ids = append(ids, read[published](t, []byte(line)).Detail.ID)
	}
	return strings.Join(ids, " ")
}

func TestWhatIsPendingIsPublishedInOrderUntilNothingIsLeft(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "events.jsonl")
	p := &publisher{&scriptedOutbox{changes: changesNumbered(1, 5)}, openLog(t, path), quiet}
	if err := p.publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, path); got != "rf_1 rf_2 rf_3 rf_4 rf_5" {
		t.Error(got)
	}
}

// TestALostConfirmationRepeatsAndLosesNothing: I8 is at least once.
//
// failure 21: the local outbox
func TestALostConfirmationRepeatsAndLosesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "events.jsonl")
	box := &scriptedOutbox{changes: changesNumbered(1, 3), lost: []error{nil, errors.New("disk full")}}
	p := &publisher{box, openLog(t, path), quiet}
	if err := p.publish(t.Context()); err == nil {
		t.Error("the error is lost")
	}
	if err := p.publish(t.Context()); err != nil {
		t.Error(err)
	}
	if got := ids(t, path); got != strings.Join([]string{"rf_1", "rf_2", "rf_3", "rf_3"}, " ") {
		t.Error(got)
	}
}

func TestWhatCannotBeWrittenIsNotConfirmed(t *testing.T) {
	t.Parallel()
	box := &scriptedOutbox{changes: changesNumbered(1, 3)}
	l := openLog(t, filepath.Join(t.TempDir(), "events.jsonl"))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := (&publisher{box, l, quiet}).publish(t.Context()); err == nil || len(box.changes) != 3 {
		t.Errorf("%v, %d are left", err, len(box.changes))
	}
}

func TestThePublisherGoesOnAfterAnErrorAndPublishesTheRestAtTheEnd(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "events.jsonl")
	away := errors.New("away")
	box := &scriptedOutbox{changes: changesNumbered(1, 1), errs: []error{away, away}, wake: make(chan struct{})}
	var log lines
	ctx, stop := context.WithCancel(t.Context())
	var done sync.WaitGroup
	p := &publisher{box, openLog(t, path), newLog(&log, slog.LevelInfo, false)}
	done.Go(func() { p.run(ctx) })
	eventually(t, "the first is published", func() bool { return ids(t, path) == "rf_1" && box.confirmed() })
	box.mu.Lock()
	box.changes = changesNumbered(2, 3) // nobody is woken
	box.mu.Unlock()
	stop()
	done.Wait()
	if got := ids(t, path); got != "rf_1 rf_2 rf_3" {
		t.Error(got)
	}
	if said := log.String(); strings.Count(said, "away") != 1 || strings.Count(said, "again") != 1 {
		t.Errorf("log: %s", said)
	}
}

// TestEventsHaveTheContractsForm looks at one event as a consumer sees it.
func TestEventsHaveTheContractsForm(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	y, _ := startSystem(t, data, none)
	a := mustCall(t, http.MethodPost, y.URL+"/refunds", "key-7", refundBody)
	var e published
	eventually(t, "an event", func() bool {
		events := eventsAfter(t, y.URL, 0)
		if len(events) == 0 {
			return false
		}
		e = events[0]
		return true
	})
	r := read[map[string]any](t, a.body)
	if e.Source != "iade" || e.DetailType != "refund.succeeded" || e.Detail.ID != r["id"] || e.Detail.IdempotencyKey != "key-7" ||
		e.Detail.SchemaVersion != 1 || e.Detail.Sequence < 1 || e.Time.IsZero() {
		t.Errorf("%+v", e)
	}
	line, err := os.ReadFile(filepath.Join(data, "events.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	whole := read[struct {
		Detail map[string]any `json:"detail"`
	}](t, line)
	for name, value := range r {
		if fmt.Sprint(whole.Detail[name]) != fmt.Sprint(value) {
			t.Errorf("detail.%s is %v, the resource has %v", name, whole.Detail[name], value)
		}
	}
	if got := eventsAfter(t, y.URL, 1); len(got) != 0 {
		t.Errorf("after the last: %+v", got)
	}
}
