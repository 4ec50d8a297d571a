package failures

import (
	"net/http"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

// TestFailure43AReversalsCancelIsRefusedOrLost: refunds take the place of a cancel only once it is proved that the cancel moved
// nothing, on either side of midnight in Istanbul, whatever is refunded in the panel meanwhile.
func TestFailure43AReversalsCancelIsRefusedOrLost(t *testing.T) {
	t.Parallel()
	for name, scenario := range map[string]func(w *world){
		"refused": func(w *world) {
			a := w.reverse(w.payment()).ends(payment.StatusSucceeded, 2)
			w.fault(cancelPath, "refuse")
			w.process().deliver(a, overHTTP).is(w.t, http.StatusCreated, "succeeded")
		},
		"refused, and carried out": func(w *world) {
			a := w.reverse(w.payment()).ends(payment.StatusNeedsReview, 1)
			w.fault(cancelPath, "refuse-after")
			w.process().deliver(a, overHTTP).is(w.t, http.StatusAccepted, "needs_review")
		},
		"executed, its answer lost": func(w *world) {
			a := w.reverse(w.payment())
			w.fault(cancelPath, "reset-after")
			w.process().deliver(a, overHTTP).is(w.t, http.StatusAccepted, "unknown")
		},
		"lost, and nobody goes on": func(w *world) {
			a := w.reverse(w.payment()).ends(payment.StatusNotExecuted, 1)
			w.fault(cancelPath, "reset-before")
			w.process().deliver(a, overHTTP).is(w.t, http.StatusAccepted, "unknown")
			w.minutes(90, w.process())
			if r := w.show(a); r.Status != payment.StatusProcessing {
				w.t.Errorf("it is %s after the proof", r.Status)
			}
			time.Sleep(61 * time.Minute)
		},
		"lost, and its command comes again": func(w *world) {
			a := w.reverse(w.payment()).ends(payment.StatusSucceeded, 2)
			w.fault(cancelPath, "reset-before")
			if told := w.process().deliver(a, overBus); told.back {
				w.t.Error("its outcome is unknown, and its message comes back")
			}
			w.minutes(90, w.process())
			if told := w.process().deliver(a, overBus); told.back {
				w.t.Error("it is done, and its message comes back")
			}
		},
		"lost before midnight, refunded in part in the panel, and its caller goes on": func(w *world) {
			time.Sleep(11*time.Hour + 58*time.Minute) // it began at noon in Istanbul
			pay := w.payment()
			a := w.reverse(pay).ends(payment.StatusSucceeded, 2)
			w.fault(cancelPath, "reset-before")
			w.process().deliver(a, overHTTP).is(w.t, http.StatusAccepted, "unknown")
			w.minutes(90, w.process())
			if _, err := w.fake.Ledger().PanelRefund(pay.lines[0], amount("0.50")); err != nil {
				w.t.Error(err)
			}
			w.process().deliver(a, overHTTP).is(w.t, http.StatusCreated, "succeeded")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, scenario)
		})
	}
}
