package ingress

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/iade/iade/internal/payment"
)

// Fate is what becomes of a queue's message. The zero value is the visible one.
type Fate int

// The fates.
const (
	Park        Fate = iota // to the dead-letter queue at once, with a reason: asking again cannot help
	Acknowledge             // the message is done: what it asked for has its operation
	Back                    // nothing was decided: the queue delivers it again
)

// String is the fate in words.
func (f Fate) String() string {
	switch f {
	case Park:
		return "park"
	case Acknowledge:
		return "acknowledge"
	case Back:
		return "back"
	}
	return "no fate"
}

// Handling is what becomes of one message.
type Handling struct {
	Fate   Fate
	After  time.Duration // with Back: how long the message stays hidden
	Reason payment.Code  // why it is not acknowledged, or the code of the refusal that was recorded
	Detail string        // the same in words that quote nothing of the message's values
}

// Schedule gives a command that was over the limit of calls a slot in a later minute.
type Schedule interface {
	// Next says how long until then: more than 0, less than 12 hours. After an error no slot is held.
	Next(ctx context.Context, queue string) (time.Duration, error)
}

// Message is one message of a queue.
type Message struct {
	ID       string // names it in the log
	Body     []byte
	Receives int       // how often it was delivered, this time included; 0 counts as 1
	Since    time.Time // when it was delivered first; zero = not known, which counts as now
}

// openWait is how long a command comes back that only an operation with an open end keeps from being carried out. Then its
// refusal is recorded like any other.
const openWait = time.Hour

// recording tells which refusals of the message's command are recorded.
func (m Message) recording(now time.Time) payment.Recording {
	if !m.Since.IsZero() && now.Sub(m.Since) >= openWait {
		return payment.RecordAll
	}
	return payment.RecordSettled
}

// maxHidden is how long SQS can hide a message, counted from its receipt (12 hours), with room for the function's time.
const maxHidden = 12*time.Hour - 5*time.Minute

// Message carries out the command that a queue's message holds, as it is or in an EventBridge event, and says what becomes
// of the message. kind is the queue's own: refund or cancel. It never fails and never panics: what goes wrong on this side
// is logged and the message comes back. Nothing is started that cannot end before `until`.
func (a *API) Message(ctx context.Context, kind payment.Kind, m Message, until time.Time) (v Handling) {
	req := Request{ID: m.ID, KeyMember: keyMember, Queued: true, Until: until}
	ctx = withCall(ctx, m.ID)
	v = Handling{Fate: Back, Reason: payment.CodeInternal}
	a.guard(ctx, req, "queue "+string(kind), func() Response {
		v = a.message(ctx, req, kind, m)
		return Response{}
	})
	if v.Fate != Back {
		v.After = 0
		return v
	}
	v.After = a.hidden(ctx, kind, v, m.Receives)
	return v
}

func (a *API) message(ctx context.Context, req Request, kind payment.Kind, m Message) Handling {
	kind, body, unknown := commandOf(kind, m.Body)
	if unknown != "" {
		return handling(codeUnknownEvent, unknown)
	}
	if req.setBody(body, true); req.TooLarge {
		return handling(codeTooLarge, "")
	}
	var f faults
	cmd := a.readCommand(req, kind, keyed, &f)
	a.checkReturnURL(cmd, &f)
	if !f.none() {
		return handling(payment.CodeInvalidRequest, f.text())
	}
	if cmd.Kind == payment.KindBalanceRefund && a.Pages == nil {
		return handling(codeNotImplemented, "")
	}
	ctx = withOperation(ctx, cmd.OperationID())
	result, err := a.Service.Request(ctx, cmd, req.Until, m.recording(time.Now()))
	if err != nil {
		return a.refusedMessage(ctx, req, err)
	}
	reply, ok := statusReplies[result.Resource.Status]
	if !ok {
		_, err := resultResponse(result)
		return a.refusedMessage(ctx, req, err)
	}
	v := Handling{Fate: reply.queue, After: max(result.RetryAfter, reply.retryAfter)}
	if reply.problem != nil {
		v.Reason = reply.problem(result)
	}
	return v
}

// refusedMessage gives an error's code its fate from the table and logs what the code hides.
func (a *API) refusedMessage(ctx context.Context, req Request, err error) Handling {
	a.refuse(ctx, req, err)
	var e *payment.Error
	if !errors.As(err, &e) {
		return handling(payment.CodeInternal, "")
	}
	v := handling(e.Code, e.Message)
	if v.After = e.RetryAfter; e.Waits {
		v.Fate = Back
	}
	return v
}

// verdict is the fate of one code. An empty detail is the table's own; a code without a row is our bug.
func handling(code payment.Code, detail string) Handling {
	reply, ok := codeReplies[code]
	if !ok {
		code, detail = payment.CodeInternal, ""
		reply = codeReplies[code]
	}
	if detail == "" {
		detail = reply.detail
	}
	return Handling{Fate: reply.queue, Reason: code, Detail: detail}
}

// hidden says how long a message stays away: what the refusal itself said at least, never less than its code's row. One
// that is over the limit gets a slot in a later minute. What does not get better is asked for less and less often. All of
// it is spread, so that what was refused together does not come back together.
func (a *API) hidden(ctx context.Context, kind payment.Kind, v Handling, receives int) time.Duration {
	after := max(codeReplies[v.Reason].hidden, time.Second)
	if v.Reason == payment.CodeRateLimited && a.Schedule != nil {
		slot, err := a.Schedule.Next(ctx, string(kind))
		if err == nil {
			return min(max(slot, v.After), maxHidden)
		}
		a.logger().WarnContext(ctx, "a command over the limit got no slot", "error", err.Error())
	}
	if v.Reason == payment.CodeUnavailable || v.Reason == payment.CodeInternal {
		const doublings = 6
		after <<= min(max(receives-1, 0), doublings)
	}
	after = max(after, v.After)
	return min(after+rand.N(after/4+time.Second), maxHidden)
}

// commandOf is the command in a message, and its kind: the body itself, or the detail of an EventBridge event that SQS delivered.
// queue is the kind of the queue; unknown says what else the message is.
func commandOf(queue payment.Kind, body []byte) (kind payment.Kind, command []byte, unknown string) {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil || members == nil {
		return queue, body, "" // the command's own checks say what is wrong with it
	}
	detailType, isEvent := members["detail-type"]
	if !isEvent {
		return queue, body, ""
	}
	var wanted []string
	for _, taken := range append([]payment.Kind{queue}, alsoTaken[queue]...) {
		want := string(taken) + ".requested"
		if wanted = append(wanted, want); textOf(detailType) == want {
			kind = taken
		}
	}
	if kind == "" {
		return "", nil, "an event comes through this queue with the detail-type " + strings.Join(wanted, " or ") + " only"
	}
	var f faults
	if _, ok := readObject(body, &f); !ok || !f.none() {
		return "", nil, f.text()
	}
	detail, ok := members["detail"]
	if !ok {
		return "", nil, "the event has no detail, which would be the command"
	}
	return kind, detail, ""
}

// text is every fault in one line.
func (f *faults) text() string {
	lines := make([]string, len(f.list))
	for i, fault := range f.list {
		lines[i] = fault.Field + " " + fault.Message
	}
	return strings.Join(lines, "; ")
}
