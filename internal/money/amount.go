// Package money holds exact amounts of one currency and the strict grammar in which callers write them.
package money

import (
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// Amount is an exact decimal quantity of one currency. The zero Amount is nothing of any currency: it adds to and
// compares with every Amount. Amounts are compared by value, so 10, 10.0 and 10.00 are equal.
type Amount struct {
	value    decimal.Decimal
	currency Currency
}

// New returns value in currency. It does not check either: callers' input goes through Parse.
func New(value decimal.Decimal, currency Currency) Amount { return Amount{value, currency} }

// Zero is nothing of currency.
func Zero(currency Currency) Amount { return Amount{currency: currency} }

// MinorUnits returns n of currency's smallest units, so MinorUnits(1050, TRY) is 10.50.
func MinorUnits(n int64, currency Currency) Amount {
	return Amount{decimal.New(n, -currency.Decimals()), currency}
}

// Decimal returns the exact value.
func (a Amount) Decimal() decimal.Decimal { return a.value }

// Currency returns a's currency, empty for the zero Amount.
func (a Amount) Currency() Currency { return a.currency }

// Add returns a + b. Adding two currencies is a broken invariant and panics: an account holds one currency.
func (a Amount) Add(b Amount) Amount {
	return Amount{a.value.Add(b.value), a.common(b)}
}

// Sub returns a - b, which may be negative. It panics like Add.
func (a Amount) Sub(b Amount) Amount {
	return Amount{a.value.Sub(b.value), a.common(b)}
}

// Cmp compares by value: -1, 0 or +1. It panics like Add.
func (a Amount) Cmp(b Amount) int {
	a.common(b)
	return a.value.Cmp(b.value)
}

// Equal tells whether both are the same value of the same currency.
func (a Amount) Equal(b Amount) bool {
	return a.value.Equal(b.value) && (a.currency == b.currency || a.value.IsZero())
}

// Sign is -1, 0 or +1.
func (a Amount) Sign() int { return a.value.Sign() }

// IsZero tells whether a is nothing, of whatever currency.
func (a Amount) IsZero() bool { return a.value.IsZero() }

// Floor rounds down to the currency's minor unit, and a negative amount to zero: what may still be moved is never
// rounded up (lines like 33.33333333 exist).
func (a Amount) Floor() Amount {
	if a.value.IsNegative() {
		return Zero(a.currency)
	}
	return Amount{a.value.Truncate(a.currency.Decimals()), a.currency}
}

// Units is the floored amount in minor units.
func (a Amount) Units() int64 {
	return a.Floor().value.Shift(a.currency.Decimals()).IntPart()
}

// Min returns the smaller of a and b.
func Min(a, b Amount) Amount {
	if b.Cmp(a) < 0 {
		return b
	}
	return a
}

// String writes the floored amount at the currency's scale, "10.50", without the currency.
func (a Amount) String() string {
	return a.Floor().value.StringFixed(a.currency.Decimals())
}

func (a Amount) common(b Amount) Currency {
	switch {
	case a.currency == "":
		return b.currency
	case b.currency == "" || a.currency == b.currency:
		return a.currency
	}
	panic(fmt.Sprintf("money: %s mixed with %s", a.currency, b.currency))
}

// Currency is an ISO 4217 code that iyzico settles in. The zero value belongs to the zero Amount only.
type Currency string

// The currencies that iyzico's documents and SDK enums name (docs/iyzico.md §9). Fund payments take the first three and GBP.
const (
	TRY Currency = "TRY"
	USD Currency = "USD"
	EUR Currency = "EUR"
	GBP Currency = "GBP"
	NOK Currency = "NOK"
	RUB Currency = "RUB"
	CHF Currency = "CHF"
	IRR Currency = "IRR"
)

// Currencies lists every accepted currency in the order in which messages name them.
func Currencies() []Currency {
	return []Currency{TRY, USD, EUR, GBP, NOK, RUB, CHF, IRR}
}

// Valid tells whether c is one of Currencies. Codes are upper case only.
func (c Currency) Valid() bool {
	for _, known := range Currencies() {
		if c == known {
			return true
		}
	}
	return false
}

// Decimals is the number of decimals of c's minor unit: two for every currency that iyzico takes.
func (c Currency) Decimals() int32 { return 2 }

// The reasons for which Parse refuses a text. Their messages are written for the caller who sent it.
var (
	ErrSyntax    = errors.New("must be a plain decimal number like 10.50: digits with an optional point, no sign, no exponent")
	ErrTooLarge  = errors.New("must have at most 12 digits before the point")
	ErrPrecision = errors.New("must have at most 2 decimals")
	ErrNotAbove0 = errors.New("must be more than zero")
)

const (
	maxWholeDigits = 12
	maxTextLength  = 64
)

// Parse reads a caller's amount: ^\d{1,12}(\.\d+)?$, more than zero, at most two decimals that are not zero.
// It returns one of the errors above and never rounds.
func Parse(text string, currency Currency) (Amount, error) {
	whole, fraction, point := strings.Cut(text, ".")
	if !digits(whole) || (point && !digits(fraction)) || len(text) > maxTextLength {
		return Amount{}, ErrSyntax
	}
	if len(whole) > maxWholeDigits {
		return Amount{}, ErrTooLarge
	}
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > int(currency.Decimals()) {
		return Amount{}, ErrPrecision
	}
	value, err := decimal.NewFromString(whole + "." + fraction + "0")
	if err != nil {
		return Amount{}, ErrSyntax
	}
	if !value.IsPositive() {
		return Amount{}, ErrNotAbove0
	}
	return Amount{value, currency}, nil
}

func digits(s string) bool {
	if s == "" {
		return false
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}
