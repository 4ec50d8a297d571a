package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

// options are the command line.
type options struct {
	addr       string
	iyzicoAddr string
	data       string
	reset      bool
	demo       bool
}

const help = `go run ./cmd/local starts iade, a fake iyzico and all that they need. Settings come from the environment (docs/settings.md):
  IYZICO_BASE_URL, IYZICO_API_KEY, IYZICO_SECRET_KEY   another iyzico in place of the fake one
  AWS_ENDPOINT_URL_DYNAMODB, TABLE_NAME                DynamoDB in place of the store in the folder
  API_TOKENS_FILE                                      callers bring a token; needed for an -addr that others reach
`

// parseOptions reads the command line. stderr gets the help that was asked for, and nothing else.
func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("local", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8080", "`address` of the API")
	flags.StringVar(&o.iyzicoAddr, "iyzico-addr", "127.0.0.1:8081", "`address` of the fake iyzico")
	flags.StringVar(&o.data, "data", ".local", "`folder` that keeps everything between runs")
	flags.BoolVar(&o.reset, "reset", false, "empty the folder first: only files of this program go, and only from a folder of its own")
	flags.BoolVar(&o.demo, "demo", false, "run the walk-through on free ports in a temporary folder, whatever the other flags say")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		printer{w: stderr}.say(help)
		flags.SetOutput(stderr)
		flags.PrintDefaults()
		return o, err
	case err != nil:
		return o, fmt.Errorf("%w: see -help", err)
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q: see -help", flags.Arg(0))
	}
	if o.data == "" {
		return o, errors.New("-data needs a folder")
	}
	return o, nil
}
