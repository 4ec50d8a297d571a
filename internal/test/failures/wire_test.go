package failures

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"syscall"
)

// wire is the network between iade and iyzico: pipes, so that a bubble's time can pass.
type wire struct {
	server *http.Server
	conns  chan net.Conn
	closed chan struct{}

	mu      sync.Mutex
	rewrite map[string]func([]byte) []byte // by path: what becomes of an answer's body
}

func newWire(iyzico http.Handler) *wire {
	w := &wire{conns: make(chan net.Conn), closed: make(chan struct{}), rewrite: map[string]func([]byte) []byte{}}
	w.server = &http.Server{Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.serve(rw, r, iyzico) })}
	go func() { _ = w.server.Serve(w) }() // ends with close
	return w
}

// serve lets iyzico answer, and changes the answer where a scenario says so.
func (w *wire) serve(rw http.ResponseWriter, r *http.Request, iyzico http.Handler) {
	w.mu.Lock()
	change := w.rewrite[r.URL.Path]
	w.mu.Unlock()
	if change == nil {
		iyzico.ServeHTTP(rw, r)
		return
	}
	answer := httptest.NewRecorder()
	iyzico.ServeHTTP(answer, r)
	rw.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
	rw.WriteHeader(answer.Code)
	_, _ = io.Copy(rw, bytes.NewReader(change(answer.Body.Bytes())))
}

// answers changes the bodies of all answers of a path, from now on.
func (w *wire) answers(path string, change func([]byte) []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rewrite[path] = change
}

// Accept, Close and Addr make it a net.Listener.
func (w *wire) Accept() (net.Conn, error) {
	select {
	case conn := <-w.conns:
		return conn, nil
	case <-w.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener; the wire ends with close.
func (w *wire) Close() error { return nil }

// Addr implements net.Listener.
func (w *wire) Addr() net.Addr { return &net.TCPAddr{} }

func (w *wire) close() {
	close(w.closed)
	_ = w.server.Close()
}

// dial connects.
func (w *wire) dial(ctx context.Context) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case w.conns <- server:
		return resets{client}, nil
	case <-w.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// resets makes a connection that ends before its time end with a reset, as TCP does where the other side is gone.
type resets struct{ net.Conn }

func (c resets) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if errors.Is(err, io.EOF) && n == 0 {
		err = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	return n, err
}
