package psp

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico"
)

// mostDayPages bounds one read of a day: iyzico's pages have 40 rows.
const mostDayPages = 2_000

// defaultDayTime bounds a read whose query names no deadline, and pageTime one page of it.
const (
	defaultDayTime = 20 * time.Second
	pageTime       = 6 * time.Second
)

// DayPages reads iyzico's list of one day page by page.
type DayPages interface {
	// ReadDayPage reads one page, from 1, before the query's deadline. CodeRateLimited: iyzico's own limit; CodeUnavailable:
	// anything else.
	ReadDayPage(ctx context.Context, q payment.DayQuery, page int) (payment.DayPage, error)
}

// ReadDayPage implements DayPages.
func (r Reader) ReadDayPage(ctx context.Context, q payment.DayQuery, page int) (payment.DayPage, error) {
	ctx, cancel := context.WithDeadline(ctx, q.Deadline)
	defer cancel()
	answer, err := r.reports.ListTransactionsPage(ctx, iyzico.ListTransactionsPageRequest{Date: string(q.Day), Page: page, Locale: iyzico.LocaleEN})
	if err != nil {
		return payment.DayPage{}, unreadable(fmt.Sprintf("read page %d of iyzico's list of %s", page, q.Day), err)
	}
	found := payment.DayPage{Page: answer.CurrentPage, Pages: answer.TotalPageCount, SystemTime: answer.SystemTime}
	for i := range answer.Transactions {
		found.Rows = append(found.Rows, dayRow(&answer.Transactions[i]))
	}
	return found, nil
}

// ReadDay reads all pages of iyzico's list of one day, without a limit of calls. CodeUnavailable unless each page is there,
// says which page it is and how many there are, and no later page says fewer: then a row may have slipped through.
func (r Reader) ReadDay(ctx context.Context, q payment.DayQuery) (payment.DayList, error) {
	return new(dayReadings).read(ctx, r, q, r.now, func() error { return nil })
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
	return payment.DayRow{
		Kind: payment.DayRowKind(strings.ToLower(strings.TrimSpace(t.Type))), TransactionID: t.TransactionID, PaymentID: t.PaymentID,
		LineID: t.PaymentTransactionID, ConversationID: t.ConversationID, Amount: money.New(t.Price, currencyOf(t.Currency)),
		At: t.At, Status: t.Status, AuthCode: t.AuthCode, HostReference: t.HostReference,
	}
}
