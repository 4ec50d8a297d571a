package iyzicotest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

const (
	// webhookTime bounds one delivery.
	webhookTime = 10 * time.Second
	// maxWebhookAnswer is how much of the receiver's answer is kept.
	maxWebhookAnswer = 64 << 10
	// DefaultMerchantID is the merchantId of webhooks that name no other.
	DefaultMerchantID = "3404590"
	// webhookSignature is the header of the signature; its name is not case-sensitive.
	webhookSignature = "X-IYZ-SIGNATURE-V3"
)

var (
	idForm        = regexp.MustCompile(`^\d{1,19}$`)
	eventTypeForm = regexp.MustCompile(`^[A-Za-z0-9_]{1,100}$`)
)

// webhookRequest asks for one webhook. Status is that of the payment, SUCCESS if empty. With Token it has the format of
// hosted pages, else the direct one. ReferenceCode is a new one if empty; iyzico repeats it when it sends again.
type webhookRequest struct {
	PaymentID     textOrNumber `json:"paymentId"`
	EventType     string       `json:"eventType"`
	To            string       `json:"to"`
	Status        string       `json:"status"`
	Token         string       `json:"token"`
	MerchantID    textOrNumber `json:"merchantId"`
	ReferenceCode string       `json:"iyziReferenceCode"`
}

func (q *webhookRequest) complete() error {
	to, err := url.Parse(q.To)
	switch {
	case !idForm.MatchString(string(q.PaymentID)):
		return wrong("paymentId", "must be 1 to 19 digits")
	case !eventTypeForm.MatchString(q.EventType):
		return wrong("eventType", "must be a type like API_AUTH")
	case err != nil || to.Host == "" || to.User != nil || to.Scheme != "http" && to.Scheme != "https":
		return wrong("to", "must be an http or https URL")
	case len(q.Token) > 500:
		return wrong("token", "must have at most 500 characters")
	case len(q.ReferenceCode) > 500:
		return wrong("iyziReferenceCode", "must have at most 500 characters")
	}
	if q.Status == "" {
		q.Status = "SUCCESS"
	}
	if q.MerchantID == "" {
		q.MerchantID = DefaultMerchantID
	}
	if !eventTypeForm.MatchString(q.Status) {
		return wrong("status", "must be a status like SUCCESS")
	}
	if !idForm.MatchString(string(q.MerchantID)) {
		return wrong("merchantId", "must be 1 to 19 digits")
	}
	return nil
}

// body is the webhook as iyzico's samples show it, ids as numbers.
func (q *webhookRequest) body(conversationID string, at time.Time) object {
	o := object{{"paymentConversationId", conversationID}, {"merchantId", number(q.MerchantID)}}
	if q.Token != "" {
		o.add("token", q.Token)
	} else {
		o.add("paymentId", number(q.PaymentID))
	}
	return append(o, object{
		{"status", q.Status}, {"iyziReferenceCode", q.ReferenceCode}, {"iyziEventType", q.EventType},
		{"iyziEventTime", at.UnixMilli()}, {"iyziPaymentId", number(q.PaymentID)},
	}...)
}

// signature is X-IYZ-SIGNATURE-V3 (docs/iyzico.md §7).
func (q *webhookRequest) signature(secretKey, conversationID string) string {
	values := []string{secretKey, q.EventType, string(q.PaymentID), conversationID, q.Status}
	if q.Token != "" {
		values = []string{secretKey, q.EventType, string(q.PaymentID), q.Token, conversationID, q.Status}
	}
	mac := hmac.New(sha256.New, []byte(secretKey))
	mac.Write([]byte(strings.Join(values, "")))
	return hex.EncodeToString(mac.Sum(nil))
}

// controlWebhook sends one webhook, once, and answers what the receiver answered. The payment need not exist.
func (s *Server) controlWebhook(w http.ResponseWriter, r *http.Request) {
	var q webhookRequest
	err := readControl(r, &q)
	if err == nil {
		err = q.complete()
	}
	if err != nil {
		controlFailure(w, err)
		return
	}
	if q.ReferenceCode == "" {
		q.ReferenceCode = opaque("webhook", s.webhooks.Add(1))
	}
	p, _ := s.ledger.Payment(string(q.PaymentID))
	ctx, cancel := context.WithTimeout(r.Context(), webhookTime)
	defer cancel()
	go func() {
		select {
		case <-s.closing:
			cancel()
		case <-ctx.Done():
		}
	}()
	o := object{{"iyziReferenceCode", q.ReferenceCode}}
	if status, answered, err := s.sendWebhook(ctx, &q, p.ConversationID); err != nil {
		o = append(o, object{{"status", 0}, {"error", err.Error()}}...)
	} else {
		o = append(o, object{{"status", status}, {"body", answered}}...)
	}
	writeControl(w, http.StatusOK, o)
}

// sendWebhook delivers and gives the receiver's status and body, cut to what is kept.
func (s *Server) sendWebhook(ctx context.Context, q *webhookRequest, conversationID string) (int, string, error) {
	body, err := encode(q.body(conversationID, s.ledger.Now()))
	if err != nil {
		return 0, "", err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, q.To, bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(webhookSignature, q.signature(s.keys.current().SecretKey, conversationID))
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = answer.Body.Close() }()
	answered, err := io.ReadAll(io.LimitReader(answer.Body, maxWebhookAnswer))
	if err != nil {
		return 0, "", err
	}
	return answer.StatusCode, string(answered), nil
}
