package iyzicotest

import "github.com/shopspring/decimal"

// CancelRequest asks to cancel a whole payment on its day.
type CancelRequest struct {
	ConversationID string
	PaymentID      string
}

// CancelResult is a cancel that was executed. Price is the whole paid amount.
type CancelResult struct {
	PaymentID string
	CancelID  string
	Price     decimal.Decimal
	Currency  string
}

// Cancel cancels a payment, charged or pre-authorised. It refuses an unknown payment (5086), one that is not charged, a
// second cancel (8514 for ten seconds after the first), a cancel after any refund, and a cancel on another day than the
// payment's in Istanbul (docs/iyzico.md P2: same day, whole amount).
func (l *Ledger) Cancel(r CancelRequest) (CancelResult, error) {
	return l.cancel(r, PathCancel)
}

// PanelCancel is a cancel that the merchant makes in iyzico's own panel: same rules, no path, no conversation id.
func (l *Ledger) PanelCancel(paymentID string) (CancelResult, error) {
	return l.cancel(CancelRequest{PaymentID: paymentID}, "")
}

func (l *Ledger) cancel(r CancelRequest, path string) (CancelResult, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a, ok := l.payments[r.PaymentID]
	if !ok {
		return CancelResult{}, refuse(CodeCancelUnknownPayment)
	}
	at, created := l.now()
	e := Entry{
		Kind: EntryCancel, At: at, CreatedAt: created, PaymentID: r.PaymentID,
		Path: path, ConversationID: r.ConversationID, Price: a.payment.PaidPrice,
		Parts: []RefundPart{{RefundTxID: formatID(l.nextRefundTx), Price: a.payment.PaidPrice}},
	}
	var refusal *Refusal
	switch {
	case !a.payment.Charged():
		refusal = refuse(CodeNotCharged)
	case a.cancelled:
		refusal = l.afterCancel(a)
	case a.refunded.IsPositive():
		refusal = refuse(CodeAlreadyRefunded)
	case !a.sameDay(created):
		refusal = refuse(CodeCancelPeriodOver)
	}
	if refusal != nil {
		return CancelResult{}, l.commitRefusal(e, refusal)
	}
	if err := l.commit(e); err != nil {
		return CancelResult{}, err
	}
	return CancelResult{PaymentID: r.PaymentID, CancelID: e.Parts[0].RefundTxID, Price: e.Price, Currency: a.payment.Currency}, nil
}
