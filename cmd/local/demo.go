package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/payment"
)

const (
	demoTime  = 60 * time.Second // all of it
	untilTime = 30 * time.Second // a step that waits for something
	askAgain  = 250 * time.Millisecond
	askTime   = 30 * time.Second // one request
)

// maxAnswer bounds what is read of one answer.
const maxAnswer = 4 << 20

// demo runs the walk-through on a system of its own: free ports, a temporary folder, and of the environment nothing, so
// that it can never talk to a real iyzico. Its error says that a step went otherwise than described.
func demo(ctx context.Context, p printer, getenv func(string) string, stderr io.Writer) (err error) {
	ctx, cancel := context.WithTimeout(ctx, demoTime)
	defer cancel()
	folder, err := os.MkdirTemp("", "iade-demo-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	s, err := loadSettings(func(string) string { return "" })
	if err != nil {
		return err
	}
	began := time.Now()
	log := newLog(stderr, slog.LevelError, colourful(stderr, getenv))
	system, err := start(ctx, options{addr: "127.0.0.1:0", iyzicoAddr: "127.0.0.1:0", data: folder}, s, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, system.Close()) }()
	p.demoing(system)
	if err := walk(ctx, p, system.URL, system.IyzicoURL, false); err != nil {
		return err
	}
	p.finished(time.Since(began))
	return nil
}

// walk runs every step in order and stops at the first that goes otherwise than described.
func walk(ctx context.Context, p printer, api, fake string, walkedBefore bool) error {
	earlier, values := map[string]reply{}, map[string]string{todayName: payment.IstanbulDay(time.Now())}
	for i, s := range walkthrough {
		if s.once && walkedBefore {
			continue
		}
		s = s.using(values)
		p.asked(i+1, s, api, fake)
		want := s.expected(walkedBefore)
		r, faults, err := s.run(ctx, s.origin(api, fake), want, earlier)
		if err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
		p.answered(s, want, r, faults)
		if len(faults) > 0 {
			return fmt.Errorf("step %d (%s) went otherwise than described", i+1, s.title)
		}
		if err := s.take(r, values); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
		earlier[s.title] = r
	}
	return nil
}

// run makes the step's request, again and again where the step waits for something, and says what is wrong with the last
// reply.
func (s step) run(ctx context.Context, origin string, want answer, earlier map[string]reply) (reply, []string, error) {
	end := time.Now().Add(untilTime)
	for {
		r, err := s.ask(ctx, origin)
		if err != nil {
			return r, nil, err
		}
		faults := want.check(r, earlier)
		if len(faults) == 0 || !s.until || time.Now().After(end) {
			return r, faults, nil
		}
		if err := clock.Sleep(ctx, askAgain); err != nil {
			return r, faults, err
		}
	}
}

// asking goes to this machine alone: no proxy, and a connection for each request, so that nothing is kept when the system
// stops.
var asking = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

func (s step) ask(ctx context.Context, origin string) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, s.method, origin+s.path, strings.NewReader(s.body+s.form))
	if err != nil {
		return reply{}, fmt.Errorf("make request: %w", err)
	}
	if s.body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if s.form != "" {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if s.key != "" {
		request.Header.Set("Idempotency-Key", s.key)
	}
	response, err := asking.Do(request)
	if err != nil {
		return reply{}, fmt.Errorf("ask: %w", err)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return reply{}, fmt.Errorf("read answer: %w", err)
	}
	return reply{response.StatusCode, response.Header, body}, nil
}
