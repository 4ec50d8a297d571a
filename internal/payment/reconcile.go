package payment

import (
	"context"
	"errors"
	"time"
)

// minSettleTime is what must be left of a pass before another account is looked at: one read and one save.
const minSettleTime = 8 * time.Second

// Reconcile looks at every account that has something due, until none is left or the time is up: it settles what is
// unknown by reading iyzico, and never sends. An error of one account stops that account only; the first one is returned
// with what was done.
func (s *Service) Reconcile(ctx context.Context, until time.Time) (Summary, error) {
	var done Summary
	var first error
	cursor := ""
	for {
		ids, next, err := s.store.Open(ctx, s.clock.Now(), cursor, accountsPerRun)
		if err != nil {
			return done, unavailable("list due accounts", err)
		}
		for _, id := range ids {
			if ctx.Err() != nil || until.Sub(s.clock.Now()) < minSettleTime {
				return done, errors.Join(first, ctx.Err())
			}
			if err := s.settle(ctx, id, &done); err != nil {
				done.Failed++
				if first == nil {
					first = err
				}
			}
		}
		if next == "" {
			return done, first
		}
		cursor = next
	}
}

// settle brings one account up to date.
func (s *Service) settle(ctx context.Context, id AccountID, done *Summary) error {
	account, err := s.load(ctx, id)
	if err != nil {
		return err
	}
	now := s.clock.Now()
	if due := account.DueAt(); due.IsZero() || due.After(now) {
		return nil // the index was stale
	}
	done.Looked++
	var event Event = Due{}
	if account.awaitsReport(now) {
		query := account.query()
		query.Deadline = now.Add(readTime)
		report, err := s.read(ctx, id, query)
		switch {
		case err == nil && (report.Listed || id.isFund()):
			event = Observed{Report: report}
		case CodeOf(err) == CodeRateLimited:
			return nil // still due: the next pass reads
		default:
			done.Unreadable++
			event = Due{Unreadable: true}
		}
	}
	if _, err := s.Apply(ctx, id, event); err != nil {
		return err
	}
	after, err := s.load(ctx, id)
	if err != nil {
		return err
	}
	if days := after.DaysNeeded(s.clock.Now()); len(days) > 0 {
		event = s.days(ctx, days)
		if _, err := s.Apply(ctx, id, event); err != nil {
			return err
		}
		if after, err = s.load(ctx, id); err != nil {
			return err
		}
	}
	done.Settled += settled(account, after)
	if op := after.unseeded(); op != nil {
		return &Error{Code: CodeUnavailable, Message: "the account of the payment that " + op.ID + " made is not open yet"}
	}
	return nil
}

// days reads iyzico's lists of these days. Where one cannot be read there is nothing to conclude.
func (s *Service) days(ctx context.Context, days []Day) Event {
	var listed Listed
	for _, day := range days {
		list, err := s.gateway.ReadDay(ctx, DayQuery{Day: day, Deadline: s.clock.Now().Add(readTime)})
		if err != nil {
			return Due{Unreadable: CodeOf(err) != CodeRateLimited}
		}
		listed.Lists = append(listed.Lists, list)
	}
	return listed
}

// awaitsReport tells whether something that is due needs iyzico's report, and not time alone.
func (a *Account) awaitsReport(now time.Time) bool {
	for i := range a.Operations {
		op := &a.Operations[i]
		if len(op.FollowUps) > 0 && !op.FollowUps[0].After(now) {
			return true
		}
		for j := range op.Legs {
			leg := &op.Legs[j]
			due := op.legDueAt(leg)
			if leg.State != StateReserved && !op.unseeded() && !due.IsZero() && !due.After(now) {
				return true
			}
		}
	}
	return false
}

func settled(before, after Account) int {
	n := 0
	for i := range before.Operations {
		op := &before.Operations[i]
		if now := after.Operation(op.ID); op.Status().Unfinished() && now != nil && !now.Status().Unfinished() {
			n++
		}
	}
	return n
}
