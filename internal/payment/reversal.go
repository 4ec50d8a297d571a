package payment

import (
	"slices"
	"time"

	"github.com/iade/iade/internal/money"
)

// A reversal gives a whole payment back the best way: by a cancel where it is still the bank's day and nothing was refunded,
// else by refunds of all that is refundable. Where a cancel is proved to have moved nothing, refunds of all that is refundable
// then take its place in the same operation. Until that proof there is no refund leg that could be sent.
type reversalRules struct{}

func (reversalRules) guard(a *Account, now time.Time) error {
	cannotCancel := a.guardCancel(now)
	if cannotCancel == nil {
		return nil
	}
	if a.Charged && !a.PreAuth {
		return a.guardRefund(now)
	}
	return cannotCancel
}

func (reversalRules) plan(a *Account, c Command, now time.Time) ([]Leg, error) {
	if a.guardCancel(now) == nil {
		return wholePaymentLeg(APICancel, a.Totals()), nil
	}
	return a.planAll(c)
}

// planAll plans refunds of all that is refundable, as `full` does.
func (a *Account) planAll(c Command) ([]Leg, error) {
	return refundRules{}.plan(a, Command{Kind: KindRefund, PaymentID: c.PaymentID, Full: true}, zeroTime)
}

// takesAll tells whether the command takes all that is refundable, whatever that is.
func (c Command) takesAll() bool { return c.Full || c.Kind == KindReversal }

// cancelsFirst tells whether the operation is a reversal that began with a cancel.
func (o *Operation) cancelsFirst() bool {
	return o.Kind == KindReversal && len(o.Legs) > 0 && o.Legs[0].API == APICancel
}

// gaveWay tells whether the operation is a reversal whose cancel is held to have moved nothing.
func (o *Operation) gaveWay() bool {
	return o.cancelsFirst() && (o.Legs[0].State == StateRejected || o.Legs[0].State == StateNotExecuted)
}

// awaitsPlan tells whether nothing was asked of iyzico yet in place of a cancel that moved nothing: its refunds are planned
// anew on a fresh report before the first of them is sent.
func (o *Operation) awaitsPlan() bool {
	return o.gaveWay() && !slices.ContainsFunc(o.Legs[1:], func(l Leg) bool { return l.Attempt > 0 })
}

// standing are the legs that say what became of the operation: of a reversal whose cancel moved nothing the refunds in its
// place, if there are any, and of one whose cancel took the payment that cancel alone.
func (o *Operation) standing() []Leg {
	switch {
	case o.gaveWay() && len(o.Legs) > 1:
		return o.Legs[1:]
	case o.cancelsFirst() && o.Legs[0].State == StateSucceeded:
		return o.Legs[:1]
	}
	return o.Legs
}

// giveWay plans refunds in every reversal whose cancel has just been proved to have moved nothing: by iyzico's refusal, by
// absence, or by a person's decision. The operation has its time anew, because whoever asked must ask again.
func (a *Account) giveWay(old *Account, now time.Time) {
	for i := range a.Operations {
		op := &a.Operations[i]
		before := old.Operation(op.ID)
		if !op.gaveWay() || before == nil || before.gaveWay() || !op.awaitsPlan() {
			continue
		}
		op.DeadlineAt = now.Add(operationTime)
		a.planRest(op, now)
	}
}

// planRest plans refunds of all that is refundable now after the operation's cancel, in place of those that were planned
// before and never sent. Where nothing is refundable the operation ends as its cancel did.
func (a *Account) planRest(op *Operation, now time.Time) {
	rest := a.clone()
	rest.Operation(op.ID).Legs = rest.Operation(op.ID).Legs[:1]
	legs, err := rest.refundAll(now)
	op.Legs = slices.Clip(op.Legs[:1])
	if err != nil {
		return
	}
	op.Legs = append(op.Legs, legs...)
	op.Amount = money.Zero(a.Currency)
	for i := range legs {
		op.Amount = op.Amount.Add(legs[i].Amount)
	}
}

// replan plans the refunds in place of a cancel anew on the report that was just read, while none of them was sent: what was
// refunded in iyzico's panel meanwhile is not given back twice.
func (a *Account) replan(op *Operation, now time.Time) {
	if op.awaitsPlan() {
		a.planRest(op, now)
		op.AcceptedIn = a.Version + 1 // what this report shows is older than the refunds
	}
}

// planAgain plans the legs of an operation that a restored table forgot, as they were the first time. Of a reversal the entries
// tell whether it had come to refunds.
func (a *Account) planAgain(c Command, forgotten []Entry, now time.Time) ([]Leg, error) {
	if c.Kind != KindReversal {
		return a.plan(c, now)
	}
	refunds := slices.DeleteFunc(slices.Clone(forgotten), func(e Entry) bool { return e.Cancel })
	if len(refunds) == 0 {
		return wholePaymentLeg(APICancel, a.Totals()), nil
	}
	if legs, err := a.planAll(c); err == nil {
		return legs, nil
	}
	return legsOf(refunds, c), nil
}

// refundAll plans refunds of all that is refundable, if every rule of a refund allows them.
func (a *Account) refundAll(now time.Time) ([]Leg, error) {
	c := Command{Kind: KindReversal, PaymentID: a.PaymentID}
	if err := a.guardRefund(now); err != nil {
		return nil, err
	}
	legs, err := a.planAll(c)
	if err != nil {
		return nil, err
	}
	return legs, a.guardLimits(c, legs)
}
