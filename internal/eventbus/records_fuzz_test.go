package eventbus

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// FuzzStreamRecords: whatever stands in the stream's records, the function publishes them all, or names one of them to be
// given again; an event that is not the stream's is refused and publishes nothing.
func FuzzStreamRecords(f *testing.F) {
	const account = `{\"f\":1,\"id\":\"PAYMENT#1\",\"v\":2,\"p\":\"1\",\"c\":\"TRY\",\"l\":[{\"id\":\"1\",\"p\":\"10\"}],\"o\":[{\"id\":\"rf_1_aaaaaaaaaaaaaaaa\",\"k\":\"refund\",\"key\":\"k\",` +
		`\"fp\":\"f\",\"a\":\"10\",\"g\":[{\"api\":\"refund\",\"l\":\"1\",\"a\":\"10\",\"s\":\"succeeded\",\"n\":1}],\"ca\":\"2031-03-10T09:00:00Z\",\"ua\":\"2031-03-10T09:00:00Z\"}]}`
	const image = `{"pk":{"S":"PAYMENT#1"},"version":{"N":"2"},"account":{"S":"` + account + `"}}`
	record := func(number, images string) string {
		return `{"eventSource":"aws:dynamodb","dynamodb":{"SequenceNumber":"` + number + `",` + images + `}}`
	}
	for _, records := range []string{
		record("s-1", `"NewImage":`+image), record("s-1", `"NewImage":`+image+`,"OldImage":`+image), record("s-1", `"NewImage":`+image) + "," + record("s-2", `"NewImage":`+image),
		record("s-1", `"NewImage":{"pk":{"S":"QUOTA#x"},"used":{"N":"1"}}`), record("s-1", `"NewImage":`+strings.Replace(image, "succeeded", "unknown", 1)),
		record("s-1", `"NewImage":{"pk":{"S":"PAYMENT#1"},"account":{"B":"H4sIAAAAAAAA"}}`), record("s-1", `"NewImage":`+strings.Replace(image, `\"f\":1`, `\"f\":2`, 1)), `{"eventSource":"aws:sqs"}`,
	} {
		f.Add([]byte(`{"Records":[` + records + `]}`))
	}
	f.Fuzz(func(t *testing.T, event []byte) {
		var log bytes.Buffer
		service := &recordedBus{}
		p := &publisher{bus: &eventBus{service, "iade"}, log: slog.New(slog.NewTextHandler(&log, nil))}
		answer, err := p.handle(t.Context(), event)
		if err != nil {
			if service.seen > 0 || log.Len() > 0 {
				t.Fatalf("%v after %d events", err, service.seen)
			}
			return
		}
		var stream events.DynamoDBEvent
		if err := json.Unmarshal(event, &stream); err != nil {
			t.Fatal(err)
		}
		failures := answer.BatchItemFailures
		if len(failures) > 1 || failures == nil || (len(failures) == 1) != (log.Len() > 0) {
			t.Fatalf("failures %v, log %s", failures, log.String())
		}
		if len(failures) == 1 && !slices.ContainsFunc(stream.Records, func(r events.DynamoDBEventRecord) bool {
			return r.Change.SequenceNumber == failures[0].ItemIdentifier
		}) {
			t.Fatalf("it names %q, which is none of the records", failures[0].ItemIdentifier)
		}
	})
}
