package bolt

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"go.etcd.io/bbolt"
)

// ErrGone tells that the file was deleted, replaced or cut short while it was in use. What is saved then would be lost.
var ErrGone = errors.New("gone: it was deleted, replaced or cut short while it was in use")

// Present fails with ErrGone if the file under the store's name is not the one that was opened, or lost a part.
func (s *Store) Present() error {
	least := s.size.Load() // before the look: it may have grown since, and another one may have seen that
	info, err := os.Stat(s.path)
	if s.broken.Load() || err != nil || !os.SameFile(info, s.opened) || info.Size() < least {
		return fmt.Errorf("store %s is %w", s.path, ErrGone)
	}
	for size := info.Size(); ; {
		seen := s.size.Load()
		if size <= seen || s.size.CompareAndSwap(seen, size) {
			return nil
		}
	}
}

// view runs a transaction that reads.
func (s *Store) view(do func(*bbolt.Tx) error) error {
	if err := s.Present(); err != nil {
		return err
	}
	return s.mapped(func() error { return s.db.View(do) })
}

// update runs a part of a transaction that writes, and returns when it is on disk.
func (s *Store) update(do func(*bbolt.Tx) error) error {
	return s.writes.run(do, func(all []*write) { together(all, s.transact) })
}

// transact runs a transaction that writes. One is run at a time. It fails with ErrGone if the file is not there afterwards
// either: what was written is lost with it.
func (s *Store) transact(do func(*bbolt.Tx) error) error {
	clear(s.staged)
	err := s.Present()
	if err == nil {
		err = s.mapped(func() error { return s.db.Update(do) })
	}
	if err == nil {
		err = s.Present()
	}
	if err != nil {
		s.recent.forget(s.staged)
		return err
	}
	s.recent.put(s.staged)
	return nil
}

// mapped turns the fault of reading a page that the file lost meanwhile into ErrGone. The database is not used again then.
func (s *Store) mapped(do func() error) (err error) {
	before := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(before)
		switch v := recover().(type) {
		case nil:
		case interface{ Addr() uintptr }:
			s.broken.Store(true)
			err = fmt.Errorf("store %s is %w", s.path, ErrGone)
		default:
			panic(v)
		}
	}()
	return do()
}
