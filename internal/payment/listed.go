package payment

import (
	"slices"
	"time"
)

// rowSlack is how far apart iyzico's report and its day list may date the same movement.
const rowSlack = 2 * time.Minute

// listed applies what one pass read of iyzico's day lists, the second source. A row of ours counts as an entry of the report
// does, whatever else the lists say. The lists' silence is the last part of the proof of absence, for the legs whose reports
// agree: it needs every day of the attempt, read after the settle window by our clock and by iyzico's, without a row that
// names the attempt in any spelling and without a row of the payment that nothing explains.
func (r Rules) listed(a *Account, lists []DayList, now time.Time) {
	if a.ID.isFund() {
		return
	}
	rows := a.rowsOf(lists)
	rep := a.reportOf(rows)
	for i := range a.Operations {
		op := &a.Operations[i]
		for j := range op.Legs {
			leg := &op.Legs[j]
			if leg.API == APIBalanceInit || leg.State == StateSucceeded {
				continue
			}
			f := op.findingOf(leg, &rep)
			if f.evidence != EvidenceAbsent {
				r.listedAs(a, op, leg, f, now)
				continue
			}
			switch {
			case !leg.awaitsDayLists():
			case r.covered(op, leg, lists):
				r.concludeAbsence(a, op, leg, rows, a.strayRow(op, leg, lists), f, now)
			default:
				r.giveUpUnread(op, leg, now)
			}
		}
	}
}

// rowsOf are the rows of the account's payment that gave money back, or may have.
func (a *Account) rowsOf(lists []DayList) []DayRow {
	var rows []DayRow
	for _, list := range lists {
		for _, row := range list.Rows {
			if row.PaymentID == a.PaymentID && row.Kind != DayRowPayment {
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// reportOf shows the rows as the report would: a refund stands on its line, a cancel is one entry whose rows share their
// transaction.
func (a *Account) reportOf(rows []DayRow) Report {
	rep := Report{PaymentID: a.PaymentID, Currency: a.Currency}
	for _, row := range rows {
		e := Entry{
			TxID: row.TransactionID, Cancel: row.Kind == DayRowCancel, LineID: row.LineID, ConversationID: row.ConversationID,
			Amount: row.Amount, Status: StatusNotSaid, CreatedAt: row.At, AuthCode: row.AuthCode, HostReference: row.HostReference,
		}
		if row.Moved() && (e.Cancel || row.Kind == DayRowRefund) {
			e.Status = refundStatusSuccess
		}
		if e.Cancel {
			e.LineID = ""
			i := slices.IndexFunc(rep.Entries, func(o Entry) bool {
				return o.Cancel && o.TxID == e.TxID && o.ConversationID == e.ConversationID && o.Status == e.Status && o.Amount.Currency() == e.Amount.Currency()
			})
			if i >= 0 {
				rep.Entries[i].Amount = rep.Entries[i].Amount.Add(e.Amount)
				continue
			}
		}
		rep.Entries = append(rep.Entries, e)
	}
	return rep.inOneCurrency()
}

// listedAs moves a leg on by rows that carry its id.
func (r Rules) listedAs(a *Account, op *Operation, leg *Leg, f finding, now time.Time) {
	reported := leg.Proof.RefundTxID
	switch EffectOf(leg.State, f.evidence) {
	case EffectSettle:
		r.settleSeen(a, op, leg, f, Report{})
	case EffectReview:
		if r.review(op, leg, TriggerConflicting, now) {
			leg.Failure = conflicting(leg.API, f.evidence)
		}
	case EffectWait:
		r.awaitRest(op, leg, now, now)
	case EffectContradict:
		if r.review(op, leg, TriggerSeen, now) {
			leg.Seen = true
			a.prove(leg, f)
		}
	case EffectDoubt:
		r.doubt(op, leg, now)
	case EffectNone, EffectNotCounted, EffectCount, EffectAlarm, EffectProve:
	}
	leg.Proof.RefundTxID = reported // a day list's transactionId need not be the report's refundTxId
}

// covered tells whether the lists are all that the proof needs, and fresh.
func (r Rules) covered(op *Operation, leg *Leg, lists []DayList) bool {
	windowEnd := leg.SendBy.Add(r.SettleWindow)
	for _, day := range op.daysOf(leg) {
		if !slices.ContainsFunc(lists, func(l DayList) bool {
			return l.Day == day && !l.ReadAt.Before(windowEnd) && !l.SystemTime.Before(windowEnd)
		}) {
			return false
		}
	}
	return true
}

// concludeAbsence ends a leg of which neither source shows anything. stray: a row of no payment of its own names it.
func (r Rules) concludeAbsence(a *Account, op *Operation, leg *Leg, rows []DayRow, stray bool, f finding, now time.Time) {
	switch {
	case f.failed:
		r.notCounted(a, op, leg, now)
	case stray, a.unexplainedRow(op, leg, rows, r.ClockTolerance):
		if r.review(op, leg, TriggerConflicting, now) {
			leg.Failure = &Failure{Reason: ReasonUnexplainedRows, Message: "iyzico's list of the day has a refund or cancel of the payment that nothing explains: it may be this one"}
		}
	case !leg.API.silenceProves():
		if r.review(op, leg, TriggerConflicting, now) {
			leg.Failure = &Failure{Reason: ReasonWeakAbsence, Message: "iyzico shows nothing of it, and no source says that iyzico lists every refund charged to the merchant: a person decides"}
		}
	case r.ReviewAbsenceFrom.Sign() > 0 && leg.Amount.Decimal().GreaterThanOrEqual(r.ReviewAbsenceFrom):
		if r.review(op, leg, TriggerConflicting, now) {
			leg.Failure = &Failure{Reason: ReasonLargeAbsence, Message: "iyzico shows nothing of it; for an amount like this a person decides"}
		}
	default:
		op.move(leg, TriggerAbsent)
	}
}

// unexplainedRow tells whether a row names the attempt in another spelling, or is new since the operation's acceptance and
// explained by nothing: no other attempt of ours, no entry that the report showed, no leg that succeeded.
func (a *Account) unexplainedRow(op *Operation, leg *Leg, rows []DayRow, clocks time.Duration) bool {
	used := map[int]bool{}  // of a.Foreign
	taken := map[*Leg]int{} // rows that a succeeded leg explains
	for _, row := range rows {
		if op.resembles(leg, row.ConversationID) {
			return true
		}
		old := !row.At.IsZero() && row.At.Before(op.CreatedAt.Add(-clocks).Truncate(time.Second))
		if !old && !a.ownRow(row) && !a.foreignRow(row, used) && !a.assumedRow(row, taken, clocks) {
			return true
		}
	}
	return false
}

// strayRow tells whether a row that is not this payment's, or of no payment, names the attempt: what it moved cannot be told.
func (a *Account) strayRow(op *Operation, leg *Leg, lists []DayList) bool {
	id := ConversationID(op.ID, leg.Attempt)
	for _, list := range lists {
		if slices.ContainsFunc(list.Rows, func(row DayRow) bool {
			return row.PaymentID != a.PaymentID && row.Kind != DayRowPayment && (row.ConversationID == id || op.resembles(leg, row.ConversationID))
		}) {
			return true
		}
	}
	return false
}

// ownRow tells whether an attempt that the account holds made the row.
func (a *Account) ownRow(row DayRow) bool {
	id, attempt, ok := splitConversationID(row.ConversationID)
	if !ok {
		return false
	}
	op := a.Operation(id)
	return op != nil && (op.Restored || op.legOfAttempt(attempt) != nil)
}

// foreignRow tells whether the report showed the row too, as an entry that is not this attempt's. Each entry explains one row;
// a cancel all of its.
func (a *Account) foreignRow(row DayRow, used map[int]bool) bool {
	for i, f := range a.Foreign {
		cancel := row.Kind == DayRowCancel
		if f.Cancel != cancel || used[i] || !f.moved() || !f.CreatedAt.IsZero() && f.CreatedAt.Sub(row.At).Abs() > rowSlack {
			continue
		}
		if cancel {
			return true
		}
		if f.LineID == row.LineID && row.Amount.Currency() == f.Amount.Currency() && near(f.Amount, row.Amount) {
			used[i] = true
			return true
		}
	}
	return false
}

// assumedRow tells whether a row without an id may be the money of a succeeded leg: on its line, of its amount, in its time. A
// leg explains one row; one that iyzico split, as many as it has parts.
func (a *Account) assumedRow(row DayRow, taken map[*Leg]int, clocks time.Duration) bool {
	if plain(row.ConversationID) != "" || row.Amount.Currency() != a.Currency {
		return false
	}
	slack := clocks + assumeSlack
	for i := range a.Operations {
		op := &a.Operations[i]
		for j := range op.Legs {
			leg := &op.Legs[j]
			f := Foreign{Cancel: row.Kind == DayRowCancel, LineID: row.LineID, Amount: row.Amount}
			if leg.State != StateSucceeded || row.At.Before(op.CreatedAt.Add(-slack)) || row.At.After(leg.SendBy.Add(slack)) || !leg.mayHavePut(f) {
				continue
			}
			part := slices.ContainsFunc(leg.Parts, func(p Part) bool { return p.LineID == row.LineID && near(p.Amount, row.Amount) })
			whole := leg.API == APICancel || near(leg.Amount, row.Amount)
			if (part || whole) && taken[leg] < max(len(leg.Parts), 1, len(a.Lines)*cancels(leg)) {
				taken[leg]++
				return true
			}
		}
	}
	return false
}

// cancels is 1 for a leg whose money stands in a row of every line.
func cancels(leg *Leg) int {
	if leg.API == APICancel {
		return 1
	}
	return 0
}
