package runtimeapi

import (
	"bytes"
	"sync"
)

// Log keeps what processes wrote to their standard output and error, in the order in which it came. The zero value is
// ready. It is safe for concurrent use.
type Log struct {
	mu   sync.Mutex
	data bytes.Buffer
}

// Write keeps p. It never fails.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.data.Write(p)
}

// Bytes is a copy of everything so far.
func (l *Log) Bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.data.Bytes())
}
