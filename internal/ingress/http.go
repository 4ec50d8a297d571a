package ingress

import (
	"crypto/rand"
	"io"
	"net/http"

	"github.com/iade/iade/internal/payment"
)

// maxDrainBytes is how much of a body that is too large is read and thrown away: a client that is still writing when
// the connection closes would see a broken pipe instead of the 413.
const maxDrainBytes = 16 << 20

// ServeHTTP makes the API an http.Handler. It reads MaxBodyBytes of the body at most and one byte more, to see whether
// there is one.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req := Request{
		ID: rand.Text(), Method: r.Method, Path: r.URL.EscapedPath(), RawQuery: r.URL.RawQuery, Header: r.Header, Until: a.until(),
	}
	if payment.ActorOf(r.Context()) == "" {
		req.Actor = payment.ActorLocal
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxBodyBytes+1))
	switch {
	case err != nil:
		req.Unreadable = true
	case len(body) > MaxBodyBytes:
		req.TooLarge = true
		// What a body that is refused anyway still held, and whether it ended well, changes nothing.
		_, _ = io.CopyN(io.Discard, r.Body, maxDrainBytes)
	default:
		req.Body = body
	}
	response := a.Handle(r.Context(), req)
	for name, values := range response.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(response.Status)
	// The caller may be gone; the same request with the same key tells it what became of it.
	_, _ = w.Write(response.Body)
}
