package bulk

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Answer is the API's answer to one request.
type Answer struct {
	Status     int
	RetryAfter time.Duration // 0 = not said
	Body       []byte
}

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
	err     error         // with stepStop
}

// problem is what is read of an answer, be it a resource, a problem (RFC 9457) or neither.
type problem struct {
	ID             string `json:"id"`
	Status         any    `json:"status"` // an operation's, or a problem's number
	Amount         string `json:"amount"`
	RefundedAmount string `json:"refundedAmount"`

	Type      string `json:"type"`
	Detail    string `json:"detail"`
	Operation *struct {
		ID     string `json:"id"`
		Status string `json:"status"`
	} `json:"operation"`
	Iyzico *struct {
		ErrorCode    string `json:"errorCode"`
		ErrorMessage string `json:"errorMessage"`
	} `json:"iyzico"`
}

const problemPrefix = "urn:iade:problem:"

// asked judges the answer to a line's POST /refunds (contract §3).
func asked(l *Line, a Answer, err error) verdict {
	if err != nil {
		return verdict{step: stepRefused, outcome: Outcome{StatusUnknown, "no answer from the API"}}
	}
	p := read(a)
	slug, ours := strings.CutPrefix(p.Type, problemPrefix)
	switch {
	case a.Status == http.StatusOK || a.Status == http.StatusCreated || a.Status == http.StatusAccepted:
		return resource(l, a, p)
	case a.Status == http.StatusConflict && ours:
		return verdict{step: stepAgain, after: a.RetryAfter, outcome: Outcome{StatusUnknown, slug}}
	case a.Status == http.StatusTooManyRequests:
		return verdict{step: stepRefused, after: a.RetryAfter, limit: true, outcome: Outcome{StatusNotSent, "rate-limited"}}
	case a.Status == http.StatusServiceUnavailable:
		return verdict{step: stepRefused, after: a.RetryAfter, outcome: Outcome{StatusNotSent, cmp.Or(slug, "unavailable")}}
	case a.Status >= http.StatusInternalServerError && slug != "not-implemented":
		return verdict{step: stepRefused, after: a.RetryAfter, outcome: Outcome{StatusUnknown, fmt.Sprintf("the API answered %d", a.Status)}}
	case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden:
		return verdict{step: stepStop, err: fmt.Errorf("the API does not let us in (%d): renew the credentials and run again", a.Status)}
	case !ours:
		return stranger(a)
	}
	return verdict{step: stepEnd, outcome: refused(l, slug, p)}
}

// looked judges the answer to GET /refunds/{id}.
func looked(l *Line, a Answer, err error) verdict {
	switch {
	case err != nil || a.Status >= http.StatusInternalServerError || a.Status == http.StatusTooManyRequests:
		return verdict{step: stepRefused, after: a.RetryAfter, limit: true, outcome: Outcome{StatusUnknown, "could not be looked up"}}
	case a.Status == http.StatusOK:
		v := resource(l, a, read(a))
		if v.step == stepSettle {
			v.step = stepAgain
		}
		return v
	case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden:
		return verdict{step: stepStop, err: fmt.Errorf("the API does not let us look (%d): renew the credentials and run again", a.Status)}
	}
	return verdict{step: stepEnd, outcome: Outcome{StatusUnknown, fmt.Sprintf("could not be looked up: %d", a.Status)}}
}

// resource judges an operation as it stands. One that is not the line's own proves that somebody else answers.
func resource(l *Line, a Answer, p problem) verdict {
	status, _ := p.Status.(string)
	if p.ID != l.OperationID {
		return stranger(a)
	}
	o := Outcome{Status: status}
	switch status {
	case statusSucceeded:
	case statusPartially:
		o.Error = fmt.Sprintf("%s of %s was refunded", p.RefundedAmount, p.Amount)
	case statusProcessing:
		return verdict{step: stepAgain, outcome: o, after: a.RetryAfter}
	case StatusUnknown:
		return verdict{step: stepSettle, outcome: o, after: a.RetryAfter}
	case statusNeedsReview:
		o.Error = "a person has to decide: POST /operations/{id}/resolution"
	case statusNotExecuted:
		o.Error = "no money moved; to ask again, give the line a key of its own"
	}
	return verdict{step: stepEnd, outcome: o}
}

// refused is the outcome of a problem that asking again would not change.
func refused(l *Line, slug string, p problem) Outcome {
	o := Outcome{StatusRefused, slug}
	if p.Operation != nil && p.Operation.ID == l.OperationID && slug != "idempotency-key-reused" {
		o.Status = p.Operation.Status
	}
	if p.Detail != "" {
		o.Error += ": " + p.Detail
	}
	if p.Iyzico != nil {
		o.Error += strings.TrimRight(fmt.Sprintf(" (iyzico %s %s", p.Iyzico.ErrorCode, p.Iyzico.ErrorMessage), " ") + ")"
	}
	if o.Status == statusRejected || o.Status == statusNotExecuted {
		o.Error += "; to ask again, give the line a key of its own"
	}
	return o
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
