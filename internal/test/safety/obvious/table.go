package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"go.etcd.io/bbolt"
)

// The states of the status column.
const (
	pending   = "pending"
	succeeded = "succeeded"
	failed    = "failed"
)

// row is one line of the table. Key is unique.
type row struct {
	ID            string          `json:"id"`
	Key           string          `json:"key"`
	PaymentID     string          `json:"paymentId"`
	TransactionID string          `json:"paymentTransactionId"`
	Amount        decimal.Decimal `json:"amount"`
	Status        string          `json:"status"`
	Error         string          `json:"error,omitempty"`
	UpdatedAt     time.Time       `json:"updatedAt"`
}

// asks tells whether two rows are the same request.
func (r row) asks(other row) bool {
	return r.PaymentID == other.PaymentID && r.TransactionID == other.TransactionID && r.Amount.Equal(other.Amount)
}

// table is the SQL table of such a service, with transactions that are synced to disk: each method is one of them. bbolt
// stands for the database, so that the comparison needs none.
type table struct{ db *bbolt.DB }

var bucket = []byte("refunds")

var errExceedsRemaining = errors.New("more than is left of the line")

func openTable(path string) (*table, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 10 * time.Second})
	if err != nil {
		return nil, fmt.Errorf("open table: %w", err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(bucket)
		return err
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("create table: %w", err), db.Close())
	}
	return &table{db}, nil
}

// Insert is INSERT … ON CONFLICT (key) DO NOTHING, if the line's rows that did not fail leave room for the amount. It
// gives the row that is stored, and whether it is the new one.
func (t *table) Insert(r row, paid decimal.Decimal) (stored row, inserted bool, err error) {
	err = t.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucket)
		if data := b.Get([]byte(r.Key)); data != nil {
			return json.Unmarshal(data, &stored)
		}
		left := paid
		err := b.ForEach(func(_, data []byte) error {
			var other row
			err := json.Unmarshal(data, &other)
			if err == nil && other.TransactionID == r.TransactionID && other.Status != failed {
				left = left.Sub(other.Amount)
			}
			return err
		})
		if err != nil {
			return err
		}
		if r.Amount.GreaterThan(left) {
			return errExceedsRemaining
		}
		stored, inserted = r, true
		return put(b, r)
	})
	return stored, inserted, err
}

// TakeOver is UPDATE … SET updated_at = now WHERE key = ? AND status = 'pending' AND updated_at < before. Of several that
// come at once, one gets the row.
func (t *table) TakeOver(key string, before, now time.Time) (taken bool, err error) {
	err = t.change(key, func(r *row) {
		if r.Status == pending && r.UpdatedAt.Before(before) {
			r.UpdatedAt, taken = now, true
		}
	})
	return taken, err
}

// Finish writes the status column.
func (t *table) Finish(key, status, reason string, now time.Time) error {
	return t.change(key, func(r *row) { r.Status, r.Error, r.UpdatedAt = status, reason, now })
}

func (t *table) change(key string, edit func(*row)) error {
	return t.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucket)
		var r row
		if err := json.Unmarshal(b.Get([]byte(key)), &r); err != nil {
			return fmt.Errorf("read row: %w", err)
		}
		edit(&r)
		return put(b, r)
	})
}

func put(b *bbolt.Bucket, r row) error {
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("write row: %w", err)
	}
	return b.Put([]byte(r.Key), data)
}

// Close lets the file go.
func (t *table) Close() error { return t.db.Close() }
