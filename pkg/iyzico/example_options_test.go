package iyzico_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/iade/iade/pkg/iyzico"
)

// transportFunc answers a request without a network.
type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// cancelWith cancels a payment through a client with an option and prints the outcome.
func cancelWith(baseURL string, options ...iyzico.Option) {
	client, err := iyzico.New(iyzico.Config{BaseURL: baseURL, APIKey: "sandbox-apiKey", SecretKey: secretKey}, options...)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	_, err = client.Cancel(ctx, iyzico.CancelRequest{PaymentID: "25180158", ConversationID: "cancel-4714-1"})
	fmt.Println(iyzico.OutcomeOf(err))
}

const cancelled = `{"status":"success","conversationId":"cancel-4714-1","paymentId":"25180158","price":1.2,"currency":"TRY"}`

func answerCancelled(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, cancelled) }

// A test that needs no server answers in the transport's place.
func ExampleWithTransport() {
	cancelWith(iyzico.SandboxURL, iyzico.WithTransport(transportFunc(func(r *http.Request) (*http.Response, error) {
		fmt.Println(r.Method, r.URL)
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(cancelled))}, nil
	})))
	// Output:
	// POST https://sandbox-api.iyzipay.com/payment/cancel
	// succeeded
}

// iyzico admits some calls from registered addresses only: choose the one to call from. Here nothing is reachable, and the
// client knows that not one byte was sent.
func ExampleWithDialContext() {
	cancelWith(iyzico.SandboxURL, iyzico.WithDialContext(func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: io.EOF}
	}))
	// Output: not_sent
}

// A stand-in for iyzico with a certificate of its own.
func ExampleWithRootCAs() {
	server := httptest.NewTLSServer(http.HandlerFunc(answerCancelled))
	defer server.Close()
	trusted := x509.NewCertPool()
	trusted.AddCert(server.Certificate())
	cancelWith(server.URL, iyzico.WithRootCAs(trusted))
	// Output: succeeded
}

// The machine slept: by the wall clock the time is over, whatever the timers say, so nothing is written any more.
func ExampleWithClock() {
	server := httptest.NewServer(http.HandlerFunc(answerCancelled))
	defer server.Close()
	cancelWith(server.URL, iyzico.WithClock(func() time.Time { return time.Now().Add(time.Hour) }))
	// Output: not_sent
}

func ExampleWithBalanceRefundPath() {
	client, err := iyzico.New(iyzico.Config{BaseURL: iyzico.SandboxURL, APIKey: "sandbox-apiKey", SecretKey: secretKey},
		iyzico.WithBalanceRefundPath("/payment/iyzipos/item/approve"),
		iyzico.WithTransport(transportFunc(func(r *http.Request) (*http.Response, error) {
			fmt.Println(r.URL.Path)
			return &http.Response{StatusCode: http.StatusServiceUnavailable, Body: http.NoBody}, nil
		})))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.InitBalanceRefund(context.Background(), iyzico.BalanceRefundRequest{
		PaymentID: "25180208", CallbackURL: "https://shop.example/balance-callback", ConversationID: "balance-4715-1",
	})
	fmt.Println(err)
	// Output:
	// /payment/iyzipos/item/approve
	// iyzico: POST /payment/iyzipos/item/approve: unknown (http-503), HTTP 503, conversation balance-4715-1
}

// The keys were changed in the panel while a request was under way: its answer may be signed with either.
func ExampleWithAnswerKeys() {
	previous := iyzico.Secret("sandbox-the-old-key")
	signed := `{"status":"success","conversationId":"refund-4713-1","paymentId":"25180208","price":15,"currency":"TRY",
		"signature":"` + iyzico.ResponseSignature(previous, "25180208", "15", "TRY", "refund-4713-1") + `"}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, signed) }))
	defer server.Close()
	client, err := iyzico.New(iyzico.Config{BaseURL: server.URL, APIKey: "sandbox-apiKey", SecretKey: secretKey},
		iyzico.WithAnswerKeys(func(context.Context) iter.Seq[iyzico.Secret] {
			return func(yield func(iyzico.Secret) bool) { yield(previous) }
		}))
	if err != nil {
		fmt.Println(err)
		return
	}
	refund, err := client.RefundPayment(context.Background(), iyzico.RefundPaymentRequest{
		PaymentID: "25180208", Price: refundOf("15"), Currency: "TRY", ConversationID: "refund-4713-1",
	})
	fmt.Println(iyzico.OutcomeOf(err), refund.SignatureVerified)
	// Output: succeeded true
}
