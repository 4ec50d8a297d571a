package bolt

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

const (
	sortableMinute = "2006-01-02T15:04Z"
	// quotaKept is how long before the minute of the newest lease counters are kept. A queue's message may hold a slot
	// as far ahead as SQS can hide it, 12 hours, so this never drops a minute in use.
	quotaKept = 24 * time.Hour
)

// Take adds n (0 or more) to the counter of one endpoint and minute and returns the new total. After an error the slots
// are perhaps taken, never given twice.
func (s *Store) Take(ctx context.Context, name string, minute time.Time, n int) (total int, err error) {
	if n < 0 {
		return 0, errors.New("take quota: a negative number of slots")
	}
	err = s.update(func(tx *bbolt.Tx) error {
		if err := ctx.Err(); err != nil {
			return untouched{err}
		}
		quota := tx.Bucket(quotaBucket)
		if err := prune(quota, minute.Add(-quotaKept)); err != nil {
			return err
		}
		key := []byte(minute.UTC().Format(sortableMinute) + name)
		total = n
		if value := quota.Get(key); value != nil {
			total += int(binary.BigEndian.Uint64(value))
		}
		return quota.Put(key, binary.BigEndian.AppendUint64(nil, uint64(total)))
	})
	if err != nil {
		return 0, fmt.Errorf("take quota: %w", err)
	}
	return total, nil
}

// prune drops the counters of minutes before that time.
func prune(quota *bbolt.Bucket, before time.Time) error {
	bound := before.UTC().Format(sortableMinute)
	c := quota.Cursor()
	for key, _ := c.First(); key != nil && string(key) < bound; key, _ = c.First() {
		if err := c.Delete(); err != nil {
			return err
		}
	}
	return nil
}
