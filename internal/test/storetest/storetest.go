// Package storetest is the contract that every store keeps: the one on DynamoDB, the one on bbolt and the simulator's
// pass the same suite, so what is proved with one of them holds with the others.
package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/iade/iade/internal/payment"
)

// Store is what a store offers: the accounts, what is used of the merchant's own limits, and the counters that the rate limits are leased from.
type Store interface {
	payment.Store
	payment.UseStore
	// Take adds n (0 or more) to the counter of one iyzico endpoint and one minute, and returns the new total. Seconds
	// of minute do not count. An over-count after a lost answer is allowed, an under-count never.
	Take(ctx context.Context, name string, minute time.Time, n int) (total int, err error)
}

// Run checks every promise of Store. open gives an empty store and closes it with the test.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for _, promise := range []struct {
		name  string
		check func(t *testing.T, s Store)
	}{
		{"load of an account that was never saved", loadOfNothing},
		{"load gives a copy", loadGivesACopy},
		{"load and save of every field", everyField},
		{"load and save of amounts", amounts},
		{"load and save of an empty account", emptyAccount},
		{"load and save of the largest account", largestAccount},
		{"accounts are isolated", isolation},
		{"save counts versions", versions},
		{"save refuses the same image twice", sameImageTwice},
		{"save refuses an account without id or version", unsavable},
		{"concurrent first saves have one winner", concurrentFirstSaves},
		{"concurrent saves lose nothing", concurrentSaves},
		{"open lists what is due, earliest first", openOrder},
		{"open is bounded by the time asked for", openBound},
		{"open follows the due time", openFollows},
		{"open of nothing", openOfNothing},
		{"open pages", openPages},
		{"open refuses a cursor that is not its own", openCursor},
		{"quota counts per endpoint and minute", quotaCounts},
		{"quota never under-counts", quotaConcurrent},
		{"the use of a day is kept", usesKept},
		{"save counts versions of a use", useVersions},
		{"concurrent counts lose nothing", concurrentUses},
		{"a cancelled context is honoured", cancelled},
		{"a cancelled context is honoured by uses", cancelledUses},
	} {
		t.Run(promise.name, func(t *testing.T) {
			t.Parallel()
			promise.check(t, open(t))
		})
	}
}

func mustLoad(t *testing.T, s Store, id payment.AccountID) payment.Account {
	t.Helper()
	a, err := s.Load(t.Context(), id)
	if err != nil {
		t.Fatalf("Load(%s): %v", id, err)
	}
	return a
}

func mustSave(t *testing.T, s Store, a payment.Account) {
	t.Helper()
	if err := s.Save(t.Context(), a); err != nil {
		t.Fatalf("Save(%s, version %d): %v", a.ID, a.Version, err)
	}
}

// same compares by value: amounts and times with their own Equal, no list equals an empty one.
func same(t *testing.T, got, want payment.Account) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the stored account differs (-saved +loaded):\n%s", diff)
	}
}

func cancelled(t *testing.T, s Store) {
	a := Due("PAYMENT#1", at(1))
	mustSave(t, s, a)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	if _, err := s.Load(ctx, a.ID); !errors.Is(err, context.Canceled) {
		t.Errorf("Load: %v", err)
	}
	a.Version++
	if err := s.Save(ctx, a); !errors.Is(err, context.Canceled) {
		t.Errorf("Save: %v", err)
	}
	if _, _, err := s.Open(ctx, at(9), "", 10); !errors.Is(err, context.Canceled) {
		t.Errorf("Open: %v", err)
	}
	if _, err := s.Take(ctx, "refund", at(0), 1); !errors.Is(err, context.Canceled) {
		t.Errorf("Take: %v", err)
	}

	if got := mustLoad(t, s, a.ID).Version; got != 1 {
		t.Errorf("a save that never began stored version %d", got)
	}
	if total, err := s.Take(t.Context(), "refund", at(0), 0); total != 0 || err != nil {
		t.Errorf("a lease that never began counted: %d, %v", total, err)
	}
}
