package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/iade/iade/internal/bulk"
)

// announce says what a file asks for: how many refunds, and how much in each currency.
func announce(w io.Writer, name string, f bulk.File) {
	say(w, "%s: %d refunds on %d payments, nothing wrong in the file\n", name, f.Refunds(), f.Payments)
	for _, sum := range f.Sums {
		currency := sum.Currency
		if currency == "" {
			currency = "in the payments' own currency (the file names none)"
		}
		say(w, "  %s %s in %d refunds\n", sum.Amount.StringFixed(2), currency, sum.Refunds)
	}
	if f.Full > 0 {
		say(w, "  all that is left, in %d refunds\n", f.Full)
	}
	if f.Repeated > 0 {
		say(w, "%d lines say the same as an earlier one: each is a refund of its own\n", f.Repeated)
	}
	if f.SameKey > 0 {
		say(w, "%d lines have the key and the request of an earlier one: they are the same refund, once\n", f.SameKey)
	}
}

// yeses are the answers that send.
var yeses = []string{"yes", "y", "evet", "e"}

// consent asks before anything is sent, unless the command line said yes. Where nobody can answer, nobody agreed.
func (c console) consent(ctx context.Context, o options, api string) error {
	if o.yes {
		return nil
	}
	if !c.asks {
		return errors.New("there is no terminal to ask at: look at the sum, and run with -yes")
	}
	say(c.out, "Send this to %s? Type yes: ", api)
	answered := make(chan string, 1)
	go func() {
		line, err := bufio.NewReader(c.in).ReadString('\n')
		if err != nil {
			line = ""
		}
		answered <- line
	}()
	select {
	case <-ctx.Done():
		return errors.New("stopped before the answer")
	case line := <-answered:
		for _, yes := range yeses {
			if strings.EqualFold(strings.TrimSpace(line), yes) {
				return nil
			}
		}
		return fmt.Errorf("the answer was not yes")
	}
}
