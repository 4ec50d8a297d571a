package bolt_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/store/bolt"
	"github.com/iade/iade/internal/test/storetest"
)

func open(t *testing.T, path string) *bolt.Store {
	t.Helper()
	s, err := bolt.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func newPath(t *testing.T) string { return filepath.Join(t.TempDir(), "iade.db") }

func save(t *testing.T, s *bolt.Store, a payment.Account) {
	t.Helper()
	if err := s.Save(t.Context(), a); err != nil {
		t.Fatal(err)
	}
}

func TestStoreKeepsTheContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Store { return open(t, newPath(t)) })
}

func TestReopenFindsEverything(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s, err := bolt.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	want := storetest.Due("PAYMENT#1", time.Date(2031, 1, 2, 3, 4, 5, 6, time.UTC))
	save(t, s, want)
	minute := want.PaidAt
	if _, err := s.Take(t.Context(), "refund", minute, 7); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(t.Context(), want.ID); err == nil {
		t.Error("a closed store answers")
	}

	again := open(t, path)
	got, err := again.Load(t.Context(), want.ID)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
		t.Errorf("after reopening: %v\n%s", err, diff)
	}
	ids, _, err := again.Open(t.Context(), want.DueAt(), "", 10)
	if err != nil || !slices.Equal(ids, []payment.AccountID{want.ID}) {
		t.Errorf("due after reopening: %v, %v", ids, err)
	}
	if total, err := again.Take(t.Context(), "refund", minute, 1); err != nil || total != 8 {
		t.Errorf("quota after reopening: %d, %v", total, err)
	}
	select {
	case <-again.Changed():
	default:
		t.Error("the publisher is not woken for what the earlier process left")
	}
	if records, err := again.Outbox(t.Context(), 10); err != nil || len(records) != 1 {
		t.Errorf("outbox after reopening: %d records, %v", len(records), err)
	}
}

func TestASecondProcessGetsOneClearError(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	open(t, path)
	_, err := bolt.Open(path, bolt.LockTimeout(time.Millisecond))
	if !errors.Is(err, bolt.ErrInUse) {
		t.Fatalf("second open: %v", err)
	}
	if text := err.Error(); !strings.Contains(text, path+" is in use by another process") || strings.Contains(text, "\n") {
		t.Errorf("message: %s", text)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	noStore := filepath.Join(dir, "text")
	if err := os.WriteFile(noStore, []byte(strings.Repeat("not a store", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{noStore, filepath.Join(dir, "absent", "iade.db"), dir} {
		_, err := bolt.Open(path)
		if err == nil || errors.Is(err, bolt.ErrInUse) || !strings.Contains(err.Error(), path) {
			t.Errorf("open of %s: %v", path, err)
		}
	}
}

func TestAFileIsForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	open(t, path)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("permissions %v, %v", info.Mode(), err)
	}
}

// A service that runs for years must not keep a counter for each minute of them.
func TestQuotaForgetsOldMinutes(t *testing.T) {
	t.Parallel()
	s := open(t, newPath(t))
	start := time.Date(2031, 1, 2, 3, 4, 0, 0, time.UTC)
	take := func(minute time.Time, n, want int) {
		t.Helper()
		if got, err := s.Take(t.Context(), "refund", minute, n); err != nil || got != want {
			t.Errorf("Take(%s, %d) = %d, %v; want %d", minute, n, got, err, want)
		}
	}
	take(start, 5, 5)
	take(start.Add(24*time.Hour), 1, 1)
	take(start, 1, 6)
	take(start.Add(24*time.Hour+time.Minute), 1, 1)
	take(start, 0, 0)
}

func TestOpenListsBoundedPages(t *testing.T) {
	t.Parallel()
	s := open(t, newPath(t))
	for i := range 3 {
		a := storetest.Due(payment.PaymentAccount(fmt.Sprint(i)), time.Date(2031, 1, 2, 3, 4, i, 0, time.UTC))
		save(t, s, a)
	}
	beyond := time.Date(12345, 1, 1, 0, 0, 0, 0, time.UTC)
	if ids, next, err := s.Open(t.Context(), beyond, "", 0); err != nil || len(ids) != 1 || next == "" {
		t.Errorf("limit 0: %v, %q, %v", ids, next, err)
	}
	if ids, next, err := s.Open(t.Context(), beyond, "", 1<<40); err != nil || len(ids) != 3 || next != "" {
		t.Errorf("limit 2^40: %v, %q, %v", ids, next, err)
	}
}
