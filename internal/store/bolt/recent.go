package bolt

import (
	"sync"

	"github.com/iade/iade/internal/payment"
)

// mostRecent bounds the memory of recent, in bytes of the accounts' stored form.
const mostRecent = 8 << 20

// recent keeps accounts as they were last saved, so that they are not decoded again: this process holds the file, and nobody
// else changes it. Only what was committed is put there, in the order of the commits, and never what a reader read, which may
// be older.
type recent struct {
	mu       sync.RWMutex
	accounts map[payment.AccountID]saved
	size     int
	closed   bool
}

// saved is an account and the length of its stored form.
type saved struct {
	account payment.Account
	size    int
}

// get gives the account as it is on disk; false if that has to be read. It is not to be changed.
func (r *recent) get(id payment.AccountID) (payment.Account, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	s, ok := r.accounts[id]
	return s.account, ok
}

// put keeps what was committed, and makes room for it.
func (r *recent) put(accounts map[payment.AccountID]saved) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	for id, s := range accounts {
		r.drop(id)
		r.accounts[id] = s
		r.size += s.size
	}
	for id := range r.accounts { // in no order
		if r.size <= mostRecent {
			return
		}
		r.drop(id)
	}
}

// forget drops what is perhaps not as it is on disk.
func (r *recent) forget(accounts map[payment.AccountID]saved) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id := range accounts {
		r.drop(id)
	}
}

func (r *recent) drop(id payment.AccountID) {
	r.size -= r.accounts[id].size
	delete(r.accounts, id)
}

// close forgets everything for good.
func (r *recent) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.accounts)
	r.size, r.closed = 0, true
}
