package ingress_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

const queueARN = "arn:aws:sqs:eu-central-1:123456789012:iade-refund"

// fakeQueue remembers what was hidden and what was parked.
type fakeQueue struct {
	hidden  map[string]time.Duration
	dead    []ingress.DeadMessage
	hideErr error
	deadErr error
}

func (q *fakeQueue) Hide(_ context.Context, arn, receiptHandle string, d time.Duration) error {
	if arn != queueARN {
		return fmt.Errorf("another queue: %s", arn)
	}
	if q.hidden == nil {
		q.hidden = map[string]time.Duration{}
	}
	q.hidden[strings.TrimPrefix(receiptHandle, "receipt-")] = d
	return q.hideErr
}

func (q *fakeQueue) DeadLetter(_ context.Context, arn string, m ingress.DeadMessage) error {
	if arn != queueARN {
		return fmt.Errorf("another queue: %s", arn)
	}
	if q.deadErr != nil {
		return q.deadErr
	}
	q.dead = append(q.dead, m)
	return nil
}

// keyed answers each command by its key; a key without an answer succeeds.
type keyed struct {
	fakeService
	results map[string]payment.Result
	errs    map[string]error
	keys    []string
	wait    func()
}

func (s *keyed) Request(_ context.Context, cmd payment.Command, until time.Time, _ payment.Recording) (payment.Result, error) {
	s.keys, s.until = append(s.keys, cmd.Key), until
	if s.wait != nil {
		s.wait()
	}
	if result, ok := s.results[cmd.Key]; ok {
		return result, nil
	}
	return succeeded(), s.errs[cmd.Key]
}

// batch is an SQS event; message ids are m-0, m-1 and so on.
func batch(bodies ...string) json.RawMessage {
	var event events.SQSEvent
	for i, body := range bodies {
		event.Records = append(event.Records, events.SQSMessage{
			MessageId: fmt.Sprintf("m-%d", i), ReceiptHandle: fmt.Sprintf("receipt-m-%d", i), Body: body, EventSource: "aws:sqs",
			EventSourceARN: queueARN, AWSRegion: "eu-central-1", Attributes: map[string]string{"ApproximateReceiveCount": "2"},
		})
	}
	data, err := json.Marshal(event)
	if err != nil {
		panic(err)
	}
	return data
}

func withKey(key string) string {
	return `{"paymentId":"10000001","amount":"10.50","idempotencyKey":"` + key + `"}`
}

func deliver(t *testing.T, ctx context.Context, api *ingress.API, event json.RawMessage) []string {
	t.Helper()
	answer, err := api.Commands(payment.KindRefund)(ctx, event)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	var response struct {
		BatchItemFailures []struct {
			ItemIdentifier string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(data, &response); err != nil || !strings.Contains(string(data), `"batchItemFailures":[`) {
		t.Fatalf("%s: %v", data, err)
	}
	back := []string{}
	for _, failure := range response.BatchItemFailures {
		back = append(back, failure.ItemIdentifier)
	}
	return back
}

// TestPoisonDoesNotHurtItsNeighbours is a batch with every fate in it (matrix row 20).
//
// failure 20: the queue's adapter alone
func TestPoisonDoesNotHurtItsNeighbours(t *testing.T) {
	t.Parallel()
	service := &keyed{
		results: map[string]payment.Result{"legs left": {}, "processing": {Resource: refundResource(payment.StatusProcessing)}, "unknown": {Resource: refundResource(payment.StatusUnknown)}},
		errs: map[string]error{
			"busy": &payment.Error{Code: payment.CodeInProgress, RetryAfter: time.Second}, "reused": &payment.Error{Code: payment.CodeKeyReused, Message: "reused"},
			"odd": errors.New("odd"),
		},
	}
	queue := &fakeQueue{}
	api := newAPI(service)
	api.Queue = queue
	back := deliver(t, t.Context(), api, batch(
		"poison", withKey("a"), withKey("busy"), eventOf("refund.requested", withKey("b")), withKey("reused"), withKey("odd"), `{}`, withKey("processing"),
		eventOf("order.paid", `{}`), withKey("unknown"), withKey("c")))
	if want := []string{"m-2", "m-5", "m-7"}; !slices.Equal(back, want) {
		t.Errorf("%v go back, want %v", back, want)
	}
	if want := []string{"a", "busy", "b", "reused", "odd", "processing", "unknown", "c"}; !slices.Equal(service.keys, want) {
		t.Errorf("carried out %v, want %v, one after the other", service.keys, want)
	}
	for id, least := range map[string]time.Duration{"m-2": 20 * time.Second, "m-5": 2 * time.Minute, "m-7": 2 * time.Second} {
		if queue.hidden[id] < least {
			t.Errorf("%s is hidden for %s, want %s at least", id, queue.hidden[id], least)
		}
	}
	var dead []string
	for _, m := range queue.dead {
		dead = append(dead, m.MessageID+" "+string(m.Reason))
		if m.Body == "" || m.Detail == "" {
			t.Errorf("%+v lacks its body or why it is there", m)
		}
	}
	if want := []string{"m-0 invalid-request", "m-4 idempotency-key-reused", "m-6 invalid-request", "m-8 unknown-event"}; !slices.Equal(dead, want) || len(queue.hidden) != 3 {
		t.Errorf("parked %v, want %v; hidden %v", dead, want, queue.hidden)
	}
}

func TestAMessageThatCannotBeParkedComesBack(t *testing.T) {
	t.Parallel()
	service := &keyed{}
	api := newAPI(service)
	api.Queue = &fakeQueue{deadErr: errors.New("away")}
	if back := deliver(t, t.Context(), api, batch("poison", withKey("a"))); !slices.Equal(back, []string{"m-0"}) || !slices.Equal(service.keys, []string{"a"}) {
		t.Errorf("%v go back, carried out %v", back, service.keys)
	}
}

func TestAMessageWhoseVisibilityCannotBeSetComesBackAllTheSame(t *testing.T) {
	t.Parallel()
	api, log := loggingAPI(&keyed{errs: map[string]error{"a": &payment.Error{Code: payment.CodeUnavailable}}})
	api.Queue = &fakeQueue{hideErr: errors.New("away")}
	if back := deliver(t, t.Context(), api, batch(withKey("a"), withKey("b"))); !slices.Equal(back, []string{"m-0"}) {
		t.Errorf("%v go back", back)
	}
	if !strings.Contains(log.String(), "visibility could not be set") || strings.Contains(log.String(), "10000001") {
		t.Errorf("log: %s", log)
	}
}

// TestTheAgeOfEveryMessageThatGoesBackIsTold: SQS's own metric leaves out those that were received three times.
func TestTheAgeOfEveryMessageThatGoesBackIsTold(t *testing.T) {
	t.Parallel()
	api := newAPI(&keyed{errs: map[string]error{"a": &payment.Error{Code: payment.CodeUnavailable}, "b": &payment.Error{Code: payment.CodeUnavailable}}})
	api.Queue = &fakeQueue{}
	var ages []time.Duration
	api.Returned = func(age time.Duration) { ages = append(ages, age) }
	sent := strconv.FormatInt(time.Now().Add(-2*time.Hour).UnixMilli(), 10)
	event := strings.Replace(string(batch(withKey("a"), withKey("b"), withKey("c"))), `"attributes":{`, `"attributes":{"SentTimestamp":"`+sent+`",`, 1)
	if back := deliver(t, t.Context(), api, json.RawMessage(event)); !slices.Equal(back, []string{"m-0", "m-1"}) {
		t.Fatalf("%v go back", back)
	}
	if len(ages) != 1 || ages[0] < 2*time.Hour || ages[0] > 3*time.Hour {
		t.Errorf("told %v: one message says when it was sent, two hours ago", ages)
	}
}

// TestMessagesForWhichNoTimeIsLeftComeBackAtOnce: a call that the function's end cut short would be an unknown outcome.
func TestMessagesForWhichNoTimeIsLeftComeBackAtOnce(t *testing.T) {
	t.Parallel()
	service, queue := &keyed{}, &fakeQueue{}
	api := newAPI(service)
	api.Queue = queue
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	back := deliver(t, ctx, api, batch(withKey("a"), withKey("b"), withKey("c")))
	if !slices.Equal(back, []string{"m-1", "m-2"}) || !slices.Equal(service.keys, []string{"a"}) {
		t.Errorf("%v go back, carried out %v: the first is always begun, the others not", back, service.keys)
	}
	if queue.hidden["m-1"] != time.Second || queue.hidden["m-2"] != time.Second {
		t.Errorf("hidden for %v", queue.hidden)
	}
	if deadline, _ := ctx.Deadline(); service.until.After(deadline) {
		t.Errorf("the command's time ends at %s, after the function's own end", service.until)
	}
}

func TestAReasonFitsItsAttribute(t *testing.T) {
	t.Parallel()
	queue := &fakeQueue{}
	api := newAPI(&keyed{})
	api.Queue = queue
	many := make([]string, 90)
	for i := range many {
		many[i] = fmt.Sprintf(`"unknown-%d":1`, i)
	}
	deliver(t, t.Context(), api, batch("{"+strings.Join(many, ",")+"}"))
	if len(queue.dead) != 1 || len([]rune(queue.dead[0].Detail)) > 1000 {
		t.Errorf("%+v", queue.dead)
	}
}

func TestOtherBatchesFailVisibly(t *testing.T) {
	t.Parallel()
	api := newAPI(&keyed{})
	api.Queue = &fakeQueue{}
	for _, event := range []string{
		`{"Records":[]}`, `{"Records":[{"eventSource":"aws:sns"}]}`, `{"Records":[{"eventSource":"aws:sqs"},{"eventSource":"aws:kinesis"}]}`,
		`{"Records":[{"eventSource":"aws:sqs","body":7}]}`, eventOf("refund.requested", queuedRefund), `[]`,
	} {
		if answer, err := api.Commands(payment.KindRefund)(t.Context(), json.RawMessage(event)); err == nil {
			t.Errorf("%s: %v", event, answer)
		}
	}
	api.Queue = nil
	if _, err := api.Commands(payment.KindRefund)(t.Context(), batch(withKey("a"))); !errors.Is(err, ingress.ErrUnsupportedEvent) {
		t.Errorf("without a queue: %v", err)
	}
}
