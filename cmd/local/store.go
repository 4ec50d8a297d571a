package main

import (
	"context"

	"github.com/iade/iade/internal/dayclose"
	"github.com/iade/iade/internal/journal"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/psp"
	"github.com/iade/iade/internal/store/bolt"
)

// store is what the program needs of one: accounts, the counters of calls, and what is still to be published.
type store interface {
	payment.Store
	payment.UseStore
	psp.Slots
	journal.Store
	dayclose.Store
	outbox
	Close() error
}

// outbox hands out changes in the order of the writes until they are confirmed, also after a restart (I8).
type outbox interface {
	// Pending gives the oldest changes that are not confirmed, and what confirms them; a nil confirm says that there is
	// nothing. It does not wait.
	Pending(ctx context.Context) (changes []payment.Change, confirm func(context.Context) error, err error)
	// Changed gets a value when there may be something pending.
	Changed() <-chan struct{}
}

// outboxBatch is how many writes are published and confirmed at once.
const outboxBatch = 100

// boltStore keeps everything in one file.
type boltStore struct{ *bolt.Store }

// Pending implements outbox.
func (s boltStore) Pending(ctx context.Context) ([]payment.Change, func(context.Context) error, error) {
	records, err := s.Outbox(ctx, outboxBatch)
	if err != nil || len(records) == 0 {
		return nil, nil, err
	}
	var changes []payment.Change
	for _, r := range records {
		changes = append(changes, r.Changes...)
	}
	last := records[len(records)-1].Seq
	return changes, func(ctx context.Context) error { return s.Published(ctx, last) }, nil
}
