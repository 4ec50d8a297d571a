package lambda_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	apitest "github.com/iade/iade/internal/test/api"
	"github.com/iade/iade/internal/test/runtimeapi"
)

// coldStart is how long one process took.
type coldStart struct {
	ready  time.Duration // from spawning it to its first GET next
	answer time.Duration // from spawning it to its first answer
}

// BenchmarkColdStart starts the refund function and a bootstrap that does nothing but load a DynamoDB client, one after
// the other, so that both meet the same machine, and reports medians and their ratio. Both answer a request without asking
// anybody anything: what is measured is the binary and its init. It never fails on a time; docs/proof/benchmarks.md says how to
// run it.
func BenchmarkColdStart(b *testing.B) {
	refund := runtimeapi.Config{Bootstrap: bootstrap(b, "refund"), Env: []string{
		"TABLE_NAME=iade", "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:1", "IYZICO_BASE_URL=http://127.0.0.1:1",
		"IYZICO_SECRET_ARN=" + secretARN, "AWS_ENDPOINT_URL_SECRETS_MANAGER=http://127.0.0.1:1",
	}}
	baseline := runtimeapi.Config{Bootstrap: built(b, "internal/test/lambda/testdata/baseline"), Env: []string{"AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:1"}}
	event, err := gatewayEvent(apitest.Request{
		Method: http.MethodPost, Path: "/refunds", Body: []byte(`{"paymentId":"10000001","amount":"10.50"}`),
		Header: http.Header{"Content-Type": {"application/json"}},
	}, "POST /refunds", nil)
	if err != nil {
		b.Fatal(err)
	}
	measure(b, refund, event) // the first start of each reads the binary from the disk
	measure(b, baseline, event)
	var ours, theirs []coldStart
	for b.Loop() {
		if len(ours)%2 == 0 { // neither is always the one that comes second
			ours = append(ours, measure(b, refund, event))
			theirs = append(theirs, measure(b, baseline, event))
		} else {
			theirs = append(theirs, measure(b, baseline, event))
			ours = append(ours, measure(b, refund, event))
		}
	}
	ready := func(c coldStart) float64 { return float64(c.ready) / float64(time.Millisecond) }
	answer := func(c coldStart) float64 { return float64(c.answer) / float64(time.Millisecond) }
	b.ReportMetric(0, "ns/op") // both starts together mean nothing
	b.ReportMetric(median(each(ours, ready)), "ready-ms")
	b.ReportMetric(median(each(ours, answer)), "answer-ms")
	b.ReportMetric(median(each(theirs, ready)), "baseline-ready-ms")
	b.ReportMetric(median(each(theirs, answer)), "baseline-answer-ms")
	b.ReportMetric(median(ratios(each(ours, ready), each(theirs, ready))), "ready-ratio")
	b.ReportMetric(median(ratios(each(ours, answer), each(theirs, answer))), "answer-ratio")
}

// measure starts a process, gives it one event and ends it.
func measure(b *testing.B, c runtimeapi.Config, event []byte) coldStart {
	b.Helper()
	e := runtimeapi.NewEnvironment(c)
	defer e.Kill()
	began := time.Now()
	if err := e.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	ready := time.Since(began)
	payload, err := e.Invoke(b.Context(), event)
	if err != nil {
		b.Fatal(err)
	}
	answer := time.Since(began)
	if reply, err := gatewayReply(payload); err != nil || reply.Status != http.StatusBadRequest {
		b.Fatalf("%s %v", payload, err)
	}
	return coldStart{ready, answer}
}

func each(all []coldStart, of func(coldStart) float64) []float64 {
	values := make([]float64, len(all))
	for i, one := range all {
		values[i] = of(one)
	}
	return values
}

// ratios divides pair by pair.
func ratios(ours, theirs []float64) []float64 {
	values := make([]float64, len(ours))
	for i := range ours {
		values[i] = ours[i] / theirs[i]
	}
	return values
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
