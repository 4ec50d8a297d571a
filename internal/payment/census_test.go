package payment_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/iade/iade/internal/payment"
)

func TestTheCensusCountsWhatIsUnfinishedAndSinceWhen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.send = func(context.Context, payment.Call) payment.Answered { return payment.Answered{} }
	take := func() (c payment.Census) {
		for cursor := ""; ; {
			page, next, err := w.service.Census(t.Context(), cursor, 1)
			if err != nil {
				t.Fatal(err)
			}
			c.Add(page)
			if cursor = next; next == "" {
				return c
			}
		}
	}
	if c := take(); len(c.Unfinished) != 0 || !c.UnknownSince.IsZero() {
		t.Errorf("%+v", c)
	}
	w.must(refund("lost", "10"), payment.StatusUnknown)
	deadline := w.account().Operations[0].Legs[0].SendBy
	want := payment.Census{Unfinished: map[payment.Status]int{payment.StatusUnknown: 1}, UnknownSince: deadline}
	if diff := cmp.Diff(want, take()); diff != "" {
		t.Error(diff)
	}
}

// TestAnAttemptWhoseSenderIsGoneCountsAsUnknown: nobody may have reconciled for long.
func TestAnAttemptWhoseSenderIsGoneCountsAsUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.saving = func(next payment.Account) (bool, error) {
		if next.Version > 1 {
			return false, errDown
		}
		return true, nil
	}
	if r, err := w.request(refund("k", "10")); err != nil || r.Resource.Status != payment.StatusUnknown {
		t.Fatalf("%+v %v", r, err)
	}
	leg := w.account().Operations[0].Legs[0]
	if leg.State != payment.StateSending {
		t.Fatalf("%+v", leg)
	}
	w.wait(time.Hour)
	c, _, err := w.service.Census(t.Context(), "", 10)
	if err != nil || c.Unfinished[payment.StatusProcessing] != 1 || !c.UnknownSince.Equal(leg.SendBy) {
		t.Errorf("%+v %v, the deadline is %s", c, err, leg.SendBy)
	}
}

func TestACensusThatCannotReadSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.loading = func() error { return errDown }
	if _, _, err := w.service.Census(t.Context(), "", 10); payment.CodeOf(err) != payment.CodeUnavailable || !errors.Is(err, errDown) {
		t.Error(err)
	}
}

func TestAChangeIsToldWithBothImagesOnceItIsSaved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.service.OnChange(func(_ context.Context, old, next payment.Account) {
		status := payment.Status("none")
		if len(old.Operations) > 0 {
			status = old.Operations[0].Status()
		}
		w.note("%d:%s>%s", next.Version, status, next.Operations[0].Status())
	})
	w.must(refund("k", "10"), payment.StatusSucceeded)
	if did, want := w.did(), "load read load save1 1:none>processing send-1 save2 2:processing>succeeded"; did != want {
		t.Errorf("did %s, want %s", did, want)
	}
	w.must(refund("k", "10"), payment.StatusSucceeded)
	if did := w.did(); did != "load" {
		t.Errorf("a replay did %s", did)
	}
}
