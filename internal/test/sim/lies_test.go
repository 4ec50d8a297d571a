package sim

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// lie is one thing that a list of iyzico's may tell that is not so.
type lie struct {
	name string
	tell func(r *iyzicotest.Reporting, w *world)
	// hides tells that the list looks complete and leaves out what happened: nothing in it can give the lie away.
	hides bool
}

// reportLies are what payment details may tell, those that hide last.
var reportLies = []lie{
	{name: "a report without its entries", tell: func(r *iyzicotest.Reporting, _ *world) { r.Report.HideEntries = true }},
	{name: "a report without a line", tell: func(r *iyzicotest.Reporting, _ *world) { r.Report.DropLine = iyzicotest.AnyLine }},
	{name: "a report that lists the payment twice", tell: func(r *iyzicotest.Reporting, _ *world) { r.Report.DuplicatePayment = true }},
	{name: "a report of some minutes ago", tell: func(r *iyzicotest.Reporting, w *world) { r.Report.StaleMS = (w.plan.window / 2).Milliseconds() }},
	{name: "a report of long ago", tell: func(r *iyzicotest.Reporting, w *world) { r.Report.StaleMS = (3 * w.plan.window).Milliseconds() }},
	{name: "a report with entries that say nothing", tell: func(r *iyzicotest.Reporting, _ *world) { r.Report.EmptyEntries = true }},
	{name: "a report without dates", tell: func(r *iyzicotest.Reporting, _ *world) { r.Report.NoDates = true }},
	{name: "a report with ids in upper case", tell: func(r *iyzicotest.Reporting, _ *world) { r.Report.UpperCaseIDs = true }},
	{name: "a report with refundStatus 0", tell: func(r *iyzicotest.Reporting, _ *world) { r.Report.RefundStatus = new(int) }},
	{name: "a report with refundStatus 2", tell: func(r *iyzicotest.Reporting, _ *world) { two := 2; r.Report.RefundStatus = &two }},
	{name: "a report without conversation ids", tell: func(r *iyzicotest.Reporting, _ *world) { r.HideConversationIDs = true }},
	{name: "a report with ids in upper case and without dates", tell: func(r *iyzicotest.Reporting, _ *world) {
		r.Report.UpperCaseIDs, r.Report.NoDates = true, true
	}},
	{name: "a report without conversation ids and dates", tell: func(r *iyzicotest.Reporting, _ *world) {
		r.HideConversationIDs, r.Report.NoDates = true, true
	}},
	{name: "a report that lags behind the settle window", tell: func(r *iyzicotest.Reporting, w *world) { r.Lag = 2 * w.plan.window }, hides: true},
}

// dayLies are what the day list may tell, those that hide last.
var dayLies = []lie{
	{name: "a day list without conversation ids", tell: func(r *iyzicotest.Reporting, _ *world) { r.DayList.HideConversationIDs = true }},
	{name: "a day list with ids in upper case", tell: func(r *iyzicotest.Reporting, _ *world) { r.DayList.UpperCaseIDs = true }},
	{name: "a day list of long ago", tell: func(r *iyzicotest.Reporting, w *world) { r.DayList.StaleMS = (3 * w.plan.window).Milliseconds() }},
	{name: "half a day list", tell: func(r *iyzicotest.Reporting, _ *world) { r.DayList.Half = true }, hides: true},
	{name: "a day list without its newest movement", tell: func(r *iyzicotest.Reporting, _ *world) { r.DayList.DropRow = true }, hides: true},
	{name: "a day list that lags behind the settle window", tell: func(r *iyzicotest.Reporting, w *world) { r.DayListLag = 2 * w.plan.window }, hides: true},
}

// open gives those of the lies that hide nothing.
func open(lies []lie) []lie {
	for i, l := range lies {
		if l.hides {
			return lies[:i]
		}
	}
	return lies
}

// told is what one list tells for a while.
type told struct {
	lie   *lie
	until time.Time
}

// addLies lets one list of iyzico's lie in some worlds, or both. Only one of them ever hides what happened without a trace: that
// both do so for longer than the settle window is the limit of what reading can prove, which TestBothListsHide measures.
func addLies(p *plan, rng *rand.Rand) {
	switch rng.IntN(100) {
	case 0, 1, 2, 3, 4, 5, 6, 7:
		p.reportLies = open(reportLies)
	case 8, 9, 10, 11:
		p.dayLies = open(dayLies)
	case 12, 13, 14, 15, 16, 17, 18, 19:
		p.reportLies, p.dayLies = open(reportLies), open(dayLies)
	case 20, 21, 22, 23, 24, 25, 26, 27:
		p.reportLies, p.dayLies = reportLies, open(dayLies)
	case 28, 29, 30, 31, 32, 33, 34, 35:
		p.reportLies, p.dayLies = open(reportLies), dayLies
	}
	p.lieAtFirst = rng.IntN(2) == 0
}

// misleads tells whether a list of iyzico's may lie in this world.
func (p *plan) misleads() bool { return len(p.reportLies)+len(p.dayLies) > 0 || p.bothHide }

// forGood is longer than any world lasts.
const forGood = 1000 * 24 * time.Hour

// mislead gives what a list tells in this read, nil for the truth: what it told before, until its time is over, or what the
// scheduler chooses now, for this read or for longer.
func (w *world) mislead(t *told, lies []lie, ask string, k *worker) *lie {
	if w.honest {
		return nil
	}
	if !w.clock.now.Before(t.until) {
		t.lie = nil
		if w.plan.lieAtFirst {
			return nil
		}
		n := w.fault(len(lies)+1, ask)
		if n == 0 {
			return nil
		}
		t.lie = &lies[n-1]
		t.until = w.clock.now.Add([]time.Duration{0, w.plan.window / 2, 3 * w.plan.window, forGood}[w.choose(4, askHowLong)])
		k.log("from now to %s later is told %s", t.until.Sub(w.clock.now), t.lie.name)
	}
	if t.lie != nil {
		w.stats.Lies++
		w.saw(sawTold, t.lie.name)
		w.check.lied = true
	}
	return t.lie
}

// beginLying chooses what each list tells from the first request on.
func (w *world) beginLying() {
	if !w.plan.lieAtFirst || w.lying {
		return
	}
	w.lying = true
	for _, x := range []struct {
		told *told
		lies []lie
	}{{&w.report, w.plan.reportLies}, {&w.dayList, w.plan.dayLies}} {
		n := w.choose(len(x.lies)+1, askLie)
		if n == 0 {
			continue
		}
		x.told.lie = &x.lies[n-1]
		until := []time.Duration{forGood, 3 * w.plan.window, w.plan.window / 2}
		if n := w.plan.lieFor; n > 0 {
			until = until[:n]
		}
		x.told.until = w.clock.now.Add(until[w.choose(len(until), askUntil)])
		w.log("iyzico", "tells from now on, for %s: %s", x.told.until.Sub(w.clock.now), x.told.lie.name)
	}
}

// reporting is how payment details answer one read.
func (w *world) reporting(k *worker) iyzicotest.Reporting {
	r := iyzicotest.Reporting{Lag: w.lag(), HideConversationIDs: w.plan.hideIDs}
	if w.plan.bothHide {
		r.Lag = w.hiding()
	}
	if l := w.mislead(&w.report, w.plan.reportLies, askReportLie, k); l != nil {
		l.tell(&r, w)
	}
	return r
}

// dayReporting is how the day list answers one read of a page.
func (w *world) dayReporting(k *worker) iyzicotest.Reporting {
	r := iyzicotest.Reporting{DayListLag: w.dayLag(), HideConversationIDs: w.plan.hideIDs}
	if w.plan.bothHide {
		r.DayListLag = w.hiding()
	}
	if l := w.mislead(&w.dayList, w.plan.dayLies, askDayLie, k); l != nil {
		l.tell(&r, w)
	}
	return r
}

// hiding is how long both lists lag in a world of that limit.
func (w *world) hiding() time.Duration {
	if w.honest {
		return 0
	}
	return 2 * w.plan.window
}

// lag is how far the report is behind at this read.
func (w *world) lag() time.Duration {
	if w.flaw == lagsTooLong {
		return w.plan.window + 2*time.Minute
	}
	return w.behind(w.plan.lag)
}

// dayLag is how far the day list is behind at this read.
func (w *world) dayLag() time.Duration {
	if w.flaw == lagsTooLong {
		return w.plan.window + 2*time.Minute
	}
	return w.behind(w.plan.dayLag)
}

func (w *world) behind(most time.Duration) time.Duration {
	if most == 0 {
		return 0
	}
	return []time.Duration{0, most / 2, most}[w.choose(3, askStale)]
}

// bend changes a report into what iade would take it for if one of its rules were missing.
func (f flaw) bend(rep *payment.Report) {
	switch f {
	case believesStale:
		rep.SystemTime = rep.ReadAt
		return
	case believesIncomplete:
		rep.Defects, rep.Ambiguous = nil, false
	case skipsOpenEntries, skipsOtherSpellings, datesUndated:
		rep.Entries = slices.DeleteFunc(rep.Entries, func(e payment.Entry) bool {
			return f == skipsOpenEntries && e.Status != 1 || f == skipsOtherSpellings && e.ConversationID != strings.ToLower(e.ConversationID)
		})
		for i := range rep.Entries {
			if e := &rep.Entries[i]; f == datesUndated && e.CreatedAt.IsZero() {
				e.CreatedAt = rep.PaidAt
			}
		}
	default:
		return
	}
	rep.RefundStatus = agreeing(rep)
}

// bendList does the same with a day list.
func (f flaw) bendList(list *payment.DayList) {
	if f == skipsSecondSource {
		list.Rows = nil
	}
}

// agreeing is the paymentRefundStatus that fits a report's entries.
func agreeing(rep *payment.Report) payment.RefundStatus {
	left, cancelled := rep.PaidAmount, false
	for _, e := range rep.Entries {
		if e.Status == 1 {
			left, cancelled = left.Sub(e.Amount), cancelled || e.Cancel
		}
	}
	switch {
	case cancelled || left.Decimal().LessThan(decimal.New(1, -6)):
		return payment.TotallyRefunded
	case left.Equal(rep.PaidAmount):
		return payment.NotRefunded
	}
	return payment.PartiallyRefunded
}
