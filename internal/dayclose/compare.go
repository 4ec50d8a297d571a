package dayclose

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

// move is money that one leg says it moved.
type move struct {
	OperationID    string
	Kind           payment.Kind
	PaymentID      string
	LineID         string
	ConversationID string
	Amount         money.Amount
	ChargedTo      payment.ChargedTo
	At             time.Time
	// OfDay: the day must have rows for it. A movement near midnight may stand in the list of the day beside it, so those of
	// the neighbours only explain rows.
	OfDay bool
}

// row is a row of iyzico's with the attempt that made it, "" for none that is known.
type row struct {
	payment.DayRow
	owner string
	other bool // it stands in the report on another day: it explains a movement, and is no difference itself
}

// outcome is what comparing brought.
type outcome struct {
	differences []Difference
	confirmed   []move
}

// tolerance is what sums of line amounts, which have 8 decimals, may differ by.
var tolerance = decimal.New(1, -6)

// attempt is what rows and movements are joined by: a refund of several lines has a row for each, a cancel too.
type attempt struct{ payment, conversation string }

type pair struct {
	rows  []row
	moves []move
}

// compare joins rows and movements by payment and conversationId and names what differs. Whether iyzico calls a row a refund
// or a cancel does not count: it carries out the refund of a whole payment on its day as a cancel.
func compare(rows []row, moves []move) outcome {
	pairs := map[attempt]*pair{}
	var order []attempt
	of := func(a attempt) *pair {
		if pairs[a] == nil {
			pairs[a] = &pair{}
			order = append(order, a)
		}
		return pairs[a]
	}
	for _, m := range moves {
		p := of(attempt{m.PaymentID, m.ConversationID})
		p.moves = append(p.moves, m)
	}
	for _, r := range rows {
		p := of(attempt{r.PaymentID, r.owner})
		p.rows = append(p.rows, r)
	}
	claimUnnamed(pairs, order)
	var out outcome
	for _, a := range order {
		out.add(pairs[a])
	}
	sortDifferences(out.differences)
	return out
}

// claimUnnamed gives a refund to balance the rows without an id that are its payment's: iyzico makes it when the merchant
// approves it in the panel. It moves the whole payment, so nothing else of that payment moves beside it.
func claimUnnamed(pairs map[attempt]*pair, order []attempt) {
	for _, a := range order {
		p := pairs[a]
		if len(p.moves) != 1 || p.moves[0].Kind != payment.KindBalanceRefund || len(p.rows) > 0 {
			continue
		}
		unnamed := pairs[attempt{a.payment, ""}]
		named := func(r row) bool { return r.ConversationID != "" }
		if unnamed == nil || slices.ContainsFunc(unnamed.rows, named) || !sameSum(unnamed.rows, p.moves) {
			continue
		}
		p.rows, unnamed.rows = unnamed.rows, nil
	}
}

// add compares the rows and movements of one attempt.
func (o *outcome) add(p *pair) {
	ofDay := slices.ContainsFunc(p.moves, func(m move) bool { return m.OfDay })
	listed := slices.ContainsFunc(p.rows, func(r row) bool { return !r.other })
	switch {
	case len(p.moves) == 0:
		for _, r := range p.rows {
			if !r.other {
				o.differences = append(o.differences, onlyAtIyzico(r))
			}
		}
	case !ofDay && !listed:
		// of a neighbour alone
	case len(p.rows) == 0 || otherCurrency(p):
		for _, r := range p.rows {
			if !r.other {
				o.differences = append(o.differences, onlyAtIyzico(r))
			}
		}
		for _, m := range p.moves {
			if m.OfDay {
				o.differences = append(o.differences, onlyHere(m))
			}
		}
	case !sameSum(p.rows, p.moves):
		o.differences = append(o.differences, amountDiffers(p.rows, p.moves))
	default:
		o.confirmed = append(o.confirmed, p.moves...)
	}
}

func otherCurrency(p *pair) bool {
	return slices.ContainsFunc(p.rows, func(r row) bool { return r.Amount.Currency() != p.moves[0].Amount.Currency() })
}

// sameSum tells whether rows and movements come to the same, in one currency.
func sameSum(rows []row, moves []move) bool {
	currency := moves[0].Amount.Currency()
	sum := decimal.Zero
	for _, r := range rows {
		if r.Amount.Currency() != currency {
			return false
		}
		sum = sum.Add(r.Amount.Decimal())
	}
	for _, m := range moves {
		if m.Amount.Currency() != currency {
			return false
		}
		sum = sum.Sub(m.Amount.Decimal())
	}
	return sum.Abs().LessThanOrEqual(tolerance)
}

func onlyAtIyzico(r row) Difference {
	d := Difference{
		Kind: OnlyAtIyzico, PaymentID: r.PaymentID, PaymentTransactionID: r.LineID, TransactionID: r.TransactionID, Movement: word(r.Kind),
		Currency: string(r.Amount.Currency()), IyzicoAmount: exact(r.Amount.Decimal()), At: r.At,
	}
	d.OperationID, _ = payment.OperationOfAttempt(r.owner)
	return d
}

func onlyHere(m move) Difference {
	return Difference{
		Kind: OnlyHere, PaymentID: m.PaymentID, PaymentTransactionID: m.LineID, OperationID: m.OperationID, ChargedTo: m.ChargedTo,
		Currency: string(m.Amount.Currency()), IadeAmount: exact(m.Amount.Decimal()), At: m.At,
	}
}

func amountDiffers(rows []row, moves []move) Difference {
	d := onlyHere(moves[0])
	d.Kind, d.At = AmountDiffers, rows[0].At
	theirs, ours := decimal.Zero, decimal.Zero
	for _, r := range rows {
		theirs = theirs.Add(r.Amount.Decimal())
	}
	for _, m := range moves {
		ours = ours.Add(m.Amount.Decimal())
	}
	d.IyzicoAmount, d.IadeAmount = exact(theirs), exact(ours)
	return d
}

// word is iyzico's word for a movement, as far as it is a plain one.
func word(kind payment.DayRowKind) string {
	const longest = 32
	text := string(kind)
	if len(text) > longest || strings.Trim(text, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return "other"
	}
	return text
}

// exact writes an amount with the decimals it has, two at least.
func exact(d decimal.Decimal) string {
	const shown = 2
	if d.Equal(d.Round(shown)) {
		return d.StringFixed(shown)
	}
	return d.String()
}

func sortDifferences(all []Difference) {
	slices.SortStableFunc(all, func(a, b Difference) int {
		return cmp.Or(
			strings.Compare(a.PaymentID, b.PaymentID), strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.OperationID, b.OperationID),
			strings.Compare(a.TransactionID, b.TransactionID), strings.Compare(a.PaymentTransactionID, b.PaymentTransactionID),
		)
	})
}

// tally sums up by kind and currency.
type tally map[[2]string]struct {
	count int
	sum   decimal.Decimal
}

func (t tally) add(kind string, amount money.Amount) {
	key := [2]string{kind, string(amount.Currency())}
	s := t[key]
	s.count, s.sum = s.count+1, s.sum.Add(amount.Decimal())
	t[key] = s
}

func (t tally) take(c counted) {
	value, _ := decimal.NewFromString(c.Amount) // written by move.counted
	t.add(string(c.Kind), money.New(value, c.Currency))
}

func (t tally) sums() Sums {
	sums := Sums{}
	for key, s := range t {
		if sums[key[0]] == nil {
			sums[key[0]] = map[string]Sum{}
		}
		sums[key[0]][key[1]] = Sum{s.count, exact(s.sum)}
	}
	return sums
}
