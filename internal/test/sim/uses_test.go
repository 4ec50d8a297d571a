package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

// addOwnLimits gives the merchant limits of his own, in some worlds.
func addOwnLimits(p *plan, rng *rand.Rand) {
	if rng.IntN(100) < 30 {
		p.perDay = pick(rng, "", "1", "15", "40", "TRY:60", "EUR:20,TRY:25")
		p.perHour = pick(rng, 0, 0, 1, 3)
	}
}

// ownLimits are the merchant's own limits as every process has them.
func (p *plan) ownLimits() payment.Limits {
	l := payment.Limits{RefundsPerHour: p.perHour}
	if p.perDay != "" {
		var err error
		if l.AmountPerDay, err = money.ParsePerCurrency(p.perDay); err != nil {
			panic(fmt.Sprintf("sim: the plan's limit: %v", err))
		}
	}
	return l
}

func (p *plan) limited() bool { return p.perDay != "" || p.perHour > 0 }

// usePort is one worker's way to what is counted of the merchant's own limits.
type usePort struct{ k *worker }

// LoadUse is: 0 the use; 1 refused.
func (u usePort) LoadUse(ctx context.Context, day payment.Day) (payment.Use, error) {
	u.k.at = "before a load of the limits' use"
	u.k.pause()
	w := u.k.world
	if w.away() || w.fault(2, askLoadUse) == 1 {
		u.k.log("the store does not give the use of %s", day)
		return payment.Use{}, errThrottled
	}
	use, err := w.memory.LoadUse(ctx, day)
	u.k.settled()
	return use, err
}

// SaveUse is: 0 stored; 1 refused; 2 stored, the answer lost; 3 the answer lost and stored later, if the version still fits; 4 refused
// as a conflict that is none.
func (u usePort) SaveUse(ctx context.Context, next payment.Use) error {
	u.k.at = "before a save of the limits' use"
	u.k.pause()
	u.k.at = "after a save of the limits' use"
	w := u.k.world
	if w.away() {
		return errThrottled
	}
	if w.flaw == forgetsCounts {
		return nil
	}
	var err error
	switch w.fault(5, askSaveUse) {
	case 0:
		err = w.memory.SaveUse(ctx, next)
	case 1:
		return errThrottled
	case 2:
		if err = w.memory.SaveUse(ctx, next); err == nil {
			err = errAnswerLost
		}
	case 3:
		table := w.memory
		w.clock.later(w.clock.now.Add(time.Second), func() { _ = table.SaveUse(ctx, next) })
		err = errAnswerLost
	case 4:
		return payment.ErrConflict
	}
	if err != nil {
		u.k.log("count of %s: %v", next.Day, err)
	} else {
		u.k.log("counted on %s: %v and %v refunds by the hour", next.Day, next.Amounts, next.Refunds)
	}
	u.k.settled()
	return err
}

// LoadUse gives what was counted of the merchant's own limits on a day.
func (m *memory) LoadUse(ctx context.Context, day payment.Day) (payment.Use, error) {
	if err := ctx.Err(); err != nil {
		return payment.Use{}, fmt.Errorf("load use: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	use, ok := m.uses[day]
	if !ok {
		return payment.Use{Day: day}, nil
	}
	return use, nil
}

// SaveUse stores it if its version is the next one.
func (m *memory) SaveUse(ctx context.Context, next payment.Use) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("save use: %w", err)
	}
	if next.Day.Start().IsZero() || next.Version < 1 {
		return errors.New("save use: it needs a day and a version from 1")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.uses[next.Day].Version != next.Version-1 {
		return payment.ErrConflict
	}
	m.uses[next.Day] = next
	m.useLog = append(m.useLog, loggedUse{len(m.log), next})
	return nil
}

// loggedUse is a use as it was saved after so many saves of accounts.
type loggedUse struct {
	after int
	use   payment.Use
}

// spending is what the checker knows of the merchant's own limits: when each request left, and which of them iyzico, or what it
// showed, denied although it was executed.
type spending struct {
	left   map[string]time.Time // by conversation id, in true time
	denied map[string]bool
}

// leftAt notes when a request was written.
func (s *spending) leftAt(conversationID string, at time.Time) {
	if _, ok := s.left[conversationID]; !ok {
		s.left[conversationID] = at
	}
}

// counted holds what an image says was counted against what is counted: never less, at any moment, or a thief would get more.
func (c *checker) counted(next *payment.Account) {
	w := c.w
	if !w.plan.limited() {
		return
	}
	for i := range next.Operations {
		op := &next.Operations[i]
		for j := range op.Legs {
			leg := &op.Legs[j]
			denied := leg.State == payment.StateRejected || leg.State == payment.StateNotExecuted || leg.State == payment.StateNotSent
			if denied && leg.Attempt > 0 {
				c.spent.denied[payment.ConversationID(op.ID, leg.Attempt)] = true
			}
		}
	}
	sums := map[payment.Day]map[money.Currency]decimal.Decimal{}
	for id := range w.memory.accounts {
		account := w.memory.accounts[id].decoded
		if id == next.ID {
			account = *next
		}
		for i := range account.Operations {
			for _, leg := range account.Operations[i].Legs {
				no := leg.State == payment.StateRejected || leg.State == payment.StateNotExecuted || leg.State == payment.StateNotSent
				if leg.CountedOn == "" || no && !leg.Seen {
					continue
				}
				if sums[leg.CountedOn] == nil {
					sums[leg.CountedOn] = map[money.Currency]decimal.Decimal{}
				}
				sums[leg.CountedOn][account.Currency] = sums[leg.CountedOn][account.Currency].Add(leg.Amount.Decimal())
			}
		}
	}
	for day, byCurrency := range sums {
		for currency, sum := range byCurrency {
			if counted := w.memory.uses[day].Amounts[currency].Decimal(); counted.LessThan(sum) {
				c.violated("limits: what may have moved is counted", string(next.ID), "%s %s are counted on %s, and operations hold %s", counted, currency, day, sum)
			}
		}
	}
}

// limitEdge is how far from midnight a request may leave and count for the other day: its mark is older by as much as a call may
// take, and its worker's clock is a little wrong.
const limitEdge = sendTimeout + maxSkew

// limits holds iyzico's books against the merchant's own limits: on each day of Istanbul, of each currency, no more was executed than
// the limit, its first moments left out, which may belong to the day before; and on all days no more than their limits together.
func (c *checker) limits() {
	if c.w.plan.perDay == "" || c.w.restored() {
		return // a restored table has forgotten what was counted after it was made: docs/operate.md says what to do
	}
	limits := c.w.plan.ownLimits().AmountPerDay
	inside, all, days := map[payment.Day]map[money.Currency]decimal.Decimal{}, map[money.Currency]decimal.Decimal{}, map[payment.Day]bool{}
	for _, x := range c.w.ledger.Executions("") {
		left, ok := c.spent.left[x.ConversationID]
		op := c.operations[operationOf(x)]
		if !ok || op == nil || op.commands[0].Kind == payment.KindFundPayment || c.spent.denied[x.ConversationID] {
			continue
		}
		currency := money.Currency(x.Currency)
		all[currency] = all[currency].Add(x.Price)
		early, late := payment.DayOf(left.Add(-limitEdge)), payment.DayOf(left.Add(maxSkew))
		days[early], days[late] = true, true
		if early != late {
			continue
		}
		if inside[early] == nil {
			inside[early] = map[money.Currency]decimal.Decimal{}
		}
		inside[early][currency] = inside[early][currency].Add(x.Price)
	}
	for day, sums := range inside {
		for currency, sum := range sums {
			most := limits.Of(currency).Decimal()
			if sum.GreaterThan(most) {
				c.violated("limits: no more than the limit of a day", string(day), "%s %s were executed, %s is the limit", sum, currency, most)
			}
			if sum.Equal(most) {
				c.w.saw(sawCaller, "a limit of the day is used to the last kuruş")
			}
		}
	}
	for currency, sum := range all {
		if most := limits.Of(currency).Decimal().Mul(decimal.NewFromInt(int64(len(days)))); sum.GreaterThan(most) {
			c.violated("limits: no more than the limit of a day", "", "%s %s were executed on %d days, %s is the limit of all", sum, currency, len(days), most)
		}
	}
}
