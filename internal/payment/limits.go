package payment

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
)

// The settings that the merchant's own limits are made of, as answers name them.
const (
	LimitAmountPerDay   = "MAX_REFUND_AMOUNT_PER_DAY"
	LimitRefundsPerHour = "MAX_REFUNDS_PER_HOUR"
)

// Limits are the merchant's own limits on money that leaves: refunds, refunds to balance, cancels. Payments bring money in and
// count in none. The zero value limits nothing.
type Limits struct {
	AmountPerDay   money.PerCurrency // in one day of Istanbul; zero = no limit
	RefundsPerHour int               // operations of every kind and currency, in one hour of the clock; 0 = no limit
}

func (l Limits) set() bool { return !l.AmountPerDay.IsZero() || l.RefundsPerHour > 0 }

// LimitUse is how much of one limit is used.
type LimitUse struct {
	Limit    string         // LimitAmountPerDay or LimitRefundsPerHour
	Currency money.Currency // empty for LimitRefundsPerHour
	Used     decimal.Decimal
	Most     decimal.Decimal
	FreesAt  time.Time // when what is used counts no more
}

// Percent is how much is used, rounded down; 100 where nothing at all is allowed.
func (u LimitUse) Percent() int64 {
	if !u.Most.IsPositive() {
		return 100
	}
	return u.Used.Mul(decimal.NewFromInt(100)).Div(u.Most).IntPart()
}

// uses says how much of each limit a day's use takes at a moment of that day: of the currencies that were used, and of those that
// more names.
func (l Limits) uses(u Use, now time.Time, more ...money.Currency) []LimitUse {
	var all []LimitUse
	for _, c := range money.Currencies() {
		used, ok := u.Amounts[c]
		for _, wanted := range more {
			ok = ok || wanted == c
		}
		if ok && !l.AmountPerDay.IsZero() {
			all = append(all, LimitUse{LimitAmountPerDay, c, used.Decimal(), l.AmountPerDay.Of(c).Decimal(), u.Day.next().Start().UTC()})
		}
	}
	if l.RefundsPerHour > 0 {
		hour := hourOf(now)
		all = append(all, LimitUse{
			LimitRefundsPerHour, "", decimal.NewFromInt(int64(u.Refunds[hour])), decimal.NewFromInt(int64(l.RefundsPerHour)),
			u.Day.Start().Add(time.Duration(hour+1) * time.Hour).UTC(),
		})
	}
	return all
}

// tight gives the limit that a day's use leaves no room in at that moment, nil if there is room. What is counted for another day or
// hour fits: it was sent then.
func (l Limits) tight(u Use, t taking, now time.Time) *LimitUse {
	if u.Day != DayOf(now) {
		return nil
	}
	for _, use := range l.uses(u, now, t.amount.Currency()) {
		wanted := decimal.NewFromInt(int64(t.refunds[hourOf(now)]))
		if use.Limit == LimitAmountPerDay {
			if use.Currency != t.amount.Currency() {
				continue
			}
			wanted = t.amount.Decimal()
		}
		if wanted.IsPositive() && use.Used.Add(wanted).GreaterThan(use.Most) {
			return &use
		}
	}
	return nil
}

// overLimit is the answer to a command that a limit of the merchant's own refuses.
func overLimit(u LimitUse, t taking, now time.Time) error {
	used := fmt.Sprintf("%s refunds an hour (%s): %s were made in this hour", u.Most, u.Limit, u.Used)
	if u.Limit == LimitAmountPerDay {
		used = fmt.Sprintf("%s %s a day (%s): %s are used today, and this takes %s",
			u.Most.StringFixed(2), u.Currency, u.Limit, u.Used.StringFixed(2), t.amount)
	}
	return &Error{
		Code: CodeOverLimit, RetryAfter: max(u.FreesAt.Sub(now), time.Second),
		Message: fmt.Sprintf("Nothing was sent, because the merchant's own limit is %s. The limit is free again at %s. "+
			"Ask again with the same key then, or once the limit is raised: the key is still free.", used, u.FreesAt.Format(time.RFC3339)),
	}
}
