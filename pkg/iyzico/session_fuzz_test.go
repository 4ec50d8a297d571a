package iyzico

import (
	"strings"
	"testing"
)

// FuzzDecodeSessions checks that no answer makes Refund v2 or a session's call panic, believe in what the body does not say,
// or print what it holds.
func FuzzDecodeSessions(f *testing.F) {
	for _, seed := range append(decodeSeeds(),
		`{"status":"success","conversationId":"123456789","accessToken":"header.payload.signature"}`,
		`{"status":"success","paymentType":"FUND","sessionToken":"st-1","token":"t","paymentId":24233528}`,
		`{"status":"success","sessionToken":"st-1","memberIdentifier":"mi-1","sessionStatus":"PASSIVE","paymentType":"FUND"}`,
	) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		c := answeringClient(t, 200, body)
		refund, err := c.RefundPayment(t.Context(), RefundPaymentRequest{PaymentID: "25180188", Price: amount("5"), Currency: "TRY", ConversationID: "conv-1"})
		checkDecoded(t, 200, body, refund != nil, err)
		if err == nil && (!refund.SignatureVerified || !refund.Price.Equal(amount("5")) || refund.PaymentID != "25180188" || refund.ConversationID != "conv-1") {
			t.Fatalf("%s: unproved success %+v", body, refund)
		}
		session := SessionRequest{Session: testSession, ConversationID: "conv-1"}
		last, err := c.RetrieveLastPayment(t.Context(), "at-1", session)
		checkDecoded(t, 200, body, last != nil, err)
		state, err := c.RetrieveSession(t.Context(), RetrieveSessionRequest{CheckoutFormToken: "cf-1", PaymentID: "1"})
		checkDecoded(t, 200, body, state != nil, err)
		ended, err := c.InvalidateSession(t.Context(), session)
		checkDecoded(t, 200, body, ended != nil, err)
		token, err := c.RetrieveAccessToken(t.Context(), session)
		checkDecoded(t, 200, body, token != nil, err)
		if err == nil && (token.AccessToken == "" || !isVisibleASCII(token.AccessToken.Reveal())) {
			t.Fatalf("%s: a token that no header can hold", body)
		}
		charged, err := c.RefundChargedToMerchant(t.Context(), testRefundRequest())
		checkDecoded(t, 200, body, charged != nil, err)
		if err == nil && (!charged.Price.Equal(amount("5")) || charged.ConversationID != "conv-1" || charged.PaymentTransactionID != "27169345") {
			t.Fatalf("%s: unproved success %+v", body, charged)
		}
	})
}

// FuzzErrorText plants a canary in iyzico's words and in what is asked for: no error prints it.
func FuzzErrorText(f *testing.F) {
	for _, body := range []string{
		`{"status":"failure","errorCode":"10051","errorMessage":"@","errorGroup":"@"}`, `{"status":"failure","errorCode":"@"}`, `{"status":"success","conversationId":"@"}`,
		`{"status":"@"}`, `{"status":{"@":1}}`, `<html>@`, `{"status":"failure","errorCode":"1","conversationId":"@"}`,
	} {
		f.Add(200, body)
		f.Add(502, body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 100 || status > 999 {
			return
		}
		body = strings.ReplaceAll(body, "@", canary)
		c := answeringClient(t, status, body)
		_, err := c.Refund(t.Context(), RefundRequest{PaymentTransactionID: "1", Price: amount("5"), ConversationID: "conv-1", Reason: RefundReasonOther, Description: canary})
		if err == nil {
			t.Fatalf("%s: an unsigned success", body)
		}
		if text := strings.ToLower(err.Error()); strings.Contains(text, canary) || len(text) > 2000 {
			t.Fatalf("%s: it prints %.300s", body, text)
		}
	})
}
