package iyzico

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"sync"
	"time"
)

var (
	errPastDeadline = errors.New("the deadline has passed by the wall clock")
	errSealed       = errors.New("the exchange is over")
	errTooEarly     = errors.New("write before the connection was handed over")
)

// guard watches what one exchange writes. It lets the request's bytes leave only before the deadline by the wall clock,
// since a paused process may wake up late while its timers still believe in time left, and it knows afterwards whether any
// byte left. All of its connection's writes pass through it.
type guard struct {
	ctx      context.Context
	deadline time.Time
	clock    func() time.Time
	tls      bool

	mu        sync.Mutex
	conns     []net.Conn // every connection made for this exchange
	connected bool       // a connection was made, TLS not counted
	armed     bool       // the transport took over the connection: what follows is the request
	late      bool       // a write was refused because of the deadline
	sealed    bool       // the exchange is over, nothing may be written any more
	untracked bool       // the transport used a connection that is not ours
	inFlight  int        // raw writes that have begun and not ended
	written   int        // bytes of the request that left
}

func newGuard(ctx context.Context, clock func() time.Time, isTLS bool) *guard {
	deadline, _ := ctx.Deadline()
	return &guard{ctx: ctx, deadline: deadline.Round(0), clock: clock, tls: isTLS}
}

type guardKey struct{}

// context returns ctx with the guard and the trace that arms it.
func (g *guard) context(ctx context.Context) context.Context {
	ctx = context.WithValue(ctx, guardKey{}, g)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { g.arm(info.Conn) }})
}

// guardOf finds the exchange's guard in a dial's context, which keeps the request's values.
func guardOf(ctx context.Context) (*guard, bool) {
	g, ok := ctx.Value(guardKey{}).(*guard)
	return g, ok
}

// adopt wraps a new connection. If the exchange is already over, it closes it and fails.
func (g *guard) adopt(conn net.Conn) (net.Conn, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.sealed {
		_ = conn.Close()
		return nil, errSealed
	}
	g.connected = true
	g.conns = append(g.conns, conn)
	return &guardedConn{Conn: conn, guard: g}, nil
}

// arm marks the end of the handshake: from now on every byte counts as the request's.
func (g *guard) arm(conn net.Conn) {
	if secured, ok := conn.(*tls.Conn); ok {
		conn = secured.NetConn()
	}
	ours, ok := conn.(*guardedConn)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.armed = true
	g.untracked = g.untracked || !ok || ours.guard != g
}

// begin decides, right before bytes leave, whether they may. counted tells whether they are the request's.
func (g *guard) begin() (counted bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.sealed:
		return false, errSealed
	case !g.armed && g.tls:
		return false, nil
	case !g.armed:
		return false, errTooEarly
	case !g.clock().Round(0).Before(g.deadline):
		g.late = true
		return false, errPastDeadline
	}
	g.inFlight++
	return true, nil
}

// end notes how many bytes of a counted write have left.
func (g *guard) end(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inFlight--
	g.written += n
}

// trail is what a guard saw by the end of its exchange.
type trail struct {
	connected bool // a connection was made
	armed     bool // the connection was ready for the request
	late      bool // the deadline stopped a write
	silent    bool // proved: not one byte of the request left
}

// seal ends the exchange: later writes fail, open connections are closed. What it returns is final.
func (g *guard) seal() trail {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.sealed {
		g.sealed = true
		for _, conn := range g.conns {
			_ = conn.Close()
		}
	}
	return trail{
		connected: g.connected,
		armed:     g.armed,
		late:      g.late,
		silent:    g.written == 0 && g.inFlight == 0 && !g.untracked,
	}
}

// guardedConn is a connection whose writes its guard allows and counts.
type guardedConn struct {
	net.Conn
	guard *guard
}

// Write sends p if the deadline has not passed. It fails without sending anything otherwise.
func (c *guardedConn) Write(p []byte) (int, error) {
	counted, err := c.guard.begin()
	if err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(p)
	if counted {
		c.guard.end(n)
	}
	return n, err
}
