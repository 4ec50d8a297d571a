// Command local is iade on one machine, with nothing needed but Go: the API, a fake of iyzico, a store in a folder, the
// reconciler and the publisher of events. Another iyzico, and DynamoDB in place of the store, are used where the environment
// names them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
)

// heapGrowth is how far the heap may grow between two collections, in percent of what is alive, unless GOGC says otherwise. Little
// is alive here, and collecting it with each megabyte of requests took a tenth of the time.
const heapGrowth = 400

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	default:
		fmt.Fprintln(os.Stderr, "iade:", oneLine(err))
		os.Exit(1)
	}
}

// run does what the arguments ask for until ctx ends. Its error is what to tell the user, who has seen nothing of it yet.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	if o.demo {
		return demo(ctx, printer{stdout, colourful(stdout, getenv)}, getenv, stderr)
	}
	s, err := loadSettings(getenv)
	if err != nil {
		return err
	}
	system, err := start(ctx, o, s, newLog(stderr, s.LogLevel, colourful(stderr, getenv)))
	if err != nil {
		return err
	}
	if system.live() {
		system.log.Warn("LIVE: refunds move real money", "iyzico", system.IyzicoURL)
	}
	printer{stdout, colourful(stdout, getenv)}.welcome(system)
	return errors.Join(system.Wait(ctx), system.Close())
}

// oneLine keeps an error that has several parts on one line.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
