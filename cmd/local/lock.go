package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/gofrs/flock"
)

// lockFile takes a file that one process at a time can hold; the lock goes with the process, however that ends, or with
// closing it. Held by another process, it is errInUse.
func lockFile(name string) (*flock.Flock, error) {
	lock := flock.New(name, flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err == nil && !held {
		err = errInUse
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// syncFolder makes the names in a folder durable. On Windows folders cannot be synced.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open folder: %w", err)
	}
	if err := f.Sync(); err != nil {
		return errors.Join(fmt.Errorf("sync folder: %w", err), f.Close())
	}
	return f.Close()
}
