package failures

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/store/dynamo"
	"github.com/iade/iade/internal/test/dynamotest"
)

// attempts is how often the product's client sends one call to DynamoDB at most.
const attempts = 5

// table is a table on an engine, with a wire to it that loses answers and refuses requests.
type table struct {
	client *dynamodb.Client
	name   string

	mu     sync.Mutex
	next   dynamodb.HTTPClient
	faults map[string][]string // by operation: what becomes of its next requests
	struck int
}

// What becomes of a request to DynamoDB.
const (
	answerLost = "executed, its answer lost"
	throttled  = "refused: throttled"
	away       = "never arrived"
)

// newTable makes a table for one scenario. It is made outside of the bubble: an engine has no place in it.
func newTable(t *testing.T) *table {
	t.Helper()
	endpoint := dynamotest.Endpoint(t)
	client := dynamotest.Client(t, endpoint)
	x := &table{name: dynamotest.Table(t, client), faults: map[string][]string{}}
	x.client = dynamotest.Client(t, endpoint, func(o *dynamodb.Options) {
		inner := dynamo.HTTPClient()
		transport := inner.Transport.(*http.Transport)
		transport.DisableKeepAlives = true // an idle connection waits for the network, and a bubble's time for it
		x.next, o.HTTPClient = inner, x
	})
	return x
}

// strike says what becomes of the next requests of an operation, one after the other.
func (x *table) strike(operation string, faults ...string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.faults[operation] = faults
}

// Do implements dynamodb.HTTPClient.
func (x *table) Do(r *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	x.mu.Lock()
	fault := ""
	if left := x.faults[operation]; len(left) > 0 {
		fault, x.faults[operation] = left[0], left[1:]
		x.struck++
	}
	x.mu.Unlock()
	switch fault {
	case away:
		return nil, syscall.ECONNREFUSED
	case throttled:
		body := `{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"injected"}`
		return &http.Response{
			StatusCode: http.StatusBadRequest, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
			Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)),
		}, nil
	}
	answer, err := x.next.Do(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if err := answer.Body.Close(); err != nil {
		return nil, err
	}
	if fault == answerLost {
		return nil, syscall.ECONNRESET
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}

// left tells whether faults are left that did not strike.
func (x *table) left() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, faults := range x.faults {
		if len(faults) > 0 {
			return true
		}
	}
	return false
}

// forget deletes a payment's item, as DynamoDB's expiry does.
func (x *table) forget(t *testing.T, id payment.AccountID) {
	t.Helper()
	_, err := x.client.DeleteItem(context.Background(), &dynamodb.DeleteItemInput{
		TableName: aws.String(x.name), Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: string(id)}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// onTable plays a scenario with accounts in a table.
func onTable(t *testing.T, scenario func(w *world, x *table), options ...option) {
	t.Helper()
	x := newTable(t)
	play(t, func(w *world) {
		w.stride = 3
		scenario(w, x)
		if x.left() {
			w.t.Errorf("faults of the table that never struck: %v", x.faults)
		}
	}, append(options, on(dynamo.New(x.client, x.name)))...)
}

// everyWayOnTable plays one scenario for every way, with accounts in tables.
func everyWayOnTable(t *testing.T, scenario func(t *testing.T, w *world, x *table, y way)) {
	t.Helper()
	for _, y := range playedWays() {
		t.Run(y.name, func(t *testing.T) {
			t.Parallel()
			onTable(t, func(w *world, x *table) { scenario(w.t, w, x, y) })
		})
	}
}

func repeat(fault string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fault
	}
	return all
}

// TestFailure02AcceptAppliedSDKResends: DynamoDB stores the accept, the answer is lost, and the SDK sends the same write again,
// which the first one now makes fail. The writer's token says that it is our own: the request goes on, and is made once.
func TestFailure02AcceptAppliedSDKResends(t *testing.T) {
	t.Parallel()
	for _, lost := range []int{1, attempts - 1} {
		t.Run(fmt.Sprintf("%d answers lost", lost), func(t *testing.T) {
			t.Parallel()
			everyWayOnTable(t, func(t *testing.T, w *world, x *table, y way) {
				a := y.ask(w)
				x.strike("PutItem", repeat(answerLost, lost)...)
				w.process().deliver(a, overHTTP).is(t, http.StatusCreated, "succeeded")
			})
		})
	}
	t.Run("the answer's own save too", func(t *testing.T) {
		t.Parallel()
		onTable(t, func(w *world, x *table) {
			a := w.refund(w.payment(), "10.00")
			x.strike("PutItem", answerLost, "", answerLost, "")
			w.process().deliver(a, overHTTP).is(w.t, http.StatusCreated, "succeeded")
		})
	})
}

// TestFailure04EveryAnswerOfTheMarkLost: the SDK gives up, and the mark is stored all the same.
func TestFailure04EveryAnswerOfTheMarkLost(t *testing.T) {
	t.Parallel()
	everyWayOnTable(t, func(t *testing.T, w *world, x *table, y way) {
		a := y.ask(w).ends(y.lost, 0)
		x.strike("PutItem", repeat(answerLost, attempts)...)
		w.process().deliver(a, overHTTP).is(t, http.StatusServiceUnavailable, "unavailable")
		w.process().deliver(a, overHTTP).is(t, http.StatusConflict, "in-progress")
	})
}

// TestFailure25TableThrottledOrAway: DynamoDB refuses, or does not answer, before the accept and before the record.
func TestFailure25TableThrottledOrAway(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{throttled, away} {
		for _, x := range []struct {
			name   string
			faults map[string][]string
			record bool // strikes the save of the answer
			code   int
			what   string
		}{
			{"the load, for a while", map[string][]string{"GetItem": repeat(fault, attempts-1)}, false, http.StatusCreated, "succeeded"},
			{"the load, for good", map[string][]string{"GetItem": repeat(fault, attempts)}, false, http.StatusServiceUnavailable, "unavailable"},
			{"the accept, for a while", map[string][]string{"PutItem": repeat(fault, attempts-1)}, false, http.StatusCreated, "succeeded"},
			{"the accept, for good", map[string][]string{"PutItem": repeat(fault, attempts)}, false, http.StatusServiceUnavailable, "unavailable"},
			{"the record, for a while", map[string][]string{"PutItem": repeat(fault, 3*attempts)}, true, http.StatusCreated, "succeeded"},
			{"the record, for good", map[string][]string{"PutItem": repeat(fault, 10_000)}, true, http.StatusAccepted, "unknown"},
			{"the counters of the limit", map[string][]string{"UpdateItem": repeat(fault, 2*attempts)}, false, http.StatusServiceUnavailable, "unavailable"},
		} {
			t.Run(fault+"/"+x.name, func(t *testing.T) {
				t.Parallel()
				onTable(t, func(w *world, table *table) {
					a := w.refund(w.payment(), "10.00")
					strike := func() {
						for operation, faults := range x.faults {
							table.strike(operation, faults...)
						}
					}
					p := w.process()
					if x.record {
						p.gateway.after = func(payment.Call, payment.Answered) { strike() }
					} else {
						strike()
					}
					p.deliver(a, overHTTP).is(w.t, x.code, x.what)
					if x.code == http.StatusServiceUnavailable && w.sent(a.id) > 0 {
						w.t.Error("something was sent")
					}
					table.strike("PutItem")
					table.strike("UpdateItem")
				})
			})
		}
	}
}

// TestFailure26ItemExpired: the table forgets a payment too early, or keeps it longer than it must, and a late duplicate comes.
func TestFailure26ItemExpired(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name, mode string
		ends       payment.Status
		sends      int
	}{
		{"early, after a success", "slow", payment.StatusSucceeded, 1},
		{"early, after a lost answer", "reset-after", payment.StatusSucceeded, 1},
		{"early, after a lost request: nothing had moved", "reset-before", payment.StatusSucceeded, 2},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			onTable(t, func(w *world, table *table) {
				pay := w.payment()
				a := w.refund(pay, "10.00").ends(x.ends, x.sends)
				w.fault(refundPath, x.mode)
				w.process().deliver(a, overHTTP)
				w.minutes(40, w.process()) // what is open is never expired
				table.forget(w.t, payment.PaymentAccount(pay.id))
				w.forgot = x.sends > 1 // with the item it forgot which attempts there were
				w.duplicates()
			})
		})
	}
	t.Run("in time, and a duplicate after that", func(t *testing.T) {
		t.Parallel()
		onTable(t, func(w *world, table *table) {
			pay := w.payment()
			a := w.refund(pay, "10.00")
			w.process().deliver(a, overHTTP).is(w.t, http.StatusCreated, "succeeded")
			time.Sleep(401 * 24 * time.Hour)
			table.forget(w.t, payment.PaymentAccount(pay.id))
			// The report still shows the operation's own id; and no rule would let a refund through after 365 days.
			if got := w.process().deliver(a, overHTTP); got.code == http.StatusCreated {
				w.t.Errorf("%d %s", got.code, got.body)
			}
		})
	})
	t.Run("late: the item is still there", func(t *testing.T) {
		t.Parallel()
		onTable(t, func(w *world, _ *table) {
			pay := w.payment()
			a := w.refund(pay, "10.00")
			w.process().deliver(a, overHTTP).is(w.t, http.StatusCreated, "succeeded")
			time.Sleep(500 * 24 * time.Hour)
			w.process().deliver(a, overHTTP).is(w.t, http.StatusOK, "succeeded")
			w.process().deliver(w.refund(pay, "10.00").isRefused("not-refundable"), overHTTP).is(w.t, http.StatusUnprocessableEntity, "not-refundable")
		})
	})
}
