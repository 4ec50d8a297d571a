package bolt

import (
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/test/storetest"
)

// held opens a store, begins a transaction and, once as many others wait as there are writes, lets it go: so the writes are
// committed together. It gives each one's error, or what it panicked with.
func held(t *testing.T, s *Store, writes ...func() error) []error {
	t.Helper()
	errs := make([]error, len(writes))
	var all sync.WaitGroup
	err := s.update(func(*bbolt.Tx) error {
		for i, w := range writes {
			all.Go(func() {
				defer func() {
					if v := recover(); v != nil {
						errs[i] = v.(error)
					}
				}()
				errs[i] = w()
			})
			for s.writes.company() <= i { // one after the other, so that their order is known
				time.Sleep(time.Millisecond)
			}
		}
		return nil
	})
	all.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return errs
}

func (g *group) company() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.waiting)
}

func opened(t *testing.T) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "iade.db"))
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

func saving(t *testing.T, s *Store, a payment.Account) func() error {
	return func() error { return s.Save(t.Context(), a) }
}

func due(id payment.AccountID, version int64) payment.Account {
	a := storetest.Due(id, time.Date(2031, 1, 2, 3, 4, 5, 0, time.UTC))
	a.Version = version
	return a
}

// transactions is how many were committed: bbolt numbers them.
func transactions(t *testing.T, s *Store) (n int) {
	t.Helper()
	if err := s.db.View(func(tx *bbolt.Tx) error { n = tx.ID(); return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSavesThatWaitShareOneTransaction(t *testing.T) {
	t.Parallel()
	s := opened(t)
	var writes []func() error
	for i := range 16 {
		writes = append(writes, saving(t, s, due(payment.PaymentAccount(string(rune('a'+i))), 1)))
	}
	before := transactions(t, s)
	if err := errors.Join(held(t, s, writes...)...); err != nil {
		t.Fatal(err)
	}
	if n := transactions(t, s) - before; n != 2 {
		t.Errorf("%d transactions for the one that was under way and 16 saves", n)
	}
	before = transactions(t, s)
	for i := range 3 {
		if err := s.Save(t.Context(), due("PAYMENT#alone", int64(i+1))); err != nil {
			t.Fatal(err)
		}
	}
	if n := transactions(t, s) - before; n != 3 {
		t.Errorf("%d transactions for three saves of which none waited", n)
	}
}

// TestOfTwoSavesInOneTransactionOneWins: the second sees what the first left, though it is not on disk yet.
func TestOfTwoSavesInOneTransactionOneWins(t *testing.T) {
	t.Parallel()
	s := opened(t)
	for version := int64(1); version < 3; version++ { // at first nothing is in memory, then the version before
		errs := held(t, s, saving(t, s, due("PAYMENT#1", version)), saving(t, s, due("PAYMENT#1", version)), saving(t, s, due("PAYMENT#2", version)))
		if errs[0] != nil || !errors.Is(errs[1], payment.ErrConflict) || errs[2] != nil {
			t.Errorf("version %d: %v", version, errs)
		}
	}
}

// TestAWriteThatFailsTakesNoOtherWithIt: what it had changed is undone, the others are on disk, a panic is its caller's.
func TestAWriteThatFailsTakesNoOtherWithIt(t *testing.T) {
	t.Parallel()
	s := opened(t)
	failure, panicking := errors.New("halfway"), errors.New("panic")
	leave := func(name string) func(tx *bbolt.Tx) error {
		return func(tx *bbolt.Tx) error { return tx.Bucket(daysBucket).Put([]byte(name), []byte("x")) }
	}
	errs := held(t, s,
		saving(t, s, due("PAYMENT#1", 1)),
		func() error {
			return s.update(func(tx *bbolt.Tx) error { return errors.Join(leave("failed")(tx), failure) })
		},
		func() error { return s.update(leave("kept")) },
		func() error {
			return s.update(func(tx *bbolt.Tx) error {
				_ = leave("panicked")(tx)
				panic(panicking)
			})
		},
		saving(t, s, due("PAYMENT#2", 1)),
	)
	want := []error{nil, failure, nil, panicking, nil}
	if !slices.EqualFunc(errs, want, errors.Is) {
		t.Errorf("%v", errs)
	}
	var left []string
	err := s.view(func(tx *bbolt.Tx) error {
		return tx.Bucket(daysBucket).ForEach(func(name, _ []byte) error {
			left = append(left, string(name))
			return nil
		})
	})
	if err != nil || !slices.Equal(left, []string{"kept"}) {
		t.Errorf("%q, %v", left, err)
	}
	for _, id := range []payment.AccountID{"PAYMENT#1", "PAYMENT#2"} {
		if a, err := s.Load(t.Context(), id); err != nil || a.Version != 1 {
			t.Errorf("%s: %+v, %v", id, a, err)
		}
	}
}

// TestATransactionThatIsNotCommittedFailsAllOfIt: each is perhaps stored, and none is taken from memory afterwards.
func TestATransactionThatIsNotCommittedFailsAllOfIt(t *testing.T) {
	t.Parallel()
	s := opened(t)
	if err := s.Save(t.Context(), due("PAYMENT#1", 1)); err != nil {
		t.Fatal(err)
	}
	errs := held(t, s,
		saving(t, s, due("PAYMENT#1", 2)),
		saving(t, s, due("PAYMENT#2", 1)),
		func() error {
			return s.update(func(tx *bbolt.Tx) error {
				s.db.MaxSize = 1 // so that the file may not grow, which bbolt finds when it commits
				return tx.Bucket(dayPartsBucket).Put([]byte("large"), make([]byte, 1<<20))
			})
		},
	)
	s.db.MaxSize = 0
	for i, err := range errs {
		if err == nil || errors.Is(err, payment.ErrConflict) {
			t.Errorf("write %d: %v", i, err)
		}
	}
	for id, version := range map[payment.AccountID]int64{"PAYMENT#1": 1, "PAYMENT#2": 0} {
		if _, kept := s.recent.get(id); kept {
			t.Errorf("%s is still taken from memory", id)
		}
		if a, err := s.Load(t.Context(), id); err != nil || a.Version != version {
			t.Errorf("%s: version %d, %v", id, a.Version, err)
		}
	}
}
