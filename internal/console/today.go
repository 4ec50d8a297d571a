package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/words"
)

const (
	daysInChart = 7
	listLimit   = "200" // the most that the API lists at once
	mostPages   = 5     // of a list that Today adds up; what comes after them is said to be left out
)

// today is the first page: what moved, what is open, and whether iade works.
type today struct {
	Moved    []moved // by currency, the one with the most operations first
	Partial  bool    // there is more than was added up
	NoBooks  bool    // no journal is kept: only what is unfinished is known
	Open     []openCount
	More     bool // more is unfinished than was counted
	LastDay  *Day // the last that was closed
	NoDays   bool // none are closed here
	Version  string
	Limits   *Limits // nil where the API does not tell, because it is older
	Settling settling
}

// moved is what was given back in one currency.
type moved struct {
	Currency    string
	Today, Week string
	Count       int
	Chart       chart
}

// openCount counts what is unfinished in one way.
type openCount struct {
	Name, Means words.Text
	Statuses    string
	Count       int
	Oldest      time.Time
	Person      bool // a person has to do something
}

// settling is what the unfinished operations tell of the reconciler.
type settling struct {
	Waiting int       // how many wait for it
	Last    time.Time // when it, or an answer, last changed one of them
	Late    bool      // one waits for longer than settling takes
}

// settleTime is how long an unknown outcome may take: the window of an hour, and the reads after it.
const settleTime = 3 * time.Hour

// The ways in which an operation is open, in the order of the page.
func openKinds() []openCount {
	return []openCount{
		{Name: words.Text{"Not known yet", "Henüz bilinmiyor"}, Statuses: "processing,unknown",
			Means: words.Text{"iade is finding out from iyzico's report.", "iade bunu iyzico raporundan öğreniyor."}},
		{Name: words.Text{"Waits for a person", "Kişi kararı bekliyor"}, Statuses: "needs_review,awaiting_merchant", Person: true,
			Means: words.Text{"Somebody has to decide, or approve in iyzico's panel.", "Birinin karar vermesi veya iyzico panelinde onaylaması gerekiyor."}},
		{Name: words.Text{"Waits for the customer", "Müşteriyi bekliyor"}, Statuses: "awaiting_customer",
			Means: words.Text{"The customer has to confirm on iyzico's page.", "Müşterinin iyzico sayfasında onaylaması gerekiyor."}},
		{Name: words.Text{"iyzico's fraud check", "iyzico'nun dolandırıcılık kontrolü"}, Statuses: "in_review",
			Means: words.Text{"Payments that iyzico is looking at.", "iyzico'nun incelediği ödemeler."}},
	}
}

func (c *Console) today(v *visit) {
	var page today
	var days []Day
	err := together(
		func() error { return page.unfinished(v, c) },
		func() (err error) { days, err = c.closedDays(v.ctx, v.now); return page.noDays(err) },
		func() error { return page.limits(v, c) },
		func() error {
			var health struct {
				Version string `json:"version"`
			}
			err := c.get(v.ctx, "/health", &health)
			page.Version = health.Version
			return err
		},
	)
	if err == nil {
		err = page.movements(v, c, days)
	}
	if err != nil {
		c.refuse(v, err)
		return
	}
	for i := range days {
		if !days[i].ClosedAt.IsZero() {
			page.LastDay = &days[i]
		}
	}
	c.show(v, http.StatusOK, "today", words.Text{"Today", "Bugün"}.In(v.lang), page)
}

// together does several things at once and gives the first of their errors, in their order.
func together(do ...func() error) error {
	errs := make([]error, len(do))
	var all sync.WaitGroup
	for i, one := range do {
		all.Go(func() { errs[i] = one() })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// closedDays are the days of the last month that were closed or begun.
func (c *Console) closedDays(ctx context.Context, now time.Time) ([]Day, error) {
	var list struct {
		Days []Day `json:"days"`
	}
	query := url.Values{"from": {dayOf(now.AddDate(0, 0, -30))}, "to": {dayOf(now)}}
	err := c.get(ctx, "/days?"+query.Encode(), &list)
	return list.Days, err
}

// noDays lets the page do without days where none are closed.
func (p *today) noDays(err error) error {
	if notKept(err) {
		p.NoDays = true
		return nil
	}
	return err
}

// dayOf is a moment's day in Istanbul, as the API writes it.
func dayOf(t time.Time) string { return t.In(words.Istanbul()).Format(time.DateOnly) }

// limits reads the switch and the limits.
func (p *today) limits(v *visit, c *Console) error {
	var limits Limits
	err := c.get(v.ctx, "/limits", &limits)
	if err == nil {
		p.Limits = &limits
	} else if asRefusal(err).Status == http.StatusNotFound {
		return nil
	}
	return err
}

// unfinished counts what is open.
func (p *today) unfinished(v *visit, c *Console) error {
	var list Operations
	if err := c.get(v.ctx, "/operations?limit="+listLimit, &list); err != nil {
		return err
	}
	p.Open, p.More = openKinds(), list.NextCursor != ""
	for i := range list.Operations {
		op := &list.Operations[i]
		at := slices.IndexFunc(p.Open, func(k openCount) bool { return slices.Contains(splitList(k.Statuses), op.Status) })
		if at < 0 {
			at = 0 // a status that is newer than this program is not known
		}
		k := &p.Open[at]
		if k.Count++; k.Oldest.IsZero() || op.CreatedAt.Before(k.Oldest) {
			k.Oldest = op.CreatedAt
		}
		if at == 0 {
			p.Settling.add(op, v.now)
		}
	}
	return nil
}

func (s *settling) add(op *Operation, now time.Time) {
	s.Waiting++
	if op.UpdatedAt.After(s.Last) {
		s.Last = op.UpdatedAt
	}
	s.Late = s.Late || now.Sub(op.CreatedAt) > settleTime && now.Sub(op.UpdatedAt) > settleTime
}

// movements adds up what was given back on each of the last days.
func (p *today) movements(v *visit, c *Console, days []Day) error {
	var dates []string
	for i := daysInChart - 1; i >= 0; i-- {
		dates = append(dates, dayOf(v.now.AddDate(0, 0, -i)))
	}
	sums := map[string][]decimal.Decimal{} // by currency
	counts := map[string]int{}
	add := func(currency, date, amount string, count int) {
		sum, err := decimal.NewFromString(amount)
		at := slices.Index(dates, date)
		if err != nil || at < 0 {
			return
		}
		if sums[currency] == nil {
			sums[currency] = make([]decimal.Decimal, daysInChart)
		}
		sums[currency][at] = sums[currency][at].Add(sum)
		counts[currency] += count
	}
	// A closed day has its sums; what is not closed is added up from its operations.
	since := dates[0]
	for _, d := range days {
		if d.Date != since || d.ClosedAt.IsZero() || d.Provisional {
			continue
		}
		for _, byCurrency := range d.Iade {
			for currency, sum := range byCurrency {
				add(currency, d.Date, sum.Amount, sum.Count)
			}
		}
		since = nextDay(d.Date)
	}
	query := url.Values{"from": {since}, "status": {"succeeded,partially_succeeded"}, "limit": {listLimit}}
	for range mostPages {
		var list Operations
		if err := c.get(v.ctx, "/operations?"+query.Encode(), &list); err != nil {
			if notKept(err) {
				p.NoBooks = true
				return nil
			}
			return err
		}
		for _, op := range list.Operations {
			if op.Kind != "fund_payment" {
				at := op.SettledAt
				if at.IsZero() {
					at = op.UpdatedAt
				}
				add(op.Currency, dayOf(at), op.RefundedAmount, 1)
			}
		}
		if p.Partial = list.NextCursor != ""; !p.Partial {
			break
		}
		query.Set("cursor", list.NextCursor)
	}
	for currency, byDay := range sums {
		week := decimal.Zero
		for _, sum := range byDay {
			week = week.Add(sum)
		}
		p.Moved = append(p.Moved, moved{
			Currency: currency, Today: byDay[daysInChart-1].StringFixed(2), Week: week.StringFixed(2), Count: counts[currency], Chart: chartOf(v.lang, currency, dates, byDay),
		})
	}
	slices.SortFunc(p.Moved, func(a, b moved) int {
		if a.Count != b.Count {
			return b.Count - a.Count
		}
		return slices.Compare([]byte(a.Currency), []byte(b.Currency))
	})
	return nil
}
