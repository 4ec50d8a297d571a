package iyzicotest

import (
	"time"

	"github.com/shopspring/decimal"
)

// Money paths as they stand in executions.
const (
	PathRefund         = "/payment/refund"
	PathRefundV2       = "/v2/payment/refund"
	PathMerchantCharge = "/payment/iyzipos/refund/merchant/charge"
	PathCancel         = "/payment/cancel"
	PathBalanceInit    = "/payment/refund-to-balance/init"
	PathAuth           = "/payment/auth"
	PathFundPayment    = "/v1/pay-with-iyzico/third-party-session/checkout/auth"
)

const refundPeriod = 365 * 24 * time.Hour

// stillRunning is how long after a cancel iyzico answers a second cancel or a Refund v2 with 8514. It was seen 1.1 s and
// 5.4 s after the cancel; where it ends is not known.
const stillRunning = 10 * time.Second

// partDelay is how much later each further line of one Refund v2 is dated, up to lastPartDelay: iyzico's entries of one
// refund were seen up to a second apart.
const (
	partDelay     = 400 * time.Millisecond
	lastPartDelay = time.Second
)

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

// RefundResult is a refund that was executed. Type is what a Refund v2 answers as transactionType: REFUND, or CANCEL if it
// was carried out as a cancel; its one part then names no line.
type RefundResult struct {
	Type      string
	PaymentID string
	Price     decimal.Decimal
	Currency  string
	Parts     []RefundPart
}

// Refund refunds on one line (v1). It refuses what exceeds the line's remainder, another currency, an unknown line, an
// amount that is not above zero, and payments not charged, cancelled, or older than 365 days. The same ConversationID
// twice is two refunds: iyzico is not idempotent (docs/iyzico.md §8.1).
func (l *Ledger) Refund(r RefundRequest) (RefundResult, error) {
	return l.refundLine(r, PathRefund)
}

// RefundChargedToMerchant is Refund with the merchant paying for it, not the seller on his marketplace. Same rules: what
// iyzico does differently is documented nowhere.
func (l *Ledger) RefundChargedToMerchant(r RefundRequest) (RefundResult, error) {
	return l.refundLine(r, PathMerchantCharge)
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

// RefundV2 refunds on a payment: from its lines with a remainder, by ascending paymentTransactionId, one part with an id
// of its own per line touched, all with the same conversation id, exact to eight decimals.
//
// The whole of a payment that has no refund yet is, on the payment's day (Istanbul), carried out as a cancel: the result
// says CANCEL, the payment is cancelled, and the report shows it as [Ledger.SetSameDayRefundIn] says.
//
// It refuses like Refund, against the payment's remainder; with 5266 for marketplaces; with 8514 for ten seconds after a
// cancel.
func (l *Ledger) RefundV2(r RefundV2Request) (RefundResult, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !validPrice(r.Price) {
		return RefundResult{}, refuse(CodeInvalidRequest)
	}
	if l.marketplace {
		return RefundResult{}, refuse(CodeStandardMerchantsOnly)
	}
	a, ok := l.payments[r.PaymentID]
	if !ok {
		return RefundResult{}, refuse(CodeUnknownPayment)
	}
	refusal := l.refundable(a, r.Currency)
	if refusal != nil && a.cancelled {
		refusal = l.afterCancel(a)
	}
	if _, created := l.now(); refusal == nil && a.refunded.IsZero() && r.Price.Equal(a.payment.PaidPrice) && a.sameDay(created) {
		return l.refundByCancel(a, r)
	}
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

// refundByCancel carries out a refund of the whole payment as a cancel.
func (l *Ledger) refundByCancel(a *account, r RefundV2Request) (RefundResult, error) {
	at, created := l.now()
	e := Entry{
		Kind: EntryCancel, At: at, CreatedAt: created, PaymentID: r.PaymentID,
		Path: PathRefundV2, ConversationID: r.ConversationID, Price: r.Price,
		Parts: []RefundPart{{RefundTxID: formatID(l.nextRefundTx), Price: r.Price}},
	}
	if l.sameDayRefundIn == ListRefunds {
		e.Parts = l.everyRemainder(a)
	}
	if err := l.commit(e); err != nil {
		return RefundResult{}, err
	}
	return RefundResult{
		Type: TransactionCancel, PaymentID: r.PaymentID, Price: r.Price, Currency: a.payment.Currency,
		Parts: []RefundPart{{RefundTxID: e.Parts[0].RefundTxID, Price: r.Price}},
	}, nil
}

// everyRemainder is one part for each line with something left: all of it.
func (l *Ledger) everyRemainder(a *account) []RefundPart {
	var parts []RefundPart
	for i, line := range a.payment.Lines {
		if rest := a.remainder(i); rest.IsPositive() {
			parts = append(parts, RefundPart{
				RefundTxID:           formatID(l.nextRefundTx + int64(len(parts))),
				PaymentTransactionID: line.PaymentTransactionID,
				Price:                rest,
			})
		}
	}
	return parts
}

// afterCancel is what a second cancel and a Refund v2 of a cancelled payment hear: 8514 while iyzico says that the first
// is still running.
func (l *Ledger) afterCancel(a *account) *Refusal {
	if at, _ := l.now(); at.Sub(a.cancelledAt) < stillRunning {
		return refuse(CodeStillRunning)
	}
	return refuse(CodeCancelled)
}

// refundable tells why no refund at all is possible on a payment now; nil if one is.
func (l *Ledger) refundable(a *account, currency string) *Refusal {
	_, now := l.now()
	switch {
	case !a.payment.Charged(), a.payment.Phase == PhasePreAuth:
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
	return RefundResult{
		Type: TransactionRefund, PaymentID: a.payment.ID, Price: price, Currency: a.payment.Currency,
		Parts: append([]RefundPart(nil), parts...),
	}, nil
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
