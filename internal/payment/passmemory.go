package payment

import (
	"sync"
	"time"
)

// passMemory is what one process remembers from pass to pass. Losing it costs time and nothing else.
type passMemory struct {
	mu    sync.Mutex
	from  string // where the list of what is due goes on after a pass that was cut off; "" = at its start
	holds map[AccountID]hold
}

// hold keeps an account that an error stopped out of the passes for a while: such an account cannot always be saved.
type hold struct {
	failures int
	until    time.Time
}

func (m *passMemory) resumed() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.from
}

func (m *passMemory) resume(from string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.from = from
}

// hold keeps the account out for as long as Rules.backOff says, longer each time in a row.
func (m *passMemory) hold(id AccountID, now time.Time, r Rules) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.holds == nil {
		m.holds = map[AccountID]hold{}
	}
	failures := min(m.holds[id].failures+1, mostFailedReads)
	m.holds[id] = hold{failures, now.Add(r.backOff(failures))}
}

func (m *passMemory) held(id AccountID, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return now.Before(m.holds[id].until)
}

func (m *passMemory) forget(id AccountID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.holds, id)
}
