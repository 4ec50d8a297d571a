package ingress_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

const queuedRefund = `{"paymentId":"10000001","amount":"10.50","idempotencyKey":"key-1"}`

// eventOf is an EventBridge event as a rule's SQS target delivers it.
func eventOf(detailType, detail string) string {
	return `{"version":"0","id":"6a7e8feb-b491-4cf7-a9f1-bf3703467718","detail-type":"` + detailType + `","source":"shop.orders","account":"123456789012",` +
		`"time":"2026-03-01T12:00:00Z","region":"eu-central-1","resources":[],"detail":` + detail + `}`
}

func message(api *ingress.API, kind payment.Kind, body string) ingress.Handling {
	return api.Message(context.Background(), kind, ingress.Message{ID: "m-1", Body: []byte(body), Receives: 1}, time.Now().Add(time.Minute))
}

// fixedSlot is a Schedule with one slot for everybody.
type fixedSlot struct {
	wait   time.Duration
	err    error
	queues []string
}

func (s *fixedSlot) Next(_ context.Context, queue string) (time.Duration, error) {
	s.queues = append(s.queues, queue)
	return s.wait, s.err
}

// TestEveryStatusHasItsQueueReply is the queue's side of the reply table, for commands that became operations.
func TestEveryStatusHasItsQueueReply(t *testing.T) {
	t.Parallel()
	want := map[string]ingress.Fate{
		"succeeded": ingress.Acknowledge, "partially_succeeded": ingress.Acknowledge, "unknown": ingress.Acknowledge,
		"needs_review": ingress.Acknowledge, "in_review": ingress.Acknowledge, "awaiting_customer": ingress.Acknowledge,
		"awaiting_merchant": ingress.Acknowledge, "rejected": ingress.Acknowledge, "not_executed": ingress.Acknowledge,
		"expired": ingress.Acknowledge, "processing": ingress.Back, "not_sent": ingress.Back,
	}
	statuses := constantsOf(t, "status.go", "Status")
	if len(statuses) != len(want) {
		t.Errorf("%d statuses, %d rows", len(statuses), len(want))
	}
	for _, status := range statuses {
		for _, sent := range []bool{true, false} {
			service := &fakeService{result: payment.Result{Resource: refundResource(payment.Status(status)), Sent: sent, Known: !sent}}
			v := message(newAPI(service), payment.KindRefund, queuedRefund)
			if v.Fate != want[status] || (v.Fate == ingress.Back) != (v.After > 0) {
				t.Errorf("%s, sent %t: %s after %s, want %s", status, sent, v.Fate, v.After, want[status])
			}
			if service.record == payment.RecordNone || service.command.Interactive {
				t.Errorf("%s: recorded %v, interactive %t", status, service.record, service.command.Interactive)
			}
		}
	}
}

// TestEveryCodeHasItsQueueReply is the same for errors. A rule's refusal is no error on a queue, because it is recorded: one
// that comes as an error all the same is parked, where somebody sees it.
func TestEveryCodeHasItsQueueReply(t *testing.T) {
	t.Parallel()
	back := map[string]time.Duration{
		"in-progress": 20 * time.Second, "rate-limited": 30 * time.Second, "unavailable": 15 * time.Second, "internal": time.Minute, "over-limit": time.Minute,
	}
	for _, code := range constantsOf(t, "errors.go", "Code") {
		v := message(newAPI(&fakeService{err: &payment.Error{Code: payment.Code(code), Message: "said so"}}), payment.KindRefund, queuedRefund)
		least, again := back[code]
		switch {
		case again && (v.Fate != ingress.Back || v.After < least || v.After > 2*least):
			t.Errorf("%s: %s after %s, want back after %s", code, v.Fate, v.After, least)
		case !again && (v.Fate != ingress.Park || v.Reason != payment.Code(code) || v.Detail != "said so"):
			t.Errorf("%s: %+v, want parked with its reason", code, v)
		}
		said := 10 * time.Minute
		v = message(newAPI(&fakeService{err: &payment.Error{Code: payment.Code(code), RetryAfter: said}}), payment.KindRefund, queuedRefund)
		if again && v.After < said {
			t.Errorf("%s: back after %s, the refusal said %s", code, v.After, said)
		}
	}
	for name, service := range map[string]*fakeService{
		"an error that is not the domain's": {err: errors.New("odd")},
		"a panic":                           {panics: "broken"},
		"a status without a row":            {result: payment.Result{Resource: refundResource("odd")}},
	} {
		if v := message(newAPI(service), payment.KindRefund, queuedRefund); v.Fate != ingress.Back || v.Reason != payment.CodeInternal || v.After < time.Minute {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// TestACommandThatWaitsForWhatIsOpenComesBackForAnHour: only then is its refusal recorded, which binds its key.
func TestACommandThatWaitsForWhatIsOpenComesBackForAnHour(t *testing.T) {
	t.Parallel()
	waits := &payment.Error{Code: payment.CodeExceedsRefundable, Message: "promised", Waits: true, RetryAfter: 2 * time.Minute}
	v := message(newAPI(&fakeService{err: waits}), payment.KindRefund, queuedRefund)
	if v.Fate != ingress.Back || v.After < 2*time.Minute || v.After > 5*time.Minute {
		t.Errorf("%+v", v)
	}
	now := time.Now()
	for name, tc := range map[string]struct {
		since time.Time
		want  payment.Recording
	}{
		"the first time": {now, payment.RecordSettled}, "not known": {time.Time{}, payment.RecordSettled},
		"for less than an hour": {now.Add(-59 * time.Minute), payment.RecordSettled}, "for an hour": {now.Add(-61 * time.Minute), payment.RecordAll},
	} {
		service := &fakeService{result: succeeded()}
		newAPI(service).Message(context.Background(), payment.KindRefund, ingress.Message{Body: []byte(queuedRefund), Since: tc.since}, now.Add(time.Minute))
		if service.record != tc.want {
			t.Errorf("%s: recorded %v, want %v", name, service.record, tc.want)
		}
	}
}

func TestARuleThatRefusedIsAcknowledgedBecauseItIsRecorded(t *testing.T) {
	t.Parallel()
	refused := refundResource(payment.StatusRejected)
	refused.Legs, refused.Error = nil, &payment.ErrorView{Code: "exceeds-refundable", Message: "too much"}
	v := message(newAPI(&fakeService{result: payment.Result{Resource: refused}}), payment.KindRefund, queuedRefund)
	if v.Fate != ingress.Acknowledge || v.Reason != payment.CodeExceedsRefundable {
		t.Errorf("%+v", v)
	}
}

// TestACommandOverTheMerchantsOwnLimitComesBackWhenItIsFree: in the next hour, or after midnight, as far as SQS can hide it; however
// often it came before.
func TestACommandOverTheMerchantsOwnLimitComesBackWhenItIsFree(t *testing.T) {
	t.Parallel()
	const most = 12*time.Hour - 5*time.Minute
	for said, bounds := range map[time.Duration][2]time.Duration{
		time.Second: {time.Minute, 2 * time.Minute}, 30 * time.Minute: {30 * time.Minute, 38 * time.Minute}, 20 * time.Hour: {most, most},
	} {
		api := newAPI(&fakeService{err: &payment.Error{Code: payment.CodeOverLimit, Message: "said so", RetryAfter: said}})
		v := api.Message(context.Background(), payment.KindRefund, ingress.Message{Body: []byte(queuedRefund), Receives: 40}, time.Now().Add(time.Minute))
		if v.Fate != ingress.Back || v.Reason != payment.CodeOverLimit || v.After < bounds[0] || v.After > bounds[1] {
			t.Errorf("free in %s: %+v", said, v)
		}
	}
}

func TestACommandOverTheLimitComesBackInItsSlot(t *testing.T) {
	t.Parallel()
	limited := payment.Result{
		Resource: refundResource(payment.StatusNotSent), Sent: true, RetryAfter: 40 * time.Second,
		Failure: &payment.Failure{Reason: "rate-limited"},
	}
	for name, tc := range map[string]struct {
		service     *fakeService
		slot        *fixedSlot
		least, most time.Duration
	}{
		"its call":             {&fakeService{result: limited}, &fixedSlot{wait: time.Hour}, time.Hour, time.Hour},
		"the report's read":    {&fakeService{err: &payment.Error{Code: payment.CodeRateLimited, RetryAfter: time.Minute}}, &fixedSlot{wait: time.Hour}, time.Hour, time.Hour},
		"Retry-After is later": {&fakeService{result: limited}, &fixedSlot{wait: 10 * time.Second}, 40 * time.Second, 40 * time.Second},
		"no slot to be had":    {&fakeService{result: limited}, &fixedSlot{err: errors.New("away")}, 40 * time.Second, time.Minute},
		"a slot too far ahead": {&fakeService{result: limited}, &fixedSlot{wait: 13 * time.Hour}, 11 * time.Hour, 12 * time.Hour},
	} {
		api := newAPI(tc.service)
		api.Schedule = tc.slot
		v := message(api, payment.KindRefund, queuedRefund)
		if v.Fate != ingress.Back || v.Reason != payment.CodeRateLimited || v.After < tc.least || v.After > tc.most {
			t.Errorf("%s: %+v", name, v)
		}
		if strings.Join(tc.slot.queues, " ") != "refund" {
			t.Errorf("%s: slots of %v", name, tc.slot.queues)
		}
	}
}

// TestLegsThatAreLeftDoNotWaitForASlot: their operation ends an hour after it was accepted.
func TestLegsThatAreLeftDoNotWaitForASlot(t *testing.T) {
	t.Parallel()
	api := newAPI(&fakeService{result: payment.Result{
		Resource: refundResource(payment.StatusProcessing), RetryAfter: 30 * time.Second, Failure: &payment.Failure{Reason: "rate-limited"},
	}})
	api.Schedule = &fixedSlot{wait: 3 * time.Hour}
	if v := message(api, payment.KindRefund, queuedRefund); v.Fate != ingress.Back || v.After < 30*time.Second || v.After > time.Minute {
		t.Errorf("%+v", v)
	}
}

func TestWhatStaysUnavailableIsAskedForLessAndLessOften(t *testing.T) {
	t.Parallel()
	api := newAPI(&fakeService{err: &payment.Error{Code: payment.CodeUnavailable}})
	last := time.Duration(0)
	for _, receives := range []int{0, 1, 3, 5, 7, 900} {
		v := api.Message(context.Background(), payment.KindRefund, ingress.Message{Body: []byte(queuedRefund), Receives: receives}, time.Now().Add(time.Minute))
		if v.Fate != ingress.Back || v.After < last/2 || v.After > 30*time.Minute {
			t.Errorf("delivery %d: back after %s", receives, v.After)
		}
		last = v.After
	}
	if last < 15*time.Minute {
		t.Errorf("the last one waits %s only", last)
	}
}

func TestCommandsArriveBareAndInEvents(t *testing.T) {
	t.Parallel()
	const cancel = `{"paymentId":"10000001","idempotencyKey":"key-1"}`
	for name, tc := range map[string]struct {
		kind payment.Kind
		body string
	}{
		"refund":          {payment.KindRefund, queuedRefund},
		"refund in event": {payment.KindRefund, eventOf("refund.requested", queuedRefund)},
		"cancel":          {payment.KindCancel, cancel},
		"cancel in event": {payment.KindCancel, eventOf("cancel.requested", cancel)},

		"reversal":          {payment.KindReversal, `{"kind":"reversal","paymentId":"10000001","idempotencyKey":"key-1"}`},
		"reversal in event": {payment.KindReversal, eventOf("reversal.requested", cancel)},
	} {
		queue := tc.kind
		if queue == payment.KindReversal {
			queue = payment.KindCancel
		}
		service := &fakeService{result: succeeded()}
		if v := message(newAPI(service), queue, tc.body); v.Fate != ingress.Acknowledge {
			t.Errorf("%s: %+v", name, v)
			continue
		}
		if service.command.Interactive || service.record == payment.RecordNone {
			t.Errorf("%s: nobody waits for the answer, so it must leave the reserved fifth alone, and a refusal must be recorded", name)
		}
		bare := &fakeService{result: succeeded()}
		command := map[payment.Kind]string{
			payment.KindRefund: queuedRefund, payment.KindCancel: cancel, payment.KindReversal: strings.Replace(cancel, "{", `{"kind":"reversal",`, 1),
		}[tc.kind]
		newAPI(bare).Bare(context.Background(), queue, []byte(command))
		if service.command.Kind != tc.kind {
			t.Errorf("%s: it is taken for a %s", name, service.command.Kind)
		}
		if service.command.OperationID() != bare.command.OperationID() || service.command.Fingerprint() != bare.command.Fingerprint() {
			t.Errorf("%s: it is another command than the bare one", name)
		}
	}
}

// TestWhatIsNoCommandIsParkedWithAReason: nothing reaches the service, nothing is dropped.
func TestWhatIsNoCommandIsParkedWithAReason(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body   string
		reason payment.Code
		says   string
	}{
		"empty":                  {"", "invalid-request", "body must not be empty"},
		"not JSON":               {"refund it", "invalid-request", "body must be one JSON object"},
		"a list":                 {`[]`, "invalid-request", "body must be a JSON object"},
		"null":                   {`null`, "invalid-request", "body must be a JSON object"},
		"invalid UTF-8":          {"{\"paymentId\":\"\xff\"}", "invalid-request", "UTF-8"},
		"no key":                 {`{"paymentId":"1","amount":"1"}`, "invalid-request", "idempotencyKey is needed"},
		"every fault":            {`{"amount":"0","x":1}`, "invalid-request", "; "},
		"a member twice":         {`{"paymentId":"1","paymentId":"2","amount":"1","idempotencyKey":"k"}`, "invalid-request", "paymentId must be given once"},
		"a dry run":              {`{"paymentId":"1","amount":"1","dryRun":true}`, "invalid-request", "dryRun is not known here"},
		"too large":              {`{"reference":"` + strings.Repeat("x", 65<<10) + `"}`, "content-too-large", "65536"},
		"an SNS notification":    {`{"Type":"Notification","Message":"{}"}`, "invalid-request", "Type is not known here"},
		"another kind's event":   {eventOf("cancel.requested", queuedRefund), "unknown-event", "refund.requested"},
		"our own event":          {eventOf("refund.succeeded", queuedRefund), "unknown-event", "refund.requested"},
		"a detail-type in vain":  {`{"detail-type":7}`, "unknown-event", "refund.requested"},
		"an event with nothing":  {`{"detail-type":"refund.requested"}`, "unknown-event", "no detail"},
		"an event, detail twice": {`{"detail-type":"refund.requested","detail":` + queuedRefund + `,"detail":` + queuedRefund + `}`, "unknown-event", "detail must be given once"},
		"a detail that is text":  {eventOf("refund.requested", `"{}"`), "invalid-request", "body must be a JSON object"},
		"an event, bad command":  {eventOf("refund.requested", `{"paymentId":"x"}`), "invalid-request", "paymentId must be"},
		"an event, large detail": {eventOf("refund.requested", `{"reference":"`+strings.Repeat("x", 65<<10)+`"}`), "content-too-large", ""},
	} {
		service := &fakeService{result: succeeded()}
		v := message(newAPI(service), payment.KindRefund, tc.body)
		if v.Fate != ingress.Park || v.Reason != tc.reason || !strings.Contains(v.Detail, tc.says) || len(service.calls) > 0 {
			t.Errorf("%s: %+v, calls %v", name, v, service.calls)
		}
	}
}
