package failures

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

// TestFailure13SameKeyAtOnce: the same command comes through every entry at once, twice, while iyzico takes its time.
func TestFailure13SameKeyAtOnce(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"slow", "reset-after", "reset-before"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			everyWay(t, func(t *testing.T, w *world, x way) {
				a := x.ask(w)
				if mode == "reset-before" {
					a.ends(x.lost, 1)
				}
				w.fault(x.path, mode, after(5*time.Second))
				var sent atomic.Int32
				var all []func()
				for _, e := range append(a.entries(), a.entries()...) {
					p := w.process()
					all = append(all, func() {
						if got := p.deliver(a, e); got.code == http.StatusCreated || got.code == http.StatusAccepted && !got.replayed && e != overBare {
							sent.Add(1)
						}
					})
				}
				atOnce(all...)
				if n := sent.Load(); n > 1 {
					t.Errorf("%d callers were told that they sent it", n)
				}
			})
		})
	}
}

// TestFailure14SameKeyOtherRequest: a key names one request on its payment, whatever became of it.
func TestFailure14SameKeyOtherRequest(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name string
		mode string
		ends payment.Status
	}{
		{"while it is unknown", "reset-after", payment.StatusSucceeded},
		{"after it was not executed", "reset-before", payment.StatusNotExecuted},
		{"after it was refused", "refuse", payment.StatusRejected},
		{"after it succeeded", "slow", payment.StatusSucceeded},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			play(t, func(w *world) {
				pay := w.payment()
				a := w.refund(pay, "10.00").ends(x.ends, 1)
				w.fault(refundPath, x.mode)
				w.process().deliver(a, overHTTP)
				others := func() {
					for i, body := range []string{
						`{"paymentId":"` + pay.id + `","amount":"11.00","description":"` + person + `","reason":"OTHER"}`,
						`{"paymentId":"` + pay.id + `","full":true}`,
						`{"paymentId":"` + pay.id + `","destination":"balance"}`,
					} {
						other := &asked{kind: payment.KindRefund, key: a.key, body: body}
						got := w.process().deliver(other, overHTTP).is(w.t, http.StatusUnprocessableEntity, "idempotency-key-reused")
						if !got.replayed {
							w.t.Error("it does not say that the key is known")
						}
						parked := len(w.parked)
						if w.process().deliver(other, overQueue).back || len(w.parked) != parked+1 {
							w.t.Errorf("request %d is not parked", i)
						}
					}
					other := &asked{kind: payment.KindCancel, key: a.key, body: `{"paymentId":"` + pay.id + `"}`}
					w.process().deliver(other, overHTTP).is(w.t, http.StatusUnprocessableEntity, "idempotency-key-reused")
				}
				others()
				w.duplicates()
				w.reconcile()
				others()
			})
		})
	}
}

// TestFailure15KeysTogetherAboveTheRemainder: four refunds of 60.00 on 100.00 come at once, through different entries and
// processes, and at most one moves.
func TestFailure15KeysTogetherAboveTheRemainder(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"slow", "reset-after"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			play(t, func(w *world) {
				pay := w.payment()
				w.fault(refundPath, mode, after(2*time.Second))
				won := atomic.Int32{}
				var all []func()
				for _, e := range []entry{overHTTP, overGateway, overBare, overHTTP} {
					a, p := w.refund(pay, "60.00"), w.process()
					all = append(all, func() {
						switch got := p.deliver(a, e); got.code {
						case http.StatusCreated, http.StatusAccepted:
							won.Add(1)
						default:
							got.is(w.t, http.StatusUnprocessableEntity, "exceeds-refundable")
							a.isRefused("exceeds-refundable")
							if got.refundable != "40.00" {
								w.t.Errorf("refundable %s, want 40.00", got.refundable)
							}
						}
					})
				}
				atOnce(all...)
				if won.Load() != 1 {
					w.t.Errorf("%d went through, want 1", won.Load())
				}
				queued := w.refund(pay, "60.00").ends(payment.StatusRejected, 0)
				if back := w.process().deliver(queued, overQueue).back; back != (mode == "reset-after") {
					w.t.Errorf("comes back to its queue: %t; it must while what refuses it is still open", back)
				}
				w.minutes(30, w.process())
				if w.process().deliver(queued, overQueue).back {
					w.t.Error("a refused command comes back to its queue for ever")
				}
			})
		})
	}
	t.Run("lines and the whole", func(t *testing.T) {
		t.Parallel()
		play(t, func(w *world) {
			pay := w.payment("50.00", "50.00")
			var all []func()
			for i := range 6 {
				a, p := w.refund(pay, "30.00", fmt.Sprintf(`,"paymentTransactionId":"%s"`, pay.lines[i%2])), w.process()
				all = append(all, func() {
					if got := p.deliver(a, overHTTP); got.code != http.StatusCreated {
						got.is(w.t, http.StatusUnprocessableEntity, "exceeds-refundable")
						a.isRefused("exceeds-refundable")
					}
				})
			}
			atOnce(all...)
			if v := w.view(pay); v.RefundedAmount != "60.00" {
				w.t.Errorf("%s refunded, want 30.00 of each line", v.RefundedAmount)
			}
		})
	})
}

// TestFailure16CancelAndRefundRace: whoever is marked first takes the payment, also while nobody knows what became of it.
func TestFailure16CancelAndRefundRace(t *testing.T) {
	t.Parallel()
	t.Run("at once", func(t *testing.T) {
		t.Parallel()
		play(t, func(w *world) {
			for range 5 {
				pay := w.payment()
				refund, cancel := w.refund(pay, "10.00"), w.cancel(pay)
				one, other := w.process(), w.process()
				atOnce(func() { settleRace(w, refund, one.deliver(refund, overHTTP), "not-refundable") },
					func() { settleRace(w, cancel, other.deliver(cancel, overHTTP), "not-cancellable") })
				if (refund.refused == "") == (cancel.refused == "") {
					w.t.Errorf("refund refused %q, cancel refused %q: one and only one must go through", refund.refused, cancel.refused)
				}
			}
		})
	})
	for _, mode := range []string{"reset-after", "reset-before"} {
		t.Run("refund while a cancel is unknown, "+mode, func(t *testing.T) {
			t.Parallel()
			play(t, func(w *world) {
				pay := w.payment()
				cancel := w.cancel(pay)
				w.fault(cancelPath, mode)
				w.process().deliver(cancel, overHTTP).is(w.t, http.StatusAccepted, "unknown")
				refund := w.refund(pay, "10.00")
				got := w.process().deliver(refund, overHTTP).is(w.t, http.StatusUnprocessableEntity, "not-refundable")
				if got.blocker != cancel.id {
					w.t.Errorf("it says that %q is in the way", got.blocker)
				}
				if mode == "reset-after" {
					refund.isRefused("not-refundable")
					return
				}
				// Once it is proved that nothing was cancelled, the same key goes through.
				cancel.ends(payment.StatusNotExecuted, 1)
				w.reconcile()
				w.process().deliver(refund, overHTTP).is(w.t, http.StatusCreated, "succeeded")
			})
		})
		t.Run("cancel while a refund is unknown, "+mode, func(t *testing.T) {
			t.Parallel()
			play(t, func(w *world) {
				pay := w.payment()
				refund := w.refund(pay, "10.00")
				w.fault(refundPath, mode)
				w.process().deliver(refund, overHTTP).is(w.t, http.StatusAccepted, "unknown")
				cancel := w.cancel(pay).isRefused("not-cancellable")
				got := w.process().deliver(cancel, overHTTP).is(w.t, http.StatusUnprocessableEntity, "not-cancellable")
				if got.blocker != refund.id {
					w.t.Errorf("it says that %q is in the way", got.blocker)
				}
				if mode == "reset-before" {
					refund.ends(payment.StatusNotExecuted, 1)
				}
			})
		})
	}
}

// settleRace takes what became of one of two that race.
func settleRace(w *world, a *asked, got answer, slug string) {
	if got.code != http.StatusCreated {
		got.is(w.t, http.StatusUnprocessableEntity, slug)
		a.isRefused(slug)
	}
}
