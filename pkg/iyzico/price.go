package iyzico

import (
	"strings"

	"github.com/shopspring/decimal"
)

// FormatPrice writes an amount as iyzico's requests carry it: decimal point, no trailing zeros but at least one decimal,
// so 1 is "1.0", 22.00 is "22.0" and 15.340000 is "15.34" (node SDK, formatPrice).
func FormatPrice(d decimal.Decimal) string {
	text := d.String() // plain notation without trailing zeros
	if !strings.Contains(text, ".") {
		return text + ".0"
	}
	return text
}

// Bounds of the amounts that the client sends and reads. Money with more digits than these is no money, and a number
// such as 1e1000000000 must not cost memory.
const (
	maxAmountLen      = 48
	maxAmountIntegers = 18
	maxAmountDecimals = 20
)

// parseAmount reads an amount from its text: an optional minus sign, digits, decimals and a decimal exponent, as JSON
// writes numbers. It refuses what the bounds exclude without computing it.
func parseAmount(text string) (decimal.Decimal, bool) {
	if text == "" || len(text) > maxAmountLen {
		return decimal.Decimal{}, false
	}
	rest := strings.TrimPrefix(text, "-")
	integers := digits(rest)
	rest = rest[integers:]
	decimals := 0
	if strings.HasPrefix(rest, ".") {
		decimals = digits(rest[1:])
		if decimals == 0 {
			return decimal.Decimal{}, false
		}
		rest = rest[1+decimals:]
	}
	exponent, ok := parseExponent(rest)
	if integers == 0 || !ok || integers+exponent > maxAmountIntegers || decimals-exponent > maxAmountDecimals {
		return decimal.Decimal{}, false
	}
	d, err := decimal.NewFromString(text)
	return d, err == nil
}

// parseExponent reads what follows the digits of a number: nothing, or e with at most two digits.
func parseExponent(text string) (int, bool) {
	if text == "" {
		return 0, true
	}
	if text[0] != 'e' && text[0] != 'E' {
		return 0, false
	}
	text = text[1:]
	sign := 1
	switch {
	case strings.HasPrefix(text, "-"):
		sign, text = -1, text[1:]
	case strings.HasPrefix(text, "+"):
		text = text[1:]
	}
	if len(text) == 0 || len(text) > 2 || digits(text) != len(text) {
		return 0, false
	}
	value := 0
	for _, c := range []byte(text) {
		value = value*10 + int(c-'0')
	}
	return sign * value, true
}

// digits counts the ASCII digits that text starts with.
func digits(text string) int {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return i
		}
	}
	return len(text)
}
