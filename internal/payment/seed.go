package payment

import (
	"context"
	"fmt"
	"time"

	"github.com/iade/iade/internal/money"
)

// Seeded opens the account of a payment that a fund payment made, so that it can be refunded without a read. An account
// that is there already stays as it is, so the event may come any number of times.
type Seeded struct {
	PaymentID string
	Currency  money.Currency
	PaidAt    time.Time
	Lines     []Line
}

// SeedDone says that the account of the payment that this operation made is there.
type SeedDone struct {
	OperationID string
}

func (Seeded) event()   {}
func (SeedDone) event() {}

// seeded opens the account if it was never saved.
func (a *Account) seeded(e Seeded) {
	if a.Version == 0 {
		a.PaymentID, a.Currency, a.PaidAt, a.Lines, a.Charged = e.PaymentID, e.Currency, e.PaidAt, e.Lines, true
	}
}

func (a *Account) seedDone(e SeedDone) {
	if op := a.Operation(e.OperationID); op != nil && op.unseeded() {
		op.Fund.Seeded = true
	}
}

// seed opens the payment's account that a fund payment's success calls for, and notes that it is done. A crash in between
// leaves the fund payment's account due, and a repetition changes nothing that is there: each of the two writes is
// harmless to repeat.
func (s *Service) seed(ctx context.Context, account Account) error {
	op := account.unseeded()
	if op == nil {
		return nil
	}
	made := op.Fund.Made
	if _, err := s.Apply(ctx, PaymentAccount(made.PaymentID), Seeded{made.PaymentID, account.Currency, made.PaidAt, made.Lines}); err != nil {
		return fmt.Errorf("open the account of payment %s: %w", made.PaymentID, err)
	}
	if _, err := s.Apply(ctx, account.ID, SeedDone{op.ID}); err != nil {
		return fmt.Errorf("note that payment %s has its account: %w", made.PaymentID, err)
	}
	return nil
}
