package payment

import (
	"context"
	"time"
)

// Store keeps accounts. Every implementation passes internal/test/storetest.
type Store interface {
	// Load is strongly consistent; a never-saved account comes back with its ID and Version 0. Errors are the
	// infrastructure's; the caller maps them to CodeUnavailable.
	Load(ctx context.Context, id AccountID) (Account, error)
	// Save needs stored version == next.Version-1, else ErrConflict. Our own write whose answer was lost counts as
	// success. Any other error means "perhaps stored".
	Save(ctx context.Context, next Account) error
	// Open lists accounts that have something due at or before dueBefore (Account.DueAt), earliest first, at most limit
	// of them, after cursor ("" = from the start; one that Open did not give is CodeInvalidRequest). An empty next cursor
	// ends the list. It may be stale: Load before
	// deciding.
	Open(ctx context.Context, dueBefore time.Time, cursor string, limit int) (ids []AccountID, next string, err error)
}

// Gateway is iyzico.
type Gateway interface {
	// Send makes at most one money request, before c.Deadline, and returns when no request is open any more. It never
	// fails: what it cannot prove is VerdictUnknown.
	Send(ctx context.Context, c Call) Answered
	// Read asks iyzico's report, and payment detail where the report lists nothing. CodeNotFound: the report lists
	// nothing and detail answers a well-formed failure; CodeRateLimited: our own quota; CodeUnavailable: anything else.
	Read(ctx context.Context, q Query) (Report, error)
	// ReadDay asks iyzico's list of one day, all its pages. CodeRateLimited: our own quota; CodeUnavailable: anything else,
	// also where a page is missing, or its pages do not fit together.
	ReadDay(ctx context.Context, q DayQuery) (DayList, error)
}

// Clock is the only way in which Service learns the time or waits.
type Clock interface {
	// Now is the wall clock, without a monotonic part: stored deadlines are compared with it by other processes.
	Now() time.Time
	// Pause waits before the n-th repetition (n from 1) of a save that failed, or returns the context's error.
	Pause(ctx context.Context, n int) error
}
