package lambda_test

import (
	"context"
	"crypto/md5" // SQS answers with the MD5 of a message's body
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/iade/iade/internal/test/eventschema"
)

// The queues' ARNs as template.yaml makes them.
const queueARNs = "arn:aws:sqs:eu-west-1:000000000000:iade-"

// messaging is as much of SQS and EventBridge as the functions use, in their JSON protocols.
type messaging struct {
	t   testing.TB
	url string

	mu        sync.Mutex
	hidden    map[string]int // seconds, by receipt handle
	dead      []deadLetter
	events    []json.RawMessage // that were taken, as a consumer gets them
	putCalls  int
	refuseAt  map[int]bool    // the entries that PutEvents refuses, counted from 1 over all calls
	entries   int             // that PutEvents got
	holdPuts  chan struct{}   // PutEvents waits for it
	takeFirst bool            // with holdPuts: the entries are taken before it waits
	holding   chan struct{}   // gets a value when PutEvents waits
	broken    map[string]bool // actions that answer 500
}

type deadLetter struct {
	Queue, Body, Reason, Detail, MessageID string
}

// deployBus makes a stack with queues and a bus.
func deployBus(t testing.TB, endpoint string, settings ...string) (*deployment, *messaging) {
	t.Helper()
	m := &messaging{t: t, hidden: map[string]int{}, refuseAt: map[int]bool{}, broken: map[string]bool{}, holding: make(chan struct{}, 10)}
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	m.url = server.URL
	own := []string{"AWS_ENDPOINT_URL_SQS=" + m.url, "AWS_ENDPOINT_URL_EVENTBRIDGE=" + m.url, "EVENT_BUS_NAME=iade"}
	return deploy(t, endpoint, append(own, settings...)...), m
}

func (m *messaging) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	service, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var in map[string]json.RawMessage
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the function was killed while it asked
	}
	if err := json.Unmarshal(body, &in); err != nil {
		m.t.Errorf("%s: %v", action, err)
	}
	version := map[string]string{"AmazonSQS": "1.0", "AWSEvents": "1.1"}[service]
	w.Header().Set("Content-Type", "application/x-amz-json-"+version)
	m.mu.Lock()
	broken := m.broken[action]
	m.mu.Unlock()
	if broken {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte(`{"__type":"InternalFailure"}`))
		return
	}
	var answer any
	switch action {
	case "GetQueueUrl":
		answer = map[string]string{"QueueUrl": m.url + "/000000000000/" + text(in["QueueName"])}
	case "ChangeMessageVisibility":
		answer = m.hide(in)
	case "SendMessage":
		answer = m.park(in)
	case "PutEvents":
		answer = m.put(r.Context(), in)
	default:
		m.t.Errorf("unexpected %s", r.Header.Get("X-Amz-Target"))
		w.WriteHeader(http.StatusBadRequest)
	}
	_ = json.NewEncoder(w).Encode(answer) // a function that was killed hears nothing
}

func text(value json.RawMessage) string {
	var s string
	_ = json.Unmarshal(value, &s) // what is no text reads as none, and the test notices
	return s
}

func (m *messaging) hide(in map[string]json.RawMessage) any {
	m.mu.Lock()
	defer m.mu.Unlock()
	var seconds int
	if err := json.Unmarshal(in["VisibilityTimeout"], &seconds); err != nil || seconds < 1 || seconds > 43_200 {
		m.t.Errorf("visibility %s", in["VisibilityTimeout"])
	}
	m.hidden[text(in["ReceiptHandle"])] = seconds
	return struct{}{}
}

func (m *messaging) park(in map[string]json.RawMessage) any {
	m.mu.Lock()
	defer m.mu.Unlock()
	var attributes map[string]struct{ StringValue string }
	if err := json.Unmarshal(in["MessageAttributes"], &attributes); err != nil {
		m.t.Errorf("attributes %s: %v", in["MessageAttributes"], err)
	}
	body, url := text(in["MessageBody"]), text(in["QueueUrl"])
	m.dead = append(m.dead, deadLetter{
		Queue: url[strings.LastIndex(url, "/")+1:], Body: body, Reason: attributes["reason"].StringValue,
		Detail: attributes["detail"].StringValue, MessageID: attributes["messageId"].StringValue,
	})
	sum := md5.Sum([]byte(body))
	return map[string]string{"MessageId": "dead", "MD5OfMessageBody": hex.EncodeToString(sum[:])}
}

func (m *messaging) put(ctx context.Context, in map[string]json.RawMessage) any {
	type entry struct {
		EventBusName, Source, DetailType, Detail string
		Time                                     float64
	}
	var entries []entry
	if err := json.Unmarshal(in["Entries"], &entries); err != nil || len(entries) == 0 || len(entries) > 10 {
		m.t.Errorf("entries %s: %v", in["Entries"], err)
	}
	m.mu.Lock()
	hold, takeFirst := m.holdPuts, m.takeFirst
	m.putCalls++
	m.mu.Unlock()
	wait := func() bool {
		m.holding <- struct{}{}
		select {
		case <-hold:
		case <-ctx.Done():
			return false
		}
		return true
	}
	if hold != nil && !takeFirst && !wait() {
		return nil
	}
	m.mu.Lock()
	answers := []map[string]string{}
	failed := 0
	for _, e := range entries {
		m.entries++
		if m.refuseAt[m.entries] {
			failed++
			answers = append(answers, map[string]string{"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"})
			continue
		}
		event, err := json.Marshal(map[string]any{
			"version": "0", "id": fmt.Sprint("event-", m.entries), "account": "000000000000", "region": "eu-west-1", "resources": []string{},
			"source": e.Source, "detail-type": e.DetailType, "detail": json.RawMessage(e.Detail), "time": time.Unix(int64(e.Time), 0).UTC(),
		})
		if err != nil || e.EventBusName != "iade" {
			m.t.Errorf("event on %s: %v", e.EventBusName, err)
		}
		if err := eventschema.Check(event); err != nil {
			m.t.Errorf("%s: %v", event, err)
		}
		m.events = append(m.events, event)
		answers = append(answers, map[string]string{"EventId": fmt.Sprint("event-", m.entries)})
	}
	m.mu.Unlock()
	if hold != nil && takeFirst {
		wait()
	}
	return map[string]any{"FailedEntryCount": failed, "Entries": answers}
}

// breakDown makes an action of SQS or EventBridge answer 500 from now on, or work again.
func (m *messaging) breakDown(action string, broken bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken[action] = broken
}

// deadLetters are those so far.
func (m *messaging) deadLetters() []deadLetter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.dead)
}

// hiddenFor says for how many seconds a message was hidden; 0 = it was not.
func (m *messaging) hiddenFor(id string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.hidden["receipt-"+id]
}

// published is what consumers look at of an event.
type published struct {
	DetailType string `json:"detail-type"`
	Detail     struct {
		ID             string `json:"id"`
		Status         string `json:"status"`
		PaymentID      string `json:"paymentId"`
		Sequence       int64  `json:"sequence"`
		IdempotencyKey string `json:"idempotencyKey"`
		Reference      string `json:"reference"`
		Error          struct {
			Code string `json:"code"`
		} `json:"error"`
	} `json:"detail"`
}

// published are the events so far, repeats included.
func (m *messaging) published() []published {
	m.t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []published
	for _, data := range m.events {
		var p published
		if err := json.Unmarshal(data, &p); err != nil {
			m.t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// queued is one message: its id and its body.
type queued struct{ id, body string }

// batchOf is the event that Lambda makes of messages.
func batchOf(t testing.TB, queue string, messages ...queued) []byte {
	t.Helper()
	var event events.SQSEvent
	for _, m := range messages {
		event.Records = append(event.Records, events.SQSMessage{
			MessageId: m.id, ReceiptHandle: "receipt-" + m.id, Body: m.body, EventSource: "aws:sqs", AWSRegion: "eu-west-1",
			EventSourceARN: queueARNs + queue, Attributes: map[string]string{"ApproximateReceiveCount": "1"},
		})
	}
	data, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// eventBody is a command in an event of an order system, as a rule brings it to the queue. It is held against docs/events.
func eventBody(t testing.TB, detailType, command string) string {
	t.Helper()
	body := `{"version":"0","id":"e-1","detail-type":"` + detailType + `","source":"shop.orders","account":"123456789012",` +
		`"time":"2026-03-01T12:00:00Z","region":"eu-west-1","resources":[],"detail":` + command + `}`
	if err := eventschema.Check([]byte(body)); err != nil {
		t.Error(err)
	}
	return body
}

// deliver gives a function a batch of its queue and returns the ids of the messages that go back.
func deliver(t testing.TB, f invoker, queue string, messages ...queued) ([]string, error) {
	t.Helper()
	payload, err := f.Invoke(context.Background(), batchOf(t, queue, messages...))
	if err != nil {
		return nil, err
	}
	var response struct {
		BatchItemFailures []struct {
			ItemIdentifier string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(payload, &response); err != nil || response.BatchItemFailures == nil {
		return nil, fmt.Errorf("%s: %w", payload, err)
	}
	back := []string{}
	for _, failure := range response.BatchItemFailures {
		back = append(back, failure.ItemIdentifier)
	}
	return back, nil
}

// queue gives a function of the stack a batch of its queue.
func (d *deployment) queue(function string, messages ...queued) []string {
	d.t.Helper()
	back, err := deliver(d.t, d.function(function), function, messages...)
	if err != nil {
		d.t.Fatalf("%v\nlog: %s", err, logged(d.t, d.log))
	}
	return back
}

// refundCommand is a command as a queue takes it.
func refundCommand(paymentID, amount, key string) string {
	return fmt.Sprintf(`{"paymentId":%q,"amount":%q,"idempotencyKey":%q}`, paymentID, amount, key)
}
