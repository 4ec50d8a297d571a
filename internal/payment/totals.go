package payment

import "github.com/iade/iade/internal/money"

// LineTotals is what one line has paid, given back, promised and left.
type LineTotals struct {
	Line             Line
	RefundedAmount   money.Amount
	ReservedAmount   money.Amount
	RefundableAmount money.Amount // floored to the minor unit

	remainder money.Amount // what RefundableAmount is the floor of, with up to 8 decimals; never below zero
}

// Totals are the sums over one account. They are always derived, never stored, so they cannot disagree with the
// operations they come from.
type Totals struct {
	Lines            []LineTotals
	PaidAmount       money.Amount
	RefundedAmount   money.Amount
	ReservedAmount   money.Amount
	RefundableAmount money.Amount // the floor of the sum of the lines' exact remainders
	Cancelled        bool
}

// Totals derives the sums (I4): refunded = own succeeded legs + foreign entries that moved; reserved = legs whose end is
// open. While iyzico has not said which line a v2 refund took, its amount counts against every line. A cancel, ours or
// foreign, leaves nothing; an open cancel or balance refund reserves everything.
func (a *Account) Totals() Totals {
	nothing := money.Zero(a.Currency)
	t := Totals{PaidAmount: nothing, RefundedAmount: nothing, ReservedAmount: nothing, RefundableAmount: nothing}
	index := make(map[string]int, len(a.Lines))
	for i, line := range a.Lines {
		index[line.ID] = i
		t.Lines = append(t.Lines, LineTotals{Line: line, RefundedAmount: nothing, ReservedAmount: nothing})
		t.PaidAmount = t.PaidAmount.Add(line.PaidAmount)
	}
	remainder := nothing
	wholeReserved := false
	unplaced := nothing // moved or promised, on a line that is not known
	refund := func(lineID string, amount money.Amount) {
		t.RefundedAmount = t.RefundedAmount.Add(amount)
		if i, ok := index[lineID]; ok {
			t.Lines[i].RefundedAmount = t.Lines[i].RefundedAmount.Add(amount)
		} else {
			unplaced = unplaced.Add(amount)
		}
	}
	for i := range a.Operations {
		op := &a.Operations[i]
		for j := range op.Legs {
			leg := &op.Legs[j]
			switch {
			case leg.API == APIFund: // took money from the customer: no refund, and not on this account's lines
			case leg.moved() && leg.API == APICancel:
				t.Cancelled = true
			case leg.moved() && leg.API == APIBalanceInit:
				for _, line := range a.Lines {
					refund(line.ID, line.PaidAmount)
				}
			case leg.moved() && len(leg.Parts) > 0:
				for _, part := range leg.Parts {
					refund(part.LineID, part.Amount)
				}
			case leg.moved():
				refund(leg.LineID, leg.Amount)
			case leg.State.holds() && leg.whole():
				wholeReserved = true
			case leg.State.holds():
				t.ReservedAmount = t.ReservedAmount.Add(leg.Amount)
				if k, ok := index[leg.LineID]; ok {
					t.Lines[k].ReservedAmount = t.Lines[k].ReservedAmount.Add(leg.Amount)
				} else {
					unplaced = unplaced.Add(leg.Amount)
				}
			}
		}
	}
	for _, part := range a.PastRefunds {
		refund(part.LineID, part.Amount)
	}
	for _, f := range a.Foreign {
		switch {
		case !f.counts():
		case f.Cancel:
			t.Cancelled = true
		default:
			refund(f.LineID, f.Amount)
		}
	}
	for i := range t.Lines {
		line := &t.Lines[i]
		if wholeReserved {
			line.ReservedAmount = line.Line.PaidAmount.Sub(line.RefundedAmount).Floor()
		}
		if t.Cancelled {
			line.RefundedAmount, line.ReservedAmount = line.Line.PaidAmount, nothing
		}
		line.remainder = line.Line.PaidAmount.Sub(line.RefundedAmount).Sub(line.ReservedAmount).Sub(unplaced)
		if wholeReserved || t.Cancelled || line.remainder.Sign() < 0 {
			line.remainder = nothing
		}
		line.RefundableAmount = line.remainder.Floor()
		remainder = remainder.Add(line.remainder)
	}
	t.RefundableAmount = remainder.Floor()
	switch {
	case t.Cancelled:
		t.RefundedAmount, t.ReservedAmount = t.PaidAmount, nothing
	case wholeReserved:
		t.ReservedAmount = t.PaidAmount.Sub(t.RefundedAmount).Floor()
	}
	return t
}

// byLines is what can be refunded line by line: the sum of the lines' refundable amounts. Parts below the minor unit that
// together make up one are only in Totals.RefundableAmount.
func (t Totals) byLines() money.Amount {
	sum := money.Zero(t.PaidAmount.Currency())
	for _, line := range t.Lines {
		sum = sum.Add(line.RefundableAmount)
	}
	return sum
}

// refundableOf is the refundable amount of one line, or of the payment if lineID is empty.
func (t Totals) refundableOf(lineID string) money.Amount {
	if lineID == "" {
		return t.RefundableAmount
	}
	for _, line := range t.Lines {
		if line.Line.ID == lineID {
			return line.RefundableAmount
		}
	}
	return money.Zero(t.PaidAmount.Currency())
}

// Status classifies the totals of a payment that was charged.
func (t Totals) Status() PaymentStatus {
	switch {
	case t.Cancelled:
		return PaymentCancelled
	case t.RefundableAmount.IsZero() && t.ReservedAmount.IsZero():
		return PaymentRefunded
	case t.RefundedAmount.Sign() > 0:
		return PaymentPartiallyRefunded
	}
	return PaymentPaid
}
