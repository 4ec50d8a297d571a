package iyzicotest

import (
	"sync"
	"time"
)

// Outcomes of money requests.
const (
	// OutcomeExecuted: it did what it asked for, whatever was answered.
	OutcomeExecuted = "executed"
	// OutcomeRefused: refused by a money rule or as invalid.
	OutcomeRefused = "refused"
	// OutcomeUnauthorized: refused for its signature or key.
	OutcomeUnauthorized = "unauthorized"
	// OutcomeRateLimited: refused for coming too often.
	OutcomeRateLimited = "rate-limited"
	// OutcomeNotExecuted: a fault acted before it was executed.
	OutcomeNotExecuted = "not-executed"
	// OutcomePending: received, and not yet decided; a late one stays so until it executes.
	OutcomePending = "pending"
)

// maxRequests bounds the request log; the oldest go first.
const maxRequests = 100_000

// Request is one money request that was received.
type Request struct {
	Path           string    `json:"path"`
	ConversationID string    `json:"conversationId"`
	PaymentID      string    `json:"paymentId"`
	Outcome        string    `json:"outcome"`
	At             time.Time `json:"at"`
}

type requestLog struct {
	mu      sync.Mutex
	dropped int
	list    []Request
}

// add records a request and gives its number.
func (l *requestLog) add(r Request) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.list) >= maxRequests {
		half := len(l.list) / 2
		l.list = append([]Request(nil), l.list[half:]...)
		l.dropped += half
	}
	l.list = append(l.list, r)
	return l.dropped + len(l.list) - 1
}

func (l *requestLog) finish(n int, outcome, paymentID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n -= l.dropped; n < 0 {
		return
	}
	l.list[n].Outcome = outcome
	if paymentID != "" {
		l.list[n].PaymentID = paymentID
	}
}

// Requests lists the money requests received, refused ones too, oldest first: those of one payment, or all if the id
// is empty. At most the newest 100,000 are kept, in memory only.
func (s *Server) Requests(paymentID string) []Request {
	s.requests.mu.Lock()
	defer s.requests.mu.Unlock()
	list := []Request{}
	for _, r := range s.requests.list {
		if paymentID == "" || r.PaymentID == paymentID {
			list = append(list, r)
		}
	}
	return list
}
