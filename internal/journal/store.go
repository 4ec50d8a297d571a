package journal

import (
	"context"
	"fmt"
	"time"

	"github.com/iade/iade/internal/payment"
)

// Store keeps the journal. Both implementations pass internal/test/storetest: the one in a DynamoDB table of its own, and the
// one in the file that holds the accounts.
type Store interface {
	// Append keeps records, and of each operation what it was after the newest of them. Records of one account come in the
	// order of their saves. A record that is kept already stays as it is, and an older operation never replaces a newer one:
	// a repeat changes nothing. After an error some may be kept; the same call again completes them.
	Append(ctx context.Context, records []payment.Record) error
	// List gives the entries of one place of an index, in the order of their positions, at most r.Limit: fewer mean that
	// there are no more. It may be a moment old, and then name an operation that has left the place.
	List(ctx context.Context, r Range) ([]Entry, error)
	// Operations gives each operation as its newest record left it. An id that is not kept is absent.
	Operations(ctx context.Context, ids []string) (map[string]payment.Resource, error)
	// Records gives the records of one operation, oldest first, after a record's Key ("" = from the first), at most limit.
	Records(ctx context.Context, operationID, after string, limit int) ([]payment.Record, error)
	// Moved gives the records whose Movement was on a day of Istanbul (2006-01-02), by its time, after a MovedKey ("" = from
	// the first), at most limit.
	Moved(ctx context.Context, day, after string, limit int) ([]payment.Record, error)
}

// Index is an order in which operations are listed: by the time at which they were accepted, within one value.
type Index string

// The indexes. Each is found by one query on a key.
const (
	ByTime      Index = "byTime" // its value is always empty
	ByStatus    Index = "byStatus"
	ByKind      Index = "byKind"
	ByPayment   Index = "byPayment"
	ByReference Index = "byReference"
)

// Place is where an index holds an operation.
type Place struct {
	Index Index
	Value string
}

// Places are where an operation is found. One without a payment or reference is not in their indexes.
func Places(op payment.Resource) []Place {
	places := []Place{{ByTime, ""}, {ByStatus, string(op.Status)}, {ByKind, string(op.Kind)}}
	if op.PaymentID != "" {
		places = append(places, Place{ByPayment, op.PaymentID})
	}
	if op.Reference != "" {
		places = append(places, Place{ByReference, op.Reference})
	}
	return places
}

// Range is a part of one place. From and To are positions, or the beginnings of such; both are always set.
type Range struct {
	Place
	From       string // the least position
	To         string // positions are less than it
	Descending bool
	Limit      int // from 1
}

// Entry is one operation in an index.
type Entry struct {
	Position    string
	OperationID string
}

// sortableTime writes a UTC time so that texts sort as the times do.
const sortableTime = "2006-01-02T15:04:05.000000000Z"

// PositionAt is the beginning of every position at that moment.
func PositionAt(t time.Time) string { return t.UTC().Format(sortableTime) }

// PositionOf is where the operation stands in each of its places: when it was accepted, and its id.
func PositionOf(op payment.Resource) string { return PositionAt(op.CreatedAt) + "#" + op.ID }

// Key names a record among its operation's, and sorts as they came.
func Key(r payment.Record) string { return fmt.Sprintf("%020d#%05d", r.Sequence, r.Index) }

// MovedKey names a record among those of its day, and sorts by the time at which the money moved.
func MovedKey(r payment.Record) string {
	return PositionAt(r.Movement.At) + "#" + r.OperationID + "#" + Key(r)
}

// MovedDay is the day of Istanbul on which the record's money moved: the day in which iyzico lists it.
func MovedDay(r payment.Record) string { return payment.IstanbulDay(r.Movement.At) }
