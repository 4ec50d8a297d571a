package iyzico

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// authorizationOf returns the Authorization header of a request as sent with the test's keys.
func authorizationOf(path, body string) string {
	return AuthorizationHeader(testAPIKey, testRandomKey, Sign(testSecretKey, testRandomKey, path, []byte(body)))
}

func TestRefundSendsTheSignedBytesOfTheReference(t *testing.T) {
	t.Parallel()
	var requests []sent
	answer := strings.ReplaceAll(refundAnswer("5", ResponseSignature(testSecretKey, "25180188", "5", "TRY", "123456789")), "conv-1", "123456789")
	c := testClient(t, SandboxURL, WithTransport(answering(200, answer, &requests)))
	refund, err := c.Refund(testContext(t), RefundRequest{
		PaymentTransactionID: "27169345", Price: amount("5.00"), Currency: "TRY", ConversationID: "123456789", IP: "85.34.78.112",
		ExpectedPaymentID: "25180188",
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(requests) != 1 {
		t.Fatalf("%d requests", len(requests))
	}
	got := requests[0]
	// Body and header are vector A1 of docs/iyzico.md §1.4.
	if want := `{"locale":"tr","conversationId":"123456789","paymentTransactionId":"27169345","price":"5.0","ip":"85.34.78.112","currency":"TRY"}`; got.body != want {
		t.Errorf("body:\n got %s\nwant %s", got.body, want)
	}
	want := map[string][]string{
		"Accept":       {"application/json"},
		"Content-Type": {"application/json"},
		"Authorization": {"IYZWSv2 YXBpS2V5OnNhbmRib3gtYXBpS2V5JnJhbmRvbUtleToxMjM0NTY3ODkmc2lnbmF0dXJlOjA4NGY0MjdlNmJiOTA5ZmI3YmE4ODQ0NWU1ZTAzYTcyMWQyYWQ5ZTc4" +
			"ODgwZWU3YThjODMxYTMyYjcwOWMyYzQ="},
		"User-Agent":            {"iade-go"},
		"X-Iyzi-Client-Version": {"iade-go"},
		"X-Iyzi-Rnd":            {"123456789"},
	}
	if diff := cmp.Diff(want, map[string][]string(got.header)); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	if got.method != "POST" || got.url != SandboxURL+"/payment/refund" {
		t.Errorf("got %s %s", got.method, got.url)
	}
	retryable := false
	wantRefund := &Refund{
		Envelope:  Envelope{HTTPStatus: 200, Locale: "tr", SystemTime: refund.SystemTime, ConversationID: "123456789"},
		PaymentID: "25180188", PaymentTransactionID: "27169345", Price: amount("5"), Currency: "TRY", AuthCode: "512821",
		HostReference: "mock00007iyzihostrfn", RefundHostReference: "mock00008iyzihostrfn", Retryable: &retryable, SignatureVerified: true,
	}
	if diff := cmp.Diff(wantRefund, refund); diff != "" {
		t.Errorf("refund (-want +got):\n%s", diff)
	}
	if refund.SystemTime.UnixMilli() != 1755703798426 {
		t.Errorf("system time %v", refund.SystemTime)
	}
}

func TestRefundSendsReasonAndDescriptionAsTheyAre(t *testing.T) {
	t.Parallel()
	req := testRefundRequest()
	req.Locale, req.Reason, req.Description = LocaleEN, RefundReasonDoublePayment, `küçük & "büyük" <iade>`
	var requests []sent
	c := testClient(t, SandboxURL, WithTransport(answering(200, signedRefund("5"), &requests)))
	if _, err := c.Refund(testContext(t), req); err != nil {
		t.Fatal(err)
	}
	got := requests[0]
	for _, want := range []string{`"reason":"DOUBLE_PAYMENT"`, `"description":"küçük & \"büyük\" <iade>"`, `"locale":"en"`} {
		if !strings.Contains(got.body, want) {
			t.Errorf("%s is not in %s", want, got.body)
		}
	}
	if got.header.Get("Authorization") != authorizationOf("/payment/refund", got.body) {
		t.Error("the signature is not of the bytes sent")
	}
}

func TestRefundWithoutCurrencySendsNoneAndTakesTheAnswers(t *testing.T) {
	t.Parallel()
	var requests []sent
	c := testClient(t, SandboxURL, WithTransport(answering(200, signedRefund("5"), &requests)))
	req := testRefundRequest()
	req.Currency = ""
	refund, err := c.Refund(testContext(t), req)
	if err != nil || refund.Currency != "TRY" || strings.Contains(requests[0].body, "currency") {
		t.Errorf("got %+v, %v, sent %s", refund, err, requests[0].body)
	}
}

func TestRefundOfAnotherPaymentThanExpectedIsUnknown(t *testing.T) {
	t.Parallel()
	req := testRefundRequest()
	req.ExpectedPaymentID = "1"
	_, err := answeringClient(t, 200, signedRefund("5")).Refund(testContext(t), req)
	if e := wantError(t, err, Unknown, ReasonEchoMismatch); e.Field != "paymentId" {
		t.Errorf("field %q", e.Field)
	}
}

func refundPaymentAnswer(signature string) string {
	return `{"status":"success","conversationId":"123456789","paymentId":"25180208","price":15.00000000,"currency":"TRY","retryable":false,"signature":"` + signature + `"}`
}

func TestRefundPaymentAcceptsBothDocumentedSignatureOrders(t *testing.T) {
	t.Parallel()
	req := RefundPaymentRequest{PaymentID: "25180208", Price: amount("15"), Currency: "TRY", ConversationID: "123456789", IP: "85.34.78.112"}
	for _, tc := range []struct {
		name, signature string
		warnings        []string
	}{
		{"docs order", "444663c66d146354aa8b855392c3499157de853291c8e9f997e7df1cb027d07c", nil},
		{"node sample's order", ResponseSignature(testSecretKey, "25180208", "123456789"), []string{WarningSignatureOrder}},
	} {
		var requests []sent
		c := testClient(t, SandboxURL, WithTransport(answering(200, refundPaymentAnswer(tc.signature), &requests)))
		refund, err := c.RefundPayment(testContext(t), req)
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		if !refund.SignatureVerified || !slices.Equal(refund.Warnings, tc.warnings) || refund.PaymentTransactionID != "" {
			t.Errorf("%s: got %+v", tc.name, refund)
		}
		// The body is vector A2 of docs/iyzico.md §1.4.
		if want := `{"locale":"tr","conversationId":"123456789","price":"15.0","paymentId":"25180208","currency":"TRY","ip":"85.34.78.112"}`; requests[0].body != want {
			t.Errorf("%s: sent %s", tc.name, requests[0].body)
		}
		if requests[0].url != SandboxURL+"/v2/payment/refund" || requests[0].header.Get("Authorization") != authorizationOf("/v2/payment/refund", requests[0].body) {
			t.Errorf("%s: sent to %s, signed %s", tc.name, requests[0].url, requests[0].header.Get("Authorization"))
		}
	}
	for reason, signature := range map[string]string{ReasonBadSignature: strings.Repeat("0", 64), ReasonMissingSignature: ""} {
		_, err := answeringClient(t, 200, refundPaymentAnswer(signature)).RefundPayment(testContext(t), req)
		wantError(t, err, Unknown, reason)
	}
	body := refundPaymentAnswer(ResponseSignature(testSecretKey, "25180208", "15", "TRY", "123456789"))
	for field, changed := range map[string]string{
		"paymentId":      replace(t, body, "25180208", "1"),
		"conversationId": replace(t, body, `"123456789"`, `"1"`),
		"price":          replace(t, body, "15.00000000", "15.01"),
		"currency":       replace(t, body, "TRY", "EUR"),
	} {
		_, err := answeringClient(t, 200, changed).RefundPayment(testContext(t), req)
		if e := wantError(t, err, Unknown, ReasonEchoMismatch); e.Field != field {
			t.Errorf("got field %s, want %s", e.Field, field)
		}
	}
	withLine, err := answeringClient(t, 200, replace(t, body, `"price"`, `"paymentTransactionId":27169345,"price"`)).RefundPayment(testContext(t), req)
	if err != nil || withLine.PaymentTransactionID != "27169345" {
		t.Errorf("got %+v, %v", withLine, err)
	}
}

// TestAWholeRefundOnThePaymentsDayIsCarriedOutAsACancel: the shape is the sandbox's, of 2026-06-11.
func TestAWholeRefundOnThePaymentsDayIsCarriedOutAsACancel(t *testing.T) {
	t.Parallel()
	body := `{"status":"success","locale":"tr","systemTime":1781209779000,"conversationId":"OURS","paymentId":"35790001","price":10.21,"currency":"TRY",` +
		`"authCode":"900002","hostReference":"x","refundHostReference":"x-02","retryable":false,"signature":"` +
		ResponseSignature(testSecretKey, "35790001", "10.21", "TRY", "OURS") + `","transactionType":"CANCEL"}`
	req := RefundPaymentRequest{PaymentID: "35790001", Price: amount("10.21"), Currency: "TRY", ConversationID: "OURS"}
	refund, err := answeringClient(t, 200, body).RefundPayment(testContext(t), req)
	if err != nil || refund.TransactionType != CarriedOutAsCancel || !refund.SystemTime.Equal(time.UnixMilli(1781209779000)) {
		t.Errorf("got %+v, %v", refund, err)
	}
	for word, want := range map[string]string{`"REFUND"`: CarriedOutAsRefund, `null`: "", `"SOMETHING_NEW"`: "SOMETHING_NEW"} {
		refund, err := answeringClient(t, 200, replace(t, body, `"CANCEL"`, word)).RefundPayment(testContext(t), req)
		if err != nil || refund.TransactionType != want {
			t.Errorf("%s: got %+v, %v", word, refund, err)
		}
	}
}

// TestARefundKeepsEightDecimals: iyzico spreads a surcharge over a payment's lines to 8 decimals.
func TestARefundKeepsEightDecimals(t *testing.T) {
	t.Parallel()
	req := testRefundRequest()
	req.Price = amount("0.30599401")
	for _, written := range []string{"0.30599401", `"0.305994010"`, "30599401E-8"} {
		var requests []sent
		body := refundAnswer(written, ResponseSignature(testSecretKey, "25180188", "0.30599401", "TRY", "conv-1"))
		refund, err := testClient(t, SandboxURL, WithTransport(answering(200, body, &requests))).Refund(testContext(t), req)
		if err != nil || !refund.Price.Equal(req.Price) || !strings.Contains(requests[0].body, `"price":"0.30599401"`) {
			t.Errorf("%s: got %+v, %v, sent %v", written, refund, err, requests)
		}
	}
	_, err := answeringClient(t, 200, refundAnswer("0.30599402", "x")).Refund(testContext(t), req)
	if e := wantError(t, err, Unknown, ReasonEchoMismatch); e.Field != "price" {
		t.Errorf("field %s", e.Field)
	}
}

// TestACurrencyMayBeWrittenInLowerCase: the signature is over the letters that the answer has.
func TestACurrencyMayBeWrittenInLowerCase(t *testing.T) {
	t.Parallel()
	body := replace(t, refundAnswer("5", ResponseSignature(testSecretKey, "25180188", "5", "try", "conv-1")), `"TRY"`, `"try"`)
	refund, err := answeringClient(t, 200, body).Refund(testContext(t), testRefundRequest())
	if err != nil || refund.Currency != "TRY" {
		t.Errorf("got %+v, %v", refund, err)
	}
}

func TestRefundChargedToMerchantIsARefundWithoutASignature(t *testing.T) {
	t.Parallel()
	const path = "/payment/iyzipos/refund/merchant/charge"
	for _, signature := range []string{"", "whatever"} {
		var requests []sent
		c := testClient(t, SandboxURL, WithTransport(answering(200, refundAnswer("5", signature), &requests)))
		refund, err := c.RefundChargedToMerchant(testContext(t), testRefundRequest())
		if err != nil || refund.SignatureVerified || !refund.Price.Equal(amount("5")) || refund.PaymentTransactionID != "27169345" {
			t.Fatalf("got %+v, %v", refund, err)
		}
		if want := `{"locale":"tr","conversationId":"conv-1","paymentTransactionId":"27169345","price":"5.0","currency":"TRY"}`; requests[0].body != want {
			t.Errorf("sent %s", requests[0].body)
		}
		if requests[0].url != SandboxURL+path || requests[0].header.Get("Authorization") != authorizationOf(path, requests[0].body) {
			t.Errorf("sent to %s", requests[0].url)
		}
	}
	body := refundAnswer("5", "")
	for field, changed := range map[string]string{
		"conversationId":       replace(t, body, `"conv-1"`, `"conv-2"`),
		"paymentTransactionId": replace(t, body, `"27169345"`, `"1"`),
		"price":                replace(t, body, `"price":5`, `"price":4`),
		"currency":             replace(t, body, `"TRY"`, `"EUR"`),
	} {
		_, err := answeringClient(t, 200, changed).RefundChargedToMerchant(testContext(t), testRefundRequest())
		if e := wantError(t, err, Unknown, ReasonEchoMismatch); e.Field != field {
			t.Errorf("got field %s, want %s", e.Field, field)
		}
	}
	_, err := answeringClient(t, 200, `{"status":"failure","errorCode":"10220"}`).RefundChargedToMerchant(testContext(t), testRefundRequest())
	wantError(t, err, Rejected, ReasonRefused)
}
