package psp

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // iyzico's day lists follow Istanbul's clock

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico"
)

// mostDayPages bounds one read of a day: iyzico's pages have 40 rows.
const mostDayPages = 2_000

// defaultDayTime bounds a read whose query names no deadline.
const defaultDayTime = 20 * time.Second

// ReadDay reads all pages of iyzico's list of one day. CodeUnavailable unless each page is there, says which page it is
// and how many there are, and no later page says fewer: then a row may have slipped through.
func (g *Gateway) ReadDay(ctx context.Context, q payment.DayQuery) (payment.DayList, error) {
	deadline := q.Deadline
	if deadline.IsZero() {
		deadline = g.now().Add(defaultDayTime)
	}
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	list := payment.DayList{Day: q.Day, ReadAt: g.now()}
	seen := map[payment.DayRow]bool{}
	for page, pages := 1, 1; page <= pages; page++ {
		answer, err := g.client.ReportTransactions(ctx, iyzico.ReportTransactionsRequest{Date: string(q.Day), Page: page, Locale: iyzico.LocaleEN})
		if err != nil {
			return payment.DayList{}, unreadable(fmt.Sprintf("read page %d of iyzico's list of %s", page, q.Day), err)
		}
		if why := misplaced(answer, page, pages); why != "" {
			return payment.DayList{}, unreadable(fmt.Sprintf("read page %d of iyzico's list of %s", page, q.Day), errors.New(why))
		}
		if page == 1 {
			list.SystemTime = answer.SystemTime
		}
		pages = max(pages, answer.TotalPageCount)
		for i := range answer.Transactions {
			row := dayRow(&answer.Transactions[i])
			// A row that came in meanwhile moves the others on, so a later page may repeat some.
			if once := comparable(row); !seen[once] {
				seen[once] = true
				list.Rows = append(list.Rows, row)
			}
		}
	}
	return list, nil
}

// istanbul is the zone that iyzico's day lists are written in.
var istanbul = sync.OnceValue(func() *time.Location {
	location, err := time.LoadLocation("Europe/Istanbul")
	if err != nil {
		panic("psp: embedded time zone data lacks Europe/Istanbul")
	}
	return location
})

// misplaced says why a page does not belong to the list so far, empty if it does.
func misplaced(answer *iyzico.TransactionsPage, page, pages int) string {
	empty := len(answer.Transactions) == 0
	switch {
	case page == 1 && empty && answer.TotalPageCount <= 1:
		return "" // nothing moved on that day
	case answer.CurrentPage != page:
		return fmt.Sprintf("it says that it is page %d", answer.CurrentPage)
	case answer.TotalPageCount < pages:
		return fmt.Sprintf("it says that there are %d pages, and there were %d", answer.TotalPageCount, pages)
	case answer.TotalPageCount > mostDayPages:
		return fmt.Sprintf("the day has %d pages, %d are the most that is read", answer.TotalPageCount, mostDayPages)
	case empty:
		return "it is empty"
	}
	return ""
}

// comparable is the row without what Go cannot compare by value.
func comparable(row payment.DayRow) payment.DayRow {
	row.LineID += "/" + row.Amount.Decimal().String() + "/" + row.At.UTC().Format(time.RFC3339)
	if row.Status != nil {
		row.LineID += fmt.Sprintf("/%d", *row.Status)
	}
	row.Amount, row.Status, row.At = money.Amount{}, nil, time.Time{}
	return row
}

func dayRow(t *iyzico.ReportedTransaction) payment.DayRow {
	row := payment.DayRow{
		Kind: payment.DayRowKind(strings.ToLower(strings.TrimSpace(t.Type))), TransactionID: t.TransactionID, PaymentID: t.PaymentID,
		LineID: t.PaymentTransactionID, ConversationID: t.ConversationID, Amount: money.New(t.Price, currencyOf(t.Currency)),
		At: dayTime(t.Date), AuthCode: t.AuthCode, HostReference: t.HostReference,
	}
	if status := t.Status; status != 0 {
		row.Status = &status
	}
	return row
}

// dayTime reads a time of a day list, Istanbul's wall clock; the zero time if it has another form.
func dayTime(text string) time.Time {
	at, err := time.ParseInLocation(time.DateTime, text, istanbul())
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}
