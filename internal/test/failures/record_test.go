package failures

import (
	"net/http"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

// TestFailure10KilledBeforeRecord: iyzico did it and said so, and the process dies before it can write that down.
func TestFailure10KilledBeforeRecord(t *testing.T) {
	t.Parallel()
	everyWay(t, func(t *testing.T, w *world, x way) {
		a := x.ask(w)
		p := w.process()
		p.gateway.after = func(payment.Call, payment.Answered) { die() }
		p.deliver(a, overHTTP).died(t)
		w.process().deliver(a, overHTTP).is(t, http.StatusConflict, "in-progress")
	})
}

// TestFailure11RecordFails: iyzico did it, and the answer cannot be saved: for a while, never, though it was stored, or because
// somebody else changed the payment meanwhile.
func TestFailure11RecordFails(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name string
		save func(n int, save func() error) error // n is 1 for the first save of the answer
		code int
		what string
	}{
		{"for a while", func(n int, save func() error) error {
			if n <= 5 {
				return errAway
			}
			return save()
		}, http.StatusCreated, "succeeded"},
		{"for good", func(int, func() error) error { return errAway }, http.StatusAccepted, "unknown"},
		{"though it was stored", func(n int, save func() error) error {
			if err := save(); err != nil || n > 1 {
				return err
			}
			return errAway
		}, http.StatusCreated, "succeeded"},
		{"conflicts at first", func(n int, save func() error) error {
			if n <= 3 {
				return payment.ErrConflict
			}
			return save()
		}, http.StatusCreated, "succeeded"},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			everyWay(t, func(t *testing.T, w *world, y way) {
				a := y.ask(w)
				p, answered := w.process(), 0
				p.gateway.after = func(payment.Call, payment.Answered) { answered = p.store.saves }
				p.store.save = func(n int, _ payment.Account, save func() error) error {
					if answered == 0 {
						return save()
					}
					return x.save(n-answered, save)
				}
				p.deliver(a, overHTTP).is(t, x.code, x.what)
			})
		})
	}
	t.Run("because others change the payment", func(t *testing.T) {
		t.Parallel()
		play(t, func(w *world) {
			pay := w.known()
			slow, quick := w.refund(pay, "10.00"), w.refund(pay, "20.00")
			w.fault(refundPath, "slow", after(5*time.Second))
			var all []func()
			all = append(all, func() { w.process().deliver(slow, overHTTP).is(w.t, http.StatusCreated, "succeeded") })
			all = append(all, func() {
				time.Sleep(time.Second)
				w.process().deliver(quick, overHTTP).is(w.t, http.StatusCreated, "succeeded")
			})
			atOnce(all...)
		})
	})
}

// TestFailure12RefusedOnAFirstTry: a refusal says nothing about the money unless its code is listed as moving none; and
// if iyzico did it all the same, a person is told.
func TestFailure12RefusedOnAFirstTry(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name, mode, code string
		status           int
		what             string
		ends             payment.Status
	}{
		{"already approved, and nothing was done", "refuse", "10203", http.StatusAccepted, "unknown", payment.StatusNotExecuted},
		{"already approved, and it was done", "refuse-after", "10203", http.StatusAccepted, "unknown", payment.StatusSucceeded},
		{"exceeds, by a code that nobody documents", "refuse", "5901", http.StatusAccepted, "unknown", payment.StatusNotExecuted},
		{"already refunded, by a code that nobody documents, and it was done", "refuse-after", "5903", http.StatusAccepted, "unknown", payment.StatusSucceeded},
		{"a listed code", "refuse", "10051", http.StatusUnprocessableEntity, "rejected", payment.StatusRejected},
		{"a listed code, and it was done all the same", "refuse-after", "10051", http.StatusUnprocessableEntity, "rejected", payment.StatusNeedsReview},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			everyWay(t, func(t *testing.T, w *world, y way) {
				ends := x.ends
				if ends == payment.StatusNotExecuted {
					ends = y.lost
				}
				a := y.ask(w).ends(ends, 1)
				w.fault(y.path, x.mode, code(x.code))
				w.process().deliver(a, overHTTP).is(t, x.status, x.what)
			})
		})
	}
	t.Run("after a refusal the next key reads first", func(t *testing.T) {
		t.Parallel()
		play(t, func(w *world) {
			// Refused, and done all the same: nothing more goes out on that payment before a person has looked.
			pay := w.known()
			lied := w.refund(pay, "60.00").ends(payment.StatusNeedsReview, 1)
			w.fault(refundPath, "refuse-after", code("10051"))
			w.process().deliver(lied, overHTTP).is(w.t, http.StatusUnprocessableEntity, "rejected")
			next := w.refund(pay, "60.00").isRefused("not-refundable").andLater("exceeds-refundable")
			w.process().deliver(next, overHTTP).is(w.t, http.StatusUnprocessableEntity, "not-refundable")
		})
	})
}
