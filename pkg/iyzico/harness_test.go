package iyzico

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testAPIKey    = "sandbox-apiKey"
	testSecretKey = Secret("sandbox-secretKey")
	testRandomKey = "123456789"
)

// roundTripFunc answers requests without a network.
type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func response(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

// sent is what a fake transport saw of a request.
type sent struct {
	method, url string
	header      http.Header
	body        string
}

// answering makes a transport that always gives the same answer and notes the requests.
func answering(status int, body string, requests *[]sent) http.RoundTripper {
	return roundTripFunc(func(req *http.Request) (*http.Response, error) {
		var sentBody []byte
		if req.Body != nil {
			var err error
			if sentBody, err = io.ReadAll(req.Body); err != nil {
				return nil, err
			}
		}
		if requests != nil {
			*requests = append(*requests, sent{req.Method, req.URL.String(), req.Header, string(sentBody)})
		}
		return response(status, body), nil
	})
}

func testClient(t testing.TB, baseURL string, opts ...Option) *Client {
	t.Helper()
	fixed := func(o *options) error { o.randomKey = func() string { return testRandomKey }; return nil }
	opts = append([]Option{fixed}, opts...)
	c, err := New(Config{BaseURL: baseURL, APIKey: testAPIKey, SecretKey: testSecretKey}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// answeringClient is a client whose every request gets the same answer.
func answeringClient(t testing.TB, status int, body string, opts ...Option) *Client {
	t.Helper()
	return testClient(t, SandboxURL, append(opts, WithTransport(answering(status, body, nil)))...)
}

func testContext(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func amount(text string) decimal.Decimal { return decimal.RequireFromString(text) }

// asError returns the *Error in err or fails.
func asError(t testing.TB, err error) *Error {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("got %v, want an *Error", err)
	}
	return e
}

func wantError(t testing.TB, err error, outcome Outcome, reason string) *Error {
	t.Helper()
	e := asError(t, err)
	if e.Outcome != outcome || e.Reason != reason {
		t.Fatalf("got %s (%s), want %s (%s); error: %v", e.Outcome, e.Reason, outcome, reason, err)
	}
	return e
}

func testRefundRequest() RefundRequest {
	return RefundRequest{
		PaymentTransactionID: "27169345",
		Price:                amount("5"),
		Currency:             "TRY",
		ConversationID:       "conv-1",
	}
}

// signedRefund is a successful answer to testRefundRequest with the price as written.
func signedRefund(price string) string {
	return refundAnswer(price, ResponseSignature(testSecretKey, "25180188", "5", "TRY", "conv-1"))
}

func refundAnswer(price, signature string) string {
	return `{"status":"success","locale":"tr","systemTime":1755703798426,"conversationId":"conv-1","paymentId":"25180188",` +
		`"paymentTransactionId":"27169345","price":` + price + `,"currency":"TRY","authCode":"512821",` +
		`"hostReference":"mock00007iyzihostrfn","refundHostReference":"mock00008iyzihostrfn","retryable":false,"signature":"` + signature + `"}`
}

// without removes a member with its comma from an answer that has it as written.
func without(t testing.TB, body, member string) string {
	t.Helper()
	return replace(t, body, member+",", "")
}

func replace(t testing.TB, body, old, new string) string {
	t.Helper()
	if strings.Count(body, old) != 1 {
		t.Fatalf("%q is not there once in %s", old, body)
	}
	return strings.Replace(body, old, new, 1)
}

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }
