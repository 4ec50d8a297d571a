package failures

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/iade/iade/internal/config"
	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

// limited sets MAX_REFUND_AMOUNT_PER_DAY.
func limited(perDay string) option {
	return with(func(s *config.Settings) {
		var err error
		if s.MaxRefundAmountPerDay, err = money.ParsePerCurrency(perDay); err != nil {
			panic(err)
		}
	})
}

// used checks how much is counted today.
func (w *world) used(want string) {
	w.t.Helper()
	use, err := w.store.LoadUse(context.Background(), payment.DayOf(time.Now()))
	if got := money.New(use.Amounts[money.TRY].Decimal(), money.TRY).String(); err != nil || got != want {
		w.t.Errorf("%s are counted, %v; want %s", got, err, want)
	}
}

// TestFailure41KilledAroundACount kills the process at each step of counting a refund of 60.00, and of giving it back.
func TestFailure41KilledAroundACount(t *testing.T) {
	t.Parallel()
	const refused = "10051"
	at := func(n int, after bool) func(*process) {
		return func(p *process) {
			p.store.count = func(i int, save func() error) error {
				if i == n && !after {
					die()
				}
				err := save()
				if i == n {
					die()
				}
				return err
			}
		}
	}
	for _, x := range []struct {
		name    string
		code    string // with which iyzico refuses
		kill    func(*process)
		ends    payment.Status
		sends   int
		counted string // after the crash, when the same key has asked again
	}{
		{"before it is counted", "", at(1, false), payment.StatusSucceeded, 1, "60.00"},
		{"after it is counted, before the mark", "", at(1, true), payment.StatusSucceeded, 1, "120.00"},
		{"after the mark", "", func(p *process) { p.gateway.before = func(payment.Call) { die() } }, payment.StatusNotExecuted, 0, "60.00"},
		{"after a definite no was saved, before it is given back", refused, at(2, false), payment.StatusRejected, 1, "60.00"},
		{"after it was given back", refused, at(2, true), payment.StatusRejected, 1, "0.00"},
		{"before a definite no is saved", refused, func(p *process) { p.gateway.after = func(payment.Call, payment.Answered) { die() } }, payment.StatusNotExecuted, 1, "60.00"},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			play(t, func(w *world) {
				a := w.refund(w.payment(), "60.00").ends(x.ends, x.sends)
				if x.code != "" {
					w.fault(refundPath, "refuse", code(x.code))
				}
				p := w.process()
				x.kill(p)
				p.deliver(a, overHTTP).died(w.t)
				w.process().deliver(a, overHTTP)
				w.used(x.counted)
			}, limited("150"))
		})
	}
}

// TestFailure41ASettledNoIsGivenBack: whoever saves that nothing was executed gives the count back, here the reconciler.
func TestFailure41ASettledNoIsGivenBack(t *testing.T) {
	t.Parallel()
	play(t, func(w *world) {
		a := w.refund(w.payment(), "60.00").ends(payment.StatusNotExecuted, 0)
		p := w.process()
		p.gateway.before = func(payment.Call) { die() }
		p.deliver(a, overHTTP).died(w.t)
		w.used("60.00")
		for range 5 { // noon in Istanbul: the day is not over when it is settled
			time.Sleep(30 * time.Minute)
			if _, err := w.process().service.Reconcile(context.Background(), time.Now().Add(time.Minute)); err != nil {
				w.t.Error(err)
			}
		}
		w.used("0.00")
	}, limited("150"))
}

// TestFailure42CountsThatAreLostOrShared: on a table, the SDK sends a count again whose answer was lost.
func TestFailure42CountsThatAreLostOrShared(t *testing.T) {
	t.Parallel()
	for _, lost := range []int{1, attempts - 1} {
		t.Run(fmt.Sprintf("%d answers lost", lost), func(t *testing.T) {
			t.Parallel()
			onTable(t, func(w *world, x *table) {
				a := w.refund(w.payment(), "60.00")
				x.strike("PutItem", repeat(answerLost, lost)...)
				w.process().deliver(a, overHTTP).is(w.t, http.StatusCreated, "succeeded")
				w.used("60.00")
			}, limited("150"))
		})
	}
	t.Run("the answers of giving back are lost", func(t *testing.T) {
		t.Parallel()
		onTable(t, func(w *world, x *table) {
			a := w.refund(w.payment(), "60.00").ends(payment.StatusRejected, 1)
			w.fault(refundPath, "refuse", code("10051"))
			x.strike("PutItem", "", "", "", answerLost, answerLost, answerLost)
			w.process().deliver(a, overHTTP).is(w.t, http.StatusUnprocessableEntity, "rejected-by-iyzico")
			w.used("0.00")
		}, limited("150"))
	})
	t.Run("every answer lost", func(t *testing.T) {
		t.Parallel()
		onTable(t, func(w *world, x *table) {
			a := w.refund(w.payment(), "60.00")
			x.strike("PutItem", repeat(answerLost, attempts)...)
			w.process().deliver(a, overHTTP).is(w.t, http.StatusServiceUnavailable, "unavailable")
			if w.sent(a.id) != 0 {
				w.t.Error("something was sent on a count that nobody knows of")
			}
			w.used("60.00")
			w.process().deliver(a, overHTTP).is(w.t, http.StatusCreated, "succeeded")
			w.used("120.00")
		}, limited("150"))
	})
	t.Run("many at once", func(t *testing.T) {
		t.Parallel()
		play(t, func(w *world) {
			var all []func()
			for range 6 {
				a, p := w.refund(w.payment(), "60.00"), w.process()
				all = append(all, func() { p.deliver(a, overHTTP).is(w.t, http.StatusCreated, "succeeded") })
			}
			atOnce(all...)
			w.used("360.00")
		}, limited("360"))
	})
	t.Run("one that never fits, over every entry", func(t *testing.T) {
		t.Parallel()
		play(t, func(w *world) {
			fits := w.refund(w.payment(), "40.00")
			a := w.refund(w.payment(), "60.00").isRefused("over-limit")
			w.process().deliver(fits, overHTTP).is(w.t, http.StatusCreated, "succeeded")
			for _, e := range a.entries() {
				got := w.process().deliver(a, e)
				if queued := e == overQueue || e == overBus; queued != got.back {
					w.t.Errorf("over %s: back %t, %s", e, got.back, got.body)
				} else if !queued {
					got.is(w.t, http.StatusUnprocessableEntity, "over-limit")
				}
			}
			w.used("40.00")
		}, limited("50"))
	})
	t.Run("it cannot be made", func(t *testing.T) {
		t.Parallel()
		play(t, func(w *world) {
			a := w.refund(w.payment(), "60.00")
			p := w.process()
			p.store.count = func(int, func() error) error { return errAway }
			p.deliver(a, overHTTP).is(w.t, http.StatusServiceUnavailable, "unavailable")
			if w.sent(a.id) != 0 {
				w.t.Error("something was sent that was not counted")
			}
		}, limited("150"))
	})
}
