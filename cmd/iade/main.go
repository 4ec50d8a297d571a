// Command iade is for people who work with a running iade: `iade bulk` refunds what a file lists.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// The exit codes. What went wrong before anything was sent is a bad file's.
const (
	exitDone    = 0
	exitSomeNot = 1
	exitBadFile = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

const usage = `iade bulk FILE.csv refunds what a file lists; iade bulk -help says how.
`

// run does what the arguments ask for and gives the exit code; the user has been told everything.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	if len(args) == 0 || args[0] != "bulk" {
		say(stderr, usage)
		return exitBadFile
	}
	done, err := bulkCommand(ctx, args[1:], getenv, stdout, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitDone
	case errors.Is(err, errNothingSent):
		say(stderr, "iade: %v\n", err)
		return exitBadFile
	case err != nil:
		say(stderr, "iade: %v\n", err)
		return exitSomeNot
	case !done:
		return exitSomeNot
	}
	return exitDone
}

// say writes for people; a terminal that is gone is nobody's loss.
func say(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }
