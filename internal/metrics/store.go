package metrics

import (
	"context"
	"errors"
	"time"

	"github.com/iade/iade/internal/payment"
)

// store counts what goes wrong with a payment.Store.
type store struct {
	next     payment.Store
	recorder *Recorder
}

// Store decorates a payment.Store.
func (r *Recorder) Store(next payment.Store) payment.Store { return store{next, r} }

// Load loads.
func (s store) Load(ctx context.Context, id payment.AccountID) (payment.Account, error) {
	account, err := s.next.Load(ctx, id)
	s.note(err)
	return account, err
}

// Save saves.
func (s store) Save(ctx context.Context, next payment.Account) error {
	err := s.next.Save(ctx, next)
	s.note(err)
	return err
}

// Open lists.
func (s store) Open(ctx context.Context, dueBefore time.Time, cursor string, limit int) ([]payment.AccountID, string, error) {
	ids, next, err := s.next.Open(ctx, dueBefore, cursor, limit)
	s.note(err)
	return ids, next, err
}

func (s store) note(err error) {
	switch {
	case err == nil, payment.CodeOf(err) == payment.CodeInvalidRequest: // a caller's cursor
	case errors.Is(err, payment.ErrConflict):
		s.recorder.Count(StoreConflicts)
	default:
		s.recorder.Count(StoreErrors)
	}
}
