package runtimeapi

import (
	"fmt"
	"io"
	"os"
	"sync"
)

// Log keeps what processes wrote to their standard output and error, in the order in which it came. They write to a file
// without a name, so what a process wrote before it answered is there when its answer is. The zero value is ready. It is
// safe for concurrent use.
type Log struct {
	once sync.Once
	file *os.File
	err  error
}

func (l *Log) open() (*os.File, error) {
	l.once.Do(func() {
		if l.file, l.err = os.CreateTemp("", "iade-log-"); l.err != nil {
			l.err = fmt.Errorf("make a log: %w", l.err)
			return
		}
		if l.err = os.Remove(l.file.Name()); l.err != nil {
			l.err = fmt.Errorf("take the log's name away: %w", l.err)
		}
	})
	return l.file, l.err
}

// Bytes is everything so far, at most 64 MiB.
func (l *Log) Bytes() ([]byte, error) {
	file, err := l.open()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.NewSectionReader(file, 0, 64<<20))
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	return data, nil
}
