package money

import (
	"errors"
	"fmt"
	"strings"
)

// PerCurrency is an amount for each currency: the same one for all, or one for each that is named. The zero value names no
// amount at all.
type PerCurrency struct {
	every Amount // without a currency
	named []Amount
}

// ErrPerCurrency is why ParsePerCurrency refuses a text.
var ErrPerCurrency = errors.New("must be an amount like 50000.00 for every currency, or a list like TRY:50000,EUR:1000")

// ParsePerCurrency reads one amount, or a comma list of currency:amount. The smaller amount counts of a currency that stands twice.
func ParsePerCurrency(text string) (PerCurrency, error) {
	if !strings.Contains(text, ":") {
		every, err := Parse(text, "")
		if err != nil {
			return PerCurrency{}, fmt.Errorf("%w: %q %w", ErrPerCurrency, text, err)
		}
		return PerCurrency{every: every}, nil
	}
	var all PerCurrency
	for _, part := range strings.Split(text, ",") {
		code, amount, _ := strings.Cut(strings.TrimSpace(part), ":")
		currency := Currency(code)
		if !currency.Valid() {
			return PerCurrency{}, fmt.Errorf("%w: %q is none of the currencies %v", ErrPerCurrency, code, Currencies())
		}
		value, err := Parse(amount, currency)
		if err != nil {
			return PerCurrency{}, fmt.Errorf("%w: %q %w", ErrPerCurrency, amount, err)
		}
		all.named = append(all.named, value)
	}
	return all, nil
}

// IsZero tells that no amount is named.
func (p PerCurrency) IsZero() bool { return p.every.IsZero() && len(p.named) == 0 }

// Of is the amount of a currency. One that a list does not name has none: zero.
func (p PerCurrency) Of(c Currency) Amount {
	if len(p.named) == 0 {
		return New(p.every.Decimal(), c)
	}
	amount, ok := p.find(c)
	if !ok {
		return Zero(c)
	}
	return amount
}

func (p PerCurrency) find(c Currency) (found Amount, ok bool) {
	for _, amount := range p.named {
		if amount.Currency() == c && (!ok || amount.Cmp(found) < 0) {
			found, ok = amount, true
		}
	}
	return found, ok
}
