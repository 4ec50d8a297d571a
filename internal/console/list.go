package console

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/iade/iade/internal/words"
)

// mostRows bounds one export: pages of 200 operations.
const mostExported = 500

// listPage is operations by status, kind, day and order number.
type listPage struct {
	Operations

	Filter   map[string]string
	Statuses []string
	Kinds    []string
	Weeks    []period
	Next     string
	Export   string
}

// period is days that finance asks for.
type period struct {
	Name     words.Text
	From, To string
}

// filters are the conditions of a list, under the API's names.
func filters() []string { return []string{"status", "kind", "from", "to", "paymentId", "reference"} }

// condition reads the conditions out of a page's address.
func condition(v *visit) (url.Values, map[string]string) {
	query, filter := url.Values{}, map[string]string{}
	for _, name := range filters() {
		if value := strings.TrimSpace(v.r.URL.Query().Get(name)); value != "" {
			query.Set(name, value)
			filter[name] = value
		}
	}
	return query, filter
}

// list shows operations, a page at a time.
func (c *Console) list(v *visit) {
	query, filter := condition(v)
	page := listPage{
		Filter: filter, Export: Root + "operations.csv?" + query.Encode(), Weeks: periods(v.now), Kinds: []string{"refund", "balance_refund", "cancel", "reversal", "fund_payment"},
		Statuses: []string{
			"unfinished", "processing", "unknown", "needs_review", "awaiting_customer", "awaiting_merchant", "in_review", "succeeded", "partially_succeeded", "rejected",
			"not_sent", "not_executed", "expired",
		},
	}
	query.Set("limit", "50")
	asked := url.Values{}
	for name, value := range query {
		asked[name] = value
	}
	if cursor := v.r.URL.Query().Get("cursor"); cursor != "" {
		asked.Set("cursor", cursor)
	}
	if err := c.get(v.ctx, "/operations?"+asked.Encode(), &page.Operations); err != nil {
		c.refuse(v, err)
		return
	}
	if page.NextCursor != "" {
		query.Del("limit")
		query.Set("cursor", page.NextCursor)
		page.Next = Root + "operations?" + query.Encode()
	}
	c.show(v, http.StatusOK, "list", words.Text{"Operations", "İşlemler"}.In(v.lang), page)
}

// periods are the days that are asked for most.
func periods(now time.Time) []period {
	today := now.In(words.Istanbul())
	monday := today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
	first := time.Date(today.Year(), today.Month(), 1, 12, 0, 0, 0, today.Location())
	return []period{
		{words.Text{"Today", "Bugün"}, dayOf(today), dayOf(today)},
		{words.Text{"Yesterday", "Dün"}, dayOf(today.AddDate(0, 0, -1)), dayOf(today.AddDate(0, 0, -1))},
		{words.Text{"This week", "Bu hafta"}, dayOf(monday), dayOf(today)},
		{words.Text{"Last week", "Geçen hafta"}, dayOf(monday.AddDate(0, 0, -7)), dayOf(monday.AddDate(0, 0, -1))},
		{words.Text{"Last month", "Geçen ay"}, dayOf(first.AddDate(0, -1, 0)), dayOf(first.AddDate(0, 0, -1))},
	}
}

// export copies the API's CSV, page after page, with one header line. One that breaks off is not taken for a whole one: the
// connection ends without the answer's end.
func (c *Console) export(v *visit) {
	query, _ := condition(v)
	query.Set("limit", listLimit)
	begun := false
	for range mostExported {
		said, err := c.do(v.ctx, request{method: http.MethodGet, path: "/operations?" + query.Encode(), accept: "text/csv"})
		if err == nil && !strings.HasPrefix(said.header.Get("Content-Type"), "text/csv") {
			err = errors.New("the API answered with something else than CSV")
		}
		if err != nil {
			c.breakOff(v, begun, err)
			return
		}
		rows := string(said.body)
		if !begun {
			sendFile(v.w, "iade-operations.csv")
			begun = true
		} else {
			_, rows, _ = strings.Cut(rows, "\n")
		}
		if _, err := io.WriteString(v.w, rows); err != nil {
			return // the reader is gone
		}
		next := nextCursor(said.header)
		if next == "" {
			return
		}
		query.Set("cursor", next)
	}
	c.breakOff(v, begun, errors.New("there are more operations than one export holds"))
}

// breakOff ends an export that is not whole.
func (c *Console) breakOff(v *visit, begun bool, err error) {
	if !begun {
		c.refuse(v, err)
		return
	}
	c.Log.Warn("an export broke off", "error", err)
	panic(http.ErrAbortHandler)
}

// sendFile makes the browser keep an answer as a file.
func sendFile(w http.ResponseWriter, name string) {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
}

// nextCursor is the next page's cursor, "" after the last.
func nextCursor(header http.Header) string {
	link, found := strings.CutSuffix(header.Get("Link"), `>; rel="next"`)
	at, err := url.Parse(strings.TrimPrefix(link, "<"))
	if err != nil || !found {
		return ""
	}
	return at.Query().Get("cursor")
}
