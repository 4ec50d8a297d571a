package iyzicotest

import (
	"time"

	"github.com/shopspring/decimal"
)

// Kinds of executions.
const (
	KindPayment       = "payment"
	KindRefund        = "refund"
	KindCancel        = "cancel"
	KindBalanceRefund = "balance_refund"
	KindFundPayment   = "fund_payment"
)

// Execution is one money movement that really happened: the ground truth, whatever was answered or reported.
type Execution struct {
	Kind string
	// Path is the request's path; empty for what the merchant did in the panel. A balance refund, executed at the
	// approval, carries path and conversation id of its init.
	Path           string
	ConversationID string
	PaymentID      string
	// PaymentTransactionID is the line, where exactly one was touched.
	PaymentTransactionID string
	Price                decimal.Decimal
	Currency             string
	// At is the time on the injected clock, in UTC.
	At time.Time
}

// Executions lists the money movements of a payment in order; of all payments if the id is empty.
func (l *Ledger) Executions(paymentID string) []Execution {
	l.mu.Lock()
	defer l.mu.Unlock()
	if paymentID == "" {
		return append([]Execution(nil), l.executions...)
	}
	a, ok := l.payments[paymentID]
	if !ok {
		return nil
	}
	list := make([]Execution, len(a.executions))
	for i, at := range a.executions {
		list[i] = l.executions[at]
	}
	return list
}

func (l *Ledger) execute(a *account, x Execution) {
	x.PaymentID, x.Currency = a.payment.ID, a.payment.Currency
	a.executions = append(a.executions, len(l.executions))
	l.executions = append(l.executions, x)
}
