package eventbus

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/google/go-cmp/cmp"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/metrics"
	"github.com/iade/iade/internal/payment"
)

// recordedBus is EventBridge: it remembers calls and refuses the entries that refuse names, counted over all calls.
type recordedBus struct {
	calls  [][]string
	seen   int
	refuse map[int]bool
	broken int // the number of the call that fails, from 1; 0 = none
	odd    *eventbridge.PutEventsOutput
	entry  types.PutEventsRequestEntry
}

func (b *recordedBus) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	if b.broken == len(b.calls)+1 {
		return nil, errors.New("away")
	}
	if b.odd != nil {
		return b.odd, nil
	}
	var call []string
	out := &eventbridge.PutEventsOutput{}
	for _, entry := range in.Entries {
		var detail struct {
			PaymentID string
			Sequence  int64
		}
		if err := json.Unmarshal([]byte(*entry.Detail), &detail); err != nil {
			return nil, err
		}
		call = append(call, fmt.Sprintf("%s.%d", detail.PaymentID, detail.Sequence))
		b.seen++
		b.entry = entry
		if b.refuse[b.seen] {
			out.FailedEntryCount++
			out.Entries = append(out.Entries, types.PutEventsResultEntry{ErrorCode: aws.String("ThrottlingException"), ErrorMessage: aws.String("slow down")})
			continue
		}
		out.Entries = append(out.Entries, types.PutEventsResultEntry{EventId: aws.String("e")})
	}
	b.calls = append(b.calls, call)
	return out, nil
}

// change is one event of a payment.
func change(paymentID string, sequence int64, size int) payment.Published {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return payment.Change{DetailType: "refund.succeeded", Detail: payment.Detail{
		Resource: payment.Resource{
			ID: "rf_" + paymentID + "_abcdefghijklmnop", Kind: "refund", Status: "succeeded", PaymentID: paymentID,
			Reference: strings.Repeat("x", size), UpdatedAt: at, CreatedAt: at,
		},
		SchemaVersion: 1, Sequence: sequence, IdempotencyKey: "k",
	}}.Published()
}

func TestEventsGoOutInOrderAndInCallsThatEventBridgeTakes(t *testing.T) {
	t.Parallel()
	var many []payment.Published
	for i := range 23 {
		many = append(many, change(fmt.Sprint(i+1), 1, 0))
	}
	for name, tc := range map[string]struct {
		all  []payment.Published
		want []int
	}{
		"ten at once":                       {many, []int{10, 10, 3}},
		"nothing":                           {nil, nil},
		"two writes of one payment":         {[]payment.Published{change("1", 1, 0), change("2", 1, 0), change("1", 2, 0), change("1", 3, 0)}, []int{2, 1, 1}},
		"one write of one payment":          {[]payment.Published{change("1", 7, 0), change("1", 7, 0), change("2", 7, 0)}, []int{3}},
		"no more than 256 KiB":              {[]payment.Published{change("1", 1, 100<<10), change("2", 1, 100<<10), change("3", 1, 100<<10)}, []int{2, 1}},
		"a large one goes alone":            {[]payment.Published{change("1", 1, 235<<10), change("2", 1, 10<<10)}, []int{1, 1}},
		"a large one behind small ones too": {[]payment.Published{change("1", 1, 10<<10), change("2", 1, 235<<10)}, []int{1, 1}},
		"too large ones are shortened":      {[]payment.Published{change("1", 1, 300<<10), change("2", 1, 300<<10)}, []int{2}},
	} {
		service := &recordedBus{}
		taken, err := (&eventBus{service, "iade"}).Put(t.Context(), tc.all)
		var sizes []int
		var order []string
		for _, call := range service.calls {
			sizes, order = append(sizes, len(call)), append(order, call...)
		}
		if diff := cmp.Diff(tc.want, sizes); diff != "" || err != nil || taken != len(tc.all) {
			t.Errorf("%s: %d taken, %v\n%s", name, taken, err, diff)
		}
		for i, e := range tc.all {
			if want := fmt.Sprintf("%s.%d", e.Detail.PaymentID, e.Detail.Sequence); order[i] != want {
				t.Errorf("%s: event %d is %s, not %s", name, i, order[i], want)
			}
		}
	}
	service := &recordedBus{}
	if _, err := (&eventBus{service, "iade"}).Put(t.Context(), many[:1]); err != nil {
		t.Fatal(err)
	}
	if e := service.entry; *e.EventBusName != "iade" || *e.Source != "iade" || *e.DetailType != "refund.succeeded" || !e.Time.Equal(many[0].Detail.UpdatedAt) {
		t.Errorf("entry %+v", e)
	}
}

func TestTheFirstEventThatWasNotTakenIsNamed(t *testing.T) {
	t.Parallel()
	var all []payment.Published
	for i := range 25 {
		all = append(all, change(fmt.Sprint(i+1), 1, 0))
	}
	for name, tc := range map[string]struct {
		bus  *recordedBus
		want int
	}{
		"the first":               {&recordedBus{refuse: map[int]bool{1: true}}, 0},
		"two of the second call":  {&recordedBus{refuse: map[int]bool{14: true, 18: true}}, 13},
		"the whole third call":    {&recordedBus{broken: 3}, 20},
		"an answer without codes": {&recordedBus{odd: &eventbridge.PutEventsOutput{FailedEntryCount: 1, Entries: make([]types.PutEventsResultEntry, 10)}}, 0},
		"an empty answer":         {&recordedBus{odd: &eventbridge.PutEventsOutput{}}, 0},
	} {
		taken, err := (&eventBus{tc.bus, "iade"}).Put(t.Context(), all)
		if err == nil || taken != tc.want {
			t.Errorf("%s: %d taken, %v; want %d", name, taken, err, tc.want)
		}
		if len(tc.bus.calls) > tc.want/10+1 {
			t.Errorf("%s: it went on after a failure: %v", name, tc.bus.calls)
		}
	}
}

func TestTheStreamStopsAtWhatCannotBePublished(t *testing.T) {
	t.Parallel()
	const unreadable = `{"eventSource":"aws:dynamodb","dynamodb":{"SequenceNumber":"s-bad","NewImage":{"pk":{"S":"PAYMENT#1"},"account":{"S":"{"}}}}`
	const counter = `{"eventSource":"aws:dynamodb","dynamodb":{"SequenceNumber":"s-quota","NewImage":{"pk":{"S":"QUOTA#refund#2026"},"used":{"N":"1"}}}}`
	const gone = `{"eventSource":"aws:dynamodb","eventName":"REMOVE","dynamodb":{"SequenceNumber":"s-ttl","OldImage":{"pk":{"S":"PAYMENT#1"},"account":{"S":"{"}}}}`
	for name, tc := range map[string]struct{ records, want string }{
		"nothing to publish": {counter + "," + gone, `{"batchItemFailures":[]}`},
		"unreadable":         {counter + "," + unreadable + "," + gone, `{"batchItemFailures":[{"itemIdentifier":"s-bad"}]}`},
		// A newer version wrote it, and the functions are being replaced: it waits for the newer publisher.
		"a newer form":   {counter + "," + strings.Replace(streamRecord(t, "bad"), `\"f\":1`, `\"f\":3`, 1) + "," + gone, `{"batchItemFailures":[{"itemIdentifier":"s-bad"}]}`},
		"a newer state":  {strings.Replace(streamRecord(t, "bad"), "succeeded", "disputed", 1), `{"batchItemFailures":[{"itemIdentifier":"s-bad"}]}`},
		"a newer member": {strings.Replace(streamRecord(t, "bad"), `\"fp\":`, `\"zz\":1,\"fp\":`, 1), `{"batchItemFailures":[{"itemIdentifier":"s-bad"}]}`},
	} {
		var log bytes.Buffer
		p := &publisher{bus: &eventBus{&recordedBus{}, "iade"}, log: slog.New(slog.NewTextHandler(&log, nil))}
		answer, err := p.handle(t.Context(), json.RawMessage(`{"Records":[`+tc.records+`]}`))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(answer); err != nil || string(got) != tc.want {
			t.Errorf("%s: %s %v", name, got, err)
		}
		if strings.Contains(log.String(), "s-bad") != (name != "nothing to publish") {
			t.Errorf("%s: log %s", name, log.String())
		}
	}
}

// streamRecord is the first save of a payment's account, with a refund that succeeded.
func streamRecord(t *testing.T, payment string) string {
	t.Helper()
	account := `{"f":1,"id":"PAYMENT#` + payment + `","v":2,"p":"` + payment + `","c":"TRY","o":[{"id":"rf_` + payment + `_aaaaaaaaaaaaaaaa","k":"refund","key":"k","fp":"f","a":"10",` +
		`"g":[{"api":"refund","l":"1","a":"10","s":"succeeded","n":1}],"ca":"2031-03-10T09:00:00Z","ua":"2031-03-10T09:00:00Z"}]}`
	quoted, err := json.Marshal(account)
	if err != nil {
		t.Fatal(err)
	}
	return `{"eventSource":"aws:dynamodb","dynamodb":{"SequenceNumber":"s-` + payment + `","NewImage":{"pk":{"S":"PAYMENT#` + payment + `"},"account":{"S":` + string(quoted) + `}}}}`
}

// TestTheStreamStopsAtWhatTheBusRefuses: the record whose event was not taken is given again, with all after it.
func TestTheStreamStopsAtWhatTheBusRefuses(t *testing.T) {
	t.Parallel()
	event := json.RawMessage(`{"Records":[` + streamRecord(t, "1") + "," + streamRecord(t, "2") + "," + streamRecord(t, "3") + `]}`)
	for name, tc := range map[string]struct {
		bus  *recordedBus
		want string
	}{
		"nothing":    {&recordedBus{}, ""},
		"the second": {&recordedBus{refuse: map[int]bool{2: true}}, "s-2"},
		"the call":   {&recordedBus{broken: 1}, "s-1"},
	} {
		var counted bytes.Buffer
		p := &publisher{bus: &eventBus{tc.bus, "iade"}, log: slog.New(slog.DiscardHandler), metrics: metrics.New("iade", "publish", &counted, time.Now)}
		answer, err := p.handle(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		var named string
		for _, failure := range answer.BatchItemFailures {
			named += failure.ItemIdentifier
		}
		published := map[string]string{"nothing": `"EventsPublished":3}`, "the second": `"EventsPublished":1}`}[name]
		if published == "" && counted.Len() > 0 || !strings.Contains(counted.String(), published) {
			t.Errorf("%s was refused, and counted is %s", name, counted.String())
		}
		if named != tc.want {
			t.Errorf("%s was refused, and %q is given again, not %q", name, named, tc.want)
		}
	}
}

func TestTheStreamsFunctionRefusesOtherEvents(t *testing.T) {
	t.Parallel()
	p := &publisher{bus: &eventBus{&recordedBus{}, "iade"}, log: slog.Default()}
	for _, event := range []string{`{}`, `{"Records":[]}`, `{"Records":[{"eventSource":"aws:sqs"}]}`, `{"reconcile":true}`} {
		if _, err := p.handle(t.Context(), json.RawMessage(event)); !errors.Is(err, ingress.ErrUnsupportedEvent) {
			t.Errorf("%s: %v", event, err)
		}
	}
	if _, err := p.handle(t.Context(), json.RawMessage(`[]`)); err == nil {
		t.Error("a list is taken")
	}
}

func TestThePublisherNeedsABus(t *testing.T) {
	t.Parallel()
	if _, _, err := newPublisher(t.Context(), func(string) string { return "" }, slog.Default()); err == nil || !strings.Contains(err.Error(), "EVENT_BUS_NAME is needed") {
		t.Error(err)
	}
}

// TestAnEventThatNoBusCarriesIsShortened: 500 legs are more than EventBridge takes. What is left says that it was shortened,
// is no larger than an entry may be, and is what the schema says; everything behind it comes through.
func TestAnEventThatNoBusCarriesIsShortened(t *testing.T) {
	t.Parallel()
	legs := func(n int, proof string) payment.Published {
		e := change("1", 1, 10)
		for i := range n {
			e.Detail.Legs = append(e.Detail.Legs, payment.LegView{
				PaymentTransactionID: fmt.Sprint(1000000000000000000 + i), Amount: "10.00", Status: "succeeded", ConversationID: fmt.Sprint(e.Detail.ID, "-", i+1),
				Iyzico: &payment.ProofView{AuthCode: "512821", HostReference: proof, SignatureVerified: true},
			})
		}
		return e
	}
	for name, tc := range map[string]struct {
		event                  payment.Published
		shortened, legs, proof bool
	}{
		"as many legs as fit": {legs(500, "h"), false, true, true},
		"without their proof": {legs(500, strings.Repeat("h", 400)), true, true, false},
		"without legs":        {legs(2000, "h"), true, false, false},
		"with nothing else":   {change("1", 1, 300<<10), true, false, false},
	} {
		detail, err := fitting(tc.event)
		if err != nil || len(detail) > mostEntryBytes {
			t.Errorf("%s: %d bytes, %v", name, len(detail), err)
		}
		var got payment.Detail
		if err := json.Unmarshal([]byte(detail), &got); err != nil {
			t.Fatal(err)
		}
		if got.Shortened != tc.shortened || len(got.Legs) > 0 != tc.legs || (len(got.Legs) > 0 && got.Legs[0].Iyzico != nil) != tc.proof {
			t.Errorf("%s: shortened %v, %d legs", name, got.Shortened, len(got.Legs))
		}
		if got.ID != tc.event.Detail.ID || got.Status != "succeeded" || got.Sequence != 1 || got.IdempotencyKey != "k" || len(tc.event.Detail.Legs) > 0 && tc.event.Detail.Legs[0].Iyzico == nil {
			t.Errorf("%s: %.200s", name, detail)
		}
	}
	service := &recordedBus{}
	if taken, err := (&eventBus{service, "iade"}).Put(t.Context(), []payment.Published{legs(2000, "h"), change("2", 1, 0)}); taken != 2 || err != nil {
		t.Errorf("%d taken, %v", taken, err)
	}
}

// brokenJournal takes so many appends and then no more.
type brokenJournal struct {
	takes int
	kept  []payment.Record
}

func (j *brokenJournal) Append(_ context.Context, records []payment.Record) error {
	if j.takes--; j.takes < 0 {
		return errors.New("throttled")
	}
	j.kept = append(j.kept, records...)
	return nil
}

// TestTheStreamStopsAtWhatTheJournalRefuses: what is before it is published, what is behind it is not.
func TestTheStreamStopsAtWhatTheJournalRefuses(t *testing.T) {
	t.Parallel()
	event := json.RawMessage(`{"Records":[` + streamRecord(t, "1") + "," + streamRecord(t, "2") + "," + streamRecord(t, "3") + `]}`)
	for takes, want := range []string{"s-1", "s-2", "s-3", ""} {
		service, journal := &recordedBus{}, &brokenJournal{takes: takes}
		p := &publisher{bus: &eventBus{service, "iade"}, journal: journal, log: slog.New(slog.DiscardHandler)}
		answer, err := p.handle(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		var named string
		for _, failure := range answer.BatchItemFailures {
			named += failure.ItemIdentifier
		}
		if named != want || service.seen != takes || len(journal.kept) != takes {
			t.Errorf("%d appends: stopped at %q, want %q; %d events, %d records", takes, named, want, service.seen, len(journal.kept))
		}
	}
}

// TestTheStreamStopsBeforeTheFunctionsTimeEnds, after one record at least: a batch is never given again without progress.
func TestTheStreamStopsBeforeTheFunctionsTimeEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), margin/2)
	defer cancel()
	event := json.RawMessage(`{"Records":[` + streamRecord(t, "1") + "," + streamRecord(t, "2") + `]}`)
	service := &recordedBus{}
	p := &publisher{bus: &eventBus{service, "iade"}, journal: &brokenJournal{takes: 9}, log: slog.New(slog.DiscardHandler)}
	answer, err := p.handle(ctx, event)
	if err != nil || len(answer.BatchItemFailures) != 1 || answer.BatchItemFailures[0].ItemIdentifier != "s-2" || service.seen != 1 {
		t.Errorf("%+v, %v, %d events", answer, err, service.seen)
	}
}
