package metrics

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Recorder collects what is counted until Flush writes it. It is safe for concurrent use; a nil Recorder counts nothing.
type Recorder struct {
	namespace, function string
	out                 io.Writer
	now                 func() time.Time

	mu     sync.Mutex
	series []*series // in the order of their first value
}

// series is what was counted of one metric with one set of dimensions' values.
type series struct {
	metric *Metric
	dims   []string // the values, in the order of the metric's dimensions
	values []int64
}

// New makes a Recorder. function is the value of DimFunction. out gets each Flush in one Write; what it cannot take is lost.
func New(namespace, function string, out io.Writer, now func() time.Time) *Recorder {
	return &Recorder{namespace: namespace, function: function, out: out, now: now}
}

// Count adds one. values are those of the metric's dimensions but for DimFunction.
func (r *Recorder) Count(m *Metric, values ...string) { r.Add(m, 1, values...) }

// Add takes a value of a metric: it is added to what was counted since the last Flush, or stands beside it where sums mean
// nothing. values are those of the metric's dimensions but for DimFunction; another number of them is a broken invariant.
func (r *Recorder) Add(m *Metric, value int64, values ...string) {
	if r == nil {
		return
	}
	var dims []string
	for _, name := range m.Dimensions {
		switch {
		case name == DimFunction:
			dims = append(dims, r.function)
		case len(values) == 0:
			panic(fmt.Sprintf("metrics: %s lacks the value of %s", m.Name, name))
		default:
			dims, values = append(dims, values[0]), values[1:]
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.find(m, dims)
	if m.summed() && len(s.values) > 0 {
		s.values[0] += value
		return
	}
	s.values = append(s.values, value)
}

// find gives the series, which is new where there is none with room.
func (r *Recorder) find(m *Metric, dims []string) *series {
	for _, s := range r.series {
		if s.metric == m && strings.Join(s.dims, " ") == strings.Join(dims, " ") && len(s.values) < mostValues {
			return s
		}
	}
	s := &series{metric: m, dims: dims}
	r.series = append(r.series, s)
	return s
}

// Flush writes what was counted since the last one, in one Write, or nothing if there is nothing. requestID names the
// invocation in the lines, which else hold no id; "" leaves it out.
func (r *Recorder) Flush(requestID string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	all := r.series
	r.series = nil
	r.mu.Unlock()
	if len(all) == 0 {
		return
	}
	// Counting is nobody's reason to fail.
	_, _ = r.out.Write(lines(r.namespace, requestID, r.now(), all))
}
