package payment

import (
	"slices"
	"time"

	"github.com/iade/iade/internal/money"
)

// restore recognises an operation that iyzico's report holds and this table forgot, because it was restored to an older
// state: the id is a hash of payment and key, so the same request finds its own attempts. It is settled, never sent. A
// request that cannot have made what iyzico lists used the key for something else (I6): CodeKeyReused.
func (r Rules) restore(a *Account, c Command, rep Report, now time.Time) (bool, error) {
	id := c.OperationID()
	if c.Kind == KindRefund && slices.ContainsFunc(rep.entriesOf(id), func(e Entry) bool { return !c.mayHaveMade(e, rep) }) {
		return false, fail(CodeKeyReused, "This key already made another refund of this payment, which iyzico lists. Read the payment before you ask with a new key: that is a second refund.")
	}
	held := 0
	if old := a.Operation(id); old != nil {
		held = old.Attempts
	}
	// An attempt that was proved not sent may be listed as failed. Listed as done, it is settled like a forgotten one.
	foreign := slices.Clone(a.Foreign)
	forgotten := a.takeOver(id, rep, func(attempt int, e Entry) bool { return attempt > held || e.moved() })
	if len(forgotten) == 0 {
		return false, nil
	}
	// The legs are those of the first time as far as they can be told: the entries' own where they make up the whole,
	// else those planned on the payment without them, or else one for each entry.
	legs, err := a.planAgain(c, forgotten, now)
	if err != nil && c.Kind == KindRefund && !c.Full && !inFull(forgotten, c) {
		a.Foreign = foreign // less than was asked for was done, and the rest can be neither done nor promised any more
		return false, err
	}
	if err != nil || c.Kind == KindRefund && c.LineID == "" && !c.Full && inFull(forgotten, c) {
		legs = legsOf(forgotten, c)
	}
	op := Operation{Legs: legs, Restored: true, Attempts: lastAttempt(forgotten)}
	for i := range op.Legs {
		leg := &op.Legs[i]
		leg.State, leg.Attempt, leg.SendBy, leg.DueAt = StateUnknown, op.Attempts, now, now
		if r.Limits.set() && c.Kind.spec().leaves {
			leg.CountedOn = DayOf(now) // the day on which it counted is forgotten with it
		}
	}
	kept := a.put(op, c, now)
	if c.Kind == KindBalanceRefund { // nothing of it settles by absence
		r.review(kept, &kept.Legs[0], TriggerConflicting, now)
	}
	for i := range kept.Legs {
		r.judge(a, kept, &kept.Legs[i], rep, now)
	}
	return true, nil
}

// mayHaveMade tells whether a refund can have made an entry that stands under its id. On one line each of its attempts asks
// for its whole amount; on several lines today's plan says too little of the first one's.
func (c Command) mayHaveMade(e Entry, rep Report) bool {
	if c.LineID != "" && (e.Cancel || e.LineID != c.LineID) {
		return false
	}
	oneLine := c.LineID != "" || len(rep.Lines) == 1
	return !oneLine || c.Full || !e.moved() || e.Amount.Decimal().Equal(c.Amount.Decimal())
}

// takeOver gives the report's entries of an operation that match accepts, and counts them as foreign no longer.
func (a *Account) takeOver(operationID string, rep Report, match func(attempt int, e Entry) bool) []Entry {
	entries := slices.DeleteFunc(rep.entriesOf(operationID), func(e Entry) bool {
		_, attempt, _ := splitConversationID(e.ConversationID)
		return !match(attempt, e)
	})
	a.Foreign = slices.DeleteFunc(a.Foreign, func(f Foreign) bool {
		return slices.ContainsFunc(entries, func(e Entry) bool { return e.key() == f.key() })
	})
	return entries
}

func lastAttempt(entries []Entry) int {
	last := 0
	for _, e := range entries {
		_, attempt, _ := splitConversationID(e.ConversationID)
		last = max(last, attempt)
	}
	return last
}

// recall takes over what iyzico lists of an operation and the restored table forgot: attempts above the last that the
// table holds, for a mark is saved before its request leaves. Which of its unsent legs were sent meanwhile is not known, so
// all of them wait for evidence and none is sent (I2); one that was given up is contradicted. A leg that waits because
// its attempt was proved not sent is not sent either once iyzico lists that attempt as done.
func (a *Account) recall(op *Operation, rep Report, now time.Time) {
	if len(op.Legs) == 0 || op.Status() == StatusNotSent {
		return // restore recognises these when their key asks again
	}
	unsent := op.hasLeg(StateReserved)
	forgotten := a.takeOver(op.ID, rep, func(attempt int, e Entry) bool {
		stray := unsent && e.moved() && op.legOfAttempt(attempt) == nil
		op.Alarmed = op.Alarmed || (stray && attempt <= op.Attempts)
		return stray || attempt > op.Attempts
	})
	if len(forgotten) == 0 {
		return
	}
	op.Restored, op.Attempts = true, max(op.Attempts, lastAttempt(forgotten))
	for i := range op.Legs {
		leg := &op.Legs[i]
		if leg.Attempt == 0 {
			leg.Attempt, leg.SendBy = op.Attempts, now
		}
		if leg.State == StateReserved && op.move(leg, TriggerSend) && op.move(leg, TriggerLost) {
			leg.DueAt = now
		}
	}
}

// inFull tells whether the entries make up the amount that was asked for. Where no line was named, what was refundable on
// each line may have been different then, so the plan of today says less than they do.
func inFull(entries []Entry, c Command) bool {
	sum := money.Zero(c.Amount.Currency())
	for _, e := range entries {
		if !e.moved() {
			return false
		}
		sum = sum.Add(money.New(e.Amount.Decimal(), sum.Currency()))
	}
	return sum.Equal(c.Amount)
}

// legsOf gives a leg for each line of the entries of a refund; one for all of them with Refund v2.
func legsOf(entries []Entry, c Command) []Leg {
	var legs []Leg
	for _, e := range entries {
		leg := Leg{API: c.lineAPI(), LineID: e.LineID, Amount: e.Amount}
		if c.Allocation == AllocateByIyzico {
			leg.API, leg.LineID = APIRefundV2, ""
		}
		if i := slices.IndexFunc(legs, func(l Leg) bool { return l.API == leg.API && l.LineID == leg.LineID }); i >= 0 {
			legs[i].Amount = legs[i].Amount.Add(leg.Amount)
			continue
		}
		legs = append(legs, leg)
	}
	return legs
}
