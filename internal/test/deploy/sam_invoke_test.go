package deploy_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/iade/iade/internal/test/dynamotest"
)

// invoked is one sample, given to its function with `sam local invoke`, and what must come of it.
type invoked struct {
	sample string
	fault  string // the body of POST /_fake/faults that comes before
	status int    // of the answer, 0 where a queue, a stream or a schedule asks
	want   map[string]string
	moves  []string // what iyzico executed because of it: kind, payment, amount
}

// invocations are the samples in the order in which somebody may try them. Those of one list share a fake iyzico with its
// seeded payments and a table, so that every sample which moves money is the first to do so in one of them.
func invocations() map[string][]invoked {
	refunded := map[string]string{"id": refundID, "status": "succeeded", "amount": "10.50", "refundedAmount": "10.50", "reference": "order-1001"}
	cancelled := map[string]string{"id": cancelID, "status": "succeeded", "amount": "75.00", "reference": "order-1003"}
	funded := map[string]string{"id": fundID, "status": "succeeded", "paidPrice": "50.00", "paymentStatus": "SUCCESS", "reference": "order-1004"}
	reversed := map[string]string{"id": reversalID, "status": "succeeded", "amount": "75.00", "refundedAmount": "75.00", "reference": "order-1003"}
	aRefund, aCancel, aFund := []string{"refund 10000001 10.50"}, []string{"cancel 10000003 75.00"}, []string{"fund_payment 10000010 50.00"}
	taken := map[string]string{"batchItemFailures.#": "0"}
	return map[string][]invoked{
		"bare commands": {
			{sample: "health-api.json", status: http.StatusOK, want: map[string]string{"status": "ok"}},
			{sample: "status-payment-api.json", status: http.StatusOK, want: map[string]string{"status": "paid", "refundableAmount": "100.00"}},
			{sample: "refund.json", status: http.StatusCreated, want: refunded, moves: aRefund},
			{sample: "status-api.json", status: http.StatusOK, want: refunded},
			{sample: "reconcile-check-api.json", status: http.StatusOK, want: refunded},
			{sample: "refund-charged.json", status: http.StatusCreated, moves: []string{"refund 10000002 10.50"},
				want: map[string]string{"id": chargedID, "status": "succeeded", "amount": "10.50", "chargedTo": "merchant"}},
			{sample: "cancel.json", status: http.StatusCreated, want: cancelled, moves: aCancel},
			{sample: "fund.json", status: http.StatusCreated, want: funded, moves: aFund},
			{sample: "refund-balance.json", status: http.StatusCreated, want: map[string]string{"id": balanceID, "status": "awaiting_customer", "amount": "120.00"}},
			// Its state is signed with the key of env.json, its token is made up: the page is the one that changes nothing.
			{sample: "balance-callback-api.json", status: http.StatusNotFound},
			{sample: "webhook-api.json", status: http.StatusNoContent}, // signed with the keys of env.json: nothing is waited for
			{sample: "status-operations-api.json", status: http.StatusOK, want: map[string]string{"operations.#": "0"}},
			{sample: "status-history-api.json", status: http.StatusNotImplemented, want: map[string]string{"type": "urn:iade:problem:not-implemented"}}, // env.json names no journal
			{sample: "status-day-api.json", status: http.StatusNotImplemented, want: map[string]string{"type": "urn:iade:problem:not-implemented"}},
			{sample: "publish.json", want: taken},
		},
		"days": {
			{sample: "close-api.json", status: http.StatusOK, want: map[string]string{"date": "2026-01-30", "status": "closed", "differenceCount": "0"}},
			{sample: "close.json", want: map[string]string{"days.0.status": "closed"}},
		},
		"API": {
			{sample: "refund-api.json", status: http.StatusCreated, want: refunded, moves: aRefund},
			{sample: "refund.json", status: http.StatusOK, want: refunded}, // the same key: the same refund
			{sample: "cancel-api.json", status: http.StatusCreated, want: cancelled, moves: aCancel},
			{sample: "fund-api.json", status: http.StatusCreated, want: funded, moves: aFund},
		},
		"reversals": {
			{sample: "reversal.json", status: http.StatusCreated, want: reversed, moves: aCancel},
		},
		"reversals, refused by iyzico at first": {
			{sample: "reversal-api.json", fault: `{"path":"/payment/cancel","mode":"refuse","errorCode":"10051"}`, status: http.StatusCreated,
				want: map[string]string{"id": reversalID, "status": "succeeded", "legs.0.status": "rejected", "legs.1.status": "succeeded"}, moves: []string{"refund 10000003 75.00"}},
		},
		"reversals over the queue": {{sample: "reversal-queue.json", want: taken, moves: aCancel}},
		"reversals over the bus":   {{sample: "reversal-eventbridge.json", want: taken, moves: aCancel}},
		"queues": {
			{sample: "refund-queue.json", want: taken, moves: aRefund},
			{sample: "cancel-queue.json", want: taken, moves: aCancel},
			{sample: "status-api.json", status: http.StatusOK, want: refunded},
		},
		"bus": {
			{sample: "refund-eventbridge.json", want: taken, moves: aRefund},
			{sample: "cancel-eventbridge.json", want: taken, moves: aCancel},
		},
		"operators": {
			// iyzico refunds and says that it does not; its report tells the truth, so a person decides.
			{sample: "refund.json", fault: `{"path":"/payment/refund","mode":"refuse-after"}`, status: http.StatusUnprocessableEntity,
				want: map[string]string{"type": "urn:iade:problem:rejected-by-iyzico", "operation.id": refundID}, moves: aRefund},
			{sample: "reconcile-check.json", status: http.StatusOK, want: map[string]string{"id": refundID, "status": "needs_review"}},
			{sample: "reconcile-resolve.json", status: http.StatusOK, want: refunded},
			{sample: "reconcile-resolve-api.json", status: http.StatusOK, want: refunded},
			{sample: "reconcile.json", want: map[string]string{"failed": "0", "unreadable": "0"}},
		},
	}
}

// TestEverySampleIsInvoked: a new sample must find its place in what `make sam-local` invokes.
func TestEverySampleIsInvoked(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("events/*.json")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{}
	for _, file := range files {
		if name := filepath.Base(file); name != "env.json" {
			want = append(want, name)
		}
	}
	var have, functions []string
	for _, list := range invocations() {
		for _, i := range list {
			have = append(have, i.sample)
			functions = append(functions, functionOf(i.sample))
		}
	}
	slices.Sort(have)
	if diff := cmp.Diff(want, slices.Compact(have)); diff != "" {
		t.Errorf("samples (- events/, + invocations):\n%s", diff)
	}
	slices.Sort(functions)
	if diff := cmp.Diff(functionIDs, slices.Compact(functions)); diff != "" {
		t.Errorf("functions (- template, + invocations):\n%s", diff)
	}
}

// functionOf is the function that a sample is for.
func functionOf(sample string) string {
	if sample == "publish.json" {
		return "PublishFunction"
	}
	return samples[sample].function
}

func invokeSamples(t *testing.T, host, fake string) {
	engine := dynamotest.EndpointOn(t, host)
	for name, list := range invocations() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			iyzico, bus := startFake(t, fake, host), startBus(t, host)
			table, journal := dynamotest.Table(t, dynamotest.Client(t, engine)), dynamotest.JournalTable(t, dynamotest.Client(t, engine))
			environment := environmentFile(t, func(function string, variables map[string]string) {
				variables["TABLE_NAME"], variables["AWS_ENDPOINT_URL_DYNAMODB"] = table, inContainer(t, engine)
				variables["IYZICO_BASE_URL"] = inContainer(t, iyzico)
				if variables["JOURNAL_TABLE_NAME"] != "" {
					variables["JOURNAL_TABLE_NAME"] = journal
				}
				if variables["EVENT_BUS_NAME"] != "" {
					variables[busEndpoint] = inContainer(t, bus.origin)
				}
			})
			for _, i := range list {
				if !t.Run(i.sample, func(t *testing.T) { i.run(t, iyzico, environment) }) {
					return // the next ones build on it
				}
			}
			if name == "bare commands" {
				bus.hasOne(t, "refund.succeeded", refundID)
			}
		})
	}
}

func (i invoked) run(t *testing.T, iyzico, environment string) {
	t.Helper()
	if i.fault != "" {
		answer, err := http.Post(iyzico+"/_fake/faults", "application/json", strings.NewReader(i.fault))
		if err != nil || answer.StatusCode/100 != 2 {
			t.Fatalf("script a fault: %v %v", answer, err)
		}
		_ = answer.Body.Close()
	}
	before := executed(t, iyzico)
	payload := invokeLocally(t, functionOf(i.sample), "-e", filepath.Join("events", i.sample), "-n", environment)
	status, answer := read(t, payload)
	if status != i.status {
		t.Errorf("status %d, want %d: %s", status, i.status, payload)
	}
	for path, want := range i.want {
		if got := member(answer, path); got != want {
			t.Errorf("%s is %q, want %q: %s", path, got, want, payload)
		}
	}
	if moved := executed(t, iyzico)[len(before):]; !slices.Equal(moved, i.moves) {
		t.Errorf("iyzico executed %q, want %q", moved, i.moves)
	}
}

// read takes what a function answered apart: a status with a body, which an API's answer holds as text and may be no JSON,
// or what a batch or a pass comes back with.
func read(t *testing.T, payload []byte) (status int, body any) {
	t.Helper()
	var reply struct {
		StatusCode int
		Body       json.RawMessage
	}
	if err := json.Unmarshal(payload, &reply); err != nil {
		t.Fatalf("%v: %s", err, payload)
	}
	if reply.StatusCode == 0 {
		reply.Body = payload
	}
	var text string
	if json.Unmarshal(reply.Body, &text) == nil {
		reply.Body = json.RawMessage(text)
	}
	decoder := json.NewDecoder(bytes.NewReader(reply.Body))
	decoder.UseNumber()
	if err := decoder.Decode(&body); err != nil {
		body = nil // a page
	}
	return reply.StatusCode, body
}

// member is the text at a path like operation.id or days.0.status, or the length of a list at "#".
func member(value any, path string) string {
	for name := range strings.SplitSeq(path, ".") {
		if list, ok := value.([]any); ok && name == "#" {
			return strconv.Itoa(len(list))
		} else if i, err := strconv.Atoi(name); ok && err == nil && i < len(list) {
			value = list[i]
			continue
		}
		members, _ := value.(map[string]any)
		if value = members[name]; value == nil {
			return ""
		}
	}
	return fmt.Sprint(value)
}

// executed is every movement of money that really happened at a fake, in order.
func executed(t *testing.T, iyzico string) []string {
	t.Helper()
	answer, err := http.Get(iyzico + "/_fake/executions")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var list struct {
		Executions []struct{ Kind, PaymentID, Price string }
	}
	if err := json.NewDecoder(answer.Body).Decode(&list); err != nil {
		t.Fatal(err)
	}
	all := []string{}
	for _, e := range list.Executions {
		all = append(all, e.Kind+" "+e.PaymentID+" "+e.Price)
	}
	return all
}
