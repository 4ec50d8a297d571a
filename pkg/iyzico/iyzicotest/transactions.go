package iyzicotest

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// Types of reported transactions (docs/iyzico.md §5.3).
const (
	TransactionPayment = "PAYMENT"
	TransactionRefund  = "REFUND"
	TransactionCancel  = "CANCEL"
)

// TransactionsPerPage is the page size of the day list, as it was seen.
const TransactionsPerPage = 40

// Transaction is one row of the day list: what one payment, refund or cancel did to one line.
type Transaction struct {
	Type string
	// ID is the line's id for a payment, the refund's or cancel's id else. The rows of one cancel share it.
	ID                   string
	PaymentID            string
	PaymentTransactionID string
	// ConversationID is the one of the request; empty for what the merchant did in the panel and for refunds to balance.
	ConversationID string
	// Price is this line's amount, with up to eight decimals; PaidPrice is the whole payment's.
	Price     decimal.Decimal
	PaidPrice decimal.Decimal
	Currency  string
	Phase     string
	BasketID  string
	// CreatedAt is iyzico's time, in UTC, to the second.
	CreatedAt time.Time
}

// dayRow is a row before its time is cut to the second.
type dayRow struct {
	Transaction
	at time.Time
}

// transactions lists what happened on a day in Istanbul ("2006-01-02"), newest first, as far as reporting has caught up.
// Refused attempts are not listed.
func (l *Ledger) transactions(day string, lag time.Duration) []Transaction {
	l.mu.Lock()
	defer l.mu.Unlock()
	horizon := l.horizon(lag)
	var rows []dayRow
	for _, a := range l.order {
		if !a.at.After(horizon) {
			rows = l.appendRows(rows, a, horizon)
		}
	}
	rows = slices.DeleteFunc(rows, func(r dayRow) bool { return !onDay(r.at, day) })
	slices.Reverse(rows)
	slices.SortStableFunc(rows, func(x, y dayRow) int { return y.at.Compare(x.at) })
	list := make([]Transaction, len(rows))
	for i, r := range rows {
		list[i] = r.Transaction
		list[i].CreatedAt = r.at.Truncate(time.Second)
	}
	return list
}

// appendRows gives a payment's rows of all days, each movement one row per line.
func (l *Ledger) appendRows(rows []dayRow, a *account, horizon time.Time) []dayRow {
	p := a.payment
	row := func(kind, id string, line Line, conversationID string, price decimal.Decimal, at time.Time) {
		rows = append(rows, dayRow{Transaction{
			Type: kind, ID: id, PaymentID: p.ID, PaymentTransactionID: line.PaymentTransactionID, ConversationID: conversationID,
			Price: price, PaidPrice: p.PaidPrice, Currency: p.Currency, Phase: p.Phase, BasketID: "B" + p.ID,
		}, at})
	}
	for _, line := range p.Lines {
		if p.Charged() {
			row(TransactionPayment, line.PaymentTransactionID, line, p.ConversationID, line.PaidPrice, p.CreatedAt)
		}
	}
	for i, line := range p.Lines {
		for _, m := range l.listed(a.lines[i].refunds) {
			if m.refusal == nil && !m.at.After(horizon) {
				row(TransactionRefund, m.txID, line, m.conversationID, m.price, m.createdAt)
			}
		}
	}
	for _, m := range a.cancels {
		if m.refusal != nil || m.at.After(horizon) {
			continue
		}
		for _, line := range p.Lines {
			if line.PaidPrice.IsPositive() {
				row(TransactionCancel, m.txID, line, m.conversationID, line.PaidPrice, m.createdAt)
			}
		}
	}
	return rows
}

func istanbulDay(t time.Time) string { return t.In(istanbul).Format(time.DateOnly) }

func onDay(t time.Time, day string) bool { return istanbulDay(t) == day }
