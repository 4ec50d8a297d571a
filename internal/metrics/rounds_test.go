package metrics

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/iade/iade/internal/payment"
)

// openAccounts is a service with that many open accounts. The one with the number in waits needs a person, the others are
// unknown since their number's second.
type openAccounts struct {
	number int
	waits  int
	err    error
	read   int
	now    time.Time
}

func (o *openAccounts) Now() time.Time                   { return o.now }
func (o *openAccounts) Pause(context.Context, int) error { return nil }

func (o *openAccounts) Census(_ context.Context, cursor string, limit int) (payment.Census, string, error) {
	c := payment.Census{Unfinished: map[payment.Status]int{}}
	if o.err != nil {
		return c, "", o.err
	}
	from := 0
	if cursor != "" {
		from, _ = strconv.Atoi(cursor)
	}
	to := min(from+limit, o.number)
	for i := from; i < to; i++ {
		o.read++
		if i == o.waits {
			c.Unfinished[payment.StatusNeedsReview]++
			continue
		}
		c.Unfinished[payment.StatusUnknown]++
		if c.UnknownSince.IsZero() {
			c.UnknownSince = written.Add(time.Duration(i) * time.Second)
		}
	}
	if to == o.number {
		return c, "", nil
	}
	return c, strconv.Itoa(to), nil
}

func TestALookAtFewOpenAccountsIsAWholeRound(t *testing.T) {
	t.Parallel()
	o := &openAccounts{number: 120, waits: 0, now: written.Add(time.Minute)}
	r, out := recorded(func(*Recorder) {})
	rounds := r.Rounds(o)
	for range 2 {
		if err := rounds.Look(t.Context(), o, o.now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"Processing": "0", "Unknown": "119", "NeedsReview": "1", "Awaiting": "0", "InReview": "0", "OldestUnknownAge": "59"}
		if diff := cmp.Diff(want, counted(t, r, out)); diff != "" {
			t.Error(diff)
		}
	}
	o.number = 0
	if err := rounds.Look(t.Context(), o, o.now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if got := counted(t, r, out); got["Unknown"] != "0" || got["NeedsReview"] != "0" || got["OldestUnknownAge"] != "0" {
		t.Errorf("nothing is open, and %v is said", got)
	}
}

// With more open accounts than a look may read, one that waits for a person far behind is found by a later look and then
// stays visible, while unknown outcomes are seen at once.
func TestManyOpenAccountsAreGoneRoundInParts(t *testing.T) {
	t.Parallel()
	o := &openAccounts{number: 5*accountsPerLook/2 + 1, waits: 5 * accountsPerLook / 2, now: written.Add(time.Minute)}
	r, out := recorded(func(*Recorder) {})
	rounds := r.Rounds(o)
	var waiting []string
	for range 6 {
		before := o.read
		if err := rounds.Look(t.Context(), o, o.now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if o.read-before > accountsPerLook {
			t.Fatalf("a look read %d accounts", o.read-before)
		}
		got := counted(t, r, out)
		if got["OldestUnknownAge"] != "60" {
			t.Errorf("the oldest unknown is %s s old", got["OldestUnknownAge"])
		}
		waiting = append(waiting, got["NeedsReview"])
	}
	if diff := cmp.Diff([]string{"0", "0", "1", "1", "1", "1"}, waiting); diff != "" {
		t.Error(diff)
	}
}

func TestALookEndsWithItsTimeAndWritesNothingAfterAnError(t *testing.T) {
	t.Parallel()
	o := &openAccounts{number: 500, waits: -1, now: written}
	r, out := recorded(func(*Recorder) {})
	rounds := r.Rounds(o)
	if err := rounds.Look(t.Context(), o, written); err != nil || o.read != accountsPerPage {
		t.Errorf("read %d accounts, %v", o.read, err)
	}
	counted(t, r, out)
	o.err = errors.New("away")
	if err := rounds.Look(t.Context(), o, written.Add(time.Minute)); !errors.Is(err, o.err) || len(counted(t, r, out)) != 0 {
		t.Errorf("%v", err)
	}
	o.err, o.number = nil, 3
	if err := rounds.Look(t.Context(), o, written.Add(time.Minute)); err != nil || counted(t, r, out)["Unknown"] != "3" {
		t.Error("the round did not begin anew")
	}
}

func TestOnlyAPassThatReachedTheEndIsAHeartbeat(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		done payment.Summary
		want map[string]string
	}{
		"nothing to do":     {payment.Summary{Complete: true}, map[string]string{"ReconcilePasses": "1", "OperationsSettled": "0", "ReportsUnreadable": "0"}},
		"an account failed": {payment.Summary{Complete: true, Failed: 1, Settled: 2, Unreadable: 3}, map[string]string{"ReconcilePasses": "1", "OperationsSettled": "2", "ReportsUnreadable": "3"}},
		"out of time":       {payment.Summary{Looked: 9, Settled: 2, Failed: 1}, map[string]string{"ReconcileUnfinished": "1", "OperationsSettled": "2", "ReportsUnreadable": "0"}},
		"no list":           {payment.Summary{}, map[string]string{"ReconcileUnfinished": "1", "OperationsSettled": "0", "ReportsUnreadable": "0"}},
	} {
		r, out := recorded(func(r *Recorder) { r.Pass(c.done) })
		if diff := cmp.Diff(c.want, counted(t, r, out)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
