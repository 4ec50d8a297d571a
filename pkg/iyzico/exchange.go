package iyzico

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
)

// fail makes the error of this request.
func (r *request) fail(outcome Outcome, reason string, cause error) *Error {
	return &Error{
		Outcome:        outcome,
		Reason:         reason,
		Method:         r.method,
		Endpoint:       r.path,
		ConversationID: r.conversationID,
		cause:          cause,
	}
}

// send sends the request once and decodes the answer into out. A nil error means that iyzico answered with success;
// whether the answer is about this request is for the caller to check.
func (c *Client) send(ctx context.Context, r *request, out answer) (httpStatus int, err error) {
	ctx, cancel := bound(ctx)
	defer cancel()
	if cause := context.Cause(ctx); cause != nil {
		return 0, r.fail(NotSent, unsentReason(cause), cause)
	}
	if deadline, _ := ctx.Deadline(); !c.opts.clock().Round(0).Before(deadline.Round(0)) {
		return 0, r.fail(NotSent, ReasonDeadlineBeforeWrite, errPastDeadline)
	}
	httpStatus, body, err := c.exchange(ctx, r)
	if err != nil {
		return httpStatus, err
	}
	return httpStatus, c.judge(r, httpStatus, body, out)
}

// exchange writes the request and reads the whole answer. Before it returns, the connection is closed and nothing more
// can be written.
func (c *Client) exchange(ctx context.Context, r *request) (int, []byte, error) {
	var g *guard
	sendCtx := ctx
	if c.watched {
		g = newGuard(ctx, c.opts.clock, c.base.Scheme == "https")
		sendCtx = g.context(ctx)
		defer g.seal()
	}
	resp, err := c.transport.RoundTrip(c.newRequest(sendCtx, r))
	if err != nil {
		return 0, nil, c.transportError(ctx, r, g, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return resp.StatusCode, nil, r.answered(resp.StatusCode, ReasonRedirect, nil)
	}
	if resp.StatusCode >= 500 || resp.StatusCode < 200 {
		return resp.StatusCode, nil, r.answered(resp.StatusCode, "http-"+strconv.Itoa(resp.StatusCode), nil)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxResponseBytes+1))
	if err != nil {
		return resp.StatusCode, nil, r.answered(resp.StatusCode, readReason(ctx, err), err)
	}
	if len(body) > maxResponseBytes {
		return resp.StatusCode, nil, r.answered(resp.StatusCode, ReasonOversize, nil)
	}
	return resp.StatusCode, body, nil
}

// answered makes the Unknown error of a request that got an answer.
func (r *request) answered(httpStatus int, reason string, cause error) *Error {
	e := r.fail(Unknown, reason, cause)
	e.HTTPStatus = httpStatus
	return e
}

// newRequest signs the request. It sets no GetBody and no idempotency header, because net/http takes either as leave to
// send a request again.
func (c *Client) newRequest(ctx context.Context, r *request) *http.Request {
	randomKey := c.opts.randomKey()
	target := *c.base
	target.Path = r.path
	target.RawQuery = r.query.Encode()
	signature := Sign(c.secretKey(), randomKey, r.path, r.body)
	header := make(http.Header, 8)
	values := make([]string, 0, 7)
	set := func(name, value string) {
		values = append(values, value)
		header[name] = values[len(values)-1 : len(values) : len(values)]
	}
	set("Accept", "application/json")
	set("Authorization", AuthorizationHeader(c.apiKey(), randomKey, signature))
	set("User-Agent", clientVersion)
	set("X-Iyzi-Client-Version", clientVersion)
	set("X-Iyzi-Rnd", randomKey)
	if r.accessToken != "" {
		set("Access-Token", r.accessToken.Reveal())
	}
	req := &http.Request{
		Method:     r.method,
		URL:        &target,
		Host:       target.Host,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     header,
	}
	if r.body != nil {
		set("Content-Type", "application/json")
		req.Body = io.NopCloser(bytes.NewReader(r.body))
		req.ContentLength = int64(len(r.body))
	}
	return req.WithContext(ctx)
}

// transportError decides what a failed round trip proves.
func (c *Client) transportError(ctx context.Context, r *request, g *guard, err error) *Error {
	if g == nil {
		return r.fail(Unknown, brokenReason(ctx, err), err)
	}
	seen := g.seal()
	switch {
	case !seen.silent:
		return r.fail(Unknown, brokenReason(ctx, err), err)
	case seen.late:
		return r.fail(NotSent, ReasonDeadlineBeforeWrite, errPastDeadline)
	case ctx.Err() != nil:
		return r.fail(NotSent, unsentReason(context.Cause(ctx)), err)
	case !seen.connected:
		if _, ok := errors.AsType[*net.DNSError](err); ok {
			return r.fail(NotSent, ReasonDNS, err)
		}
		return r.fail(NotSent, ReasonDial, err)
	case !seen.armed:
		return r.fail(NotSent, ReasonTLS, err)
	default:
		return r.fail(NotSent, brokenReason(ctx, err), err)
	}
}

// unsentReason names why a request's time was over before it was sent.
func unsentReason(cause error) string {
	if errors.Is(cause, context.DeadlineExceeded) {
		return ReasonDeadlineBeforeWrite
	}
	return ReasonCanceled
}

// brokenReason names how a connection failed.
func brokenReason(ctx context.Context, err error) string {
	var timeout net.Error
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded), errors.Is(err, errPastDeadline):
		return ReasonTimeout
	case ctx.Err() != nil:
		return ReasonCanceled
	case errors.As(err, &timeout) && timeout.Timeout():
		return ReasonTimeout
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return ReasonReset
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ReasonEOF
	default:
		return ReasonTransport
	}
}

// readReason names how an answer's body failed after its header had come.
func readReason(ctx context.Context, err error) string {
	if reason := brokenReason(ctx, err); reason != ReasonEOF && reason != ReasonTransport {
		return reason
	}
	return ReasonTruncated
}

// writeBuffer takes a request in one write, a payment's of dozens of lines too. Each connection has one of its own, and each
// request a connection.
const writeBuffer = 8 << 10

// newTransport builds the transport that sends each request at most once, over a connection of its own: net/http sends a
// request again only on a connection that it has used before. It follows no proxy setting, speaks HTTP/1.1 only, does not
// decompress and bounds the answer's header.
func newTransport(o options) *http.Transport {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	dial := o.dial
	if dial == nil {
		dial = (&net.Dialer{KeepAlive: -1}).DialContext
	}
	return &http.Transport{
		DialContext:            guardedDial(dial),
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.rootCAs},
		TLSHandshakeTimeout:    connectTimeout,
		DisableKeepAlives:      true,
		DisableCompression:     true,
		Protocols:              &protocols,
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{},
		MaxResponseHeaderBytes: 64 << 10,
		WriteBufferSize:        writeBuffer,
	}
}

// errDial marks a failure to connect.
var errDial = errors.New("connect")

// guardedDial connects within the exchange's time and connectTimeout, and puts the connection under the exchange's
// guard. net/http detaches dials from their request's context; this ties them to it again.
func guardedDial(dial func(context.Context, string, string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		g, ok := guardOf(ctx)
		if !ok {
			return nil, fmt.Errorf("%w: no exchange", errDial)
		}
		ctx, cancel := context.WithTimeout(ctx, connectTimeout)
		defer cancel()
		stop := context.AfterFunc(g.ctx, cancel)
		defer stop()
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errDial, err)
		}
		return g.adopt(conn)
	}
}
