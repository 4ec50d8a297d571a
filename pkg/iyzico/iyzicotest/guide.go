package iyzicotest

import (
	"encoding/json"
	"net/http"
	"time"
)

// guideEntry names one thing and says what it does.
type guideEntry struct {
	Name  string `json:"name"`
	About string `json:"about"`
}

// guideSettings says what each setting does; its two groups of lies have lists of their own.
var guideSettings = []guideEntry{
	{"reportingLagMs", "payments, refunds and cancels appear that much later in payment details (default 0)"},
	{"dayListLagMs", "payments, refunds and cancels appear that much later in the day list (default 0)"},
	{"failureHttpStatus", "200 (default) or 400: the HTTP status of a well-formed failure"},
	{"ratePerMinute", "calls that each path takes in a calendar minute (default 50; 0 is no limit)"},
	{"callbackMethod", "POST (default) or GET: how the customer's browser comes back to the shop"},
	{"hideConversationIds", "neither payment details nor the day list show a conversation id, and no payment is found by one"},
	{"clockOffsetMs", "how far iyzico's clock is before ours; negative is behind"},
	{"marketplace", "the merchant is a marketplace: Refund v2 is refused with 5266"},
	{"sameDayRefundIn", "`cancels` (default) or `refunds`: the list of payment details that shows a Refund v2 carried out as a cancel"},
	{"merchantChargeIn", "`refunds` (default), `unnamed` or `nowhere`: how payment details and the day list show a refund charged to the merchant"},
	{"report", "lies of payment details, an object; see below"},
	{"dayList", "lies of the day list, an object; see below"},
}

var guideReportLies = []guideEntry{
	{"hideEntries", "`refunds[]` and `cancels[]` are empty; `paymentRefundStatus` still tells of them"},
	{"dropLine", "true: the first line with refunds is missing, or the first; a paymentTransactionId: that line is missing"},
	{"duplicatePayment", "the payment is listed twice"},
	{"staleMs", "the report is that old, `systemTime` included"},
	{"emptyEntries", "every entry of `refunds[]` and `cancels[]` is `{}`"},
	{"noDates", "no entry has a date"},
	{"upperCaseIds", "conversation ids are in upper case"},
	{"refundStatus", "a number: the `refundStatus` of every entry; null: the true ones"},
}

var guideDayListLies = []guideEntry{
	{"half", "every second row is missing, the newest first"},
	{"dropRow", "the newest REFUND or CANCEL row is missing"},
	{"hideConversationIds", "rows have no conversation id"},
	{"upperCaseIds", "conversation ids are in upper case"},
	{"staleMs", "the list is that old, `systemTime` included"},
}

// guideSeed is a seeded payment as the guide shows it.
type guideSeed struct {
	PaymentID string `json:"paymentId"`
	// Lines are paymentTransactionId and paid amount.
	Lines    []guideSeedLine `json:"lines"`
	Currency string          `json:"currency"`
	// ConversationID is that of the payment.
	ConversationID string `json:"conversationId"`
	About          string `json:"about"`
}

type guideSeedLine struct {
	PaymentTransactionID string `json:"paymentTransactionId"`
	PaidPrice            string `json:"paidPrice"`
}

// guide is what GET /_fake/ answers.
type guide struct {
	About    string         `json:"about"`
	APIKey   string         `json:"apiKey"`
	Document string         `json:"document"`
	Routes   []controlRoute `json:"routes"`
	Settings []guideEntry   `json:"settings"`
	Report   []guideEntry   `json:"report"`
	DayList  []guideEntry   `json:"dayList"`
	Faults   []guideEntry   `json:"faults"`
	Seeds    []guideSeed    `json:"seeds"`
}

func newGuide() guide {
	return guide{
		About:    "The control side of a fake iyzico. Settings, lies and faults end with a restart; payments end unless it keeps its data.",
		APIKey:   DefaultAPIKey,
		Document: "docs/fake.md",
		Routes:   controlTable(),
		Settings: guideSettings,
		Report:   guideReportLies,
		DayList:  guideDayListLies,
		Faults:   faultModes,
		Seeds:    guideSeeds(),
	}
}

// guideSeeds reads the seeds off a Ledger of its own, so that ids are those that a seeded fake gives.
func guideSeeds() []guideSeed {
	l := NewLedger(func() time.Time { return time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC) })
	if err := Seed(l); err != nil {
		return nil
	}
	seeds := make([]guideSeed, len(seedPayments))
	for i, seed := range seedPayments {
		p, _ := l.Payment(formatID(firstPaymentID + int64(i)))
		seeds[i] = guideSeed{PaymentID: p.ID, Currency: p.Currency, ConversationID: p.ConversationID, About: seed.about}
		for _, line := range p.Lines {
			seeds[i].Lines = append(seeds[i].Lines, guideSeedLine{line.PaymentTransactionID, amountString(line.PaidPrice)})
		}
	}
	return seeds
}

func (s *Server) controlGuide(w http.ResponseWriter, _ *http.Request) {
	body, err := json.MarshalIndent(newGuide(), "", "  ") //nolint:gosec // the keys are the fake's, and no secret
	if err != nil {
		controlFailure(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(body, '\n'))
}
