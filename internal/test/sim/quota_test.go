package sim

import (
	"context"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/psp"
)

// limited is the production limit of calls a minute around a worker's way to iyzico, if the plan has one. Each worker is a
// process with a lease of its own; the counters are everybody's.
func (k *worker) limited(to payment.Gateway) payment.Gateway {
	if k.world.plan.perMinute == 0 || k.world.calm {
		return to
	}
	return psp.WithQuota(to, slotsPort{k}, k.now, k.world.plan.perMinute)
}

// hintSlot is asked before a notice makes a payment due.
func (k *worker) hintSlot(ctx context.Context) (bool, error) {
	if k.world.plan.perMinute == 0 {
		return true, nil
	}
	return psp.WithQuota(gateway{k}, slotsPort{k}, k.now, k.world.plan.perMinute).TakeHint(ctx)
}

// slotsPort is one worker's way to the counters of calls.
type slotsPort struct{ k *worker }

// Take is: 0 counted; 1 refused.
func (s slotsPort) Take(_ context.Context, name string, minute time.Time, n int) (int, error) {
	s.k.at = "before a slot is taken"
	s.k.pause()
	w := s.k.world
	if w.away() || w.fault(2, askTake) == 1 {
		s.k.log("the store does not count calls now")
		return 0, errThrottled
	}
	key := name + minute.Format(time.RFC3339)
	w.slots[key] += n
	if w.slots[key] > w.plan.perMinute*4/5 {
		w.saw(sawFault, "our own limit of calls is used up")
	}
	s.k.settled()
	return w.slots[key], nil
}
