package console

import (
	"regexp"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/words"
)

var (
	plainAmount = regexp.MustCompile(`^\d{1,12}(?:[.,]\d{1,2})?$`)
	// grouped is an amount with its thousands apart, as each language writes it. Without decimals 1.234 could be either, and is refused.
	grouped = map[words.Language]*regexp.Regexp{
		words.Turkish: regexp.MustCompile(`^\d{1,3}(?:\.\d{3})+,\d{1,2}$`),
		words.English: regexp.MustCompile(`^\d{1,3}(?:,\d{3})+\.\d{1,2}$`),
	}
)

// typedAmount reads an amount as a person types it, and gives it as the API wants it. What could be read in two ways is refused.
func typedAmount(typed string) (amount string, ok bool) {
	typed = strings.TrimSpace(typed)
	switch {
	case plainAmount.MatchString(typed):
		amount = strings.Replace(typed, ",", ".", 1)
	case grouped[words.Turkish].MatchString(typed):
		amount = strings.Replace(strings.ReplaceAll(typed, ".", ""), ",", ".", 1)
	case grouped[words.English].MatchString(typed):
		amount = strings.ReplaceAll(typed, ",", "")
	default:
		return "", false
	}
	value, err := decimal.NewFromString(amount)
	if err != nil || value.Sign() <= 0 {
		return "", false
	}
	return value.StringFixed(2), true
}

// amountRule says how an amount is typed.
var amountRule = words.Text{
	"Type an amount like 1234.50 or 1,234.50: more than zero, at most two decimals. 1.234 could be read in two ways.",
	"Tutarı 1234,50 veya 1.234,50 gibi yazın: sıfırdan büyük, en çok iki ondalık. 1.234 iki türlü okunabilir.",
}

// isMore tells whether an amount is more than another; one that cannot be read is not.
func isMore(a, b string) bool {
	x, errX := decimal.NewFromString(a)
	y, errY := decimal.NewFromString(b)
	return errX == nil && errY == nil && x.GreaterThan(y)
}
