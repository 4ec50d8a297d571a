package payment

import (
	"context"
	"time"
)

// Census counts the unfinished operations of some open accounts.
type Census struct {
	Unfinished map[Status]int // operations by status
	// UnknownSince is the earliest deadline of an attempt whose outcome is not known, zero if there is none. An attempt that
	// is still marked as being sent counts from its deadline on: whoever sent it is gone.
	UnknownSince time.Time
}

// Add takes over what another census counted, of other accounts.
func (c *Census) Add(other Census) {
	if c.Unfinished == nil {
		c.Unfinished = map[Status]int{}
	}
	for status, n := range other.Unfinished {
		c.Unfinished[status] += n
	}
	c.UnknownSince = earlier(c.UnknownSince, other.UnknownSince)
}

// Census looks at a page of at most limit open accounts, those that are due first, which unknown outcomes are. next is the
// cursor of the following page, "" after the last. It costs one read for each account and changes nothing. What stands in an
// account that cannot be read is not known either: it counts as one unknown outcome. Only where none of a page can be read
// that is an error.
func (s *Service) Census(ctx context.Context, cursor string, limit int) (c Census, next string, err error) {
	ids, next, err := s.store.Open(ctx, farFuture, cursor, limit)
	if err != nil {
		return Census{}, "", unavailable("list open accounts", err)
	}
	c.Unfinished = map[Status]int{}
	now := s.clock.Now()
	failed := 0
	for _, id := range ids {
		var account Account
		_, err := isolated(func() (err error) { account, err = s.load(ctx, id); return err })
		if err != nil {
			if failed++; failed == len(ids) {
				return Census{}, "", err
			}
			c.Unfinished[StatusUnknown]++
			continue
		}
		for i := range account.Operations {
			op := &account.Operations[i]
			if status := op.Status(); status.Unfinished() {
				c.Unfinished[status]++
			}
			for j := range op.Legs {
				leg := &op.Legs[j]
				if leg.State == StateUnknown || leg.State == StateSending && !now.Before(leg.SendBy) {
					c.UnknownSince = earlier(c.UnknownSince, leg.SendBy)
				}
			}
		}
	}
	return c, next, nil
}
