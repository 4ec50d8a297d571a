package payment

import (
	"context"
	"fmt"

	"github.com/iade/iade/internal/money"
)

// show adds what only a fund payment shows.
func (f *Fund) show(r *Resource) {
	r.PaymentID, r.PaymentStatus, r.FraudStatus = f.Made.PaymentID, f.Made.PaymentStatus, f.Made.FraudStatus
	r.Price, r.PaidPrice, r.RefundedAmount = f.PriceAmount.String(), r.Amount, ""
	nothing := money.Zero(f.PriceAmount.Currency()).String()
	for _, line := range f.Made.Lines {
		paid := line.PaidAmount.String()
		r.Lines = append(r.Lines, LineView{line.ID, line.ItemID, paid, nothing, nothing, paid})
	}
}

// withLinesOfToday shows the lines of the payment that a fund payment made as the payment's own account knows them: with
// what was refunded since. Without such an account they are as they were made.
func (s *Service) withLinesOfToday(ctx context.Context, r Resource) (Resource, error) {
	account, err := s.load(ctx, PaymentAccount(r.PaymentID))
	if err != nil {
		return Resource{}, fmt.Errorf("show the lines of %s: %w", r.ID, err)
	}
	if account.Version > 0 {
		r.Lines = account.Totals().lineViews()
	}
	return r, nil
}
