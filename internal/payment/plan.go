package payment

import (
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/iade/iade/internal/money"
)

// plan turns a command into legs that fit what is refundable now (I4), or says which rule refuses it. It is the same for
// a preview, a first request and a request that asks again after not_sent.
func (a *Account) plan(c Command, now time.Time) ([]Leg, error) {
	return c.Kind.spec().rules.plan(a, c, now)
}

// guard applies the rules that do not depend on amounts. The operation of the command itself is not in the account, or
// is there as not_sent and reserves nothing.
func (a *Account) guard(kind Kind, now time.Time) error { return kind.spec().rules.guard(a, now) }

// guardLeg applies the rules that do not depend on amounts to one call on a payment.
func (a *Account) guardLeg(api API, now time.Time) error {
	switch api {
	case APICancel:
		return a.guardCancel(now)
	case APIBalanceInit:
		return balanceRules{}.guard(a, now)
	case APIRefund, APIRefundV2, APIRefundChargedToMerchant, APIFund:
	}
	return a.guardRefund(now)
}

// The rules of each kind.
type (
	refundRules  struct{}
	balanceRules struct{}
	cancelRules  struct{}
	fundRules    struct{}
)

func (refundRules) guard(a *Account, now time.Time) error { return a.guardRefund(now) }

func (balanceRules) guard(a *Account, now time.Time) error {
	if err := a.guardRefund(now); err != nil {
		return err
	}
	return a.guardBalance()
}

func (cancelRules) guard(a *Account, now time.Time) error { return a.guardCancel(now) }

// guard refuses nothing: a fund payment depends on no payment that iyzico knows.
func (fundRules) guard(*Account, time.Time) error { return nil }

func (cancelRules) plan(a *Account, _ Command, _ time.Time) ([]Leg, error) {
	return wholePaymentLeg(APICancel, a.Totals()), nil
}

func (balanceRules) plan(a *Account, c Command, _ time.Time) ([]Leg, error) {
	if err := a.guardNames(c); err != nil {
		return nil, err
	}
	return wholePaymentLeg(APIBalanceInit, a.Totals()), nil
}

func (fundRules) plan(_ *Account, c Command, _ time.Time) ([]Leg, error) {
	return []Leg{{API: APIFund, Amount: c.Fund.PaidAmount, State: StateReserved}}, nil
}

func (refundRules) plan(a *Account, c Command, _ time.Time) ([]Leg, error) {
	if err := a.guardNames(c); err != nil {
		return nil, err
	}
	t := a.Totals()
	lineID := a.lineMeant(c)
	if c.ChargedTo != "" && lineID == "" {
		return nil, &Error{
			Code:    CodeAllocationNeeded,
			Message: "the payment has several lines, and a refund charged to the merchant is of one line: name it with paymentTransactionId",
			Lines:   t.lineViews(),
		}
	}
	amount := money.New(c.Amount.Decimal(), a.Currency)
	// Line by line no more can go than the lines' floors; iyzico itself may take what lies across them.
	limit := t.refundableOf(lineID)
	switch {
	case c.Full && lineID == "" && t.ReservedAmount.Sign() > 0:
		// Refund v2 might take the line of a refund whose end is open, so the parts below a kuruş wait.
		limit = t.byLines()
		amount = limit
	case c.Full:
		amount = limit
	case lineID == "" && c.Allocation == AllocateNone:
		return nil, &Error{
			Code:    CodeAllocationNeeded,
			Message: "the payment has several lines: name one with paymentTransactionId, or choose an allocation (proportional, in_order, iyzico)",
			Lines:   t.lineViews(),
		}
	case lineID == "" && c.Allocation != AllocateByIyzico:
		limit = t.byLines()
	}
	if amount.IsZero() || amount.Cmp(limit) > 0 {
		return nil, &Error{Code: CodeExceedsRefundable, Message: exceedsMessage(c, amount, limit, t), Refundable: &limit}
	}
	switch {
	case lineID != "":
		return []Leg{{API: c.lineAPI(), LineID: lineID, Amount: amount, State: StateReserved}}, nil
	case c.Allocation == AllocateByIyzico, c.Full && amount.Cmp(t.byLines()) > 0:
		// Where parts below a kuruş on several lines make up a kuruş together, only Refund v2 gives all of it back. Which line
		// iyzico takes does not matter when all is taken.
		return []Leg{{API: APIRefundV2, Amount: amount, State: StateReserved}}, nil
	case c.Allocation == AllocateProportional:
		return proportional(t, amount), nil
	}
	return inOrder(t, amount), nil
}

// guardNames refuses a line or a currency that is not the payment's.
func (a *Account) guardNames(c Command) error {
	if c.LineID != "" {
		if _, ok := a.Line(c.LineID); !ok {
			return &Error{Code: CodeLineNotFound, Message: "paymentTransactionId " + c.LineID + " is not a line of payment " + a.PaymentID}
		}
	}
	if c.Currency != "" && c.Currency != a.Currency {
		return &Error{
			Code:    CodeCurrencyMismatch,
			Message: fmt.Sprintf("currency %s is not the payment's %s; a refund is made in the payment's currency", c.Currency, a.Currency),
		}
	}
	return nil
}

// lineMeant is the line that a refund is for: the one that it names, or the payment's only one unless iyzico is to choose.
// Empty means several.
func (a *Account) lineMeant(c Command) string {
	if c.LineID == "" && c.Kind == KindRefund && len(a.Lines) == 1 && c.Allocation != AllocateByIyzico {
		return a.Lines[0].ID
	}
	return c.LineID
}

// lineAPI is the call that refunds one line.
func (c Command) lineAPI() API {
	if c.ChargedTo == ChargedToMerchant {
		return APIRefundChargedToMerchant
	}
	return APIRefund
}

func exceedsMessage(c Command, amount, limit money.Amount, t Totals) string {
	switch {
	case c.Full && t.ReservedAmount.Sign() > 0:
		return fmt.Sprintf("nothing can be refunded now: %s %s is promised to operations that are not settled yet; "+
			"read the payment to see what becomes of them", t.ReservedAmount, limit.Currency())
	case c.Full:
		return "nothing is left to refund"
	case c.LineID == "" && amount.Cmp(t.RefundableAmount) <= 0:
		return fmt.Sprintf("amount %s is more than the %s %s that is refundable line by line; full: true or allocation iyzico reaches %s",
			amount, limit, limit.Currency(), t.RefundableAmount)
	}
	return fmt.Sprintf("amount %s is more than the %s %s that is refundable", amount, limit, limit.Currency())
}

func refundLeg(lineID string, amount money.Amount) Leg {
	return Leg{API: APIRefund, LineID: lineID, Amount: amount, State: StateReserved}
}

// inOrder takes each line's refundable until the amount is reached. The amount is at most the sum of them.
func inOrder(t Totals, amount money.Amount) []Leg {
	var legs []Leg
	for _, line := range t.Lines {
		take := money.Min(amount, line.RefundableAmount)
		if take.Sign() <= 0 {
			continue
		}
		legs = append(legs, refundLeg(line.Line.ID, take))
		amount = amount.Sub(take)
	}
	return legs
}

// proportional gives every line its share by refundable, floored to the minor unit, and the rest one unit each in line
// order. Shares stay within each line: a floored share of less than the whole is below the line's refundable, so one
// more unit fits.
func proportional(t Totals, amount money.Amount) []Leg {
	total := big.NewInt(t.byLines().Units())
	rest := amount.Units()
	shares := make([]int64, len(t.Lines))
	for i, line := range t.Lines {
		share := new(big.Int).Mul(big.NewInt(amount.Units()), big.NewInt(line.RefundableAmount.Units()))
		shares[i] = share.Quo(share, total).Int64()
		rest -= shares[i]
	}
	var legs []Leg
	for i, line := range t.Lines {
		if rest > 0 && line.RefundableAmount.Sign() > 0 {
			shares[i]++
			rest--
		}
		if shares[i] > 0 {
			legs = append(legs, refundLeg(line.Line.ID, money.MinorUnits(shares[i], amount.Currency())))
		}
	}
	return legs
}

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
	if last := len(op.Legs) - 1; op.fellBack() && op.Legs[last].refusedForGood() {
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
