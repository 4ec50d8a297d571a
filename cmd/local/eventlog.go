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

// eventLog is a file of lines that only grows. It is safe for concurrent use. What it keeps in memory is one number for
// markEvery lines.
type eventLog struct {
	file  *os.File
	mu    sync.RWMutex
	lines int           // whole ones
	size  int64         // where the last whole line ends
	marks []int64       // where every markEvery-th line ends
	more  chan struct{} // closed by the next Append
}

// markEvery bounds how many lines a Read passes over to find its first one.
const markEvery = 64

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
	length := 0
	for {
		part, err := reader.ReadSlice('\n')
		length += len(part)
		switch {
		case err == nil:
			l.add(length)
			length = 0
		case errors.Is(err, io.EOF):
			return l.file.Truncate(l.size)
		case !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
	}
}

// add counts one more line, of that many bytes.
func (l *eventLog) add(length int) {
	l.size += int64(length)
	if l.lines++; l.lines%markEvery == 0 {
		l.marks = append(l.marks, l.size)
	}
}

// Append writes lines, each ending in a newline, and syncs them to disk. After an error none of them counts, and the next
// Append writes over what is perhaps there.
func (l *eventLog) Append(lines [][]byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.size
	if _, err := l.file.WriteAt(bytes.Join(lines, nil), at); err != nil {
		return errors.Join(fmt.Errorf("write events: %w", err), l.file.Truncate(at))
	}
	if err := l.file.Sync(); err != nil {
		return errors.Join(fmt.Errorf("sync events: %w", err), l.file.Truncate(at))
	}
	for _, line := range lines {
		l.add(len(line))
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
	if after >= l.lines {
		return nil, nil
	}
	pass := after % markEvery
	var from int64
	if mark := after / markEvery; mark > 0 {
		from = l.marks[mark-1]
	}
	reader := bufio.NewReader(io.NewSectionReader(l.file, from, l.size-from))
	var lines []byte
	for n := 0; n < pass+min(maxLines, l.lines-after); n++ {
		line, err := reader.ReadBytes('\n')
		switch {
		case err != nil:
			return nil, fmt.Errorf("read events: %w", err)
		case n < pass:
			continue
		case len(lines) > 0 && int64(len(lines)+len(line)) > maxBytes:
			return lines, nil
		}
		lines = append(lines, line...)
	}
	return lines, nil
}

// Close lets the file go.
func (l *eventLog) Close() error { return l.file.Close() }
