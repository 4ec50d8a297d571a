package bolt

import (
	"errors"
	"sync"

	"go.etcd.io/bbolt"
)

// mostTogether bounds how many writes are committed together, so that none waits for a transaction without end.
const mostTogether = 256

// group commits writes that come at the same time in one transaction, which is one wait for the disk instead of one each. A
// write that comes alone is committed at once: nobody waits for company.
type group struct {
	mu      sync.Mutex
	waiting []*write
	busy    bool // somebody commits; who comes now waits
}

// write is one part of a transaction.
type write struct {
	do       func(*bbolt.Tx) error
	err      error // nil only once the transaction is on disk
	panicked any
	turn     chan bool // true: it is this one's turn to commit for all that wait; false: another did
}

// untouched is a write's error that it gives before it changed anything, so that what it is committed with goes on.
type untouched struct{ error }

func (u untouched) Unwrap() error { return u.error }

// run returns when the write is on disk, or failed. commit writes all of them in one transaction and leaves each one's error.
func (g *group) run(do func(*bbolt.Tx) error, commit func([]*write)) error {
	w := &write{do: do, turn: make(chan bool, 1)}
	g.mu.Lock()
	g.waiting = append(g.waiting, w)
	lead := !g.busy
	g.busy = true
	g.mu.Unlock()
	if lead || <-w.turn {
		g.lead(commit)
	}
	if w.panicked != nil {
		panic(w.panicked)
	}
	return w.err
}

// lead commits what waits, tells who waited, and gives the turn to the first who came meanwhile, also after a panic.
func (g *group) lead(commit func([]*write)) {
	g.mu.Lock()
	n := min(len(g.waiting), mostTogether)
	all := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		if g.busy = len(g.waiting) > 0; g.busy {
			g.waiting[0].turn <- true
		}
		g.mu.Unlock()
		for _, w := range all[1:] { // the first is who leads
			w.turn <- false
		}
	}()
	for _, w := range all {
		w.err = errCut
	}
	commit(all)
}

// errCut stays where a panic ended a transaction: what it wrote is perhaps on disk.
var errCut = errors.New("the transaction broke off")

// together runs the writes in one transaction after the other, until one of them is committed or fails as a whole. A write that
// fails after it changed something takes the transaction with it; the others are begun anew without it.
func together(writes []*write, update func(func(*bbolt.Tx) error) error) {
	for left := writes; len(left) > 0; {
		var failed *write
		err := update(func(tx *bbolt.Tx) error {
			for _, w := range left {
				if w.err = w.attempt(tx); w.panicked != nil || w.err != nil && !isUntouched(w.err) {
					failed = w
					return errAgain
				}
			}
			return nil
		})
		switch {
		case failed != nil && errors.Is(err, errAgain):
			rest := make([]*write, 0, len(left)-1)
			for _, w := range left {
				if w != failed {
					rest = append(rest, w)
				}
			}
			left = rest
		case err != nil:
			for _, w := range left {
				w.err = err
			}
			return
		default:
			return
		}
	}
}

// errAgain rolls a transaction back that is begun anew.
var errAgain = errors.New("begun anew without a write that failed")

func isUntouched(err error) bool {
	_, ok := errors.AsType[untouched](err)
	return ok
}

// attempt runs the write; a panic is its caller's, except over a page that is gone, which the transaction fails of.
func (w *write) attempt(tx *bbolt.Tx) (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case interface{ Addr() uintptr }:
			panic(v)
		default:
			w.panicked = v
		}
	}()
	return w.do(tx)
}
