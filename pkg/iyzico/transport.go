package iyzico

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
)

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
		WriteBufferSize:        64 << 10,
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
