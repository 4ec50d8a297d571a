package iyzico

import (
	"context"
	"crypto/x509"
	"errors"
	"iter"
	"net"
	"net/http"
	"strings"
	"time"
)

// Option changes a Client at its creation. New reports an option's error with the others.
type Option func(*options) error

type options struct {
	transport         http.RoundTripper
	dial              func(ctx context.Context, network, address string) (net.Conn, error)
	balanceRefundPath string
	clock             func() time.Time
	randomKey         func() string // what makes each signature its own
	rootCAs           *x509.CertPool
	answerKeys        func(context.Context) iter.Seq[Secret]
}

const (
	defaultBalanceRefundPath = "/payment/refund-to-balance/init"
	clientVersion            = "iade-go" // the User-Agent and x-iyzi-client-version
	maxResponseBytes         = 1 << 20   // a longer answer is Unknown
	defaultTimeout           = 20 * time.Second
	connectTimeout           = 5 * time.Second // for name look-up and connecting, and again for the TLS handshake
)

// WithTransport sends requests through another http.RoundTripper, for tests. The client then cannot see what is written:
// every failure of the transport is Unknown, WithRootCAs does not apply, and not sending a request twice is
// the transport's duty. WithDialContext keeps all of that.
func WithTransport(transport http.RoundTripper) Option {
	return func(o *options) error {
		if transport == nil {
			return errors.New("WithTransport: nil")
		}
		o.transport = transport
		return nil
	}
}

// WithDialContext makes connections by another function, for tests or for a special way out. The client adds TLS itself.
func WithDialContext(dial func(ctx context.Context, network, address string) (net.Conn, error)) Option {
	return func(o *options) error {
		if dial == nil {
			return errors.New("WithDialContext: nil")
		}
		o.dial = dial
		return nil
	}
}

// WithBalanceRefundPath sets the path of InitBalanceRefund, because iyzico's sources differ. The default is
// /payment/refund-to-balance/init, which the node, php and ruby SDKs call. The page refund-to-balance of the documents says
// /payment/iyzipos/item/approve, which other pages describe as the release of a marketplace item's money.
func WithBalanceRefundPath(path string) Option {
	return func(o *options) error {
		if !strings.HasPrefix(path, "/") || len(path) > 200 || !isVisibleASCII(path) || strings.ContainsAny(path, `?#%\`) ||
			strings.Contains(path, "//") || strings.Contains(path, "..") {
			return errors.New("WithBalanceRefundPath: must be a plain absolute path without query")
		}
		o.balanceRefundPath = path
		return nil
	}
}

// WithClock sets the wall clock that is compared with the deadline before each write, and that RetryAfter is reckoned
// from. It must agree with the clock of the contexts' deadlines. The default is time.Now.
func WithClock(now func() time.Time) Option {
	return func(o *options) error {
		if now == nil {
			return errors.New("WithClock: nil")
		}
		o.clock = now
		return nil
	}
}

// WithRootCAs trusts these authorities instead of the system's, such as the one of a local fake.
func WithRootCAs(pool *x509.CertPool) Option {
	return func(o *options) error {
		if pool == nil {
			return errors.New("WithRootCAs: nil")
		}
		o.rootCAs = pool
		return nil
	}
}
