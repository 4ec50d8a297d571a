package psp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico"
)

// defaultReadTime bounds a read whose query names no deadline.
const defaultReadTime = 6 * time.Second

// Reports is what a Reader reads from. *iyzico.Client implements it.
type Reports interface {
	RetrieveReport(context.Context, iyzico.RetrieveReportRequest) (*iyzico.Report, error)
	RetrievePayment(context.Context, iyzico.RetrievePaymentRequest) (*iyzico.Payment, error)
	ListTransactionsPage(context.Context, iyzico.ListTransactionsPageRequest) (*iyzico.TransactionsPage, error)
}

// Reader is the reading half of payment.Gateway. It is safe for concurrent use.
type Reader struct {
	reports Reports
	now     func() time.Time
}

// NewReader makes a Reader; now is the wall clock.
func NewReader(from Reports, now func() time.Time) Reader { return Reader{from, now} }

// Read asks iyzico's report, and payment detail where the report lists nothing. Codes as payment.Gateway promises.
func (r Reader) Read(ctx context.Context, q payment.Query) (payment.Report, error) {
	deadline := q.Deadline
	if deadline.IsZero() {
		deadline = r.now().Add(defaultReadTime)
	}
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	began := r.now()
	answer, err := r.reports.RetrieveReport(ctx, iyzico.RetrieveReportRequest{
		PaymentID: q.PaymentID, PaymentConversationID: q.PaymentConversationID, Locale: iyzico.LocaleEN,
	})
	switch {
	case err != nil && !iyzico.IsNotFound(err):
		return payment.Report{}, unreadable("read iyzico's report", err)
	case err == nil && len(answer.Payments) > 0:
		return listed(answer, began, r.now(), q.PaymentID == "")
	case err == nil && !answer.IsEmpty():
		return payment.Report{}, unreadable("read iyzico's report", errors.New("it has no list of payments"))
	}
	detail, detailErr := r.reports.RetrievePayment(ctx, iyzico.RetrievePaymentRequest{
		PaymentID: q.PaymentID, PaymentConversationID: q.PaymentConversationID, Locale: iyzico.LocaleEN,
	})
	switch {
	case iyzico.IsNotFound(detailErr):
		return payment.Report{}, &payment.Error{
			Code: payment.CodeNotFound, Message: "iyzico does not know this payment",
			Cause: fmt.Errorf("read payment detail: %w", detailErr),
		}
	case detailErr != nil:
		return payment.Report{}, unreadable("read payment detail", detailErr)
	case err != nil: // detail knows the payment, so the report's refusal hides refunds that may exist
		return payment.Report{}, unreadable("read iyzico's report", err)
	case q.PaymentID != "" && detail.PaymentID != q.PaymentID:
		return payment.Report{}, unreadable("read payment detail", errors.New("it shows another payment than the one asked for"))
	}
	return detailed(detail, began, q.PaymentConversationID)
}

func unreadable(doing string, err error) error {
	wrapped := fmt.Errorf("%s: %w", doing, err)
	var e *iyzico.Error
	if errors.As(err, &e) && e.Reason == iyzico.ReasonRateLimited {
		return &payment.Error{
			Code: payment.CodeRateLimited, Message: "iyzico's rate limit is reached: nothing was sent, ask again",
			RetryAfter: e.RetryAfter, Cause: wrapped,
		}
	}
	return &payment.Error{
		Code: payment.CodeUnavailable, Message: "iyzico cannot be read now: nothing was sent, ask again", Cause: wrapped,
	}
}

// currencyOf reads a currency's code in any case.
func currencyOf(code string) money.Currency {
	return money.Currency(strings.ToUpper(strings.TrimSpace(code)))
}

// listed maps a payment that the report itself lists. Where it is listed more than once every entry counts that any of the
// listings has, and the report proves no absence.
func listed(answer *iyzico.Report, began, ended time.Time, byConversation bool) (payment.Report, error) {
	p := &answer.Payments[0]
	currency := currencyOf(p.Currency)
	report := payment.Report{
		ReadAt: began, SystemTime: answer.SystemTime, Listed: true, PaymentID: p.PaymentID, Currency: currency,
		Charged: p.PaymentStatus == 1 && approved(p.FraudStatus), PreAuth: p.Phase == phasePreAuth, PaidAt: p.CreatedAt,
		RefundStatus:   payment.RefundStatus(p.RefundStatus),
		ConversationID: p.PaymentConversationID, PaidAmount: money.New(p.PaidPrice, currency), FraudStatus: p.FraudStatus,
		Refused: turnedDown(p.FraudStatus), Ambiguous: byConversation && len(answer.Payments) > 1,
	}
	if p.PaymentStatus == 1 { // the only one that iyzico's two lists of paymentStatus agree on
		report.PaymentStatus = iyzico.PaymentStatusSuccess
	}
	if !answer.SystemTime.IsZero() {
		report.Skew = answer.SystemTime.Sub(ended)
	}
	for _, line := range p.Lines {
		report.Lines = append(report.Lines, payment.Line{
			ID: line.PaymentTransactionID, ItemID: line.ItemID, PaidAmount: money.New(line.PaidPrice, currency),
		})
	}
	if byConversation {
		report.PaymentIDs = paymentIDs(answer.Payments)
	}
	if len(answer.Payments) > 1 {
		report.Defects = append(report.Defects, "the payment is listed more than once")
	}
	for i := range answer.Payments {
		each := &answer.Payments[i]
		report.Defects = append(report.Defects, missing(each)...)
		for _, line := range each.Lines {
			for j := range line.Refunds {
				report.Entries = append(report.Entries, entry(&line.Refunds[j], line.PaymentTransactionID, false, currency))
			}
		}
		for j := range each.Cancels {
			report.Entries = append(report.Entries, entry(&each.Cancels[j], "", true, currency))
		}
	}
	return checked(report)
}

// paymentIDs are the ids of the payments listed, each once.
func paymentIDs(listed []iyzico.ReportedPayment) []string {
	var ids []string
	for i := range listed {
		if id := listed[i].PaymentID; !slices.Contains(ids, id) && len(ids) < payment.MostPaymentIDs {
			ids = append(ids, id)
		}
	}
	return ids
}

// missing names what a report leaves out that would have to be there for its silence to mean anything. The domain sees the
// rest: what is there and does not add up.
func missing(p *iyzico.ReportedPayment) []string {
	var defects []string
	if p.CancelsList != iyzico.ListPresent {
		defects = append(defects, "cancels is not a list")
	}
	if p.LinesList != iyzico.ListPresent {
		defects = append(defects, "itemTransactions is not a list")
	}
	for i := range p.Lines {
		if p.Lines[i].RefundsList != iyzico.ListPresent {
			defects = append(defects, "a line's refunds is not a list")
		}
	}
	entries := p.Cancels
	for i := range p.Lines {
		entries = slices.Concat(entries, p.Lines[i].Refunds)
	}
	if slices.ContainsFunc(entries, func(r iyzico.ReportedRefund) bool { return !r.HasPrice }) {
		defects = append(defects, "an entry has no amount")
	}
	return defects
}

// detailed maps a payment that only payment detail shows: without date, refunds and cancels.
func detailed(d *iyzico.Payment, began time.Time, conversationID string) (payment.Report, error) {
	currency := currencyOf(d.Currency)
	report := payment.Report{
		ReadAt: began, PaymentID: d.PaymentID, Currency: currency,
		Charged: d.PaymentStatus == iyzico.PaymentStatusSuccess && approved(d.FraudStatus), PreAuth: d.Phase == phasePreAuth,
		Lines: detailLines(d), ConversationID: conversationID, PaidAmount: money.New(d.PaidPrice, currency),
		PaymentStatus: d.PaymentStatus, FraudStatus: d.FraudStatus,
		Refused: d.PaymentStatus == iyzico.PaymentStatusFailure || turnedDown(d.FraudStatus),
	}
	return checked(report)
}

func detailLines(d *iyzico.Payment) []payment.Line {
	var lines []payment.Line
	for _, line := range d.Lines {
		lines = append(lines, payment.Line{
			ID: line.PaymentTransactionID, ItemID: line.ItemID, PaidAmount: money.New(line.PaidPrice, currencyOf(d.Currency)),
		})
	}
	return lines
}

const phasePreAuth = "PRE_AUTH"

// approved reads fraudStatus: 1 approved, 0 in review, -1 rejected; old answers leave it out.
func approved(fraudStatus *int) bool { return fraudStatus == nil || *fraudStatus == 1 }

func turnedDown(fraudStatus *int) bool { return fraudStatus != nil && *fraudStatus == -1 }

func entry(r *iyzico.ReportedRefund, lineID string, cancel bool, currency money.Currency) payment.Entry {
	if r.Currency != "" {
		currency = currencyOf(r.Currency)
	}
	status := payment.StatusNotSaid
	if r.HasStatus {
		status = r.Status
	}
	return payment.Entry{
		TxID: r.ID, Cancel: cancel, LineID: lineID, ConversationID: r.ConversationID,
		Amount: money.New(r.Price, currency), Status: status, ErrorCode: r.ErrorCode, CreatedAt: r.CreatedAt,
		AuthCode: r.AuthCode, HostReference: r.HostReference,
	}
}

// checked refuses a report that money could not be counted by: an amount below zero would make more refundable than was
// paid.
func checked(r payment.Report) (payment.Report, error) {
	if !r.Currency.Valid() || len(r.Lines) == 0 {
		return payment.Report{}, unreadable("read payment "+r.PaymentID, errors.New("it has no lines or no known currency"))
	}
	if slices.ContainsFunc(r.Lines, func(l payment.Line) bool { return l.PaidAmount.Sign() < 0 }) ||
		slices.ContainsFunc(r.Entries, func(e payment.Entry) bool { return e.Amount.Sign() < 0 }) {
		return payment.Report{}, unreadable("read payment "+r.PaymentID, errors.New("it has an amount below zero"))
	}
	return r, nil
}

// RefusedKeys tells whether an error of Read means that iyzico did not accept the keys (codes 1000 to 1006).
func RefusedKeys(err error) bool {
	var e *iyzico.Error
	return errors.As(err, &e) && e.Reason == iyzico.ReasonCredentials
}
