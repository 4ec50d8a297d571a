// Package bolt keeps accounts in one file on one machine, for cmd/local and for fast tests. Every save is one
// transaction that is on disk before it is acknowledged, so killing the process loses nothing that was promised.
package bolt

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"github.com/iade/iade/internal/payment"
)

// The buckets of the file.
var (
	accountsBucket = []byte("accounts") // account id → account; account id, 0, position, 4 bytes, big endian → operation (payment.EncodeApart)
	dueBucket      = []byte("due")      // due time, account id → nothing
	usesBucket     = []byte("uses")     // day → payment.EncodeUse
	quotaBucket    = []byte("quota")    // minute, endpoint → 8 bytes, big endian
	outboxBucket   = []byte("outbox")   // sequence, 8 bytes, big endian → record
)

// ErrInUse tells that another process holds the file.
var ErrInUse = errors.New("in use by another process: stop it or choose another folder")

const defaultLockTimeout = time.Second

// Store is a payment.Store in one file, with the quota's counters, the outbox of what is to be published, and the
// journal (a journal.Store). It is safe
// for concurrent use; one process can hold the file.
type Store struct {
	db      *bbolt.DB
	path    string
	opened  os.FileInfo  // the file as it was opened
	size    atomic.Int64 // the largest that the file was seen to be: it never shrinks
	broken  atomic.Bool  // a page of the file was lost while it was in use
	changed chan struct{}

	writes group                       // one transaction at a time, so that none waits within a database that is broken
	staged map[payment.AccountID]saved // what the transaction that is under way saves
	recent recent
}

// Option changes how Open works.
type Option func(*bbolt.Options)

// LockTimeout is how long Open waits for another process to let the file go, one second unless said. It must be more
// than zero.
func LockTimeout(d time.Duration) Option {
	return func(o *bbolt.Options) { o.Timeout = d }
}

// prepare creates the buckets and wakes the publisher for what an earlier process left.
func (s *Store) prepare(tx *bbolt.Tx) error {
	for _, name := range [][]byte{
		accountsBucket, dueBucket, usesBucket, quotaBucket, outboxBucket, recordsBucket, operationsBucket, placesBucket, movedBucket,
		daysBucket, dayPartsBucket,
	} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	if first, _ := tx.Bucket(outboxBucket).Cursor().First(); first != nil {
		s.wake()
	}
	return nil
}

// Close waits for running transactions and lets the file go. Every later call fails. A file that lost a part while it was
// in use stays open until the process ends: its pages cannot be let go in order.
func (s *Store) Close() error {
	s.recent.close()
	if s.broken.Load() {
		return nil
	}
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}
