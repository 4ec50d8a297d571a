package money_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
)

func TestParseTakesTheContractsGrammarOnly(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1": "1.00", "10.5": "10.50", "0.01": "0.01", "007": "7.00", "12.500000": "12.50", "999999999999.99": "999999999999.99",
	} {
		got, err := money.Parse(text, money.TRY)
		if err != nil || got.String() != want {
			t.Errorf("Parse(%q) = %v, %v; want %s", text, got, err, want)
		}
	}
	for text, want := range map[string]error{
		"": money.ErrSyntax, "-1": money.ErrSyntax, "+1": money.ErrSyntax, "1e2": money.ErrSyntax, "NaN": money.ErrSyntax,
		"12,50": money.ErrSyntax, " 1": money.ErrSyntax, "1.": money.ErrSyntax, ".5": money.ErrSyntax, "0x10": money.ErrSyntax,
		"١": money.ErrSyntax, "1.0.0": money.ErrSyntax, "1000000000000": money.ErrTooLarge, "0": money.ErrNotAbove0,
		"0.00": money.ErrNotAbove0, "0.001": money.ErrPrecision, "1.234": money.ErrPrecision,
		"1." + strings.Repeat("0", 100): money.ErrSyntax,
	} {
		if _, err := money.Parse(text, money.TRY); !errors.Is(err, want) {
			t.Errorf("Parse(%q) error = %v, want %v", text, err, want)
		}
	}
}

func TestFloorNeverRoundsUpAndNeverGoesBelowZero(t *testing.T) {
	t.Parallel()
	third := money.New(decimal.RequireFromString("33.33999999"), money.TRY)
	if got := third.Floor().String(); got != "33.33" {
		t.Errorf("floor = %s", got)
	}
	if got := third.Units(); got != 3333 {
		t.Errorf("units = %d", got)
	}
	if got := money.Zero(money.TRY).Sub(third).Floor(); !got.IsZero() {
		t.Errorf("floor of a negative amount = %s", got)
	}
}

func TestAmountsCompareByValue(t *testing.T) {
	t.Parallel()
	a := money.New(decimal.RequireFromString("10.00000000"), money.TRY)
	if !a.Equal(money.MinorUnits(1000, money.TRY)) || a.Equal(money.MinorUnits(1000, money.EUR)) {
		t.Error("10.00000000 TRY must equal 10 TRY and no EUR")
	}
	if !(money.Amount{}).Equal(money.Zero(money.EUR)) {
		t.Error("nothing is nothing in every currency")
	}
}

func TestMixingCurrenciesIsABrokenInvariant(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("TRY + EUR must panic")
		}
	}()
	money.MinorUnits(1, money.TRY).Add(money.MinorUnits(1, money.EUR))
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1", "0.01", "1e2", "12,5", "999999999999.99", "1.000", "-0", "NaN"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := money.Parse(text, money.TRY)
		if err != nil {
			return
		}
		if got.Sign() <= 0 || !got.Equal(got.Floor()) {
			t.Fatalf("Parse(%q) = %s: not a positive whole number of minor units", text, got.Decimal())
		}
		again, err := money.Parse(got.String(), money.TRY)
		if err != nil || !again.Equal(got) {
			t.Fatalf("Parse(%q) does not survive its own text %q", text, got)
		}
	})
}
