// Command iade is for people who work with a running iade: it shows where the money of an operation is, decides what waits
// for a person, closes days, explains codes, looks for what is wrong, and refunds what a file lists.
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

// The exit codes of every command. docs/cli.md says what each command means by them.
const (
	exitDone     = 0 // done, and nothing is left to do
	exitSomeNot  = 1 // answered, and the answer is a no, or something is left to do
	exitBadFile  = 2 // the command line or a file is at fault: nothing was sent
	exitNoAnswer = 3 // no usable answer: not reached, not authorised, not available
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

// run does what the arguments ask for and gives the exit code; the user has been told everything.
func run(ctx context.Context, args []string, c console) int {
	if len(args) == 0 {
		overview(c.err, languageOf(c.getenv))
		return exitBadFile
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		return help(args[1:], c)
	case completing:
		complete(c.out, args[1:])
		return exitDone
	}
	one, ok := commandOf(args[0])
	if !ok {
		say(c.err, "iade: there is no command %q\n\n", plain(args[0]))
		overview(c.err, languageOf(c.getenv))
		return exitBadFile
	}
	return one.exit(ctx, c, args[1:])
}

// exit runs the command and tells the user what went wrong.
func (m command) exit(ctx context.Context, c console, args []string) int {
	k := &call{console: c, lang: languageOf(c.getenv)}
	flags, do := m.flags(k)
	err := k.parse(flags, args)
	if err == nil {
		err = m.fits(k.operands)
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
		m.help(c.err, k.lang)
		return exitDone
	case err != nil:
		say(c.err, "iade: %v: iade %s -help; %v\n", err, m.name, errNothingSent)
		return exitBadFile
	}
	k.colours = colourful(c.out, c.getenv)
	code, err := do(ctx)
	var no *refusal
	switch {
	case err == nil:
		return code
	case errors.Is(err, errNothingSent):
		say(c.err, "iade: %v\n", err)
		return exitBadFile
	case errors.As(err, &no):
		no.tell(c.err, k.lang)
		return no.exit()
	}
	say(c.err, "iade: %v\n", err)
	return max(code, exitSomeNot)
}

// say writes for people; a terminal that is gone is nobody's loss.
func say(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }

// isTerminal tells whether a file is a terminal, as far as its mode says.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
