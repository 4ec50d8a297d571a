// Command fake-iyzico is a fake of iyzico for developing and testing against: API, customer's page and, under /_fake/,
// a control side.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// stopTime is how long answers under way may take after a stop signal.
const stopTime = 5 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	default:
		fmt.Fprintln(os.Stderr, "fake-iyzico:", err)
		os.Exit(1)
	}
}

type options struct {
	addr    string
	tlsAddr string
	data    string
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("fake-iyzico", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8081", "`address` to serve HTTP on")
	flags.StringVar(&o.tlsAddr, "tls-addr", "", "`address` to serve HTTPS on too, with a CA of its own at /_fake/ca.pem")
	flags.StringVar(&o.data, "data", "", "`folder` to keep payments and executions in; none keeps them in memory only")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q; see -help", flags.Arg(0))
	}
	return o, nil
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	fake, err := iyzicotest.New(iyzicotest.Config{Dir: o.data, Seed: true})
	if errors.Is(err, iyzicotest.ErrInUse) {
		return fmt.Errorf("folder %s is in use by another process: stop that one, or choose another with -data", o.data)
	}
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	listeners, err := listen(ctx, o, fake)
	if err != nil {
		return errors.Join(err, fake.Close())
	}
	announce(stdout, listeners)
	return serve(ctx, fake, listeners)
}

// listen opens the plain address, and the TLS one if asked for.
func listen(ctx context.Context, o options, fake *iyzicotest.Server) ([]net.Listener, error) {
	plain, err := open(ctx, o.addr, "-addr")
	if err != nil {
		return nil, err
	}
	if o.tlsAddr == "" {
		return []net.Listener{plain}, nil
	}
	config, err := fake.TLSConfig()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make certificate: %w", err), plain.Close())
	}
	encrypted, err := open(ctx, o.tlsAddr, "-tls-addr")
	if err != nil {
		return nil, errors.Join(err, plain.Close())
	}
	return []net.Listener{plain, tls.NewListener(encrypted, config)}, nil
}

func open(ctx context.Context, addr, flagName string) (net.Listener, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("address %s is taken: stop what listens there, or choose another with %s", addr, flagName)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s (%s): %w", addr, flagName, err)
	}
	return l, nil
}

func announce(w io.Writer, listeners []net.Listener) {
	also := ""
	if len(listeners) > 1 {
		also = fmt.Sprintf(" and https://%s (CA at /_fake/ca.pem)", listeners[1].Addr())
	}
	base := "http://" + listeners[0].Addr().String()
	// Nobody reading the line is no reason not to serve.
	_, _ = fmt.Fprintf(w, "fake iyzico on %s%s, keys %s / %s; try: curl -d '{\"lines\":[{\"paidPrice\":\"10.00\"}]}' %s/_fake/payments; all it can do: %s/_fake/\n",
		base, also, iyzicotest.DefaultAPIKey, iyzicotest.DefaultSecretKey, base, base)
}

// serve answers on all listeners until ctx ends, then lets answers under way finish.
func serve(ctx context.Context, fake *iyzicotest.Server, listeners []net.Listener) error {
	server := &http.Server{Handler: fake, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	failed := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() { failed <- server.Serve(l) }()
	}
	var cause error
	left := len(listeners)
	select {
	case <-ctx.Done():
	case cause = <-failed:
		left--
	}
	// The fake is closed first: that ends hanging answers, which Shutdown would wait for.
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	err := errors.Join(fake.Close(), server.Shutdown(stopping))
	if err != nil {
		err = errors.Join(err, server.Close())
	}
	for range left {
		if e := <-failed; cause == nil && !errors.Is(e, http.ErrServerClosed) {
			cause = e
		}
	}
	return errors.Join(cause, err)
}
