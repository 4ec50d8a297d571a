package bolt

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/iade/iade/internal/dayclose"
	"github.com/iade/iade/internal/payment"
)

// The days' buckets.
var (
	daysBucket     = []byte("days")      // day → storedDay
	dayPartsBucket = []byte("day-parts") // day, 0, reading, 0, name → the part
)

// storedDay is a day's record with its revision.
type storedDay struct {
	Revision int64           `json:"revision"`
	Record   dayclose.Record `json:"record"`
}

// Day implements dayclose.Store.
func (s *Store) Day(ctx context.Context, date payment.Day) (record dayclose.Record, err error) {
	err = s.read(ctx, func(tx *bbolt.Tx) error {
		record, err = decodeDay(tx.Bucket(daysBucket).Get([]byte(date)))
		return err
	})
	if err != nil {
		return dayclose.Record{}, fmt.Errorf("read day %s: %w", date, err)
	}
	return record, nil
}

// SaveDay implements dayclose.Store. The parts of readings that are over go at once.
func (s *Store) SaveDay(ctx context.Context, r dayclose.Record) error {
	err := s.update(func(tx *bbolt.Tx) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		days := tx.Bucket(daysBucket)
		stored, err := decodeDay(days.Get([]byte(r.Day.Date)))
		if err != nil {
			return err
		}
		if stored.Revision != r.Revision-1 {
			return dayclose.ErrConflict
		}
		value, err := json.Marshal(storedDay{r.Revision, r})
		if err != nil {
			return err
		}
		if r.Reading.IsZero() {
			if err := dropParts(tx, r.Day.Date); err != nil {
				return err
			}
		}
		return days.Put([]byte(r.Day.Date), value)
	})
	if err != nil {
		return fmt.Errorf("save day %s: %w", r.Day.Date, err)
	}
	return nil
}

func dropParts(tx *bbolt.Tx, date payment.Day) error {
	parts, prefix := tx.Bucket(dayPartsBucket), joined(string(date), "")
	c := parts.Cursor()
	for key, _ := c.Seek(prefix); bytes.HasPrefix(key, prefix); key, _ = c.Seek(prefix) {
		if err := parts.Delete(slices.Clone(key)); err != nil {
			return err
		}
	}
	return nil
}

// Days implements dayclose.Store.
func (s *Store) Days(ctx context.Context, from, to payment.Day) ([]dayclose.Record, error) {
	var records []dayclose.Record
	err := s.read(ctx, func(tx *bbolt.Tx) error {
		c := tx.Bucket(daysBucket).Cursor()
		for key, value := c.Seek([]byte(from)); key != nil && string(key) <= string(to); key, value = c.Next() {
			record, err := decodeDay(value)
			if err != nil {
				return err
			}
			records = append(records, record)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list days: %w", err)
	}
	return records, nil
}

func decodeDay(value []byte) (dayclose.Record, error) {
	if value == nil {
		return dayclose.Record{}, nil
	}
	var stored storedDay
	if err := json.Unmarshal(value, &stored); err != nil {
		return dayclose.Record{}, fmt.Errorf("decode day: %w", err)
	}
	stored.Record.Revision = stored.Revision
	return stored.Record, nil
}

// SavePart implements dayclose.Store.
func (s *Store) SavePart(ctx context.Context, p dayclose.Part) error {
	err := s.update(func(tx *bbolt.Tx) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return tx.Bucket(dayPartsBucket).Put(partKey(p.Date, p.Reading, p.Name), p.Data)
	})
	if err != nil {
		return fmt.Errorf("save %s of day %s: %w", p.Name, p.Date, err)
	}
	return nil
}

// Parts implements dayclose.Store.
func (s *Store) Parts(ctx context.Context, date payment.Day, reading time.Time) ([]dayclose.Part, error) {
	var parts []dayclose.Part
	prefix := partKey(date, reading, "")
	err := s.read(ctx, func(tx *bbolt.Tx) error {
		c := tx.Bucket(dayPartsBucket).Cursor()
		for key, value := c.Seek(prefix); bytes.HasPrefix(key, prefix); key, value = c.Next() {
			parts = append(parts, dayclose.Part{
				Date: date, Reading: reading, Name: string(key[len(prefix):]), Data: bytes.Clone(value),
			})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what was gathered of day %s: %w", date, err)
	}
	return parts, nil
}

func partKey(date payment.Day, reading time.Time, name string) []byte {
	return joined(string(date), reading.UTC().Format(time.RFC3339Nano), name)
}
