package sim

import (
	"math/rand/v2"
	"time"

	"github.com/iade/iade/internal/payment"
)

// offReason is what callers are told then.
const offReason = "new money is off"

// addSwitch has an operator switch new money off for a while, in some worlds. It is a setting: processes that start meanwhile
// have it, those that run already do not.
func addSwitch(p *plan, rng *rand.Rand) {
	if rng.IntN(100) < 10 {
		p.offAt = p.start.Add(time.Duration(rng.Int64N(int64(2 * time.Minute))))
		p.offFor = pick(rng, 10*time.Second, 5*time.Minute, 2*time.Hour)
	}
}

// moneyOff tells whether new money is off for a process that starts now.
func (w *world) moneyOff() bool {
	return !w.calm && !w.clock.now.Before(w.plan.offAt) && w.clock.now.Before(w.plan.offAt.Add(w.plan.offFor))
}

// heldBack looks at what a process does to whom new money is off: it sends nothing, whatever it was asked for.
func (k *worker) heldBack(c payment.Call) {
	if k.off {
		k.world.check.violated("new money off: nothing is sent", c.OperationID, "%s was to be sent", c.ConversationID)
	}
}
