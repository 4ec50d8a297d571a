// Package metrics counts what the alarms and the dashboard need, and writes it as lines in CloudWatch's embedded metric
// format, out of which CloudWatch Logs makes metrics. Decorators and hooks count; the domain knows nothing of it. No line
// holds anything of a request but the words of this package's table.
package metrics

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/iade/iade/internal/payment"
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

// Unit is CloudWatch's word for what a metric's values are.
type Unit string

// The units in use.
const (
	Count   Unit = "Count"
	Seconds Unit = "Seconds"
	Percent Unit = "Percent"
)

// The dimensions. Their values are few and fixed: a metric is paid for by combination. An id is never one.
const (
	DimFunction = "function" // the function's name: refund, cancel, …; local in cmd/local
	DimKind     = "kind"     // of the operation
	DimStatus   = "status"   // of the operation
)

// Metric is one row of the table. It has exactly these dimensions, each time.
type Metric struct {
	Name       string
	Unit       Unit
	Dimensions []string
	Says       string // what it says, for the documents
}

// The metrics that are written at most once for each invocation of a function, or event.
var (
	Outcomes = &Metric{"Outcomes", Count, []string{DimKind, DimStatus}, "operations that reached a status"}
	// SettleTime leaves out what was definite when its request was answered.
	SettleTime         = &Metric{"SettleTime", Seconds, []string{DimKind}, "from acceptance to a definite outcome, of operations that had been left open"}
	DuplicatesAnswered = &Metric{"DuplicatesAnswered", Count, []string{DimKind}, "answers to a known key that sent nothing"}
	RateLimitWaits     = &Metric{"RateLimitWaits", Count, []string{DimFunction}, "calls that the limit of calls a minute held back"}
	StoreConflicts     = &Metric{"StoreConflicts", Count, []string{DimFunction}, "saves that lost a race and were decided again"}
	StoreErrors        = &Metric{"StoreErrors", Count, []string{DimFunction}, "loads, saves and lists that failed in spite of repetitions"}

	Contradicted     = &Metric{"Contradicted", Count, nil, "operations with evidence against their definite outcome"}
	PanelRefunds     = &Metric{"PanelRefunds", Count, nil, "refunds and cancels newly seen that were not made through iade"}
	KeysRefused      = &Metric{"KeysRefused", Count, nil, "calls for which iyzico's keys were refused or not to be had"}
	CallbacksRefused = &Metric{"CallbacksRefused", Count, nil, "callbacks whose signed state or token did not verify"}

	// NoticesVerified without NoticesRefused is how it should be; neither means that iyzico sends none.
	NoticesVerified = &Metric{"NoticesVerified", Count, nil, "notices of iyzico's whose signature verified"}
	NoticesRefused  = &Metric{"NoticesRefused", Count, nil, "what came as a notice of iyzico's and did not verify"}
	HintsTaken      = &Metric{"HintsTaken", Count, nil, "notices that had a payment read soon"}
	RefundsRetried  = &Metric{"RefundsRetried", Count, nil, "payments of which iyzico says that it tried a refund again which it had not carried out"}

	// ReturnedAge is there because SQS's own age leaves out messages that were received three times.
	ReturnedAge = &Metric{"ReturnedAge", Seconds, nil, "how long ago a command was sent that goes back to its queue"}
	// LimitUsed is 100 too where a command does not fit into what is left. It is written only where a limit is set.
	LimitUsed = &Metric{"LimitUsed", Percent, nil, "how much of a limit of the merchant's own is used, of the fullest one"}
	// EventsDue and EventsPublished are compared: the second may be the larger, since an event may come again.
	EventsDue       = &Metric{"EventsDue", Count, nil, "changes of an operation's status of which the bus must hear"}
	EventsPublished = &Metric{"EventsPublished", Count, nil, "events that the bus took"}
)

// The metrics of each pass of the reconciler.
var (
	ReconcilePasses = &Metric{"ReconcilePasses", Count, nil, "passes of the reconciler over everything that is due"}
	// ReconcileUnfinished counts the others: the time was up, the pass was stopped, or what is due could not be listed.
	ReconcileUnfinished = &Metric{"ReconcileUnfinished", Count, nil, "passes of the reconciler that did not reach the end"}
	OperationsSettled   = &Metric{"OperationsSettled", Count, nil, "operations that a pass settled"}
	ReportsUnreadable   = &Metric{"ReportsUnreadable", Count, nil, "accounts whose report or day list a pass could not read"}
	OldestUnknownAge    = &Metric{"OldestUnknownAge", Seconds, nil, "how long ago the oldest attempt ended whose outcome is not known"}
	// How many operations stand in a status that is not their end.
	Processing  = &Metric{"Processing", Count, nil, "operations that are being worked on"}
	Unknown     = &Metric{"Unknown", Count, nil, "operations whose outcome is not known yet"}
	NeedsReview = &Metric{"NeedsReview", Count, nil, "operations that wait for a person's decision"}
	Awaiting    = &Metric{"Awaiting", Count, nil, "refunds to balance that wait for customer or merchant"}
	InReview    = &Metric{"InReview", Count, nil, "fund payments that iyzico's fraud filter looks at"}
)

// The metrics of the day close.
var (
	DaysClosed     = &Metric{"DaysClosed", Count, nil, "days of Istanbul that were held against iyzico's list, and were over"}
	DayDiffers     = &Metric{"DayDiffers", Count, nil, "closed days on which iyzico's books and iade's differ"}
	DayCloseFailed = &Metric{"DayCloseFailed", Count, nil, "closings of a day that did not come to an end"}
)

// All is the table: every metric that is ever written.
func All() []*Metric {
	return []*Metric{
		Outcomes, SettleTime, DuplicatesAnswered, RateLimitWaits, StoreConflicts, StoreErrors, Contradicted, PanelRefunds,
		KeysRefused, CallbacksRefused, NoticesVerified, NoticesRefused, HintsTaken, RefundsRetried, ReturnedAge, LimitUsed, EventsDue, EventsPublished, ReconcilePasses, ReconcileUnfinished, OperationsSettled, ReportsUnreadable, OldestUnknownAge,
		Processing, Unknown, NeedsReview, Awaiting, InReview, DaysClosed, DayDiffers, DayCloseFailed,
	}
}

// summed tells whether values are added up before they are written; durations stand one beside the other.
func (m *Metric) summed() bool { return m.Unit == Count }

// Used takes how much of a limit is used. It is what payment.Service.OnUse takes.
func (r *Recorder) Used(_ context.Context, use payment.LimitUse, refused bool) {
	percent := use.Percent()
	if refused {
		percent = max(percent, 100)
	}
	r.Add(LimitUsed, percent)
}

// Changed counts one saved change of an account. It is what payment.Service.OnChange takes.
func (r *Recorder) Changed(_ context.Context, old, next payment.Account) {
	if r == nil {
		return
	}
	for i := range next.Operations {
		op := &next.Operations[i]
		status, before := op.Status(), payment.StatusProcessing
		if was := old.Operation(op.ID); was != nil {
			before = was.Status()
		}
		if status == before || status == payment.StatusProcessing {
			continue
		}
		r.Count(Outcomes, string(op.Kind), string(status))
		if status != payment.StatusNotSent { // it is no event
			r.Count(EventsDue)
		}
		if before != payment.StatusProcessing && before.Unfinished() && !status.Unfinished() {
			r.Add(SettleTime, int64(op.UpdatedAt.Sub(op.CreatedAt)/time.Second), string(op.Kind))
		}
	}
	for _, alarm := range payment.Alarms(old, next) {
		switch alarm.Kind {
		case payment.AlarmContradicted:
			r.Count(Contradicted)
		case payment.AlarmForeign:
			r.Count(PanelRefunds)
		case payment.AlarmRetried:
			r.Count(RefundsRetried)
		case payment.AlarmNeedsReview: // counted where it stands, by Rounds, and among the outcomes
		}
	}
}
