package payment

import (
	"slices"
	"time"
)

// restore recognises an operation that iyzico's report holds and this table forgot, because it was restored to an older
// state: the id is a hash of payment and key, so the same request finds its own attempts. It is settled, never sent.
func (r Rules) restore(a *Account, c Command, rep Report, now time.Time) bool {
	id := c.OperationID()
	forgotten := rep.entriesOf(id)
	if old := a.Operation(id); old != nil {
		forgotten = slices.DeleteFunc(forgotten, func(e Entry) bool {
			_, attempt, _ := splitConversationID(e.ConversationID)
			return attempt <= old.Attempts
		})
	}
	if len(forgotten) == 0 {
		return false
	}
	a.Foreign = slices.DeleteFunc(a.Foreign, func(f Foreign) bool {
		return slices.ContainsFunc(forgotten, func(e Entry) bool { return e.key() == f.TxID })
	})
	// The legs are those of the first time as far as they can be told: planned on the payment without this
	// operation's own entries, or else one for each entry.
	legs, err := a.plan(c)
	if err != nil {
		legs = legsOf(forgotten, c)
	}
	op := Operation{Legs: legs, Restored: true}
	for _, e := range forgotten {
		_, attempt, _ := splitConversationID(e.ConversationID)
		op.Attempts = max(op.Attempts, attempt)
	}
	for i := range op.Legs {
		leg := &op.Legs[i]
		leg.State, leg.Attempt, leg.SendBy, leg.DueAt = StateUnknown, op.Attempts, now, now
	}
	kept := a.put(op, c, now)
	for i := range kept.Legs {
		r.judge(a, kept, &kept.Legs[i], rep, now)
	}
	return true
}

func legsOf(entries []Entry, c Command) []Leg {
	var legs []Leg
	for _, e := range entries {
		leg := Leg{API: APIRefund, LineID: e.LineID, Amount: e.Amount}
		switch {
		case c.Kind == KindCancel:
			return []Leg{{API: APICancel, Amount: e.Amount}}
		case c.Allocation == AllocateByIyzico:
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
