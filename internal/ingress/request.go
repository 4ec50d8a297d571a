package ingress

import (
	"net/http"
	"time"
)

// MaxBodyBytes is the largest body that is read: 64 KiB.
const MaxBodyBytes = 64 << 10

// Request is one call, whichever way it came. Adapters fill it and decide nothing.
type Request struct {
	ID       string // names the call in the log
	Method   string
	Path     string // as it was sent, escapes included
	RawQuery string
	Header   http.Header // canonical names; values that were sent apart are kept apart where the transport keeps them

	Body       []byte
	TooLarge   bool // the body was longer than MaxBodyBytes; Body is then empty
	Unreadable bool // the body did not arrive whole; Body is then empty

	Actor     string    // who asks, as the journal keeps it; empty = whom the context names
	KeyMember string    // the body's member that holds the idempotency key; empty = the header holds it
	Queued    bool      // it came through a queue: nobody waits for the answer
	Until     time.Time // the end of the handler's time
}

// Response is the answer to one Request.
type Response struct {
	Status int
	Header http.Header
	Body   []byte // JSON, but for a list asked for as CSV and for customers' pages
}
