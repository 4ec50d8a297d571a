package bolt

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.etcd.io/bbolt"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/test/storetest"
)

// read is the account as the file has it.
func read(t *testing.T, s *Store, id payment.AccountID) (a payment.Account) {
	t.Helper()
	if err := s.view(func(tx *bbolt.Tx) (err error) { a, err = decoded(tx, id); return err }); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestWhatIsInMemoryIsWhatIsOnDisk: loading a saved account gives what decoding it would give, whatever is in it.
func TestWhatIsInMemoryIsWhatIsOnDisk(t *testing.T) {
	t.Parallel()
	s := opened(t)
	for i, a := range []payment.Account{storetest.Full(t, "PAYMENT#1"), due("PAYMENT#2", 1), {ID: "PAYMENT#3"}, storetest.Largest("PAYMENT#4", 100)} {
		a.Version = 1
		if err := s.Save(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		if _, kept := s.recent.get(a.ID); !kept {
			t.Errorf("account %d is not in memory", i)
		}
		got, err := s.Load(t.Context(), a.ID)
		if diff := cmp.Diff(read(t, s, a.ID), got, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("account %d: %v (-disk +memory)\n%s", i, err, diff)
		}
	}
}

// TestMemoryFollowsConcurrentSaves: readers and writers of a few accounts, with little room in memory, never meet an older version
// than one that they have seen saved.
func TestMemoryFollowsConcurrentSaves(t *testing.T) {
	t.Parallel()
	s := opened(t)
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			choice := rand.New(rand.NewPCG(1, uint64(worker)))
			seen := map[payment.AccountID]int64{}
			for range 60 {
				id := payment.PaymentAccount(fmt.Sprint(choice.IntN(4)))
				a, err := s.Load(t.Context(), id)
				if err != nil || a.Version < seen[id] {
					t.Errorf("%s has version %d after %d: %v", id, a.Version, seen[id], err)
					return
				}
				next := due(id, a.Version+1)
				if s.Save(t.Context(), next) == nil {
					seen[id] = next.Version
				}
				if choice.IntN(8) == 0 {
					s.recent.forget(map[payment.AccountID]saved{id: {}})
				}
			}
		})
	}
	all.Wait()
	for i := range 4 {
		id := payment.PaymentAccount(fmt.Sprint(i))
		a, err := s.Load(t.Context(), id)
		if diff := cmp.Diff(read(t, s, id), a, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	r := recent{accounts: map[payment.AccountID]saved{}}
	for i := range 100 {
		r.put(map[payment.AccountID]saved{payment.PaymentAccount(fmt.Sprint(i)): {size: mostRecent / 10}})
		if r.size > mostRecent || len(r.accounts) > 10 {
			t.Fatalf("%d bytes in %d accounts", r.size, len(r.accounts))
		}
	}
	r.put(map[payment.AccountID]saved{"PAYMENT#1": {size: 2 * mostRecent}})
	if r.size > mostRecent {
		t.Errorf("%d bytes", r.size)
	}
	r.close()
	r.put(map[payment.AccountID]saved{"PAYMENT#1": {size: 1}})
	if _, kept := r.get("PAYMENT#1"); kept {
		t.Error("a closed store keeps accounts")
	}
}

// TestAnOutboxOfAnEarlierProgramIsPublished: it kept the two images of a change.
func TestAnOutboxOfAnEarlierProgramIsPublished(t *testing.T) {
	t.Parallel()
	s := opened(t)
	first, second := due("PAYMENT#1", 1), due("PAYMENT#1", 2)
	second.Operations[0].Legs[0].State = payment.StateSucceeded
	encode := func(a payment.Account) string {
		data, err := payment.EncodeAccount(a)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	err := s.update(func(tx *bbolt.Tx) error {
		for i, record := range []string{`{"n":` + encode(first) + `}`, `{"o":` + encode(first) + `,"n":` + encode(second) + `}`} {
			if err := tx.Bucket(outboxBucket).Put([]byte{0, 0, 0, 0, 0, 0, 0, byte(i + 1)}, []byte(record)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	records, err := s.Outbox(t.Context(), 10)
	want := []OutboxRecord{
		{1, payment.Changes(payment.Account{ID: "PAYMENT#1"}, first)},
		{2, payment.Changes(first, second)},
	}
	if diff := cmp.Diff(want, records); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

// TestARecordThatSaysNothingIsRefused, as by a later program's form, rather than published as nothing.
func TestARecordThatSaysNothingIsRefused(t *testing.T) {
	t.Parallel()
	if r, err := decodeRecord([]byte(`{"later":[]}`)); err == nil || !strings.Contains(err.Error(), "decode") {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestASaveDecodesNothing holds what saving and loading an account costs by counting: an account of ten operations that was saved
// before is not decoded, which would take hundreds of allocations for its operations alone.
func TestASaveDecodesNothing(t *testing.T) {
	s := opened(t)
	a := storetest.Largest("PAYMENT#1", 10)
	a.Version = 1
	if err := s.Save(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	data, err := payment.EncodeAccount(a)
	if err != nil {
		t.Fatal(err)
	}
	decode := testing.AllocsPerRun(20, func() { _, _ = payment.DecodeAccount(data) })
	load := testing.AllocsPerRun(20, func() {
		if _, err := s.Load(t.Context(), a.ID); err != nil {
			t.Error(err)
		}
	})
	if load > decode/4 {
		t.Errorf("a load takes %.0f allocations, decoding %.0f", load, decode)
	}
	version := a.Version
	save := testing.AllocsPerRun(20, func() {
		version++
		a.Version = version
		if err := s.Save(t.Context(), a); err != nil {
			t.Error(err)
		}
	})
	t.Logf("load %.0f, decode %.0f, save %.0f", load, decode, save)
}
