package iyzico

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fundAnswer is the success example of docs/iyzico.md §4.1, shortened by nothing.
const fundAnswer = `{
    "status": "success", "locale": "en", "systemTime": 1748553300302, "conversationId": "conversationId",
    "sessionToken": "16f60166-74ba-4e5c-ac52-31b5762652d4", "paymentId": 24233528, "paymentStatus": "SUCCESS",
    "checkoutToken": "7ce32610-9851-4b16-939a-5d4beae75475", "price": 1.00000000, "paidPrice": 1.00000000, "installment": 1, "fraudStatus": 1,
    "merchantCommissionRate": 0E-8, "merchantCommissionRateAmount": 0E-8, "iyziCommissionRateAmount": 0.01750000, "iyziCommissionFee": 0E-8, "currency": "TRY",
    "itemTransactions": [{"itemId": "BI101", "paymentTransactionId": "26241258", "transactionStatus": 2, "price": 1.00000000, "paidPrice": 1.00000000,
        "merchantCommissionRate": 0E-8, "merchantCommissionRateAmount": 0E-8, "iyziCommissionRateAmount": 0.01750000, "iyziCommissionFee": 0E-8,
        "blockageRate": 0E-8, "blockageRateAmountMerchant": 0E-8, "blockageRateAmountSubMerchant": 0, "blockageResolvedDate": "2025-05-31 00:00:00",
        "subMerchantPrice": 0, "subMerchantPayoutRate": 0E-8, "subMerchantPayoutAmount": 0, "merchantPayoutAmount": 0.98250000,
        "convertedPayout": {"paidPrice": 1.00000000, "iyziCommissionRateAmount": 0.01750000, "iyziCommissionFee": 0E-8, "blockageRateAmountMerchant": 0E-8,
            "blockageRateAmountSubMerchant": 0E-8, "subMerchantPayoutAmount": 0E-8, "merchantPayoutAmount": 0.98250000, "iyziConversionRate": 0,
            "iyziConversionRateAmount": 0, "currency": "TRY"}}],
    "phase": "AUTH", "signature": "096cf80a59d611f1702803b91bc073300e9a57a5ab47e4a839e598fc13af3d5b"
}`

// fundBody is the request example of docs/iyzico.md §4.1, with an address of ours and without what is optional and not sent.
const fundBody = `{
    "sessionToken": "st-1", "memberIdentifier": "mi-1", "conversationId": "conversationId", "locale": "en", "paymentType": "FUND",
    "paidPrice": 1.0, "price": 1.0, "callbackUrl": "https://merchant.example/cb", "paymentGroup": "PRODUCT", "currency": "TRY", "basketId": "B67832",
    "buyer": {"id": "BY789", "name": "John", "surname": "Doe", "identityNumber": "74300864111", "email": "john@doe.example", "gsmNumber": "+905555555555",
        "registrationAddress": "Adres", "city": "Istanbul", "country": "Turkey", "ip": "85.34.78.112", "zipCode": "34580"},
    "shippingAddress": {"address": "Altunizade Mah. İnci Çıkmazı", "contactName": "Jane Doe", "city": "Istanbul", "country": "Turkey", "zipCode": "34580"},
    "billingAddress": {"address": "Altunizade Mah. İnci Çıkmazı", "contactName": "Jane Doe", "city": "Istanbul", "country": "Turkey", "zipCode": "34580"},
    "basketItems": [{"id": "BI101", "price": 1.0, "name": "Binocular", "category1": "Collectibles", "itemType": "PHYSICAL"}]
}`

func testFundRequest() FundPaymentRequest {
	address := Address{Address: "Altunizade Mah. İnci Çıkmazı", ContactName: "Jane Doe", City: "Istanbul", Country: "Turkey", ZipCode: "34580"}
	return FundPaymentRequest{
		Session: testSession, AccessToken: "at-1", ConversationID: "conversationId", Locale: LocaleEN, Price: amount("1"), PaidPrice: amount("1.00"),
		Currency: "TRY", CallbackURL: "https://merchant.example/cb", PaymentGroup: "PRODUCT", BasketID: "B67832",
		Buyer: Buyer{ID: "BY789", Name: "John", Surname: "Doe", IdentityNumber: "74300864111", Email: "john@doe.example", GSMNumber: "+905555555555",
			RegistrationAddress: "Adres", City: "Istanbul", Country: "Turkey", IP: "85.34.78.112", ZipCode: "34580"},
		ShippingAddress: &address, BillingAddress: address,
		BasketItems: []BasketItem{{ID: "BI101", Price: amount("1"), Name: "Binocular", Category1: "Collectibles", ItemType: ItemPhysical}},
	}
}

func TestFundPaymentFollowsTheSeedsExample(t *testing.T) {
	t.Parallel()
	var requests []sent
	c := testClient(t, SandboxURL, WithTransport(answering(200, fundAnswer, &requests)))
	payment, err := c.CreateFundPayment(testContext(t), testFundRequest())
	if err != nil {
		t.Fatal(err)
	}
	var want, got map[string]any
	for text, into := range map[string]*map[string]any{fundBody: &want, requests[0].body: &got} {
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		if err := decoder.Decode(into); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	const path = "/v1/pay-with-iyzico/third-party-session/checkout/auth"
	if requests[0].url != SandboxURL+path || requests[0].header.Get("Authorization") != authorizationOf(path, requests[0].body) ||
		requests[0].header.Get("Access-Token") != "at-1" {
		t.Errorf("sent to %s with %v", requests[0].url, requests[0].header)
	}
	line := payment.Lines[0]
	if payment.PaymentID != "24233528" || payment.PaymentStatus != PaymentStatusSuccess || *payment.FraudStatus != 1 || !payment.PaidPrice.Equal(amount("1")) ||
		!payment.MerchantCommissionRate.IsZero() || !payment.IyziCommissionRateAmount.Equal(amount("0.0175")) || payment.Phase != "AUTH" ||
		payment.CheckoutToken.Reveal() != "7ce32610-9851-4b16-939a-5d4beae75475" || payment.SessionToken.Reveal() != "16f60166-74ba-4e5c-ac52-31b5762652d4" ||
		line.PaymentTransactionID != "26241258" || !line.MerchantPayoutAmount.Equal(amount("0.9825")) || line.BlockageResolvedDate != "2025-05-31 00:00:00" ||
		line.ConvertedPayout == nil || line.ConvertedPayout.Currency != "TRY" || !line.ConvertedPayout.MerchantPayoutAmount.Equal(amount("0.9825")) {
		t.Errorf("got %+v, line %+v", payment, line)
	}
	if payment.SignatureVerified || !slices.Equal(payment.Warnings, []string{WarningSignatureInvalid}) {
		t.Errorf("signature verified %t, warnings %v", payment.SignatureVerified, payment.Warnings)
	}
}

func TestFundPaymentWarnsOfSignatures(t *testing.T) {
	t.Parallel()
	const member = `"signature": "096cf80a59d611f1702803b91bc073300e9a57a5ab47e4a839e598fc13af3d5b"`
	signed := func(basketID string) string {
		return replace(t, fundAnswer, member, `"signature": "`+ResponseSignature(testSecretKey, "24233528", "TRY", basketID, "conversationId", "1", "1")+`"`)
	}
	for _, tc := range []struct {
		name, body string
		verified   bool
		warnings   []string
	}{
		{"invalid", fundAnswer, false, []string{WarningSignatureInvalid}},
		{"missing", replace(t, fundAnswer, member, `"x": 1`), false, []string{WarningSignatureMissing}},
		{"with our basket", signed("B67832"), true, nil},
		{"without basket", signed(""), true, nil},
	} {
		payment, err := answeringClient(t, 200, tc.body).CreateFundPayment(testContext(t), testFundRequest())
		if err != nil || payment.SignatureVerified != tc.verified || !slices.Equal(payment.Warnings, tc.warnings) {
			t.Errorf("%s: got %+v, %v", tc.name, payment, err)
		}
	}
}

func TestFundPaymentVerdicts(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, body    string
		outcome       Outcome
		reason, field string
	}{
		{"session's payment type", `{"status":"failure","errorCode":"260018","errorMessage":"Session payment type is not matched.","locale":"en","systemTime":1751956747198}`, Rejected, ReasonRefused, ""},
		{"insufficient balance", `{"status":"failure","errorCode":"10051"}`, Rejected, ReasonRefused, ""},
		{"payment failed", replace(t, fundAnswer, `"SUCCESS"`, `"FAILURE"`), Rejected, ReasonDeclined, ""},
		{"fraud filter says no", replace(t, fundAnswer, `"fraudStatus": 1`, `"fraudStatus": -1`), Rejected, ReasonDeclined, ""},
		{"payment failed and names no payment", `{"status":"success","conversationId":"conversationId","paymentStatus":"FAILURE"}`, Rejected, ReasonDeclined, ""},
		{"another payment failed", `{"status":"success","conversationId":"x","paymentStatus":"FAILURE"}`, Unknown, ReasonEchoMismatch, "conversationId"},
		{"some payment failed", `{"status":"success","paymentStatus":"FAILURE"}`, Unknown, ReasonEchoMismatch, "conversationId"},
		{"a payment of another price failed", `{"status":"success","conversationId":"conversationId","paymentStatus":"FAILURE","paidPrice":2}`, Unknown, ReasonEchoMismatch, "paidPrice"},
		{"a payment of another currency failed", `{"status":"success","conversationId":"conversationId","fraudStatus":-1,"currency":"USD"}`, Unknown, ReasonEchoMismatch, "currency"},
		{"payment failed and an unreadable fraud status", `{"status":"success","conversationId":"conversationId","paymentStatus":"FAILURE","fraudStatus":"x"}`, Unknown, ReasonUnreadable, "fraudStatus"},
		{"payment failed and may be tried again", replace(t, fundAnswer, `"SUCCESS"`, `"FAILURE","retryable":true`), Unknown, ReasonRetryable, "retryable"},
		{"refusal of another price", `{"status":"failure","errorCode":"10051","price":2}`, Unknown, ReasonEchoMismatch, "price"},
		{"an unknown payment status", replace(t, fundAnswer, `"SUCCESS"`, `"INIT_THREEDS"`), Unknown, ReasonPaymentStatus, "paymentStatus"},
		{"an unknown fraud status", replace(t, fundAnswer, `"fraudStatus": 1`, `"fraudStatus": 2`), Unknown, ReasonPaymentStatus, "fraudStatus"},
		{"no fraud status", replace(t, fundAnswer, `"fraudStatus": 1,`, ``), Unknown, ReasonPaymentStatus, "fraudStatus"},
		{"other conversation", replace(t, fundAnswer, `"conversationId": "conversationId"`, `"conversationId": "x"`), Unknown, ReasonEchoMismatch, "conversationId"},
		{"no conversation", replace(t, fundAnswer, `"conversationId": "conversationId",`, ``), Unknown, ReasonEchoMismatch, "conversationId"},
		{"no payment", replace(t, fundAnswer, `"paymentId": 24233528,`, ``), Unknown, ReasonEchoMismatch, "paymentId"},
		{"other price", replace(t, fundAnswer, `"price": 1.00000000, "paidPrice": 1.00000000, "installment"`, `"price": 1.00000001, "paidPrice": 1.00000000, "installment"`), Unknown, ReasonEchoMismatch, "price"},
		{"other paidPrice", replace(t, fundAnswer, `"paidPrice": 1.00000000, "installment"`, `"paidPrice": 2, "installment"`), Unknown, ReasonEchoMismatch, "paidPrice"},
		{"other currency", replace(t, fundAnswer, `0E-8, "currency": "TRY"`, `0E-8, "currency": "USD"`), Unknown, ReasonEchoMismatch, "currency"},
		{"no lines", replace(t, fundAnswer, `"itemTransactions"`, `"x"`), Unknown, ReasonEchoMismatch, "itemTransactions"},
		{"a line without id", replace(t, fundAnswer, `"paymentTransactionId": "26241258",`, ``), Unknown, ReasonEchoMismatch, "itemTransactions[0].paymentTransactionId"},
	} {
		_, err := answeringClient(t, 200, tc.body).CreateFundPayment(testContext(t), testFundRequest())
		if e := wantError(t, err, tc.outcome, tc.reason); e.Field != tc.field {
			t.Errorf("%s: field %s", tc.name, e.Field)
		}
	}
	review, err := answeringClient(t, 200, replace(t, fundAnswer, `"fraudStatus": 1`, `"fraudStatus": 0`)).CreateFundPayment(testContext(t), testFundRequest())
	if err != nil || *review.FraudStatus != 0 {
		t.Errorf("in review: got %+v, %v", review, err)
	}
}
