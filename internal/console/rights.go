package console

import (
	"context"
	"crypto/sha256"
	"net/http"
	"sync"
	"time"
)

const (
	rightsKept  = time.Minute
	mostCallers = 1000
)

// may is what the caller may do at the API beside reading.
type may struct {
	Write   bool // give money back
	Operate bool // decide what waits for a person, close days
}

// rights remembers for a minute what each caller may do.
type rights struct {
	mu    sync.Mutex
	known map[[sha256.Size]byte]known
}

type known struct {
	may
	until time.Time
}

// mayOf finds out what the caller may do. Two requests that can do nothing are made: a refund without a body, which no key and no
// payment, and a check of an operation that cannot exist. Who may not make them is turned away before they are looked at.
func (c *Console) mayOf(ctx context.Context) may {
	caller := sha256.Sum256([]byte(tokenIn(ctx)))
	c.rights.mu.Lock()
	kept, ok := c.rights.known[caller]
	c.rights.mu.Unlock()
	if ok && c.Now().Before(kept.until) {
		return kept.may
	}
	found, sure := known{until: c.Now().Add(rightsKept)}, true
	for path, right := range map[string]*bool{"/refunds": &found.Write, "/operations/none/check": &found.Operate} {
		_, err := c.do(ctx, request{method: http.MethodPost, path: path, body: struct{}{}})
		switch no := asRefusal(err); no.Status {
		case http.StatusUnauthorized, http.StatusForbidden:
		case http.StatusBadRequest, http.StatusNotFound:
			*right = no.Slug() != ""
		default:
			sure = false
		}
	}
	if sure {
		c.rights.mu.Lock()
		if len(c.rights.known) >= mostCallers || c.rights.known == nil {
			c.rights.known = map[[sha256.Size]byte]known{}
		}
		c.rights.known[caller] = found
		c.rights.mu.Unlock()
	}
	return found.may
}
