package console

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/iade/iade/internal/words"
)

const differencesShown = 200

// daysPage lists the days of a month back.
type daysPage struct {
	Days      []Day
	NotKept   bool
	Yesterday string
	Open      bool // yesterday is not closed
	Earlier   string
}

// days lists the days that were closed or begun, newest first.
func (c *Console) days(v *visit) {
	until := v.now
	if asked, err := time.ParseInLocation(time.DateOnly, v.r.URL.Query().Get("until"), words.Istanbul()); err == nil {
		until = asked
	}
	page := daysPage{Yesterday: dayOf(v.now.AddDate(0, 0, -1)), Earlier: dayOf(until.AddDate(0, 0, -31))}
	list, err := c.closedDays(v.ctx, until)
	switch {
	case notKept(err):
		page.NotKept = true
	case err != nil:
		c.refuse(v, err)
		return
	}
	slices.Reverse(list)
	page.Days = list
	page.Open = !page.NotKept && dayOf(until) == dayOf(v.now) &&
		!slices.ContainsFunc(list, func(d Day) bool { return d.Date == page.Yesterday && !d.ClosedAt.IsZero() && !d.Provisional })
	c.show(v, http.StatusOK, "days", words.Text{"Days", "Günler"}.In(v.lang), page)
}

// dayPage is one day: iyzico's books beside iade's.
type dayPage struct {
	Day

	Rows   []bookRow
	Left   int
	Means  []words.Text
	Closed bool // just now
}

// bookRow is one kind of movement in one currency, in both books.
type bookRow struct {
	Kind, Currency          string
	Iyzico, Iade, Confirmed Sum
	Same                    bool
}

// day shows one day.
func (c *Console) day(v *visit) {
	date := v.r.PathValue("date")
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		c.nothing(v)
		return
	}
	var page dayPage
	if err := c.get(v.ctx, "/days/"+date, &page.Day); err != nil {
		c.refuse(v, err)
		return
	}
	page.Closed = v.r.URL.Query().Get("did") == "closed"
	page.Rows = page.books()
	seen := map[string]bool{}
	for _, x := range page.Differences {
		if means, known := words.Difference(x.Kind); known && !seen[x.Kind] {
			seen[x.Kind] = true
			page.Means = append(page.Means, means)
		}
	}
	page.Differences, _ = atMost(page.Differences, differencesShown)
	page.Left = page.DifferenceCount - len(page.Differences)
	c.show(v, http.StatusOK, "day", words.Text{"Day", "Gün"}.In(v.lang)+" "+writtenDate(v.lang, date), page)
}

// books puts the two books side by side.
func (d *Day) books() []bookRow {
	type place struct{ kind, currency string }
	rows := map[place]*bookRow{}
	add := func(sums Sums, into func(*bookRow) *Sum) {
		for kind, byCurrency := range sums {
			for currency, sum := range byCurrency {
				at := place{kind, currency}
				if rows[at] == nil {
					rows[at] = &bookRow{Kind: kind, Currency: currency}
				}
				*into(rows[at]) = sum
			}
		}
	}
	add(d.Iyzico, func(r *bookRow) *Sum { return &r.Iyzico })
	add(d.Iade, func(r *bookRow) *Sum { return &r.Iade })
	add(d.Confirmed, func(r *bookRow) *Sum { return &r.Confirmed })
	all := slices.SortedFunc(maps.Keys(rows), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.currency, b.currency))
	})
	sorted := make([]bookRow, 0, len(all))
	for _, at := range all {
		row := rows[at]
		row.Same = !isMore(cmp.Or(row.Iyzico.Amount, "0"), cmp.Or(row.Iade.Amount, "0")) && !isMore(cmp.Or(row.Iade.Amount, "0"), cmp.Or(row.Iyzico.Amount, "0"))
		sorted = append(sorted, *row)
	}
	return sorted
}

// dayRows gives the rows that differ as CSV.
func (c *Console) dayRows(v *visit) {
	date := v.r.PathValue("date")
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		c.nothing(v)
		return
	}
	said, err := c.do(v.ctx, request{method: http.MethodGet, path: "/days/" + date, accept: "text/csv"})
	if err != nil {
		c.refuse(v, err)
		return
	}
	sendFile(v.w, "iade-day-"+date+".csv")
	_, _ = v.w.Write(said.body) // the reader may be gone
}

// closeDay closes a day now, or again.
func (c *Console) closeDay(v *visit) {
	date := v.r.PathValue("date")
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		c.nothing(v)
		return
	}
	if _, err := c.do(v.ctx, request{method: http.MethodPost, path: "/days/" + date + "/close"}); err != nil {
		c.refuse(v, err)
		return
	}
	http.Redirect(v.w, v.r, Root+"days/"+url.PathEscape(date)+"?did=closed", http.StatusSeeOther)
}

// chooseDay leads from the form on the page of days to the day that was typed there.
func (c *Console) chooseDay(v *visit) {
	if place := placeOf(v.r.URL.Query().Get("date")); place != "" {
		http.Redirect(v.w, v.r, place, http.StatusSeeOther)
		return
	}
	http.Redirect(v.w, v.r, Root+"days", http.StatusSeeOther)
}
