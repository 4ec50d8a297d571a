package bolt

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/iade/iade/internal/payment"
)

// Load implements payment.Store.
func (s *Store) Load(ctx context.Context, id payment.AccountID) (payment.Account, error) {
	if err := ctx.Err(); err != nil {
		return payment.Account{}, fmt.Errorf("load account %s: %w", id, err)
	}
	if err := s.Present(); err != nil {
		return payment.Account{}, fmt.Errorf("load account %s: %w", id, err)
	}
	if a, ok := s.recent.get(id); ok {
		return a.Clone(), nil
	}
	var a payment.Account
	err := s.view(func(tx *bbolt.Tx) (err error) {
		a, err = decoded(tx, id)
		return err
	})
	if err != nil {
		return payment.Account{}, fmt.Errorf("load account %s: %w", id, err)
	}
	return a, nil
}

// Save implements payment.Store. Account, due index, outbox record and journal are one transaction, synced before Save returns;
// saves that wait for the disk share it. After any error but ErrConflict and the context's the account is perhaps stored. A file
// that is gone keeps nothing, so saving into it fails with ErrGone.
func (s *Store) Save(ctx context.Context, next payment.Account) error {
	published := false
	next = next.Clone() // kept in memory too
	err := s.update(func(tx *bbolt.Tx) (err error) {
		if err := ctx.Err(); err != nil { // looked at here, because update waits for other writers
			return untouched{err}
		}
		published, err = s.save(tx, next)
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
func (s *Store) save(tx *bbolt.Tx, next payment.Account) (published bool, err error) {
	if next.ID == "" || next.Version < 1 {
		return false, untouched{errors.New("an account to save has an id and a version from 1")}
	}
	old, err := s.stored(tx, next.ID)
	if err != nil {
		return false, untouched{err}
	}
	if old.Version != next.Version-1 {
		return false, untouched{payment.ErrConflict}
	}
	size, err := put(tx.Bucket(accountsBucket), old, next)
	if err != nil {
		return false, err
	}
	if err := index(tx, old, next); err != nil {
		return false, err
	}
	changes := payment.Changes(old, next)
	if published = len(changes) > 0; published {
		if err := enqueue(tx, changes); err != nil {
			return false, err
		}
	}
	if err := appendRecords(tx, payment.Records(old, next)); err != nil {
		return false, err
	}
	s.staged[next.ID] = saved{next, size}
	return published, nil
}

// put writes the account, and those of its operations that differ from what is stored: old. An operation that became definite stays as
// it is, so what a save writes does not grow with the account. It gives the length of all that is stored now. What cannot be encoded
// leaves everything untouched.
func put(accounts *bbolt.Bucket, old, next payment.Account) (size int, err error) {
	account, err := payment.EncodeApart(next)
	if err != nil {
		return 0, untouched{err}
	}
	changed := make([][]byte, len(next.Operations)) // nil: it stays
	c := accounts.Cursor()
	key, value := c.Seek(operationKey(next.ID, 0))
	for i := range next.Operations {
		stored := bytes.Equal(key, operationKey(next.ID, i)) // an earlier program stored the account whole
		if stored && next.SameOperation(&old, i) {
			size += len(value)
		} else {
			if changed[i], err = payment.EncodeOperation(next.Operations[i]); err != nil {
				return 0, untouched{err}
			}
			size += len(changed[i])
		}
		if stored {
			key, value = c.Next()
		}
	}
	var gone [][]byte // an operation left the account
	for ; isOperation(key, next.ID); key, _ = c.Next() {
		gone = append(gone, key)
	}
	for _, key := range gone {
		if err := accounts.Delete(key); err != nil {
			return 0, err
		}
	}
	for i, operation := range changed {
		if operation == nil {
			continue
		}
		if err := accounts.Put(operationKey(next.ID, i), operation); err != nil {
			return 0, err
		}
	}
	return size + len(account), accounts.Put([]byte(next.ID), account)
}

// operationKey is the place of an account's operation. No account's id holds a zero byte.
func operationKey(id payment.AccountID, position int) []byte {
	key := make([]byte, 0, len(id)+1+4)
	return binary.BigEndian.AppendUint32(append(append(key, id...), 0), uint32(position))
}

// isOperation tells whether a key is that of an operation of the account.
func isOperation(key []byte, id payment.AccountID) bool {
	return len(key) == len(id)+1+4 && string(key[:len(id)]) == string(id) && key[len(id)] == 0
}

// stored is the account as the transaction has it so far.
func (s *Store) stored(tx *bbolt.Tx, id payment.AccountID) (payment.Account, error) {
	if staged, ok := s.staged[id]; ok {
		return staged.account, nil
	}
	if a, ok := s.recent.get(id); ok {
		return a, nil
	}
	return decoded(tx, id)
}

// decoded reads the account that the transaction found on disk.
func decoded(tx *bbolt.Tx, id payment.AccountID) (payment.Account, error) {
	c := tx.Bucket(accountsBucket).Cursor()
	key, account := c.Seek([]byte(id))
	if string(key) != string(id) {
		return payment.Account{ID: id}, nil
	}
	var operations [][]byte
	for key, value := c.Next(); isOperation(key, id); key, value = c.Next() {
		if !bytes.Equal(key, operationKey(id, len(operations))) {
			return payment.Account{}, fmt.Errorf("account %s lost operation %d", id, len(operations))
		}
		operations = append(operations, value)
	}
	return payment.DecodeApart(account, operations)
}

const (
	// sortableTime writes a UTC time so that texts sort as the times do.
	sortableTime = "2006-01-02T15:04:05.000000000Z"
	mostListed   = 1000 // accounts that Open gives at once, whatever the caller asks for
	maxCursor    = 512
)

// Open implements payment.Store. Here it is never stale. A cursor that is not one is the caller's fault:
// CodeInvalidRequest.
func (s *Store) Open(ctx context.Context, dueBefore time.Time, cursor string, limit int) ([]payment.AccountID, string, error) {
	after, err := decodeCursor(cursor)
	if err != nil {
		return nil, "", err
	}
	if err := ctx.Err(); err != nil {
		return nil, "", fmt.Errorf("list open accounts: %w", err)
	}
	limit = min(max(limit, 1), mostListed)
	bound := sortable(dueBefore)
	var ids []payment.AccountID
	next := ""
	err = s.view(func(tx *bbolt.Tx) error {
		c := tx.Bucket(dueBucket).Cursor()
		key, _ := c.Seek(after)
		if key != nil && bytes.Equal(key, after) {
			key, _ = c.Next()
		}
		var last []byte
		for ; key != nil && string(key[:len(sortableTime)]) <= bound; key, _ = c.Next() {
			if len(ids) == limit {
				next = base64.RawURLEncoding.EncodeToString(last)
				break
			}
			ids = append(ids, payment.AccountID(key[len(sortableTime):]))
			last = key
		}
		return nil
	})
	if err != nil {
		return nil, "", fmt.Errorf("list open accounts: %w", err)
	}
	return ids, next, nil
}

// index moves the account to its new place in the due bucket.
func index(tx *bbolt.Tx, old, next payment.Account) error {
	before, after := dueKey(old), dueKey(next)
	if bytes.Equal(before, after) {
		return nil
	}
	due := tx.Bucket(dueBucket)
	if before != nil {
		if err := due.Delete(before); err != nil {
			return err
		}
	}
	if after == nil {
		return nil
	}
	return due.Put(after, []byte{})
}

// dueKey is the account's place in the due bucket, nil if nothing is due.
func dueKey(a payment.Account) []byte {
	due := a.DueAt()
	if due.IsZero() {
		return nil
	}
	return []byte(sortable(due) + string(a.ID))
}

func sortable(t time.Time) string {
	if t = t.UTC(); t.Year() > 9999 {
		t = time.Date(9999, time.December, 31, 23, 59, 59, 999999999, time.UTC)
	}
	return t.Format(sortableTime)
}

// decodeCursor gives the key of the last account that was listed.
func decodeCursor(cursor string) ([]byte, error) {
	if cursor == "" {
		return nil, nil
	}
	key, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil && len(cursor) <= maxCursor && len(key) > len(sortableTime) {
		if _, err := time.Parse(sortableTime, string(key[:len(sortableTime)])); err == nil {
			return key, nil
		}
	}
	return nil, &payment.Error{Code: payment.CodeInvalidRequest, Field: "cursor", Message: "is not a cursor of this list"}
}
