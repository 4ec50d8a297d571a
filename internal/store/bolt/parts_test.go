package bolt

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.etcd.io/bbolt"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/test/storetest"
)

// putPast writes into the bucket of accounts past the store.
func putPast(t *testing.T, s *Store, key, value []byte) {
	t.Helper()
	if err := s.update(func(tx *bbolt.Tx) error { return tx.Bucket(accountsBucket).Put(key, value) }); err != nil {
		t.Fatal(err)
	}
}

// TestAnAccountIsWhatItsPartsAre: however its operations change between two saves, the file holds the account as it was saved, and no
// account beside it changes.
func TestAnAccountIsWhatItsPartsAre(t *testing.T) {
	t.Parallel()
	s := opened(t)
	whole := storetest.Largest("PAYMENT#1", 6)
	before, after := due("PAYMENT#0", 1), storetest.Largest("PAYMENT#10", 3)
	for _, a := range []payment.Account{before, after} {
		a.Version = 1
		if err := s.Save(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	neighbours := []payment.Account{read(t, s, before.ID), read(t, s, after.ID)}
	operations := func(at ...int) []payment.Operation {
		var all []payment.Operation
		for _, i := range at {
			op := whole.Operations[i%10]
			op.Legs = slices.Clone(op.Legs)
			if i >= 10 { // it changed
				op.Attempts++
				op.Legs[0].Attempt++
			}
			all = append(all, op)
		}
		return all
	}
	for i, now := range [][]payment.Operation{
		operations(0), operations(0, 1), operations(0, 11), operations(10, 11, 2, 3), operations(10, 11, 2, 3, 4, 5), operations(11, 2, 3, 4, 15),
		operations(5), operations(), operations(3, 4), operations(4, 3), operations(4, 13),
	} {
		a := whole
		a.Version, a.Operations = int64(i+1), now
		if err := s.Save(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a, read(t, s, a.ID), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("save %d (-saved +on disk)\n%s", i+1, diff)
		}
		if diff := cmp.Diff(neighbours, []payment.Account{read(t, s, before.ID), read(t, s, after.ID)}); diff != "" {
			t.Errorf("save %d changed another account\n%s", i+1, diff)
		}
	}
}

// TestAnAccountOfAnEarlierProgramIsTakenApart: it kept an account whole.
func TestAnAccountOfAnEarlierProgramIsTakenApart(t *testing.T) {
	t.Parallel()
	s := opened(t)
	a := storetest.Largest("PAYMENT#1", 3)
	a.Version = 7
	data, err := payment.EncodeAccount(a)
	if err != nil {
		t.Fatal(err)
	}
	putPast(t, s, []byte(a.ID), data)
	got, err := s.Load(t.Context(), a.ID)
	if diff := cmp.Diff(a, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
		t.Fatalf("%v\n%s", err, diff)
	}
	a.Version++
	if err := s.Save(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a, read(t, s, a.ID), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	// The earlier program refuses what is stored now: without the operations that lie beside it, it would pay them again.
	if err := s.view(func(tx *bbolt.Tx) error {
		_, err := payment.DecodeAccount(tx.Bucket(accountsBucket).Get([]byte(a.ID)))
		return err
	}); err == nil || !strings.Contains(err.Error(), "stored form 3, this program reads 1 to 2") {
		t.Errorf("an account without its operations is read: %v", err)
	}
}

// TestAnAccountThatLostAPartIsRefused: an operation that is forgotten is one that is paid again.
func TestAnAccountThatLostAPartIsRefused(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(accounts *bbolt.Bucket, id payment.AccountID) error{
		"the first": func(b *bbolt.Bucket, id payment.AccountID) error { return b.Delete(operationKey(id, 0)) },
		"the last":  func(b *bbolt.Bucket, id payment.AccountID) error { return b.Delete(operationKey(id, 2)) },
		"all": func(b *bbolt.Bucket, id payment.AccountID) error {
			for i := range 3 {
				if err := b.Delete(operationKey(id, i)); err != nil {
					return err
				}
			}
			return nil
		},
		"one too many": func(b *bbolt.Bucket, id payment.AccountID) error {
			return b.Put(operationKey(id, 3), b.Get(operationKey(id, 0)))
		},
		"one, and another one in its place": func(b *bbolt.Bucket, id payment.AccountID) error {
			return errors.Join(b.Put(operationKey(id, 7), b.Get(operationKey(id, 0))), b.Delete(operationKey(id, 0)))
		},
		"half of one": func(b *bbolt.Bucket, id payment.AccountID) error {
			whole := b.Get(operationKey(id, 1))
			return b.Put(operationKey(id, 1), whole[:len(whole)/2])
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := opened(t)
			a := storetest.Largest("PAYMENT#1", 3)
			a.Version = 1
			if err := s.Save(t.Context(), a); err != nil {
				t.Fatal(err)
			}
			if err := s.update(func(tx *bbolt.Tx) error { return harm(tx.Bucket(accountsBucket), a.ID) }); err != nil {
				t.Fatal(err)
			}
			s.recent.forget(map[payment.AccountID]saved{a.ID: {}}) // as after a start
			if got, err := s.Load(t.Context(), a.ID); err == nil {
				t.Errorf("loaded with %d operations", len(got.Operations))
			}
			a.Version++
			if err := s.Save(t.Context(), a); err == nil {
				t.Error("saved over it")
			}
		})
	}
}

// TestASaveWritesWhatChanged: what a save writes does not grow with the operations that stay as they are.
func TestASaveWritesWhatChanged(t *testing.T) {
	t.Parallel()
	written := func(operations int) (bytes int64) {
		s := opened(t)
		a := storetest.Largest("PAYMENT#1", operations)
		for a.Version = 1; a.Version < 4; a.Version++ { // what the last one writes counts
			a.Operations[operations-1].Attempts++
			stats := s.db.Stats()
			before := stats.TxStats.GetPageAlloc()
			if err := s.Save(t.Context(), a); err != nil {
				t.Fatal(err)
			}
			stats = s.db.Stats()
			bytes = stats.TxStats.GetPageAlloc() - before
		}
		return bytes
	}
	one, many := written(1), written(40)
	t.Logf("of one operation %d bytes, of forty %d", one, many)
	if many > one+6*int64(os.Getpagesize()) {
		t.Errorf("of one operation %d bytes are written, of forty %d", one, many)
	}
}
