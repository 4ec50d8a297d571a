package iyzico

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"
)

// WebhookSignatureHeader is the header of a notification's signature. iyzico's support switches it on for an account.
const WebhookSignatureHeader = "X-IYZ-SIGNATURE-V3"

// maxWebhookBytes bounds a notification's body; real ones have less than 1 KiB.
const maxWebhookBytes = 64 << 10

// The errors of ReadWebhook. None shows anything of the notification.
var (
	// ErrWebhookUnreadable means that the body is no notification: too long, no JSON object, a member twice, or a member
	// that cannot be read.
	ErrWebhookUnreadable = errors.New("iyzico: webhook: unreadable")
	// ErrWebhookSignature means that the signature fits none of the keys.
	ErrWebhookSignature = errors.New("iyzico: webhook: the signature does not fit")
)

// Webhook is a notification that iyzico signed. It is a reason to read the report soon, never proof that money moved: the
// signature joins its values without a mark between them, and a notification can come again or late.
type Webhook struct {
	// EventType is such as PAYMENT_API, CHECKOUT_FORM_AUTH, PWI_TKN_FUND or REFUND_RETRY_SUCCESS. iyzico adds new ones.
	EventType string
	// PaymentID is at most 19 digits, or empty.
	PaymentID string
	// PaymentConversationID is the payment's, not a refund's.
	PaymentConversationID string
	// Status is such as SUCCESS, FAILURE or INIT_THREEDS.
	Status string
	// Token is the hosted page's, empty in the direct format.
	Token Secret

	// The signature does not cover what follows.

	// ReferenceCode names the event; iyzico repeats it when it sends the notification again.
	ReferenceCode string
	MerchantID    string
	// EventAt is the time of the first notification, the zero time if absent or unreadable.
	EventAt time.Time
}

type wireWebhook struct {
	EventType             token `json:"iyziEventType"`
	PaymentID             token `json:"paymentId"`
	IyziPaymentID         token `json:"iyziPaymentId"`
	Token                 token `json:"token"`
	PaymentConversationID token `json:"paymentConversationId"`
	Status                token `json:"status"`
	ReferenceCode         token `json:"iyziReferenceCode"`
	MerchantID            token `json:"merchantId"`
	EventTime             token `json:"iyziEventTime"`
}

// ReadWebhook reads a notification of at most 64 KiB and checks its signature, the value of WebhookSignatureHeader, with each
// of the secret keys: during a rotation give the current and the previous one. A notification with a token is in the format
// of hosted pages, or in the direct one if its signature says so; any other is in the direct one. Members and events that are not known are left alone; ids may be numbers or
// strings. It fails with ErrWebhookUnreadable or ErrWebhookSignature, or with the error of reading body.
func ReadWebhook(body io.Reader, signature string, secretKeys ...Secret) (*Webhook, error) {
	text, err := io.ReadAll(io.LimitReader(body, maxWebhookBytes+1))
	if err != nil {
		return nil, err
	}
	var wire wireWebhook
	if len(text) > maxWebhookBytes || json.Unmarshal(text, &wire) != nil || repeatsAMember(text) || !wire.readable() {
		return nil, ErrWebhookUnreadable
	}
	hook := &Webhook{
		EventType:             wire.EventType.text,
		PaymentID:             wire.PaymentID.text,
		PaymentConversationID: wire.PaymentConversationID.text,
		Status:                wire.Status.text,
		Token:                 Secret(wire.Token.text),
		ReferenceCode:         wire.ReferenceCode.str(),
		MerchantID:            wire.MerchantID.str(),
		EventAt:               wire.EventTime.millis(),
	}
	direct := *hook
	if hook.Token != "" {
		hook.PaymentID = wire.IyziPaymentID.text
	}
	for _, id := range []string{hook.PaymentID, direct.PaymentID} {
		if len(id) > maxIDLen || digits(id) != len(id) {
			return nil, ErrWebhookUnreadable
		}
	}
	if !hook.signedBy(signature, secretKeys) {
		// A token beside a payment's id may be a member that the direct format has got meanwhile.
		direct.Token = ""
		if hook.Token == "" || direct.PaymentID == "" || !direct.signedBy(signature, secretKeys) {
			return nil, ErrWebhookSignature
		}
		return &direct, nil
	}
	return hook, nil
}

// readable tells whether the members that are signed can be read, and the event has a name.
func (w *wireWebhook) readable() bool {
	for _, t := range []token{w.EventType, w.PaymentID, w.IyziPaymentID, w.Token, w.PaymentConversationID, w.Status} {
		if t.unreadable || len(t.text) > maxTextLen {
			return false
		}
	}
	return w.EventType.text != ""
}

// signedBy compares the signature with that of every key, so that the time taken does not tell which one fits.
func (w *Webhook) signedBy(signature string, secretKeys []Secret) bool {
	fits := false
	for _, key := range secretKeys {
		if key == "" {
			continue
		}
		want := WebhookSignatureDirect(key, w.EventType, w.PaymentID, w.PaymentConversationID, w.Status)
		if w.Token != "" {
			want = WebhookSignatureHPP(key, w.EventType, w.PaymentID, w.Token, w.PaymentConversationID, w.Status)
		}
		fits = SignaturesEqual(signature, want) || fits
	}
	return fits
}

// WebhookSignatureDirect returns the signature of a notification in the direct format (API and 3DS payments), as lowercase
// hex (docs, webhook). It is for tests and fakes; ReadWebhook checks one.
func WebhookSignatureDirect(secretKey Secret, eventType, paymentID, paymentConversationID, status string) string {
	return webhookSignature(secretKey, eventType, paymentID, paymentConversationID, status)
}

// WebhookSignatureHPP returns the signature of a notification in the format of hosted pages (checkout form, pay with iyzico,
// tokenization), as lowercase hex (docs, webhook). It is for tests and fakes; ReadWebhook checks one.
func WebhookSignatureHPP(secretKey Secret, eventType, iyziPaymentID string, token Secret, paymentConversationID, status string) string {
	return webhookSignature(secretKey, eventType, iyziPaymentID, token.Reveal(), paymentConversationID, status)
}

func webhookSignature(secretKey Secret, values ...string) string {
	return hexMAC(secretKey, []byte(secretKey.Reveal()+strings.Join(values, "")))
}
