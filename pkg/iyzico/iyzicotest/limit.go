package iyzicotest

import (
	"sync"
	"time"
)

// limiter counts calls per path and calendar minute.
type limiter struct {
	mu     sync.Mutex
	minute int64
	counts map[string]int
}

// allow counts one call and tells whether it is within the limit; 0 is no limit.
func (l *limiter) allow(path string, now time.Time, perMinute int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if minute := now.Unix() / 60; minute != l.minute || l.counts == nil {
		l.minute, l.counts = minute, map[string]int{}
	}
	l.counts[path]++
	return perMinute == 0 || l.counts[path] <= perMinute
}
