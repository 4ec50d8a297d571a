package payment

import "strings"

// Evidence is what iyzico's report, or its day list, says of one attempt. Exactly one of them holds: the first that applies.
type Evidence string

// The evidence, strongest first. The words stand in docs/evidence.md.
const (
	EvidenceDone        Evidence = "done"        // our id, our amount, refundStatus 1, where the attempt would put it
	EvidenceWrong       Evidence = "wrong"       // our id moved money elsewhere, or more than was asked for
	EvidencePart        Evidence = "part"        // our id moved less than was asked for
	EvidenceOpen        Evidence = "open"        // our id with another status and no error code
	EvidenceUnexplained Evidence = "unexplained" // an entry that was not there before, and that nothing of ours explains
	EvidenceFailed      Evidence = "failed"      // our id with another status and an error code
	EvidenceUnreadable  Evidence = "unreadable"  // incomplete, inconsistent, not fresh, or an id that looks like ours
	EvidenceAbsent      Evidence = "absent"      // complete, consistent, fresh, and nothing of it
)

// AllEvidence lists the evidence in the order in which it applies.
func AllEvidence() []Evidence {
	return []Evidence{
		EvidenceDone, EvidenceWrong, EvidencePart, EvidenceOpen, EvidenceUnexplained, EvidenceFailed, EvidenceUnreadable, EvidenceAbsent,
	}
}

// Effect is what evidence does to a leg.
type Effect string

// The effects.
const (
	EffectNone       Effect = "-"                             // nothing
	EffectSettle     Effect = "succeeded"                     // TriggerSeen
	EffectReview     Effect = "needs_review"                  // TriggerConflicting: the reservation is kept
	EffectWait       Effect = "wait; after the window review" // the count of absences begins anew
	EffectNotCounted Effect = "wait; after a day review"      // the read proves nothing
	EffectCount      Effect = "count; enough: not_executed"   // one of the reads that absence needs
	EffectContradict Effect = "needs_review, refunded, alarm" // I5: the amount counts as refunded
	EffectDoubt      Effect = "needs_review, reserved, alarm" // I5: the amount is reserved again
	EffectAlarm      Effect = "alarm"                         // I5: the state stays
	EffectProve      Effect = "keep the proof"
)

// effects is the one table of what evidence does in each state of a leg of a refund, a cancel or a balance refund. A row
// is in the order of AllEvidence.
//
// A needs_review that was entered from a final state is ended by a person only: there EffectSettle counts the amount as
// refunded and changes no state.
var effects = map[State][8]Effect{
	//                      done              wrong             part              open          unexplained   failed            unreadable        absent
	StateReserved:         {EffectNone, EffectNone, EffectNone, EffectNone, EffectNone, EffectNone, EffectNone, EffectNone},
	StateSending:          {EffectNone, EffectNone, EffectNone, EffectNone, EffectNone, EffectNone, EffectNone, EffectNone},
	StateUnknown:          {EffectSettle, EffectReview, EffectWait, EffectReview, EffectReview, EffectNotCounted, EffectNotCounted, EffectCount},
	StateNotSent:          {EffectContradict, EffectDoubt, EffectContradict, EffectDoubt, EffectDoubt, EffectNone, EffectNone, EffectNone},
	StateInReview:         {EffectNone, EffectNone, EffectNone, EffectNone, EffectNone, EffectNone, EffectNone, EffectNone},
	StateAwaitingCustomer: {EffectSettle, EffectReview, EffectReview, EffectReview, EffectReview, EffectNone, EffectNone, EffectNone},
	StateAwaitingMerchant: {EffectSettle, EffectReview, EffectReview, EffectReview, EffectReview, EffectNone, EffectNone, EffectNone},
	StateNeedsReview:      {EffectSettle, EffectNone, EffectNone, EffectNone, EffectNone, EffectNone, EffectNone, EffectNone},
	StateSucceeded:        {EffectProve, EffectAlarm, EffectAlarm, EffectAlarm, EffectNone, EffectAlarm, EffectNone, EffectNone},
	StateRejected:         {EffectContradict, EffectDoubt, EffectContradict, EffectDoubt, EffectDoubt, EffectNone, EffectNone, EffectNone},
	StateNotExecuted:      {EffectContradict, EffectDoubt, EffectContradict, EffectDoubt, EffectDoubt, EffectNone, EffectNone, EffectNone},
	StateExpired:          {EffectContradict, EffectDoubt, EffectContradict, EffectDoubt, EffectDoubt, EffectNone, EffectNone, EffectNone},
}

// EffectOf tells what evidence does to a leg in a state.
func EffectOf(state State, evidence Evidence) Effect {
	for i, e := range AllEvidence() {
		if e == evidence {
			return effects[state][i]
		}
	}
	return EffectNone
}

// EvidenceTable writes the table as Markdown, a row for each state.
func EvidenceTable() string {
	var table strings.Builder
	table.WriteString("| state |")
	for _, e := range AllEvidence() {
		table.WriteString(" " + string(e) + " |")
	}
	table.WriteString("\n|---|" + strings.Repeat("---|", len(AllEvidence())) + "\n")
	for _, state := range States() {
		table.WriteString("| `" + string(state) + "` |")
		for _, e := range AllEvidence() {
			table.WriteString(" " + string(EffectOf(state, e)) + " |")
		}
		table.WriteString("\n")
	}
	return table.String()
}
