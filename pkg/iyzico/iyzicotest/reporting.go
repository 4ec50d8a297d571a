package iyzicotest

import (
	"slices"
	"strings"
	"time"
)

// Reporting says how iyzico's reporting answers at one moment: how far it is behind, and which lies it tells. The zero
// value is prompt and honest.
type Reporting struct {
	// Lag is how much later payments, refunds and cancels appear in payment details, DayListLag in the day list.
	Lag        time.Duration
	DayListLag time.Duration
	// HideConversationIDs is a reporting that kept none: neither list shows one, and no payment is found by one.
	HideConversationIDs bool
	// Report lies in payment details, DayList in the day list.
	Report  ReportLies
	DayList DayListLies
}

// ReportLies are the lies that payment details can tell. Several can be told at once.
type ReportLies struct {
	// HideEntries leaves refunds[] and cancels[] empty; paymentRefundStatus still tells of them.
	HideEntries bool `json:"hideEntries"`
	// DropLine leaves a line out with its refunds: the first that has any, else the first; or the one named.
	DropLine LineChoice `json:"dropLine"`
	// DuplicatePayment lists the payment twice.
	DuplicatePayment bool `json:"duplicatePayment"`
	// StaleMS makes the report that old, systemTime included.
	StaleMS int64 `json:"staleMs"`
	// EmptyEntries makes every entry of refunds[] and cancels[] an object without members.
	EmptyEntries bool `json:"emptyEntries"`
	// NoDates leaves the date out of every entry.
	NoDates bool `json:"noDates"`
	// UpperCaseIDs writes every conversation id in upper case.
	UpperCaseIDs bool `json:"upperCaseIds"`
	// RefundStatus is the refundStatus of every entry; nil leaves the true ones.
	RefundStatus *int `json:"refundStatus"`
}

// DayListLies are the lies that the day list can tell.
type DayListLies struct {
	// Half leaves out every second row, beginning with the newest.
	Half bool `json:"half"`
	// DropRow leaves out the newest REFUND or CANCEL row.
	DropRow bool `json:"dropRow"`
	// HideConversationIDs shows rows without the request's id.
	HideConversationIDs bool `json:"hideConversationIds"`
	// UpperCaseIDs writes every conversation id in upper case.
	UpperCaseIDs bool `json:"upperCaseIds"`
	// StaleMS makes the list that old, systemTime included.
	StaleMS int64 `json:"staleMs"`
}

// AnyLine is the [LineChoice] of the first line that has refunds, else of the first.
const AnyLine LineChoice = "*"

// LineChoice is nothing, [AnyLine], or a paymentTransactionId. In JSON it is false, true, or the id.
type LineChoice string

// PaymentDetails is one answer of reporting about payments.
type PaymentDetails struct {
	// SystemTime is the time on iyzico's clock that the answer carries.
	SystemTime time.Time
	Payments   []ReportedPayment
}

// DayPage is one page of the day list.
type DayPage struct {
	// SystemTime is the time on iyzico's clock that the answer carries.
	SystemTime time.Time
	Rows       []Transaction
	// Pages is how many pages the day has; 0 if it has no rows.
	Pages int
}

// PaymentDetails answers for a payment id or, if that is empty, for a payment's conversation id; no payments if reporting
// shows none. A lie changes the answer only, never what happened.
func (l *Ledger) PaymentDetails(r Reporting, paymentID, conversationID string) PaymentDetails {
	stale := time.Duration(r.Report.StaleMS) * time.Millisecond
	d := PaymentDetails{SystemTime: l.Now().Add(-stale)}
	switch {
	case paymentID != "":
		if p, ok := l.Report(paymentID, r.Lag+stale); ok {
			d.Payments = []ReportedPayment{p}
		}
	case !r.HideConversationIDs:
		d.Payments = l.ReportByConversation(conversationID, r.Lag+stale)
	}
	for i := range d.Payments {
		d.Payments[i].lie(r)
	}
	if r.Report.DuplicatePayment {
		d.Payments = append(d.Payments, d.Payments...)
	}
	return d
}

func (p *ReportedPayment) lie(r Reporting) {
	p.ConversationID = shownID(p.ConversationID, r.HideConversationIDs, r.Report.UpperCaseIDs)
	if r.Report.DropLine != "" {
		p.dropLine(r.Report.DropLine)
	}
	for i := range p.Lines {
		p.Lines[i].Refunds = r.entries(p.Lines[i].Refunds)
	}
	p.Cancels = r.entries(p.Cancels)
}

func (p *ReportedPayment) dropLine(choice LineChoice) {
	at := slices.IndexFunc(p.Lines, func(line ReportedLine) bool {
		if choice == AnyLine {
			return len(line.Refunds) > 0
		}
		return line.PaymentTransactionID == string(choice)
	})
	if choice == AnyLine {
		at = max(at, 0)
	}
	if at >= 0 {
		p.Lines = slices.Delete(p.Lines, at, at+1)
	}
}

func (r Reporting) entries(list []ReportedRefund) []ReportedRefund {
	if r.Report.HideEntries {
		return nil
	}
	for i := range list {
		entry := &list[i]
		entry.ConversationID = shownID(entry.ConversationID, r.HideConversationIDs, r.Report.UpperCaseIDs)
		if r.Report.NoDates {
			entry.CreatedAt = time.Time{}
		}
		if r.Report.RefundStatus != nil {
			entry.Status = *r.Report.RefundStatus
		}
		if r.Report.EmptyEntries {
			*entry = ReportedRefund{}
		}
	}
	return list
}

func shownID(id string, hide, upper bool) string {
	switch {
	case hide:
		return ""
	case upper:
		return strings.ToUpper(id)
	}
	return id
}

// DayPage answers for a day in Istanbul ("2006-01-02"); page counts from 1, newest rows first. A payment, refund or cancel
// gives one row per line. A page that the day does not have is empty.
func (l *Ledger) DayPage(r Reporting, day string, page int) DayPage {
	rows := l.day(r, day)
	pages := (len(rows) + TransactionsPerPage - 1) / TransactionsPerPage
	d := DayPage{SystemTime: l.Now().Add(-r.DayList.stale()), Pages: pages}
	if page >= 1 && page <= pages {
		from := (page - 1) * TransactionsPerPage
		d.Rows = rows[from:min(from+TransactionsPerPage, len(rows))]
	}
	return d
}

func (x DayListLies) stale() time.Duration { return time.Duration(x.StaleMS) * time.Millisecond }

// day is the whole day list with its lies.
func (l *Ledger) day(r Reporting, day string) []Transaction {
	rows := l.transactions(day, r.DayListLag+r.DayList.stale())
	if r.DayList.DropRow {
		if at := slices.IndexFunc(rows, func(x Transaction) bool { return x.Type != TransactionPayment }); at >= 0 {
			rows = slices.Delete(rows, at, at+1)
		}
	}
	if r.DayList.Half {
		kept := rows[:0]
		for i, row := range rows {
			if i%2 == 1 {
				kept = append(kept, row)
			}
		}
		rows = kept
	}
	for i := range rows {
		rows[i].ConversationID = shownID(rows[i].ConversationID, r.HideConversationIDs || r.DayList.HideConversationIDs, r.DayList.UpperCaseIDs)
	}
	return rows
}
