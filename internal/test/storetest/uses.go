package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

const useDay payment.Day = "2031-01-02"

func useOf(version int64, units int64) payment.Use {
	u := payment.Use{Day: useDay, Version: version, Amounts: map[money.Currency]money.Amount{money.TRY: money.MinorUnits(units, money.TRY)}}
	u.Refunds[23] = int(version)
	return u
}

func mustLoadUse(t *testing.T, s Store, day payment.Day) payment.Use {
	t.Helper()
	u, err := s.LoadUse(t.Context(), day)
	if err != nil {
		t.Fatalf("LoadUse(%s): %v", day, err)
	}
	return u
}

// usesKept: what is saved of a day is loaded as it was, and of no other day; it is nobody's account.
func usesKept(t *testing.T, s Store) {
	if u := mustLoadUse(t, s, useDay); u.Version != 0 || u.Day != useDay || len(u.Amounts) > 0 {
		t.Errorf("the use of a day of which nothing was saved: %+v", u)
	}
	want := useOf(1, 123456789)
	for i, c := range money.Currencies() {
		want.Amounts[c] = money.MinorUnits(int64(i), c)
	}
	for hour := range want.Refunds {
		want.Refunds[hour] = hour
	}
	if err := s.SaveUse(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, mustLoadUse(t, s, useDay), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the stored use differs (-saved +loaded):\n%s", diff)
	}
	if u := mustLoadUse(t, s, "2031-01-03"); u.Version != 0 {
		t.Errorf("the next day: %+v", u)
	}
	openIs(t, s, far, 10)
	for _, u := range []payment.Use{{Day: useDay}, {Day: useDay, Version: -1}, {Version: 1}, {Day: "tomorrow", Version: 1}} {
		if err := s.SaveUse(t.Context(), u); err == nil || errors.Is(err, payment.ErrConflict) {
			t.Errorf("SaveUse(%q, version %d): %v", u.Day, u.Version, err)
		}
	}
}

func useVersions(t *testing.T, s Store) {
	for _, step := range []struct {
		version int64
		want    error
	}{
		{2, payment.ErrConflict}, {1, nil}, {1, payment.ErrConflict}, {3, payment.ErrConflict}, {2, nil}, {1, payment.ErrConflict},
		{2, payment.ErrConflict}, {3, nil},
	} {
		if err := s.SaveUse(t.Context(), useOf(step.version, step.version)); !errors.Is(err, step.want) {
			t.Fatalf("SaveUse of version %d: %v, want %v", step.version, err, step.want)
		}
	}
	if u := mustLoadUse(t, s, useDay); u.Version != 3 || u.Refunds[23] != 3 {
		t.Errorf("stored %+v", u)
	}
}

// concurrentUses: whoever adds to what he loaded, and asks again after each lost race, loses nothing of what others added.
func concurrentUses(t *testing.T, s Store) {
	const adds = 8
	inParallel(func(writer int) {
		for done := 0; done < adds; {
			u, err := s.LoadUse(t.Context(), useDay)
			if err != nil {
				t.Errorf("writer %d: %v", writer, err)
				return
			}
			err = s.SaveUse(t.Context(), useOf(u.Version+1, u.Amounts[money.TRY].Units()+1))
			switch {
			case err == nil:
				done++
			case !errors.Is(err, payment.ErrConflict):
				t.Errorf("writer %d: %v", writer, err)
				return
			}
		}
	})
	if got := mustLoadUse(t, s, useDay).Amounts[money.TRY].Units(); got != writers*adds {
		t.Errorf("%d were counted of %d", got, writers*adds)
	}
}

func cancelledUses(t *testing.T, s Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.LoadUse(ctx, useDay); !errors.Is(err, context.Canceled) {
		t.Errorf("LoadUse: %v", err)
	}
	if err := s.SaveUse(ctx, useOf(1, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("SaveUse: %v", err)
	}
	if u := mustLoadUse(t, s, useDay); u.Version != 0 {
		t.Errorf("a save that never began stored %+v", u)
	}
}
