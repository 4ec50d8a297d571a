package payment

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// UseStore keeps how much of the merchant's own limits each day used. Every implementation passes internal/test/storetest.
type UseStore interface {
	// LoadUse is strongly consistent; a day of which nothing was saved comes back with its Day and Version 0.
	LoadUse(ctx context.Context, day Day) (Use, error)
	// SaveUse needs stored version == next.Version-1, else ErrConflict. Our own write whose answer was lost counts as success.
	// Any other error means "perhaps stored".
	SaveUse(ctx context.Context, next Use) error
}

// countTime is how long counting may take before the command is decided anew, by the time that is left then.
const countTime = 2 * time.Second

// maxUseConflicts bounds the races that a command may lose for the day's use, which all commands share.
const maxUseConflicts = 20

// CountIn sets where the merchant's own limits are counted. Where Rules.Limits are set and this is not, nothing is sent. It is set
// before first use.
func (s *Service) CountIn(uses UseStore) { s.uses = uses }

// OnUse sets who is told how much of a limit is used, after each count; refused tells that a command did not fit. It is set before
// first use.
func (s *Service) OnUse(tell func(ctx context.Context, use LimitUse, refused bool)) { s.used = tell }

// LimitUses says how much of the merchant's own limits is used now: of the currencies that were used today, and of the hour.
// It is empty where no limit is set. CodeUnavailable: it cannot be read.
func (s *Service) LimitUses(ctx context.Context) ([]LimitUse, error) {
	if !s.rules.Limits.set() {
		return nil, nil
	}
	now := s.clock.Now()
	use, err := s.use(ctx, DayOf(now))
	if err != nil {
		return nil, uncounted(err)
	}
	return s.rules.Limits.uses(use, now), nil
}

// taken is what was taken of the limits for a decision, until that decision is saved.
type taken struct {
	takings []taking
	call    *Call // the attempt that it was taken for; nil = for evidence
	tried   bool  // a save of the decision was tried
	stored  bool  // perhaps the decision is stored, or will be
}

// count takes what a decision counts of the limits, before it is saved (and so before anything is sent). A crash after it leaves
// too much counted, never too little. Where a mark does not fit, or cannot be counted, nothing more is sent: the decision becomes
// the one of an account for which new money is off. An error says that evidence could not be counted, and is not to be saved yet.
func (s *Service) count(ctx context.Context, d decision, e Event, held *taken, now time.Time) (decision, error) {
	a := d.before
	if held.call != nil && a.mayHold(held.call) {
		*held = taken{} // it counts for what is stored
	}
	more, _ := takings(&a, &d.after)
	if held.covers(more, d.send) {
		held.call = d.send
		return d, nil
	}
	s.letGo(ctx, a, held)
	if len(more) == 0 {
		return d, nil
	}
	err := s.take(ctx, more, d.send, now)
	if err == nil {
		*held = taken{takings: more, call: d.send}
		return d, nil
	}
	if d.send == nil {
		return d, err
	}
	rules := s.rules
	rules.NewMoneyOff = true
	d.after, d.send, d.refused = rules.Decide(a, e, now)
	if d.refused != nil {
		d.refused = err
		return d, nil //nolint:nilerr // it is the caller's answer, in d
	}
	var over *Error
	if errors.As(err, &over) {
		d.wait = min(over.RetryAfter, operationTime)
	}
	return s.count(ctx, d, e, held, now) // what it says of attempts that were made counts all the same
}

// covers tells whether what is held is what a decision needs.
func (h *taken) covers(more []taking, call *Call) bool {
	if len(h.takings) == 0 || len(h.takings) != len(more) || (h.call == nil) != (call == nil) {
		return false
	}
	for i := range more {
		if !h.takings[i].equal(more[i]) {
			return false
		}
	}
	return true
}

// letGo gives back what was taken for a mark that was not saved, and only where that is certain.
func (s *Service) letGo(ctx context.Context, a Account, held *taken) {
	h := *held
	*held = taken{}
	if h.stored || h.call == nil || h.tried && (a.mayHold(h.call) || !s.clock.Now().Before(h.call.Deadline)) {
		return
	}
	for _, t := range h.takings {
		_, _ = s.change(ctx, t.back(), nil, s.clock.Now())
	}
}

// mayHold tells whether the account may hold the mark of that attempt, or what became of it.
func (a *Account) mayHold(c *Call) bool {
	op := a.Operation(c.OperationID)
	if op == nil || op.Attempts < c.Attempt {
		return false
	}
	leg := op.legOfAttempt(c.Attempt)
	return leg == nil || leg.SendBy.Equal(c.Deadline)
}

// take counts, a day after the other. What it refuses is not counted; after another error too much may be.
func (s *Service) take(ctx context.Context, more []taking, call *Call, now time.Time) error {
	for i, t := range more {
		refused, err := s.change(ctx, t, call, now)
		if err == nil {
			continue
		}
		for _, done := range more[:i] {
			_, _ = s.change(ctx, done.back(), nil, now)
		}
		if refused {
			return err
		}
		return uncounted(err)
	}
	return nil
}

// giveBack gives back what a saved change does not count any more: a definite no. Whoever saved that change does it, so it is done
// at most once; a crash, or a store that is away, leaves it counted.
func (s *Service) giveBack(ctx context.Context, d decision) {
	_, less := takings(&d.before, &d.after)
	for _, t := range less {
		_, _ = s.change(ctx, t, nil, s.clock.Now())
	}
}

// change adds a taking to its day's use. With a call, the limits are checked: refused tells that it does not fit. All commands share
// that one item, so whoever lost the race for it tries again.
func (s *Service) change(ctx context.Context, t taking, call *Call, now time.Time) (refused bool, err error) {
	for tries := 1; ; tries++ {
		refused, err = s.changeOnce(ctx, t, call, now)
		late := call != nil && call.Until.Sub(s.clock.Now()) < MinSendTime
		if !errors.Is(err, ErrConflict) || tries >= maxUseConflicts || late || s.clock.Pause(ctx, tries) != nil {
			return refused, err
		}
	}
}

func (s *Service) changeOnce(ctx context.Context, t taking, call *Call, now time.Time) (refused bool, err error) {
	s.counting.Lock() // one process does not race with itself
	defer s.counting.Unlock()
	use, err := s.use(ctx, t.day)
	if err != nil {
		return false, err
	}
	if call != nil {
		if tight := s.rules.Limits.tight(use, t, now); tight != nil {
			if s.used != nil {
				s.used(ctx, *tight, true)
			}
			return true, overLimit(*tight, t, now)
		}
	}
	if use.Version == 0 && t.less() {
		return false, nil // nothing of that day is kept any more
	}
	next := use.with(t)
	if err := s.uses.SaveUse(ctx, next); err != nil {
		return false, fmt.Errorf("save the use of %s: %w", t.day, err)
	}
	s.tellUse(ctx, next, t, now)
	return false, nil
}

// tellUse tells of the limits that a taking of today concerns.
func (s *Service) tellUse(ctx context.Context, use Use, t taking, now time.Time) {
	if s.used == nil || use.Day != DayOf(now) {
		return
	}
	for _, u := range s.rules.Limits.uses(use, now, t.amount.Currency()) {
		if u.Limit == LimitRefundsPerHour || u.Currency == t.amount.Currency() {
			s.used(ctx, u, false)
		}
	}
}

func (s *Service) use(ctx context.Context, day Day) (Use, error) {
	if s.uses == nil {
		return Use{}, errors.New("the merchant's own limits are set, and there is no store to count them in")
	}
	use, err := s.uses.LoadUse(ctx, day)
	if err != nil {
		return Use{}, fmt.Errorf("load the use of %s: %w", day, err)
	}
	return use, nil
}

func uncounted(err error) error {
	return &Error{
		Code: CodeUnavailable, RetryAfter: time.Second, Cause: err,
		Message: "the merchant's own limits could not be counted: nothing was sent, ask again with the same key",
	}
}

// checkPreview tells whether legs would fit into the limits now, and counts nothing.
func (s *Service) checkPreview(ctx context.Context, kind Kind, legs []Leg, now time.Time) error {
	if !s.rules.Limits.set() || !kind.spec().leaves {
		return nil
	}
	t := taking{day: DayOf(now)}
	t.refunds[hourOf(now)] = 1
	for i := range legs {
		t.amount = t.amount.Add(legs[i].Amount)
	}
	use, err := s.use(ctx, t.day)
	if err != nil {
		return uncounted(err)
	}
	if tight := s.rules.Limits.tight(use, t, now); tight != nil {
		return overLimit(*tight, t, now)
	}
	return nil
}
