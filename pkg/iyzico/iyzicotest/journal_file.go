package iyzicotest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// ErrInUse says that another process holds the folder.
var ErrInUse = errors.New("folder is in use by another process")

const (
	journalName = "journal.jsonl"
	lockName    = "lock"
)

// journalFile keeps entries as JSON lines, each synced before write returns. The process that has it open holds the
// folder's lock, which the system releases however the process ends.
type journalFile struct {
	file *os.File
	lock *flock.Flock
}

// openJournal opens or creates a folder's journal and reads it. A last line that is not whole, as a crash in the middle
// of a write leaves it, is cut off: its change was never answered. Anything else unreadable is an error.
func openJournal(dir string) (*journalFile, []Entry, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("create folder: %w", err)
	}
	lock, err := lockFile(filepath.Join(dir, lockName))
	if err != nil {
		return nil, nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	j := &journalFile{lock: lock}
	entries, err := j.open(filepath.Join(dir, journalName))
	if err != nil {
		return nil, nil, errors.Join(err, j.close())
	}
	if err := syncFolder(dir); err != nil {
		return nil, nil, errors.Join(err, j.close())
	}
	return j, entries, nil
}

func (j *journalFile) open(name string) ([]Entry, error) {
	content, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	entries, whole, err := parseJournal(content)
	if err != nil {
		return nil, err
	}
	j.file, err = os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	if whole < len(content) {
		if err := j.file.Truncate(int64(whole)); err != nil {
			return nil, fmt.Errorf("cut journal's torn last line: %w", err)
		}
	}
	if err := j.file.Sync(); err != nil {
		return nil, fmt.Errorf("sync journal: %w", err)
	}
	return entries, nil
}

// parseJournal gives the entries and how many bytes of whole lines there are.
func parseJournal(content []byte) (entries []Entry, whole int, err error) {
	for line := 1; whole < len(content); line++ {
		end := bytes.IndexByte(content[whole:], '\n')
		if end < 0 {
			return entries, whole, nil
		}
		var e Entry
		if err := json.Unmarshal(content[whole:whole+end], &e); err != nil {
			if whole+end+1 == len(content) {
				return entries, whole, nil
			}
			return nil, 0, fmt.Errorf("journal line %d is damaged: %w", line, err)
		}
		entries = append(entries, e)
		whole += end + 1
	}
	return entries, whole, nil
}

func (j *journalFile) write(e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode entry: %w", err)
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("append entry: %w", err)
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("sync journal: %w", err)
	}
	return nil
}

func (j *journalFile) close() error {
	var errs []error
	if j.file != nil {
		errs = append(errs, j.file.Close())
	}
	errs = append(errs, j.lock.Close())
	return errors.Join(errs...)
}
