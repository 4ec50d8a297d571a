package failures

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/returnlink"
	"github.com/iade/iade/internal/secret"
)

// TestFailure24SecretRotated: iyzico's key, or the callback's, is another one now than the one that a process holds.
// How the deployed functions read a rotated key is TestFailure24RotationUnderTheFunctions.
func TestFailure24SecretRotated(t *testing.T) {
	t.Parallel()
	outdated := func(h *habit) { h.secretKey = "canary-old-secretKey-4715" }
	t.Run("before the send", func(t *testing.T) {
		t.Parallel()
		for _, y := range ways {
			t.Run(y.name, func(t *testing.T) {
				t.Parallel()
				play(t, func(w *world) {
					a := y.ask(w)
					w.knownBefore(a)
					// It is refused for its signature, which moves nothing: the next attempt has a number of its own.
					if y.path != fundPath {
						a.ends(payment.StatusSucceeded, 2)
					}
					p := w.process(outdated)
					p.gateway.next = readsBy{p.gateway.next, w.process().gateway.next}
					p.deliver(a, overHTTP).is(w.t, http.StatusServiceUnavailable, "unavailable")
				})
			})
		}
	})
	t.Run("before the payment is read", func(t *testing.T) {
		t.Parallel()
		play(t, func(w *world) {
			a := w.refund(w.payment(), "10.00")
			w.process(outdated).deliver(a, overHTTP).is(w.t, http.StatusServiceUnavailable, "unavailable")
			w.process().get(a.resource()).is(w.t, http.StatusNotFound, "not-found")
		})
	})
	t.Run("after the send, before the answer", func(t *testing.T) {
		t.Parallel()
		for _, y := range ways[:2] { // only answers to refunds are signed in a documented way
			t.Run(y.name, func(t *testing.T) {
				t.Parallel()
				play(t, func(w *world) {
					a := y.ask(w)
					w.fault(y.path, "bad-signature") // signed with the new key, which the process does not know
					w.process().deliver(a, overHTTP).is(w.t, http.StatusAccepted, "unknown")
				})
			})
		}
	})
	t.Run("while it settles", func(t *testing.T) {
		t.Parallel()
		everyWay(t, func(t *testing.T, w *world, y way) {
			a := y.ask(w)
			w.fault(y.path, "reset-after")
			w.process().deliver(a, overHTTP).is(t, http.StatusAccepted, "unknown")
			blind := w.process(outdated)
			for range 40 {
				time.Sleep(time.Minute)
				if _, err := blind.service.Reconcile(context.Background(), time.Now().Add(50*time.Second)); err != nil {
					t.Error(err)
				}
			}
			if got := w.show(a).Status; got != payment.StatusUnknown {
				t.Errorf("it is %s: what cannot be read proves nothing", got)
			}
		})
	})
	next := returnlink.Keys{Current: secret.New("canary-next-callback-key-4716"), Previous: secret.New(callbackKey)}
	rotated := func(h *habit) { h.callbackKeys = next }
	t.Run("the callback's, between the page and the way back", func(t *testing.T) {
		t.Parallel()
		play(t, func(w *world) {
			a := w.toBalance(w.payment())
			token, back := w.open(a)
			if again := w.process(rotated).deliver(a, overHTTP).is(w.t, http.StatusOK, "awaiting_customer"); pageToken(w, again) != token {
				w.t.Errorf("the page's address is lost: %s", again.body)
			}
			if got := w.process(rotated).browse(back); got.code != http.StatusOK {
				w.t.Errorf("the customer comes back to %d %s", got.code, got.body)
			}
			if got := w.show(a).Status; got != payment.StatusAwaitingMerchant {
				w.t.Errorf("it is %s", got)
			}
			w.approve(token)
		})
	})
	t.Run("the callback's, twice", func(t *testing.T) {
		t.Parallel()
		play(t, func(w *world) {
			a := w.toBalance(w.payment())
			token, back := w.open(a)
			twice := func(h *habit) {
				h.callbackKeys = returnlink.Keys{Current: secret.New("canary-third-callback-key-4717"), Previous: next.Current}
			}
			if got := w.process(twice).browse(back); got.code != http.StatusNotFound {
				w.t.Errorf("%d %s", got.code, got.body)
			}
			w.approve(token) // the report needs no way back
		})
	})
}

// knownBefore makes iade know the payment of a command, so that nothing is read before it is sent.
func (w *world) knownBefore(a *asked) {
	w.t.Helper()
	if a.paid == nil {
		return
	}
	w.process().deliver(w.refund(a.paid, "100000.00").ends(payment.StatusRejected, 0), overQueue)
}
