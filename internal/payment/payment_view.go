package payment

import (
	"strings"
	"time"

	"github.com/iade/iade/internal/money"
)

// PaymentView is a payment as the API shows it. Members that do not apply are absent.
type PaymentView struct {
	PaymentID string        `json:"paymentId"`
	Currency  string        `json:"currency"`
	Status    PaymentStatus `json:"status"`
	// NotRefundable says why nothing of the payment can be refunded any more; RefundableAmount is then 0.00, of each line too.
	NotRefundable    NotRefundable  `json:"notRefundable,omitempty"`
	RefundableUntil  time.Time      `json:"refundableUntil,omitzero"` // absent while it is not known when the payment was made, or it can never be refunded
	PaidAmount       string         `json:"paidAmount"`
	RefundedAmount   string         `json:"refundedAmount"`
	ReservedAmount   string         `json:"reservedAmount"`
	RefundableAmount string         `json:"refundableAmount"`
	PaidAt           time.Time      `json:"paidAt,omitzero"`
	ReadAt           time.Time      `json:"readAt,omitzero"` // when iyzico's answer was read that this rests on
	Lines            []LineView     `json:"lines"`
	OtherMovements   []MovementView `json:"otherMovements"`
	Operations       []Resource     `json:"operations"`
	NextCursor       string         `json:"nextCursor,omitempty"`
}

// LineView is one line of a PaymentView.
type LineView struct {
	PaymentTransactionID string `json:"paymentTransactionId"`
	ItemID               string `json:"itemId,omitempty"`
	PaidAmount           string `json:"paidAmount"`
	RefundedAmount       string `json:"refundedAmount"`
	ReservedAmount       string `json:"reservedAmount"`
	RefundableAmount     string `json:"refundableAmount"`
}

// MovementView is money of a payment that went back past iade, as in iyzico's panel.
type MovementView struct {
	Kind                 Kind      `json:"kind"`                 // KindRefund or KindCancel
	RefundTxID           string    `json:"refundTxId,omitempty"` // absent where iyzico gave none
	PaymentTransactionID string    `json:"paymentTransactionId,omitempty"`
	Amount               string    `json:"amount"`
	At                   time.Time `json:"at,omitzero"` // absent where iyzico's date cannot be read
}

// PaymentStatus is the payment's state as callers see it.
type PaymentStatus string

// The payment statuses. Cancelled goes first; refunded means nothing refundable and nothing reserved.
const (
	PaymentUnpaid            PaymentStatus = "unpaid"     // the charge failed, or iyzico's fraud filter has not let it pass
	PaymentAuthorized        PaymentStatus = "authorized" // a hold that was not captured
	PaymentPaid              PaymentStatus = "paid"
	PaymentPartiallyRefunded PaymentStatus = "partially_refunded"
	PaymentRefunded          PaymentStatus = "refunded"
	PaymentCancelled         PaymentStatus = "cancelled"
)

// NotRefundable is why nothing of a payment can be refunded; empty if something may be.
type NotRefundable string

// The reasons, of which the first that applies is shown.
const (
	NotRefundableCancelled  NotRefundable = "cancelled"
	NotRefundableNotCharged NotRefundable = "not-charged"
	NotRefundableTooOld     NotRefundable = "too-old"
)

// OperationsPerPage is how many operations PaymentView shows at once, newest first.
const OperationsPerPage = 100

// View shows the payment as it is now, with the page of operations that starts after skip of the newest.
func (a *Account) View(skip int, now time.Time) PaymentView {
	t := a.Totals()
	view := PaymentView{
		PaymentID: a.PaymentID, Currency: string(a.Currency), Status: a.status(t), NotRefundable: a.notRefundable(t, now),
		PaidAmount: t.PaidAmount.String(), RefundedAmount: t.RefundedAmount.String(), ReservedAmount: t.ReservedAmount.String(),
		RefundableAmount: t.RefundableAmount.String(), PaidAt: shownTime(a.PaidAt), ReadAt: shownTime(a.ReportReadAt), Lines: t.lineViews(),
		OtherMovements: a.otherMovements(t), Operations: []Resource{},
	}
	if view.NotRefundable != NotRefundableCancelled && view.NotRefundable != NotRefundableNotCharged {
		view.RefundableUntil = shownTime(a.refundableUntil())
	}
	if view.NotRefundable != "" {
		view.RefundableAmount = money.Zero(a.Currency).String()
		for i := range view.Lines {
			view.Lines[i].RefundableAmount = view.RefundableAmount
		}
	}
	newest := len(a.Operations) + len(a.Past) - 1
	for i := newest - skip; i >= 0 && len(view.Operations) < OperationsPerPage; i-- {
		if i < len(a.Past) {
			view.Operations = append(view.Operations, a.Past[i].Resource(a.PaymentID))
			continue
		}
		view.Operations = append(view.Operations, a.Operations[i-len(a.Past)].Resource(a.PaymentID))
	}
	return view
}

// status classifies the payment. Money that moved speaks louder than iyzico's word that the payment was not charged.
func (a *Account) status(t Totals) PaymentStatus {
	switch {
	case t.Cancelled || t.RefundedAmount.Sign() > 0:
		return t.Status()
	case !a.Charged:
		return PaymentUnpaid
	case a.PreAuth:
		return PaymentAuthorized
	}
	return t.Status()
}

// notRefundable says what no time and no other operation will change: the same rules refuse every refund.
func (a *Account) notRefundable(t Totals, now time.Time) NotRefundable {
	switch {
	case t.Cancelled:
		return NotRefundableCancelled
	case !a.Charged || a.PreAuth:
		return NotRefundableNotCharged
	case a.tooOld(now):
		return NotRefundableTooOld
	}
	return ""
}

// refundableUntil is the last moment at which iyzico takes a refund, zero while it is not known when the payment was made.
func (a *Account) refundableUntil() time.Time {
	if a.PaidAt.IsZero() {
		return time.Time{}
	}
	return a.PaidAt.UTC().AddDate(0, 0, refundDays)
}

// otherMovements are the entries of iyzico's report that count and are nobody's operation, in the order in which they were
// seen. Together with what the operations refunded they make up the totals' refunded amount, to the last minor unit: parts
// below it go to the entry that completes one, and a cancel stands for all that nothing else took.
func (a *Account) otherMovements(t Totals) []MovementView {
	movements := []MovementView{}
	sum := a.refundedByOperations()
	left := t.PaidAmount.Sub(sum)
	for i := range a.Foreign {
		if f := &a.Foreign[i]; f.counts() && !f.Cancel {
			left = left.Sub(f.Amount)
		}
	}
	for i := range a.Foreign {
		f := &a.Foreign[i]
		if !f.counts() {
			continue
		}
		view := MovementView{Kind: KindRefund, RefundTxID: f.TxID, PaymentTransactionID: f.LineID, At: shownTime(f.CreatedAt)}
		amount := f.Amount
		if f.Cancel {
			view.Kind, amount = KindCancel, money.Zero(a.Currency)
			if left.Sign() > 0 {
				amount, left = left, amount
			}
		}
		if strings.Contains(view.RefundTxID, "/") {
			view.RefundTxID = "" // made up of what else tells the entry apart
		}
		view.Amount = sum.Add(amount).Floor().Sub(sum.Floor()).String()
		sum = sum.Add(amount)
		movements = append(movements, view)
	}
	return movements
}

// refundedByOperations is what the payment's operations gave back, those that left the account included.
func (a *Account) refundedByOperations() money.Amount {
	sum := money.Zero(a.Currency)
	for i := range a.Operations {
		if a.Operations[i].Kind != KindFundPayment {
			sum = sum.Add(a.Operations[i].RefundedAmount())
		}
	}
	for i := range a.Past {
		sum = sum.Add(a.Past[i].RefundedAmount)
	}
	return sum
}

// lineViews shows the lines of the totals.
func (t Totals) lineViews() []LineView {
	views := make([]LineView, 0, len(t.Lines))
	for _, line := range t.Lines {
		views = append(views, LineView{
			line.Line.ID, line.Line.ItemID, line.Line.PaidAmount.String(), line.RefundedAmount.String(),
			line.ReservedAmount.String(), line.RefundableAmount.String(),
		})
	}
	return views
}
