package iyzicotest

import (
	"fmt"
	"net/http"
	"time"
)

// Settings are the server's behaviours that the control side can change while it runs. They do not survive a restart.
type Settings struct {
	// ReportingLagMS is how much later payments, refunds and cancels appear in reporting; 0 to a day.
	ReportingLagMS int64 `json:"reportingLagMs"`
	// FailureHTTPStatus is 200 or 400: what a well-formed failure comes with. iyzico's documents say 400, two clients
	// of its sandbox saw 200 (reference §2.2).
	FailureHTTPStatus int `json:"failureHttpStatus"`
	// RatePerMinute is how many calls each path takes in a calendar minute, reads too; 0 is no limit.
	RatePerMinute int `json:"ratePerMinute"`
	// CallbackMethod is POST (a form) or GET: how the customer's browser comes back to the shop.
	CallbackMethod string `json:"callbackMethod"`
	// HideConversationIDs behaves as if iyzico had not kept them: reporting shows none, and no payment is found by one.
	HideConversationIDs bool `json:"hideConversationIds"`
	// ClockOffsetMS shifts iyzico's clock against ours; up to two days either way.
	ClockOffsetMS int64 `json:"clockOffsetMs"`
}

func defaultSettings() Settings {
	return Settings{FailureHTTPStatus: http.StatusOK, RatePerMinute: 50, CallbackMethod: http.MethodPost}
}

// fieldError names the member at fault.
type fieldError struct {
	field   string
	message string
}

func (e *fieldError) Error() string { return e.field + ": " + e.message }

func wrong(field, format string, args ...any) error {
	return &fieldError{field, fmt.Sprintf(format, args...)}
}

const dayMS = 24 * 60 * 60 * 1000

func (x Settings) validate() error {
	switch {
	case x.ReportingLagMS < 0 || x.ReportingLagMS > dayMS:
		return wrong("reportingLagMs", "must be 0 to %d", dayMS)
	case x.FailureHTTPStatus != http.StatusOK && x.FailureHTTPStatus != http.StatusBadRequest:
		return wrong("failureHttpStatus", "must be 200 or 400")
	case x.RatePerMinute < 0:
		return wrong("ratePerMinute", "must be 0 (no limit) or more")
	case x.CallbackMethod != http.MethodPost && x.CallbackMethod != http.MethodGet:
		return wrong("callbackMethod", "must be POST or GET")
	case x.ClockOffsetMS < -2*dayMS || x.ClockOffsetMS > 2*dayMS:
		return wrong("clockOffsetMs", "must be within two days")
	}
	return nil
}

func (x Settings) lag() time.Duration { return time.Duration(x.ReportingLagMS) * time.Millisecond }

// Settings gives the settings in force.
func (s *Server) Settings() Settings {
	s.settingsMu.Lock()
	defer s.settingsMu.Unlock()
	return s.settings
}

// SetSettings replaces all settings; it changes nothing if one is out of range.
func (s *Server) SetSettings(x Settings) error {
	if err := x.validate(); err != nil {
		return err
	}
	s.settingsMu.Lock()
	defer s.settingsMu.Unlock()
	s.settings = x
	s.ledger.SetClockOffset(time.Duration(x.ClockOffsetMS) * time.Millisecond)
	return nil
}
