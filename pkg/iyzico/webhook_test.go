package iyzico

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The vectors of the php SDK's sample webhook_Signature_Validation.
const (
	webhookKey      = Secret("sandbox-UuLnD7wZa0a3DmytfIrwHQqAMfqCNJrs")
	directSignature = "92c7a72b7741bc83eb696066605c894778c87297b2c88d6037670666230e18ae"
	hppSignature    = "4031c575763486a2d2bf3f7ace0baebfcd6bed65393ab4df3fe80c00d5fd6878"

	directWebhook = `{"paymentConversationId":"conversationId","merchantId":123,"paymentId":"22484059","status":"SUCCESS","iyziReferenceCode":"ref-1",` +
		`"iyziEventType":"API_AUTH","iyziEventTime":1781209779000,"iyziPaymentId":22484059}`
	hppWebhook = `{"paymentConversationId":"conversationId","merchantId":"123","token":"e828c62d-fd12-4b1a-ad5a-380f15fe6596","status":"SUCCESS",` +
		`"iyziReferenceCode":"ref-2","iyziEventType":"CHECKOUT_FORM_AUTH","iyziEventTime":1781209779000,"iyziPaymentId":22483975}`
)

func TestReadWebhookReadsBothFormats(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1781209779000).UTC()
	for _, tc := range []struct {
		body, signature string
		want            Webhook
	}{
		{directWebhook, directSignature, Webhook{EventType: "API_AUTH", PaymentID: "22484059", PaymentConversationID: "conversationId", Status: "SUCCESS",
			ReferenceCode: "ref-1", MerchantID: "123", EventAt: at}},
		{hppWebhook, hppSignature, Webhook{EventType: "CHECKOUT_FORM_AUTH", PaymentID: "22483975", PaymentConversationID: "conversationId", Status: "SUCCESS",
			Token: "e828c62d-fd12-4b1a-ad5a-380f15fe6596", ReferenceCode: "ref-2", MerchantID: "123", EventAt: at}},
	} {
		for _, keys := range [][]Secret{{webhookKey}, {"the-new-key", webhookKey}, {webhookKey, "the-old-key"}, {"", webhookKey}} {
			got, err := ReadWebhook(strings.NewReader(tc.body), tc.signature, keys...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&tc.want, got); diff != "" {
				t.Errorf("webhook (-want +got):\n%s", diff)
			}
		}
	}
}

func TestReadWebhookToleratesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	retried := replace(t, directWebhook, "API_AUTH", "REFUND_RETRY_SUCCESS")
	signature := WebhookSignatureDirect(webhookKey, "REFUND_RETRY_SUCCESS", "22484059", "conversationId", "SUCCESS")
	for name, body := range map[string]string{
		"a number for the payment": replace(t, retried, `"22484059"`, `22484059`),
		"members unknown to us":    replace(t, retried, `{"payment`, `{"new":{"deep":[1,{"x":null}]},"payment`),
		"no merchant and no time":  replace(t, replace(t, retried, `"merchantId":123,`, ``), `"iyziEventTime":1781209779000,`, `"iyziEventTime":"later",`),
		"a null token":             replace(t, retried, `{"payment`, `{"token":null,"payment`),
		"a token that is new":      replace(t, retried, `{"payment`, `{"token":"x","payment`),
	} {
		got, err := ReadWebhook(strings.NewReader(body), signature, webhookKey)
		if err != nil || got.EventType != "REFUND_RETRY_SUCCESS" || got.PaymentID != "22484059" || got.Token != "" {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	nameless := `{"iyziEventType":"NEW","status":"SUCCESS"}`
	if got, err := ReadWebhook(strings.NewReader(nameless), WebhookSignatureDirect(webhookKey, "NEW", "", "", "SUCCESS"), webhookKey); err != nil || got.PaymentID != "" {
		t.Errorf("without a payment: got %+v, %v", got, err)
	}
}

func TestReadWebhookRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, body, signature string
		keys                  []Secret
		want                  error
	}{
		{"another key", directWebhook, directSignature, []Secret{"other"}, ErrWebhookSignature},
		{"no key", directWebhook, directSignature, nil, ErrWebhookSignature},
		{"an empty key and its signature", directWebhook, WebhookSignatureDirect("", "API_AUTH", "22484059", "conversationId", "SUCCESS"), []Secret{""}, ErrWebhookSignature},
		{"no signature", directWebhook, "", []Secret{webhookKey}, ErrWebhookSignature},
		{"another payment", replace(t, directWebhook, `"22484059"`, `"22484058"`), directSignature, []Secret{webhookKey}, ErrWebhookSignature},
		{"another status", replace(t, directWebhook, `"SUCCESS"`, `"FAILURE"`), directSignature, []Secret{webhookKey}, ErrWebhookSignature},
		{"another event", replace(t, directWebhook, `API_AUTH`, `BALANCE`), directSignature, []Secret{webhookKey}, ErrWebhookSignature},
		{"the other format's signature", hppWebhook, WebhookSignatureDirect(webhookKey, "CHECKOUT_FORM_AUTH", "22483975", "conversationId", "SUCCESS"), []Secret{webhookKey}, ErrWebhookSignature},
		{"a member twice", replace(t, directWebhook, `{"payment`, `{"status":"SUCCESS","payment`), directSignature, []Secret{webhookKey}, ErrWebhookUnreadable},
		{"a member twice in other letters", replace(t, directWebhook, `{"payment`, `{"STATUS":"SUCCESS","payment`), directSignature, []Secret{webhookKey}, ErrWebhookUnreadable},
		{"an object for the payment", replace(t, directWebhook, `"22484059"`, `{}`), directSignature, []Secret{webhookKey}, ErrWebhookUnreadable},
		{"words for the payment", replace(t, directWebhook, `"22484059"`, `"2248/../x"`), WebhookSignatureDirect(webhookKey, "API_AUTH", "2248/../x", "conversationId", "SUCCESS"), []Secret{webhookKey}, ErrWebhookUnreadable},
		{"words for the payment beside a token", replace(t, hppWebhook, `{"payment`, `{"paymentId":"x","payment`), hppSignature, []Secret{webhookKey}, ErrWebhookUnreadable},
		{"a payment of 20 digits", replace(t, directWebhook, `"22484059"`, `"12345678901234567890"`), directSignature, []Secret{webhookKey}, ErrWebhookUnreadable},
		{"no event", replace(t, directWebhook, `"iyziEventType":"API_AUTH",`, ``), directSignature, []Secret{webhookKey}, ErrWebhookUnreadable},
		{"an endless status", replace(t, directWebhook, `"SUCCESS"`, `"`+strings.Repeat("S", 1025)+`"`), directSignature, []Secret{webhookKey}, ErrWebhookUnreadable},
		{"an endless body", directWebhook + strings.Repeat(" ", 64<<10), directSignature, []Secret{webhookKey}, ErrWebhookUnreadable},
		{"no object", `[]`, directSignature, []Secret{webhookKey}, ErrWebhookUnreadable},
		{"half an object", directWebhook[:60], directSignature, []Secret{webhookKey}, ErrWebhookUnreadable},
		{"nothing", ``, directSignature, []Secret{webhookKey}, ErrWebhookUnreadable},
	} {
		if hook, err := ReadWebhook(strings.NewReader(tc.body), tc.signature, tc.keys...); hook != nil || !errors.Is(err, tc.want) {
			t.Errorf("%s: got %+v, %v", tc.name, hook, err)
		}
	}
	broken := errors.New("the line is cut")
	if _, err := ReadWebhook(io.MultiReader(strings.NewReader("{"), iotest.ErrReader(broken)), directSignature, webhookKey); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// FuzzReadWebhook: no body makes it panic, believe a signature that does not fit, or take over an id that is none.
func FuzzReadWebhook(f *testing.F) {
	for _, body := range []string{directWebhook, hppWebhook, `{}`, `null`, `{"iyziEventType":"X","token":"t","token":"u"}`, `{"iyziEventType":1,"paymentId":1e5}`} {
		f.Add(body, directSignature)
		f.Add(body, hppSignature)
	}
	f.Fuzz(func(t *testing.T, body, signature string) {
		hook, err := ReadWebhook(strings.NewReader(body), signature, "previous", webhookKey)
		if (hook == nil) == (err == nil) {
			t.Fatalf("%s: %+v, %v", body, hook, err)
		}
		if err == nil && (!hook.signedBy(signature, []Secret{"previous", webhookKey}) || len(hook.PaymentID) > maxIDLen || digits(hook.PaymentID) != len(hook.PaymentID)) {
			t.Fatalf("%s: unproved %+v", body, hook)
		}
	})
}
