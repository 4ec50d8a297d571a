package iyzicotest

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// Values of paymentRefundStatus (docs/iyzico.md §5.2).
const (
	NotRefunded       = "NOT_REFUNDED"
	PartiallyRefunded = "PARTIALLY_REFUNDED"
	TotallyRefunded   = "TOTALLY_REFUNDED"
)

// ReportedPayment is what iyzico's reporting shows of a payment. Times are iyzico's, in UTC, to the second; on the wire
// they are Istanbul's wall time with a Z behind. BasketID is iyzico's own, not the merchant's.
//
// PaidPrice is the sum of the lines as iyzico adds it up: in binary floating point. Where lines have more than two decimals
// it can be off in the last place: 0.30599401 and 9.90400599 give 10.209999999999999.
//
// A payment with an entry in Cancels comes in a shorter form, as it was seen: UpdatedAt zero, no ItemID, lines in another
// order.
type ReportedPayment struct {
	PaymentID      string
	ConversationID string
	BasketID       string
	PaymentStatus  int
	FraudStatus    int
	RefundStatus   string
	Currency       string
	Price          decimal.Decimal
	PaidPrice      decimal.Decimal
	Phase          string
	CreatedAt      time.Time
	UpdatedAt      time.Time
	Lines          []ReportedLine
	Cancels        []ReportedRefund
}

// ReportedLine is one item of a reported payment with its refunds, oldest first.
type ReportedLine struct {
	PaymentTransactionID string
	ItemID               string
	TransactionStatus    int
	Price                decimal.Decimal
	PaidPrice            decimal.Decimal
	Refunds              []ReportedRefund
}

// ReportedRefund is one entry of refunds[] or cancels[]. Status 1 is a success; 0 is a refused attempt with its error.
type ReportedRefund struct {
	RefundTxID     string
	ConversationID string
	Price          decimal.Decimal
	Status         int
	CreatedAt      time.Time
	Currency       string
	Refusal        *Refusal
}

// Report gives what reporting shows of a payment: payments, refunds and cancels appear a lag after they happened. False
// if it shows nothing. It costs as much as the payment has entries, however many payments there are.
func (l *Ledger) Report(paymentID string, lag time.Duration) (ReportedPayment, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a, ok := l.payments[paymentID]
	if !ok {
		return ReportedPayment{}, false
	}
	return l.report(a, l.horizon(lag))
}

// ReportByConversation gives the payments that reporting shows for a payment's conversationId, oldest first.
func (l *Ledger) ReportByConversation(conversationID string, lag time.Duration) []ReportedPayment {
	l.mu.Lock()
	defer l.mu.Unlock()
	if conversationID == "" {
		return nil
	}
	var found []ReportedPayment
	horizon := l.horizon(lag)
	for _, a := range l.byConversation[conversationID] {
		if p, ok := l.report(a, horizon); ok {
			found = append(found, p)
		}
	}
	return found
}

// horizon is the time up to which reporting has caught up.
func (l *Ledger) horizon(lag time.Duration) time.Time {
	at, _ := l.now()
	return at.Add(-lag)
}

func (l *Ledger) report(a *account, horizon time.Time) (ReportedPayment, bool) {
	if a.at.After(horizon) {
		return ReportedPayment{}, false
	}
	p := a.payment
	r := ReportedPayment{
		PaymentID:      p.ID,
		ConversationID: p.ConversationID,
		BasketID:       "B" + p.ID,
		PaymentStatus:  p.PaymentStatus,
		FraudStatus:    p.FraudStatus,
		RefundStatus:   NotRefunded,
		Currency:       p.Currency,
		Price:          p.Price,
		PaidPrice:      floatSum(p),
		Phase:          p.Phase,
		CreatedAt:      p.CreatedAt.Truncate(time.Second),
		Lines:          make([]ReportedLine, len(p.Lines)),
	}
	r.UpdatedAt = r.CreatedAt
	refunded := decimal.Zero
	for i, line := range p.Lines {
		r.Lines[i] = ReportedLine{
			PaymentTransactionID: line.PaymentTransactionID,
			ItemID:               line.ItemID,
			TransactionStatus:    transactionStatus(p),
			Price:                line.Price,
			PaidPrice:            line.PaidPrice,
			Refunds:              r.shown(l.listed(a.lines[i].refunds), horizon),
		}
		for _, refund := range r.Lines[i].Refunds {
			if refund.Status == 1 {
				refunded = refunded.Add(refund.Price)
			}
		}
	}
	r.Cancels = r.shown(a.cancels, horizon)
	for _, cancel := range r.Cancels {
		if cancel.Status == 1 {
			refunded = p.PaidPrice
			r.shorten()
		}
	}
	if refunded.IsPositive() {
		r.RefundStatus = PartiallyRefunded
	}
	if refunded.Equal(p.PaidPrice) {
		r.RefundStatus = TotallyRefunded
	}
	return r, true
}

// floatSum is the payment's paid price as the sum of its lines in floating point, where lines have more decimals than the
// currency.
func floatSum(p Payment) decimal.Decimal {
	fine := false
	sum := 0.0
	for _, line := range p.Lines {
		fine = fine || !line.PaidPrice.Equal(line.PaidPrice.Truncate(2))
		sum += line.PaidPrice.InexactFloat64()
	}
	if !fine {
		return p.PaidPrice
	}
	return decimal.NewFromFloat(sum) //nolint:forbidigo // iyzico's own sum, wrong as it is
}

// shorten gives the form that a cancelled payment was seen in.
func (r *ReportedPayment) shorten() {
	r.UpdatedAt = time.Time{}
	for i := range r.Lines {
		r.Lines[i].ItemID = ""
	}
	slices.Reverse(r.Lines)
}

// shown gives the entries that reporting has caught up with.
func (r *ReportedPayment) shown(movements []movement, horizon time.Time) []ReportedRefund {
	if len(movements) == 0 {
		return nil
	}
	list := make([]ReportedRefund, 0, len(movements))
	for _, m := range movements {
		if m.at.After(horizon) {
			continue
		}
		entry := ReportedRefund{
			RefundTxID:     m.txID,
			ConversationID: m.conversationID,
			Price:          m.price,
			Status:         1,
			CreatedAt:      m.createdAt.Truncate(time.Second),
			Currency:       r.Currency,
			Refusal:        m.refusal,
		}
		if m.refusal != nil {
			entry.Status = 0
		}
		if entry.CreatedAt.After(r.UpdatedAt) {
			r.UpdatedAt = entry.CreatedAt
		}
		list = append(list, entry)
	}
	return list
}

// transactionStatus follows the fraud status; 2 is approved (docs/iyzico.md P4).
func transactionStatus(p Payment) int {
	switch {
	case p.FraudStatus != FraudApproved:
		return p.FraudStatus
	case p.PaymentStatus != PaymentSuccess:
		return FraudRejected
	}
	return 2
}
