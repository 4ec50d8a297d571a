package payment

import (
	"fmt"
	"time"

	"github.com/iade/iade/internal/money"
)

// Operation is one requested money movement. It keeps nothing that identifies a person (I9): no ip, no description.
type Operation struct {
	ID          string
	Kind        Kind
	Key         string // the caller's idempotency key
	Fingerprint string

	Amount      money.Amount // what was asked for; for `full`, what was refundable at acceptance
	LineID      string       // the line that the caller named
	Destination Destination
	Allocation  Allocation
	ChargedTo   ChargedTo
	Reason      string
	Reference   string
	ReturnURL   string

	Page CustomerPage // of a balance refund

	Legs     []Leg
	Attempts int  // attempts over all legs; attempt n sends conversationId <ID>-<n>
	Restored bool // rebuilt from iyzico's report after the table was restored: every attempt number counts as ours

	Fund *Fund // of a fund payment alone

	Refusal    *Refusal    // refused by a rule on the queue: rejected without legs
	Resolution *Resolution // a person's decision

	AcceptedIn int64 // the account's version that first held it in its present form
	CreatedAt  time.Time
	UpdatedAt  time.Time
	SettledAt  time.Time   // when it became definite; zero before
	DeadlineAt time.Time   // until then the same request goes on with unsent legs
	FollowUps  []time.Time // when reconcile looks again after a definite "no", earliest first
	Alarmed    bool        // evidence contradicts a final outcome (I5)
}

// Leg is one part of an operation, made by one iyzico call. One leg is the ordinary case.
type Leg struct {
	API    API
	LineID string // empty while iyzico has not said which line (v2), and for what moves the whole payment
	Amount money.Amount
	State  State

	Attempt int       // the current attempt's number, 0 before the first
	SendBy  time.Time // the attempt's deadline: no byte of it leaves after that
	DueAt   time.Time // when reconcile looks next, in the states that wait for iyzico

	Absences int       // counting reads that agreed on absence
	AbsentAt time.Time // the last of them, by our clock
	// AbsentSystem is iyzico's clock at the last of them.
	AbsentSystem time.Time
	ReviewSince  time.Time // when it entered needs_review
	FromFinal    bool      // needs_review entered from a definite state: only a person ends it
	Seen         bool      // iyzico holds it as done although we held it as not done: counts as refunded
	Parts        []Part    // v2: the lines that iyzico chose, once its report shows them
	ClaimedTx    []string  // foreign entries that a resolution explained

	Proof   Proof
	Failure *Failure

	// CountedOn is the day on which the amount was counted in the merchant's own limits; empty = it was not.
	CountedOn Day
}

// Part is what a v2 refund took from one line.
type Part struct {
	LineID string
	Amount money.Amount
}

// Proof is what iyzico gave as evidence that a leg moved money. Empty fields were not given.
type Proof struct {
	AuthCode            string
	HostReference       string
	RefundHostReference string
	CancelHostReference string
	RefundTxID          string
	SignatureVerified   bool
}

// Failure is why an attempt did not succeed, or is not known to have.
type Failure struct {
	Reason    string // iade's word: "timeout", "rate-limited", …
	Code      string // iyzico's errorCode, empty if it gave none
	Message   string // iyzico's errorMessage, bounded
	Group     string
	Retryable *bool
}

// Refusal is a rule of ours that refused a command on the queue.
type Refusal struct {
	Code    Code
	Message string
}

// Resolution is a person's recorded decision.
type Resolution struct {
	Decision Decision
	Reason   string
	By       string // an opaque id, never a name
	At       time.Time
}

// Decision is what an operator may say about an operation that iade cannot settle.
type Decision string

// The decisions. DecideNotExecuted on a balance refund is recorded as expired.
const (
	DecideSucceeded   Decision = "succeeded"
	DecideNotExecuted Decision = "not_executed"
)

// ConversationID is what the n-th attempt sends as iyzico's conversationId: a fresh one each, so that the report tells
// attempts apart (docs/iyzico.md §5.5).
func ConversationID(operationID string, attempt int) string {
	return fmt.Sprintf("%s-%d", operationID, attempt)
}

// Status is the operation's one status, the first that applies: a leg reserved or sending → processing; unknown;
// needs_review; all standing ones succeeded → succeeded; some → partially_succeeded; else that of the first of them.
func (o *Operation) Status() Status {
	if o.Refusal != nil || len(o.Legs) == 0 {
		return StatusRejected
	}
	if o.hasLeg(StateReserved) || o.hasLeg(StateSending) {
		return StatusProcessing
	}
	if o.hasLeg(StateUnknown) {
		return StatusUnknown
	}
	if o.hasLeg(StateNeedsReview) {
		return StatusNeedsReview
	}
	legs := o.standing()
	switch succeeded := countState(legs, StateSucceeded); {
	case succeeded == len(legs):
		return StatusSucceeded
	case succeeded > 0:
		return StatusPartiallySucceeded
	}
	return legs[0].State.Status()
}

// RefundedAmount is what the operation's legs have moved so far. A cancel takes the whole payment, so nothing beside it adds to
// that.
func (o *Operation) RefundedAmount() money.Amount {
	if o.cancelsFirst() && o.Legs[0].moved() {
		return o.Legs[0].Amount
	}
	sum := money.Zero(o.Amount.Currency())
	for i := range o.Legs {
		if o.Legs[i].moved() {
			sum = sum.Add(o.Legs[i].Amount)
		}
	}
	return sum
}

// moved tells whether the leg's amount counts as refunded.
func (l *Leg) moved() bool { return l.State == StateSucceeded || l.Seen }

// chargedTo is whom the leg's call charges, empty where iyzico decides.
func (l *Leg) chargedTo() ChargedTo {
	if l.API == APIRefundChargedToMerchant {
		return ChargedToMerchant
	}
	return ""
}

func (o *Operation) hasLeg(state State) bool { return o.count(state) > 0 }

func (o *Operation) count(state State) int { return countState(o.Legs, state) }

func countState(legs []Leg, state State) int {
	n := 0
	for i := range legs {
		if legs[i].State == state {
			n++
		}
	}
	return n
}
