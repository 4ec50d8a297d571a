package iyzicotest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// textOrNumber is a member of a control request that may be a JSON string or a number.
type textOrNumber string

// UnmarshalJSON takes a JSON string or number as it stands.
func (a *textOrNumber) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		text = string(raw)
	}
	*a = textOrNumber(text)
	return nil
}

var controlAmountForm = regexp.MustCompile(`^\d{1,12}(\.\d{1,8})?$`)

// decimal reads it as an amount above or equal to zero with at most eight decimals.
func (a textOrNumber) decimal(field string) (decimal.Decimal, error) {
	if !controlAmountForm.MatchString(string(a)) {
		return decimal.Decimal{}, wrong(field, "must be an amount like \"10.50\"")
	}
	d, err := decimal.NewFromString(string(a))
	if err != nil {
		return decimal.Decimal{}, wrong(field, "must be an amount like \"10.50\"")
	}
	return d, nil
}

// currencies are those of the official clients (docs/iyzico.md §9).
var currencies = map[string]bool{
	"": true, "TRY": true, "USD": true, "EUR": true, "GBP": true, "NOK": true, "RUB": true, "CHF": true, "IRR": true,
}

const maxLines = 1000

type paymentRequest struct {
	Currency string `json:"currency"`
	Lines    []struct {
		ItemID    string       `json:"itemId"`
		PaidPrice textOrNumber `json:"paidPrice"`
		Price     textOrNumber `json:"price"`
	} `json:"lines"`
	CreatedAt      string `json:"createdAt"`
	PaymentStatus  *int   `json:"paymentStatus"`
	FraudStatus    *int   `json:"fraudStatus"`
	Phase          string `json:"phase"`
	ConversationID string `json:"conversationId"`
}

func (q paymentRequest) spec() (PaymentSpec, error) {
	spec := PaymentSpec{
		Currency: q.Currency, FraudStatus: q.FraudStatus, Phase: q.Phase, ConversationID: q.ConversationID,
	}
	switch {
	case !currencies[q.Currency]:
		return spec, wrong("currency", "is not known")
	case len(q.Lines) == 0 || len(q.Lines) > maxLines:
		return spec, wrong("lines", "must be 1 to %d", maxLines)
	case q.FraudStatus != nil && (*q.FraudStatus < FraudRejected || *q.FraudStatus > FraudApproved):
		return spec, wrong("fraudStatus", "must be -1, 0 or 1")
	case len(q.Phase) > 50:
		return spec, wrong("phase", "is too long")
	case len(q.ConversationID) > 500:
		return spec, wrong("conversationId", "is too long")
	}
	if q.PaymentStatus != nil {
		// 0 is a failure in the older of iyzico's two lists (docs/iyzico.md §5.2).
		if spec.PaymentStatus = *q.PaymentStatus; spec.PaymentStatus == 0 {
			spec.PaymentStatus = PaymentFailure
		}
		if *q.PaymentStatus < 0 || *q.PaymentStatus > 9 {
			return spec, wrong("paymentStatus", "must be 0 to 9")
		}
	}
	if q.CreatedAt != "" {
		at, err := time.Parse(time.RFC3339, q.CreatedAt)
		if err != nil || at.Year() < 2000 || at.Year() > 2200 {
			return spec, wrong("createdAt", "must be a time like 2006-01-02T15:04:05Z")
		}
		spec.CreatedAt = at
	}
	total := decimal.Zero
	for i, line := range q.Lines {
		field := fmt.Sprintf("lines[%d].", i)
		if len(line.ItemID) > 500 {
			return spec, wrong(field+"itemId", "must have at most 500 characters")
		}
		paid, err := line.PaidPrice.decimal(field + "paidPrice")
		if err != nil {
			return spec, err
		}
		each := LineSpec{ItemID: line.ItemID, PaidPrice: paid}
		if line.Price != "" {
			if each.Price, err = line.Price.decimal(field + "price"); err != nil {
				return spec, err
			}
		}
		spec.Lines = append(spec.Lines, each)
		total = total.Add(paid)
	}
	if total.IsZero() {
		return spec, wrong("lines", "must have something paid")
	}
	return spec, nil
}

func (s *Server) controlAddPayment(w http.ResponseWriter, r *http.Request) {
	var q paymentRequest
	if err := readControl(r, &q); err != nil {
		controlFailure(w, err)
		return
	}
	spec, err := q.spec()
	if err != nil {
		controlFailure(w, err)
		return
	}
	p, err := s.ledger.AddPayment(spec)
	if err != nil {
		controlFailure(w, err)
		return
	}
	lines := make([]object, len(p.Lines))
	for i, line := range p.Lines {
		lines[i] = object{
			{"itemId", line.ItemID}, {"paymentTransactionId", line.PaymentTransactionID},
			{"paidPrice", amountString(line.PaidPrice)},
		}
	}
	writeControl(w, http.StatusCreated, object{{"paymentId", p.ID}, {"lines", lines}})
}

// amountString is an amount of the control side: at least two decimals, all that it has.
func amountString(d decimal.Decimal) string {
	plain := d.String()
	_, fraction, _ := strings.Cut(plain, ".")
	if len(fraction) < 2 {
		return d.StringFixed(2)
	}
	return plain
}

// controlReview ends the review of a payment in review: {"fraudStatus": 1 or -1}.
func (s *Server) controlReview(w http.ResponseWriter, r *http.Request) {
	var q struct {
		FraudStatus int `json:"fraudStatus"`
	}
	if err := readControl(r, &q); err != nil {
		controlFailure(w, err)
		return
	}
	if q.FraudStatus != FraudApproved && q.FraudStatus != FraudRejected {
		controlFailure(w, wrong("fraudStatus", "must be 1 or -1"))
		return
	}
	id := r.PathValue("paymentId")
	if err := s.ledger.SetFraudStatus(id, q.FraudStatus); err != nil {
		controlFailure(w, err)
		return
	}
	writeControl(w, http.StatusOK, object{{"paymentId", id}, {"fraudStatus", q.FraudStatus}})
}

func (s *Server) controlCapture(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("paymentId")
	if err := s.ledger.Capture(id); err != nil {
		controlFailure(w, err)
		return
	}
	writeControl(w, http.StatusOK, object{{"paymentId", id}, {"phase", PhasePostAuth}})
}

func (s *Server) controlAddSession(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Balance     textOrNumber `json:"balance"`
		Currency    string       `json:"currency"`
		PaymentType string       `json:"paymentType"`
		Active      *bool        `json:"active"`
		FraudStatus *int         `json:"fraudStatus"`
	}
	err := readControl(r, &q)
	if err != nil {
		controlFailure(w, err)
		return
	}
	spec := SessionSpec{
		Currency: q.Currency, PaymentType: q.PaymentType, Passive: q.Active != nil && !*q.Active, FraudStatus: q.FraudStatus,
	}
	spec.Balance, err = q.Balance.decimal("balance")
	switch {
	case err != nil:
	case !currencies[q.Currency]:
		err = wrong("currency", "is not known")
	case q.PaymentType != "" && q.PaymentType != PaymentTypeFund && q.PaymentType != PaymentTypeCard:
		err = wrong("paymentType", "must be FUND or CARD_PAYMENT")
	case q.FraudStatus != nil && (*q.FraudStatus < FraudRejected || *q.FraudStatus > FraudApproved):
		err = wrong("fraudStatus", "must be -1, 0 or 1")
	}
	if err != nil {
		controlFailure(w, err)
		return
	}
	added, err := s.ledger.AddSession(spec)
	if err != nil {
		controlFailure(w, err)
		return
	}
	writeControl(w, http.StatusCreated, object{
		{"sessionToken", added.SessionToken}, {"memberIdentifier", added.MemberIdentifier},
		{"checkoutFormToken", added.CheckoutToken},
	})
}
