package lambda_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/iade/iade/internal/test/runtimeapi"
)

// reaper kills processes in the middle of invocations until there were enough of them.
type reaper struct {
	mu     sync.Mutex
	random *rand.Rand
	left   int            // to be killed
	killed map[string]int // so far, by function
}

func newReaper(kills int, seed uint64) *reaper {
	return &reaper{random: rand.New(rand.NewPCG(seed, 1)), left: kills, killed: map[string]int{}}
}

// over tells whether enough were killed.
func (r *reaper) over() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.left <= 0
}

// dooms chooses whether an invocation is to be killed, and when: at any moment of the time that one usually takes, and a
// little after.
func (r *reaper) dooms(usual time.Duration) (after time.Duration, doomed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.left <= 0 || r.random.IntN(2) == 0 {
		return 0, false
	}
	return time.Duration(r.random.Float64() * 1.2 * float64(usual)), true
}

func (r *reaper) note(function string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left--
	r.killed[function]++
}

// mortal is a function whose processes a reaper kills. It is safe for concurrent use.
type mortal struct {
	t      testing.TB
	name   string
	config runtimeapi.Config
	reaper *reaper

	mu    sync.Mutex
	idle  []*runtimeapi.Environment
	usual time.Duration // that an invocation takes
}

// errKilled says that the process was killed before it answered: whoever asked asks again.
var errKilled = errors.New("killed")

func (s *scene) mortal(name string, r *reaper) *mortal {
	s.t.Helper()
	return &mortal{t: s.t, name: name, config: s.config(name), reaper: r, usual: 50 * time.Millisecond}
}

// Invoke gives the event to a process, which may not live to answer it: errKilled.
func (m *mortal) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	e, usual := m.take()
	after, doomed := m.reaper.dooms(usual)
	began := time.Now()
	reaped := make(chan struct{})
	reap := time.AfterFunc(after, func() {
		defer close(reaped)
		if doomed {
			e.Kill()
		}
	})
	payload, err := e.Invoke(ctx, event)
	if !reap.Stop() {
		<-reaped
	}
	m.give(e, time.Since(began), err == nil)
	switch {
	case doomed && errors.Is(err, runtimeapi.ErrEnded):
		m.reaper.note(m.name)
		return nil, errKilled
	case err != nil:
		return nil, fmt.Errorf("%s: %w", m.name, err)
	}
	return payload, nil
}

func (m *mortal) take() (*runtimeapi.Environment, time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := len(m.idle); n > 0 {
		e := m.idle[n-1]
		m.idle = m.idle[:n-1]
		return e, m.usual
	}
	e := runtimeapi.NewEnvironment(m.config)
	m.t.Cleanup(e.Kill)
	return e, m.usual
}

func (m *mortal) give(e *runtimeapi.Environment, took time.Duration, answered bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.idle = append(m.idle, e)
	if answered {
		m.usual += (took - m.usual) / 8
	}
}
