package payment_test

import (
	"context"

	"github.com/iade/iade/internal/payment"
)

// refusing is a store whose one account was written by another version.
type refusing struct {
	*world
	data []byte
}

func (s refusing) Load(context.Context, payment.AccountID) (payment.Account, error) {
	return payment.DecodeAccount(s.data)
}
