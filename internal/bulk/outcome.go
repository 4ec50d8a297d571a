package bulk

// Outcome is what became of one line.
type Outcome struct {
	Status string
	// Error says why, for people; empty where the status says it all.
	Error string
}

// The statuses that are not an operation's own.
const (
	// StatusNotAsked: this run ended before it asked. An earlier run may have.
	StatusNotAsked = "not_asked"
	// StatusNotSent: iade could not take it (limit, iyzico away). No money moved; the next run asks again.
	StatusNotSent = "not_sent"
	// StatusRefused: a rule or the form forbids it, before anything was sent. No money moved.
	StatusRefused = "refused"
	// StatusUnknown: money may have moved. iade settles it; the next run tells.
	StatusUnknown = "unknown"

	statusSucceeded   = "succeeded"
	statusPartially   = "partially_succeeded"
	statusProcessing  = "processing"
	statusRejected    = "rejected"
	statusNotExecuted = "not_executed"
	statusNeedsReview = "needs_review"
)

// Done tells whether the line's money is back.
func (o Outcome) Done() bool { return o.Status == statusSucceeded }

// Again tells whether running the same file again may bring the line further.
func (o Outcome) Again() bool {
	switch o.Status {
	case StatusNotAsked, StatusNotSent, StatusUnknown, statusProcessing:
		return true
	}
	return false
}

// Tally counts lines while a run goes on.
type Tally struct {
	Total   int
	Done    int // succeeded, in this run or an earlier one
	Failed  int // ended otherwise
	Unknown int // to be looked at again at the end
	// Settling tells that every line was asked for, and what is unknown is being waited for.
	Settling bool
}

// Left is how many lines were not answered for good, nor left for the end.
func (t Tally) Left() int { return t.Total - t.Done - t.Failed - t.Unknown }
