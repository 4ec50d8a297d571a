package bolt

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/iade/iade/internal/payment"
)

const (
	mostRecords   = 100     // records that Outbox gives at once, whatever the caller asks for
	mostRecordLen = 2 << 20 // bytes that Outbox reads at once, if there is more than one record
)

// OutboxRecord is what one save changed that is to be published.
type OutboxRecord struct {
	Seq     uint64 // rising in the order of the saves, never used again
	Changes []payment.Change
}

// storedRecord is a record in the file. Earlier programs left the account's two images, Old absent at the first save; a program
// of then refuses a record without them, so that it publishes nothing rather than lose an event.
type storedRecord struct {
	Changes []payment.Change `json:"c,omitempty"`
	Old     json.RawMessage  `json:"o,omitempty"`
	New     json.RawMessage  `json:"n,omitempty"`
}

// Outbox gives the oldest records that are not published yet, at most limit (never more than 100), in the order of the
// saves. A record comes again until Published confirms it, also after a restart (I8).
func (s *Store) Outbox(ctx context.Context, limit int) ([]OutboxRecord, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("read outbox: %w", err)
	}
	limit = min(max(limit, 1), mostRecords)
	var records []OutboxRecord
	err := s.view(func(tx *bbolt.Tx) error {
		size := 0
		c := tx.Bucket(outboxBucket).Cursor()
		for key, value := c.First(); key != nil && len(records) < limit; key, value = c.Next() {
			if size += len(value); size > mostRecordLen && len(records) > 0 {
				return nil
			}
			record, err := decodeRecord(value)
			if err != nil {
				return err
			}
			record.Seq = binary.BigEndian.Uint64(key)
			records = append(records, record)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read outbox: %w", err)
	}
	return records, nil
}

// Published deletes every record up to and including seq. After an error the records may come again.
func (s *Store) Published(ctx context.Context, seq uint64) error {
	err := s.update(func(tx *bbolt.Tx) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		c := tx.Bucket(outboxBucket).Cursor()
		for key, _ := c.First(); key != nil && binary.BigEndian.Uint64(key) <= seq; key, _ = c.First() {
			if err := c.Delete(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("confirm outbox up to %d: %w", seq, err)
	}
	return nil
}

// Changed gets a value when the outbox may hold something new, one for many saves, and one at Open if an earlier process
// left records. It is for one reader, who reads Outbox until it is empty before waiting again.
func (s *Store) Changed() <-chan struct{} { return s.changed }

func (s *Store) wake() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// enqueue leaves a record.
func enqueue(tx *bbolt.Tx, changes []payment.Change) error {
	value, err := json.Marshal(storedRecord{Changes: changes})
	if err != nil {
		return err
	}
	outbox := tx.Bucket(outboxBucket)
	seq, err := outbox.NextSequence()
	if err != nil {
		return err
	}
	return outbox.Put(binary.BigEndian.AppendUint64(nil, seq), value)
}

func decodeRecord(value []byte) (OutboxRecord, error) {
	var s storedRecord
	if err := json.Unmarshal(value, &s); err != nil {
		return OutboxRecord{}, fmt.Errorf("decode record: %w", err)
	}
	if len(s.Changes) > 0 {
		return OutboxRecord{Changes: s.Changes}, nil
	}
	next, err := payment.DecodeAccount(s.New)
	if err != nil {
		return OutboxRecord{}, err
	}
	old := payment.Account{ID: next.ID}
	if s.Old != nil {
		if old, err = payment.DecodeAccount(s.Old); err != nil {
			return OutboxRecord{}, err
		}
	}
	return OutboxRecord{Changes: payment.Changes(old, next)}, nil
}
