package ingress

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/iade/iade/internal/payment"
)

// Queue is what is needed of the queue that a batch came from. Queues are named by their ARN.
type Queue interface {
	// Hide keeps a message that was received from being delivered again for that long, 12 hours at most.
	Hide(ctx context.Context, queueARN, receiptHandle string, d time.Duration) error
	// DeadLetter puts a copy of a message into the queue's dead-letter queue, with the reason. After an error it is perhaps
	// there.
	DeadLetter(ctx context.Context, queueARN string, m DeadMessage) error
}

// DeadMessage is a message that asking again cannot help.
type DeadMessage struct {
	MessageID string // the one that it had in its queue
	Body      string
	Reason    payment.Code // a slug as in problems, or unknown-event
	Detail    string       // the same in words, at most 1000 characters
}

// messageTime is what must be left of the handler's time to begin with one more message: reading iyzico and sending share
// it, and a call that is cut short would end as unknown.
const messageTime = 15 * time.Second

// maxReasonDetail bounds DeadMessage.Detail, in characters.
const maxReasonDetail = 1000

// record is what is looked at of a message in an SQS batch.
type record struct {
	MessageID      string            `json:"messageId"`
	ReceiptHandle  string            `json:"receiptHandle"`
	Body           string            `json:"body"`
	Attributes     map[string]string `json:"attributes"`
	EventSourceARN string            `json:"eventSourceARN"`
}

// Batch carries out the commands of an SQS batch, one after the other, and names those that come back
// (ReportBatchItemFailures). A message that is malformed goes to the dead-letter queue and is then acknowledged; if it
// cannot be put there it comes back. None keeps the others from being carried out. What is left when the handler's time
// ends comes back at once.
func (a *API) Batch(ctx context.Context, kind payment.Kind, event json.RawMessage) (events.SQSEventResponse, error) {
	var batch struct {
		Records []record `json:"Records"`
	}
	if err := json.Unmarshal(event, &batch); err != nil {
		return events.SQSEventResponse{}, fmt.Errorf("read an %s: %w", ShapeQueue, err)
	}
	until := a.lambdaUntil(ctx)
	failures := []events.SQSBatchItemFailure{}
	for i, r := range batch.Records {
		if i > 0 && time.Until(until) < messageTime {
			a.hide(ctx, r, time.Second)
			failures = append(failures, events.SQSBatchItemFailure{ItemIdentifier: r.MessageID})
			continue
		}
		if !a.settle(ctx, kind, r, until) {
			failures = append(failures, events.SQSBatchItemFailure{ItemIdentifier: r.MessageID})
		}
	}
	return events.SQSEventResponse{BatchItemFailures: failures}, nil
}

// settle carries out one message and tells whether the queue may forget it.
func (a *API) settle(ctx context.Context, kind payment.Kind, r record, until time.Time) (done bool) {
	ctx = payment.WithActor(withCall(ctx, r.MessageID), payment.ActorQueue)
	v := a.Message(ctx, kind, Message{ID: r.MessageID, Body: []byte(r.Body), Receives: r.receives(), Since: r.since()}, until)
	switch v.Fate {
	case Acknowledge:
		return true
	case Back:
		a.logger().InfoContext(ctx, "a message goes back to its queue", "messageId", r.MessageID, "reason", string(v.Reason), "seconds", int(v.After.Seconds()))
		a.hide(ctx, r, v.After)
		return false
	case Park:
	}
	return a.park(ctx, r, v)
}

func (a *API) park(ctx context.Context, r record, v Handling) (done bool) {
	dead := DeadMessage{MessageID: r.MessageID, Body: r.Body, Reason: v.Reason, Detail: cut(v.Detail, maxReasonDetail)}
	err := a.Queue.DeadLetter(ctx, r.EventSourceARN, dead)
	if err != nil {
		a.logger().ErrorContext(ctx, "a message could not be put into the dead-letter queue", "messageId", r.MessageID, "reason", string(v.Reason), "error", err.Error())
		return false
	}
	a.logger().ErrorContext(ctx, "a message was put into the dead-letter queue", "messageId", r.MessageID, "reason", string(v.Reason))
	return true
}

// hide sets how long a message that goes back stays away. Should that fail, it comes back when the queue itself says.
func (a *API) hide(ctx context.Context, r record, d time.Duration) {
	if sent := r.at("SentTimestamp"); a.Returned != nil && !sent.IsZero() {
		a.Returned(max(time.Since(sent), 0))
	}
	if err := a.Queue.Hide(ctx, r.EventSourceARN, r.ReceiptHandle, d); err != nil {
		a.logger().WarnContext(ctx, "a message's visibility could not be set", "messageId", r.MessageID, "error", err.Error())
	}
}

func (r *record) receives() int {
	n, err := strconv.Atoi(r.Attributes["ApproximateReceiveCount"])
	if err != nil {
		return 1
	}
	return n
}

// since is when the message was first received, by SQS's word; zero where it does not say.
func (r *record) since() time.Time { return r.at("ApproximateFirstReceiveTimestamp") }

// at is the time in an attribute of SQS's; zero where it has none.
func (r *record) at(attribute string) time.Time {
	ms, err := strconv.ParseInt(r.Attributes[attribute], 10, 64)
	if err != nil || ms <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// Commands is what lambda.Start takes for a function that carries out commands of one kind: it answers API Gateway's
// requests and bare commands, and takes SQS batches. What is none of these is refused with ErrUnsupportedEvent.
func (a *API) Commands(kind payment.Kind) func(context.Context, json.RawMessage) (any, error) {
	bare := a.Lambda(func(ctx context.Context, command json.RawMessage) BareReply { return a.Bare(ctx, kind, command) })
	return func(ctx context.Context, event json.RawMessage) (any, error) {
		if Detect(event) == ShapeQueue && a.Queue != nil {
			return a.Batch(ctx, kind, event)
		}
		return bare(ctx, event)
	}
}
