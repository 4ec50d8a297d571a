package iyzico

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// rawServer is a TCP server that reads whole HTTP requests, counts them as executed and lets each test decide what
// happens to the connection. Keeping a connection is up to the client.
type rawServer struct {
	url      string
	executed atomic.Int64
	conns    atomic.Int64
	last     atomic.Pointer[http.Request]
}

// newRawServer starts a server; answer gets the count of the request just read and writes what it likes. The connection is
// kept if answer returns true.
func newRawServer(t *testing.T, answer func(conn net.Conn, n int64) (keep bool)) *rawServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &rawServer{url: "http://" + listener.Addr().String()}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.conns.Add(1)
			group.Go(func() {
				defer func() { _ = conn.Close() }()
				reader := bufio.NewReader(conn)
				for {
					req, err := http.ReadRequest(reader)
					if err != nil {
						return
					}
					if _, err := io.Copy(io.Discard, req.Body); err != nil {
						return
					}
					s.last.Store(req)
					if !answer(conn, s.executed.Add(1)) {
						return
					}
				}
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		group.Wait()
	})
	return s
}

// answerKept writes an HTTP answer that invites the client to keep the connection.
func answerKept(conn net.Conn, body string) {
	_ = (&http.Response{StatusCode: 200, ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body))}).Write(conn)
}

// A kept-alive connection that breaks is where net/http may send a request again (I1). Warm connections are offered, then
// every one breaks after the request was executed.
func TestARequestOnABreakingConnectionIsExecutedOnceAndUnknown(t *testing.T) {
	t.Parallel()
	const warm = 3
	server := newRawServer(t, func(conn net.Conn, n int64) bool {
		if n > warm {
			return false
		}
		answerKept(conn, signedRefund("5"))
		return true
	})
	c := testClient(t, server.url)
	for range warm {
		if _, err := c.Refund(testContext(t), testRefundRequest()); err != nil {
			t.Fatal(err)
		}
	}
	for i := range int64(5) {
		_, err := c.Refund(testContext(t), testRefundRequest())
		wantError(t, err, Unknown, ReasonEOF)
		if got := server.executed.Load(); got != warm+1+i {
			t.Fatalf("call %d: executed %d requests in all, want %d", i+1, got, warm+1+i)
		}
	}
	if conns := server.conns.Load(); conns != server.executed.Load() {
		t.Errorf("%d connections for %d requests: one was used again", conns, server.executed.Load())
	}
	for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key", "Expect", "Accept-Encoding"} {
		if value, ok := server.last.Load().Header[name]; ok {
			t.Errorf("the request carries %s: %v", name, value)
		}
	}
}

// This is what the client avoids: net/http sends a POST twice, silently, if it carries an idempotency key and its kept
// connection breaks.
func TestNetHTTPRepeatsARequestThatCarriesAnIdempotencyKey(t *testing.T) {
	t.Parallel()
	server := newRawServer(t, func(conn net.Conn, n int64) bool {
		if n == 2 {
			return false
		}
		answerKept(conn, "{}")
		return true
	})
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	for range 2 {
		req, err := http.NewRequestWithContext(testContext(t), http.MethodPost, server.url, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Idempotency-Key", "k")
		resp, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	if got := server.executed.Load(); got != 3 {
		t.Errorf("two calls were executed %d times: net/http has changed, see whether the client can be simpler", got)
	}
}

// failure 7, 8: the client alone, over TCP
func TestConnectionFailuresAfterTheRequestAreUnknown(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		answer  func(net.Conn)
		reasons []string
	}{
		{"closed without an answer", func(net.Conn) {}, []string{ReasonEOF}},
		{"reset", func(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0) }, []string{ReasonReset}},
		{"half a header", func(conn net.Conn) { _, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Le") }, []string{ReasonEOF, ReasonTransport}},
		{"no HTTP", func(conn net.Conn) { _, _ = io.WriteString(conn, "garbage\r\n\r\n") }, []string{ReasonTransport}},
		{"endless header", func(conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 1<<20))
		}, []string{ReasonTransport, ReasonReset}},
		{"body cut off", func(conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"+signedRefund("5"))
		}, []string{ReasonTruncated}},
		{"chunks cut off", func(conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"sta\r\n")
		}, []string{ReasonTruncated}},
		{"body reset", func(conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
			_ = conn.(*net.TCPConn).SetLinger(0)
		}, []string{ReasonReset, ReasonTruncated, ReasonEOF}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := newRawServer(t, func(conn net.Conn, _ int64) bool { tc.answer(conn); return false })
			_, err := testClient(t, server.url).Refund(testContext(t), testRefundRequest())
			e := asError(t, err)
			if e.Outcome != Unknown || !strings.Contains(strings.Join(tc.reasons, " "), e.Reason) {
				t.Errorf("got %v, want unknown with one of %v", err, tc.reasons)
			}
			if got := server.executed.Load(); got != 1 {
				t.Errorf("executed %d times", got)
			}
		})
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		var paths []string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			paths = append(paths, r.URL.Path)
			http.Redirect(w, r, "/elsewhere", status)
		}))
		_, err := testClient(t, server.URL).Refund(testContext(t), testRefundRequest())
		server.Close()
		wantError(t, err, Unknown, ReasonRedirect)
		if len(paths) != 1 || paths[0] != "/payment/refund" {
			t.Errorf("status %d: requests %v", status, paths)
		}
	}
}

func TestACompressedAnswerIsNotDecompressed(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	zip := gzip.NewWriter(&bomb)
	if _, err := zip.Write(make([]byte, 2<<20)); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb.Bytes())
	}))
	defer server.Close()
	_, err := testClient(t, server.URL).Refund(testContext(t), testRefundRequest())
	wantError(t, err, Unknown, ReasonNotJSON)
}

func TestAnEndlessAnswerIsCutOffAtTheBound(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(bytes.Repeat([]byte(" "), 4096)); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	_, err := testClient(t, server.URL).Refund(testContext(t), testRefundRequest())
	wantError(t, err, Unknown, ReasonOversize)
}

// failure 6: the client alone
func TestNothingConnectsMeansNotSent(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + listener.Addr().String()
	_ = listener.Close()
	_, err = testClient(t, closed).Refund(testContext(t), testRefundRequest())
	e := wantError(t, err, NotSent, ReasonDial)
	if !errors.Is(err, syscall.ECONNREFUSED) || !strings.Contains(e.Error(), "connection refused") {
		t.Errorf("the cause is lost: %v", err)
	}

	unresolved := WithDialContext(func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "sandbox-api.iyzipay.com", IsNotFound: true}}
	})
	_, err = testClient(t, SandboxURL, unresolved).Refund(testContext(t), testRefundRequest())
	if e := wantError(t, err, NotSent, ReasonDNS); !strings.HasSuffix(e.Error(), "lookup sandbox-api.iyzipay.com: no such host") {
		t.Errorf("the cause is lost: %v", e)
	}
}

// failure 6: the client alone
func TestAFailedHandshakeMeansNotSent(t *testing.T) {
	t.Parallel()
	var handled atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handled.Add(1)
		if r.Proto != "HTTP/1.1" {
			t.Errorf("spoke %s", r.Proto)
		}
		_, _ = io.WriteString(w, signedRefund("5"))
	}))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = discardLog()
	server.StartTLS()
	defer server.Close()

	_, err := testClient(t, server.URL).Refund(testContext(t), testRefundRequest())
	if e := wantError(t, err, NotSent, ReasonTLS); !strings.Contains(e.Error(), "certificate") {
		t.Errorf("the cause is lost: %v", e)
	}
	if handled.Load() != 0 {
		t.Fatal("an untrusted server got the request")
	}
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	if _, err := testClient(t, server.URL, WithRootCAs(pool)).Refund(testContext(t), testRefundRequest()); err != nil || handled.Load() != 1 {
		t.Errorf("trusted: %v, handled %d", err, handled.Load())
	}

	plain := newRawServer(t, func(net.Conn, int64) bool { return false })
	_, err = testClient(t, strings.Replace(plain.url, "http:", "https:", 1)).Refund(testContext(t), testRefundRequest())
	wantError(t, err, NotSent, ReasonTLS)
}

func TestTheEnvironmentsProxyIsIgnored(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	t.Setenv("https_proxy", "http://127.0.0.1:1")
	var address string
	c := testClient(t, SandboxURL, WithDialContext(func(_ context.Context, _, addr string) (net.Conn, error) {
		address = addr
		return nil, errors.New("x")
	}))
	_, err := c.Refund(testContext(t), testRefundRequest())
	wantError(t, err, NotSent, ReasonDial)
	if address != "sandbox-api.iyzipay.com:443" {
		t.Errorf("dialled %s", address)
	}
}

// A process that is paused after connecting and wakes up past the deadline writes nothing, although its timers have not
// noticed.
//
// failure 18: the client alone
func TestAClockPastTheDeadlineStopsTheWrite(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"http", "https"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			var received atomic.Int64
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { received.Add(1) }))
			server.Config.ErrorLog = discardLog()
			if scheme == "https" {
				server.StartTLS()
			} else {
				server.Start()
			}
			defer server.Close()
			var paused atomic.Int64
			opts := []Option{
				WithClock(func() time.Time { return time.Now().Add(time.Duration(paused.Load())) }),
				WithDialContext(func(ctx context.Context, network, address string) (net.Conn, error) {
					conn, err := new(net.Dialer).DialContext(ctx, network, address)
					paused.Store(int64(time.Hour))
					return conn, err
				}),
			}
			if scheme == "https" {
				pool := x509.NewCertPool()
				pool.AddCert(server.Certificate())
				opts = append(opts, WithRootCAs(pool))
			}
			c := testClient(t, server.URL, opts...)
			_, err := c.Refund(testContext(t), testRefundRequest())
			wantError(t, err, NotSent, ReasonDeadlineBeforeWrite)
			if received.Load() != 0 {
				t.Error("the request reached the server")
			}
			_, err = c.Refund(testContext(t), testRefundRequest())
			wantError(t, err, NotSent, ReasonDeadlineBeforeWrite)
		})
	}
}

// chokedConn lets a number of bytes out in all, then fails.
type chokedConn struct {
	net.Conn
	left int
	err  error
}

func (c *chokedConn) Write(p []byte) (int, error) {
	if len(p) <= c.left {
		c.left -= len(p)
		return c.Conn.Write(p)
	}
	n, err := c.Conn.Write(p[:c.left])
	c.left = 0
	return n, errors.Join(err, c.err)
}

func TestOnlyAnUntouchedWireProvesNotSent(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		left    int
		outcome Outcome
	}{
		{"no byte left", 0, NotSent},
		{"one byte left", 1, Unknown},
		{"most of it left", 200, Unknown},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := newRawServer(t, func(net.Conn, int64) bool { return false })
			c := testClient(t, server.url, WithDialContext(func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, address)
				return &chokedConn{Conn: conn, left: tc.left, err: syscall.EPIPE}, err
			}))
			_, err := c.Refund(testContext(t), testRefundRequest())
			wantError(t, err, tc.outcome, ReasonReset)
		})
	}
}

func TestAContextThatIsOverSendsNothing(t *testing.T) {
	t.Parallel()
	server := newRawServer(t, func(net.Conn, int64) bool { return false })
	c := testClient(t, server.url)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.Refund(canceled, testRefundRequest())
	wantError(t, err, NotSent, ReasonCanceled)
	expired, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	_, err = c.Refund(expired, testRefundRequest())
	wantError(t, err, NotSent, ReasonDeadlineBeforeWrite)
	if server.conns.Load() != 0 {
		t.Error("a connection was made")
	}
}

func TestACallersCancelAfterTheRequestIsUnknownAndClosesTheConnection(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	closed := make(chan error, 1)
	server := newRawServer(t, func(conn net.Conn, _ int64) bool {
		cancel()
		_, err := conn.Read(make([]byte, 1))
		closed <- err
		return false
	})
	_, err := testClient(t, server.url).Refund(ctx, testRefundRequest())
	wantError(t, err, Unknown, ReasonCanceled)
	if err := <-closed; err == nil {
		t.Error("something was sent after the cancel")
	}
}

func TestAConnectionWithoutAnExchangeIsRefused(t *testing.T) {
	t.Parallel()
	transport, ok := testClient(t, "http://127.0.0.1:1").transport.(*http.Transport)
	if !ok {
		t.Fatal("not net/http's transport")
	}
	if _, err := transport.DialContext(testContext(t), "tcp", "127.0.0.1:1"); !errors.Is(err, errDial) || !strings.Contains(err.Error(), "no exchange") {
		t.Errorf("got %v", err)
	}
}

func TestGuardAllowsNothingOutsideTheExchange(t *testing.T) {
	t.Parallel()
	mine, theirs := net.Pipe()
	defer func() { _ = theirs.Close() }()
	g := newGuard(testContext(t), time.Now, false)
	conn, err := g.adopt(mine)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("x")); !errors.Is(err, errTooEarly) {
		t.Errorf("before the handover: %v", err)
	}
	g.arm(conn)
	if seen := g.seal(); !seen.silent || !seen.connected || !seen.armed {
		t.Errorf("got %+v", seen)
	}
	if _, err := conn.Write([]byte("x")); !errors.Is(err, errSealed) {
		t.Errorf("after the end: %v", err)
	}
	underWay := newGuard(testContext(t), time.Now, true)
	underWay.arm(&guardedConn{guard: underWay})
	if counted, err := underWay.begin(); !counted || err != nil {
		t.Errorf("a write in time: counted %t, %v", counted, err)
	}
	if underWay.seal().silent {
		t.Error("a write that has not ended proves nothing")
	}
	late, other := net.Pipe()
	defer func() { _ = other.Close() }()
	if _, err := g.adopt(late); !errors.Is(err, errSealed) {
		t.Errorf("a connection after the end: %v", err)
	}
	foreign := newGuard(testContext(t), time.Now, false)
	foreign.arm(late)
	if foreign.seal().silent {
		t.Error("a connection that is not watched proves nothing")
	}
}
