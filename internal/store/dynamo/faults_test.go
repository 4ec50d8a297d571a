package dynamo_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/iade/iade/internal/store/dynamo"
	"github.com/iade/iade/internal/test/dynamotest"
)

// wire stands between the SDK and the engine, which itself never loses, throttles or conflicts.
type wire struct {
	next dynamodb.HTTPClient

	mu     sync.Mutex
	calls  map[string]int
	faults map[string]fault
}

// fault handles the n-th request (from 1) of one operation; nil, nil lets it through.
type fault func(n int, r *http.Request, send func() (*http.Response, error)) (*http.Response, error)

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	w.mu.Lock()
	w.calls[operation]++
	n, fault := w.calls[operation], w.faults[operation]
	w.mu.Unlock()
	if fault != nil {
		if resp, err := fault(n, r, func() (*http.Response, error) { return w.next.Do(r) }); resp != nil || err != nil {
			return resp, err
		}
	}
	return w.next.Do(r)
}

// on sets the fault of one operation and starts its count again.
func (w *wire) on(operation string, f fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults[operation], w.calls[operation] = f, 0
}

func (w *wire) count(operation string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls[operation]
}

// total counts the requests of every operation since the last call.
func (w *wire) total() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	sum := 0
	for _, n := range w.calls {
		sum += n
	}
	clear(w.calls)
	return sum
}

// newStore is a store on a table of its own whose requests go over the wire.
func newStore(t *testing.T) (*dynamo.Store, *wire, table) {
	t.Helper()
	w := &wire{calls: map[string]int{}, faults: map[string]fault{}}
	endpoint := dynamotest.Endpoint(t)
	client := dynamotest.Client(t, endpoint)
	name := dynamotest.Table(t, client)
	over := dynamotest.Client(t, endpoint, func(o *dynamodb.Options) {
		w.next, o.HTTPClient = o.HTTPClient, w
		o.Retryer = impatient{o.Retryer.(aws.RetryerV2)}
	})
	return dynamo.New(over, name), w, table{client, name}
}

// impatient repeats what the product's client repeats, as often, without its pauses.
type impatient struct{ aws.RetryerV2 }

func (impatient) RetryDelay(int, error) (time.Duration, error) { return 0, nil }

// table is the same table without the wire.
type table struct {
	client *dynamodb.Client
	name   string
}

func (s table) store() *dynamo.Store { return dynamo.New(s.client, s.name) }

// loseAnswers executes the first times requests and loses what was answered.
func loseAnswers(times int) fault {
	return func(n int, _ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		if n > times {
			return nil, nil
		}
		resp, err := send()
		if err != nil {
			return nil, err
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return nil, err
		}
		if err := resp.Body.Close(); err != nil {
			return nil, err
		}
		return nil, syscall.ECONNRESET
	}
}

// refuse answers the first times requests with an error of DynamoDB's, executing nothing.
func refuse(times, status int, code string) fault {
	return func(n int, r *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		if n > times {
			return nil, nil
		}
		body := `{"__type":"com.amazonaws.dynamodb.v20120810#` + code + `","message":"injected"}`
		return &http.Response{
			StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
			Header:        http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
			ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)),
		}, nil
	}
}

// replay answers with the bytes of an answer that was recorded before: an index that lags behind.
func replay(recorded *[]byte) fault {
	return func(_ int, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		resp, err := send()
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return nil, err
		}
		if *recorded == nil {
			*recorded = body
		}
		resp.Header.Del("X-Amz-Crc32")
		resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(*recorded)), int64(len(*recorded))
		return resp, nil
	}
}
