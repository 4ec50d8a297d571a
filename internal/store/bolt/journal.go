package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/iade/iade/internal/journal"
	"github.com/iade/iade/internal/payment"
)

// The journal's buckets. A zero byte ends each text in a key that is not the last: no text of iade holds one.
var (
	recordsBucket    = []byte("journal-records")    // operation id, 0, journal.Key → record
	operationsBucket = []byte("journal-operations") // operation id → sequence, 8 bytes, big endian, and the operation
	placesBucket     = []byte("journal-places")     // index, 0, value, 0, position → operation id
	movedBucket      = []byte("journal-moved")      // day, 0, journal.MovedKey → key in recordsBucket
)

// Append implements journal.Store, for records that no save of this store made: a save appends its own.
func (s *Store) Append(ctx context.Context, records []payment.Record) error {
	err := s.update(func(tx *bbolt.Tx) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return appendRecords(tx, records)
	})
	if err != nil {
		return fmt.Errorf("append to the journal: %w", err)
	}
	return nil
}

func appendRecords(tx *bbolt.Tx, records []payment.Record) error {
	for i, r := range records {
		key := joined(r.OperationID, journal.Key(r))
		all := tx.Bucket(recordsBucket)
		if all.Get(key) == nil {
			value, err := json.Marshal(r)
			if err != nil {
				return err
			}
			if err := all.Put(key, value); err != nil {
				return err
			}
			if r.Movement != nil {
				if err := tx.Bucket(movedBucket).Put(joined(journal.MovedDay(r), journal.MovedKey(r)), key); err != nil {
					return err
				}
			}
		}
		if i+1 < len(records) && records[i+1].OperationID == r.OperationID {
			continue // the last record of an operation says what it is
		}
		if err := place(tx, r); err != nil {
			return err
		}
	}
	return nil
}

// place keeps the operation as the record left it, unless a newer record did, and moves it in the indexes.
func place(tx *bbolt.Tx, r payment.Record) error {
	operations, places := tx.Bucket(operationsBucket), tx.Bucket(placesBucket)
	id := []byte(r.OperationID)
	to := placeKeys(r.Operation)
	if stored := operations.Get(id); stored != nil {
		sequence, old, err := decodeOperation(stored)
		if err != nil {
			return err
		}
		if sequence > uint64(r.Sequence) {
			return nil
		}
		for _, key := range placeKeys(old) {
			if i := slices.IndexFunc(to, func(other []byte) bool { return bytes.Equal(key, other) }); i >= 0 {
				to = slices.Delete(to, i, i+1) // it stays there
			} else if err := places.Delete(key); err != nil {
				return err
			}
		}
	}
	value, err := json.Marshal(r.Operation)
	if err != nil {
		return err
	}
	for _, key := range to {
		if err := places.Put(key, id); err != nil {
			return err
		}
	}
	return operations.Put(id, append(binary.BigEndian.AppendUint64(nil, uint64(r.Sequence)), value...))
}

// List implements journal.Store. Here it is never stale.
func (s *Store) List(ctx context.Context, r journal.Range) ([]journal.Entry, error) {
	var entries []journal.Entry
	prefix := joined(string(r.Index), r.Value, "")
	from, to := append(bytes.Clone(prefix), r.From...), append(bytes.Clone(prefix), r.To...)
	err := s.read(ctx, func(tx *bbolt.Tx) error {
		c := tx.Bucket(placesBucket).Cursor()
		step := c.Next
		key, id := c.Seek(from)
		if r.Descending {
			step = c.Prev
			if beyond, _ := c.Seek(to); beyond == nil {
				key, id = c.Last()
			} else {
				key, id = c.Prev()
			}
		}
		for ; key != nil && bytes.Compare(key, from) >= 0 && bytes.Compare(key, to) < 0 && len(entries) < r.Limit; key, id = step() {
			entries = append(entries, journal.Entry{Position: string(key[len(prefix):]), OperationID: string(id)})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the journal by %s: %w", r.Index, err)
	}
	return entries, nil
}

// Operations implements journal.Store.
func (s *Store) Operations(ctx context.Context, ids []string) (map[string]payment.Resource, error) {
	found := make(map[string]payment.Resource, len(ids))
	err := s.read(ctx, func(tx *bbolt.Tx) error {
		for _, id := range ids {
			stored := tx.Bucket(operationsBucket).Get([]byte(id))
			if stored == nil {
				continue
			}
			_, op, err := decodeOperation(stored)
			if err != nil {
				return err
			}
			found[id] = op
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read operations of the journal: %w", err)
	}
	return found, nil
}

// Records implements journal.Store.
func (s *Store) Records(ctx context.Context, operationID, after string, limit int) ([]payment.Record, error) {
	return s.records(ctx, recordsBucket, operationID, after, limit, func(_ *bbolt.Tx, value []byte) []byte { return value })
}

// Moved implements journal.Store.
func (s *Store) Moved(ctx context.Context, day, after string, limit int) ([]payment.Record, error) {
	return s.records(ctx, movedBucket, day, after, limit, func(tx *bbolt.Tx, key []byte) []byte { return tx.Bucket(recordsBucket).Get(key) })
}

// records reads what stands in a bucket below a text, after a key; record finds the record of what stands there.
func (s *Store) records(
	ctx context.Context, bucket []byte, below, after string, limit int, record func(*bbolt.Tx, []byte) []byte,
) ([]payment.Record, error) {
	var records []payment.Record
	prefix := joined(below, "")
	err := s.read(ctx, func(tx *bbolt.Tx) error {
		c := tx.Bucket(bucket).Cursor()
		last := append(bytes.Clone(prefix), after...)
		key, value := c.Seek(last)
		if bytes.Equal(key, last) {
			key, value = c.Next()
		}
		for ; bytes.HasPrefix(key, prefix) && len(records) < limit; key, value = c.Next() {
			var r payment.Record
			if err := json.Unmarshal(record(tx, value), &r); err != nil {
				return fmt.Errorf("decode record: %w", err)
			}
			records = append(records, r)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the journal of %s: %w", below, err)
	}
	return records, nil
}

// read is view, unless the context is over.
func (s *Store) read(ctx context.Context, do func(*bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.view(do)
}

// placeKeys are the keys of the operation in placesBucket.
func placeKeys(op payment.Resource) [][]byte {
	var keys [][]byte
	position := journal.PositionOf(op)
	for _, p := range journal.Places(op) {
		keys = append(keys, joined(string(p.Index), p.Value, position))
	}
	return keys
}

func joined(texts ...string) []byte {
	return []byte(strings.Join(texts, "\x00"))
}

func decodeOperation(stored []byte) (sequence uint64, op payment.Resource, err error) {
	if len(stored) < 8 {
		return 0, payment.Resource{}, fmt.Errorf("decode operation: %d bytes", len(stored))
	}
	if err := json.Unmarshal(stored[8:], &op); err != nil {
		return 0, payment.Resource{}, fmt.Errorf("decode operation: %w", err)
	}
	return binary.BigEndian.Uint64(stored), op, nil
}
