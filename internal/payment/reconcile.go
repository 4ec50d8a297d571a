package payment

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"
)

// minSettleTime is what must be left of a pass before another account is looked at: one read and one save.
const minSettleTime = 8 * time.Second

// Reconcile looks at every account that has something due, until none is left or the time is up: it settles what is
// unknown by reading iyzico, and never sends. An error or a panic of one account stops that account only; the first one is
// returned with what was done.
//
// Accounts whose reads failed before come after all others. Who must wait for the limit of calls, or needs a second source,
// is looked up in iyzico's day lists, each of which is read once. A pass that was cut off goes on in the next one.
func (s *Service) Reconcile(ctx context.Context, until time.Time) (Summary, error) {
	p := s.newPass(until)
	s.together(func() { p.work(ctx, p.nextDue, p.look) })
	s.together(func() { p.work(ctx, p.nextPutOff, p.lookAgain) })
	p.days = slices.Sorted(maps.Keys(p.wanted))
	s.together(func() { p.readDays(ctx) })
	s.together(func() { p.work(ctx, p.nextListed, p.lookListed) })
	return p.end(ctx)
}

// Together sets how the parts of a pass are worked on: it calls work, which any number of callers may do at once, and
// returns when all calls have. Without it there is one. It is set before first use.
func (s *Service) Together(together func(work func())) { s.together = together }

// look brings one account up to date, unless its reads failed before: then it waits until the others had theirs.
func (p *pass) look(ctx context.Context, id AccountID) error { return p.settle(ctx, id, false) }

// lookAgain brings one account up to date whose reads failed before.
func (p *pass) lookAgain(ctx context.Context, id AccountID) error { return p.settle(ctx, id, true) }

func (p *pass) settle(ctx context.Context, id AccountID, again bool) error {
	before, due, err := p.load(ctx, id)
	if err != nil || !due {
		return err // the index was stale
	}
	if !again && before.FailedReads > 0 && before.awaitsReport(p.s.clock.Now()) {
		p.putOff(id)
		return nil
	}
	p.count(func(done *Summary) { done.Looked++ })
	after, err := p.bringUp(ctx, before)
	if err != nil {
		return err
	}
	return p.settled(before, after)
}

// load gives an account, and whether anything of it is due.
func (p *pass) load(ctx context.Context, id AccountID) (Account, bool, error) {
	account, err := p.s.load(ctx, id)
	if err != nil {
		return Account{}, false, err
	}
	return account, account.dueAt(p.s.clock.Now()), nil
}

func (a *Account) dueAt(now time.Time) bool {
	due := a.DueAt()
	return !due.IsZero() && !due.After(now)
}

// settled counts what a look has settled.
func (p *pass) settled(before, after Account) error {
	n := 0
	for i := range before.Operations {
		op := &before.Operations[i]
		if now := after.Operation(op.ID); op.Status().Unfinished() && now != nil && !now.Status().Unfinished() {
			n++
		}
	}
	p.count(func(done *Summary) { done.Settled += n })
	if op := after.unseeded(); op != nil {
		return &Error{Code: CodeUnavailable, Message: "the account of the payment that " + op.ID + " made is not open yet"}
	}
	return nil
}

// bringUp applies what the day lists at hand show, then iyzico's report if that is still needed and a call is left, else
// what time alone decides.
func (p *pass) bringUp(ctx context.Context, account Account) (Account, error) {
	s := p.s
	account, err := p.applyLists(ctx, account)
	if now := s.clock.Now(); err != nil || !account.dueAt(now) {
		return account, err
	}
	now := s.clock.Now()
	var event Event = Due{}
	if account.awaitsReport(now) {
		event = p.readReport(ctx, &account, now)
	}
	if account, err = p.applyIfNew(ctx, account, event); err != nil {
		return account, err
	}
	if now = s.clock.Now(); account.dueAt(now) {
		p.want(account.ID, account.DaysNeeded(now), account.absentAt())
	}
	return account, nil
}

// readReport reads iyzico's report about one account and gives the event that comes of it.
func (p *pass) readReport(ctx context.Context, account *Account, now time.Time) Event {
	query := account.query()
	query.Purpose, query.Deadline = PurposeSettle, now.Add(readTime)
	hinted := account.onlyHinted(now)
	if hinted {
		query.Purpose = PurposeBulk // never a call that settling could have used
	}
	report, err := p.read(ctx, account.ID, query)
	switch {
	case err == nil && (report.Listed || account.ID.isFund()):
		return Observed{Report: report}
	case CodeOf(err) == CodeRateLimited && hinted:
		p.count(func(done *Summary) { done.Waiting++ })
		return Due{}
	case CodeOf(err) == CodeRateLimited:
		// No failed read of this account: it stays due. Its day's list may show its money meanwhile.
		p.count(func(done *Summary) { done.Waiting++ })
		p.want(account.ID, account.attemptDays(now), p.s.listedSince(account, now))
		return Due{Unreadable: account.starved(now)}
	}
	p.count(func(done *Summary) { done.Unreadable++ })
	return Due{Unreadable: true}
}

// read asks for a report, unless the limit of calls is known to be used up.
func (p *pass) read(ctx context.Context, id AccountID, query Query) (Report, error) {
	if wait := p.limited(); wait > 0 {
		return Report{}, &Error{Code: CodeRateLimited, Message: "the limit of calls a minute is used up", RetryAfter: wait}
	}
	report, err := p.s.read(ctx, id, query)
	var e *Error
	if errors.As(err, &e) && e.Code == CodeRateLimited && query.Purpose == PurposeSettle {
		p.limit(e.RetryAfter)
	}
	return report, err
}

// applyIfNew applies an event if it changes the account as it was loaded, and gives the account as it is then.
func (p *pass) applyIfNew(ctx context.Context, account Account, event Event) (Account, error) {
	next, _, _ := p.s.rules.Decide(account, event, p.s.clock.Now())
	if next.Version == account.Version && account.unseeded() == nil {
		return account, nil
	}
	if _, err := p.s.Apply(ctx, account.ID, event); err != nil {
		return account, err
	}
	return p.s.load(ctx, account.ID)
}

// awaitsReport tells whether something that is due needs iyzico's report, and neither time alone nor a day list.
func (a *Account) awaitsReport(now time.Time) bool {
	return a.awaitsSettling(now) || a.onlyHinted(now)
}

// awaitsSettling tells whether an operation that is due needs iyzico's report.
func (a *Account) awaitsSettling(now time.Time) bool {
	if a.ReadDueAt.After(now) {
		return false
	}
	for i := range a.Operations {
		op := &a.Operations[i]
		if len(op.FollowUps) > 0 && !op.FollowUps[0].After(now) {
			return true
		}
		for j := range op.Legs {
			leg := &op.Legs[j]
			due := op.legDueAt(leg)
			if leg.State != StateReserved && !op.unseeded() && !leg.awaitsDayLists() && !due.IsZero() && !due.After(now) {
				return true
			}
		}
	}
	return false
}
