package sim

import (
	"context"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/psp"
	"github.com/iade/iade/pkg/iyzico"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// reader is the production reading of iyzico's reports, on what one worker is answered.
func (k *worker) reader() psp.Reader { return psp.NewReader(asking{k}, k.now) }

// Read reads through the production mapping.
func (g gateway) Read(ctx context.Context, q payment.Query) (payment.Report, error) {
	k, w := g.k, g.k.world
	k.at = "before a read"
	k.pause()
	rep, err := k.reader().Read(ctx, q)
	switch {
	case payment.CodeOf(err) == payment.CodeNotFound:
		rep = payment.Report{}
	case err != nil:
		k.log("the report is unreadable: %v", err)
		if payment.CodeOf(err) != payment.CodeRateLimited {
			w.check.unread()
		}
		return payment.Report{}, err
	case !rep.Listed:
		k.log("only detail knows payment %s", rep.PaymentID)
		w.check.unread()
	default:
		w.flaw.bend(&rep)
		if w.history != nil && (!w.calm || w.news("report of "+q.PaymentID, entries(rep))) {
			k.log("reads the report of %s: %s", rep.PaymentID, entries(rep))
		}
	}
	k.at, k.read = "after a read", &rep
	k.settled()
	return rep, err
}

// ReadDay reads a day list through the production code.
func (g gateway) ReadDay(ctx context.Context, q payment.DayQuery) (payment.DayList, error) {
	k := g.k
	list, err := k.reader().ReadDay(ctx, q)
	if err != nil {
		k.log("the list of %s is not read: %v", q.Day, err)
		return list, err
	}
	k.world.flaw.bendList(&list)
	k.at = "after a day list is read"
	k.settled()
	return list, nil
}

// ReadDayPage is one page, for the limit of calls around it.
func (g gateway) ReadDayPage(ctx context.Context, q payment.DayQuery, page int) (payment.DayPage, error) {
	return g.k.reader().ReadDayPage(ctx, q, page)
}

// asking is iyzico's reporting as pkg/iyzico's client gives it to one worker, with what may go wrong on the way.
type asking struct{ k *worker }

// What may become of a read.
const (
	readAnswered = iota
	readUnreadable
	readRateLimited
	readDetailOnly // the report lists nothing
	readOutcomes
)

// RetrieveReport is: 0 the report; 1 unreadable; 2 iyzico's rate limit; 3 only detail knows the payment.
func (a asking) RetrieveReport(ctx context.Context, r iyzico.RetrieveReportRequest) (*iyzico.Report, error) {
	k, w := a.k, a.k.world
	outcome := w.fault(readOutcomes, askRead)
	k.settled()
	if err := k.failed(ctx, outcome); err != nil {
		return nil, err
	}
	if outcome == readDetailOnly {
		return &iyzico.Report{PaymentsList: iyzico.ListPresent}, nil
	}
	return reported(w.ledger.PaymentDetails(w.reporting(k), r.PaymentID, r.PaymentConversationID)), nil
}

// RetrievePayment is payment detail: prompt, and without refunds and dates.
func (a asking) RetrievePayment(_ context.Context, r iyzico.RetrievePaymentRequest) (*iyzico.Payment, error) {
	if a.k.world.plan.hideIDs {
		r.PaymentConversationID = ""
	}
	return detail(a.k.world.ledger, r)
}

// detail is what the client makes of payment detail.
func detail(ledger *iyzicotest.Ledger, r iyzico.RetrievePaymentRequest) (*iyzico.Payment, error) {
	p, known := ledger.Payment(r.PaymentID)
	if r.PaymentID == "" {
		p, known = ledger.PaymentByConversation(r.PaymentConversationID)
	}
	if !known {
		return nil, &iyzico.Error{Outcome: iyzico.Rejected, Reason: iyzico.ReasonRefused, Code: iyzicotest.CodeDetailUnknownPayment}
	}
	fraud := p.FraudStatus
	shown := &iyzico.Payment{
		PaymentID: p.ID, PaymentStatus: iyzico.PaymentStatusFailure, FraudStatus: &fraud, Price: p.Price, PaidPrice: p.PaidPrice,
		Currency: p.Currency, Phase: p.Phase,
	}
	if p.PaymentStatus == iyzicotest.PaymentSuccess {
		shown.PaymentStatus = iyzico.PaymentStatusSuccess
	}
	for _, line := range p.Lines {
		shown.Lines = append(shown.Lines, iyzico.PaymentLine{
			PaymentTransactionID: line.PaymentTransactionID, ItemID: line.ItemID, Price: line.Price, PaidPrice: line.PaidPrice,
		})
	}
	return shown, nil
}

// ListTransactionsPage is: 0 the page; 1 unreadable; 2 iyzico's rate limit.
func (a asking) ListTransactionsPage(ctx context.Context, r iyzico.ListTransactionsPageRequest) (*iyzico.TransactionsPage, error) {
	k, w := a.k, a.k.world
	k.at = "before a page of a day list is read"
	k.pause()
	outcome := w.fault(readDetailOnly, askPage)
	if err := k.failed(ctx, outcome); err != nil {
		return nil, err
	}
	return listedPage(w.ledger.DayPage(w.dayReporting(k), r.Date, r.Page), r.Page), nil
}

// failed is a read's error for an outcome, nil if there is none.
func (k *worker) failed(ctx context.Context, outcome int) error {
	if deadline, ok := ctx.Deadline(); ok && k.now().After(deadline) {
		outcome = readUnreadable
	}
	switch outcome {
	case readUnreadable:
		return &iyzico.Error{Outcome: iyzico.Unknown, Reason: iyzico.ReasonTimeout}
	case readRateLimited:
		return &iyzico.Error{Outcome: iyzico.NotSent, Reason: iyzico.ReasonRateLimited, Code: iyzicotest.CodeRateLimit, RetryAfter: 30 * time.Second}
	}
	return nil
}

// reported is what the client makes of payment details.
func reported(d iyzicotest.PaymentDetails) *iyzico.Report {
	report := &iyzico.Report{Envelope: iyzico.Envelope{SystemTime: d.SystemTime}, PaymentsList: iyzico.ListPresent}
	for i := range d.Payments {
		p := &d.Payments[i]
		fraud := p.FraudStatus
		shown := iyzico.ReportedPayment{
			PaymentID: p.PaymentID, PaymentStatus: p.PaymentStatus, RefundStatus: p.RefundStatus, Price: p.Price, PaidPrice: p.PaidPrice,
			Currency: p.Currency, Phase: p.Phase, PaymentConversationID: p.ConversationID, FraudStatus: &fraud,
			CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
			Cancels: reportedRefunds(p.Cancels), CancelsList: iyzico.ListPresent, LinesList: iyzico.ListPresent,
		}
		for _, line := range p.Lines {
			shown.Lines = append(shown.Lines, iyzico.ReportedLine{
				PaymentTransactionID: line.PaymentTransactionID, ItemID: line.ItemID, TransactionStatus: line.TransactionStatus,
				Price: line.Price, PaidPrice: line.PaidPrice, Refunds: reportedRefunds(line.Refunds), RefundsList: iyzico.ListPresent,
			})
		}
		report.Payments = append(report.Payments, shown)
	}
	return report
}

func reportedRefunds(list []iyzicotest.ReportedRefund) []iyzico.ReportedRefund {
	var shown []iyzico.ReportedRefund
	for _, r := range list {
		said := r.RefundTxID != "" // else it is an entry {}
		e := iyzico.ReportedRefund{
			ID: r.RefundTxID, ConversationID: r.ConversationID, Price: r.Price, HasPrice: said, Status: r.Status, HasStatus: said,
			Currency: r.Currency, CreatedAt: r.CreatedAt,
		}
		if r.Refusal != nil {
			e.ErrorCode, e.ErrorGroup, e.ErrorMessage = r.Refusal.Code, r.Refusal.Group, r.Refusal.Message
		}
		shown = append(shown, e)
	}
	return shown
}

// listedPage is what the client makes of a page of the day list.
func listedPage(d iyzicotest.DayPage, page int) *iyzico.TransactionsPage {
	list := &iyzico.TransactionsPage{Envelope: iyzico.Envelope{SystemTime: d.SystemTime}, CurrentPage: page, TotalPageCount: d.Pages}
	for _, t := range d.Rows {
		list.Transactions = append(list.Transactions, iyzico.ReportedTransaction{
			Type: t.Type, TransactionID: t.ID, At: t.CreatedAt, PaymentID: t.PaymentID, PaymentTransactionID: t.PaymentTransactionID,
			ConversationID: t.ConversationID, Phase: t.Phase, Price: t.Price, PaidPrice: t.PaidPrice, Currency: t.Currency, BasketID: t.BasketID,
		})
	}
	return list
}

const phasePreAuth = "PRE_AUTH"
