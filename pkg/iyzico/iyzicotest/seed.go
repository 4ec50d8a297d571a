package iyzicotest

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// seedPayment is one payment of the walk-through. Its id is firstPaymentID + its place in the table; its line ids go on
// from firstLineID through the table in order.
type seedPayment struct {
	currency string
	paid     []string
	age      time.Duration
	status   int
	about    string
}

// seedPayments are in the order of their ids.
var seedPayments = []seedPayment{
	{paid: []string{"100.00"}, about: "one line"},
	{paid: []string{"100.00", "60.00", "40.00"}, about: "three lines"},
	{paid: []string{"75.00"}, about: "to cancel on its day"},
	{paid: []string{"250.00"}, about: "for a lost answer"},
	{paid: []string{"33.33333333", "66.66666667"}, about: "lines with eight decimals"},
	{paid: []string{"80.00"}, currency: "EUR", about: "another currency"},
	{paid: []string{"90.00"}, age: 400 * 24 * time.Hour, about: "older than 365 days"},
	{paid: []string{"55.00"}, status: PaymentFailure, about: "not paid"},
	{paid: []string{"120.00"}, about: "for a refund to balance"},
}

// seedBalance is what the walk-through's session holds. It is the Ledger's first session, so its two tokens are fixed, too.
const seedBalance = "1000.00"

// Seed puts the walk-through's session and payments with their fixed tokens and ids into an empty Ledger; one that
// holds a payment is left as it is.
func Seed(l *Ledger) error {
	if !l.Empty() {
		return nil
	}
	if _, err := l.AddSession(SessionSpec{Balance: decimal.RequireFromString(seedBalance)}); err != nil {
		return fmt.Errorf("seed session: %w", err)
	}
	now := l.Now()
	for i, seed := range seedPayments {
		spec := PaymentSpec{
			Currency:       seed.currency,
			PaymentStatus:  seed.status,
			CreatedAt:      now.Add(-seed.age),
			ConversationID: fmt.Sprintf("order-%d", i+1),
		}
		for _, paid := range seed.paid {
			spec.Lines = append(spec.Lines, LineSpec{PaidPrice: decimal.RequireFromString(paid)})
		}
		if _, err := l.AddPayment(spec); err != nil {
			return fmt.Errorf("seed payment %d: %w", i+1, err)
		}
	}
	return nil
}
