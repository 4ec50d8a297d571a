package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// eventLog is a file of lines that only grows. It is safe for concurrent use.
type eventLog struct {
	file *os.File
	mu   sync.RWMutex
	ends []int64       // where each whole line ends
	more chan struct{} // closed by the next Append
}

// openEventLog opens or creates the file. A last line that is not whole, as a crash in the middle of a write leaves it, is
// cut off: it was not confirmed, so it comes again.
func openEventLog(path string) (*eventLog, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open event log: %w", err)
	}
	l := &eventLog{file: file, more: make(chan struct{})}
	if err := l.scan(); err != nil {
		return nil, errors.Join(fmt.Errorf("read event log: %w", err), file.Close())
	}
	return l, nil
}

func (l *eventLog) scan() error {
	reader := bufio.NewReader(l.file)
	var at int64
	for {
		part, err := reader.ReadSlice('\n')
		at += int64(len(part))
		switch {
		case err == nil:
			l.ends = append(l.ends, at)
		case errors.Is(err, io.EOF):
			return l.file.Truncate(l.end())
		case !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
	}
}

// end is where the next line begins.
func (l *eventLog) end() int64 {
	if len(l.ends) == 0 {
		return 0
	}
	return l.ends[len(l.ends)-1]
}

// Append writes lines, each ending in a newline, and syncs them to disk. After an error none of them counts, and the next
// Append writes over what is perhaps there.
func (l *eventLog) Append(lines [][]byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.end()
	if _, err := l.file.WriteAt(bytes.Join(lines, nil), at); err != nil {
		return errors.Join(fmt.Errorf("write events: %w", err), l.file.Truncate(at))
	}
	if err := l.file.Sync(); err != nil {
		return errors.Join(fmt.Errorf("sync events: %w", err), l.file.Truncate(at))
	}
	for _, line := range lines {
		at += int64(len(line))
		l.ends = append(l.ends, at)
	}
	close(l.more)
	l.more = make(chan struct{})
	return nil
}

// Grown is closed when lines come that are not there yet.
func (l *eventLog) Grown() <-chan struct{} {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.more
}

// Read gives whole lines after the first `after` ones: at most maxLines, and at most maxBytes unless the first of them is
// longer.
func (l *eventLog) Read(after, maxLines int, maxBytes int64) ([]byte, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if after >= len(l.ends) {
		return nil, nil
	}
	var from int64
	if after > 0 {
		from = l.ends[after-1]
	}
	to := l.ends[after]
	for _, end := range l.ends[after:min(len(l.ends), after+maxLines)] {
		if end-from > maxBytes {
			break
		}
		to = end
	}
	lines := make([]byte, to-from)
	if _, err := l.file.ReadAt(lines, from); err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	return lines, nil
}

// Close lets the file go.
func (l *eventLog) Close() error { return l.file.Close() }
