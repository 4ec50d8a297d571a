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
	os.Exit(run(ctx, os.Args[1:], console{in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv, asks: isTerminal(os.Stdin)}))
}

// console is where a command runs: what it reads and writes, and whether a person can answer it.
type console struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
	asks     bool
}

// command is one subcommand. Its error was not told to anybody yet; done without an error is success.
type command struct {
	name string
	does string // one line for people
	run  func(ctx context.Context, c console, args []string) (done bool, err error)
}

// commands lists the subcommands in the order of the help.
func commands() []command {
	return []command{
		{"bulk", "bulk FILE.csv refunds what a file lists", bulkCommand},
	}
}

// run does what the arguments ask for and gives the exit code; the user has been told everything.
func run(ctx context.Context, args []string, c console) int {
	if len(args) > 0 {
		for _, one := range commands() {
			if one.name == args[0] {
				return one.exit(ctx, c, args[1:])
			}
		}
	}
	for _, one := range commands() {
		say(c.err, "iade %s; iade %s -help says how.\n", one.does, one.name)
	}
	return exitBadFile
}

func (m command) exit(ctx context.Context, c console, args []string) int {
	done, err := m.run(ctx, c, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitDone
	case errors.Is(err, errNothingSent):
		say(c.err, "iade: %v\n", err)
		return exitBadFile
	case err != nil:
		say(c.err, "iade: %v\n", err)
		return exitSomeNot
	case !done:
		return exitSomeNot
	}
	return exitDone
}

// say writes for people; a terminal that is gone is nobody's loss.
func say(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }

// isTerminal tells whether a file is a terminal, as far as its mode says.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
