package iyzicotest

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault modes. Every fault acts after the whole request was read.
const (
	FaultResetBefore     = "reset-before"
	FaultResetAfter      = "reset-after"
	FaultHangBefore      = "hang-before"
	FaultHangAfter       = "hang-after"
	FaultLate            = "late"
	FaultStatus500Before = "status-500-before"
	FaultStatus500After  = "status-500-after"
	FaultHTML502         = "html-502"
	FaultTruncatedAfter  = "truncated-after"
	FaultBadSignature    = "bad-signature"
	FaultMissingEcho     = "missing-echo"
	FaultWrongEcho       = "wrong-echo"
	FaultDoubleStatus    = "double-status"
	FaultRefuse          = "refuse"
	FaultRefuseAfter     = "refuse-after"
	FaultRefuseLate      = "refuse-late"
	FaultRateLimit       = "rate-limit"
	FaultSlow            = "slow"
)

// faultModes says what each mode does. "Executed" means that the request is handled as without the fault, which may also
// be a refusal.
var faultModes = []guideEntry{
	{FaultResetBefore, "not executed, connection reset"},
	{FaultResetAfter, "executed, connection reset: the answer is lost"},
	{FaultHangBefore, "not executed, no answer until the client leaves"},
	{FaultHangAfter, "executed, no answer until the client leaves"},
	{FaultLate, "connection reset at once, executed after `delayMs`"},
	{FaultStatus500Before, "not executed, HTTP 500 with an HTML page"},
	{FaultStatus500After, "executed, HTTP 500 with an HTML page"},
	{FaultHTML502, "not executed, a gateway's HTML page"},
	{FaultTruncatedAfter, "executed, half of the answer"},
	{FaultBadSignature, "executed, response signature wrong where there is one"},
	{FaultMissingEcho, "executed, answer without `conversationId` and `paymentId`"},
	{FaultWrongEcho, "executed, answer with another `conversationId` and `paymentId`"},
	{FaultDoubleStatus, "executed, answer with a second `status` member that says the opposite"},
	{FaultRefuse, "not executed, failure with `errorCode` (default 10051; `none` leaves it out)"},
	{FaultRefuseAfter, "executed, failure with `errorCode`"},
	{FaultRefuseLate, "failure with `errorCode` at once, executed after `delayMs`"},
	{FaultRateLimit, "not executed, failure 50000"},
	{FaultSlow, "executed, answered after `delayMs`"},
}

// modeNames lists every mode, as an error tells them.
func modeNames() []string {
	var names []string
	for _, m := range faultModes {
		names = append(names, m.Name)
	}
	return names
}

func knownMode(mode string) bool {
	return slices.ContainsFunc(faultModes, func(m guideEntry) bool { return m.Name == mode })
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

// noErrorCode is the ErrorCode of a failure that carries none, as old failures were seen.
const noErrorCode = "none"

// errorCodeForm: every documented code is a number, one of them negative (docs/iyzico.md §8.3).
var errorCodeForm = regexp.MustCompile(`^(none|-?\d{1,19})?$`)

func (f Fault) validate() error {
	switch {
	case f.Path != "*" && !strings.HasPrefix(f.Path, "/"):
		return wrong("path", "must be a path or *")
	case strings.ContainsAny(f.Path, "?#") || len(f.Path) > 200:
		return wrong("path", "must be a path without query")
	case !knownMode(f.Mode):
		return wrong("mode", "is %q and must be one of %s", f.Mode, strings.Join(modeNames(), ", "))
	case f.Times < 0:
		return wrong("times", "must be 0 (until cleared) or more")
	case f.DelayMS < 0 || f.DelayMS > maxFaultDelayMS:
		return wrong("delayMs", "must be 0 to %d", maxFaultDelayMS)
	case f.HTTPStatus != 0 && (f.HTTPStatus < 200 || f.HTTPStatus > 599):
		return wrong("httpStatus", "must be 200 to 599")
	case !errorCodeForm.MatchString(f.ErrorCode):
		return wrong("errorCode", "must be a code like 10051, or none")
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
	if code == noErrorCode {
		r.Code = ""
	}
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
