package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// iyzico's paths that cases script faults for.
const (
	refundPath   = "/payment/refund"
	refundV2Path = "/v2/payment/refund"
	chargePath   = "/payment/iyzipos/refund/merchant/charge"
	cancelPath   = "/payment/cancel"
	reportPath   = "/v2/reporting/payment/details"
)

// payment says what iyzico knows before a case begins. The zero value is one line of 100.00 TRY, paid now.
type payment struct {
	currency string
	lines    []string // paid amounts
	age      time.Duration
	status   *int
	fraud    *int
	phase    string
	// conversationID is the one that the shop gave iyzico.
	conversationID string
}

// known is a payment that the fake holds.
type known struct {
	id    string
	lines []string // paymentTransactionIds
}

// execution is one money movement that really happened.
type execution struct {
	Kind                 string `json:"kind"`
	Path                 string `json:"path"`
	ConversationID       string `json:"conversationId"`
	PaymentTransactionID string `json:"paymentTransactionId"`
	Price                string `json:"price"`
}

// fault is what POST /_fake/faults takes.
type fault struct {
	Path       string `json:"path"`
	Mode       string `json:"mode"`
	Times      int    `json:"times"`
	DelayMS    int    `json:"delayMs,omitempty"`
	ErrorCode  string `json:"errorCode,omitempty"`
	ErrorGroup string `json:"errorGroup,omitempty"`
}

// fake is the control side of the fake iyzico.
type fake struct{ url string }

func (f fake) add(t *testing.T, p payment) known {
	t.Helper()
	type line struct {
		PaidPrice string `json:"paidPrice"`
	}
	body := struct {
		Currency      string `json:"currency,omitempty"`
		Lines         []line `json:"lines"`
		CreatedAt     string `json:"createdAt,omitempty"`
		PaymentStatus *int   `json:"paymentStatus,omitempty"`
		FraudStatus   *int   `json:"fraudStatus,omitempty"`
		Phase         string `json:"phase,omitempty"`
		Conversation  string `json:"conversationId,omitempty"`
	}{Currency: p.currency, PaymentStatus: p.status, FraudStatus: p.fraud, Phase: p.phase, Conversation: p.conversationID}
	if len(p.lines) == 0 {
		p.lines = []string{"100.00"}
	}
	for _, paid := range p.lines {
		body.Lines = append(body.Lines, line{paid})
	}
	if p.age > 0 {
		body.CreatedAt = time.Now().Add(-p.age).UTC().Format(time.RFC3339)
	}
	var answer struct {
		PaymentID string `json:"paymentId"`
		Lines     []struct {
			PaymentTransactionID string `json:"paymentTransactionId"`
		} `json:"lines"`
	}
	f.call(t, http.MethodPost, "/_fake/payments", body, &answer)
	k := known{id: answer.PaymentID}
	for _, line := range answer.Lines {
		k.lines = append(k.lines, line.PaymentTransactionID)
	}
	return k
}

func (f fake) script(t *testing.T, x fault) {
	t.Helper()
	f.call(t, http.MethodPost, "/_fake/faults", x, nil)
}

// scripted counts the faults that have not acted yet.
func (f fake) scripted(t *testing.T) int {
	t.Helper()
	var answer struct {
		Faults []json.RawMessage `json:"faults"`
	}
	f.call(t, http.MethodGet, "/_fake/faults", nil, &answer)
	return len(answer.Faults)
}

func (f fake) clear(t *testing.T) {
	t.Helper()
	f.call(t, http.MethodDelete, "/_fake/faults", nil, nil)
}

func (f fake) set(t *testing.T, settings map[string]any) {
	t.Helper()
	f.call(t, http.MethodPut, "/_fake/settings", settings, nil)
}

// panelRefund is the merchant refunding in iyzico's own panel.
func (f fake) panelRefund(t *testing.T, lineID, price string) {
	t.Helper()
	f.call(t, http.MethodPost, "/_fake/panel-refunds", map[string]string{"paymentTransactionId": lineID, "price": price}, nil)
}

// executions is the ground truth about one payment.
func (f fake) executions(t *testing.T, paymentID string) []execution {
	t.Helper()
	var answer struct {
		Executions []execution `json:"executions"`
	}
	f.call(t, http.MethodGet, "/_fake/executions?paymentId="+url.QueryEscape(paymentID), nil, &answer)
	return answer.Executions
}

// requests counts the money requests that iyzico received about one payment, refused ones too.
func (f fake) requests(t *testing.T, paymentID string) int {
	t.Helper()
	var answer struct {
		Requests []json.RawMessage `json:"requests"`
	}
	f.call(t, http.MethodGet, "/_fake/requests?paymentId="+url.QueryEscape(paymentID), nil, &answer)
	return len(answer.Requests)
}

func (f fake) call(t *testing.T, method, path string, body, into any) {
	t.Helper()
	if err := f.exchange(method, path, body, into); err != nil {
		t.Fatalf("fake iyzico: %s %s: %v", method, path, err)
	}
}

func (f fake) exchange(method, path string, body, into any) error {
	var sent io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(data)
	}
	req, err := http.NewRequest(method, f.url+path, sent)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	data, err := io.ReadAll(answer.Body)
	if err := answer.Body.Close(); err != nil {
		return err
	}
	if err != nil || answer.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %w", answer.Status, data, err)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(data, into)
}
