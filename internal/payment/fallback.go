package payment

import (
	"slices"

	"github.com/iade/iade/internal/money"
)

// codeNoV2 is iyzico's errorCode for a Refund v2 of a merchant who may not use it (marketplaces): it moved nothing, and asking
// again never helps. Source: tests of the client feroxbyte/iyzico-js against iyzico's sandbox.
const codeNoV2 = "5266"

// refusedForGood tells whether iyzico does not offer the leg's call to this merchant at all.
func (l *Leg) refusedForGood() bool {
	return l.API == APIRefundV2 && l.State == StateRejected && l.Failure != nil && l.Failure.Code == codeNoV2
}

// fellBack tells whether the operation's Refund v2 of everything was refused for good, so that the lines' floors go instead.
func (o *Operation) fellBack() bool {
	return o.Allocation == AllocateNone && slices.ContainsFunc(o.Legs, func(l Leg) bool { return l.refusedForGood() })
}

// fallBack plans each line's floor where iyzico does not offer Refund v2 to this merchant. A part below the minor unit stays
// behind on each line. It plans nothing where the caller chose Refund v2 himself.
func (a *Account) fallBack(op *Operation) {
	if op.fellBack() && len(op.Legs) == 1 {
		t := a.Totals()
		op.Legs = append(op.Legs, inOrder(t, money.Min(op.Amount, t.byLines()))...)
	}
}

// unrefundable is the part of the operation's amount that iyzico cannot be asked for, zero where there is none.
func (o *Operation) unrefundable() money.Amount {
	left := money.Zero(o.Amount.Currency())
	if !o.fellBack() {
		return left
	}
	left = o.Amount
	for i := range o.Legs {
		if o.Legs[i].API == APIRefund {
			left = left.Sub(o.Legs[i].Amount)
		}
	}
	return left
}
