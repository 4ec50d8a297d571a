package payment

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
)

// Use is what was counted of the merchant's own limits on one day of Istanbul.
type Use struct {
	Day     Day
	Version int64 // 0 = never saved; each save adds one
	Amounts map[money.Currency]money.Amount
	Refunds [24]int // operations, by the hour of the day
}

// taking is what one change of an account takes of a day's limits; what it gives back is below zero.
type taking struct {
	day     Day
	amount  money.Amount
	refunds [24]int
}

// with is the use after a taking. Nothing sinks below zero: a day that was forgotten has nothing to give back.
func (u Use) with(t taking) Use {
	next := u
	next.Version++
	if next.Amounts = maps.Clone(u.Amounts); next.Amounts == nil {
		next.Amounts = map[money.Currency]money.Amount{}
	}
	if c := t.amount.Currency(); !t.amount.IsZero() {
		sum := money.New(u.Amounts[c].Decimal(), c).Add(t.amount)
		if next.Amounts[c] = sum; sum.Sign() < 0 {
			next.Amounts[c] = money.Zero(c)
		}
	}
	for hour, n := range t.refunds {
		next.Refunds[hour] = max(0, u.Refunds[hour]+n)
	}
	return next
}

// takings compares two images of one account and gives what the newer one takes of each day, and what it gives back. An operation
// that left the account gives nothing back.
func takings(before, next *Account) (more, less []taking) {
	if !before.counted() && !next.counted() {
		return nil, nil
	}
	days := map[Day]*taking{}
	of := func(day Day) *taking {
		if days[day] == nil {
			days[day] = &taking{day: day, amount: money.Zero(next.Currency)}
		}
		return days[day]
	}
	for i := range next.Operations {
		op := &next.Operations[i]
		was := before.Operation(op.ID)
		if was == nil {
			was = &Operation{}
		}
		if was.counts() {
			of(DayOf(was.CreatedAt)).refunds[hourOf(was.CreatedAt)]--
		}
		if op.counts() {
			of(DayOf(op.CreatedAt)).refunds[hourOf(op.CreatedAt)]++
		}
		for j := range was.Legs {
			if leg := &was.Legs[j]; leg.counts() {
				of(leg.CountedOn).amount = of(leg.CountedOn).amount.Sub(leg.Amount)
			}
		}
		for j := range op.Legs {
			if leg := &op.Legs[j]; leg.counts() {
				of(leg.CountedOn).amount = of(leg.CountedOn).amount.Add(leg.Amount)
			}
		}
	}
	for _, day := range slices.Sorted(maps.Keys(days)) {
		plus, minus := days[day].parts()
		if !plus.empty() {
			more = append(more, plus)
		}
		if !minus.empty() {
			less = append(less, minus)
		}
	}
	return more, less
}

// parts tells what is taken from what is given back.
func (t taking) parts() (plus, minus taking) {
	plus, minus = taking{day: t.day, amount: money.Zero(t.amount.Currency())}, taking{day: t.day, amount: money.Zero(t.amount.Currency())}
	switch t.amount.Sign() {
	case 1:
		plus.amount = t.amount
	case -1:
		minus.amount = t.amount
	}
	for hour, n := range t.refunds {
		plus.refunds[hour], minus.refunds[hour] = max(n, 0), min(n, 0)
	}
	return plus, minus
}

func (t taking) empty() bool { return t.amount.IsZero() && t.refunds == [24]int{} }

// less tells whether it gives back.
func (t taking) less() bool {
	return t.amount.Sign() < 0 || slices.ContainsFunc(t.refunds[:], func(n int) bool { return n < 0 })
}

// back is the taking that undoes t.
func (t taking) back() taking {
	undo := taking{day: t.day, amount: money.Zero(t.amount.Currency()).Sub(t.amount)}
	for hour, n := range t.refunds {
		undo.refunds[hour] = -n
	}
	return undo
}

func (t taking) equal(u taking) bool {
	return t.day == u.day && t.amount.Equal(u.amount) && t.refunds == u.refunds
}

// counts tells whether the leg's amount counts in the limits of the day that it was counted on: until a definite no. The page of
// an expired refund to balance may still work, so that one counts on.
func (l *Leg) counts() bool {
	switch {
	case l.CountedOn == "":
		return false
	case l.State == StateNotSent, l.State == StateRejected, l.State == StateNotExecuted:
		return l.Seen
	}
	return true
}

// counts tells whether the operation counts in the limit of the hour in which it was accepted.
func (o *Operation) counts() bool {
	return slices.ContainsFunc(o.Legs, func(l Leg) bool { return l.counts() })
}

// counted tells whether anything of the account was ever counted.
func (a *Account) counted() bool {
	for i := range a.Operations {
		for j := range a.Operations[i].Legs {
			if a.Operations[i].Legs[j].CountedOn != "" {
				return true
			}
		}
	}
	return false
}

// countOn notes the day on which the attempt of a leg counts, which has just been marked, and with it all that the operation may
// still send: what does not fit is refused before any of it is sent. A leg that is marked on a later day counts on that one.
func (r Rules) countOn(op *Operation, marked *Leg, now time.Time) {
	if !r.Limits.set() || !op.Kind.spec().leaves {
		return
	}
	today := DayOf(now)
	marked.CountedOn = today
	for i := range op.Legs {
		if leg := &op.Legs[i]; leg.State == StateReserved && leg.CountedOn == "" {
			leg.CountedOn = today
		}
	}
}

func hourOf(t time.Time) int { return t.In(istanbul()).Hour() }

// storedUse is the form in which stores keep a Use.
type storedUse struct {
	Day     Day                                `json:"d"`
	Version int64                              `json:"v"`
	Amounts map[money.Currency]decimal.Decimal `json:"a,omitempty"`
	Refunds map[int]int                        `json:"h,omitempty"`
}

// EncodeUse gives the bytes that a store keeps.
func EncodeUse(u Use) ([]byte, error) {
	s := storedUse{u.Day, u.Version, map[money.Currency]decimal.Decimal{}, map[int]int{}}
	for c, amount := range u.Amounts {
		s.Amounts[c] = amount.Decimal()
	}
	for hour, n := range u.Refunds {
		if n > 0 {
			s.Refunds[hour] = n
		}
	}
	data, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode the use of %s: %w", u.Day, err)
	}
	return data, nil
}

// DecodeUse reads what EncodeUse wrote, and nothing else: what is not understood might be something that was counted.
func DecodeUse(data []byte) (Use, error) {
	var s storedUse
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&s)
	u := Use{Day: s.Day, Version: s.Version, Amounts: map[money.Currency]money.Amount{}}
	for c, sum := range s.Amounts {
		if !c.Valid() || sum.IsNegative() {
			err = errors.Join(err, fmt.Errorf("%s of %q cannot be counted", sum, c))
		}
		u.Amounts[c] = money.New(sum, c)
	}
	for hour, n := range s.Refunds {
		if hour < 0 || hour >= len(u.Refunds) || n < 0 {
			err = errors.Join(err, fmt.Errorf("%d refunds in the hour %d cannot be counted", n, hour))
			continue
		}
		u.Refunds[hour] = n
	}
	if err != nil {
		return Use{}, fmt.Errorf("decode the use of a day: %w", err)
	}
	return u, nil
}
