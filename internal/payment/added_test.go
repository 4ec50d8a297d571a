package payment

import (
	"fmt"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
)

// TestTheWorstCaseAddsNoMoreThanMostAdded: who is admitted by the bound would be admitted by the worst case itself.
func TestTheWorstCaseAddsNoMoreThanMostAdded(t *testing.T) {
	t.Parallel()
	amount := money.New(decimal.RequireFromString("0.01"), money.TRY)
	for _, kind := range Kinds() {
		for _, api := range kind.spec().apis {
			for lines := range 4 {
				for legs := range 4 {
					a := Account{ID: "PAYMENT#1", Version: 1, PaymentID: "1", Currency: money.TRY}
					for i := range lines {
						a.Lines = append(a.Lines, Line{ID: strings.Repeat(fmt.Sprint(i), 19), PaidAmount: amount})
					}
					for range 3 {
						op := Operation{ID: "rf_1_x", Kind: kind, Amount: amount}
						for range legs {
							op.Legs = append(op.Legs, Leg{API: api, Amount: amount, State: StateUnknown})
						}
						if kind == KindFundPayment {
							op.Fund = &Fund{PriceAmount: amount}
						}
						a.Operations = append(a.Operations, op)
					}
					least, err := EncodeAccount(a)
					if err != nil {
						t.Fatal(err)
					}
					worst, err := EncodeAccount(a.worstCase())
					if added := len(worst) - len(least); err != nil || added > a.mostAdded() {
						t.Errorf("%s over %s, %d lines, %d legs: %d bytes are added, the bound is %d, %v", kind, api, lines, legs, added, a.mostAdded(), err)
					}
				}
			}
		}
	}
}
