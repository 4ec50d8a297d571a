package iyzicotest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"time"
)

// Settings are the server's behaviours that the control side can change while it runs. They do not survive a restart.
type Settings struct {
	// ReportingLagMS is how much later payments, refunds and cancels appear in payment details; 0 to a day.
	ReportingLagMS int64 `json:"reportingLagMs"`
	// FailureHTTPStatus is 200 or 400: what a well-formed failure comes with. iyzico's documents say 400, two clients
	// of its sandbox saw 200 (docs/iyzico.md §2.2).
	FailureHTTPStatus int `json:"failureHttpStatus"`
	// RatePerMinute is how many calls each path takes in a calendar minute, reads too; 0 is no limit.
	RatePerMinute int `json:"ratePerMinute"`
	// CallbackMethod is POST (a form) or GET: how the customer's browser comes back to the shop.
	CallbackMethod string `json:"callbackMethod"`
	// HideConversationIDs behaves as if iyzico had not kept them: neither payment details nor the day list show one, and no
	// payment is found by one.
	HideConversationIDs bool `json:"hideConversationIds"`
	// ClockOffsetMS shifts iyzico's clock against ours; up to two days either way.
	ClockOffsetMS int64 `json:"clockOffsetMs"`
	// DayListLagMS is how much later payments, refunds and cancels appear in the day list; 0 to two days.
	DayListLagMS int64 `json:"dayListLagMs"`
	// Marketplace refuses Refund v2 with 5266.
	Marketplace bool `json:"marketplace"`
	// SameDayRefundIn is [ListCancels] or [ListRefunds]: where reports show a Refund v2 that was carried out as a cancel.
	SameDayRefundIn string `json:"sameDayRefundIn"`
	// MerchantChargeIn is [ChargeInRefunds], [ChargeUnnamed] or [ChargeNowhere]: how lists show a refund charged to the merchant.
	MerchantChargeIn string `json:"merchantChargeIn"`
	// Report and DayList are the lies that payment details and the day list tell.
	Report  ReportLies  `json:"report"`
	DayList DayListLies `json:"dayList"`
}

func defaultSettings() Settings {
	return Settings{
		FailureHTTPStatus: http.StatusOK, RatePerMinute: 50, CallbackMethod: http.MethodPost, SameDayRefundIn: ListCancels,
		MerchantChargeIn: ChargeInRefunds,
	}
}

// reporting is how reports are to be answered now.
func (x Settings) reporting() Reporting {
	return Reporting{
		Lag:                 time.Duration(x.ReportingLagMS) * time.Millisecond,
		DayListLag:          time.Duration(x.DayListLagMS) * time.Millisecond,
		HideConversationIDs: x.HideConversationIDs,
		Report:              x.Report,
		DayList:             x.DayList,
	}
}

// settingsChange is a request to change settings: what it names is replaced, and of the lies the whole object, so that an
// empty one (or null) ends all lies of a report.
type settingsChange struct {
	Settings
	Report  json.RawMessage `json:"report"`
	DayList json.RawMessage `json:"dayList"`
}

func (q settingsChange) settings() (Settings, error) {
	x := q.Settings
	if err := replaceLies(q.Report, "report", &x.Report); err != nil {
		return x, err
	}
	return x, replaceLies(q.DayList, "dayList", &x.DayList)
}

func replaceLies[T any](raw json.RawMessage, name string, into *T) error {
	if raw == nil {
		return nil
	}
	var lies T
	if !bytes.Equal(raw, []byte("null")) {
		if err := decodeControl(raw, name, &lies); err != nil {
			return err
		}
	}
	*into = lies
	return nil
}

// UnmarshalJSON takes true, false, null, or an id as text or number.
func (c *LineChoice) UnmarshalJSON(raw []byte) error {
	switch text := string(bytes.Trim(raw, `"`)); {
	case text == "true":
		*c = AnyLine
	case text == "false", text == "null":
		*c = ""
	case lineIDForm.MatchString(text):
		*c = LineChoice(text)
	default:
		return wrong("report.dropLine", "must be true, false or a paymentTransactionId")
	}
	return nil
}

// MarshalJSON writes false, true, or the id as text.
func (c LineChoice) MarshalJSON() ([]byte, error) {
	switch c {
	case "":
		return []byte("false"), nil
	case AnyLine:
		return []byte("true"), nil
	}
	return json.Marshal(string(c))
}

var lineIDForm = regexp.MustCompile(`^\d{1,19}$`)

// fieldError names the member at fault.
type fieldError struct {
	field   string
	message string
}

func (e *fieldError) Error() string { return e.field + ": " + e.message }

func wrong(field, format string, args ...any) error {
	return &fieldError{field, fmt.Sprintf(format, args...)}
}

const (
	dayMS      = 24 * 60 * 60 * 1000
	maxStaleMS = 30 * dayMS
)

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
	case x.DayListLagMS < 0 || x.DayListLagMS > 2*dayMS:
		return wrong("dayListLagMs", "must be 0 to %d", 2*dayMS)
	case x.SameDayRefundIn != ListCancels && x.SameDayRefundIn != ListRefunds:
		return wrong("sameDayRefundIn", "must be cancels or refunds")
	case !slices.Contains([]string{ChargeInRefunds, ChargeUnnamed, ChargeNowhere}, x.MerchantChargeIn):
		return wrong("merchantChargeIn", "must be refunds, unnamed or nowhere")
	case x.Report.StaleMS < 0 || x.Report.StaleMS > maxStaleMS:
		return wrong("report.staleMs", "must be 0 to %d", int64(maxStaleMS))
	case x.DayList.StaleMS < 0 || x.DayList.StaleMS > maxStaleMS:
		return wrong("dayList.staleMs", "must be 0 to %d", int64(maxStaleMS))
	}
	return nil
}

// Settings gives the settings in force.
func (s *Server) Settings() Settings {
	s.settingsMu.Lock()
	defer s.settingsMu.Unlock()
	return s.settings
}

// SetSettings replaces all settings; it changes nothing if one is out of range. An empty SameDayRefundIn is [ListCancels],
// an empty MerchantChargeIn [ChargeInRefunds].
func (s *Server) SetSettings(x Settings) error {
	if x.SameDayRefundIn == "" {
		x.SameDayRefundIn = ListCancels
	}
	if x.MerchantChargeIn == "" {
		x.MerchantChargeIn = ChargeInRefunds
	}
	if err := x.validate(); err != nil {
		return err
	}
	s.settingsMu.Lock()
	defer s.settingsMu.Unlock()
	s.settings = x
	s.ledger.SetClockOffset(time.Duration(x.ClockOffsetMS) * time.Millisecond)
	s.ledger.SetMarketplace(x.Marketplace)
	s.ledger.SetSameDayRefundIn(x.SameDayRefundIn)
	s.ledger.SetMerchantChargeIn(x.MerchantChargeIn)
	return nil
}
