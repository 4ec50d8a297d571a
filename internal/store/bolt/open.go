package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/iade/iade/internal/payment"
)

// ErrDamaged tells that the file is not a whole store: cut short, or something else.
var ErrDamaged = errors.New("damaged: put a backup in its place")

// draftName ends the name of a store that is being made. The file takes its name when it is whole, so an empty file of
// that name is one that was cut short.
const draftName = ".new"

// Open opens the file, and creates it if it is absent; its folder must exist. It returns ErrInUse while another process
// holds it, and ErrDamaged if what is there is not a whole store.
func Open(path string, opts ...Option) (*Store, error) {
	options := &bbolt.Options{Timeout: defaultLockTimeout, FreelistType: bbolt.FreelistMapType}
	for _, opt := range opts {
		opt(options)
	}
	_, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = create(path, options)
	case err == nil:
		err = whole(path, options)
	}
	if err != nil {
		return nil, openError(path, err)
	}
	s := &Store{path: path, changed: make(chan struct{}, 1), staged: map[payment.AccountID]saved{}}
	s.recent.accounts = map[payment.AccountID]saved{}
	err = careful(func() (err error) {
		if s.db, err = bbolt.Open(path, 0o600, options); err != nil {
			return err
		}
		return s.db.Update(s.prepare)
	})
	if err == nil {
		s.opened, err = os.Stat(path)
	}
	if err != nil {
		if s.db != nil && !errors.Is(err, ErrDamaged) {
			err = errors.Join(err, s.db.Close())
		}
		return nil, openError(path, err)
	}
	s.size.Store(s.opened.Size())
	return s, nil
}

func openError(path string, err error) error {
	if errors.Is(err, bolterrors.ErrTimeout) {
		return fmt.Errorf("%s is %w", path, ErrInUse)
	}
	return fmt.Errorf("open store %s: %w", path, err)
}

// create makes an empty store that has its name only when it is whole and on disk.
func create(path string, options *bbolt.Options) error {
	draft := path + draftName
	if err := os.Remove(draft); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	db, err := bbolt.Open(draft, 0o600, options)
	if err != nil {
		return err
	}
	if err := db.Close(); err != nil {
		return err
	}
	if err := os.Rename(draft, path); err != nil {
		return err
	}
	if runtime.GOOS == "windows" {
		return nil // folders cannot be synced there
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// whole tells whether the file has all the pages that its newest transaction counts. It is opened for reading, which touches
// the first two alone: bbolt maps the file, and a page that is not there would end the process.
func whole(path string, options *bbolt.Options) error {
	reading := *options
	reading.ReadOnly = true
	return careful(func() error {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if info.Size() == 0 {
			return fmt.Errorf("it is empty, %w", ErrDamaged)
		}
		db, err := bbolt.Open(path, 0o600, &reading)
		switch {
		case errors.Is(err, bolterrors.ErrTimeout), errors.Is(err, fs.ErrPermission):
			return err
		case err != nil:
			return fmt.Errorf("%w: %w", err, ErrDamaged)
		}
		err = db.View(func(tx *bbolt.Tx) error {
			if need := tx.Size(); info.Size() < need {
				return fmt.Errorf("it has %d of %d bytes, %w", info.Size(), need, ErrDamaged)
			}
			return nil
		})
		return errors.Join(err, db.Close())
	})
}

// careful turns a panic over a page that makes no sense, or is not there, into ErrDamaged.
func careful(do func() error) (err error) {
	before := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(before)
		if v := recover(); v != nil {
			err = fmt.Errorf("a page is wrong, %w", ErrDamaged)
		}
	}()
	return do()
}

// Backup writes a copy of the store as it is at one moment into a new file, on disk when it returns. Saving goes on
// meanwhile.
func (s *Store) Backup(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("back up store: %w", err)
	}
	err = s.view(func(tx *bbolt.Tx) error {
		_, err := tx.WriteTo(file)
		return err
	})
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("back up store: %w", err)
	}
	return nil
}
