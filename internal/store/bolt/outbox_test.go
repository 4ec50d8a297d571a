package bolt_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/store/bolt"
	"github.com/iade/iade/internal/test/storetest"
)

// image is the account at that version, unknown at odd versions and settled at even ones, so every save publishes.
func image(id payment.AccountID, version int64) payment.Account {
	due := time.Time{}
	if version%2 == 1 {
		due = time.Date(2031, 1, 2, 3, 4, int(version%60), 0, time.UTC)
	}
	a := storetest.Due(id, due)
	a.Version = version
	return a
}

func outbox(t *testing.T, s *bolt.Store, limit int) []bolt.OutboxRecord {
	t.Helper()
	records, err := s.Outbox(t.Context(), limit)
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// saved is the account and the version that a record is about, in these tests one operation's.
func saved(r bolt.OutboxRecord) (payment.AccountID, int64) {
	detail := r.Changes[0].Detail
	return payment.PaymentAccount(detail.PaymentID), detail.Sequence
}

func woken(s *bolt.Store) bool {
	select {
	case <-s.Changed():
		return true
	default:
		return false
	}
}

func TestOutboxHoldsEveryChange(t *testing.T) {
	t.Parallel()
	s := open(t, newPath(t))
	first, second := image("PAYMENT#1", 1), image("PAYMENT#1", 2)
	save(t, s, first)
	save(t, s, second)
	want := []bolt.OutboxRecord{
		{Seq: 1, Changes: payment.Changes(payment.Account{ID: "PAYMENT#1"}, first)},
		{Seq: 2, Changes: payment.Changes(first, second)},
	}
	transient := cmpopts.IgnoreFields(payment.Resource{}, "SealedURL", "NextLookAt", "PageLocale") // no event tells them
	if diff := cmp.Diff(want, outbox(t, s, 10), transient); diff != "" {
		t.Error(diff)
	}
	if !woken(s) || woken(s) {
		t.Error("two saves before anybody listens wake once")
	}
}

// A counting read of the reconciler and a mark `sending` are saves that publish nothing.
func TestOutboxSkipsWhatChangesNoStatus(t *testing.T) {
	t.Parallel()
	s := open(t, newPath(t))
	save(t, s, image("PAYMENT#1", 1))
	woken(s)
	counted := image("PAYMENT#1", 1)
	counted.Version, counted.Operations[0].Legs[0].Absences = 2, 1
	save(t, s, counted)
	sending := image("PAYMENT#2", 1)
	sending.Operations[0].Legs[0].State = payment.StateSending
	save(t, s, sending)
	if err := s.Save(t.Context(), image("PAYMENT#1", 2)); !errors.Is(err, payment.ErrConflict) {
		t.Fatal(err)
	}
	if records := outbox(t, s, 10); len(records) != 1 || records[0].Changes[0].Detail.Sequence != 1 {
		t.Errorf("outbox: %+v", records)
	}
	if woken(s) {
		t.Error("the publisher was woken for nothing")
	}
}

func TestOutboxKeepsTheOrderOfTheSaves(t *testing.T) {
	t.Parallel()
	s := open(t, newPath(t))
	var want []string
	for version := int64(1); version <= 5; version++ {
		for _, id := range []payment.AccountID{"PAYMENT#2", "PAYMENT#1"} {
			save(t, s, image(id, version))
			want = append(want, fmt.Sprint(id, version))
		}
	}
	var got []string
	for {
		records := outbox(t, s, 3)
		if len(records) == 0 {
			break
		}
		for _, r := range records {
			id, version := saved(r)
			got = append(got, fmt.Sprint(id, version))
		}
		if err := s.Published(t.Context(), records[len(records)-1].Seq); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Sequence numbers are what the publisher confirms: one that came again after a restart would confirm too much.
func TestOutboxComesAgainUntilItIsConfirmed(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s, err := bolt.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for version := int64(1); version <= 3; version++ {
		save(t, s, image("PAYMENT#1", version))
	}
	if diff := cmp.Diff(outbox(t, s, 10), outbox(t, s, 10), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("reading takes records away:\n%s", diff)
	}
	if err := s.Published(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = open(t, path)
	if records := outbox(t, s, 10); len(records) != 1 || records[0].Seq != 3 {
		t.Fatalf("after a restart: %+v", records)
	}
	if err := s.Published(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	save(t, s, image("PAYMENT#1", 4))
	if records := outbox(t, s, 10); len(records) != 1 || records[0].Seq != 4 {
		t.Errorf("after an empty outbox: %+v", records)
	}
}

func TestOutboxReadsABoundedPage(t *testing.T) {
	t.Parallel()
	s := open(t, newPath(t))
	const accounts = 6
	large := storetest.Largest("", 500) // about 700 KB
	for i := range accounts {
		large.ID = payment.PaymentAccount(fmt.Sprint(i))
		save(t, s, large)
	}
	seen := 0
	for seen < accounts {
		records := outbox(t, s, 1000)
		if len(records) == 0 || len(records) == accounts {
			t.Fatalf("%d large records at once", len(records))
		}
		seen += len(records)
		if err := s.Published(t.Context(), records[len(records)-1].Seq); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOutboxHonoursACancelledContext(t *testing.T) {
	t.Parallel()
	s := open(t, newPath(t))
	save(t, s, image("PAYMENT#1", 1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Outbox(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("Outbox: %v", err)
	}
	if err := s.Published(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("Published: %v", err)
	}
	if records := outbox(t, s, 1); len(records) != 1 {
		t.Error("a confirmation that never began deleted")
	}
}
