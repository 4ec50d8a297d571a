package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"runtime"
	"time"

	"github.com/iade/iade/internal/config"
	web "github.com/iade/iade/internal/console"
	"github.com/iade/iade/internal/loopback"
)

// stopTime is how long pages under way may take when the console stops: as long as the API may take to answer one.
const stopTime = askTime

// consoleCommand serves the console of an API on this machine until it is stopped. What it may do is what the credentials may
// do that it asks with, so its address has a key that only who started it knows.
func consoleCommand(flags *flag.FlagSet, k *call) func(context.Context) (int, error) {
	addr := flags.String("addr", "127.0.0.1:0", "`address` to serve the pages at, on this machine; port 0 = a free one")
	open := flags.Bool("open", true, "open the browser, where this is a terminal")
	return func(ctx context.Context) (int, error) {
		host, _, err := net.SplitHostPort(*addr)
		if err != nil || !loopback.Name(host) {
			return exitBadFile, before(fmt.Errorf("-addr must be an address of this machine alone, such as 127.0.0.1:8090, not %q", plain(*addr)))
		}
		client, err := newClient(k.api, consoleCalls, k.getenv)
		if err != nil {
			return exitBadFile, before(err)
		}
		defer client.http.CloseIdleConnections()
		configured, err := k.consoleOf(ctx, client)
		if err != nil {
			return exitNoAnswer, err
		}
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", *addr)
		if err != nil {
			return exitBadFile, before(fmt.Errorf("serve the pages: %w", err))
		}
		at := "http://" + listener.Addr().String() + configured.EnterPath()
		say(k.out, "%s\n%s\n", at, text{
			"This address is yours alone: who has it acts with your credentials. Ctrl-C stops the console.",
			"Bu adres yalnızca size aittir: adresi bilen sizin kimlik bilgilerinizle işlem yapar. Ctrl-C konsolu durdurur.",
		}.In(k.lang))
		if *open && terminal(k.out, k.getenv) {
			openBrowser(ctx, at)
		}
		return exitDone, serveUntil(ctx, listener, web.New(configured))
	}
}

// consoleCalls is how many requests a page makes at once.
const consoleCalls = 8

// consoleOf finds out what kind of API answers: one on this machine may want tokens, and has a list of events.
func (k *call) consoleOf(ctx context.Context, client *client) (web.Config, error) {
	local := config.Loopback(client.base)
	c := web.Config{
		API: overClient{client}, Name: client.base, Live: !local, Key: rand.Text(), Now: time.Now,
		Log: slog.New(slog.NewTextHandler(k.err, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	_, err := client.ask(ctx, http.MethodGet, "/health", nil)
	var no *refusal
	if !errors.As(err, &no) {
		no = &refusal{}
	}
	if err != nil && (no.status == 0 || no.slug() == "") && no.status != http.StatusUnauthorized && no.status != http.StatusForbidden {
		return c, err
	}
	if local {
		var stream *http.Response
		if stream, err = client.open(ctx, http.MethodGet, "/_local/events?after=2147483647", "application/x-ndjson", nil); err == nil {
			_ = stream.Body.Close() // only whether it is there was asked
		}
		c.Login = errors.As(err, &no) && no.status == http.StatusUnauthorized
		c.Events = err == nil || c.Login
	}
	return c, nil
}

// overClient carries the console's requests to the API, authorized as the commands' are.
type overClient struct{ client *client }

// RoundTrip implements http.RoundTripper.
func (o overClient) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		body, err = io.ReadAll(r.Body)
		if err = errors.Join(err, r.Body.Close()); err != nil {
			return nil, fmt.Errorf("read request: %w", err)
		}
	}
	at, err := url.Parse(o.client.base + r.URL.RequestURI())
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	asked := r.Clone(r.Context())
	asked.URL, asked.Host, asked.RequestURI = at, at.Host, ""
	asked.Body, asked.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	asked.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	return o.client.send(asked, body)
}

// serveUntil serves until ctx ends, and lets pages under way finish.
func serveUntil(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve the pages: %w", err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if err := server.Shutdown(end); err != nil {
		return fmt.Errorf("stop the console: %w", err)
	}
	return nil
}

// openBrowser asks the desktop to show an address. Where there is none, the printed address does.
func openBrowser(ctx context.Context, at string) {
	name := cmp.Or(map[string]string{"darwin": "open", "windows": "explorer"}[runtime.GOOS], "xdg-open")
	_ = exec.CommandContext(ctx, name, at).Start() //nolint:gosec // one of three programs, and an address of this machine
}
