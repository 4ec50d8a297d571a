package iyzicotest

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// exchange is one API request on its way to an answer or a fault.
type exchange struct {
	server   *Server
	w        http.ResponseWriter
	r        *http.Request
	call     *call
	endpoint endpoint
	// record finishes the request's entry in the log; a no-op for reads.
	record func(outcome, paymentID string)
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request, e endpoint, raw []byte) {
	x := exchange{server: s, w: w, r: r, call: s.newCall(r, raw), endpoint: e, record: func(string, string) {}}
	if e.money {
		n := s.requests.add(Request{
			Path:           x.call.path,
			ConversationID: x.call.value("conversationId"),
			PaymentID:      s.paymentOf(x.call),
			Outcome:        OutcomePending,
			At:             s.config.Clock().UTC(),
		})
		x.record = func(outcome, paymentID string) { s.requests.finish(n, outcome, paymentID) }
	}
	if fault, ok := s.faults.take(x.call.path, e.money); ok {
		x.fail(fault)
		return
	}
	x.write(x.handle())
}

// paymentOf is the payment a request names, by itself or by one of its lines.
func (s *Server) paymentOf(c *call) string {
	if id := c.value("paymentId"); id != "" {
		return id
	}
	id, _ := s.ledger.PaymentOfLine(c.value("paymentTransactionId"))
	return id
}

// handle checks and executes the request once.
func (x *exchange) handle() answer {
	a := x.server.handle(x.call, x.endpoint)
	x.record(a.outcome, a.paymentID)
	return a
}

func (s *Server) handle(c *call, e endpoint) answer {
	if !strings.Contains(e.methods, c.method) {
		a := s.failure(c, refuse(CodeInvalidRequest))
		a.status = http.StatusMethodNotAllowed
		return a
	}
	if refusal := s.checkSignature(c.authorization, c.path, c.raw); refusal != nil && (!e.unsigned || c.authorization != "") {
		return s.failure(c, refusal)
	}
	if !s.limits.allow(c.path, s.config.Clock(), s.Settings().RatePerMinute) {
		return s.failure(c, refuse(CodeRateLimit))
	}
	if c.badBody {
		return s.failure(c, refuse(CodeInvalidRequest))
	}
	return e.handle(s, c)
}

// fail plays a fault.
func (x *exchange) fail(f Fault) {
	switch f.Mode {
	case FaultResetBefore:
		x.record(OutcomeNotExecuted, "")
		x.drop()
	case FaultResetAfter:
		x.handle()
		x.drop()
	case FaultHangBefore:
		x.record(OutcomeNotExecuted, "")
		x.hang()
	case FaultHangAfter:
		x.handle()
		x.hang()
	case FaultLate:
		x.executeLater(f.delay())
		x.drop()
	case FaultStatus500Before:
		x.record(OutcomeNotExecuted, "")
		x.page(f, http.StatusInternalServerError)
	case FaultStatus500After:
		x.handle()
		x.page(f, http.StatusInternalServerError)
	case FaultHTML502:
		x.record(OutcomeNotExecuted, "")
		x.page(f, http.StatusBadGateway)
	case FaultTruncatedAfter:
		x.truncate(x.handle())
	case FaultBadSignature, FaultMissingEcho, FaultWrongEcho:
		x.write(x.spoil(x.handle(), f.Mode))
	case FaultDoubleStatus:
		a := x.handle()
		opposite := "failure"
		if a.body.text("status") == opposite {
			opposite = "success"
		}
		a.body.add("status", opposite)
		x.write(a)
	case FaultRefuse:
		x.record(OutcomeNotExecuted, "")
		x.refuse(f, f.refusal())
	case FaultRefuseAfter:
		x.handle()
		x.refuse(f, f.refusal())
	case FaultRefuseLate:
		x.executeLater(f.delay())
		x.refuse(f, f.refusal())
	case FaultRateLimit:
		x.record(OutcomeRateLimited, "")
		x.refuse(f, refuse(CodeRateLimit))
	case FaultSlow:
		a := x.handle()
		if x.wait(f.delay()) {
			x.write(a)
		} else {
			x.drop()
		}
	}
}

// write sends an answer, signed as its endpoint signs.
func (x *exchange) write(a answer) {
	body, err := x.server.encode(a)
	if err != nil {
		http.Error(x.w, err.Error(), http.StatusInternalServerError)
		return
	}
	x.w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	x.w.WriteHeader(statusOf(a))
	// The client may be gone; what was executed stays executed.
	_, _ = x.w.Write(body)
}

func statusOf(a answer) int {
	if a.status == 0 {
		return http.StatusOK
	}
	return a.status
}

// encode adds the response signature and writes JSON.
func (s *Server) encode(a answer) ([]byte, error) {
	if _, spoiled := a.body.value("signature"); len(a.signed) > 0 && !spoiled {
		a.body.add("signature", s.signature(a))
	}
	body, err := encode(a.body)
	if err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	return body, nil
}

func (s *Server) signature(a answer) string {
	values := make([]string, len(a.signed))
	for i, name := range a.signed {
		values[i] = a.body.text(name)
	}
	return responseSignature(s.keys.current().SecretKey, values)
}

// spoil changes an answer. Ids that are changed or left out are signed as they go out, so only comparing them with the
// request's can tell.
func (x *exchange) spoil(a answer, mode string) answer {
	switch mode {
	case FaultBadSignature:
		if len(a.signed) > 0 {
			last := x.server.signature(a)
			a.body.add("signature", strings.Repeat("0", len(last)))
		}
	case FaultMissingEcho:
		a.body = a.body.without("conversationId", "paymentId")
		a.body.eachPayment(func(p object) object { return p.without("paymentId") })
	case FaultWrongEcho:
		a.body = a.body.withOtherIDs()
		a.body.eachPayment(object.withOtherIDs)
	}
	return a
}

// eachPayment changes the elements of a report's payments.
func (o object) eachPayment(change func(object) object) {
	value, _ := o.value("payments")
	payments, _ := value.([]object)
	for i, p := range payments {
		payments[i] = change(p)
	}
}

func (o object) withOtherIDs() object {
	changed := append(object(nil), o...)
	for i, m := range changed {
		switch v := m.value.(type) {
		case string:
			if m.name == "conversationId" {
				changed[i].value = v + "-other"
			}
			if m.name == "paymentId" {
				changed[i].value = otherID(v)
			}
		case number:
			if m.name == "paymentId" {
				changed[i].value = number(otherID(string(v)))
			}
		}
	}
	return changed
}

// otherID changes the last digit of an id.
func otherID(id string) string {
	last := id[len(id)-1]
	if last == '9' {
		last = '0'
	} else {
		last++
	}
	return id[:len(id)-1] + string(last)
}

func (x *exchange) refuse(f Fault, refusal *Refusal) {
	a := x.server.failure(x.call, refusal)
	if f.HTTPStatus != 0 {
		a.status = f.HTTPStatus
	}
	x.write(a)
}

// page answers like a gateway in between: HTML, no JSON.
func (x *exchange) page(f Fault, status int) {
	if f.HTTPStatus != 0 {
		status = f.HTTPStatus
	}
	x.w.Header().Set("Content-Type", "text/html")
	x.w.WriteHeader(status)
	_, _ = fmt.Fprintf(x.w, "<html><head><title>%d %s</title></head><body><center><h1>%d %s</h1></center></body></html>\n",
		status, http.StatusText(status), status, http.StatusText(status))
}

// hang gives no answer until the client leaves or the server closes.
func (x *exchange) hang() {
	select {
	case <-x.r.Context().Done():
	case <-x.server.closing:
	}
	x.drop()
}

// wait tells whether the delay passed with client and server still there.
func (x *exchange) wait(delay time.Duration) bool {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-x.r.Context().Done():
	case <-x.server.closing:
	}
	return false
}

// executeLater executes the request after the delay, unless the server closes first.
func (x *exchange) executeLater(delay time.Duration) {
	if !x.server.begin() {
		x.record(OutcomeNotExecuted, "")
		return
	}
	go func() {
		defer x.server.active.Done()
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C:
			x.handle()
		case <-x.server.closing:
			x.record(OutcomeNotExecuted, "")
		}
	}()
}

// drop cuts the connection without a byte of an answer; the client sees a reset.
func (x *exchange) drop() {
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		// Not an HTTP/1.1 connection: the nearest thing is an answer that is no JSON.
		x.w.WriteHeader(http.StatusBadGateway)
		return
	}
	cut(conn)
}

// cut closes a connection with a TCP reset.
func cut(conn net.Conn) {
	raw := conn
	if encrypted, ok := conn.(*tls.Conn); ok {
		raw = encrypted.NetConn()
	}
	if tcp, ok := raw.(*net.TCPConn); ok {
		// Without it the close would be an orderly one; nothing can be done if it fails.
		_ = tcp.SetLinger(0)
	}
	_ = raw.Close()
}

// truncate sends the headers of the whole answer and half of its body, then closes.
func (x *exchange) truncate(a answer) {
	body, err := x.server.encode(a)
	if err != nil {
		http.Error(x.w, err.Error(), http.StatusInternalServerError)
		return
	}
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		x.w.WriteHeader(http.StatusBadGateway)
		return
	}
	status := statusOf(a)
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\nContent-Type: application/json;charset=UTF-8\r\nContent-Length: %d\r\n\r\n",
		status, http.StatusText(status), len(body))
	_, _ = conn.Write(body[:len(body)/2])
	_ = conn.Close()
}
