package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/iade/iade/internal/words"
)

// bookedDay is a day of Istanbul as the API shows it: iyzico's books beside iade's.
type bookedDay struct {
	Date        string                          `json:"date"`
	Status      string                          `json:"status"` // closed, differs, open
	ClosedAt    time.Time                       `json:"closedAt"`
	Provisional bool                            `json:"provisional"` // the day was not over when it was closed
	Reason      string                          `json:"reason"`      // why it is open
	Iyzico      map[string]map[string]bookedSum `json:"iyzico"`
	Iade        map[string]map[string]bookedSum `json:"iade"`
	Count       int                             `json:"differenceCount"`
	Differences []bookedDifference              `json:"differences"`
}

type bookedSum struct {
	Count  int    `json:"count"`
	Amount string `json:"amount"`
}

type bookedDifference struct {
	Kind                 string `json:"kind"`
	PaymentID            string `json:"paymentId"`
	PaymentTransactionID string `json:"paymentTransactionId"`
	OperationID          string `json:"operationId"`
	Currency             string `json:"currency"`
	IyzicoAmount         string `json:"iyzicoAmount"`
	IadeAmount           string `json:"iadeAmount"`
}

// yesterday is the day of Istanbul before now's.
func yesterday(now time.Time) string {
	return now.In(words.Istanbul()).AddDate(0, 0, -1).Format(time.DateOnly)
}

// dayCommand shows a day, or closes it now. The exit code tells whether it is closed and the same in both books.
func dayCommand(flags *flag.FlagSet, k *call) func(context.Context) (int, error) {
	shut := flags.Bool("close", false, "close the day now, or again")
	asCSV := flags.Bool("csv", false, "write the rows that differ as CSV")
	return func(ctx context.Context) (int, error) {
		date := yesterday(time.Now())
		if len(k.operands) > 0 {
			date = k.operands[0]
		}
		if _, err := time.Parse(time.DateOnly, date); err != nil {
			return exitBadFile, before(fmt.Errorf("DATE must be a day such as 2026-01-31, not %q", plain(date)))
		}
		if *asCSV && (k.asJSON || *shut) {
			return exitBadFile, before(errors.New("-csv stands alone, without -json and -close"))
		}
		client, err := k.connect()
		if err != nil {
			return exitBadFile, err
		}
		defer client.http.CloseIdleConnections()
		if *asCSV {
			return exitDone, k.copy(ctx, client, "/days/"+date)
		}
		method, path := http.MethodGet, "/days/"+date
		if *shut {
			method, path = http.MethodPost, path+"/close"
		}
		said, err := client.ask(ctx, method, path, nil)
		if err != nil {
			return exitSomeNot, err
		}
		var d bookedDay
		if err := understand(said, &d); err != nil {
			return exitSomeNot, err
		}
		code := exitSomeNot
		if d.Status == "closed" && !d.Provisional && d.Reason == "" {
			code = exitDone
		}
		if k.asJSON {
			return code, k.raw(said)
		}
		k.day(&d)
		return code, nil
	}
}

// copy writes one CSV answer as it comes.
func (k *call) copy(ctx context.Context, client *client, path string) error {
	response, err := client.open(ctx, http.MethodGet, path, mediaCSV, nil)
	if err != nil {
		return err
	}
	_, err = io.Copy(k.out, response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return fmt.Errorf("the list is not whole: %w", err)
	}
	return nil
}

// day writes a day for people.
func (k *call) day(d *bookedDay) {
	l := k.lang
	colour := yellow
	switch d.Status {
	case "closed":
		colour = green
	case "differs":
		colour = red
	}
	say(k.out, "%s\n", strings.TrimSpace(plain(d.Date)+"  "+k.paint(colour, l.BookedDay(d.Status))+"  "+l.Time(d.ClosedAt)))
	if d.Provisional {
		say(k.out, "  %s\n", text{"The day was not over then: it is closed again when it is.", "Gün o sırada bitmemişti: bitince yeniden kapatılır."}.In(l))
	}
	if d.Reason != "" {
		say(k.out, "  %s\n", plain(d.Reason))
	}
	for _, book := range []struct {
		name string
		sums map[string]map[string]bookedSum
	}{{"iyzico", d.Iyzico}, {"iade", d.Iade}} {
		for _, kind := range slices.Sorted(maps.Keys(book.sums)) {
			for _, currency := range slices.Sorted(maps.Keys(book.sums[kind])) {
				sum := book.sums[kind][currency]
				say(k.out, "  %s  %s %s  (%d)\n", padded(book.name, 6), padded(plain(kind), wideKind), aligned(l.Amount(sum.Amount, currency)), sum.Count)
			}
		}
	}
	seen := map[string]bool{}
	for _, x := range d.Differences {
		say(k.out, "  %s  %s %s %s  iyzico %s, iade %s\n", k.paint(red, plain(x.Kind)), plain(x.PaymentID), plain(x.PaymentTransactionID), plain(x.OperationID),
			cmp.Or(l.Amount(x.IyzicoAmount, x.Currency), "-"), cmp.Or(l.Amount(x.IadeAmount, x.Currency), "-"))
	}
	for _, x := range d.Differences {
		if means, ok := words.Difference(x.Kind); ok && !seen[x.Kind] {
			seen[x.Kind] = true
			say(k.out, "%s: %s\n", x.Kind, means.In(l))
		}
	}
	if more := d.Count - len(d.Differences); more > 0 {
		say(k.out, text{"  and %d more that are not named", "  adı verilmeyen %d fark daha"}.In(l)+"\n", more)
	}
}
