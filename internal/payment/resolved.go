package payment

import (
	"slices"
	"time"

	"github.com/iade/iade/internal/money"
)

// resolved records a person's decision about what iade cannot settle. The report is read first: it may settle the
// operation by itself, and it bounds what a person may say.
func (r Rules) resolved(a *Account, e Resolved, now time.Time) error {
	op := a.Operation(e.OperationID)
	if past := a.pastByID(e.OperationID); op == nil && past != nil && past.id(a.PaymentID) == e.OperationID {
		resource := past.Resource(a.PaymentID)
		return &Error{Code: CodeNotResolvable, Operation: &resource, Message: "the operation is " + string(past.Status) + ", and settled for good"}
	}
	if op == nil {
		return fail(CodeNotFound, "there is no operation "+e.OperationID)
	}
	if !op.resolvable() {
		if op.Resolution != nil && op.Resolution.Decision == e.Decision {
			return nil
		}
		return a.notInReview(op)
	}
	if e.Report == nil {
		return ErrReadFirst
	}
	r.passTime(a, now)
	if !r.observe(a, *e.Report, now) {
		return &Error{Code: CodeUnavailable, Message: "iyzico's report does not list the payment: ask again later", RetryAfter: time.Minute}
	}
	if op.Status() == StatusSucceeded && e.Decision == DecideSucceeded {
		return nil // the report settled it the same way
	}
	if !op.resolvable() {
		return a.notInReview(op)
	}
	decided := a.clone()
	if why := decided.decide(e, *e.Report, r.behind(*e.Report), now); why != "" {
		return a.notResolvable(op, why)
	}
	*a = decided
	return nil
}

// decide applies the decision to every leg that waits for one, or says why it cannot be; the account is then of no use.
func (a *Account) decide(e Resolved, rep Report, behind time.Duration, now time.Time) (why string) {
	op := a.Operation(e.OperationID)
	meant := op.meant(rep)
	for i := range op.Legs {
		leg := &op.Legs[i]
		if !leg.resolvable() {
			continue
		}
		done := e.Decision == DecideSucceeded && meant[i]
		on := TriggerResolvedNotDone
		switch {
		case done:
			on = TriggerResolvedDone
		case op.Kind == KindBalanceRefund:
			on = TriggerResolvedExpired
		}
		if e.Decision == DecideNotExecuted && op.heldBy(leg, rep) {
			return "iyzico's report holds this operation as done: it cannot be recorded as not executed"
		}
		if !op.move(leg, on) {
			return "a " + string(op.Kind) + " that is " + string(leg.State) + " cannot be recorded as " + string(e.Decision)
		}
		leg.Seen, leg.FromFinal = false, false
		if op.Fund != nil && e.Decision == DecideSucceeded {
			op.resolvePaid(leg, rep, now)
			continue
		}
		if done {
			a.claim(op, leg, behind)
		}
	}
	if t := a.Totals(); e.Decision == DecideSucceeded && a.overRefunded(t) {
		return "with this operation more would be refunded than was paid: it cannot be recorded as succeeded"
	}
	op.Resolution = &Resolution{e.Decision, e.Reason, e.By, now}
	return ""
}

// heldBy tells whether iyzico holds the leg's attempt as done.
func (o *Operation) heldBy(leg *Leg, rep Report) bool {
	if o.Fund != nil {
		return o.standingOf(leg, rep) == standsCharged
	}
	return o.findingOf(leg, &rep).held || leg.Proof.RefundTxID != ""
}

// claim lets a resolved leg explain the foreign entries that are its own money: new since acceptance, on its line, of its
// amount. They are then no longer counted a second time. Without a line iyzico may have split the amount, so all new
// entries together may be it too.
func (a *Account) claim(op *Operation, leg *Leg, behind time.Duration) {
	mine := func(f Foreign) bool {
		return f.counts() && f.newSince(op, behind) && f.Cancel == (leg.API == APICancel) &&
			(leg.LineID == "" || f.LineID == leg.LineID)
	}
	taken := slices.IndexFunc(a.Foreign, func(f Foreign) bool { return mine(f) && (f.Cancel || f.Amount.Equal(leg.Amount)) })
	sum := money.Zero(a.Currency)
	for _, f := range a.Foreign {
		if mine(f) {
			sum = sum.Add(f.Amount)
		}
	}
	if taken < 0 && (leg.LineID != "" || !sum.Equal(leg.Amount)) {
		return
	}
	rest := a.Foreign[:0]
	for i, f := range a.Foreign {
		if i != taken && (taken >= 0 || !mine(f)) {
			rest = append(rest, f)
			continue
		}
		leg.ClaimedTx = append(leg.ClaimedTx, f.key())
		leg.Proof.RefundTxID = f.TxID
		if leg.API == APIRefundV2 {
			leg.Parts = append(leg.Parts, Part{f.LineID, f.Amount})
		}
	}
	a.Foreign = rest
}

// overRefunded tells whether a line, or the payment, gave back more than was paid.
func (a *Account) overRefunded(t Totals) bool {
	if t.RefundedAmount.Cmp(t.PaidAmount) > 0 {
		return true
	}
	return slices.ContainsFunc(t.Lines, func(l LineTotals) bool { return l.RefundedAmount.Cmp(l.Line.PaidAmount) > 0 })
}

func (o *Operation) resolvable() bool {
	switch o.Status() {
	case StatusNeedsReview, StatusAwaitingCustomer, StatusAwaitingMerchant:
		return true
	case StatusProcessing, StatusSucceeded, StatusPartiallySucceeded, StatusRejected, StatusNotSent, StatusUnknown,
		StatusNotExecuted, StatusExpired, StatusInReview:
		return false
	}
	return false
}

func (l *Leg) resolvable() bool {
	return l.State == StateNeedsReview || l.State == StateAwaitingCustomer || l.State == StateAwaitingMerchant
}

// notResolvable refuses a decision and shows the operation as it stands.
func (a *Account) notResolvable(op *Operation, why string) error {
	resource := op.Resource(a.PaymentID)
	return &Error{Code: CodeNotResolvable, Operation: &resource, Message: why}
}

func (a *Account) notInReview(op *Operation) error {
	return a.notResolvable(op, "the operation is "+string(op.Status())+": only needs_review and awaiting_* can be resolved by a person")
}

// meant tells which legs the decision that an operation succeeded is about. A reversal gave the payment back by its cancel or by
// refunds in its place, not by both: what is held to be done is what was done, and where nothing is, the cancel is meant.
func (o *Operation) meant(rep Report) []bool {
	meant := make([]bool, len(o.Legs))
	held := false
	for i := range o.Legs {
		leg := &o.Legs[i]
		meant[i] = leg.moved() || o.heldBy(leg, rep)
		held = held || meant[i]
	}
	for i := range o.Legs {
		switch {
		case !o.cancelsFirst() || len(o.Legs) == 1:
			meant[i] = true
		case !held:
			meant[i] = o.Legs[i].API == APICancel || !o.Legs[0].resolvable()
		}
	}
	return meant
}
