package storetest

import (
	"errors"
	"sync"
	"testing"

	"github.com/iade/iade/internal/payment"
)

const writers = 16

func versions(t *testing.T, s Store) {
	save := func(version int64) error {
		a := Due("PAYMENT#1", at(int(version)))
		a.Version = version
		return s.Save(t.Context(), a)
	}
	for _, step := range []struct {
		version int64
		want    error
	}{
		{2, payment.ErrConflict}, // nothing stored yet
		{1, nil},
		{1, payment.ErrConflict},
		{3, payment.ErrConflict}, // a gap
		{2, nil},
		{1, payment.ErrConflict},
		{2, payment.ErrConflict},
		{3, nil},
	} {
		if err := save(step.version); !errors.Is(err, step.want) {
			t.Fatalf("Save of version %d: %v, want %v", step.version, err, step.want)
		}
	}
	want := Due("PAYMENT#1", at(3))
	want.Version = 3
	same(t, mustLoad(t, s, want.ID), want)
}

// sameImageTwice: two workers may come to the same decision about the same image at the same moment. Only one may
// believe that its mark is stored, or both would send (I2).
func sameImageTwice(t *testing.T, s Store) {
	a := Due("PAYMENT#1", at(1))
	mustSave(t, s, a)
	if err := s.Save(t.Context(), a); !errors.Is(err, payment.ErrConflict) {
		t.Errorf("second first save: %v", err)
	}
	a.Version = 2
	mustSave(t, s, a)
	if err := s.Save(t.Context(), a); !errors.Is(err, payment.ErrConflict) {
		t.Errorf("second save of version 2: %v", err)
	}
}

func unsavable(t *testing.T, s Store) {
	for _, a := range []payment.Account{{ID: "PAYMENT#1"}, {ID: "PAYMENT#1", Version: -1}, {Version: 1}} {
		if err := s.Save(t.Context(), a); err == nil || errors.Is(err, payment.ErrConflict) {
			t.Errorf("Save(%q, version %d): %v", a.ID, a.Version, err)
		}
	}
	if a := mustLoad(t, s, "PAYMENT#1"); a.Version != 0 {
		t.Errorf("stored version %d", a.Version)
	}
}

func concurrentFirstSaves(t *testing.T, s Store) {
	won := make([]bool, writers)
	inParallel(func(writer int) {
		a := Due("PAYMENT#1", at(1))
		a.Operations[0].Attempts = writer
		switch err := s.Save(t.Context(), a); {
		case err == nil:
			won[writer] = true
		case !errors.Is(err, payment.ErrConflict):
			t.Errorf("writer %d: %v", writer, err)
		}
	})
	stored := mustLoad(t, s, "PAYMENT#1")
	for writer, ok := range won {
		if ok != (writer == stored.Operations[0].Attempts) {
			t.Errorf("writer %d was told %v, stored is what writer %d saved", writer, ok, stored.Operations[0].Attempts)
		}
	}
}

// concurrentSaves lets every writer add one to a counter a few times. Every addition that was acknowledged is in the
// end's sum, and every version was acknowledged to one writer.
func concurrentSaves(t *testing.T, s Store) {
	const additions, tries = 5, 2000
	first := Due("PAYMENT#1", at(1))
	first.Operations[0].Attempts = 0
	mustSave(t, s, first)

	var mu sync.Mutex
	winners := map[int64]int{}
	add := func() error {
		for range tries {
			a, err := s.Load(t.Context(), first.ID)
			if err != nil {
				return err
			}
			a.Version++
			a.Operations[0].Attempts++
			err = s.Save(t.Context(), a)
			if errors.Is(err, payment.ErrConflict) {
				continue
			}
			if err == nil {
				mu.Lock()
				winners[a.Version]++
				mu.Unlock()
			}
			return err
		}
		return errors.New("lost every race")
	}
	inParallel(func(writer int) {
		for range additions {
			if err := add(); err != nil {
				t.Errorf("writer %d: %v", writer, err)
			}
		}
	})

	got := mustLoad(t, s, first.ID)
	if want := writers * additions; got.Operations[0].Attempts != want || got.Version != int64(want)+1 {
		t.Errorf("counter %d at version %d after %d additions", got.Operations[0].Attempts, got.Version, want)
	}
	for version := int64(2); version <= got.Version; version++ {
		if winners[version] != 1 {
			t.Errorf("version %d was acknowledged %d times", version, winners[version])
		}
	}
}

func inParallel(f func(writer int)) {
	var wg sync.WaitGroup
	for writer := range writers {
		wg.Go(func() { f(writer) })
	}
	wg.Wait()
}
