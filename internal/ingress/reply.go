package ingress

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/iade/iade/internal/payment"
)

// The slugs that ingress adds to the domain's codes.
const (
	codeMethodNotAllowed payment.Code = "method-not-allowed"
	codeUnsupportedMedia payment.Code = "unsupported-media-type"
	codeTooLarge         payment.Code = "content-too-large"
	codeNotImplemented   payment.Code = "not-implemented"
	codeRejectedByIyzico payment.Code = "rejected-by-iyzico"
	codeNotExecuted      payment.Code = "not-executed"
	codeUnknownEvent     payment.Code = "unknown-event"
)

// ProblemType is one kind of problem of the HTTP API.
type ProblemType struct {
	Slug   string // after urn:iade:problem:
	Status int    // the HTTP status
	Title  string
}

// ProblemTypes lists every problem of the HTTP API, by status and slug. The one that only a queue's message meets is not among
// them.
func ProblemTypes() []ProblemType {
	var types []ProblemType
	for code, reply := range codeReplies {
		if code != codeUnknownEvent {
			types = append(types, ProblemType{string(code), reply.status, reply.title})
		}
	}
	slices.SortFunc(types, func(a, b ProblemType) int {
		return cmp.Or(cmp.Compare(a.Status, b.Status), cmp.Compare(a.Slug, b.Slug))
	})
	return types
}

// codeReply is how one code is answered.
type codeReply struct {
	status     int
	title      string
	detail     string        // when the error itself says nothing
	retryAfter time.Duration // when the error itself says nothing; 0 = no Retry-After at all
	known      bool          // only a key that is already known is answered so: Idempotent-Replayed
	queue      Fate          // of a queue's message that is answered so; the zero value parks it
	hidden     time.Duration // with Back: the least that the message stays away
}

// codeReplies is the one table of problems.
var codeReplies = map[payment.Code]codeReply{
	payment.CodeInvalidRequest:    {status: http.StatusBadRequest, title: "The request is invalid"},
	payment.CodeNotFound:          {status: http.StatusNotFound, title: "Not found", detail: "There is nothing here."},
	payment.CodeInProgress:        {status: http.StatusConflict, title: "The same request is in progress", retryAfter: 2 * time.Second, known: true, queue: Back, hidden: 20 * time.Second},
	payment.CodeAmbiguous:         {status: http.StatusConflict, title: "More than one payment"},
	payment.CodeKeyReused:         {status: http.StatusUnprocessableEntity, title: "The idempotency key belongs to another request", known: true},
	payment.CodeExceedsRefundable: {status: http.StatusUnprocessableEntity, title: "More than can be refunded"},
	payment.CodeNotRefundable:     {status: http.StatusUnprocessableEntity, title: "The payment cannot be refunded"},
	payment.CodeNotCancellable:    {status: http.StatusUnprocessableEntity, title: "The payment cannot be cancelled"},
	payment.CodeLineNotFound:      {status: http.StatusUnprocessableEntity, title: "The payment has no such line"},
	payment.CodeCurrencyMismatch:  {status: http.StatusUnprocessableEntity, title: "The payment was made in another currency"},
	payment.CodeAllocationNeeded:  {status: http.StatusUnprocessableEntity, title: "The payment has several lines"},
	payment.CodeTooManyOperations: {status: http.StatusUnprocessableEntity, title: "Too many operations on the payment"},
	payment.CodeOverLimit: {
		status: http.StatusUnprocessableEntity, title: "Over the merchant's own limit", queue: Back, hidden: time.Minute,
	},
	payment.CodeNotResolvable: {status: http.StatusUnprocessableEntity, title: "The operation cannot be resolved like that"},
	payment.CodeRateLimited: {
		status: http.StatusTooManyRequests, title: "Over the rate limit", retryAfter: 30 * time.Second, queue: Back, hidden: 30 * time.Second,
		detail: "Nothing was sent and no money was moved. The same request with the same key asks afresh.",
	},
	payment.CodeUnavailable: {
		status: http.StatusServiceUnavailable, title: "Not available now", retryAfter: 10 * time.Second, queue: Back, hidden: 15 * time.Second,
		detail: "Nothing was sent and no money was moved. The same request with the same key asks afresh.",
	},
	payment.CodeInternal: {
		status: http.StatusInternalServerError, title: "Internal error", queue: Back, hidden: time.Minute,
		detail: "Something is wrong on this side. The same request with the same key finds out what became of it.",
	},

	codeMethodNotAllowed: {status: http.StatusMethodNotAllowed, title: "The method is not allowed here", detail: "Allow names the methods that are."},
	codeUnsupportedMedia: {status: http.StatusUnsupportedMediaType, title: "Not JSON", detail: "Content-Type must be application/json, in UTF-8."},
	codeTooLarge:         {status: http.StatusRequestEntityTooLarge, title: "The body is too large", detail: "A body may have 65536 bytes."},
	codeNotImplemented:   {status: http.StatusNotImplemented, title: "Not available in this version", detail: "Nothing was stored and nothing was sent."},
	codeRejectedByIyzico: {status: http.StatusUnprocessableEntity, title: "iyzico refused", detail: "iyzico refused the request and no money moved. iyzico says why; if the money is still to move, ask with a new key once that is put right."},
	codeNotExecuted:      {status: http.StatusUnprocessableEntity, title: "The operation was not executed", detail: "It is proved that no money moved. If the money is still to move, ask with a new key."},

	codeUnknownEvent: {status: http.StatusBadRequest, title: "Not an event that is taken here", detail: "The queue takes commands and the EventBridge events that carry them."},
}

// statusReply is how an operation of one status is answered to the caller who asked for it.
type statusReply struct {
	sent       int                               // HTTP status when this call sent it
	replayed   int                               // HTTP status when this call sent nothing
	retryAfter time.Duration                     // with 202
	problem    func(payment.Result) payment.Code // in place of the two statuses: the operation failed
	queue      Fate                              // of the queue's message that asked for it
}

// statusReplies is the one table of operations' answers.
var statusReplies = map[payment.Status]statusReply{
	payment.StatusSucceeded:          {sent: http.StatusCreated, replayed: http.StatusOK, queue: Acknowledge},
	payment.StatusPartiallySucceeded: {sent: http.StatusMultiStatus, replayed: http.StatusMultiStatus, queue: Acknowledge},
	payment.StatusAwaitingCustomer:   {sent: http.StatusCreated, replayed: http.StatusOK, queue: Acknowledge},
	payment.StatusAwaitingMerchant:   {sent: http.StatusCreated, replayed: http.StatusOK, queue: Acknowledge},
	payment.StatusProcessing:         {sent: http.StatusAccepted, replayed: http.StatusAccepted, retryAfter: 2 * time.Second, queue: Back},
	payment.StatusUnknown:            {sent: http.StatusAccepted, replayed: http.StatusAccepted, retryAfter: 30 * time.Second, queue: Acknowledge},
	payment.StatusNeedsReview:        {sent: http.StatusAccepted, replayed: http.StatusAccepted, retryAfter: 60 * time.Second, queue: Acknowledge},
	payment.StatusInReview:           {sent: http.StatusAccepted, replayed: http.StatusAccepted, retryAfter: 60 * time.Second, queue: Acknowledge},
	payment.StatusRejected:           {problem: rejectedCode, queue: Acknowledge},
	payment.StatusNotExecuted:        {problem: func(payment.Result) payment.Code { return codeNotExecuted }, queue: Acknowledge},
	payment.StatusExpired:            {problem: func(payment.Result) payment.Code { return codeNotExecuted }, queue: Acknowledge},
	payment.StatusNotSent:            {problem: notSentCode, queue: Back},
}

// rejectedCode tells iyzico's refusal from a rule's: the second has no legs and the rule's slug as its error.
func rejectedCode(r payment.Result) payment.Code {
	if e := r.Resource.Error; len(r.Resource.Legs) == 0 && e != nil {
		code := payment.Code(e.Code)
		if reply, ok := codeReplies[code]; ok && reply.status == http.StatusUnprocessableEntity {
			return code
		}
	}
	return codeRejectedByIyzico
}

func notSentCode(r payment.Result) payment.Code {
	switch {
	case r.Failure == nil:
	case r.Failure.Reason == payment.ReasonRateLimited:
		return payment.CodeRateLimited
	case r.Failure.Reason == payment.ReasonSessionRefused:
		return codeRejectedByIyzico // nothing was sent, and asking again would bring the same: the session is at fault
	}
	return payment.CodeUnavailable
}

// resultResponse answers a command that the service carried out, or tried to. It fails for a status without a row.
func resultResponse(r payment.Result) (Response, error) {
	reply, ok := statusReplies[r.Resource.Status]
	if !ok {
		return Response{}, fmt.Errorf("answer operation %s: no reply for status %q", r.Resource.ID, r.Resource.Status)
	}
	var response Response
	if reply.problem != nil {
		response = refusedResponse(r, reply.problem(r))
	} else {
		status := reply.replayed
		if r.Sent {
			status = reply.sent
		}
		response = jsonResponse(status, r.Resource)
		if status != http.StatusOK {
			response.Header.Set("Location", resourcePath(r.Resource))
		}
		if status == http.StatusAccepted {
			setRetryAfter(response, r.RetryAfter, reply.retryAfter)
		}
	}
	if r.Known && !r.Sent {
		setReplayed(response)
	}
	return response, nil
}

// refusedResponse answers an operation that moved nothing with a problem that carries it.
func refusedResponse(r payment.Result, code payment.Code) Response {
	problem := newProblem(code, "")
	problem.Operation = &r.Resource
	switch code {
	case codeRejectedByIyzico:
		problem.Iyzico = iyzicoRefusal(r)
	case payment.CodeRateLimited, payment.CodeUnavailable:
	case codeNotExecuted:
		problem.Detail = capital(r.Resource.Status.Advice()) + "."
	default:
		problem.Detail = r.Resource.Error.Message
	}
	response := problem.response()
	setRetryAfter(response, r.RetryAfter, codeReplies[code].retryAfter)
	return response
}

func iyzicoRefusal(r payment.Result) *IyzicoRefusal {
	if f := r.Failure; f != nil {
		code := f.Code
		if code == "" {
			code = f.Reason // a fund payment may be declined without an errorCode
		}
		return &IyzicoRefusal{code, f.Message, f.Group, f.Retryable}
	}
	if e := r.Resource.Error; e != nil {
		return &IyzicoRefusal{ErrorCode: e.Code, ErrorMessage: e.Message}
	}
	return nil
}

// errorResponse answers an error of the service. cause is what the operator should see of it and the caller does not;
// nil if the answer says it all.
func errorResponse(err error) (response Response, cause error) {
	var e *payment.Error
	if !errors.As(err, &e) {
		return newProblem(payment.CodeInternal, "").response(), err
	}
	reply, ok := codeReplies[e.Code]
	if !ok || e.Code == payment.CodeInternal {
		return newProblem(payment.CodeInternal, "").response(), err
	}
	problem := newProblem(e.Code, e.Message)
	if e.Field != "" {
		problem.Errors = []Fault{{e.Field, e.Message}}
	}
	problem.Operation, problem.OperationID, problem.Lines, problem.PaymentIDs = e.Operation, e.OperationID, e.Lines, e.PaymentIDs
	if e.Refundable != nil {
		problem.Refundable = e.Refundable.String()
	}
	response = problem.response()
	setRetryAfter(response, e.RetryAfter, reply.retryAfter)
	if reply.known {
		setReplayed(response)
	}
	return response, e.Cause
}

// capital writes a sentence's first letter large.
func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func setReplayed(r Response) { r.Header.Set("Idempotent-Replayed", "true") }

// setRetryAfter writes whole seconds, rounded up and at least 1. A reply whose table row knows no Retry-After gets none.
func setRetryAfter(r Response, said, usual time.Duration) {
	if usual == 0 {
		return
	}
	if said <= 0 {
		said = usual
	}
	r.Header.Set("Retry-After", strconv.FormatInt(int64(math.Ceil(said.Seconds())), 10))
}

// resourcePath is where an operation can be read, as a path.
func resourcePath(r payment.Resource) string { return r.Kind.Path() + r.ID }
