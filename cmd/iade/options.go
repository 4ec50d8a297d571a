package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/iade/iade/internal/bulk"
)

// options are the command line of `iade bulk`.
type options struct {
	file     string
	api      string
	reading  bulk.Options
	decimal  string
	yes      bool
	report   string
	parallel int
	check    bool
	patience time.Duration
	settle   time.Duration
}

const maxParallel = 64

// bulkSetup defines the flags of `iade bulk`.
func bulkSetup(flags *flag.FlagSet, k *call) func(context.Context) (int, error) {
	var o options
	flags.StringVar(&o.reading.KeyPrefix, "key-prefix", bulk.DefaultKeyPrefix, "`text` before the keys made from lines; another one makes other refunds")
	flags.StringVar(&o.decimal, "decimal", "point", "`sign` of amounts: point (12.50) or comma (12,50)")
	flags.BoolVar(&o.reading.AllowRepeats, "allow-repeats", false, "take lines that say the same as an earlier one for refunds of their own")
	flags.BoolVar(&o.yes, "yes", false, "do not ask before sending")
	flags.StringVar(&o.report, "report", "", "`file` for the report (default: the file's name with -report)")
	flags.IntVar(&o.parallel, "parallel", 8, "`requests` under way at once")
	flags.BoolVar(&o.check, "check", false, "check the file and send nothing")
	flags.DurationVar(&o.patience, "patience", 10*time.Minute, "give up after so `long` with nothing but refusals")
	flags.DurationVar(&o.settle, "settle", 30*time.Minute, "wait so `long` at the end for what is unknown")
	return func(ctx context.Context) (int, error) {
		if len(k.operands) > 1 {
			return exitBadFile, before(fmt.Errorf("one file only, and %q came after %q", k.operands[1], k.operands[0]))
		}
		o.api, o.file = k.api, strings.Join(k.operands, "")
		if err := o.complete(); err != nil {
			return exitBadFile, before(err)
		}
		c := k.console
		if k.asJSON {
			c.out = k.err // what is for people goes where it mixes with nothing
		}
		done, outcomes, err := bulkCommand(ctx, c, o)
		if k.asJSON && outcomes != nil {
			err = errors.Join(err, writeSummary(k.out, o.report, outcomes))
		}
		if err != nil || !done {
			return exitSomeNot, err
		}
		return exitDone, nil
	}
}

// complete checks the options and fills in what follows from others.
func (o *options) complete() error {
	switch {
	case o.file == "":
		return errors.New("a file is needed: iade bulk FILE.csv")
	case o.parallel < 1 || o.parallel > maxParallel:
		return fmt.Errorf("-parallel must be from 1 to %d", maxParallel)
	case len(o.reading.KeyPrefix) > bulk.MaxKeyPrefix || strings.ContainsFunc(o.reading.KeyPrefix, func(r rune) bool { return r <= ' ' || r > '~' || r == ',' || r == '"' }):
		return fmt.Errorf("-key-prefix must have at most %d visible ASCII characters without comma and quotation mark", bulk.MaxKeyPrefix)
	case o.decimal != "point" && o.decimal != "comma":
		return fmt.Errorf("-decimal must be point or comma, not %q", o.decimal)
	case o.patience <= 0 || o.settle < 0:
		return errors.New("-patience must be more than 0, and -settle not less")
	}
	o.reading.DecimalComma = o.decimal == "comma"
	if o.report == "" {
		o.report = strings.TrimSuffix(o.file, ".csv") + "-report.csv"
	}
	if o.report == o.file {
		return errors.New("-report must be another file than the one to read")
	}
	return nil
}

// bulkHelp is what `iade bulk -help` says before it lists the flags.
func bulkHelp(w io.Writer) {
	say(w, "iade bulk FILE.csv checks the whole file, and if nothing in it is wrong says how much it is, asks, and refunds each line once.\n"+
		"It can be stopped and run again; the same file twice refunds once.\n\n"+
		"The first line names the columns, in any order; commas, semicolons or tabs separate:\n\n")
	for _, c := range bulk.Columns() {
		say(w, "  %-22s %s\n", c.Name, c.Meaning)
	}
	say(w, "\nAn API that is not on this machine is called with "+jwtVariable+" if it is set, else with AWS_ACCESS_KEY_ID,\n"+
		"AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN (aws configure export-credentials --format env).\n\n"+
		"Exit code: 0 all refunded, 1 some not (the report says which), 2 nothing was sent.\n\n")
}
