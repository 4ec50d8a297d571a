package sim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/iade/iade/internal/payment"
)

// memory is a payment.Store in a map. It keeps the bytes that a real store would keep, or, with whole, the accounts as they
// are: writing and reading them takes more than half of a simulation's time, and says the same each time.
type memory struct {
	log      []logged // every save that was stored, oldest first
	whole    bool
	mu       sync.Mutex
	accounts map[payment.AccountID]stored
	uses     map[payment.Day]payment.Use
	useLog   []loggedUse                     // every use that was stored, oldest first
	saved    func(old, next payment.Account) // told of every image that was stored, with the one before; under the lock
	unlocked bool                            // a flaw for testing the checker: versions are not looked at
}

type stored struct {
	version int64
	due     time.Time
	image   []byte
	decoded payment.Account // image, read once
}

type logged struct {
	id     payment.AccountID
	stored stored
}

func newMemory() *memory {
	return &memory{accounts: map[payment.AccountID]stored{}, uses: map[payment.Day]payment.Use{}}
}

// Load gives a copy of the account.
func (m *memory) Load(ctx context.Context, id payment.AccountID) (payment.Account, error) {
	if err := ctx.Err(); err != nil {
		return payment.Account{}, fmt.Errorf("load %s: %w", id, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.accounts[id]
	if !ok {
		return payment.Account{ID: id}, nil
	}
	return payment.DecodeAccount(s.image)
}

// peek gives the stored account without a copy: for who does not change it. Decoding it anew at each load would take
// more than half of a simulation's time.
func (m *memory) peek(id payment.AccountID) payment.Account {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.accounts[id]
	if !ok {
		return payment.Account{ID: id}
	}
	return s.decoded
}

// hasDue tells whether anything is due then.
func (m *memory) hasDue(at time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.accounts {
		if !s.due.IsZero() && !s.due.After(at) {
			return true
		}
	}
	return false
}

// Save stores the account if its version is the next one.
func (m *memory) Save(ctx context.Context, next payment.Account) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("save %s: %w", next.ID, err)
	}
	if next.ID == "" || next.Version < 1 {
		return fmt.Errorf("save %q: version %d cannot be stored", next.ID, next.Version)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.accounts[next.ID].version != next.Version-1 && !m.unlocked {
		return payment.ErrConflict
	}
	var image []byte
	decoded := next // Decide changes nothing that it is given
	if !m.whole {
		var err error
		if image, err = payment.EncodeAccount(next); err != nil {
			return err
		}
		if decoded, err = payment.DecodeAccount(image); err != nil {
			return err
		}
	}
	old, ok := m.accounts[next.ID]
	if !ok {
		old.decoded.ID = next.ID
	}
	m.accounts[next.ID] = stored{next.Version, decoded.DueAt(), image, decoded}
	m.log = append(m.log, logged{next.ID, m.accounts[next.ID]})
	if m.saved != nil {
		m.saved(old.decoded, decoded)
	}
	return nil
}

// Open lists what is due. Its cursor is the last account of the page.
func (m *memory) Open(ctx context.Context, dueBefore time.Time, cursor string, limit int) ([]payment.AccountID, string, error) {
	if err := ctx.Err(); err != nil {
		return nil, "", fmt.Errorf("list due accounts: %w", err)
	}
	after, err := parsePosition(cursor)
	if err != nil {
		return nil, "", err
	}
	var page []position
	m.mu.Lock()
	for id, s := range m.accounts {
		p := position{s.due, id}
		if !s.due.IsZero() && !s.due.After(dueBefore) && (cursor == "" || p.compare(after) > 0) {
			page = append(page, p)
		}
	}
	m.mu.Unlock()
	slices.SortFunc(page, position.compare)
	next := ""
	if len(page) > limit {
		page = page[:limit]
		next = page[limit-1].String()
	}
	ids := make([]payment.AccountID, len(page))
	for i, p := range page {
		ids[i] = p.id
	}
	return ids, next, nil
}

// position is a place in the index.
type position struct {
	due time.Time
	id  payment.AccountID
}

func (p position) compare(q position) int {
	return cmp.Or(p.due.Compare(q.due), cmp.Compare(p.id, q.id))
}

func (p position) String() string { return p.due.UTC().Format(time.RFC3339Nano) + "|" + string(p.id) }

func parsePosition(cursor string) (position, error) {
	if cursor == "" {
		return position{}, nil
	}
	due, id, ok := strings.Cut(cursor, "|")
	at, err := time.Parse(time.RFC3339Nano, due)
	if err == nil && (!ok || id == "") {
		err = errors.New("it has no account")
	}
	if err != nil {
		return position{}, &payment.Error{
			Code: payment.CodeInvalidRequest, Field: "cursor", Message: "the cursor is not one of ours",
			Cause: fmt.Errorf("cursor: %w", err),
		}
	}
	return position{at, payment.AccountID(id)}, nil
}
