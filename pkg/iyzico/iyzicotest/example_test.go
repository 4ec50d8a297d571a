package iyzicotest_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

func ExampleLedger() {
	clock := func() time.Time { return time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC) }
	ledger := iyzicotest.NewLedger(clock)
	payment, err := ledger.AddPayment(iyzicotest.PaymentSpec{
		Lines: []iyzicotest.LineSpec{{PaidPrice: decimal.RequireFromString("10.00")}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	// The same request twice is two refunds; the third is above what is left.
	for range 3 {
		_, err := ledger.Refund(iyzicotest.RefundRequest{
			ConversationID:       "op-1",
			PaymentTransactionID: payment.Lines[0].PaymentTransactionID,
			Price:                decimal.RequireFromString("4.00"),
		})
		var refusal *iyzicotest.Refusal
		fmt.Println(len(ledger.Executions(payment.ID)), errors.As(err, &refusal))
	}
	// Output:
	// 1 false
	// 2 false
	// 2 true
}
