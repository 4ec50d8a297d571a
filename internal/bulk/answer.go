package bulk

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/iade/iade/internal/words"
)

// Answer is the API's answer to one request.
type Answer struct {
	Status     int
	RetryAfter time.Duration // 0 = not said
	Replayed   bool          // Idempotent-Replayed: the key was known, and this call sent nothing
	Body       []byte
}

// ErrNotReached says that a request never left this machine: nothing can have come of it.
var ErrNotReached = errors.New("nothing answers at the API's address")

// step is what an answer makes of a line.
type step int

const (
	stepEnd     step = iota // its outcome is known as far as this run can
	stepAgain               // it is being worked on: ask again after a while
	stepRefused             // iade takes nothing now: ask again after a while
	stepSettle              // unknown: look again at the end
	stepStop                // no line can be asked for
)

// verdict is what to do with a line.
type verdict struct {
	step    step
	outcome Outcome
	after   time.Duration // with stepAgain and stepRefused; 0 = not said
	limit   bool          // with stepRefused: the limit of calls, which says nothing against the line
	sure    bool          // the answer says what became of the line, also where an earlier answer was lost
	sent    Sent          // what the answer says of this call; empty = nothing
	err     error         // with stepStop
}

// problem is what is read of an answer, be it a resource, a problem (RFC 9457) or neither.
type problem struct {
	ID                string `json:"id"`
	Status            any    `json:"status"` // an operation's, or a problem's number
	Amount            string `json:"amount"`
	RefundedAmount    string `json:"refundedAmount"`
	Currency          string `json:"currency"`
	CustomerReference string `json:"customerReference"`
	Proof             *proof `json:"iyzico"`
	Legs              []struct {
		Proof *proof `json:"iyzico"`
	} `json:"legs"`

	Type      string `json:"type"`
	Detail    string `json:"detail"`
	Operation *struct {
		ID     string `json:"id"`
		Status string `json:"status"`
	} `json:"operation"`
}

// proof is a resource's or a leg's member iyzico, or a problem's.
type proof struct {
	HostReference       string `json:"hostReference"`
	RefundHostReference string `json:"refundHostReference"`

	ErrorCode    string `json:"errorCode"`
	ErrorMessage string `json:"errorMessage"`
}

// bankReference is what a customer tells the bank to find the money: the resource's own word for it, else the bank's
// references of the refund, one for each leg.
func (p problem) bankReference() string {
	if p.CustomerReference != "" {
		return p.CustomerReference
	}
	all := []*proof{p.Proof}
	for _, leg := range p.Legs {
		all = append(all, leg.Proof)
	}
	var found []string
	for _, one := range all {
		if one == nil {
			continue
		}
		if r := cmp.Or(one.RefundHostReference, one.HostReference); r != "" && !slices.Contains(found, r) {
			found = append(found, r)
		}
	}
	return strings.Join(found, " ")
}

// asked judges the answer to a line's POST /refunds. Only a body of iade's own proves that nothing moved: a gateway or a
// proxy that answers in its place does not know what became of the request behind it.
func asked(l *Line, a Answer, err error) verdict {
	switch {
	case errors.Is(err, ErrNotReached):
		return verdict{step: stepRefused, sent: SentNo, outcome: Outcome{Status: StatusNotSent, Error: ErrNotReached.Error()}}
	case err != nil:
		return verdict{step: stepRefused, sent: SentPerhaps, outcome: Outcome{Status: StatusUnknown, Error: "no answer from the API"}}
	}
	p := read(a)
	slug := words.Slug(p.Type)
	ours := slug != ""
	switch {
	case a.Status == http.StatusOK || a.Status == http.StatusCreated || a.Status == http.StatusAccepted || a.Status == http.StatusMultiStatus:
		return resource(l, a, p)
	case a.Status == http.StatusConflict && ours:
		return verdict{step: stepAgain, after: a.RetryAfter, sent: SentPerhaps, outcome: Outcome{Status: StatusUnknown, Error: slug}}
	case a.Status == http.StatusTooManyRequests && ours:
		// iade looks a key up before it counts: over its limit, it does not know the key, or nothing was sent under it.
		return verdict{step: stepRefused, after: a.RetryAfter, limit: true, sent: SentNo, sure: true, outcome: Outcome{Status: StatusNotSent, Error: slug}}
	case a.Status == http.StatusTooManyRequests: // of a gateway or a proxy, which does not know what is behind it
		return verdict{step: stepRefused, after: a.RetryAfter, limit: true, sent: SentPerhaps, outcome: Outcome{Status: StatusUnknown, Error: "the API answered 429"}}
	case a.Status == http.StatusServiceUnavailable && ours:
		return verdict{step: stepRefused, after: a.RetryAfter, sent: SentNo, outcome: Outcome{Status: StatusNotSent, Error: slug}}
	case a.Status >= http.StatusInternalServerError && slug != "not-implemented":
		return verdict{step: stepRefused, after: a.RetryAfter, sent: SentPerhaps, outcome: Outcome{Status: StatusUnknown, Error: fmt.Sprintf("the API answered %d", a.Status)}}
	case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden:
		return verdict{step: stepStop, err: fmt.Errorf("the API does not let us in (%d): renew the credentials and run again", a.Status)}
	case !ours:
		return stranger(a)
	}
	return refused(l, a, slug, p)
}

// looked judges the answer to GET /refunds/{id}.
func looked(l *Line, a Answer, err error) verdict {
	switch {
	case err != nil || a.Status >= http.StatusInternalServerError || a.Status == http.StatusTooManyRequests:
		return verdict{step: stepRefused, after: a.RetryAfter, limit: true, outcome: Outcome{Status: StatusUnknown, Error: "could not be looked up"}}
	case a.Status == http.StatusOK:
		v := resource(l, a, read(a))
		v.sent = "" // looking sends nothing, and says nothing of what asking did
		if v.step == stepSettle {
			v.step = stepAgain
		}
		return v
	case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden:
		return verdict{step: stepStop, err: fmt.Errorf("the API does not let us look (%d): renew the credentials and run again", a.Status)}
	}
	return verdict{step: stepEnd, outcome: Outcome{Status: StatusUnknown, Error: fmt.Sprintf("could not be looked up: %d", a.Status)}}
}

// resource judges an operation as it stands. One that is not the line's own proves that somebody else answers.
func resource(l *Line, a Answer, p problem) verdict {
	status, _ := p.Status.(string)
	if p.ID != l.OperationID {
		return stranger(a)
	}
	o := Outcome{Status: status, Amount: p.Amount, Currency: p.Currency, BankReference: p.bankReference()}
	sent := SentNow
	if a.Replayed {
		sent = SentBefore
	}
	switch status {
	case statusSucceeded:
	case statusPartially:
		o.Error = fmt.Sprintf("%s of %s was refunded", p.RefundedAmount, p.Amount)
	case statusProcessing:
		return verdict{step: stepAgain, outcome: o, after: a.RetryAfter, sure: true, sent: sent}
	case StatusUnknown:
		return verdict{step: stepSettle, outcome: o, after: a.RetryAfter, sure: true, sent: sent}
	}
	return verdict{step: stepEnd, outcome: o, sure: true, sent: sent}
}

// refused is the outcome of a problem that asking again would not change.
func refused(l *Line, a Answer, slug string, p problem) verdict {
	const keyReused = "idempotency-key-reused"
	o := Outcome{Status: StatusRefused, Error: slug, KeyUsed: slug == keyReused}
	sent := SentNo
	if p.Operation != nil && p.Operation.ID == l.OperationID && slug != keyReused {
		o.Status = p.Operation.Status
		if sent = SentNow; a.Replayed {
			sent = SentBefore
		}
	}
	if p.Detail != "" {
		o.Error += ": " + p.Detail
	}
	if p.Proof != nil && p.Proof.ErrorCode != "" {
		o.Error += strings.TrimRight(fmt.Sprintf(" (iyzico %s %s", p.Proof.ErrorCode, p.Proof.ErrorMessage), " ") + ")"
	}
	return verdict{step: stepEnd, outcome: o, sure: true, sent: sent}
}

// stranger stops the run: what answers is not iade's API, and nothing that it says counts.
func stranger(a Answer) verdict {
	return verdict{step: stepStop, err: fmt.Errorf("what answers (%d) is not iade's API: check the address", a.Status)}
}

// read takes what can be read; a body of another kind leaves everything empty.
func read(a Answer) problem {
	var p problem
	var wrongType *json.UnmarshalTypeError
	if err := json.Unmarshal(a.Body, &p); err != nil && !errors.As(err, &wrongType) {
		return problem{}
	}
	return p
}
