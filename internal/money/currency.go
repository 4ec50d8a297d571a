// Package money holds exact amounts of one currency and the strict grammar in which callers write them.
package money

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
