package iyzicotest

import (
	"sort"
	"time"

	"github.com/shopspring/decimal"
)

// Types of reported transactions (reference §5.3).
const (
	TransactionPayment = "PAYMENT"
	TransactionRefund  = "REFUND"
	TransactionCancel  = "CANCEL"
)

// TransactionsPerPage is the page size of the daily report; iyzico's is not documented.
const TransactionsPerPage = 100

// Transaction is one row of the daily report.
type Transaction struct {
	Type string
	// ID is the payment's line id for a payment, the refund or cancel id else.
	ID                   string
	PaymentID            string
	PaymentTransactionID string
	ConversationID       string
	Price                decimal.Decimal
	PaidPrice            decimal.Decimal
	Currency             string
	Phase                string
	BasketID             string
	// CreatedAt is iyzico's time, in UTC, to the second.
	CreatedAt time.Time
}

// TransactionsOn lists what happened on a day in Istanbul ("2006-01-02"), oldest first, as far as reporting has caught
// up, and the number of pages; page counts from 1. A payment gives one row per line. Refused attempts are not listed.
func (l *Ledger) TransactionsOn(day string, page int, lag time.Duration) ([]Transaction, int) {
	rows := l.transactions(day, lag)
	pages := (len(rows) + TransactionsPerPage - 1) / TransactionsPerPage
	if page < 1 || page > pages {
		return nil, pages
	}
	from := (page - 1) * TransactionsPerPage
	return rows[from:min(from+TransactionsPerPage, len(rows))], pages
}

func (l *Ledger) transactions(day string, lag time.Duration) []Transaction {
	l.mu.Lock()
	defer l.mu.Unlock()
	horizon := l.horizon(lag)
	var rows []Transaction
	for _, a := range l.order {
		if a.at.After(horizon) {
			continue
		}
		p := a.payment
		row := Transaction{
			Type: TransactionPayment, PaymentID: p.ID, ConversationID: p.ConversationID, Currency: p.Currency,
			Phase: p.Phase, BasketID: p.BasketID, CreatedAt: p.CreatedAt.Truncate(time.Second),
		}
		for i, line := range p.Lines {
			if onDay(p.CreatedAt, day) && p.Charged() {
				paid := row
				paid.ID, paid.PaymentTransactionID = line.PaymentTransactionID, line.PaymentTransactionID
				paid.Price, paid.PaidPrice = line.Price, line.PaidPrice
				rows = append(rows, paid)
			}
			rows = appendMovements(rows, row, TransactionRefund, line.PaymentTransactionID, a.lines[i].refunds, day, horizon)
		}
		rows = appendMovements(rows, row, TransactionCancel, "", a.cancels, day, horizon)
	}
	sort.SliceStable(rows, func(i, j int) bool { return rows[i].CreatedAt.Before(rows[j].CreatedAt) })
	return rows
}

func appendMovements(rows []Transaction, row Transaction, kind, line string, movements []movement, day string, horizon time.Time) []Transaction {
	for _, m := range movements {
		if m.refusal != nil || m.at.After(horizon) || !onDay(m.createdAt, day) {
			continue
		}
		row.Type, row.ID, row.PaymentTransactionID, row.ConversationID = kind, m.txID, line, m.conversationID
		row.Price, row.PaidPrice, row.CreatedAt = m.price, m.price, m.createdAt.Truncate(time.Second)
		rows = append(rows, row)
	}
	return rows
}

func onDay(t time.Time, day string) bool { return t.In(istanbul).Format("2006-01-02") == day }
