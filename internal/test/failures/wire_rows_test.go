package failures

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/iade/iade/internal/config"
	"github.com/iade/iade/internal/payment"
)

// TestFailure06NeverConnected: the name, the connection or the handshake fails when the money request is to be sent. Nothing
// left, which is proved, so the same key asks afresh.
func TestFailure06NeverConnected(t *testing.T) {
	t.Parallel()
	https := func(h *habit) { h.baseURL = "https://127.0.0.1" }
	for _, x := range []struct {
		name string
		how  []func(*habit)
		dial func(w *world) (net.Conn, error)
	}{
		{"DNS", nil, func(*world) (net.Conn, error) {
			return nil, &net.DNSError{Err: "no such host", Name: "api.iyzipay.com", IsNotFound: true}
		}},
		{"dial refused", nil, func(*world) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		}},
		{"dial hangs", nil, func(*world) (net.Conn, error) {
			time.Sleep(time.Minute)
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ETIMEDOUT}
		}},
		{"TLS handshake broken off", []func(*habit){https}, func(*world) (net.Conn, error) {
			client, server := net.Pipe()
			return client, server.Close()
		}},
		{"TLS handshake hangs", []func(*habit){https}, func(w *world) (net.Conn, error) {
			client, _ := net.Pipe()
			return client, nil
		}},
		{"TLS certificate not trusted", []func(*habit){https}, func(w *world) (net.Conn, error) {
			config, err := w.fake.TLSConfig()
			if err != nil {
				return nil, err
			}
			client, server := net.Pipe()
			go func() {
				err := tls.Server(server, config).Handshake()
				if err == nil {
					w.t.Error("the handshake succeeded")
				}
				_ = server.Close()
			}()
			return client, nil
		}},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			everyWay(t, func(t *testing.T, w *world, y way) {
				a := y.ask(w)
				p, sending := w.process(), false
				if len(x.how) > 0 {
					p = w.process(x.how...)
				}
				p.gateway.before = func(payment.Call) { sending = true }
				p.dial = func(_ int, dial func() (net.Conn, error)) (net.Conn, error) {
					if sending {
						return x.dial(w)
					}
					return dial()
				}
				if len(x.how) > 0 { // the report is read over a connection that works
					reader := w.process()
					p.gateway.next = readsBy{p.gateway.next, reader.gateway.next}
				}
				p.deliver(a, overHTTP).is(t, http.StatusServiceUnavailable, "unavailable")
				if got := w.process().get(a.resource()); got.state != "not_sent" {
					t.Errorf("it is %d %s", got.code, got.body)
				}
			})
		})
	}
	t.Run("before anything is known of the payment", func(t *testing.T) {
		t.Parallel()
		play(t, func(w *world) {
			a := w.refund(w.payment(), "10.00")
			p := w.process()
			p.dial = func(int, func() (net.Conn, error)) (net.Conn, error) { return nil, &net.DNSError{Err: "no such host"} }
			p.deliver(a, overHTTP).is(w.t, http.StatusServiceUnavailable, "unavailable")
			w.process().get(a.resource()).is(w.t, http.StatusNotFound, "not-found")
		})
	})
}

// TestFailure07WrittenNotExecuted: the request left, iyzico did nothing, and nobody answered sensibly. Only reading says that
// nothing happened.
func TestFailure07WrittenNotExecuted(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"reset-before", "hang-before", "status-500-before", "html-502"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			everyWay(t, func(t *testing.T, w *world, x way) {
				a := x.ask(w).ends(x.lost, 1)
				w.fault(x.path, mode)
				w.process().deliver(a, overHTTP).is(t, http.StatusAccepted, "unknown")
			})
		})
	}
}

// TestFailure08ExecutedAnswerLost: the money moved, and what came back proves nothing. iyzico's report settles it.
func TestFailure08ExecutedAnswerLost(t *testing.T) {
	t.Parallel()
	for _, lost := range []struct {
		name, mode string
		change     []func(*fault)
		eof        bool
	}{
		{"reset", "reset-after", nil, false},
		{"EOF", "reset-after", nil, true},
		{"timeout", "hang-after", nil, false},
		{"truncated", "truncated-after", nil, false},
		{"HTML 502", "status-500-after", []func(*fault){httpStatus(http.StatusBadGateway)}, false},
		{"HTTP 500", "status-500-after", nil, false},
		{"wrong signature", "bad-signature", nil, false},
		{"wrong echo", "wrong-echo", nil, false},
		{"missing echo", "missing-echo", nil, false},
		{"already approved", "refuse-after", []func(*fault){code("10203")}, false},
	} {
		t.Run(lost.name, func(t *testing.T) {
			t.Parallel()
			everyWay(t, func(t *testing.T, w *world, x way) {
				a := x.ask(w)
				w.fault(x.path, lost.mode, lost.change...)
				p := w.process()
				if lost.eof {
					p.dial = func(_ int, dial func() (net.Conn, error)) (net.Conn, error) {
						conn, err := dial()
						if err != nil {
							return nil, err
						}
						return conn.(resets).Conn, nil
					}
				}
				if lost.mode == "bad-signature" && (x.path == cancelPath || x.path == chargePath || x.path == fundPath) {
					// Cancels and refunds charged to the merchant carry no signature, and that of fund payments is in an order that nobody documents: it warns.
					p.deliver(a, overHTTP).is(t, http.StatusCreated, "succeeded")
					return
				}
				p.deliver(a, overHTTP).is(t, http.StatusAccepted, "unknown")
			})
		})
	}
}

// TestFailure08LostInit: the page is open at iyzico and nobody has its address: nothing can move by it, so the same key opens
// another one.
func TestFailure08LostInit(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"reset-before", "reset-after", "hang-after", "truncated-after", "html-502"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			play(t, func(w *world) {
				a := w.toBalance(w.payment()).ends(payment.StatusSucceeded, 2)
				w.fault(initPath, mode)
				w.process().deliver(a, overHTTP).is(w.t, http.StatusServiceUnavailable, "unavailable")
				w.wholeStory(a)
			})
		})
	}
}

// TestFailure09ExecutedAfterOurDeadline: iyzico goes on with a request that we have given up.
func TestFailure09ExecutedAfterOurDeadline(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name string
		mode string
		late time.Duration
	}{
		{"the answer comes after our deadline", "slow", 25 * time.Second},
		{"executed a little later", "late", 30 * time.Second},
		{"executed when absence was already seen", "late", 10 * time.Minute},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			everyWay(t, func(t *testing.T, w *world, y way) {
				a := y.ask(w)
				if y.path == fundPath {
					x.late = min(x.late, 4*time.Minute) // then its access token is no longer good
				}
				w.fault(y.path, x.mode, after(x.late))
				w.process().deliver(a, overHTTP).is(t, http.StatusAccepted, "unknown")
			})
		})
	}
	t.Run("executed after the whole settle window", func(t *testing.T) {
		t.Parallel()
		play(t, func(w *world) {
			// Nothing can prevent this one, so it is seen and told: a definite outcome never changes silently (I5).
			a := w.refund(w.payment(), "10.00").ends(payment.StatusNeedsReview, 1)
			w.fault(refundPath, "late", after(10*time.Minute))
			w.process().deliver(a, overHTTP).is(w.t, http.StatusAccepted, "unknown")
		}, with(func(s *config.Settings) { s.SettleWindow = 5 * time.Minute }))
	})
}

// readsBy reads through another gateway than it sends through.
type readsBy struct {
	payment.Gateway
	reader payment.Gateway
}

func (g readsBy) Read(ctx context.Context, q payment.Query) (payment.Report, error) {
	return g.reader.Read(ctx, q)
}
