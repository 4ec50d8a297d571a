package iyzico

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// The base URLs of iyzico's environments (docs, live-vs-sandbox).
const (
	LiveURL    = "https://api.iyzipay.com"
	SandboxURL = "https://sandbox-api.iyzipay.com"
)

// Config says which iyzico to talk to and with which keys.
type Config struct {
	// BaseURL is scheme and host, with an optional port. It must be https unless the host is a loopback one (or
	// host.docker.internal, the same machine seen from a container).
	BaseURL string
	// APIKey and SecretKey come from iyzico's merchant panel, different ones for live and sandbox.
	APIKey, SecretKey Secret
}

// Client calls iyzico's API for one merchant. It never sends a request twice, keeps no state between calls and is safe
// for concurrent use. New makes it; the zero value is not usable.
type Client struct {
	base      *url.URL
	loopback  bool
	apiKey    func() string // functions, because printing never looks inside one
	secretKey func() Secret
	transport http.RoundTripper
	watched   bool // the transport is ours: what is written can be seen
	opts      options
}

// New checks the configuration and makes a Client. It connects to nothing. Its error joins every fault found, each
// naming the field or option, none quoting a key.
func New(cfg Config, opts ...Option) (*Client, error) {
	o := options{balanceRefundPath: defaultBalanceRefundPath, clock: time.Now, randomKey: rand.Text}
	base, loopback, err := parseBaseURL(cfg.BaseURL)
	faults := []error{err}
	for _, key := range []struct {
		field string
		value Secret
	}{{"APIKey", cfg.APIKey}, {"SecretKey", cfg.SecretKey}} {
		if n := len(key.value); n == 0 || n > 256 || !isVisibleASCII(key.value.Reveal()) {
			faults = append(faults, fmt.Errorf("%s: must be 1 to 256 visible ASCII characters", key.field))
		}
	}
	for _, opt := range opts {
		if opt == nil {
			faults = append(faults, errors.New("option: nil"))
			continue
		}
		faults = append(faults, opt(&o))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("iyzico: configuration: %w", err)
	}
	c := &Client{
		base:      base,
		loopback:  loopback,
		apiKey:    func() string { return cfg.APIKey.Reveal() },
		secretKey: func() Secret { return cfg.SecretKey },
		transport: o.transport,
		opts:      o,
	}
	if c.transport == nil {
		c.transport = newTransport(o)
		c.watched = true
	}
	return c, nil
}

// Format writes the base URL and nothing else, for every verb.
func (c Client) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "iyzico.Client("+c.base.String()+")")
}

func parseBaseURL(text string) (base *url.URL, loopback bool, err error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return nil, false, errors.New("BaseURL: must be an absolute URL such as " + LiveURL)
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		return nil, false, errors.New("BaseURL: must be scheme and host only")
	}
	loopback = isLoopback(u.Hostname())
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback) {
		return nil, false, errors.New("BaseURL: must be https, or http on a loopback host")
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, loopback, nil
}

// dockerHost is how a container names the machine that it runs on: a fake iyzico there is as local as on loopback.
const dockerHost = "host.docker.internal"

// isLoopback tells whether host is this machine: by a loopback name or address, or as a container names it.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") || strings.EqualFold(host, dockerHost) {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}

// bound gives ctx the default timeout if it has no deadline.
func bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, defaultTimeout)
}

// WithAnswerKeys gives further secret keys that answers may be signed with, for the time in which a merchant's keys are
// rotated: an answer may arrive after the keys of its request were replaced. Requests are signed with Config's key only.
//
// keys is asked only for an answer whose signature does not fit Config's key, before the context of its call ends, and
// only for as many as are needed; it may read a secret store for the last of them. An empty key fits nothing. It must be
// safe for concurrent use.
func WithAnswerKeys(keys func(context.Context) iter.Seq[Secret]) Option {
	return func(o *options) error {
		if keys == nil {
			return errors.New("WithAnswerKeys: nil")
		}
		o.answerKeys = keys
		return nil
	}
}

// signedOrder tells which of the orders of values an answer's signature fits, with any of the keys; -1 if none.
func (c *Client) signedOrder(ctx context.Context, signature string, orders ...[]string) int {
	if signature == "" {
		return -1
	}
	fits := func(key Secret) int {
		for i, values := range orders {
			if key != "" && SignaturesEqual(signature, ResponseSignature(key, values...)) {
				return i
			}
		}
		return -1
	}
	if i := fits(c.secretKey()); i >= 0 || c.opts.answerKeys == nil {
		return i
	}
	for key := range c.opts.answerKeys(ctx) {
		if i := fits(key); i >= 0 {
			return i
		}
	}
	return -1
}
