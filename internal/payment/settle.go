package payment

import (
	"slices"
	"time"

	"github.com/iade/iade/internal/money"
)

const (
	// countingReads is how many agreeing reads make absence (design §3 "Settle").
	countingReads = 3
	// unreadableLimit is how long an unknown outcome may stay without one usable report before a person must look.
	unreadableLimit = 24 * time.Hour
	// followUpFirst and followUpLast are when reconcile looks again after a definite "no".
	followUpFirst = time.Hour
	followUpLast  = 24 * time.Hour
	// followUpLimit is how long a follow-up is tried while the report cannot be read.
	followUpLimit = 48 * time.Hour
)

// passTime applies what time alone decides: an attempt past its deadline is unknown, whoever was to answer for it (I2,
// I7); a leg that nobody went on with ends.
func (r Rules) passTime(a *Account, now time.Time) {
	for i := range a.Operations {
		op := &a.Operations[i]
		for j := range op.Legs {
			leg := &op.Legs[j]
			switch {
			case leg.State == StateSending && !now.Before(leg.SendBy) && len(op.Page.Returned) > 0:
				if r.review(op, leg, TriggerTokenLost, now) {
					leg.Failure = noAnswer()
				}
			case leg.State == StateSending && !now.Before(leg.SendBy):
				if op.move(leg, TriggerDue) {
					leg.Failure = noAnswer()
					leg.DueAt = now.Add(r.SettleWindow / 30)
					op.stopRest(TriggerStopped)
				}
			case leg.State == StateReserved && !now.Before(op.DeadlineAt):
				op.move(leg, TriggerDue)
			case leg.State == StateInReview && now.Sub(op.CreatedAt) >= reviewLimit:
				r.review(op, leg, TriggerDue, now)
			default:
				r.expire(op, leg, now)
			}
		}
	}
}

func noAnswer() *Failure {
	return &Failure{Reason: "no-answer", Message: "no answer was recorded before the attempt's deadline"}
}

// stopRest ends every leg that was not sent yet.
func (o *Operation) stopRest(on Trigger) {
	for i := range o.Legs {
		if o.Legs[i].State == StateReserved {
			o.move(&o.Legs[i], on)
		}
	}
}

// observe applies one report to everything that waits for one. It returns false if the report says nothing about this
// payment, which counts as a failed read.
func (r Rules) observe(a *Account, rep Report, now time.Time) bool {
	if a.ID.isFund() {
		r.observeFund(a, rep, now)
		return true
	}
	if !rep.Listed || !rep.fits(a) {
		r.unreadable(a, now)
		return false
	}
	for i := range a.Operations {
		a.recall(&a.Operations[i], rep, now)
	}
	a.absorb(rep)
	for i := range a.Operations {
		op := &a.Operations[i]
		for j := range op.Legs {
			r.judge(a, op, &op.Legs[j], rep, now)
		}
		for len(op.FollowUps) > 0 && !rep.ReadAt.Before(op.FollowUps[0]) {
			op.FollowUps = op.FollowUps[1:]
		}
		a.alarmStrays(op, rep)
	}
	return true
}

// evidence is what a report says about one leg's attempt.
type evidence struct {
	moved    money.Amount // what entries of our id moved
	entries  []Entry      // those that moved
	other    bool         // an entry of our id with another status
	misfit   bool         // our id on another line, or a cancel where a refund was asked for
	held     bool         // any entry of our id that moved money, misfits too
	present  bool         // any entry of our id
	complete bool         // exactly what was asked for
}

// evidenceFor collects the entries of the leg's current attempt. A restored operation takes any attempt of its id on the
// leg's own line, and what stands on no line of its own speaks against every leg: it is nobody's absence.
func (op *Operation) evidenceFor(leg *Leg, rep Report) evidence {
	ev := evidence{moved: money.Zero(leg.Amount.Currency())}
	for _, e := range rep.entriesOf(op.ID) {
		_, attempt, _ := splitConversationID(e.ConversationID)
		mine := attempt == leg.Attempt
		if op.Restored {
			mine = leg.API != APIRefund || e.LineID == leg.LineID || !slices.ContainsFunc(op.Legs, func(l Leg) bool { return l.fits(e) })
		}
		if !mine || leg.Attempt == 0 {
			continue
		}
		ev.present = true
		ev.held = ev.held || e.moved()
		switch {
		case !leg.fits(e):
			ev.misfit = true
		case !e.moved():
			ev.other = true
		default:
			ev.moved = ev.moved.Add(e.Amount)
			ev.entries = append(ev.entries, e)
		}
	}
	ev.complete = !ev.misfit && len(ev.entries) > 0 && (leg.API == APICancel || ev.moved.Equal(leg.Amount))
	return ev
}

// exceeds tells whether more moved under the leg's id than was asked for.
func (ev evidence) exceeds(leg *Leg) bool {
	return leg.API != APICancel && ev.moved.Cmp(leg.Amount) > 0
}

// judge moves one leg on by what the report says of its attempt.
func (r Rules) judge(a *Account, op *Operation, leg *Leg, rep Report, now time.Time) {
	if leg.API == APIBalanceInit {
		r.judgeBalance(a, op, leg, rep, now)
		return
	}
	ev := op.evidenceFor(leg, rep)
	switch leg.State {
	case StateUnknown:
		r.judgeUnknown(a, op, leg, ev, rep, now)
	case StateNeedsReview:
		switch {
		case ev.complete && op.move(leg, TriggerSeen):
			leg.prove(ev)
		case len(ev.entries) > 0 && leg.FromFinal:
			leg.Seen = true
		}
		if leg.State == StateNeedsReview {
			leg.DueAt = nextReview(leg, now)
		}
	case StateRejected, StateNotExecuted, StateExpired, StateNotSent:
		// I5: the outcome was definite, or proved not sent, and iyzico holds it as done.
		if len(ev.entries) > 0 && r.review(op, leg, TriggerSeen, now) {
			leg.Seen = true
			leg.prove(ev)
		}
	case StateSucceeded:
		r.judgeSucceeded(op, leg, ev, now)
	case StateReserved, StateSending, StateInReview, StateAwaitingCustomer, StateAwaitingMerchant:
	}
}

// judgeUnknown settles by evidence (design §3 "Settle"). Positive evidence settles at once. Absence needs
// countingReads agreeing reads at least a quarter of the window apart, the last after the whole window since the
// attempt's deadline: until then the request may still be in work at iyzico.
func (r Rules) judgeUnknown(a *Account, op *Operation, leg *Leg, ev evidence, rep Report, now time.Time) {
	pastWindow := !rep.ReadAt.Before(leg.SendBy.Add(r.SettleWindow))
	short := len(ev.entries) > 0 && !ev.complete
	switch {
	case ev.complete:
		op.move(leg, TriggerSeen)
		leg.prove(ev)
		return
	case ev.misfit, ev.other, ev.exceeds(leg), short && pastWindow:
		r.review(op, leg, TriggerConflicting, now)
		return
	case short:
		leg.Absences, leg.AbsentAt = 0, zeroTime
		leg.DueAt = now.Add(r.SettleWindow / 4)
		return
	case a.unexplained(op, r.behind(rep)):
		r.review(op, leg, TriggerConflicting, now)
		return
	}
	r.countAbsence(op, leg, rep, now)
}

// countAbsence takes one read that shows nothing of the attempt.
func (r Rules) countAbsence(op *Operation, leg *Leg, rep Report, now time.Time) {
	windowEnd := leg.SendBy.Add(r.SettleWindow)
	if rep.ReadAt.Before(leg.SendBy) || (leg.Absences > 0 && rep.ReadAt.Before(leg.AbsentAt.Add(r.SettleWindow/4))) {
		return
	}
	if leg.Absences+1 >= countingReads && !rep.ReadAt.Before(windowEnd) {
		if op.move(leg, TriggerAbsent) && leg.State == StateNeedsReview {
			leg.ReviewSince, leg.DueAt = now, nextReview(leg, now)
		}
		return
	}
	leg.Absences = min(leg.Absences+1, countingReads-1)
	leg.AbsentAt = rep.ReadAt
	leg.DueAt = now.Add(r.SettleWindow / 4)
	if leg.Absences == countingReads-1 && leg.DueAt.Before(windowEnd) {
		leg.DueAt = windowEnd
	}
}

// judgeSucceeded learns the line of a v2 refund, and sees a contradiction: iyzico lists our attempt, and not as done.
func (r Rules) judgeSucceeded(op *Operation, leg *Leg, ev evidence, now time.Time) {
	switch {
	case leg.unplaced() && ev.complete:
		leg.prove(ev)
	case leg.unplaced():
		leg.DueAt = now.Add(max(r.SettleWindow/4, now.Sub(op.CreatedAt)/4))
	case leg.Proof.RefundTxID == "" && ev.complete:
		leg.prove(ev)
	}
	notDone := ev.present && len(ev.entries) == 0
	if ev.misfit || notDone || ev.exceeds(leg) || (leg.API == APIRefund && ev.present && !ev.complete) {
		op.Alarmed = true
	}
}

// review moves a leg into needs_review and says when it is read again.
func (r Rules) review(op *Operation, leg *Leg, on Trigger, now time.Time) bool {
	if !op.move(leg, on) {
		return false
	}
	if leg.State == StateNeedsReview {
		leg.ReviewSince = now
		leg.DueAt = nextReview(leg, now)
	}
	return true
}

// nextReview is hourly for a day, then daily.
func nextReview(leg *Leg, now time.Time) time.Time {
	if now.Sub(leg.ReviewSince) < 24*time.Hour {
		return now.Add(time.Hour)
	}
	return now.Add(24 * time.Hour)
}

// prove keeps what the report gives as evidence: at least one entry that moved.
func (l *Leg) prove(ev evidence) {
	first := ev.entries[0]
	l.Proof.RefundTxID = first.TxID
	if l.Proof.AuthCode == "" {
		l.Proof.AuthCode = first.AuthCode
	}
	if l.Proof.HostReference == "" {
		l.Proof.HostReference = first.HostReference
	}
	if l.API != APIRefundV2 {
		return
	}
	l.Parts = nil
	for _, e := range ev.entries {
		l.Parts = append(l.Parts, Part{e.LineID, e.Amount})
	}
}

// alarmStrays raises I5 for an attempt that was proved not sent and given up, and that iyzico lists as done all the same.
// Its amount counts as foreign.
func (a *Account) alarmStrays(op *Operation, rep Report) {
	if op.Restored {
		return
	}
	for _, e := range rep.entriesOf(op.ID) {
		_, attempt, _ := splitConversationID(e.ConversationID)
		if e.moved() && attempt <= op.Attempts && op.legOfAttempt(attempt) == nil {
			op.Alarmed = true
		}
	}
}
