package money

import (
	"errors"
	"strings"

	"github.com/shopspring/decimal"
)

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
