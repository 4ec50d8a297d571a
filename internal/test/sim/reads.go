package sim

import (
	"context"
	"strings"
	"time"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// Read is: 0 the report; 1 unreadable; 2 our own rate limit; 3 only detail knows the payment.
func (g gateway) Read(_ context.Context, q payment.Query) (payment.Report, error) {
	k, w := g.k, g.k.world
	k.at = "before a read"
	k.pause()
	began := k.now()
	outcome := w.fault(4, askRead)
	k.settled()
	if !q.Deadline.IsZero() && k.now().After(q.Deadline) {
		outcome = 1
	}
	switch outcome {
	case 1:
		k.log("the report is unreadable")
		w.check.unread()
		return payment.Report{}, &payment.Error{Code: payment.CodeUnavailable, Message: "iyzico cannot be read now"}
	case 2:
		k.log("the report is not read: rate limit")
		return payment.Report{}, &payment.Error{Code: payment.CodeRateLimited, Message: "rate limit", RetryAfter: 30 * time.Second}
	}
	if q.PaymentConversationID != "" {
		q.PaymentID = w.byConversation(q.PaymentConversationID)
	}
	detail, known := w.ledger.Payment(q.PaymentID)
	if !known {
		k.read = &payment.Report{}
		return payment.Report{}, &payment.Error{Code: payment.CodeNotFound, Message: "iyzico does not know this payment"}
	}
	seen, listed := w.ledger.Report(q.PaymentID, w.lag())
	rep := payment.Report{ReadAt: began, Skew: w.plan.offset - k.skew - 300*time.Millisecond}
	if outcome == 3 || !listed {
		k.log("only detail knows payment %s", q.PaymentID)
		w.check.unread()
		rep.Skew = 0
		detailed(&rep, detail)
		detailedFund(&rep, detail, q)
	} else {
		w.plan.listed(&rep, seen)
		rep.SystemTime = w.clock.now.Add(w.plan.offset)
		w.plan.listedFund(&rep, seen)
		if w.history != nil && (!w.calm || w.news("report of "+q.PaymentID, entries(rep))) {
			k.log("reads the report of %s: %s", q.PaymentID, entries(rep))
		}
	}
	k.at, k.read = "after a read", &rep
	k.settled()
	return rep, nil
}

// ReadDay is: 0 the list; 1 unreadable; 2 our own rate limit.
func (g gateway) ReadDay(_ context.Context, q payment.DayQuery) (payment.DayList, error) {
	k, w := g.k, g.k.world
	k.at = "before a day list is read"
	k.pause()
	list := payment.DayList{Day: q.Day, ReadAt: k.now()}
	outcome := w.fault(3, askRead)
	k.settled()
	if !q.Deadline.IsZero() && k.now().After(q.Deadline) {
		outcome = 1
	}
	switch outcome {
	case 1:
		k.log("the list of %s is unreadable", q.Day)
		return payment.DayList{}, &payment.Error{Code: payment.CodeUnavailable, Message: "iyzico cannot be read now"}
	case 2:
		k.log("the list of %s is not read: rate limit", q.Day)
		return payment.DayList{}, &payment.Error{Code: payment.CodeRateLimited, Message: "rate limit", RetryAfter: 30 * time.Second}
	}
	list.SystemTime = w.clock.now.Add(w.plan.offset)
	list.Rows = w.plan.dayRows(w.ledger, q.Day, w.lag())
	k.at = "after a day list is read"
	k.settled()
	return list, nil
}

// dayRows maps every page of the ledger's list of a day.
func (p *plan) dayRows(ledger *iyzicotest.Ledger, day payment.Day, lag time.Duration) []payment.DayRow {
	var rows []payment.DayRow
	for page, pages := 1, 1; page <= pages; page++ {
		listed := ledger.DayPage(iyzicotest.Reporting{DayListLag: lag}, string(day), page)
		pages = listed.Pages
		for _, t := range listed.Rows {
			row := payment.DayRow{
				Kind: payment.DayRowKind(strings.ToLower(t.Type)), TransactionID: t.ID, PaymentID: t.PaymentID, LineID: t.PaymentTransactionID,
				ConversationID: t.ConversationID, Amount: money.New(t.Price, money.Currency(t.Currency)), At: t.CreatedAt,
			}
			if p.hideIDs {
				row.ConversationID = ""
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// lag is how far reporting is behind at this read.
func (w *world) lag() time.Duration {
	if w.flaw == lagsTooLong {
		return w.plan.window + 2*time.Minute
	}
	if w.plan.lag == 0 {
		return 0
	}
	return []time.Duration{0, w.plan.lag / 2, w.plan.lag}[w.choose(3, askStale)]
}

// listed maps what reporting shows.
func (p *plan) listed(rep *payment.Report, seen iyzicotest.ReportedPayment) {
	currency := money.Currency(seen.Currency)
	rep.Listed, rep.PaymentID, rep.Currency, rep.PaidAt = true, seen.PaymentID, currency, seen.CreatedAt
	rep.Charged = seen.PaymentStatus == iyzicotest.PaymentSuccess && seen.FraudStatus == iyzicotest.FraudApproved
	rep.PreAuth = seen.Phase == phasePreAuth
	rep.RefundStatus, rep.PaidAmount = payment.RefundStatus(seen.RefundStatus), money.New(seen.PaidPrice, currency)
	for _, line := range seen.Lines {
		rep.Lines = append(rep.Lines, payment.Line{
			ID: line.PaymentTransactionID, ItemID: line.ItemID, PaidAmount: money.New(line.PaidPrice, currency),
		})
		for _, refund := range line.Refunds {
			rep.Entries = append(rep.Entries, p.entry(refund, line.PaymentTransactionID, currency))
		}
	}
	for _, cancel := range seen.Cancels {
		e := p.entry(cancel, "", currency)
		e.Cancel = true
		rep.Entries = append(rep.Entries, e)
	}
}

const phasePreAuth = "PRE_AUTH"

func (p *plan) entry(r iyzicotest.ReportedRefund, lineID string, currency money.Currency) payment.Entry {
	e := payment.Entry{
		TxID: r.RefundTxID, LineID: lineID, ConversationID: r.ConversationID, Amount: money.New(r.Price, currency),
		Status: r.Status, CreatedAt: r.CreatedAt,
	}
	if r.Refusal != nil {
		e.ErrorCode = r.Refusal.Code
	}
	if p.hideIDs {
		e.ConversationID = ""
	}
	return e
}

// detailed maps what payment detail shows: no dates, no refunds.
func detailed(rep *payment.Report, p iyzicotest.Payment) {
	currency := money.Currency(p.Currency)
	rep.PaymentID, rep.Currency, rep.Charged, rep.PreAuth = p.ID, currency, p.Charged(), p.Phase == phasePreAuth
	for _, line := range p.Lines {
		rep.Lines = append(rep.Lines, payment.Line{
			ID: line.PaymentTransactionID, ItemID: line.ItemID, PaidAmount: money.New(line.PaidPrice, currency),
		})
	}
}
