package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/iade/iade/internal/bulk"
	"github.com/iade/iade/internal/config"
)

// askTime bounds one request: the gateway in front of a deployed iade cuts at 30 s.
const askTime = 40 * time.Second

// maxAnswer bounds what is read of one answer.
const maxAnswer = 1 << 20

// client is bulk.API over HTTP.
type client struct {
	base      string // without a slash at its end
	authorize func(r *http.Request, body []byte) error
	http      *http.Client
}

var _ bulk.API = (*client)(nil)

// newClient makes a client of the API at an address, for so many requests at once. It fails if the address is none, or if
// nothing says who asks.
func newClient(api string, parallel int, getenv func(string) string) (*client, error) {
	base, err := url.Parse(strings.TrimSuffix(api, "/"))
	if err != nil || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, errors.New("-api must be an address like https://api.example.com")
	}
	local := config.Loopback(base.String())
	if base.Scheme == "http" && !local {
		return nil, errors.New("-api must be https unless it is on this machine")
	}
	c := &client{base: base.String(), http: &http.Client{
		Timeout:       askTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if transport, ok := http.DefaultTransport.(*http.Transport); ok {
		own := transport.Clone()
		own.MaxIdleConnsPerHost = parallel
		c.http.Transport = own
	}
	c.authorize, err = authorization(base.Hostname(), local, getenv)
	return c, err
}

// Refund implements bulk.API. That net/http repeats a POST with such a key by itself on a broken connection is welcome
// here: iade answers the second with the first's operation.
func (c *client) Refund(ctx context.Context, l *bulk.Line) (bulk.Answer, error) {
	return c.do(ctx, http.MethodPost, "/refunds", l.Key, l.Body)
}

// Operation implements bulk.API.
func (c *client) Operation(ctx context.Context, id string) (bulk.Answer, error) {
	return c.do(ctx, http.MethodGet, "/refunds/"+id, "", nil)
}

// reach fails if nothing answers at the API's address, with an error for the user. What answers is not looked at.
func (c *client) reach(ctx context.Context) error {
	_, err := c.do(ctx, http.MethodGet, "/health", "", nil)
	if errors.Is(err, bulk.ErrNotReached) {
		return fmt.Errorf("%w, %s: start iade, or name another with -api", bulk.ErrNotReached, c.base)
	}
	return nil
}

func (c *client) do(ctx context.Context, method, path, key string, body []byte) (bulk.Answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body)) //nolint:gosec // the address is the operator's own
	if err != nil {
		return bulk.Answer{}, fmt.Errorf("make request: %w", err)
	}
	if key != "" {
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Idempotency-Key", key)
		// Nobody waits for this one: the fifth of iyzico's calls that is kept for callers who wait stays theirs.
		request.Header.Set("Priority", "u=7")
	}
	response, err := c.send(request, body)
	if err != nil {
		return bulk.Answer{}, err
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return bulk.Answer{}, fmt.Errorf("read answer: %w", err)
	}
	return bulk.Answer{
		Status: response.StatusCode, RetryAfter: retryAfter(response.Header), Replayed: response.Header.Get("Idempotent-Replayed") == "true", Body: answer,
	}, nil
}

// send authorizes a request and sends it. The error is bulk.ErrNotReached if nothing of it left this machine.
func (c *client) send(request *http.Request, body []byte) (*http.Response, error) {
	if err := c.authorize(request, body); err != nil {
		return nil, err
	}
	// Without a connection nothing of the request left this machine.
	connected := false
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected = true }}
	response, err := c.http.Do(request.WithContext(httptrace.WithClientTrace(request.Context(), trace)))
	switch {
	case err != nil && !connected:
		return nil, fmt.Errorf("%w: %w", bulk.ErrNotReached, err)
	case err != nil:
		return nil, fmt.Errorf("ask: %w", err)
	}
	return response, nil
}

// retryAfter reads whole seconds, the only form that iade writes.
func retryAfter(header http.Header) time.Duration {
	seconds, err := strconv.ParseUint(header.Get("Retry-After"), 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
