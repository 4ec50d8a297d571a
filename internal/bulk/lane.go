package bulk

import (
	"container/heap"
	"time"
)

// lane holds the lines of one payment: they are asked for one after another, so that a payment has one request in flight
// and no two of them race for the same money.
type lane struct {
	lines    []int // indexes, in the order of the file
	next     time.Time
	refusals int // of its first line, without those of a limit
}

// lanes gives out what can be asked for now: what waited long enough before what was never asked for.
type lanes struct {
	ready   []*lane
	waiting waiting
}

// byPayment makes lanes of lines.
func byPayment(lines []Line) *lanes {
	l := &lanes{}
	of := map[string]*lane{}
	for i := range lines {
		one := of[lines[i].PaymentID]
		if one == nil {
			one = &lane{}
			of[lines[i].PaymentID] = one
			l.ready = append(l.ready, one)
		}
		one.lines = append(one.lines, i)
	}
	return l
}

// alone makes a lane of each line: reading does not race.
func alone(lines []int) *lanes {
	l := &lanes{}
	for _, i := range lines {
		l.ready = append(l.ready, &lane{lines: []int{i}})
	}
	return l
}

// take gives a lane, or nil if none may go on now.
func (l *lanes) take(now time.Time) *lane {
	if len(l.waiting) > 0 && !l.waiting[0].next.After(now) {
		return heap.Pop(&l.waiting).(*lane)
	}
	if len(l.ready) == 0 {
		return nil
	}
	one := l.ready[0]
	l.ready = l.ready[1:]
	return one
}

// back puts a lane that has lines left in front of those that were never asked for.
func (l *lanes) back(one *lane) {
	if len(one.lines) > 0 {
		heap.Push(&l.waiting, one)
	}
}

func (l *lanes) empty() bool { return len(l.ready) == 0 && len(l.waiting) == 0 }

// nextAt is when a lane may go on; false if there is none.
func (l *lanes) nextAt() (time.Time, bool) {
	switch {
	case len(l.ready) > 0:
		return time.Time{}, true
	case len(l.waiting) > 0:
		return l.waiting[0].next, true
	}
	return time.Time{}, false
}

// waiting is a heap of lanes, the earliest first, and of two at the same time the one that stands first in the file.
type waiting []*lane

func (w waiting) Len() int { return len(w) }
func (w waiting) Less(i, j int) bool {
	if !w[i].next.Equal(w[j].next) {
		return w[i].next.Before(w[j].next)
	}
	return w[i].lines[0] < w[j].lines[0]
}
func (w waiting) Swap(i, j int) { w[i], w[j] = w[j], w[i] }

// Push implements heap.Interface.
func (w *waiting) Push(x any) { *w = append(*w, x.(*lane)) }

// Pop implements heap.Interface.
func (w *waiting) Pop() any {
	old := *w
	last := old[len(old)-1]
	*w = old[:len(old)-1]
	return last
}
