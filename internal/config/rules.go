package config

import (
	"time"

	"github.com/iade/iade/internal/payment"
)

// Rules are the settings that the domain decides by. It is the only place that makes them, so that every program decides
// alike: a function that did not know of TABLE_RESTORED_AT would number its events from the start again, and consumers
// would drop them. clockTolerance is how far apart the clocks of the processes on one table may be; 0 on one machine.
func (s Settings) Rules(clockTolerance time.Duration) payment.Rules {
	return payment.Rules{
		SettleWindow: s.SettleWindow, SendTimeout: s.IyzicoTimeout, RestoredAt: s.TableRestoredAt, BalanceExpiry: s.BalanceRefundExpiry,
		ClockTolerance: clockTolerance, NewMoneyOff: s.NewMoneyOff, NewMoneyReason: s.NewMoneyReason,
	}
}
