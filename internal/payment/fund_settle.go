package payment

import "time"

// reviewLimit is how long iyzico's fraud filter may look at a fund payment before a person must.
const reviewLimit = 7 * 24 * time.Hour

// standing is what a report says about a fund payment's attempt.
type standing int

const (
	standsAbsent      standing = iota // nothing is listed under its conversation id
	standsConflicting                 // something else than what was asked for
	standsUnclear                     // a status that no source explains
	standsInReview                    // iyzico's fraud filter is looking
	standsRefused                     // iyzico says that it was not paid
	standsCharged
)

// standingOf compares a report with what was asked for. A report that was asked for by the payment id, which only iyzico's
// own answer names, need not show the conversation id: that fund payments keep it is likely, not documented (docs/iyzico.md §4.1).
func (op *Operation) standingOf(leg *Leg, rep Report) standing {
	switch known := op.Fund.Made.PaymentID; {
	case rep.PaymentID == "":
		return standsAbsent
	case known != "" && known != rep.PaymentID,
		known == "" && rep.ConversationID != ConversationID(op.ID, leg.Attempt),
		rep.Ambiguous, rep.PaidAmount.Currency() != leg.Amount.Currency(), !near(rep.PaidAmount, leg.Amount):
		return standsConflicting
	case rep.Charged && rep.FraudStatus != nil && rep.linesAddUp() && !rep.doubleLine():
		return standsCharged // without fraudStatus iyzico may still be looking; without a line the new payment's account would lack it
	case rep.Refused:
		return standsRefused
	case rep.FraudStatus != nil && *rep.FraudStatus == 0:
		return standsInReview
	}
	return standsUnclear
}

// made is the payment that a report shows.
func (rep Report) made() MadePayment {
	return MadePayment{rep.PaymentID, rep.PaymentStatus, rep.FraudStatus, rep.PaidAt, rep.Lines}
}

// observeFund applies one read to a fund payment. A report that lists nothing is an answer here: the payment itself is
// what is looked for.
func (r Rules) observeFund(a *Account, rep Report, now time.Time) {
	if rep.ReadAt.After(a.ReportReadAt) {
		a.ReportReadAt = rep.ReadAt
	}
	for i := range a.Operations {
		op := &a.Operations[i]
		for j := range op.Legs {
			r.judgeFund(a, op, &op.Legs[j], rep, now)
		}
		for len(op.FollowUps) > 0 && !rep.ReadAt.Before(op.FollowUps[0]) {
			op.FollowUps = op.FollowUps[1:]
		}
	}
}

// judgeFund moves a fund payment on by what the report says. Only positive evidence settles it: absence never ends it as
// not executed, because no source promises that iyzico keeps our conversation id .
func (r Rules) judgeFund(a *Account, op *Operation, leg *Leg, rep Report, now time.Time) {
	stands := op.standingOf(leg, rep)
	switch leg.State {
	case StateUnknown:
		r.judgeUnknownFund(a, op, leg, stands, rep, now)
	case StateInReview:
		switch stands {
		case standsCharged:
			op.seenPaid(leg, rep, now)
		case standsRefused:
			if op.Fund.take(rep.made()) && op.move(leg, TriggerRefused) {
				leg.Failure = &Failure{Reason: ReasonDeclined, Message: "iyzico's fraud filter turned the payment down"}
			}
		case standsConflicting:
			op.Alarmed = true
		case standsAbsent, standsUnclear, standsInReview:
		}
		leg.DueAt = r.nextLook(op, now)
	case StateNeedsReview:
		switch {
		case stands == standsCharged && leg.FromFinal:
			leg.Seen = true
		case stands == standsCharged:
			op.seenPaid(leg, rep, now)
		}
		if leg.State == StateNeedsReview {
			leg.DueAt = nextReview(leg, now)
		}
	case StateRejected, StateNotExecuted:
		// I5: the outcome was definite, and iyzico holds it as done.
		if stands == standsCharged && op.Fund.take(rep.made()) && r.review(op, leg, TriggerSeen, now) {
			leg.Seen = true
		}
	case StateSucceeded:
		if stands == standsRefused || stands == standsConflicting {
			op.Alarmed = true
		}
	case StateReserved, StateSending, StateNotSent, StateExpired, StateAwaitingCustomer, StateAwaitingMerchant:
	}
}

func (r Rules) judgeUnknownFund(a *Account, op *Operation, leg *Leg, stands standing, rep Report, now time.Time) {
	pastWindow := !rep.ReadAt.Before(leg.SendBy.Add(r.SettleWindow))
	switch stands {
	case standsCharged:
		op.seenPaid(leg, rep, now)
	case standsInReview:
		op.Fund.take(rep.made())
		op.move(leg, TriggerReview)
		leg.DueAt = r.nextLook(op, now)
	case standsConflicting, standsRefused:
		r.review(op, leg, TriggerConflicting, now)
	case standsUnclear:
		leg.forgetAbsences()
		leg.DueAt = now.Add(r.SettleWindow / 4)
		if pastWindow {
			r.review(op, leg, TriggerConflicting, now)
		}
	case standsAbsent:
		r.countAbsence(a, op, leg, rep, now)
	}
}

// seenPaid settles a leg by positive evidence. The payment's account is opened next, so the account stays due.
func (op *Operation) seenPaid(leg *Leg, rep Report, now time.Time) {
	if op.Fund.take(rep.made()) && op.move(leg, TriggerSeen) {
		leg.DueAt = now
	}
}

// nextLook is when a payment in review is read again: soon at first, ever more rarely, hourly at last.
func (r Rules) nextLook(op *Operation, now time.Time) time.Time {
	return now.Add(min(max(now.Sub(op.CreatedAt)/4, r.SettleWindow/30), time.Hour))
}

// resolvePaid takes over the payment that a person says was made, where iyzico lists one that the account can count by.
func (op *Operation) resolvePaid(leg *Leg, rep Report, now time.Time) {
	if rep.PaymentID != "" && rep.Currency == leg.Amount.Currency() {
		op.Fund.take(rep.made())
	}
	leg.DueAt = now
}
