package payment

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// pass is one run of Reconcile: what there is to look at, and what was done. Any number of workers share it.
type pass struct {
	s     *Service
	until time.Time

	mu    sync.Mutex
	done  Summary
	first error // the first error of an account, or of the list of what is due
	cut   bool  // something due was not looked at

	cursor  string // of the next page of what is due
	listed  bool   // there is no next page
	wrapped bool   // the list was begun in the middle, and begun again from its start
	at      string // the cursor of the present page
	page    []AccountID
	seen    map[AccountID]bool

	again        []AccountID // their reads failed before: after all others
	limitedUntil time.Time   // the limit of calls is used up until then

	wanted  map[Day]time.Time // the day lists that would help, and since when they must have been read
	days    []Day             // of these, what is still to be read
	unread  map[Day]bool      // day lists that could not be read
	waiting []AccountID       // accounts that wait for day lists
	waits   map[AccountID]bool
}

func (s *Service) newPass(until time.Time) *pass {
	p := &pass{
		s: s, until: until, seen: map[AccountID]bool{}, wanted: map[Day]time.Time{}, unread: map[Day]bool{}, waits: map[AccountID]bool{},
	}
	p.cursor = s.memory.resumed()
	p.wrapped = p.cursor == ""
	return p
}

// work looks at accounts until next gives none. What stops one stops nobody else.
func (p *pass) work(ctx context.Context, next func(context.Context) (AccountID, bool), look func(context.Context, AccountID) error) {
	for {
		id, ok := next(ctx)
		if !ok {
			return
		}
		panicked, err := isolated(func() error { return look(ctx, id) })
		if err == nil {
			p.s.memory.forget(id)
			continue
		}
		if panicked {
			// What panicked may be the report: the account backs off as if it could not be read.
			_, _ = isolated(func() error { _, err := p.s.Apply(ctx, id, Due{Unreadable: true}); return err })
		}
		p.s.memory.hold(id, p.s.clock.Now(), p.s.rules)
		p.fail(fmt.Errorf("settle %s: %w", id, err))
		p.count(func(done *Summary) { done.Failed++ })
	}
}

// isolated turns a panic into an error. A value that is neither an error nor a text is no fault of the code that ran, and
// goes on.
func isolated(run func() error) (panicked bool, err error) {
	defer func() {
		switch value := recover().(type) {
		case nil:
		case error:
			panicked, err = true, fmt.Errorf("panic: %w\n%s", value, debug.Stack())
		case string:
			panicked, err = true, fmt.Errorf("panic: %s\n%s", value, debug.Stack())
		default:
			panic(value)
		}
	}()
	return false, run()
}

// nextDue gives the next account of the list of what is due.
func (p *pass) nextDue(ctx context.Context) (AccountID, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		for ; len(p.page) > 0; p.page = p.page[1:] {
			id := p.page[0]
			if p.seen[id] || p.s.memory.held(id, p.s.clock.Now()) {
				continue
			}
			if p.short(ctx) {
				p.cut = true
				p.s.memory.resume(p.at)
				return "", false
			}
			p.seen[id] = true
			p.page = p.page[1:]
			return id, true
		}
		if p.listed {
			p.s.memory.resume("")
			return "", false
		}
		p.list(ctx)
	}
}

// list takes the next page of what is due. After the end of a list that was begun in the middle comes its start.
func (p *pass) list(ctx context.Context) {
	p.at = p.cursor
	ids, next, err := p.s.store.Open(ctx, p.s.clock.Now(), p.cursor, accountsPerRun)
	switch {
	case err != nil && !p.wrapped && CodeOf(err) == CodeInvalidRequest:
		p.cursor, p.wrapped = "", true // the place to go on from is none any more
	case err != nil:
		p.listed, p.cut = true, true
		p.first = errors.Join(p.first, unavailable("list due accounts", err))
	case next == "" && !p.wrapped:
		p.page, p.cursor, p.wrapped = ids, "", true
	default:
		p.page, p.cursor, p.listed = ids, next, next == ""
	}
}

// nextPutOff gives the next account whose reads failed before.
func (p *pass) nextPutOff(ctx context.Context) (AccountID, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.again) == 0 {
		return "", false
	}
	if p.short(ctx) {
		p.cut = true
		return "", false
	}
	id := p.again[0]
	p.again = p.again[1:]
	return id, true
}

func (p *pass) putOff(id AccountID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.again = append(p.again, id)
}

// short tells that there is no time for another account.
func (p *pass) short(ctx context.Context) bool {
	return ctx.Err() != nil || p.until.Sub(p.s.clock.Now()) < minSettleTime
}

func (p *pass) count(add func(*Summary)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	add(&p.done)
}

func (p *pass) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.first == nil {
		p.first = err
	}
}

// limited is how long the limit of calls lets no read through, as far as is known.
func (p *pass) limited() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.limitedUntil.Sub(p.s.clock.Now())
}

func (p *pass) limit(wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limitedUntil = p.s.clock.Now().Add(wait)
}

// end gives what was done.
func (p *pass) end(ctx context.Context) (Summary, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done.Complete = !p.cut
	if p.done.Complete {
		p.s.shelf.keepOnly(p.wanted)
		return p.done, p.first
	}
	return p.done, errors.Join(p.first, ctx.Err())
}
