package payment

import (
	"context"
	"slices"
	"sync"
	"time"
)

// dayShelf keeps the day lists that the passes of one process have read, so that thousands of accounts share one read.
type dayShelf struct {
	mu   sync.Mutex
	held map[Day]*heldDay
}

// heldDay is a day's list whose rows are found by account.
type heldDay struct {
	list  DayList // without its rows
	rows  map[AccountID][]DayRow
	loose []DayRow // of no payment that can be named: they are shown to every account
}

func (h *dayShelf) put(list DayList) {
	day := &heldDay{rows: map[AccountID][]DayRow{}}
	for _, row := range list.Rows {
		owners := row.accounts()
		for _, id := range owners {
			day.rows[id] = append(day.rows[id], row)
		}
		if len(owners) == 0 {
			day.loose = append(day.loose, row)
		}
	}
	day.list, day.list.Rows = list, nil
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held == nil {
		h.held = map[Day]*heldDay{}
	}
	h.held[list.Day] = day
}

// accounts are the accounts that a row may be about: that of its payment, and that of the operation which its conversation
// id names.
func (d DayRow) accounts() []AccountID {
	var ids []AccountID
	if ValidIyzicoID(d.PaymentID) {
		ids = append(ids, PaymentAccount(d.PaymentID))
	}
	operation, _, _ := splitConversationID(d.ConversationID)
	if id, ok := AccountOf(operation); ok && !slices.Contains(ids, id) {
		ids = append(ids, id)
	}
	return ids
}

// of gives the lists of those days that are held, each with the rows that may be about the account.
func (h *dayShelf) of(id AccountID, days []Day) []DayList {
	h.mu.Lock()
	defer h.mu.Unlock()
	var lists []DayList
	for _, day := range days {
		if held := h.held[day]; held != nil {
			list := held.list
			list.Rows = slices.Concat(held.rows[id], held.loose)
			lists = append(lists, list)
		}
	}
	return lists
}

// fresh tells whether the day's list is held and was read at that time or later.
func (h *dayShelf) fresh(day Day, since time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	held := h.held[day]
	return held != nil && !held.list.ReadAt.Before(since)
}

// keepOnly lets go of the lists that nobody wanted in a pass.
func (h *dayShelf) keepOnly(wanted map[Day]time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for day := range h.held {
		if _, ok := wanted[day]; !ok {
			delete(h.held, day)
		}
	}
}

// attemptDays are the days on which attempts were made whose outcome is not known, for their rows settle them.
func (a *Account) attemptDays(now time.Time) []Day {
	var days []Day
	for i := range a.Operations {
		for j := range a.Operations[i].Legs {
			leg := &a.Operations[i].Legs[j]
			open := leg.State == StateUnknown || leg.State == StateSending && !now.Before(leg.SendBy)
			if open && leg.API != APIFund && leg.API != APIBalanceInit {
				days = mergeDays(days, []Day{DayOf(leg.SendBy.Add(-time.Minute)), DayOf(leg.SendBy)})
			}
		}
	}
	return days
}

// listedSince is how new a day list must be to show an account more than the last one did: of after its attempts ended, and
// no older than a quarter of the window.
func (s *Service) listedSince(a *Account, now time.Time) time.Time {
	since := now.Add(-s.rules.SettleWindow / 4)
	for i := range a.Operations {
		for j := range a.Operations[i].Legs {
			leg := &a.Operations[i].Legs[j]
			if leg.State == StateUnknown && leg.SendBy.After(since) {
				since = leg.SendBy
			}
		}
	}
	return since
}

// absentAt is when the last report was read that makes the account wait for a day list, which must be newer.
func (a *Account) absentAt() time.Time {
	var at time.Time
	for i := range a.Operations {
		for j := range a.Operations[i].Legs {
			if leg := &a.Operations[i].Legs[j]; leg.awaitsDayLists() && leg.AbsentAt.After(at) {
				at = leg.AbsentAt
			}
		}
	}
	return at
}

// want notes which day lists would help an account, and since when they must have been read.
func (p *pass) want(id AccountID, days []Day, since time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, day := range days {
		if p.wanted[day].IsZero() || since.After(p.wanted[day]) {
			p.wanted[day] = since
		}
	}
	if len(days) > 0 && !p.waits[id] {
		p.waits[id] = true
		p.waiting = append(p.waiting, id)
	}
}

// applyLists applies the day lists at hand to one account.
func (p *pass) applyLists(ctx context.Context, account Account) (Account, error) {
	now := p.s.clock.Now()
	lists := p.s.shelf.of(account.ID, mergeDays(account.attemptDays(now), account.DaysNeeded(now)))
	if len(lists) == 0 {
		return account, nil
	}
	return p.applyIfNew(ctx, account, Listed{Lists: lists})
}

// readDays reads the day lists that accounts wait for, each once.
func (p *pass) readDays(ctx context.Context) {
	for {
		day, ok := p.nextDay(ctx)
		if !ok {
			return
		}
		var list DayList
		panicked, err := isolated(func() (err error) {
			list, err = p.s.gateway.ReadDay(ctx, DayQuery{Day: day, Deadline: p.until.Add(-minSettleTime / 2)})
			return err
		})
		switch {
		case err == nil:
			p.s.shelf.put(list)
		case CodeOf(err) == CodeRateLimited: // the next pass goes on
		default:
			p.mu.Lock()
			p.unread[day] = true
			p.mu.Unlock()
			if panicked {
				p.fail(err)
			}
		}
	}
}

func (p *pass) nextDay(ctx context.Context) (Day, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.days) > 0 && !p.short(ctx) {
		day := p.days[0]
		p.days = p.days[1:]
		if !p.s.shelf.fresh(day, p.wanted[day]) {
			return day, true
		}
	}
	return "", false
}

// nextListed gives the next account that waits for day lists, if any came. Without the time for it the next pass begins
// with what was read.
func (p *pass) nextListed(ctx context.Context) (AccountID, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) == 0 || p.short(ctx) {
		return "", false
	}
	id := p.waiting[0]
	p.waiting = p.waiting[1:]
	return id, true
}

// lookListed applies the day lists to an account that waits for them. One that needs them for a proof, and gets nothing
// out of them, backs off.
func (p *pass) lookListed(ctx context.Context, id AccountID) error {
	before, due, err := p.load(ctx, id)
	if err != nil || !due {
		return err
	}
	after, err := p.applyLists(ctx, before)
	if err != nil {
		return err
	}
	if now := p.s.clock.Now(); after.dueAt(now) && p.answered(after.DaysNeeded(now), after.absentAt()) {
		p.count(func(done *Summary) { done.Unreadable++ })
		if after, err = p.applyIfNew(ctx, after, Due{Unreadable: true}); err != nil {
			return err
		}
	}
	return p.settled(before, after)
}

// answered tells that nothing more is to come of those days in this pass: each was read, or could not be.
func (p *pass) answered(days []Day, since time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, day := range days {
		if !p.unread[day] && !p.s.shelf.fresh(day, since) {
			return false
		}
	}
	return len(days) > 0
}
