package dynamo_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/store/dynamo"
	"github.com/iade/iade/internal/test/storetest"
)

// attempts is how often NewClient's client sends one call at most.
const attempts = 5

var due = time.Date(2031, time.January, 2, 3, 4, 5, 6, time.UTC)

func image(id payment.AccountID, version int64) payment.Account {
	a := storetest.Due(id, due)
	a.Version = version
	return a
}

func save(t *testing.T, s *dynamo.Store, a payment.Account) {
	t.Helper()
	if err := s.Save(t.Context(), a); err != nil {
		t.Fatal(err)
	}
}

func version(t *testing.T, s *dynamo.Store, id payment.AccountID) int64 {
	t.Helper()
	a, err := s.Load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a.Version
}

// The SDK sends a save again whose answer was lost, and DynamoDB refuses it because of what the first one stored.
//
// failure 2: the store alone, each number of lost answers
func TestSaveWhoseAnswerIsLostSucceedsOnce(t *testing.T) {
	t.Parallel()
	s, w, table := newStore(t)
	for lost := 1; lost < attempts; lost++ {
		id := payment.PaymentAccount(fmt.Sprint(lost))
		for v := int64(1); v <= 3; v++ {
			w.on("PutItem", loseAnswers(lost))
			if err := s.Save(t.Context(), image(id, v)); err != nil {
				t.Fatalf("%d answers lost, version %d: %v", lost, v, err)
			}
			if got := w.count("PutItem"); got != lost+1 {
				t.Errorf("%d answers lost: %d requests", lost, got)
			}
			if got := version(t, table.store(), id); got != v {
				t.Errorf("%d answers lost: version %d is stored, %d was saved", lost, got, v)
			}
		}
		if err := s.Save(t.Context(), image(id, 3)); !errors.Is(err, payment.ErrConflict) {
			t.Errorf("a second save of version 3: %v", err)
		}
	}
}

// failure 4: the store alone
func TestSaveWhoseEveryAnswerIsLostIsPerhapsStored(t *testing.T) {
	t.Parallel()
	s, w, table := newStore(t)
	w.on("PutItem", loseAnswers(attempts))
	err := s.Save(t.Context(), image("PAYMENT#1", 1))
	if !errors.Is(err, syscall.ECONNRESET) || errors.Is(err, payment.ErrConflict) {
		t.Errorf("Save: %v", err)
	}
	if got := w.count("PutItem"); got != attempts {
		t.Errorf("%d requests", got)
	}
	if got := version(t, table.store(), "PAYMENT#1"); got != 1 {
		t.Errorf("version %d is stored", got)
	}
}

// The answer is lost, and before the SDK asks again somebody saves the next version. Success would be true too, but
// nobody could tell it from a save that never happened.
//
// failure 2, 11: the store alone, somebody saves in between
func TestSaveBuriedUnderTheNextOneIsAConflict(t *testing.T) {
	t.Parallel()
	s, w, table := newStore(t)
	lose := loseAnswers(1)
	w.on("PutItem", func(n int, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		resp, err := lose(n, r, send)
		if n == 1 {
			save(t, table.store(), image("PAYMENT#1", 2))
		}
		return resp, err
	})
	if err := s.Save(t.Context(), image("PAYMENT#1", 1)); !errors.Is(err, payment.ErrConflict) {
		t.Errorf("Save: %v", err)
	}
	if got := version(t, s, "PAYMENT#1"); got != 2 {
		t.Errorf("version %d is stored", got)
	}
}

func TestSaveAgainstSomebodyElsesIsAConflictAtOnce(t *testing.T) {
	t.Parallel()
	s, w, table := newStore(t)
	save(t, table.store(), image("PAYMENT#1", 1))
	for _, v := range []int64{1, 3} {
		w.on("PutItem", nil)
		if err := s.Save(t.Context(), image("PAYMENT#1", v)); !errors.Is(err, payment.ErrConflict) {
			t.Errorf("version %d: %v", v, err)
		}
		if got := w.count("PutItem"); got != 1 {
			t.Errorf("version %d: %d requests", v, got)
		}
	}
}

// refusals are what DynamoDB answers under load; the engine never does.
var refusals = []struct {
	status int
	code   string
}{
	{http.StatusBadRequest, "ProvisionedThroughputExceededException"},
	{http.StatusBadRequest, "ThrottlingException"},
	{http.StatusBadRequest, "RequestLimitExceeded"},
	{http.StatusBadRequest, "TransactionConflictException"},
	{http.StatusInternalServerError, "InternalServerError"},
	{http.StatusServiceUnavailable, "ServiceUnavailable"},
}

// failure 25: the store alone, every refusal of DynamoDB's
func TestRefusalsUnderLoadAreRepeatedWithinBounds(t *testing.T) {
	t.Parallel()
	s, w, table := newStore(t)
	save(t, table.store(), image("PAYMENT#2", 1))
	calls := map[string]func() error{
		"PutItem": func() error { return s.Save(t.Context(), image("PAYMENT#1", 1)) },
		"GetItem": func() error { _, err := s.Load(t.Context(), "PAYMENT#2"); return err },
		"Query":   func() error { _, _, err := s.Open(t.Context(), due, "", 10); return err },
		"UpdateItem": func() error {
			_, err := s.Take(t.Context(), "refund", due, 1)
			return err
		},
	}
	for _, refusal := range refusals {
		for operation, call := range calls {
			w.on(operation, refuse(attempts, refusal.status, refusal.code))
			if err := call(); err == nil || errors.Is(err, payment.ErrConflict) {
				t.Errorf("%s, always %s: %v", operation, refusal.code, err)
			}
			if got := w.count(operation); got != attempts {
				t.Errorf("%s, always %s: %d requests", operation, refusal.code, got)
			}
		}
		if got := version(t, table.store(), "PAYMENT#1"); got != 0 {
			t.Fatalf("%s: version %d is stored", refusal.code, got)
		}
	}
}

func TestSaveGetsThroughAfterARefusal(t *testing.T) {
	t.Parallel()
	s, w, _ := newStore(t)
	for i, refusal := range refusals {
		w.on("PutItem", refuse(attempts-1, refusal.status, refusal.code))
		save(t, s, image("PAYMENT#1", int64(i+1)))
	}
	if got := version(t, s, "PAYMENT#1"); got != int64(len(refusals)) {
		t.Errorf("version %d is stored", got)
	}
}

// A caller that goes away ends the repetitions: what happens to the save is not known, and that is what the error says.
func TestSaveStopsRepeatingWithItsContext(t *testing.T) {
	t.Parallel()
	s, w, table := newStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	lose := loseAnswers(1)
	w.on("PutItem", func(n int, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		defer cancel()
		return lose(n, r, send)
	})
	if err := s.Save(ctx, image("PAYMENT#1", 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("Save: %v", err)
	}
	if got := w.count("PutItem"); got != 1 {
		t.Errorf("%d requests", got)
	}
	if got := version(t, table.store(), "PAYMENT#1"); got != 1 {
		t.Errorf("version %d is stored", got)
	}
}

// A lease whose answer was lost is counted twice, which only slows us. It must never be counted less.
func TestTakeWhoseAnswerIsLostNeverUnderCounts(t *testing.T) {
	t.Parallel()
	s, w, table := newStore(t)
	w.on("UpdateItem", loseAnswers(1))
	total, err := s.Take(t.Context(), "refund", due, 10)
	if err != nil || total < 10 {
		t.Errorf("Take: %d, %v", total, err)
	}
	if next, err := table.store().Take(t.Context(), "refund", due, 1); err != nil || next != total+1 {
		t.Errorf("the next total is %d, %v after %d", next, err, total)
	}
}

// The index may still list an account whose work is done; loading it tells.
func TestOpenMayBeStaleAndLoadShowsIt(t *testing.T) {
	t.Parallel()
	s, w, _ := newStore(t)
	save(t, s, image("PAYMENT#1", 1))
	recorded := make([][]byte, 4)
	lag := func(n int, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		return replay(&recorded[(n-1)%len(recorded)])(n, r, send)
	}
	list := func() []payment.AccountID {
		t.Helper()
		w.on("Query", lag)
		ids, next, err := s.Open(t.Context(), due, "", 10)
		if err != nil || next != "" {
			t.Fatalf("Open: %q, %v", next, err)
		}
		return ids
	}
	before := list()
	if !slices.Equal(before, []payment.AccountID{"PAYMENT#1"}) {
		t.Fatalf("Open lists %v", before)
	}
	settled := storetest.Due("PAYMENT#1", time.Time{})
	settled.Version = 2
	save(t, s, settled)
	if after := list(); !slices.Equal(after, before) {
		t.Fatalf("the lagging index lists %v", after)
	}
	a, err := s.Load(t.Context(), "PAYMENT#1")
	if err != nil || !a.DueAt().IsZero() {
		t.Errorf("Load after a stale list: due %s, %v", a.DueAt(), err)
	}
}
