package bolt

import (
	"context"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/iade/iade/internal/payment"
)

// Load implements payment.Store.
func (s *Store) Load(ctx context.Context, id payment.AccountID) (payment.Account, error) {
	if err := ctx.Err(); err != nil {
		return payment.Account{}, fmt.Errorf("load account %s: %w", id, err)
	}
	var a payment.Account
	err := s.view(func(tx *bbolt.Tx) (err error) {
		a, err = stored(tx, id)
		return err
	})
	if err != nil {
		return payment.Account{}, fmt.Errorf("load account %s: %w", id, err)
	}
	return a, nil
}

// Save implements payment.Store. Account, due index, outbox record and journal are one transaction, synced before Save returns.
// After any error but ErrConflict and the context's the account is perhaps stored. A file that is gone keeps nothing, so
// saving into it fails with ErrGone.
func (s *Store) Save(ctx context.Context, next payment.Account) error {
	published := false
	err := s.update(func(tx *bbolt.Tx) (err error) {
		if err := ctx.Err(); err != nil { // looked at here, because update waits for other writers
			return err
		}
		published, err = save(tx, next)
		return err
	})
	if err != nil {
		return fmt.Errorf("save account %s, version %d: %w", next.ID, next.Version, err)
	}
	if published {
		s.wake()
	}
	return nil
}

// save writes the account and tells whether that left an outbox record.
func save(tx *bbolt.Tx, next payment.Account) (published bool, err error) {
	if next.ID == "" || next.Version < 1 {
		return false, errors.New("an account to save has an id and a version from 1")
	}
	old, err := stored(tx, next.ID)
	if err != nil {
		return false, err
	}
	if old.Version != next.Version-1 {
		return false, payment.ErrConflict
	}
	data, err := payment.EncodeAccount(next)
	if err != nil {
		return false, err
	}
	if err := index(tx, old, next); err != nil {
		return false, err
	}
	if published = len(payment.Changes(old, next)) > 0; published {
		if err := enqueue(tx, next.ID, data); err != nil {
			return false, err
		}
	}
	if err := appendRecords(tx, payment.Records(old, next)); err != nil {
		return false, err
	}
	return published, tx.Bucket(accountsBucket).Put([]byte(next.ID), data)
}

func stored(tx *bbolt.Tx, id payment.AccountID) (payment.Account, error) {
	data := tx.Bucket(accountsBucket).Get([]byte(id))
	if data == nil {
		return payment.Account{ID: id}, nil
	}
	return payment.DecodeAccount(data)
}
