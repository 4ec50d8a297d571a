package failures

import (
	"errors"
	"net/http"
	"testing"

	"github.com/iade/iade/internal/payment"
)

// TestFailure01KilledBeforeAccept kills the process at every step before its first write: nothing is left, and the next
// delivery begins afresh.
func TestFailure01KilledBeforeAccept(t *testing.T) {
	t.Parallel()
	for _, step := range []struct {
		name string
		kill func(p *process)
	}{
		{"before the account is loaded", func(p *process) {
			p.store.load = func(int, func() (payment.Account, error)) (payment.Account, error) {
				die()
				return payment.Account{}, nil
			}
		}},
		{"before the accept is saved", func(p *process) {
			p.store.save = func(int, payment.Account, func() error) error { die(); return nil }
		}},
	} {
		t.Run(step.name, func(t *testing.T) {
			t.Parallel()
			everyWay(t, func(t *testing.T, w *world, x way) {
				a := x.ask(w)
				p := w.process()
				step.kill(p)
				p.deliver(a, overHTTP).died(t)
				w.process().get(a.resource()).is(t, http.StatusNotFound, "not-found")
				if w.sent(a.id) != 0 {
					t.Error("something was sent before it was accepted")
				}
			})
		})
	}
	for _, step := range []struct {
		name string
		kill func(p *process)
	}{
		{"before the report is read", func(p *process) { p.gateway.read = die }},
		{"after the report was read", func(p *process) { p.gateway.seen = die }},
	} {
		t.Run(step.name, func(t *testing.T) {
			t.Parallel()
			play(t, func(w *world) {
				a := w.refund(w.payment(), "10.00")
				p := w.process()
				step.kill(p)
				p.deliver(a, overHTTP).died(w.t)
				w.process().get(a.resource()).is(w.t, http.StatusNotFound, "not-found")
			})
		})
	}
}

// TestFailure03AcceptAndMarkAreOneWrite: there is no moment between accepting and marking. No saved image holds an operation
// whose turn it is and that is not marked, and a kill around any save of three legs sends none of them twice.
func TestFailure03AcceptAndMarkAreOneWrite(t *testing.T) {
	t.Parallel()
	for _, kill := range []struct {
		name  string
		save  int  // at which save
		after bool // or before it
		ends  payment.Status
		sends int
	}{
		{"before accept and first mark", 1, false, payment.StatusSucceeded, 3},
		{"after accept and first mark", 1, true, payment.StatusNotExecuted, 0},
		{"before the first answer and second mark", 2, false, payment.StatusPartiallySucceeded, 1},
		{"after the first answer and second mark", 2, true, payment.StatusPartiallySucceeded, 1},
		{"before the second answer and third mark", 3, false, payment.StatusPartiallySucceeded, 2},
		{"after the second answer and third mark", 3, true, payment.StatusPartiallySucceeded, 2},
		{"before the third answer", 4, false, payment.StatusSucceeded, 3},
		{"after the third answer", 4, true, payment.StatusSucceeded, 3},
	} {
		t.Run(kill.name, func(t *testing.T) {
			t.Parallel()
			play(t, func(w *world) {
				a := w.refundAll(w.payment("50.00", "30.00", "20.00")).ends(kill.ends, kill.sends)
				p := w.process()
				p.store.save = func(n int, next payment.Account, save func() error) error {
					if n == kill.save && !kill.after {
						die()
					}
					if op := next.Operation(a.id); n < 4 && op.Legs[n-1].State != payment.StateSending {
						w.t.Errorf("save %d holds leg %d as %s", n, n, op.Legs[n-1].State)
					}
					if err := save(); err != nil {
						return err
					}
					if n == kill.save {
						die()
					}
					return nil
				}
				p.deliver(a, overHTTP).died(w.t)
			})
		})
	}
}

var errAway = errors.New("the store is away")

// TestFailure04MarkAppliedAnswerLost: the mark is stored, and the process does not learn of it: nothing is sent on a mark that
// is perhaps stored, by nobody.
func TestFailure04MarkAppliedAnswerLost(t *testing.T) {
	t.Parallel()
	everyWay(t, func(t *testing.T, w *world, x way) {
		a := x.ask(w).ends(x.lost, 0)
		p := w.process()
		p.store.save = func(_ int, _ payment.Account, save func() error) error {
			if err := save(); err != nil {
				t.Error(err)
			}
			return errAway
		}
		p.deliver(a, overHTTP).is(t, http.StatusServiceUnavailable, "unavailable")
		w.process().deliver(a, overHTTP).is(t, http.StatusConflict, "in-progress")
	})
}

// TestFailure05KilledAfterMarkBeforeRequest: the attempt is marked, and its process dies before a byte leaves. Nobody sends it.
func TestFailure05KilledAfterMarkBeforeRequest(t *testing.T) {
	t.Parallel()
	everyWay(t, func(t *testing.T, w *world, x way) {
		a := x.ask(w).ends(x.lost, 0)
		p := w.process()
		p.gateway.before = func(payment.Call) { die() }
		p.deliver(a, overHTTP).died(t)
		w.process().deliver(a, overHTTP).is(t, http.StatusConflict, "in-progress")
	})
}
