package failures

import (
	"net/http"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// lag makes iyzico show things later, in payment details and in the day list.
func (w *world) lag(d time.Duration) {
	w.set(func(s *iyzicotest.Settings) { s.ReportingLagMS, s.DayListLagMS = d.Milliseconds(), d.Milliseconds() })
}

// TestFailure23StaleReport: the report lags behind what happened while an unknown outcome is settled by it.
func TestFailure23StaleReport(t *testing.T) {
	t.Parallel()
	for _, lag := range []time.Duration{time.Minute, 10 * time.Minute, 14 * time.Minute} {
		t.Run("within the settle window, by "+lag.String(), func(t *testing.T) {
			t.Parallel()
			everyWay(t, func(t *testing.T, w *world, x way) {
				a := x.ask(w)
				time.Sleep(time.Hour)
				w.lag(lag)
				w.fault(x.path, "reset-after")
				w.process().deliver(a, overHTTP).is(t, http.StatusAccepted, "unknown")
			})
		})
	}
	t.Run("of a payment so new that the report does not list it", func(t *testing.T) {
		t.Parallel()
		everyWay(t, func(t *testing.T, w *world, x way) {
			w.lag(20 * time.Minute)
			a := x.ask(w)
			w.fault(x.path, "reset-after")
			w.process().deliver(a, overHTTP).is(t, http.StatusAccepted, "unknown")
		})
	})
	t.Run("beyond the settle window", func(t *testing.T) {
		t.Parallel()
		everyWay(t, func(t *testing.T, w *world, x way) {
			// Three reads in an hour, and the day list, agreed that it did not happen. When the report shows it after all, it is counted,
			// and a person is told; a fund payment, and a refund charged to the merchant, never ended, so they just settle.
			a := x.ask(w).ends(payment.StatusNeedsReview, 1)
			if x.path == fundPath || x.path == chargePath {
				a.ends(payment.StatusSucceeded, 1)
			}
			time.Sleep(3 * time.Hour)
			w.lag(2 * time.Hour)
			w.fault(x.path, "reset-after")
			w.process().deliver(a, overHTTP).is(t, http.StatusAccepted, "unknown")
			w.minutes(90, w.process())
			if v := w.show(a).Status; v != x.lost && x.path != fundPath { // a new payment's detail does not lag
				t.Errorf("it is %s before the report shows it", v)
			}
		})
	})
	t.Run("going back to what it showed before", func(t *testing.T) {
		t.Parallel()
		play(t, func(w *world) {
			pay := w.known()
			time.Sleep(time.Hour)
			w.panelRefund(pay, "50.00")
			full := w.refundAll(pay)
			w.fault(refundPath, "reset-after")
			w.process().deliver(full, overHTTP).is(w.t, http.StatusAccepted, "unknown")
			w.lag(20 * time.Minute)
			w.minutes(10, w.process())
			if v := w.view(pay); v.RefundedAmount != "51.00" || v.ReservedAmount != "49.00" || v.RefundableAmount != "0.00" {
				w.t.Errorf("an older report makes refunded go back: %+v", v)
			}
			w.lag(0)
		})
	})
	t.Run("not to be had for a day", func(t *testing.T) {
		t.Parallel()
		everyWay(t, func(t *testing.T, w *world, x way) {
			a := x.ask(w)
			w.fault(x.path, "reset-after")
			w.process().deliver(a, overHTTP).is(t, http.StatusAccepted, "unknown")
			w.fault(reportPath, "html-502", times(0))
			w.fault("/payment/detail", "html-502", times(0))
			for range 26 {
				time.Sleep(59 * time.Minute)
				w.minutes(1, w.process())
			}
			if v := w.show(a).Status; v != payment.StatusNeedsReview || !w.alarmed(payment.AlarmNeedsReview, a.id) {
				t.Errorf("it is %s after a day without a report", v)
			}
			w.fake.ClearFaults()
		})
	})
}

// TestFailure30PanelRefundInBetween: the merchant refunds in iyzico's panel after our snapshot and before our request.
func TestFailure30PanelRefundInBetween(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name, price, panel, mode string
		code                     int
		what                     string
		ends                     payment.Status
	}{
		{"both fit", "30.00", "60.00", "", http.StatusCreated, "succeeded", payment.StatusSucceeded},
		{"both fit exactly", "40.00", "60.00", "", http.StatusCreated, "succeeded", payment.StatusSucceeded},
		// iyzico refuses by a code that nobody documents. A refund of the panel is new, and it might be ours: a person looks.
		{"ours no longer fits", "50.00", "60.00", "", http.StatusAccepted, "unknown", payment.StatusNeedsReview},
		{"both fit, and our answer is lost", "30.00", "60.00", "reset-after", http.StatusAccepted, "unknown", payment.StatusSucceeded},
		{"ours is lost, and the panel's has the same amount", "30.00", "30.00", "reset-before", http.StatusAccepted, "unknown", payment.StatusNeedsReview},
	} {
		for _, first := range []bool{true, false} {
			name := x.name + ", on a known payment"
			if first {
				name = x.name + ", on first contact"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				play(t, func(w *world) {
					pay := w.payment()
					a := w.refund(pay, x.price).ends(x.ends, 1)
					if !first {
						dry := w.refund(pay, "1000.00").ends(payment.StatusRejected, 0) // recorded: the payment is known
						w.process().deliver(dry, overQueue)
					}
					if x.mode != "" {
						w.fault(refundPath, x.mode)
					}
					p := w.process()
					p.gateway.before = func(payment.Call) { w.panelRefund(pay, x.panel) }
					p.deliver(a, overHTTP).is(w.t, x.code, x.what)
					// Whatever reads the report next sees it: the totals are corrected, and somebody is told.
					w.process().post("/operations/"+a.id+"/check", "").is(w.t, http.StatusOK, "")
					if v := w.view(pay); amount(v.RefundedAmount).LessThan(amount(x.panel)) || !w.alarmed(payment.AlarmForeign, "") {
						w.t.Errorf("after a look at the report %s is shown as refunded, alarms %+v", v.RefundedAmount, w.alarms)
					}
				})
			})
		}
	}
	t.Run("a cancel, in the panel", func(t *testing.T) {
		t.Parallel()
		play(t, func(w *world) {
			pay := w.payment()
			a := w.refund(pay, "10.00").ends(payment.StatusNeedsReview, 1)
			p := w.process()
			p.gateway.before = func(payment.Call) {
				if _, err := w.fake.Ledger().PanelCancel(pay.id); err != nil {
					w.t.Error(err)
				}
			}
			p.deliver(a, overHTTP).is(w.t, http.StatusAccepted, "unknown")
		})
	})
	t.Run("a refund in the panel before our cancel", func(t *testing.T) {
		t.Parallel()
		play(t, func(w *world) {
			pay := w.payment()
			a := w.cancel(pay).ends(payment.StatusNeedsReview, 1)
			p := w.process()
			p.gateway.before = func(payment.Call) { w.panelRefund(pay, "10.00") }
			p.deliver(a, overHTTP).is(w.t, http.StatusAccepted, "unknown")
		})
	})
}
