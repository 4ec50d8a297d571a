package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"
)

// site is one address that is served.
type site struct {
	listener net.Listener
	server   *http.Server // nil before start
}

var errTaken = errors.New("is taken")

// listen takes an address. It fails with errTaken if another process has it.
func listen(ctx context.Context, addr string) (*site, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("address %s %w", addr, errTaken)
	}
	if err != nil {
		return nil, fmt.Errorf("address %s: %w", addr, err)
	}
	return &site{listener: listener}, nil
}

// start serves until stop; anything else that ends it goes to failures.
func (s *site) start(handler http.Handler, log *slog.Logger, failures chan<- error) {
	s.server = &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	go func() {
		if err := s.server.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			failures <- fmt.Errorf("serve %s: %w", s.listener.Addr(), err)
		}
	}()
}

// stop lets answers under way finish until ctx ends.
func (s *site) stop(ctx context.Context) error {
	if s.server == nil {
		return s.listener.Close()
	}
	err := s.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.server.Close()
	}
	return err
}

// url is how a client on this machine reaches the site.
func (s *site) url() string {
	addr, ok := s.listener.Addr().(*net.TCPAddr)
	if ok && addr.IP.IsUnspecified() {
		return fmt.Sprintf("http://127.0.0.1:%d", addr.Port)
	}
	return "http://" + s.listener.Addr().String()
}
