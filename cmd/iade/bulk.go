package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/iade/iade/internal/bulk"
)

// errNothingSent marks what went wrong before the first request.
var errNothingSent = errors.New("nothing was sent")

func before(err error) error { return fmt.Errorf("%w; %w", err, errNothingSent) }

// bulkCommand refunds what a file lists. done tells that every line's money is back.
func bulkCommand(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) (done bool, err error) {
	o, err := parseOptions(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return true, err
	}
	if err != nil {
		return false, before(err)
	}
	file, err := readFile(o)
	var bad *bulk.BadFile
	if errors.As(err, &bad) {
		list(stderr, o.file, bad)
	}
	if err != nil {
		return false, before(err)
	}
	say(stdout, "%s: %d refunds on %d payments, nothing wrong in the file\n", o.file, len(file.Lines), file.Payments)
	if file.Repeated > 0 {
		say(stdout, "%d lines say the same as an earlier one: each is a refund of its own\n", file.Repeated)
	}
	if o.check {
		return true, nil
	}
	client, err := newClient(o, getenv)
	if err != nil {
		return false, before(err)
	}
	defer client.http.CloseIdleConnections()
	report, err := createReport(o.report)
	if err != nil {
		return false, before(err)
	}
	shown := newProgress(stdout, terminal(stdout, getenv), time.Now)
	runner := bulk.Runner{API: client, Parallel: o.parallel, Patience: o.patience, SettleTime: o.settle, Watch: shown.show}
	outcomes, failed := runner.Run(ctx, file.Lines)
	shown.end()
	if err := report.write(file, outcomes); err != nil {
		return false, errors.Join(failed, err)
	}
	done = summarize(stdout, outcomes)
	say(stdout, "Report: %s\n", o.report)
	return done, failed
}

func readFile(o options) (bulk.File, error) {
	source, err := os.Open(o.file)
	if err != nil {
		return bulk.File{}, fmt.Errorf("open file: %w", err)
	}
	file, err := bulk.Read(source, o.keyPrefix)
	return file, errors.Join(err, source.Close())
}

// list says everything that is wrong with a file.
func list(w io.Writer, name string, bad *bulk.BadFile) {
	buffered := bufio.NewWriter(w)
	for _, f := range bad.Faults {
		say(buffered, "%s:%d: %s %s\n", name, f.Line, f.Field, f.Message)
	}
	_ = buffered.Flush() // as say
}

// summarize counts the outcomes, and tells whether all are done.
func summarize(w io.Writer, outcomes []bulk.Outcome) bool {
	counts := map[string]int{}
	var order []string
	done, again := true, false
	for _, o := range outcomes {
		if counts[o.Status] == 0 {
			order = append(order, o.Status)
		}
		counts[o.Status]++
		done = done && o.Done()
		again = again || o.Again()
	}
	say(w, "%d lines:", len(outcomes))
	for _, status := range order {
		say(w, " %d %s", counts[status], status)
	}
	say(w, "\n")
	if again {
		say(w, "Run the same again to go on: what was refunded is not refunded twice.\n")
	}
	return done
}
