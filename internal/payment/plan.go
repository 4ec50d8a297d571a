package payment

import (
	"fmt"
	"math/big"

	"github.com/iade/iade/internal/money"
)

// plan turns a command into legs that fit what is refundable now (I4), or says which rule refuses it. It is the same for
// a dry run, a first request and a request that asks again after not_sent.
func (a *Account) plan(c Command) ([]Leg, error) {
	if c.Kind == KindCancel {
		return wholePaymentLeg(APICancel, a.Totals()), nil
	}
	t := a.Totals()
	if c.LineID != "" {
		if _, ok := a.Line(c.LineID); !ok {
			return nil, &Error{Code: CodeLineNotFound, Message: "paymentTransactionId " + c.LineID + " is not a line of payment " + a.PaymentID}
		}
	}
	if c.Currency != "" && c.Currency != a.Currency {
		return nil, &Error{
			Code:    CodeCurrencyMismatch,
			Message: fmt.Sprintf("currency %s is not the payment's %s; a refund is made in the payment's currency", c.Currency, a.Currency),
		}
	}
	lineID := c.LineID
	if lineID == "" && len(a.Lines) == 1 && c.Allocation != AllocateByIyzico {
		lineID = a.Lines[0].ID
	}
	if c.Kind == KindBalanceRefund {
		return wholePaymentLeg(APIBalanceInit, t), nil
	}
	amount := money.New(c.Amount.Decimal(), a.Currency)
	if c.Full {
		amount = t.refundableOf(lineID)
	} else if lineID == "" && c.Allocation == AllocateNone {
		return nil, &Error{
			Code:    CodeAllocationNeeded,
			Message: "the payment has several lines: name one with paymentTransactionId, or choose an allocation (proportional, in_order, iyzico)",
			Lines:   t.lineViews(),
		}
	}
	if refundable := t.refundableOf(lineID); amount.IsZero() || amount.Cmp(refundable) > 0 {
		return nil, &Error{Code: CodeExceedsRefundable, Message: exceedsMessage(c, amount, refundable), Refundable: &refundable}
	}
	switch {
	case lineID != "":
		return []Leg{refundLeg(lineID, amount)}, nil
	case c.Allocation == AllocateByIyzico:
		return []Leg{{API: APIRefundV2, Amount: amount, State: StateReserved}}, nil
	case c.Allocation == AllocateProportional:
		return proportional(t, amount), nil
	}
	return inOrder(t, amount), nil
}

func exceedsMessage(c Command, amount, refundable money.Amount) string {
	if c.Full {
		return "nothing is left to refund"
	}
	return fmt.Sprintf("amount %s is more than the %s %s that is refundable", amount, refundable, refundable.Currency())
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
	total := big.NewInt(t.RefundableAmount.Units())
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
