package lambda_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/iade/iade/internal/test/dynamotest"
	"github.com/iade/iade/internal/test/runtimeapi"
)

// streamRecords are all records of the table's stream so far, as Lambda passes them.
func (d *deployment) streamRecords() []json.RawMessage {
	d.t.Helper()
	return d.openStream().next()
}

// stream is a reader of the table's stream, as Lambda's poller is one.
type stream struct {
	d         *deployment
	client    *dynamodbstreams.Client
	iterators []*string // of each shard; nil = read to its end
}

// openStream reads from the stream's beginning.
func (d *deployment) openStream() *stream {
	d.t.Helper()
	table, err := d.client.DescribeTable(d.t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(d.table)})
	if err != nil {
		d.t.Fatal(err)
	}
	arn := table.Table.LatestStreamArn
	s := &stream{d: d, client: dynamodbstreams.New(dynamodbstreams.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(d.endpoint), Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})}
	description, err := s.client.DescribeStream(d.t.Context(), &dynamodbstreams.DescribeStreamInput{StreamArn: arn})
	if err != nil {
		d.t.Fatal(err)
	}
	for _, shard := range description.StreamDescription.Shards {
		iterator, err := s.client.GetShardIterator(d.t.Context(), &dynamodbstreams.GetShardIteratorInput{
			StreamArn: arn, ShardId: shard.ShardId, ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
		})
		if err != nil {
			d.t.Fatal(err)
		}
		s.iterators = append(s.iterators, iterator.ShardIterator)
	}
	return s
}

// next are the records that came since.
func (s *stream) next() []json.RawMessage {
	s.d.t.Helper()
	var all []json.RawMessage
	for i := range s.iterators {
		for s.iterators[i] != nil {
			page, err := s.client.GetRecords(s.d.t.Context(), &dynamodbstreams.GetRecordsInput{ShardIterator: s.iterators[i]})
			if err != nil {
				s.d.t.Fatal(err)
			}
			s.iterators[i] = page.NextShardIterator
			for _, r := range page.Records {
				all = append(all, lambdaRecord(s.d.t, r))
			}
			if len(page.Records) == 0 {
				break
			}
		}
	}
	return all
}

// lambdaRecord is a record in the form of a Lambda event.
func lambdaRecord(t testing.TB, r types.Record) json.RawMessage {
	t.Helper()
	image := func(item map[string]types.AttributeValue) map[string]any {
		members := map[string]any{}
		for name, value := range item {
			switch v := value.(type) {
			case *types.AttributeValueMemberS:
				members[name] = map[string]string{"S": v.Value}
			case *types.AttributeValueMemberN:
				members[name] = map[string]string{"N": v.Value}
			case *types.AttributeValueMemberB:
				members[name] = map[string]string{"B": base64.StdEncoding.EncodeToString(v.Value)}
			}
		}
		return members
	}
	change := map[string]any{"SequenceNumber": *r.Dynamodb.SequenceNumber, "Keys": image(r.Dynamodb.Keys), "StreamViewType": "NEW_AND_OLD_IMAGES"}
	if len(r.Dynamodb.OldImage) > 0 {
		change["OldImage"] = image(r.Dynamodb.OldImage)
	}
	if len(r.Dynamodb.NewImage) > 0 {
		change["NewImage"] = image(r.Dynamodb.NewImage)
	}
	data, err := json.Marshal(map[string]any{
		"eventID": "e", "eventName": string(r.EventName), "eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": "eu-west-1",
		"eventSourceARN": "arn:aws:dynamodb:eu-west-1:000000000000:table/iade/stream/s", "dynamodb": change,
	})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func sequenceNumber(t testing.TB, record json.RawMessage) string {
	t.Helper()
	var r struct {
		Dynamodb struct{ SequenceNumber string } `json:"dynamodb"`
	}
	if err := json.Unmarshal(record, &r); err != nil {
		t.Fatal(err)
	}
	return r.Dynamodb.SequenceNumber
}

// publish gives the publish function records, and returns the sequence number at which it stopped; "" = all were published.
func publish(t testing.TB, f invoker, records []json.RawMessage) (string, error) {
	t.Helper()
	event, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		t.Fatal(err)
	}
	payload, err := f.Invoke(context.Background(), event)
	if err != nil {
		return "", err
	}
	var response struct {
		BatchItemFailures []struct {
			ItemIdentifier string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(payload, &response); err != nil || len(response.BatchItemFailures) > 1 {
		t.Fatalf("%s %v", payload, err)
	}
	for _, failure := range response.BatchItemFailures {
		return failure.ItemIdentifier, nil
	}
	return "", nil
}

// publishAll does what Lambda's poller does: it gives what is left again, until all is published.
func publishAll(t testing.TB, f invoker, records []json.RawMessage) {
	t.Helper()
	for range 100 {
		stopped, err := publish(t, f, records)
		if err != nil {
			t.Fatal(err)
		}
		if stopped == "" {
			return
		}
		records = from(t, records, stopped)
	}
	t.Fatal("it is never done")
}

// from is what is left of the records when the function stopped at a sequence number.
func from(t testing.TB, records []json.RawMessage, stopped string) []json.RawMessage {
	t.Helper()
	at := slices.IndexFunc(records, func(r json.RawMessage) bool { return sequenceNumber(t, r) == stopped })
	if at < 0 {
		t.Fatalf("it stopped at %s, which it was not given", stopped)
	}
	return records[at:]
}

// story makes changes of several kinds on several payments and returns what is to be published of each, in order.
func story(d *deployment) map[string][]string {
	d.t.Helper()
	p, q := d.addPayment("100.00"), d.addPayment("50.00")
	d.queue("refund", queued{"1", refundCommand(p, "10", "a")}, queued{"2", eventBody(d.t, "refund.requested", refundCommand(p, "1000", "b"))},
		queued{"3", refundCommand(p, "1000", "b")}, queued{"4", refundCommand(p, "10", "a")})
	d.script("/payment/refund", "reset-after")
	d.queue("refund", queued{"5", refundCommand(p, "20", "c")})
	d.queue("cancel", queued{"6", eventBody(d.t, "cancel.requested", `{"paymentId":"`+q+`","idempotencyKey":"a","reference":"order-1"}`)})
	if c := d.bare("reconcile", `{"check":"`+d.operationID(p, "c", "20")+`"}`); c.Body.State != "succeeded" {
		d.t.Fatalf("check: %+v", c)
	}
	return map[string][]string{
		p: {"refund.succeeded a", "refund.rejected b exceeds-refundable", "refund.unknown c reset", "refund.succeeded c"},
		q: {"cancel.succeeded a"},
	}
}

// operationID asks which operation a key made.
func (d *deployment) operationID(paymentID, key, amount string) string {
	d.t.Helper()
	return d.post("/refunds", key, `{"paymentId":"`+paymentID+`","amount":"`+amount+`"}`).ID
}

// told is what a consumer makes of the events: repeats dropped by id and sequence, each payment's in the order of arrival.
// A later state that comes before an earlier one's first arrival is an error.
func told(t testing.TB, all []published) map[string][]string {
	t.Helper()
	seen := map[string]bool{}
	last := map[string]int64{}
	lines := map[string][]string{}
	for _, e := range all {
		key := fmt.Sprint(e.Detail.ID, " ", e.Detail.Sequence)
		if seen[key] {
			continue
		}
		seen[key] = true
		p, account := e.Detail.PaymentID, e.Detail.PaymentID
		if strings.HasPrefix(e.DetailType, "fund_payment.") {
			account = e.Detail.ID // a fund payment has one of its own
		}
		if e.Detail.Sequence < last[account] {
			t.Errorf("account %s: sequence %d after %d", account, e.Detail.Sequence, last[account])
		}
		last[account] = e.Detail.Sequence
		line := e.DetailType + " " + e.Detail.IdempotencyKey
		if e.Detail.Error.Code != "" {
			line += " " + e.Detail.Error.Code
		}
		lines[p] = append(lines[p], line)
	}
	return lines
}

func checkTold(t testing.TB, want map[string][]string, all []published) {
	t.Helper()
	got := told(t, all)
	for p, lines := range want {
		if !slices.Equal(got[p], lines) {
			t.Errorf("payment %s: %q, want %q", p, got[p], lines)
		}
	}
	if len(got) != len(want) {
		t.Errorf("events of %d payments, want %d", len(got), len(want))
	}
}

// TestEveryChangeIsPublishedInOrderThoughTheBusRefuses follows commands from the queue to the events (I8), through a
// bus that refuses single entries. The bus checks every event against its schema.
func TestEveryChangeIsPublishedInOrderThoughTheBusRefuses(t *testing.T) {
	t.Parallel()
	d, m := deployBus(t, dynamotest.Endpoint(t))
	want := story(d)
	records := d.streamRecords()
	m.refuseAt = map[int]bool{1: true, 3: true, 6: true}
	publishAll(t, d.function("publish"), records)
	checkTold(t, want, m.published())

	m.breakDown("PutEvents", true)
	if stopped, err := publish(t, d.function("publish"), records); err != nil || stopped == "" {
		t.Errorf("a bus that is away: stopped at %q, %v", stopped, err)
	}
	m.breakDown("PutEvents", false)
	publishAll(t, d.function("publish"), records)
	checkTold(t, want, m.published())
}

// TestConsumersCanDropWhatIsPublishedAgain is matrix row 21: a stream that is replayed, or read by two, repeats events, and a
// repeat has the id and sequence of the first.
//
// failure 21: the built publisher and a bus
func TestConsumersCanDropWhatIsPublishedAgain(t *testing.T) {
	t.Parallel()
	d, m := deployBus(t, dynamotest.Endpoint(t))
	want := story(d)
	records := d.streamRecords()
	publishAll(t, d.function("publish"), records)
	once := len(m.published())
	publishAll(t, d.function("publish"), records)
	for _, r := range records {
		publishAll(t, d.function("publish"), []json.RawMessage{r})
	}
	all := m.published()
	if len(all) != 3*once {
		t.Errorf("%d events, want %d three times", len(all), once)
	}
	checkTold(t, want, all)
}

// TestAKilledPublisherPublishesWhatIsLeft kills the process while the bus has its events, before and after it took them.
//
// failure 21: SIGKILL of the built publisher
func TestAKilledPublisherPublishesWhatIsLeft(t *testing.T) {
	t.Parallel()
	endpoint := dynamotest.Endpoint(t)
	for name, takeFirst := range map[string]bool{"before the bus took them": false, "after the bus took them": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, m := deployBus(t, endpoint)
			want := story(d)
			records := d.streamRecords()
			m.mu.Lock()
			m.holdPuts, m.takeFirst = make(chan struct{}), takeFirst
			m.mu.Unlock()
			e := d.environment("publish")
			killed := make(chan error, 1)
			go func() {
				_, err := publish(t, e, records)
				killed <- err
			}()
			<-m.holding
			e.Kill()
			if err := <-killed; !errors.Is(err, runtimeapi.ErrEnded) {
				t.Fatalf("the invocation ended with %v", err)
			}
			m.mu.Lock()
			close(m.holdPuts)
			m.holdPuts = nil
			m.mu.Unlock()
			publishAll(t, e, records)
			checkTold(t, want, m.published())
		})
	}
}

// TestDeletionsAndCountersPublishNothing: TTL removes an item, a minute's calls are counted.
func TestDeletionsAndCountersPublishNothing(t *testing.T) {
	t.Parallel()
	d, m := deployBus(t, dynamotest.Endpoint(t))
	p := d.addPayment("100.00")
	d.queue("refund", queued{"1", refundCommand(p, "10", "a")})
	publishAll(t, d.function("publish"), d.streamRecords())
	before := len(m.published())
	seen := len(d.streamRecords())
	_, err := d.client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{
		TableName: aws.String(d.table), Key: map[string]dynamotypes.AttributeValue{"pk": &dynamotypes.AttributeValueMemberS{Value: "PAYMENT#" + p}},
	})
	if err != nil {
		t.Fatal(err)
	}
	rest := d.streamRecords()[seen:]
	if len(rest) == 0 {
		t.Fatal("the deletion is not in the stream")
	}
	publishAll(t, d.function("publish"), rest)
	if after := len(m.published()); before != 1 || after != before {
		t.Errorf("%d events, then %d", before, after)
	}
}
