package iyzico

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// These tests run on synctest's fake clock, with pipes for connections, so that their timeouts are exact and cost no time.

// pipeDial makes a client dial pipes whose other ends serve gets, each on its own goroutine.
func pipeDial(serve func(conn net.Conn)) Option {
	return WithDialContext(func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer func() { _ = server.Close() }()
			serve(server)
		}()
		return client, nil
	})
}

func readRequest(conn net.Conn) error {
	req, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, req.Body)
	return err
}

// untilClosed waits for the client to leave.
func untilClosed(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

func TestTimeouts(t *testing.T) {
	t.Parallel()
	hangAfterRequest := pipeDial(func(conn net.Conn) {
		if readRequest(conn) == nil {
			untilClosed(conn)
		}
	})
	hangInDial := WithDialContext(func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	neverReads := WithDialContext(func(context.Context, string, string) (net.Conn, error) {
		client, _ := net.Pipe()
		return client, nil
	})
	drips := pipeDial(func(conn net.Conn) {
		if readRequest(conn) != nil {
			return
		}
		_, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{")
		for ; err == nil; _, err = io.WriteString(conn, " ") {
			time.Sleep(time.Second)
		}
	})
	for _, tc := range []struct {
		name     string
		url      string
		deadline time.Duration // 0 = none
		opts     []Option
		outcome  Outcome
		reason   string
		after    time.Duration
	}{
		{"no answer by the deadline", "http://localhost", 7 * time.Second, []Option{hangAfterRequest}, Unknown, ReasonTimeout, 7 * time.Second},
		{"no deadline: the default", "http://localhost", 0, []Option{hangAfterRequest}, Unknown, ReasonTimeout, 20 * time.Second},
		{"a dripping body", "http://localhost", 9500 * time.Millisecond, []Option{drips}, Unknown, ReasonTimeout, 9500 * time.Millisecond},
		{"nobody takes the first byte", "http://localhost", 4 * time.Second, []Option{neverReads}, NotSent, ReasonDeadlineBeforeWrite, 4 * time.Second},
		{"no connection in its phase", "http://localhost", 0, []Option{hangInDial}, NotSent, ReasonDial, 5 * time.Second},
		{"no connection by the deadline", "http://localhost", 2 * time.Second, []Option{hangInDial}, NotSent, ReasonDeadlineBeforeWrite, 2 * time.Second},
		{"no handshake in its phase", "https://localhost", 0, []Option{pipeDial(untilClosed)}, NotSent, ReasonTLS, 5 * time.Second},
		{"no handshake by the deadline", "https://localhost", 3 * time.Second, []Option{pipeDial(untilClosed)}, NotSent, ReasonDeadlineBeforeWrite, 3 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if tc.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tc.deadline)
					defer cancel()
				}
				c := testClient(t, tc.url, tc.opts...)
				start := time.Now()
				_, err := c.Refund(ctx, testRefundRequest())
				wantError(t, err, tc.outcome, tc.reason)
				if got := time.Since(start); got != tc.after {
					t.Errorf("after %v, want %v", got, tc.after)
				}
				time.Sleep(2 * time.Second) // the dripping server notices that the client has left
			})
		})
	}
}

func TestAnAnswerJustInTimeCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := testClient(t, "http://localhost", pipeDial(func(conn net.Conn) {
			if readRequest(conn) != nil {
				return
			}
			time.Sleep(20*time.Second - time.Nanosecond)
			answerKept(conn, signedRefund("5"))
		}))
		refund, err := c.Refund(t.Context(), testRefundRequest())
		if err != nil || !refund.SignatureVerified {
			t.Errorf("got %+v, %v", refund, err)
		}
	})
}

// The deadline is the wall clock's: a monotonic clock that stood still while the machine slept does not extend it.
//
// failure 18: the client alone
func TestTheDeadlineInsideWriteUsesTheWallClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var got strings.Builder
		done := make(chan struct{})
		slept := time.Duration(0)
		c := testClient(t, "http://localhost",
			WithClock(func() time.Time { return time.Now().Round(0).Add(slept) }),
			WithDialContext(func(context.Context, string, string) (net.Conn, error) {
				client, server := net.Pipe()
				go func() {
					defer close(done)
					_, _ = io.Copy(&got, server)
				}()
				slept = 20 * time.Second
				return client, nil
			}))
		_, err := c.Refund(t.Context(), testRefundRequest())
		wantError(t, err, NotSent, ReasonDeadlineBeforeWrite)
		<-done
		if got.Len() != 0 {
			t.Errorf("%d bytes left", got.Len())
		}
	})
}
