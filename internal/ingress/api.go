package ingress

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/iade/iade/internal/payment"
)

// DefaultHandlerTime is how long after its start a handler may still begin something: the gateway cuts at 30 s and a
// function ends at 29 s.
const DefaultHandlerTime = 27 * time.Second

// API answers requests with a Service. It is an http.Handler; APIGateway, Bare and Operate are its other entry points.
// It is safe for concurrent use once its fields are set.
type API struct {
	Service       Service
	Journal       Journal       // nil = none is kept: only what is unfinished is listed
	Days          Days          // nil = none are closed here
	Pages         Pages         // nil = refunds to balance are not set up
	Notices       Notices       // nil = iyzico's notices are not read here
	ReturnOrigins []string      // where a customer's browser may be sent on to (RETURN_URL_ORIGINS)
	Log           *slog.Logger  // gets what callers must not see; nil = slog.Default()
	HandlerTime   time.Duration // 0 = DefaultHandlerTime
	NewMoneyOff   bool          // NEW_MONEY=off, for GET /limits: the rules see to it themselves
	Queue         Queue         // for Batch
	Schedule      Schedule      // for Message and Batch; nil = commands over the limit come back in the next minute

	// Returned hears of each message that goes back to its queue how long ago it was sent; nil = nobody does.
	Returned func(age time.Duration)

	// LoopbackCallbacks takes a fund payment's callbackUrl by http on a loopback address: only where iyzico is on one, too.
	LoopbackCallbacks bool
}

// Handle answers one request. It never fails and never panics: what goes wrong on this side is logged once and answered
// with 500 and one fixed sentence.
func (a *API) Handle(ctx context.Context, req Request) Response {
	ctx = payment.WithActor(withCall(ctx, req.ID), req.Actor)
	match, args, allowed := findRoute(req.Method, req.Path)
	switch {
	case match != nil:
		return a.guard(ctx, req, match.Name, func() Response { return match.serve(a, ctx, req, args) })
	case len(allowed) > 0:
		response := newProblem(codeMethodNotAllowed, "").response()
		response.Header.Set("Allow", strings.Join(allowed, ", "))
		return response
	}
	return newProblem(payment.CodeNotFound, "There is no such route.").response()
}

// guard turns a panic into an answer: one broken request must not end the process that holds others.
func (a *API) guard(ctx context.Context, req Request, name string, serve func() Response) (response Response) {
	defer func() {
		if v := recover(); v != nil {
			a.logger().ErrorContext(ctx, "a handler panicked", "requestId", req.ID, "route", name,
				"panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			response = newProblem(payment.CodeInternal, "").response()
		}
	}()
	return serve()
}

// refuse answers an error of the service and logs the cause that the answer hides.
func (a *API) refuse(ctx context.Context, req Request, err error) Response {
	response, cause := errorResponse(err)
	switch {
	case cause == nil:
	case response.Status == http.StatusInternalServerError:
		a.logger().ErrorContext(ctx, "a request failed", "requestId", req.ID, "error", payment.WithCause(err).Error())
	default:
		a.logger().WarnContext(ctx, "a request was refused", "requestId", req.ID, "code", string(payment.CodeOf(err)), "error", cause.Error())
	}
	return response
}

func (a *API) logger() *slog.Logger {
	if a.Log == nil {
		return slog.Default()
	}
	return a.Log
}

// until is the end of a handler's time that starts now.
func (a *API) until() time.Time {
	handlerTime := a.HandlerTime
	if handlerTime == 0 {
		handlerTime = DefaultHandlerTime
	}
	return time.Now().Round(0).Add(handlerTime)
}

// maxDrainBytes is how much of a body that is too large is read and thrown away: a client that is still writing when
// the connection closes would see a broken pipe instead of the 413.
const maxDrainBytes = 16 << 20

// ServeHTTP makes the API an http.Handler. It reads MaxBodyBytes of the body at most and one byte more, to see whether
// there is one.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req := Request{
		ID: rand.Text(), Method: r.Method, Path: r.URL.EscapedPath(), RawQuery: r.URL.RawQuery, Header: r.Header, Until: a.until(),
	}
	if payment.ActorOf(r.Context()) == "" {
		req.Actor = payment.ActorLocal
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxBodyBytes+1))
	switch {
	case err != nil:
		req.Unreadable = true
	case len(body) > MaxBodyBytes:
		req.TooLarge = true
		// What a body that is refused anyway still held, and whether it ended well, changes nothing.
		_, _ = io.CopyN(io.Discard, r.Body, maxDrainBytes)
	default:
		req.Body = body
	}
	response := a.Handle(r.Context(), req)
	for name, values := range response.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(response.Status)
	// The caller may be gone; the same request with the same key tells it what became of it.
	_, _ = w.Write(response.Body)
}

// Trace says which call a log line belongs to. It holds ids only, and of them none that a caller chose.
type Trace struct {
	// CallID is how the transport names the call: API Gateway's request id, or the queue's message id.
	CallID string
	// OperationID is the operation that the call is about, once that is known.
	OperationID string
}

type traceKey struct{}

// TraceOf is what is known of the call that a context belongs to.
func TraceOf(ctx context.Context) Trace {
	t, _ := ctx.Value(traceKey{}).(Trace)
	return t
}

func withCall(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, traceKey{}, Trace{CallID: id})
}

func withOperation(ctx context.Context, id string) context.Context {
	t := TraceOf(ctx)
	t.OperationID = id
	return context.WithValue(ctx, traceKey{}, t)
}

// priorityHeader is RFC 9218's.
const priorityHeader = "Priority"

// background tells whether the caller says that nobody waits for the answer: urgency 7 is the one that RFC 9218 §4.1
// keeps for background work. Such a call leaves the fifth of iyzico's calls alone that is kept for callers who wait. It
// is no part of the request: the same key with another priority is the same request.
func background(header http.Header) bool {
	for _, line := range header.Values(priorityHeader) {
		for member := range strings.SplitSeq(line, ",") {
			value, _, _ := strings.Cut(member, ";")
			if strings.Trim(value, " \t") == "u=7" {
				return true
			}
		}
	}
	return false
}
