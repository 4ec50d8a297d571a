package failures

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

// TestFailure29ALegInTheMiddle: of a refund of three lines, each leg in turn fails or is lost. Legs after it are not
// sent, and none is sent twice.
func TestFailure29ALegInTheMiddle(t *testing.T) {
	t.Parallel()
	const legs = 3
	bodies := []string{`"full":true`, `"amount":"90.00","allocation":"proportional"`, `"amount":"90.00","allocation":"in_order"`}
	if testing.Short() {
		bodies = bodies[:1]
	}
	for _, x := range []struct {
		name, mode string
		change     []func(*fault)
		alone      payment.Status // of the operation, if it strikes the first leg
		moved      bool
	}{
		{"executed, answer lost", "reset-after", nil, payment.StatusPartiallySucceeded, true},
		{"executed, wrong echo", "wrong-echo", nil, payment.StatusPartiallySucceeded, true},
		{"executed later", "late", []func(*fault){after(time.Minute)}, payment.StatusPartiallySucceeded, true},
		{"lost, not executed", "reset-before", nil, payment.StatusNotExecuted, false},
		{"refused", "refuse", []func(*fault){code("10051")}, payment.StatusRejected, false},
		{"refused by an unknown code", "refuse", []func(*fault){code("5999")}, payment.StatusNotExecuted, false},
	} {
		for leg := range legs {
			for _, body := range bodies {
				t.Run(fmt.Sprintf("%s, leg %d of %s", x.name, leg+1, body), func(t *testing.T) {
					t.Parallel()
					play(t, func(w *world) {
						pay := w.payment("50.00", "30.00", "20.00")
						a := w.ask(payment.KindRefund, pay, `{"paymentId":"`+pay.id+`",`+body+`}`, w.price(pay))
						switch {
						case leg == 0 && !x.moved:
							a.ends(x.alone, 1)
						case leg == legs-1 && x.moved:
							a.ends(payment.StatusSucceeded, legs)
						default:
							a.ends(payment.StatusPartiallySucceeded, leg+1)
						}
						for range leg {
							w.fault(refundPath, "slow") // nothing wrong with these
						}
						w.fault(refundPath, x.mode, x.change...)
						w.process().deliver(a, overHTTP)
					})
				})
			}
		}
	}
	for leg := range legs {
		t.Run(fmt.Sprintf("never connected, leg %d", leg+1), func(t *testing.T) {
			t.Parallel()
			play(t, func(w *world) {
				a := w.refundAll(w.payment("50.00", "30.00", "20.00")).ends(payment.StatusSucceeded, legs)
				p, sends := w.process(), 0
				p.gateway.before = func(payment.Call) { sends++ }
				p.dial = func(_ int, dial func() (net.Conn, error)) (net.Conn, error) {
					if sends == leg+1 {
						return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
					}
					return dial()
				}
				got := p.deliver(a, overHTTP)
				if leg == 0 {
					got.is(w.t, http.StatusServiceUnavailable, "unavailable")
				} else {
					got.is(w.t, http.StatusAccepted, "processing")
				}
			})
		})
	}
}

// TestFailure27TimeOut: the caller, the gateway or the function itself runs out of time.
func TestFailure27TimeOut(t *testing.T) {
	t.Parallel()
	within := func(d time.Duration, p *process, a *asked) answer {
		ctx, cancel := context.WithTimeout(context.Background(), d)
		defer cancel()
		return p.deliverWith(ctx, a, overGateway)
	}
	t.Run("the caller leaves in the middle", func(t *testing.T) {
		t.Parallel()
		everyWay(t, func(t *testing.T, w *world, x way) {
			a := x.ask(w)
			w.fault(x.path, "slow", after(5*time.Second))
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			w.process().deliverWith(ctx, a, overHTTP)
			if got := w.show(a).Status; got != payment.StatusSucceeded {
				t.Errorf("it is %s: the caller's leaving must stop nothing", got)
			}
		})
	})
	t.Run("the function's time ends while iyzico is at work", func(t *testing.T) {
		t.Parallel()
		everyWay(t, func(t *testing.T, w *world, x way) {
			a := x.ask(w)
			w.fault(x.path, "hang-after")
			began := time.Now()
			within(12*time.Second, w.process(), a).is(t, http.StatusAccepted, "unknown")
			if took := time.Since(began); took >= 12*time.Second {
				t.Errorf("it answered after %s, when Lambda had killed it", took)
			}
		})
	})
	t.Run("too little time is left to begin", func(t *testing.T) {
		t.Parallel()
		everyWay(t, func(t *testing.T, w *world, x way) {
			a := x.ask(w)
			within(6*time.Second, w.process(), a).is(t, http.StatusServiceUnavailable, "unavailable")
			if w.sent(a.id) > 0 {
				t.Error("something was sent")
			}
		})
	})
	t.Run("reading iyzico takes all the time", func(t *testing.T) {
		t.Parallel()
		play(t, func(w *world) {
			a := w.refund(w.payment(), "10.00")
			w.fault(reportPath, "hang-before")
			w.process().deliver(a, overHTTP).is(w.t, http.StatusServiceUnavailable, "unavailable")
		})
	})
	t.Run("after the first of three legs", func(t *testing.T) {
		t.Parallel()
		play(t, func(w *world) {
			a := w.refundAll(w.payment("50.00", "30.00", "20.00")).ends(payment.StatusSucceeded, 3)
			w.fault(refundPath, "slow", after(6*time.Second))
			within(12*time.Second, w.process(), a).is(w.t, http.StatusAccepted, "processing")
		})
	})
	t.Run("after the first of three legs, and nobody asks again in time", func(t *testing.T) {
		t.Parallel()
		play(t, func(w *world) {
			a := w.refundAll(w.payment("50.00", "30.00", "20.00")).ends(payment.StatusPartiallySucceeded, 1)
			w.fault(refundPath, "slow", after(6*time.Second))
			within(12*time.Second, w.process(), a).is(w.t, http.StatusAccepted, "processing")
			w.minutes(70, w.process())
		})
	})
}
