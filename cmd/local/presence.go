package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/iade/iade/internal/clock"
)

// lookForTheStore is how often it is looked whether the store is still there. Saving looks too, each time.
const lookForTheStore = time.Second

// errGone ends the program whose folder or store was deleted or replaced.
var errGone = errors.New("nothing more is answered: put it back, or start again with a backup")

// present fails if the folder is not the one that was claimed, or the store in it not the one that was opened.
func (y *System) present() error {
	if err := y.folder.present(); err != nil {
		return fmt.Errorf("%w; %w", err, errGone)
	}
	if own, ok := y.store.(boltStore); ok {
		if err := own.Present(); err != nil {
			return fmt.Errorf("%w; %w", err, errGone)
		}
	}
	return nil
}

// watchStore ends the program when its store is gone.
func (y *System) watchStore(ctx context.Context) {
	for clock.Sleep(ctx, lookForTheStore) == nil {
		if err := y.present(); err != nil {
			y.failures <- err
			return
		}
	}
}

// present tells whether the folder still holds the lock that this process has.
func (f *folder) present() error {
	held, err := f.lock.Stat()
	if err != nil {
		return fmt.Errorf("look at the lock of folder %s: %w", f.path, err)
	}
	there, err := os.Stat(f.lock.Path())
	if err != nil || !os.SameFile(held, there) {
		return fmt.Errorf("folder %s is gone: it was deleted or replaced while it was in use", f.path)
	}
	return nil
}
