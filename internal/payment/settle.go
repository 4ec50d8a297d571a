package payment

import (
	"time"
)

const (
	// countingReads is how many agreeing reads of the report make absence.
	countingReads = 3
	// unreadableLimit is how long an unknown outcome may stay without one usable report before a person must look.
	unreadableLimit = 24 * time.Hour
	// followUpFirst, followUpSecond and followUpLast are when reconcile looks again after a definite "no".
	followUpFirst  = time.Hour
	followUpSecond = 24 * time.Hour
	followUpLast   = 72 * time.Hour
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
	return &Failure{Reason: ReasonNoAnswer, Message: "no answer was recorded before the attempt's deadline"}
}

// stopRest ends every leg that was not sent yet.
func (o *Operation) stopRest(on Trigger) {
	for i := range o.Legs {
		if o.Legs[i].State == StateReserved {
			o.move(&o.Legs[i], on)
		}
	}
}

// observe applies one report to everything that waits for one: what it says of the payment first, then of every attempt. It
// returns false if the report says nothing about this payment, which counts as a failed read.
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
	a.assume(r.ClockTolerance)
	readable := a.defect(&rep) == ""
	for i := range a.Operations {
		op := &a.Operations[i]
		for j := range op.Legs {
			r.judge(a, op, &op.Legs[j], rep, now)
		}
		for readable && len(op.FollowUps) > 0 && !rep.ReadAt.Before(op.FollowUps[0]) {
			op.FollowUps = op.FollowUps[1:]
		}
		if !readable {
			op.giveUpFollowUps(now)
			if len(op.FollowUps) > 0 && !op.FollowUps[0].After(now) {
				r.failedRead(a, now) // else it would be read again in every pass
			}
		}
		a.alarmStrays(op, rep)
	}
	return true
}

// judge moves one leg on by what the report says of its attempt, as the table of effects says.
func (r Rules) judge(a *Account, op *Operation, leg *Leg, rep Report, now time.Time) {
	if leg.API == APIFund {
		return
	}
	f := r.examine(a, op, leg, rep)
	switch EffectOf(leg.State, f.evidence) {
	case EffectSettle:
		r.settleSeen(a, op, leg, f, rep)
	case EffectReview:
		if r.review(op, leg, TriggerConflicting, now) {
			leg.Failure = conflicting(leg.API, f.evidence)
		}
	case EffectWait:
		r.awaitRest(op, leg, rep.ReadAt, now)
	case EffectNotCounted:
		r.notCounted(a, op, leg, now)
	case EffectCount:
		r.countAbsence(a, op, leg, rep, now)
	case EffectContradict:
		if r.review(op, leg, TriggerSeen, now) {
			leg.Seen = true
			r.keepProof(a, op, leg, f, rep)
		}
	case EffectDoubt:
		r.doubt(op, leg, now)
	case EffectAlarm:
		op.Alarmed = true
	case EffectProve:
		if leg.unplaced() || leg.Proof.RefundTxID == "" {
			r.keepProof(a, op, leg, f, rep)
		}
	case EffectNone:
	}
	switch {
	case leg.State == StateNeedsReview:
		leg.DueAt = nextReview(leg, now)
	case leg.awaiting():
		leg.DueAt = r.nextWatch(op, now)
	case leg.unplaced():
		leg.DueAt = now.Add(max(r.SettleWindow/4, now.Sub(op.CreatedAt)/4))
	}
}

// doubt reserves the amount of a definite "no" again, unless a person has decided about it: whoever decided has seen it.
func (r Rules) doubt(op *Operation, leg *Leg, now time.Time) {
	if op.Resolution == nil {
		r.review(op, leg, TriggerConflicting, now)
	}
}

// settleSeen settles by positive evidence. Where a person must end it, the amount counts as refunded.
func (r Rules) settleSeen(a *Account, op *Operation, leg *Leg, f finding, rep Report) {
	if !op.move(leg, TriggerSeen) {
		if !leg.FromFinal || leg.API == APIBalanceInit && a.otherwise(op) {
			return
		}
		leg.Seen = true
	}
	r.keepProof(a, op, leg, f, rep)
}

// keepProof keeps what iyzico gave as evidence.
func (r Rules) keepProof(a *Account, op *Operation, leg *Leg, f finding, rep Report) {
	switch {
	case leg.API == APIBalanceInit:
		a.claimBalance(op, leg, f, r.behind(rep))
	case len(f.entries) > 0:
		a.prove(leg, f)
	}
}

// conflicting says why a person must look.
func conflicting(api API, evidence Evidence) *Failure {
	switch {
	case api == APIBalanceInit:
		return &Failure{Reason: ReasonUnexplainedEntries, Message: "iyzico's report lists something new on the payment that is not this refund as a whole"}
	case evidence == EvidenceUnexplained:
		return &Failure{Reason: ReasonUnexplainedEntries, Message: "iyzico lists a refund or cancel that is new on the payment and carries no known id: it may be this one"}
	case evidence == EvidenceOpen:
		return &Failure{Reason: ReasonOpenAtIyzico, Message: "iyzico lists this attempt with a status that says neither done nor failed"}
	case evidence == EvidencePart:
		return &Failure{Reason: ReasonPartDone, Message: "iyzico lists less than was asked for as done"}
	}
	return &Failure{Reason: ReasonListedOtherwise, Message: "iyzico lists this attempt as done, with another amount or in another place"}
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
