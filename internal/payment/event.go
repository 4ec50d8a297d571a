package payment

import (
	"time"

	"github.com/iade/iade/internal/money"
)

// Event is something that may change an account. Decide takes exactly these.
type Event interface{ event() }

// Requested is a caller's command. The same command with the same key may come any number of times.
type Requested struct {
	Command Command
	Until   time.Time // the end of the handler's time: nothing is marked with less than MinSendTime left before it
	Record  Recording // whether a refusal by a rule is kept as a rejected operation
	Report  *Report   // filled by Apply after ErrReadFirst
}

// Recording says which refusals by a rule are kept as a rejected operation, which binds the key. The zero value keeps none.
type Recording int

// The recordings. A queue's command is recorded, because nobody waits for its answer.
const (
	RecordNone    Recording = iota
	RecordSettled           // all but those that only an operation with an open end causes: the command comes back
	RecordAll               // all of them: the command has come back for long enough
)

// Answered is what one Send brought. It carries its Call, whose transient fields the next leg needs and nothing stores.
type Answered struct {
	Call       Call
	Verdict    Verdict
	Proof      Proof
	Failure    *Failure
	RetryAfter time.Duration // with VerdictNotSent, when to ask again
	Opened     *Opened       // with VerdictOpened; without it that verdict is a lost answer
	Made       *MadePayment  // fund payment, with VerdictSucceeded and VerdictInReview: the payment that iyzico made
}

// Observed is one successful read of iyzico's report.
type Observed struct {
	Report Report
}

// Due says that time has passed. Unreadable tells that the report was asked for and gave nothing usable.
type Due struct {
	Unreadable bool
}

// Resolved is an operator's decision.
type Resolved struct {
	OperationID string
	Decision    Decision
	Reason      string
	By          string
	Until       time.Time // the end of the handler's time
	Report      *Report   // filled by Apply after ErrReadFirst
}

func (Requested) event() {}
func (Answered) event()  {}
func (Observed) event()  {}
func (Due) event()       {}
func (Resolved) event()  {}

// Verdict is what is known about one money request. The zero value is the safe one.
type Verdict int

// The verdicts.
const (
	VerdictUnknown   Verdict = iota // money may or may not have moved
	VerdictNotSent                  // proved: iyzico did not get it, or refused it before looking at it
	VerdictRejected                 // a well-formed refusal that is listed as moving no money
	VerdictSucceeded                // iyzico did it and said so verifiably
	VerdictOpened                   // balance refund: the customer's page is open
	VerdictInReview                 // fund payment: iyzico's fraud filter is looking
)

// Call is one money request to make: it is already marked `sending` in the account that Decide returned with it, so it
// is sent once, after that account is saved, and never again (I1, I2).
type Call struct {
	Account        AccountID
	OperationID    string
	Leg            int // index in Operation.Legs
	Attempt        int
	ConversationID string

	API       API
	PaymentID string
	LineID    string
	Amount    money.Amount
	Deadline  time.Time // no byte leaves after it

	Command Command   // the transient members (ip, locale, description) come from here
	Until   time.Time // the handler's end, for the next leg

	MarkedAt time.Time     // when its attempt was marked
	Slowest  time.Duration // of the legs that this request sent before, from mark to answer
}
