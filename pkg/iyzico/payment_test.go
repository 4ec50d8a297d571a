package iyzico

import (
	"slices"
	"strings"
	"testing"
)

// detailAnswer is signed in the documented order: paymentId, currency, basketId, conversationId, paidPrice, price.
func detailAnswer(signature string) string {
	return `{"status":"success","locale":"tr","systemTime":"1755703798426","conversationId":"123456789","price":1,"paidPrice":1.1,"installment":1,` +
		`"paymentId":"25180208","fraudStatus":1,"merchantCommissionRate":10.00000000,"merchantCommissionRateAmount":0.1,"iyziCommissionRateAmount":0.0175,` +
		`"iyziCommissionFee":0.25,"cardType":"CREDIT_CARD","cardAssociation":"MASTER_CARD","cardFamily":"Paraf","binNumber":"552608","lastFourDigits":"0006",` +
		`"basketId":"B67832","currency":"TRY","itemTransactions":[{"itemId":"BI101","paymentTransactionId":"27169345","transactionStatus":2,"price":0.3,"paidPrice":0.33},` +
		`{"itemId":"BI102","paymentTransactionId":27169346,"transactionStatus":2,"price":"0.7","paidPrice":"0.77"}],"authCode":"853466","phase":"AUTH",` +
		`"hostReference":"mock00001iyzihostrfn","connectorName":"mock","paymentStatus":"SUCCESS","somethingNew":{"deep":[1,2,{"x":null}]},"signature":"` + signature + `"}`
}

func signedDetail() string {
	return detailAnswer(ResponseSignature(testSecretKey, "25180208", "TRY", "B67832", "123456789", "1.1", "1"))
}

func TestRetrievePaymentReadsThePaymentAndItsLines(t *testing.T) {
	t.Parallel()
	var requests []sent
	c := testClient(t, SandboxURL, WithTransport(answering(200, signedDetail(), &requests)))
	p, err := c.RetrievePayment(testContext(t), RetrievePaymentRequest{PaymentID: "25180208", ConversationID: "123456789"})
	if err != nil {
		t.Fatal(err)
	}
	// The body is vector A5 of docs/iyzico.md §1.4.
	if want := `{"locale":"tr","conversationId":"123456789","paymentId":"25180208"}`; requests[0].body != want {
		t.Errorf("sent %s", requests[0].body)
	}
	if requests[0].header.Get("Authorization") != authorizationOf("/payment/detail", requests[0].body) {
		t.Error("the signature is not of the bytes sent")
	}
	if p.PaymentID != "25180208" || p.PaymentStatus != "SUCCESS" || p.FraudStatus == nil || *p.FraudStatus != 1 || !p.Price.Equal(amount("1")) ||
		!p.PaidPrice.Equal(amount("1.1")) || p.Currency != "TRY" || p.Phase != "AUTH" || p.BasketID != "B67832" || p.Installment != 1 ||
		p.LastFourDigits != "0006" || !p.IyziCommissionFee.Equal(amount("0.25")) || !p.SignatureVerified || len(p.Warnings) != 0 ||
		p.SystemTime.UnixMilli() != 1755703798426 {
		t.Errorf("got %+v", p)
	}
	if len(p.Lines) != 2 || p.Lines[0].PaymentTransactionID != "27169345" || p.Lines[1].PaymentTransactionID != "27169346" ||
		p.Lines[1].ItemID != "BI102" || !p.Lines[1].PaidPrice.Equal(amount("0.77")) || p.Lines[0].TransactionStatus != 2 {
		t.Errorf("lines %+v", p.Lines)
	}
}

func TestRetrievePaymentWarnsOfSignatures(t *testing.T) {
	t.Parallel()
	for signature, warning := range map[string]string{"": WarningSignatureMissing, strings.Repeat("0", 64): WarningSignatureInvalid} {
		p, err := answeringClient(t, 200, detailAnswer(signature)).RetrievePayment(testContext(t), RetrievePaymentRequest{PaymentConversationID: "order 1"})
		if err != nil || p.SignatureVerified || !slices.Equal(p.Warnings, []string{warning}) {
			t.Errorf("got %+v, %v", p, err)
		}
	}
}

func TestRetrievePaymentFailsRatherThanMisread(t *testing.T) {
	t.Parallel()
	ok := signedDetail()
	for _, tc := range []struct{ name, body, reason, field string }{
		{"another payment", replace(t, ok, "25180208", "25180209"), ReasonEchoMismatch, "paymentId"},
		{"another query", replace(t, ok, `"conversationId":"123456789"`, `"conversationId":"1"`), ReasonEchoMismatch, "conversationId"},
		{"a line without an id", without(t, ok, `"paymentTransactionId":"27169345"`), ReasonEchoMismatch, "itemTransactions[0].paymentTransactionId"},
		{"a line without paidPrice", replace(t, ok, `,"paidPrice":"0.77"`, ``), ReasonUnreadable, "itemTransactions[1].paidPrice"},
		{"a huge paidPrice", replace(t, ok, `"0.77"`, `1e999999999`), ReasonUnreadable, "itemTransactions[1].paidPrice"},
		{"a strange fraudStatus", replace(t, ok, `"fraudStatus":1`, `"fraudStatus":1.5`), ReasonUnreadable, "fraudStatus"},
		{"lines that are no list", replace(t, ok, `"itemTransactions":[`, `"itemTransactions":{},"x":[`), ReasonUnreadable, "itemTransactions"},
	} {
		_, err := answeringClient(t, 200, tc.body).RetrievePayment(testContext(t), RetrievePaymentRequest{PaymentID: "25180208", ConversationID: "123456789"})
		if e := wantError(t, err, Unknown, tc.reason); e.Field != tc.field {
			t.Errorf("%s: field %s", tc.name, e.Field)
		}
	}
	_, err := answeringClient(t, 200, `{"status":"failure","errorCode":"5093","errorMessage":"not found"}`).
		RetrievePayment(testContext(t), RetrievePaymentRequest{PaymentID: "25180208"})
	if e := wantError(t, err, Unknown, ReasonUnknownCode); e.Code != "5093" {
		t.Errorf("code %q", e.Code)
	}
}

func TestCommissionsThatCannotBeReadAreZero(t *testing.T) {
	t.Parallel()
	body := replace(t, signedDetail(), `"iyziCommissionFee":0.25`, `"iyziCommissionFee":"n/a"`)
	p, err := answeringClient(t, 200, body).RetrievePayment(testContext(t), RetrievePaymentRequest{PaymentID: "25180208"})
	if err != nil || !p.IyziCommissionFee.IsZero() {
		t.Errorf("got %+v, %v", p, err)
	}
}
