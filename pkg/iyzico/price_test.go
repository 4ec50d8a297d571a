package iyzico

import (
	"math/big"
	"strings"
	"testing"
)

// Vectors of docs/iyzico.md §9.
func TestFormatPriceKeepsOneDecimal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1": "1.0", "1.10": "1.1", "22.00": "22.0", "15.340000": "15.34", "100": "100.0", "0.05": "0.05", "5": "5.0", "1E2": "100.0",
	} {
		if got := FormatPrice(amount(text)); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// failure 28: the client alone
func TestParseAmountReadsEveryFormOfTheWire(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"5": "5", "5.0": "5", "5.00000000": "5", "0E-8": "0", "1e2": "100", "1E+2": "100", "-1.50": "-1.5", "0.01750000": "0.0175",
		"123456789012345678": "123456789012345678", "33.33333333": "33.33333333",
	} {
		got, ok := parseAmount(text)
		if !ok || !got.Equal(amount(want)) {
			t.Errorf("%s: got %s, %t", text, got, ok)
		}
	}
}

func TestParseAmountRefusesWhatIsNoMoney(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "-", ".", "1.", ".5", "+1", " 1", "1 ", "1,5", "0x10", "NaN", "Infinity", "1e", "1e+", "1e1000000000", "1e-1000000000",
		"1e99", "1e-99", "1e19", "1234567890123456789", "1_000", "−1", "true", "1e1.5", strings.Repeat("9", 1_000_000),
	} {
		if got, ok := parseAmount(text); ok {
			t.Errorf("%.20s: read as %s", text, got)
		}
	}
}

func FuzzParseAmount(f *testing.F) {
	for _, seed := range []string{"5", "5.0", "5.00000000", "0E-8", "1e1000000000", "-0.0", "1e+18", "1E-20", "00.5", "1.2.3", "1ee2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := parseAmount(text)
		if !ok {
			return
		}
		want, ok := new(big.Rat).SetString(text)
		if !ok || got.Rat().Cmp(want) != 0 {
			t.Fatalf("%q: got %s, want %s", text, got, want)
		}
		again, ok := parseAmount(FormatPrice(got))
		if !ok || !again.Equal(got) {
			t.Fatalf("%q: FormatPrice gives %s, read as %s", text, FormatPrice(got), again)
		}
		if again, ok := parseAmount(SignatureAmount(got)); !ok || !again.Equal(got) {
			t.Fatalf("%q: SignatureAmount gives %s", text, SignatureAmount(got))
		}
	})
}
