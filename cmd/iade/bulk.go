package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/iade/iade/internal/bulk"
)

// errNothingSent marks what went wrong before the first request.
var errNothingSent = errors.New("nothing was sent")

func before(err error) error { return fmt.Errorf("%w; %w", err, errNothingSent) }

// bulkCommand refunds what a file lists. done tells that every line's money is back; outcomes are nil if nothing was sent.
func bulkCommand(ctx context.Context, c console, o options) (done bool, outcomes []bulk.Outcome, err error) {
	file, err := readFile(o)
	var bad *bulk.BadFile
	if errors.As(err, &bad) {
		list(c.err, o.file, bad)
	}
	if err != nil {
		return false, nil, before(err)
	}
	announce(c.out, o.file, file)
	if o.check {
		return true, nil, nil
	}
	client, err := newClient(o.api, o.parallel, c.getenv)
	if err != nil {
		return false, nil, before(err)
	}
	defer client.http.CloseIdleConnections()
	if err := client.reach(ctx); err != nil {
		return false, nil, before(err)
	}
	if err := c.consent(ctx, o, client.base); err != nil {
		return false, nil, before(err)
	}
	return refund(ctx, c, o, client, file)
}

// refund runs the file and writes its report.
func refund(ctx context.Context, c console, o options, client *client, file bulk.File) (done bool, outcomes []bulk.Outcome, err error) {
	report, err := createReport(o.report)
	if err != nil {
		return false, nil, before(err)
	}
	shown := newProgress(c.out, terminal(c.out, c.getenv), time.Now)
	runner := bulk.Runner{API: client, Parallel: o.parallel, Patience: o.patience, SettleTime: o.settle, Watch: shown.show}
	outcomes, failed := runner.Run(ctx, file.Lines)
	shown.end()
	if err := report.write(file, outcomes); err != nil {
		return false, outcomes, errors.Join(failed, err)
	}
	done = summarize(c.out, outcomes)
	say(c.out, "Report: %s\n", o.report)
	return done, outcomes, failed
}

func readFile(o options) (bulk.File, error) {
	source, err := os.Open(o.file)
	if err != nil {
		return bulk.File{}, fmt.Errorf("open file: %w", err)
	}
	file, err := bulk.Read(source, o.reading)
	return file, errors.Join(err, source.Close())
}
