package payment

import (
	"fmt"
	"strings"
	"testing"
	"time"

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
					if len(least) > a.mostStored() {
						t.Errorf("%s over %s, %d lines, %d legs: %d bytes are stored, the bound is %d", kind, api, lines, legs, len(least), a.mostStored())
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

// TestNoAccountIsLongerThanMostStored: texts of the worst characters in every field that a bound must count, and many of each list.
func TestNoAccountIsLongerThanMostStored(t *testing.T) {
	t.Parallel()
	amount := money.New(decimal.RequireFromString("12345678901234567890.12345678"), money.TRY)
	for _, length := range []int{0, 1, 40, 500} {
		for _, character := range []string{"x", `"`, "\x01", "\u2028", "\xff"} {
			text := strings.Repeat(character, length)
			late := longestTime
			yes := true
			a := Account{
				ID: AccountID(text), Version: 1 << 62, PaymentID: text, Currency: money.TRY, PaidAt: late, Charged: true, PreAuth: true, ReportReadAt: late,
				Suspect: true, FailedReads: 1 << 60, ReadDueAt: late, LinesPartial: true, RestoredAt: late, PastLegs: 1 << 60, AttemptFloor: 1 << 60,
				Author: Author{text, text, text, late}, Hint: Hint{late, late, late, nil},
			}
			for range 20 {
				a.Lines = append(a.Lines, Line{text, text, amount})
				a.Past = append(a.Past, Past{text, KindBalanceRefund, StatusPartiallySucceeded, text, amount, amount, 1 << 60, []int{1 << 60, 1 << 60}, text, true, late, late})
				a.PastRefunds = append(a.PastRefunds, Part{text, amount})
				a.Foreign = append(a.Foreign, Foreign{text, true, text, amount, 1 << 60, late, 1 << 60, true, true, text})
				a.Hint.Codes = append(a.Hint.Codes, HashCode(""))
				leg := Leg{
					APIRefundChargedToMerchant, text, amount, StateAwaitingMerchant, 1 << 60, late, late, 1 << 60, late, late, late, true, true,
					[]Part{{text, amount}, {text, amount}}, []string{text, text}, Proof{text, text, text, text, text, true},
					&Failure{text, text, text, text, &yes}, DayOf(late),
				}
				a.Operations = append(a.Operations, Operation{
					ID: text, Kind: KindBalanceRefund, Key: text, Fingerprint: text, Amount: amount, LineID: text, Destination: ToBalance,
					Allocation: AllocateProportional, ChargedTo: ChargedToMerchant, Reason: text, Reference: text, ReturnURL: text,
					Page: CustomerPage{Since: late, Locale: "tr"}, Legs: []Leg{leg, leg, leg}, Attempts: 1 << 60, Restored: true, AcceptedIn: 1 << 62,
					CreatedAt: late, UpdatedAt: late, SettledAt: late, DeadlineAt: late, FollowUps: []time.Time{late, late, late}, Alarmed: true,
				})
			}
			data, err := EncodeAccount(a)
			if err != nil {
				t.Fatal(err)
			}
			if most := a.mostStored(); len(data) > most {
				t.Errorf("%d × %q: %d bytes are stored, the bound is %d", length, character, len(data), most)
			}
		}
	}
}
