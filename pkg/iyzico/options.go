package iyzico

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"iter"
	"net"
	"net/http"
	"strings"
	"time"
)

// Option changes a Client at its creation. New reports an option's error with the others.
type Option func(*options) error

// SignaturePolicy says what to do about a signature whose order of values iyzico does not document.
type SignaturePolicy int

const (
	// SignatureWarn notes a missing or unfitting signature in the result's Warnings. It is the default.
	SignatureWarn SignaturePolicy = iota
	// SignatureOff does not look at signatures.
	SignatureOff
	// SignatureEnforce makes the outcome Unknown without a fitting signature.
	SignatureEnforce
)

// ReasonCase is how a refund's or cancel's reason is spelled on the wire (reference §11 #7).
type ReasonCase int

const (
	// ReasonUpper sends OTHER, DOUBLE_PAYMENT, …, as the newest documents have it. It is the default.
	ReasonUpper ReasonCase = iota
	// ReasonLower sends other, double_payment, …, as some official SDKs do.
	ReasonLower
)

// PhaseTimeouts bound the phases of one exchange, besides the context's deadline, which bounds all of it. Zero keeps a
// phase's default.
type PhaseTimeouts struct {
	// Dial bounds name look-up and connecting. Default 5 s.
	Dial time.Duration
	// TLSHandshake bounds the handshake. Default 5 s.
	TLSHandshake time.Duration
	// ResponseHeader bounds the wait from the request's last byte to the answer's header. By default only the
	// context's deadline does, because giving up sooner only makes more outcomes unknown.
	ResponseHeader time.Duration
}

type options struct {
	transport        http.RoundTripper
	dial             func(ctx context.Context, network, address string) (net.Conn, error)
	balancePath      string
	fundSignature    SignaturePolicy
	reasonCase       ReasonCase
	clock            func() time.Time
	randomKey        func() string
	clientVersion    string
	timeouts         PhaseTimeouts
	maxResponseBytes int64
	rootCAs          *x509.CertPool
	unlistedRejected bool
	answerKeys       func(context.Context) iter.Seq[Secret]
}

const (
	defaultBalancePath      = "/payment/refund-to-balance/init"
	defaultClientVersion    = "iade-go"
	defaultMaxResponseBytes = 1 << 20
	defaultTimeout          = 20 * time.Second
	defaultPhaseTimeout     = 5 * time.Second
)

// WithTransport sends requests through another http.RoundTripper, for tests. The client then cannot see what is written:
// every failure of the transport is Unknown, phase timeouts and root CAs do not apply, and not sending a request twice is
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

// WithBalanceRefundPath sets the path of the refund to balance, because iyzico's documents and SDKs name different ones
// (reference §3.1). The default is /payment/refund-to-balance/init.
func WithBalanceRefundPath(path string) Option {
	return func(o *options) error {
		if !strings.HasPrefix(path, "/") || len(path) > 200 || !isVisibleASCII(path) || strings.ContainsAny(path, `?#%\`) ||
			strings.Contains(path, "//") || strings.Contains(path, "..") {
			return errors.New("WithBalanceRefundPath: must be a plain absolute path without query")
		}
		o.balancePath = path
		return nil
	}
}

// WithFundSignaturePolicy sets how a fund payment's signature is treated, whose order of values is not documented
// (reference §4.1). Refunds' signatures are always enforced.
func WithFundSignaturePolicy(policy SignaturePolicy) Option {
	return func(o *options) error {
		if policy < SignatureWarn || policy > SignatureEnforce {
			return errors.New("WithFundSignaturePolicy: no such policy")
		}
		o.fundSignature = policy
		return nil
	}
}

// WithReasonCase sets how reasons are spelled on the wire.
func WithReasonCase(c ReasonCase) Option {
	return func(o *options) error {
		if c != ReasonUpper && c != ReasonLower {
			return errors.New("WithReasonCase: no such case")
		}
		o.reasonCase = c
		return nil
	}
}

// WithUnlistedCodesRejected makes failures Rejected whose code is below 10000 but not in the table. iyzico documents such
// codes as given before anything goes to the bank, yet gives no guarantee (reference §8.3); without it they are Unknown.
func WithUnlistedCodesRejected() Option {
	return func(o *options) error {
		o.unlistedRejected = true
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

// WithRandomKey sets the source of the random key that each signature includes. The key must be visible ASCII, at most
// 64 characters, and fresh on every call. The default is crypto/rand.Text.
func WithRandomKey(next func() string) Option {
	return func(o *options) error {
		if next == nil {
			return errors.New("WithRandomKey: nil")
		}
		o.randomKey = next
		return nil
	}
}

// WithClientVersion sets what User-Agent and x-iyzi-client-version say. The default is iade-go.
func WithClientVersion(version string) Option {
	return func(o *options) error {
		if version == "" || len(version) > 100 || !isVisibleASCII(version) {
			return errors.New("WithClientVersion: must be 1 to 100 visible ASCII characters")
		}
		o.clientVersion = version
		return nil
	}
}

// WithPhaseTimeouts bounds the phases of an exchange.
func WithPhaseTimeouts(t PhaseTimeouts) Option {
	return func(o *options) error {
		if t.Dial < 0 || t.TLSHandshake < 0 || t.ResponseHeader < 0 {
			return errors.New("WithPhaseTimeouts: must not be negative")
		}
		if t.Dial > 0 {
			o.timeouts.Dial = t.Dial
		}
		if t.TLSHandshake > 0 {
			o.timeouts.TLSHandshake = t.TLSHandshake
		}
		if t.ResponseHeader > 0 {
			o.timeouts.ResponseHeader = t.ResponseHeader
		}
		return nil
	}
}

// WithMaxResponseBytes bounds the body of an answer that is read, from 1 KiB to 64 MiB; a longer one is Unknown.
// The default is 1 MiB.
func WithMaxResponseBytes(limit int64) Option {
	return func(o *options) error {
		if limit < 1<<10 || limit > 64<<20 {
			return fmt.Errorf("WithMaxResponseBytes: %d is not between 1 KiB and 64 MiB", limit)
		}
		o.maxResponseBytes = limit
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
