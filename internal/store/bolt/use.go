package bolt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/iade/iade/internal/payment"
)

// useKept is how long before a newer day the use of a day is kept.
const useKept = 32 * 24 * time.Hour

// LoadUse implements payment.UseStore.
func (s *Store) LoadUse(ctx context.Context, day payment.Day) (payment.Use, error) {
	if err := ctx.Err(); err != nil {
		return payment.Use{}, fmt.Errorf("load use: %w", err)
	}
	var use payment.Use
	err := s.view(func(tx *bbolt.Tx) (err error) {
		use, err = storedUse(tx, day)
		return err
	})
	if err != nil {
		return payment.Use{}, fmt.Errorf("load use: %w", err)
	}
	return use, nil
}

// SaveUse implements payment.UseStore. After any error but ErrConflict and the context's it is perhaps stored.
func (s *Store) SaveUse(ctx context.Context, next payment.Use) error {
	err := s.update(func(tx *bbolt.Tx) error {
		if err := ctx.Err(); err != nil { // looked at here, because update waits for other writers
			return untouched{err}
		}
		if next.Day.Start().IsZero() || next.Version < 1 {
			return errors.New("it needs a day and a version from 1")
		}
		old, err := storedUse(tx, next.Day)
		if err != nil {
			return err
		}
		if old.Version != next.Version-1 {
			return untouched{payment.ErrConflict}
		}
		data, err := payment.EncodeUse(next)
		if err != nil {
			return err
		}
		uses := tx.Bucket(usesBucket)
		oldest := string(payment.DayOf(next.Day.Start().Add(-useKept)))
		c := uses.Cursor()
		for key, _ := c.First(); key != nil && string(key) < oldest; key, _ = c.First() {
			if err := c.Delete(); err != nil {
				return err
			}
		}
		return uses.Put([]byte(next.Day), data)
	})
	if err != nil {
		return fmt.Errorf("save use: %w", err)
	}
	return nil
}

func storedUse(tx *bbolt.Tx, day payment.Day) (payment.Use, error) {
	data := tx.Bucket(usesBucket).Get([]byte(day))
	if data == nil {
		return payment.Use{Day: day}, nil
	}
	return payment.DecodeUse(data)
}
