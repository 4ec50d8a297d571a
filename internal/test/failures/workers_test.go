package failures

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/iade/iade/internal/config"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// minutes lets time pass, with a pass of every given process in each minute, all at once.
func (w *world) minutes(n int, passes ...*process) {
	w.t.Helper()
	for range n {
		time.Sleep(time.Minute)
		var all []func()
		for _, p := range passes {
			all = append(all, func() {
				if _, err := p.service.Reconcile(context.Background(), time.Now().Add(50*time.Second)); err != nil {
					w.t.Errorf("a pass of the reconciler: %v", err)
				}
			})
		}
		atOnce(all...)
	}
}

// TestFailure17TwoReconcilers: two passes look at the same attempt at the same moment, for as long as it takes to settle.
func TestFailure17TwoReconcilers(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"reset-before", "reset-after"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			everyWay(t, func(t *testing.T, w *world, x way) {
				a := x.ask(w)
				if mode == "reset-before" {
					a.ends(x.lost, 1)
				}
				w.fault(x.path, mode)
				w.process().deliver(a, overHTTP).is(t, http.StatusAccepted, "unknown")
				one, other := w.process(), w.process()
				w.minutes(10, one, other, w.process())
				if status := w.show(a).Status; mode == "reset-before" && status != payment.StatusUnknown {
					t.Errorf("it is %s before the settle window has passed: reads at one moment count once", status)
				}
				w.minutes(40, one, other)
			})
		})
	}
}

// TestFailure17LateWorker: iyzico has answered, and the worker is so slow to save it that the reconciler was there before, more
// than once.
func TestFailure17LateWorker(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name, mode string
		late       time.Duration
		ends       payment.Status
	}{
		{"a success, before it is unknown", "slow", 5 * time.Second, payment.StatusSucceeded},
		{"a success, after it was settled", "slow", 40 * time.Minute, payment.StatusSucceeded},
		{"a lost answer, after it was settled", "reset-after", 40 * time.Minute, payment.StatusSucceeded},
		{"a lost request, while it is unknown", "reset-before", 3 * time.Minute, ""},
		{"a lost request, after it was settled", "reset-before", 40 * time.Minute, ""},
		{"a refusal, while it is unknown", "refuse", 3 * time.Minute, payment.StatusRejected},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			everyWay(t, func(t *testing.T, w *world, y way) {
				a := y.ask(w)
				if a.ends(x.ends, 1); x.ends == "" {
					a.ends(y.lost, 1)
				}
				w.fault(y.path, x.mode)
				worker := w.process()
				worker.gateway.after = func(payment.Call, payment.Answered) { time.Sleep(x.late) }
				atOnce(func() { worker.deliver(a, overHTTP) }, func() { w.minutes(50, w.process(), w.process()) })
			})
		})
	}
}

// TestFailure18PausedPastTheDeadline: the worker is frozen after its mark, its timers with it, and wakes up when its attempt's
// deadline has passed. The connection's Write looks at the wall clock: not a byte leaves.
func TestFailure18PausedPastTheDeadline(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name   string
		frozen time.Duration
		found  bool // the reconciler has found the attempt unknown before it wakes up
		settle bool // the attempt is settled before it wakes up
	}{
		{"for a little more than the deadline", 21 * time.Second, false, false},
		{"while the reconciler finds it unknown", 5 * time.Minute, true, false},
		{"until after it was settled as not executed", 2 * time.Hour, false, true},
	} {
		for _, connected := range []bool{true, false} {
			name := x.name + ", before it connects"
			if connected {
				name = x.name + ", with the connection open"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				everyWay(t, func(t *testing.T, w *world, y way) {
					a := y.ask(w)
					switch {
					case x.settle:
						a.ends(y.lost, 0)
					case x.frozen > time.Minute && y.lost != payment.StatusNotSent: // it was published as unknown, so the proof ends it
						a.ends(payment.StatusNotExecuted, 0)
					}
					if x.found && y.path != initPath {
						a.ends(payment.StatusNotExecuted, 0) // unknown was published, and the worker then proves that nothing left
					}
					worker, sending := w.process(), false
					worker.gateway.before = func(payment.Call) { sending = true }
					worker.timersLate = 24 * time.Hour
					worker.dial = func(n int, dial func() (net.Conn, error)) (net.Conn, error) {
						if !sending {
							return dial()
						}
						if !connected {
							time.Sleep(x.frozen)
							return dial()
						}
						conn, err := dial()
						time.Sleep(x.frozen)
						return conn, err
					}
					atOnce(func() { worker.deliver(a, overHTTP) }, func() { w.minutes(int(x.frozen/time.Minute)+1, w.process()) })
					if n := w.sent(a.id); n != 0 {
						t.Errorf("%d requests left after their deadline", n)
					}
				})
			})
		}
	}
}

// TestFailure19ClockSkew: processes whose clocks differ as much as is tolerated, and an iyzico whose clock is wrong by more.
func TestFailure19ClockSkew(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name   string
		skews  []time.Duration // of the processes, in turn
		iyzico time.Duration
	}{
		{"the worker is ahead", []time.Duration{5 * time.Second, -5 * time.Second}, 0},
		{"the worker is behind", []time.Duration{-5 * time.Second, 5 * time.Second}, 0},
		{"iyzico is ahead", []time.Duration{-5 * time.Second, 5 * time.Second}, 10 * time.Minute},
		{"iyzico is behind", []time.Duration{5 * time.Second, -5 * time.Second}, -10 * time.Minute},
		{"iyzico writes Istanbul's time as UTC", []time.Duration{5 * time.Second, 0, -5 * time.Second}, 3 * time.Hour},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			for _, mode := range []string{"reset-before", "reset-after", "slow"} {
				t.Run(mode, func(t *testing.T) {
					t.Parallel()
					everyWay(t, func(t *testing.T, w *world, y way) {
						w.skews = x.skews
						w.set(func(s *iyzicotest.Settings) { s.ClockOffsetMS = x.iyzico.Milliseconds() })
						a := y.ask(w)
						if mode == "reset-before" {
							a.ends(y.lost, 1)
						}
						w.fault(y.path, mode)
						w.process().deliver(a, overHTTP)
					})
				})
			}
		})
	}
	t.Run("what was refunded in the panel before, by a clock that is ahead", func(t *testing.T) {
		t.Parallel()
		play(t, func(w *world) {
			// It looks newer than the refund that is unknown, so it might be its money: a person looks.
			w.set(func(s *iyzicotest.Settings) { s.ClockOffsetMS = (10 * time.Minute).Milliseconds() })
			pay := w.known()
			w.panelRefund(pay, "10.00")
			time.Sleep(time.Minute)
			a := w.refund(pay, "10.00").ends(payment.StatusNeedsReview, 1)
			w.fault(refundPath, "reset-before")
			w.process().deliver(a, overHTTP).is(w.t, http.StatusAccepted, "unknown")
		})
	})
	t.Run("a worker whose clock jumps ahead while it sends", func(t *testing.T) {
		t.Parallel()
		play(t, func(w *world) {
			a := w.refund(w.payment(), "10.00")
			worker := w.process()
			worker.gateway.before = func(payment.Call) { worker.skew = 2 * time.Minute }
			worker.deliver(a, overHTTP).is(w.t, http.StatusServiceUnavailable, "unavailable")
		}, with(func(s *config.Settings) { s.SettleWindow = 15 * time.Minute }))
	})
}
