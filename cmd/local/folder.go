package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/iade/iade/pkg/iyzico/iyzicotest"

	"github.com/gofrs/flock"
)

// errInUse says that another process holds the folder.
var errInUse = errors.New("folder is in use by another process")

// folder is the data folder while this process holds it.
type folder struct {
	path string
	lock *flock.Flock
}

func (f *folder) storePath() string  { return filepath.Join(f.path, "iade.db") }
func (f *folder) eventsPath() string { return filepath.Join(f.path, "events.jsonl") }

// metricsPath is the file of the metrics' lines.
func (f *folder) metricsPath() string { return filepath.Join(f.path, "metrics.jsonl") }

// callbackKeyPath is the key that signs where customers' browsers come back to, where the environment sets none.
func (f *folder) callbackKeyPath() string { return filepath.Join(f.path, "callback.key") }

// positionPath is where the position in a table's stream is kept.
func (f *folder) positionPath() string { return filepath.Join(f.path, "stream.json") }

// fakePath is the fake's own folder: nothing of ours lies in it.
func (f *folder) fakePath() string { return filepath.Join(f.path, "fake-iyzico") }

// ordersPath is the folder that orders are dropped into.
func (f *folder) ordersPath() string { return filepath.Join(f.path, "orders") }

// backupDraftPath is where a backup lies while it is being sent.
func (f *folder) backupDraftPath() string { return filepath.Join(f.path, "backup.tmp") }

// lockName is also how a folder of this program is told from others.
const lockName = "iade.lock"

// claim takes the folder, which is created if absent. It fails with errInUse while another process holds it, and with
// reset if it holds something and was never a folder of this program: emptying it would be somebody else's loss.
func claim(path string, reset bool) (*folder, error) {
	if reset {
		if err := mayReset(path); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("create folder: %w", err)
	}
	lock, err := lockFile(filepath.Join(path, lockName))
	if err != nil {
		return nil, fmt.Errorf("lock folder %s: %w", path, err)
	}
	return &folder{path, lock}, nil
}

func mayReset(path string) error {
	entries, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read folder: %w", err)
	}
	if _, err := os.Lstat(filepath.Join(path, lockName)); err != nil {
		return fmt.Errorf("folder %s is not one that this program made, so -reset leaves it alone: choose another with -data", path)
	}
	return nil
}

// empty deletes what this program keeps in the folder, and the fake's journal, and nothing else.
func (f *folder) empty() error {
	if err := f.emptyFake(); err != nil {
		return err
	}
	kept, err := f.orderFiles()
	if err != nil {
		return err
	}
	for _, name := range append(kept, f.eventsPath(), f.positionPath(), f.positionPath()+positionDraft, f.storePath(), f.callbackKeyPath(), f.metricsPath(), f.backupDraftPath()) {
		if err := removeIfThere(name); err != nil {
			return fmt.Errorf("empty folder: %w", err)
		}
	}
	return nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// orderFiles are the orders, those that were carried out too, and the reasons of those that failed.
func (f *folder) orderFiles() ([]string, error) {
	var files []string
	for _, pattern := range []string{"*.json", ".*.json", doneOrders + "/*.json*", failedOrders + "/*.json*"} {
		found, err := filepath.Glob(filepath.Join(f.ordersPath(), pattern))
		if err != nil {
			return nil, fmt.Errorf("empty folder: %w", err)
		}
		files = append(files, found...)
	}
	return files, nil
}

// emptyFake deletes the fake's journal once it is sure that no other fake writes it. A journal that cannot be read is
// deleted too.
func (f *folder) emptyFake() error {
	if _, err := os.Stat(f.fakePath()); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	fake, err := iyzicotest.New(iyzicotest.Config{Dir: f.fakePath()})
	switch {
	case errors.Is(err, iyzicotest.ErrInUse):
		return fmt.Errorf("empty %s: %w", f.fakePath(), err)
	case err == nil:
		if err := fake.Close(); err != nil {
			return fmt.Errorf("empty %s: %w", f.fakePath(), err)
		}
	}
	if err := removeIfThere(filepath.Join(f.fakePath(), "journal.jsonl")); err != nil {
		return fmt.Errorf("empty folder: %w", err)
	}
	return nil
}

// release lets another process take the folder.
func (f *folder) release() error {
	if err := f.lock.Close(); err != nil {
		return fmt.Errorf("release folder: %w", err)
	}
	return nil
}
