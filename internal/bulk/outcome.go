package bulk

// Outcome is what became of one line.
type Outcome struct {
	Status string
	// Error says why, for people; empty where the status says it all.
	Error string
	// Amount, Currency and BankReference are the operation's, empty where the API did not show it. The bank reference is
	// what the customer tells the bank.
	Amount, Currency, BankReference string
	// KeyUsed tells that the line's key already belongs to another request, whose money may have moved.
	KeyUsed bool
	// Sent tells whether this run made iade send something for the line.
	Sent Sent
}

// Sent tells what one run did about a line.
type Sent string

// What a run did. A line that was not asked for has none.
const (
	SentNow     Sent = "now"     // iade took the line in this run
	SentBefore  Sent = "before"  // iade knew the line from an earlier run: this run sent nothing
	SentNo      Sent = "no"      // iade did not take it
	SentPerhaps Sent = "perhaps" // an answer was lost on the way
)

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

// ToDo says in one sentence what a person does about the line now. None of them asks for the same money a second time.
func (o Outcome) ToDo() string {
	if o.KeyUsed {
		return "this line's key was used for another refund: look that one up first; a key of its own makes this a refund in addition to it"
	}
	switch o.Status {
	case statusSucceeded:
		return "nothing: the money is on its way back"
	case StatusNotAsked, StatusNotSent, StatusUnknown, statusProcessing:
		return "run the same file again"
	case StatusRefused:
		return "no money moved: correct the line, or leave it out"
	case statusRejected, statusNotExecuted:
		return "no money moved: to ask again, give the line a key of its own"
	case statusPartially:
		return "a part is back: look the operation up, refund the rest with a line of its own"
	case statusNeedsReview:
		return "a person decides: look at iyzico's panel, then POST /operations/{id}/resolution"
	}
	return "look the operation up: GET /refunds/{id}"
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
