package payment

import (
	"fmt"
	"slices"
	"time"

	"github.com/iade/iade/internal/money"
)

// Day is a calendar day of Istanbul, "2026-06-11": iyzico's lists of a day follow that clock.
type Day string

const dayLayout = "2006-01-02"

// DayOf is the day of Istanbul that a moment falls on.
func DayOf(t time.Time) Day { return Day(t.In(istanbul()).Format(dayLayout)) }

// Start is the day's first moment, the zero time where the text is no day.
func (d Day) Start() time.Time {
	start, err := time.ParseInLocation(dayLayout, string(d), istanbul())
	if err != nil {
		return zeroTime
	}
	return start
}

// next is the day after d.
func (d Day) next() Day { return DayOf(d.Start().Add(36 * time.Hour)) }

// DayQuery asks for iyzico's list of one day.
type DayQuery struct {
	Day      Day
	Deadline time.Time // zero = the adapter's own
}

// DayList is iyzico's list of one day's movements of all payments, every page of it.
type DayList struct {
	Day        Day
	ReadAt     time.Time // when the read of its first page began, by our clock
	SystemTime time.Time // iyzico's clock at its first page; zero = not said, and then its silence proves nothing
	Rows       []DayRow
}

// DayPage is one page of a day's list.
type DayPage struct {
	Page       int // as iyzico says, 0 if it does not
	Pages      int // how many there are by now
	SystemTime time.Time
	Rows       []DayRow
}

// Misplaced says why a page that was asked for as number, from 1, does not belong to a list whose earlier pages said that
// there are that many pages, and of which most are read. Empty: it belongs. A page that does not may hide a row.
func (p DayPage) Misplaced(number, pages, most int) string {
	empty := len(p.Rows) == 0
	switch {
	case number == 1 && empty && p.Pages <= 1:
		return "" // nothing moved on that day
	case p.Page != number:
		return fmt.Sprintf("it says that it is page %d", p.Page)
	case p.Pages < pages:
		return fmt.Sprintf("it says that there are %d pages, and there were %d", p.Pages, pages)
	case p.Pages > most:
		return fmt.Sprintf("the day has %d pages, %d are the most that is read", p.Pages, most)
	case empty:
		return "it is empty"
	}
	return ""
}

// DayRowKind is what a row of a day list moved.
type DayRowKind string

// The kinds of row. iyzico writes one row for each line of what it moved.
const (
	DayRowPayment DayRowKind = "payment"
	DayRowRefund  DayRowKind = "refund"
	DayRowCancel  DayRowKind = "cancel"
)

// DayRow is one line's part of a payment, refund or cancel.
type DayRow struct {
	Kind           DayRowKind
	TransactionID  string // the rows of one cancel share one
	PaymentID      string
	LineID         string
	ConversationID string       // of the request that made it; empty for what was made in iyzico's panel
	Amount         money.Amount // of this line, up to 8 decimals
	Status         *int         // nil where iyzico writes none, as in the rows of refunds and cancels
	At             time.Time    // zero = not readable
	AuthCode       string
	HostReference  string
}

// Moved tells whether the row says that money moved: a row without a status does.
func (d DayRow) Moved() bool { return d.Status == nil || *d.Status == refundStatusSuccess }

// Listed is what one pass read of iyzico's day lists. Every list is complete.
type Listed struct {
	Lists []DayList
}

func (Listed) event() {}

// DaysNeeded are the days whose lists the account's proof of absence still needs now, earliest first: the reports have
// agreed often enough, and the second source has not spoken yet.
func (a *Account) DaysNeeded(now time.Time) []Day {
	var days []Day
	for i := range a.Operations {
		op := &a.Operations[i]
		for j := range op.Legs {
			if leg := &op.Legs[j]; leg.awaitsDayLists() && !leg.DueAt.After(now) {
				days = mergeDays(days, op.daysOf(leg))
			}
		}
	}
	return days
}

// awaitsDayLists tells that the reports agree on the attempt's absence, and the day lists are what is left of the proof.
func (l *Leg) awaitsDayLists() bool {
	return l.State == StateUnknown && l.API != APIFund && l.Absences >= countingReads
}

// daysOf are the days on which the leg's attempt may have moved money: from the operation's acceptance to the last report
// that counted, but no longer than a day after the attempt's deadline.
func (o *Operation) daysOf(leg *Leg) []Day {
	last := leg.SendBy.Add(24 * time.Hour)
	if leg.AbsentAt.Before(last) {
		last = leg.AbsentAt
	}
	var days []Day
	for day := DayOf(o.CreatedAt); day <= DayOf(last); day = day.next() {
		days = append(days, day)
	}
	return days
}

// mergeDays gives every day of both once, in order.
func mergeDays(a, b []Day) []Day {
	days := slices.Concat(a, b)
	slices.Sort(days)
	return slices.Compact(days)
}
