package payment

import (
	"fmt"
	"slices"
)

// Trigger is what happens to a leg.
type Trigger string

// The triggers. The first group is ours, the second is an answer to a request, the third is iyzico's report, the fourth
// is people.
const (
	TriggerSend        Trigger = "send"
	TriggerStopped     Trigger = "stopped"      // an earlier leg did not succeed
	TriggerStoppedNone Trigger = "stopped none" // an earlier leg was not sent, and nothing of the operation succeeded
	TriggerDue         Trigger = "due"          // its time passed

	TriggerOK        Trigger = "ok"
	TriggerOpened    Trigger = "opened"    // balance: the customer's page is open
	TriggerReview    Trigger = "review"    // fund: iyzico's fraud filter is looking
	TriggerRefused   Trigger = "refused"   // listed as moving no money
	TriggerNotSent   Trigger = "not sent"  // proved
	TriggerPostponed Trigger = "postponed" // not sent, but another leg of the operation succeeded
	TriggerLost      Trigger = "lost"      // everything else

	TriggerSeen        Trigger = "seen"        // the report holds our attempt as done
	TriggerAbsent      Trigger = "absent"      // enough agreeing reads, the last after the settle window
	TriggerConflicting Trigger = "conflicting" // evidence that cannot be explained, or none for too long

	TriggerReturned        Trigger = "returned"           // the customer's browser came back with the token
	TriggerOpenedReturned  Trigger = "opened, returned"   // the answer came after the browser, the token's hash is equal
	TriggerTokenLost       Trigger = "token lost"         // the answer was lost after a browser had come back
	TriggerResolvedDone    Trigger = "resolved: done"     // an operator's decision
	TriggerResolvedNotDone Trigger = "resolved: not done" // an operator's decision
	TriggerResolvedExpired Trigger = "resolved: expired"  // an operator's decision on a balance refund
)

// Transition is one allowed change of a leg. Kinds is empty where it holds for every kind.
type Transition struct {
	From  State
	On    Trigger
	Kinds []Kind
	To    State
}

var (
	sent    = []Kind{KindRefund, KindCancel, KindReversal, KindFundPayment}
	card    = kindsThat(func(k kindSpec) bool { return k.absenceProves })
	balance = []Kind{KindBalanceRefund}
	refunds = []Kind{KindRefund, KindCancel, KindReversal, KindBalanceRefund}
	fund    = []Kind{KindFundPayment}
)

// Transitions is the one table of what may happen to a leg. What it does not list does not change the state.
// docs/how-it-works.md draws it.
var Transitions = []Transition{
	{StateReserved, TriggerSend, nil, StateSending},
	{StateReserved, TriggerStopped, nil, StateNotExecuted},
	{StateReserved, TriggerStoppedNone, nil, StateNotSent},
	{StateReserved, TriggerDue, nil, StateNotExecuted},

	{StateSending, TriggerOK, sent, StateSucceeded},
	{StateSending, TriggerOpened, balance, StateAwaitingCustomer},
	{StateSending, TriggerReview, fund, StateInReview},
	{StateSending, TriggerRefused, nil, StateRejected},
	{StateSending, TriggerNotSent, nil, StateNotSent},
	{StateSending, TriggerPostponed, nil, StateReserved},
	{StateSending, TriggerLost, sent, StateUnknown},
	{StateSending, TriggerDue, sent, StateUnknown},
	{StateSending, TriggerLost, balance, StateNotSent},
	{StateSending, TriggerDue, balance, StateNotSent},
	{StateSending, TriggerTokenLost, balance, StateNeedsReview},
	{StateSending, TriggerReturned, balance, StateSending},
	{StateSending, TriggerOpenedReturned, balance, StateAwaitingMerchant},

	{StateUnknown, TriggerOK, nil, StateSucceeded},
	{StateUnknown, TriggerReview, fund, StateInReview},
	{StateUnknown, TriggerRefused, nil, StateRejected},
	{StateUnknown, TriggerNotSent, nil, StateNotExecuted}, // callers heard of unknown, so they hear of its end, too
	{StateUnknown, TriggerPostponed, sent, StateReserved},
	{StateUnknown, TriggerSeen, nil, StateSucceeded},
	{StateUnknown, TriggerAbsent, card, StateNotExecuted},
	{StateUnknown, TriggerAbsent, fund, StateNeedsReview},
	{StateUnknown, TriggerConflicting, nil, StateNeedsReview},
	{StateUnknown, TriggerDue, nil, StateNeedsReview},

	{StateNotSent, TriggerSend, nil, StateSending},
	{StateNotSent, TriggerSeen, refunds, StateNeedsReview},
	{StateNotSent, TriggerConflicting, refunds, StateNeedsReview},

	{StateInReview, TriggerSeen, fund, StateSucceeded},
	{StateInReview, TriggerRefused, fund, StateRejected},
	{StateInReview, TriggerDue, fund, StateNeedsReview},

	{StateAwaitingCustomer, TriggerReturned, balance, StateAwaitingMerchant},
	{StateAwaitingCustomer, TriggerSeen, balance, StateSucceeded},
	{StateAwaitingCustomer, TriggerDue, balance, StateNeedsReview},
	{StateAwaitingCustomer, TriggerConflicting, balance, StateNeedsReview},
	{StateAwaitingCustomer, TriggerResolvedDone, balance, StateSucceeded},
	{StateAwaitingCustomer, TriggerResolvedExpired, balance, StateExpired},

	{StateAwaitingMerchant, TriggerSeen, balance, StateSucceeded},
	{StateAwaitingMerchant, TriggerDue, balance, StateNeedsReview},
	{StateAwaitingMerchant, TriggerConflicting, balance, StateNeedsReview},
	{StateAwaitingMerchant, TriggerResolvedDone, balance, StateSucceeded},
	{StateAwaitingMerchant, TriggerResolvedExpired, balance, StateExpired},

	{StateNeedsReview, TriggerOK, nil, StateSucceeded},
	{StateNeedsReview, TriggerSeen, nil, StateSucceeded},
	{StateNeedsReview, TriggerReturned, balance, StateNeedsReview},
	{StateNeedsReview, TriggerResolvedDone, nil, StateSucceeded},
	{StateNeedsReview, TriggerResolvedNotDone, sent, StateNotExecuted},
	{StateNeedsReview, TriggerResolvedExpired, balance, StateExpired},

	{StateRejected, TriggerSeen, nil, StateNeedsReview},
	{StateRejected, TriggerConflicting, refunds, StateNeedsReview},
	{StateRejected, TriggerOK, nil, StateNeedsReview},
	{StateRejected, TriggerReturned, balance, StateNeedsReview},
	{StateNotExecuted, TriggerSeen, nil, StateNeedsReview},
	{StateNotExecuted, TriggerConflicting, refunds, StateNeedsReview},
	{StateNotExecuted, TriggerOK, nil, StateNeedsReview},
	{StateNotExecuted, TriggerReturned, balance, StateNeedsReview},
	{StateExpired, TriggerSeen, balance, StateNeedsReview},
	{StateExpired, TriggerConflicting, balance, StateNeedsReview},
	{StateExpired, TriggerOK, balance, StateNeedsReview},
	{StateExpired, TriggerReturned, balance, StateNeedsReview},
}

// Next tells where a leg of that kind goes; false where the table has no row.
func Next(kind Kind, from State, on Trigger) (State, bool) {
	for _, t := range Transitions {
		if t.From == from && t.On == on && (len(t.Kinds) == 0 || slices.Contains(t.Kinds, kind)) {
			return t.To, true
		}
	}
	return "", false
}

// move takes the leg through one transition and keeps what every change of state must: a leg that enters needs_review
// from a definite state is ended by a person only (I5), and one that leaves unknown starts its absence count anew.
// It reports whether the state changed.
func (o *Operation) move(leg *Leg, on Trigger) bool {
	if leg.FromFinal && (on == TriggerOK || on == TriggerSeen) {
		return false
	}
	to, ok := Next(o.Kind, leg.State, on)
	if !ok || to == leg.State {
		return false
	}
	if to == StateNeedsReview && (leg.State.definite() || leg.State == StateNotSent) {
		leg.FromFinal, o.Alarmed = true, true
	}
	leg.State = to
	if to != StateAwaitingCustomer {
		o.Page.SealedURL = ""
	}
	leg.forgetAbsences()
	if to == StateSucceeded {
		leg.Failure = nil
	}
	if to == StateNeedsReview && leg.API == APICancel {
		o.stopRest(TriggerStopped) // what was to go in the place of a cancel that may have taken the payment
	}
	return true
}

// Chart draws the table as a Mermaid state chart, one arrow for each pair of states.
func Chart() string {
	chart := "stateDiagram-v2\n    [*] --> reserved\n"
	for _, from := range States() {
		for _, to := range States() {
			label := ""
			for _, t := range Transitions {
				if t.From == from && t.To == to {
					label += ", " + string(t.On) + kindLabel(t.Kinds)
				}
			}
			if label != "" {
				chart += fmt.Sprintf("    %s --> %s: %s\n", from, to, label[2:])
			}
		}
	}
	return chart
}

func kindLabel(kinds []Kind) string {
	switch {
	case len(kinds) == 0:
		return ""
	case len(kinds) == 1 && kinds[0] == KindBalanceRefund:
		return " (balance)"
	case len(kinds) == 1:
		return " (fund)"
	case len(kinds) == len(card):
		return " (refund/cancel)"
	case !slices.Contains(kinds, KindFundPayment):
		return " (not fund)"
	}
	return " (not balance)"
}
