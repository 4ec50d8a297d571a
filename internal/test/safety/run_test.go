package safety

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// Case is one mode under one load against one service.
type Case struct {
	Seed    uint64
	Mode    Mode
	Load    Load
	Side    Side
	Refunds int
	// GiveUp is how long callers ask for one key before they leave it as unknown.
	GiveUp time.Duration
}

// Run runs a case on a folder of its own, which it creates, and gives its score.
func (p Programs) Run(ctx context.Context, c Case, folder string) (score Score, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s, %q, %d at once, %d callers each: %w", c.Side.Name, c.Mode.Name, c.Load.Concurrency, c.Load.Duplicates, err)
		}
	}()
	fake, err := iyzicotest.New(iyzicotest.Config{})
	if err != nil {
		return Score{}, err
	}
	settings := fake.Settings()
	settings.RatePerMinute, settings.ReportingLagMS = 0, c.Mode.Lag.Milliseconds()
	if err := fake.SetSettings(settings); err != nil {
		return Score{}, err
	}
	server := httptest.NewServer(fake)
	defer server.Close()
	defer func() { err = errors.Join(err, fake.Close()) }()
	batches, err := plan(fake.Ledger(), c.Seed, c.Mode, c.Load, c.Refunds)
	if err != nil {
		return Score{}, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return Score{}, fmt.Errorf("create folder: %w", err)
	}
	s := &service{program: p.paths[c.Side.command], side: c.Side, data: folder, iyzico: server.URL}
	if err := s.start(); err != nil {
		return Score{}, err
	}
	defer func() { err = errors.Join(err, s.kill()) }()
	transport := &http.Transport{MaxIdleConnsPerHost: c.Load.Concurrency * c.Load.Duplicates}
	defer transport.CloseIdleConnections()
	asking := &caller{service: s, client: &http.Client{Transport: transport, Timeout: time.Minute}, load: c.Load, giveUp: c.GiveUp}
	var stories []story
	for i, batch := range batches {
		told, err := c.batch(ctx, fake, asking, i == 0, batch)
		if err != nil {
			return Score{}, err
		}
		stories = append(stories, told...)
	}
	if err := lastWords(ctx, asking, stories); err != nil {
		return Score{}, err
	}
	if err := idle(ctx, fake); err != nil {
		return Score{}, err
	}
	return judge(stories, fake.Ledger()), nil
}

// batch asks for refunds at once while the mode's fault waits for them.
func (c Case) batch(ctx context.Context, fake *iyzicotest.Server, asking *caller, first bool, refunds []refund) ([]story, error) {
	fake.ClearFaults()
	before := len(fake.Requests(""))
	if fault, ok := c.Mode.fault(first, len(refunds)); ok {
		if err := fake.AddFault(fault); err != nil {
			return nil, err
		}
	}
	stories := make([]story, len(refunds))
	for i, r := range refunds {
		stories[i].refund = r
	}
	var asked, killed error
	var all sync.WaitGroup
	all.Go(func() { asked = asking.want(ctx, stories) })
	if c.Mode.Kill {
		killed = killAndRestart(ctx, fake, asking.service, before+len(refunds))
	}
	all.Wait()
	return stories, errors.Join(asked, killed)
}

// killAndRestart kills the service when iyzico has got so many requests, each of which then hangs.
func killAndRestart(ctx context.Context, fake *iyzicotest.Server, s *service, requests int) error {
	err := until(ctx, func() bool { return len(fake.Requests("")) >= requests && len(fake.Faults()) == 0 && decided(fake) })
	if err != nil {
		return fmt.Errorf("wait for requests at iyzico: %w", err)
	}
	if err := s.kill(); err != nil {
		return err
	}
	return s.start()
}

// lastWords asks once more for every key that had a definite word: it must still be the same, and counts if it is not.
func lastWords(ctx context.Context, asking *caller, stories []story) error {
	for i := range stories {
		for j := range stories[i].keys {
			k := &stories[i].keys[j]
			if !slices.ContainsFunc(k.told, func(t told) bool { return t.word != nothingDefinite }) {
				continue
			}
			t, err := asking.insist(ctx, stories[i].refund, k.key)
			if err != nil {
				return err
			}
			k.told = append(k.told, t)
		}
	}
	return nil
}

// idle waits until iyzico works on nothing any more.
func idle(ctx context.Context, fake *iyzicotest.Server) error {
	if err := until(ctx, func() bool { return decided(fake) }); err != nil {
		return fmt.Errorf("wait for iyzico to finish: %w", err)
	}
	return nil
}

// decided tells whether every request was executed or not.
func decided(fake *iyzicotest.Server) bool {
	for _, r := range fake.Requests("") {
		if r.Outcome == iyzicotest.OutcomePending {
			return false
		}
	}
	return true
}

func until(ctx context.Context, holds func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for !holds() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}
