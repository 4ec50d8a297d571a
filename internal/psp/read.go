package psp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico"
)

// defaultReadTime bounds a read whose query names no deadline.
const defaultReadTime = 6 * time.Second

// Read asks iyzico's report, and payment detail where the report lists nothing. Codes as payment.Gateway promises.
func (g *Gateway) Read(ctx context.Context, q payment.Query) (payment.Report, error) {
	deadline := q.Deadline
	if deadline.IsZero() {
		deadline = g.now().Add(defaultReadTime)
	}
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	began := g.now()
	answer, err := g.client.RetrieveReport(ctx, iyzico.RetrieveReportRequest{
		PaymentID: q.PaymentID, PaymentConversationID: q.PaymentConversationID, Locale: iyzico.LocaleEN,
	})
	if err != nil && !refusesToKnow(err) {
		return payment.Report{}, unreadable("read iyzico's report", err)
	}
	if err == nil && len(answer.Payments) == 0 && !answer.IsEmpty() {
		return payment.Report{}, unreadable("read iyzico's report", errors.New("it has no list of payments"))
	}
	if err == nil && len(answer.Payments) > 0 {
		for _, p := range answer.Payments {
			if q.PaymentID == "" || p.PaymentID == q.PaymentID {
				report, err := listed(p, began, g.now(), answer.SystemTime)
				report.Ambiguous = len(answer.Payments) > 1
				return report, err
			}
		}
		return payment.Report{}, unreadable("read iyzico's report", errors.New("it lists another payment than the one asked for"))
	}
	detail, detailErr := g.client.RetrievePayment(ctx, iyzico.RetrievePaymentRequest{
		PaymentID: q.PaymentID, PaymentConversationID: q.PaymentConversationID, Locale: iyzico.LocaleEN,
	})
	switch {
	case detailErr != nil && refusesToKnow(detailErr):
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

// refusesToKnow tells whether the error is a well-formed failure that may mean "no such payment": not a system error (1,
// 2), not about credentials (1000 to 1006), not the rate limit and not a bank's answer (10000 and above) (contract §3).
func refusesToKnow(err error) bool {
	var e *iyzico.Error
	if !errors.As(err, &e) || e.Code == "" {
		return false
	}
	code, err := strconv.Atoi(e.Code)
	return err == nil && code > 2 && (code < 1000 || code > 1006) && code < 10000
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

// listed maps a payment that the report itself lists.
func listed(p iyzico.ReportedPayment, began, ended, iyzicoNow time.Time) (payment.Report, error) {
	currency := currencyOf(p.Currency)
	report := payment.Report{
		ReadAt: began, Listed: true, PaymentID: p.PaymentID, Currency: currency,
		Charged: p.PaymentStatus == 1 && approved(p.FraudStatus), PreAuth: p.Phase == phasePreAuth, PaidAt: p.CreatedAt,
		RefundStatus: payment.RefundStatus(p.RefundStatus), SystemTime: iyzicoNow,
		ConversationID: p.PaymentConversationID, PaidAmount: money.New(p.PaidPrice, currency), FraudStatus: p.FraudStatus,
		Refused: turnedDown(p.FraudStatus),
	}
	if p.PaymentStatus == 1 { // the only one that iyzico's two lists of paymentStatus agree on (reference §5.2)
		report.PaymentStatus = iyzico.PaymentStatusSuccess
	}
	if !iyzicoNow.IsZero() {
		report.Skew = iyzicoNow.Sub(ended)
	}
	report.Defects = missing(p)
	for _, line := range p.Lines {
		report.Lines = append(report.Lines, payment.Line{
			ID: line.PaymentTransactionID, ItemID: line.ItemID, PaidAmount: money.New(line.PaidPrice, currency),
		})
		for _, refund := range line.Refunds {
			report.Entries = append(report.Entries, entry(refund, line.PaymentTransactionID, false, currency))
		}
	}
	for _, cancel := range p.Cancels {
		report.Entries = append(report.Entries, entry(cancel, "", true, currency))
	}
	return checked(report)
}

// missing names the lists that a report leaves out, and entries without an amount: what is not there cannot be counted.
func missing(p iyzico.ReportedPayment) []string {
	var defects []string
	if p.CancelsList != iyzico.ListPresent {
		defects = append(defects, "cancels is not listed")
	}
	entries := p.Cancels
	for _, line := range p.Lines {
		if line.RefundsList != iyzico.ListPresent {
			defects = append(defects, "refunds of a line is not listed")
		}
		entries = slices.Concat(entries, line.Refunds)
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

func entry(r iyzico.ReportedRefund, lineID string, cancel bool, currency money.Currency) payment.Entry {
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
