package dayclose

import (
	"context"
	"errors"
	"time"

	"github.com/iade/iade/internal/payment"
)

// ErrConflict tells that another process saved the day meanwhile.
var ErrConflict = errors.New("dayclose: the day was saved by somebody else")

// Store keeps days, and what a reading has gathered so far. Both implementations pass internal/test/storetest.
type Store interface {
	// Day gives the record of one day, strongly consistent; one that was never saved has Revision 0.
	Day(ctx context.Context, date payment.Day) (Record, error)
	// SaveDay needs the stored revision to be r.Revision-1, else ErrConflict. Once no reading is under way, its parts may go.
	SaveDay(ctx context.Context, r Record) error
	// Days gives the records of from to to, both included, oldest first.
	Days(ctx context.Context, from, to payment.Day) ([]Record, error)
	// SavePart keeps a part of a day's reading, in place of one of the same name, for a week at least while the reading is
	// under way.
	SavePart(ctx context.Context, p Part) error
	// Parts gives the parts of a reading in the order of their names.
	Parts(ctx context.Context, date payment.Day, reading time.Time) ([]Part, error)
}

// Record is what is stored of one day.
type Record struct {
	Day      Day   `json:"day"`
	Revision int64 `json:"-"`
	// Reading is when the reading under way began; zero = none is.
	Reading time.Time `json:"reading,omitzero"`
	// Unpublished: the day's event is still to be published.
	Unpublished bool `json:"unpublished,omitempty"`
}

// Part is what a reading has gathered in a while, so that another process can go on. A name sorts after those of earlier
// parts of its kind.
type Part struct {
	Date    payment.Day
	Reading time.Time
	Name    string
	Data    []byte // at most 4 MB, mostly text that repeats itself
}
