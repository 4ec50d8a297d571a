package iyzicotest

import (
	"time"

	"github.com/shopspring/decimal"
)

// Money paths as they stand in executions.
const (
	PathRefund      = "/payment/refund"
	PathRefundV2    = "/v2/payment/refund"
	PathCancel      = "/payment/cancel"
	PathBalanceInit = "/payment/refund-to-balance/init"
	PathAuth        = "/payment/auth"
	PathFundPayment = "/v1/pay-with-iyzico/third-party-session/checkout/auth"
)

const refundPeriod = 365 * 24 * time.Hour

// RefundRequest asks for a refund on one line. Price is above zero with at most eight decimals; an empty Currency means
// the payment's.
type RefundRequest struct {
	ConversationID       string
	PaymentTransactionID string
	Price                decimal.Decimal
	Currency             string
}

// RefundV2Request asks for a refund on a payment; iyzico chooses the lines.
type RefundV2Request struct {
	ConversationID string
	PaymentID      string
	Price          decimal.Decimal
	Currency       string
}

// RefundPart is what a refund took from one line: one refunds[] entry of the report.
type RefundPart struct {
	RefundTxID           string          `json:"refundTxId"`
	PaymentTransactionID string          `json:"paymentTransactionId"`
	Price                decimal.Decimal `json:"price"`
}

// RefundResult is a refund that was executed.
type RefundResult struct {
	PaymentID string
	Price     decimal.Decimal
	Currency  string
	Parts     []RefundPart
}

// Refund refunds on one line (v1). It refuses what exceeds the line's remainder, another currency, an unknown line, an
// amount that is not above zero, and payments not charged, cancelled, or older than 365 days. The same ConversationID
// twice is two refunds: iyzico is not idempotent (reference §8.1).
func (l *Ledger) Refund(r RefundRequest) (RefundResult, error) {
	return l.refundLine(r, PathRefund)
}

// PanelRefund is a refund that the merchant makes in iyzico's own panel: same rules, no path, no conversation id.
func (l *Ledger) PanelRefund(paymentTransactionID string, price decimal.Decimal) (RefundResult, error) {
	return l.refundLine(RefundRequest{PaymentTransactionID: paymentTransactionID, Price: price}, "")
}

func (l *Ledger) refundLine(r RefundRequest, path string) (RefundResult, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !validPrice(r.Price) {
		return RefundResult{}, refuse(CodeInvalidRequest)
	}
	ref, ok := l.lines[r.PaymentTransactionID]
	if !ok {
		return RefundResult{}, refuse(CodeUnknownPaymentTransaction)
	}
	a := ref.account
	refusal := l.refundable(a, r.Currency)
	if refusal == nil && r.Price.GreaterThan(a.remainder(ref.index)) {
		refusal = refuse(CodeExceedsRemainder)
	}
	parts := []RefundPart{{
		RefundTxID: formatID(l.nextRefundTx), PaymentTransactionID: r.PaymentTransactionID, Price: r.Price,
	}}
	return l.commitRefund(a, path, r.ConversationID, r.Price, parts, refusal)
}

// RefundV2 refunds on a payment: from its first lines that have a remainder, in order, one part per line touched, all
// with the same conversation id. How iyzico chooses is not documented (seed 003 says only that the system determines
// the item). It refuses like Refund, against the payment's remainder.
func (l *Ledger) RefundV2(r RefundV2Request) (RefundResult, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !validPrice(r.Price) {
		return RefundResult{}, refuse(CodeInvalidRequest)
	}
	a, ok := l.payments[r.PaymentID]
	if !ok {
		return RefundResult{}, refuse(CodeUnknownPayment)
	}
	refusal := l.refundable(a, r.Currency)
	var parts []RefundPart
	left := r.Price
	for i := range a.lines {
		share := decimal.Min(left, a.remainder(i))
		if !share.IsPositive() {
			continue
		}
		parts = append(parts, RefundPart{
			RefundTxID:           formatID(l.nextRefundTx + int64(len(parts))),
			PaymentTransactionID: a.payment.Lines[i].PaymentTransactionID,
			Price:                share,
		})
		left = left.Sub(share)
	}
	if refusal == nil && left.IsPositive() {
		refusal = refuse(CodeExceedsRemainder)
	}
	if refusal != nil {
		parts = []RefundPart{{
			RefundTxID: formatID(l.nextRefundTx), PaymentTransactionID: a.payment.Lines[0].PaymentTransactionID, Price: r.Price,
		}}
	}
	return l.commitRefund(a, PathRefundV2, r.ConversationID, r.Price, parts, refusal)
}

// refundable tells why no refund at all is possible on a payment now; nil if one is.
func (l *Ledger) refundable(a *account, currency string) *Refusal {
	_, now := l.now()
	switch {
	case !a.payment.Charged():
		return refuse(CodeNotCharged)
	case currency != "" && currency != a.payment.Currency:
		return refuse(CodeCurrencyMismatch)
	case a.cancelled:
		return refuse(CodeCancelled)
	case now.Sub(a.payment.CreatedAt) > refundPeriod:
		return refuse(CodeRefundPeriodOver)
	}
	return nil
}

func (l *Ledger) commitRefund(a *account, path, conversationID string, price decimal.Decimal, parts []RefundPart, refusal *Refusal) (RefundResult, error) {
	at, created := l.now()
	e := Entry{
		Kind: EntryRefund, At: at, CreatedAt: created, PaymentID: a.payment.ID,
		Path: path, ConversationID: conversationID, Price: price, Parts: parts,
	}
	if refusal != nil {
		return RefundResult{}, l.commitRefusal(e, refusal)
	}
	if err := l.commit(e); err != nil {
		return RefundResult{}, err
	}
	return RefundResult{PaymentID: a.payment.ID, Price: price, Currency: a.payment.Currency, Parts: append([]RefundPart(nil), parts...)}, nil
}

// commitRefusal records a refused attempt if reports list those, and gives the refusal back.
func (l *Ledger) commitRefusal(e Entry, refusal *Refusal) error {
	if l.listFailures {
		e.Refusal = refusal.Code
		if err := l.commit(e); err != nil {
			return err
		}
	}
	return refusal
}

// validPrice allows amounts above zero with at most the eight decimals that iyzico itself shows. The exponent is bounded
// because arithmetic on decimals costs as much as their exponents differ.
func validPrice(price decimal.Decimal) bool {
	return price.Exponent() >= -32 && price.Exponent() <= 16 && price.IsPositive() && price.Equal(price.Truncate(8))
}
