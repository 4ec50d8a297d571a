package iyzicotest

import (
	"regexp"
	"strings"
	"sync"
	"time"
)

// Fault modes. Every fault acts after the whole request was read. "Executed" means that the request is handled as
// without the fault, which may also be a refusal.
const (
	FaultResetBefore     = "reset-before"      // connection reset, not executed
	FaultResetAfter      = "reset-after"       // executed, connection reset
	FaultHangBefore      = "hang-before"       // no answer until the client leaves, not executed
	FaultHangAfter       = "hang-after"        // executed, no answer until the client leaves
	FaultLate            = "late"              // connection reset at once, executed after the delay
	FaultStatus500Before = "status-500-before" // HTTP 500, not executed
	FaultStatus500After  = "status-500-after"  // executed, HTTP 500
	FaultHTML502         = "html-502"          // a gateway's HTML page, not executed
	FaultTruncatedAfter  = "truncated-after"   // executed, half of the answer
	FaultBadSignature    = "bad-signature"     // executed, response signature wrong where there is one
	FaultMissingEcho     = "missing-echo"      // executed, answer without conversationId and paymentId
	FaultWrongEcho       = "wrong-echo"        // executed, answer with another conversationId and paymentId
	FaultRefuse          = "refuse"            // not executed, failure with the fault's error code
	FaultRefuseAfter     = "refuse-after"      // executed, failure with the fault's error code
	FaultRefuseLate      = "refuse-late"       // failure with the fault's error code at once, executed after the delay
	FaultRateLimit       = "rate-limit"        // not executed, 50000
	FaultSlow            = "slow"              // executed, answered after the delay
)

var faultModes = map[string]bool{
	FaultResetBefore: true, FaultResetAfter: true, FaultHangBefore: true, FaultHangAfter: true, FaultLate: true,
	FaultStatus500Before: true, FaultStatus500After: true, FaultHTML502: true, FaultTruncatedAfter: true,
	FaultBadSignature: true, FaultMissingEcho: true, FaultWrongEcho: true, FaultRefuse: true, FaultRefuseAfter: true, FaultRefuseLate: true,
	FaultRateLimit: true, FaultSlow: true,
}

const (
	maxFaults       = 1000
	maxFaultDelayMS = 10 * 60 * 1000
)

// Fault makes the next requests on a path go wrong.
type Fault struct {
	// Path is exact, without the query, and may be a read; "*" is any money path: refunds, cancel, refund to balance,
	// payment, payment from a balance.
	Path string `json:"path"`
	Mode string `json:"mode"`
	// Times is how often it acts; 0 is until cleared.
	Times int `json:"times"`
	// DelayMS is for late, refuse-late and slow, up to ten minutes.
	DelayMS int64 `json:"delayMs,omitempty"`
	// ErrorCode (default 10051), ErrorGroup and Retryable are for refuse, refuse-after and refuse-late.
	ErrorCode  string `json:"errorCode,omitempty"`
	ErrorGroup string `json:"errorGroup,omitempty"`
	Retryable  bool   `json:"retryable,omitempty"`
	// HTTPStatus replaces the status of refuse, refuse-after, refuse-late, rate-limit, html-502 and the status-500 modes.
	HTTPStatus int `json:"httpStatus,omitempty"`
}

// errorCodeForm: every documented code is a number, one of them negative (reference §8.3).
var errorCodeForm = regexp.MustCompile(`^(-?\d{1,19})?$`)

func (f Fault) validate() error {
	switch {
	case f.Path != "*" && !strings.HasPrefix(f.Path, "/"):
		return wrong("path", "must be a path or *")
	case strings.ContainsAny(f.Path, "?#") || len(f.Path) > 200:
		return wrong("path", "must be a path without query")
	case !faultModes[f.Mode]:
		return wrong("mode", "is not a known mode")
	case f.Times < 0:
		return wrong("times", "must be 0 (until cleared) or more")
	case f.DelayMS < 0 || f.DelayMS > maxFaultDelayMS:
		return wrong("delayMs", "must be 0 to %d", maxFaultDelayMS)
	case f.HTTPStatus != 0 && (f.HTTPStatus < 200 || f.HTTPStatus > 599):
		return wrong("httpStatus", "must be 200 to 599")
	case !errorCodeForm.MatchString(f.ErrorCode):
		return wrong("errorCode", "must be a code like 10051")
	case len(f.ErrorGroup) > 100:
		return wrong("errorGroup", "is too long")
	}
	return nil
}

func (f Fault) delay() time.Duration { return time.Duration(f.DelayMS) * time.Millisecond }

func (f Fault) refusal() *Refusal {
	code := f.ErrorCode
	if code == "" {
		code = CodeNotSufficientFunds
	}
	r := refuse(code)
	if r.Message == "" {
		r.Message, r.MessageTR = "Refused", "Reddedildi"
	}
	if f.ErrorGroup != "" {
		r.Group = f.ErrorGroup
	}
	r.Retryable = f.Retryable
	return r
}

type faultList struct {
	mu   sync.Mutex
	list []*scripted
}

type scripted struct {
	Fault
	left int
}

// take gives the first fault for a path and counts it.
func (l *faultList) take(path string, money bool) (Fault, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, f := range l.list {
		if f.Path != path && (f.Path != "*" || !money) {
			continue
		}
		if f.Times > 0 {
			if f.left--; f.left == 0 {
				l.list = append(l.list[:i:i], l.list[i+1:]...)
			}
		}
		return f.Fault, true
	}
	return Fault{}, false
}

// AddFault scripts a fault behind those already there; the first that matches a request acts.
func (s *Server) AddFault(f Fault) error {
	if err := f.validate(); err != nil {
		return err
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	if len(s.faults.list) >= maxFaults {
		return wrong("path", "there are already %d faults", maxFaults)
	}
	s.faults.list = append(s.faults.list, &scripted{f, f.Times})
	return nil
}

// Faults lists the faults still in force, in order, Times being what is left of them.
func (s *Server) Faults() []Fault {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	list := make([]Fault, len(s.faults.list))
	for i, f := range s.faults.list {
		list[i] = f.Fault
		list[i].Times = f.left
	}
	return list
}

// ClearFaults removes all faults; requests they already hold go on.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = nil
}
