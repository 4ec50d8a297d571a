package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/iade/iade/internal/payment"
)

// pageSize is how many operations are asked for at once: the most that the API gives.
const pageSize = 200

// listCommand lists operations. It holds one page at a time.
func listCommand(flags *flag.FlagSet, k *call) func(context.Context) (int, error) {
	query := url.Values{}
	into := func(name, parameter, usage string) {
		flags.Func(name, usage, func(s string) error { query.Set(parameter, s); return nil })
	}
	into("status", "status", "`statuses`, a comma list; unfinished stands for all that have no end yet")
	into("kind", "kind", "`kind`: refund, balance_refund, cancel, reversal, fund_payment")
	into("from", "from", "asked for since this `day` of Istanbul (2026-01-31) or time (RFC 3339)")
	into("to", "to", "asked for up to this `day` (included) or time (not included)")
	into("payment", "paymentId", "of this `payment`")
	into("reference", "reference", "with this `reference` (your order number)")
	into("order", "order", "`order`: desc (newest first) or asc")
	most := flags.Int("limit", 0, "stop after so many `operations`; 0 = all")
	asCSV := flags.Bool("csv", false, "write CSV with exact amounts, for spreadsheets and programs")
	return func(ctx context.Context) (int, error) {
		switch {
		case *most < 0:
			return exitBadFile, before(errors.New("-limit must not be less than 0"))
		case *asCSV && k.asJSON:
			return exitBadFile, before(errors.New("-csv and -json exclude each other"))
		}
		client, err := k.connect()
		if err != nil {
			return exitBadFile, err
		}
		defer client.http.CloseIdleConnections()
		if *asCSV {
			return exitDone, k.listCSV(ctx, client, query, *most)
		}
		return exitDone, k.listPages(ctx, client, query, *most)
	}
}

// page is one page of operations, each as it came.
type page struct {
	Operations []json.RawMessage `json:"operations"`
	NextCursor string            `json:"nextCursor"`
}

// errRepeated ends a list whose pages do not end.
var errRepeated = errors.New("the API gave the same page's address twice: the list is not whole")

// pages gives page after page to take, until there is none or take wants no more.
func pages(ctx context.Context, client *client, query url.Values, take func(page) (more bool, err error)) error {
	for {
		var p page
		if _, err := client.read(ctx, "/operations?"+query.Encode(), &p); err != nil {
			return err
		}
		more, err := take(p)
		if err != nil || !more || p.NextCursor == "" {
			return err
		}
		if p.NextCursor == query.Get("cursor") {
			return errRepeated
		}
		query.Set("cursor", p.NextCursor)
	}
}

// asked is how many to ask for, where so many are still wanted; 0 = all.
func asked(most int) string {
	if most == 0 || most > pageSize {
		return strconv.Itoa(pageSize)
	}
	return strconv.Itoa(most)
}

func (k *call) listPages(ctx context.Context, client *client, query url.Values, most int) error {
	query.Set("limit", asked(most))
	out := bufio.NewWriter(k.out)
	listed := 0
	err := pages(ctx, client, query, func(p page) (bool, error) {
		for _, said := range p.Operations {
			if most > 0 && listed == most {
				return false, nil
			}
			if listed++; k.asJSON {
				say(out, "%s\n", said)
				continue
			}
			var op payment.Resource
			if err := understand(said, &op); err != nil {
				return false, err
			}
			if listed == 1 {
				say(out, "%s\n", k.paint(bold, k.heading()))
			}
			say(out, "%s\n", k.row(&op))
		}
		return most == 0 || listed < most, out.Flush()
	})
	if !k.asJSON && (err == nil || listed > 0) {
		say(out, "%s\n", k.counted(listed))
	}
	return errors.Join(err, out.Flush())
}

func (k *call) counted(n int) string {
	if n == 0 {
		return text{"No such operation.", "Böyle bir işlem yok."}.In(k.lang)
	}
	return fmt.Sprintf(text{"%d in all", "toplam %d"}.In(k.lang), n)
}

// The widths of the columns.
const (
	wideTime   = 17
	wideStatus = 20
	wideKind   = 22
	wideAmount = 18
)

func (k *call) heading() string {
	return strings.Join([]string{
		padded(text{"asked for", "istendi"}.In(k.lang), wideTime), padded(text{"status", "durum"}.In(k.lang), wideStatus),
		padded(text{"kind", "tür"}.In(k.lang), wideKind), aligned(text{"amount", "tutar"}.In(k.lang)),
		text{"id", "kimlik"}.In(k.lang), text{"reference", "referans"}.In(k.lang), text{"bank reference", "banka referansı"}.In(k.lang),
	}, "  ")
}

func (k *call) row(op *payment.Resource) string {
	return strings.Join([]string{
		padded(k.lang.Time(op.CreatedAt), wideTime), k.status(op.Status, wideStatus), padded(k.lang.Kind(string(op.Kind)), wideKind),
		aligned(k.whole(op)), plain(op.ID), cmp.Or(plain(op.Reference), "-"), cmp.Or(plain(op.CustomerReference), "-"),
	}, "  ")
}

// listCSV copies the API's CSV page after page, with one header line.
func (k *call) listCSV(ctx context.Context, client *client, query url.Values, most int) error {
	query.Set("limit", asked(most))
	path, header, left := "/operations?"+query.Encode(), "", most
	for {
		response, err := client.open(ctx, http.MethodGet, path, mediaCSV, nil)
		if err != nil {
			return err
		}
		err = copyCSV(k.out, response, &header, &left, most > 0)
		if err = errors.Join(err, response.Body.Close()); err != nil {
			return fmt.Errorf("the list is not whole: %w", err)
		}
		next := nextLink(response.Header)
		if next == "" || most > 0 && left == 0 {
			return nil
		}
		if next == path {
			return errRepeated
		}
		path = next
	}
}

// copyCSV copies one page. The first page's header is written, and the others' must be the same.
func copyCSV(w io.Writer, response *http.Response, header *string, left *int, limited bool) error {
	if !strings.HasPrefix(response.Header.Get("Content-Type"), mediaCSV) {
		return errors.New("the API answered with something else than CSV")
	}
	body := bufio.NewReader(response.Body)
	first, err := body.ReadString('\n')
	switch {
	case err != nil:
		return fmt.Errorf("read header: %w", err)
	case *header == "":
		*header = first
		if _, err := io.WriteString(w, first); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	case first != *header:
		return errors.New("the columns changed between two pages: run it again")
	}
	// A record of iade's is one line: no value holds a line break.
	for !limited || *left > 0 {
		line, err := body.ReadString('\n')
		if errors.Is(err, io.EOF) && line == "" {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		*left--
		if _, err := io.WriteString(w, line); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	return nil
}

// nextLink is the path of the next page, "" if there is none or it is not a path of this API.
func nextLink(header http.Header) string {
	link, found := strings.CutSuffix(header.Get("Link"), `>; rel="next"`)
	if link, ok := strings.CutPrefix(link, "</"); found && ok && strings.HasPrefix(link, "operations?") {
		return "/" + link
	}
	return ""
}
