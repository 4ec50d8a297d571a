package runtimeapi

import (
	"context"
	"sync"
)

// Function is a Lambda function: as many environments as there are events at once, up to a number. It is safe for
// concurrent use.
type Function struct {
	config Config
	slots  chan struct{}

	mu   sync.Mutex
	idle []*Environment // the one used last comes next, as on Lambda
	all  []*Environment
}

// NewFunction makes a function of at most that many processes, none of them started yet.
func NewFunction(c Config, most int) *Function {
	return &Function{config: c, slots: make(chan struct{}, most)}
}

// Invoke gives the event to a process that is free, or starts one, or waits for one. Errors as Environment.Invoke.
func (f *Function) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	select {
	case f.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-f.slots }()
	e := f.take()
	defer f.give(e)
	return e.Invoke(ctx, event)
}

// Close kills every process. The next event starts another.
func (f *Function) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.all {
		e.Kill()
	}
}

func (f *Function) take() *Environment {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(f.idle); n > 0 {
		e := f.idle[n-1]
		f.idle = f.idle[:n-1]
		return e
	}
	e := NewEnvironment(f.config)
	f.all = append(f.all, e)
	return e
}

func (f *Function) give(e *Environment) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.idle = append(f.idle, e)
}
