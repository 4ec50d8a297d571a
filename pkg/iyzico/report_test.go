package iyzico

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// reportAnswer is the example of the documents' page reporting-service with a cancel and more members.
const reportAnswer = `{"status":"success","locale":"tr","systemTime":1756383869332,"conversationId":"q-1","payments":[{
  "paymentId":25236546,"paymentStatus":1,"paymentRefundStatus":"PARTIALLY_REFUNDED ","price":1,"paidPrice":50,"installment":1,"fraudStatus":1,
  "paymentConversationId":"123321","basketId":"B1","currency":"TRY","phase":"AUTH","createdDate":"2025-08-28T15:19:03Z","updatedDate":"2025-08-28T15:20:03+03:00",
  "authCode":"1","hostReference":"h","connectorName":"c",
  "cancels":[{"refundId":"77","cancelConversationId":"op-2","refundPrice":50.00000000,"refundStatus":0,"createdDate":"2025-08-28 15:25:00","currencyCode":"TRY",
    "errorCode":"10051","errorGroup":"G","errorMessage":"m"}],
  "itemTransactions":[{"paymentTransactionId":27225634,"itemId":"BI101","transactionStatus":2,"price":1,"paidPrice":50,
    "refunds":[{"refundTxId":31001,"refundConversationId":"op-1","refundPrice":5,"refundStatus":1,
                "isAfterSettlement":true,"createdDate":"2025-08-28T15:30:00Z","currencyCode":"TRY",
                "authCode":"512821","hostReference":"mock00007iyzihostrfn"}]}]}]}`

func TestRetrieveReportReadsRefundsAndCancels(t *testing.T) {
	t.Parallel()
	var requests []sent
	c := testClient(t, SandboxURL, WithTransport(answering(200, reportAnswer, &requests)))
	report, err := c.RetrieveReport(testContext(t), RetrieveReportRequest{PaymentID: "25236546", ConversationID: "q-1"})
	if err != nil {
		t.Fatal(err)
	}
	got := requests[0]
	if got.method != "GET" || got.body != "" || got.url != SandboxURL+"/v2/reporting/payment/details?conversationId=q-1&locale=tr&paymentId=25236546" {
		t.Errorf("sent %+v", got)
	}
	// The header is vector A7 of the signature tests: neither query nor body is signed.
	if want := "IYZWSv2 YXBpS2V5OnNhbmRib3gtYXBpS2V5JnJhbmRvbUtleToxMjM0NTY3ODkmc2lnbmF0dXJlOmU3MzU4OTBmNjcxYzZjNGYzNDUzNGNiZDRiZWI2YjFjN2ExZDY1ZmViZTZiNjEwNTIxZTExM2ZhMjY2NTJkYTM="; got.header.Get("Authorization") != want {
		t.Errorf("got %s", got.header.Get("Authorization"))
	}
	fraud := 1
	want := &Report{
		Envelope:     Envelope{HTTPStatus: 200, Locale: "tr", SystemTime: time.UnixMilli(1756383869332).UTC(), ConversationID: "q-1"},
		PaymentsList: ListPresent,
		Payments: []ReportedPayment{{
			PaymentID: "25236546", PaymentStatus: 1, RefundStatus: "PARTIALLY_REFUNDED", Price: amount("1"), PaidPrice: amount("50"), Currency: "TRY",
			Phase: "AUTH", PaymentConversationID: "123321", BasketID: "B1", Installment: 1, FraudStatus: &fraud, AuthCode: "1", HostReference: "h", ConnectorName: "c",
			CreatedAt: time.Date(2025, 8, 28, 12, 19, 3, 0, time.UTC), UpdatedAt: time.Date(2025, 8, 28, 12, 20, 3, 0, time.UTC), CancelsList: ListPresent, LinesList: ListPresent,
			Cancels: []ReportedRefund{{ID: "77", ConversationID: "op-2", Price: amount("50"), HasPrice: true, HasStatus: true, Currency: "TRY",
				CreatedAt: time.Date(2025, 8, 28, 12, 25, 0, 0, time.UTC), ErrorCode: "10051", ErrorGroup: "G", ErrorMessage: "m"}},
			Lines: []ReportedLine{{PaymentTransactionID: "27225634", ItemID: "BI101", TransactionStatus: 2, Price: amount("1"), PaidPrice: amount("50"), RefundsList: ListPresent,
				Refunds: []ReportedRefund{{ID: "31001", ConversationID: "op-1", Price: amount("5"), HasPrice: true, Status: 1, HasStatus: true, Currency: "TRY", AfterSettlement: true,
					CreatedAt: time.Date(2025, 8, 28, 12, 30, 0, 0, time.UTC), AuthCode: "512821", HostReference: "mock00007iyzihostrfn"}}}},
		}},
	}
	if diff := cmp.Diff(want, report); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}

func TestRetrieveReportAsksByConversation(t *testing.T) {
	t.Parallel()
	var requests []sent
	c := testClient(t, SandboxURL, WithTransport(answering(200, `{"status":"success","payments":[]}`, &requests)))
	report, err := c.RetrieveReport(testContext(t), RetrieveReportRequest{PaymentConversationID: "a b&c=ğ", Locale: LocaleEN})
	if err != nil || !report.IsEmpty() || !report.SystemTime.IsZero() {
		t.Errorf("got %+v, %v", report, err)
	}
	if want := SandboxURL + "/v2/reporting/payment/details?locale=en&paymentConversationId=a+b%26c%3D%C4%9F"; requests[0].url != want {
		t.Errorf("got %s", requests[0].url)
	}
	if requests[0].header.Get("Authorization") != authorizationOf("/v2/reporting/payment/details", "") {
		t.Error("the query was signed")
	}
}

func TestRetrieveReportToleratesWhatItNeedsNot(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"no payments":          `{"status":"success"}`,
		"null payments":        `{"status":"success","payments":null}`,
		"no dates":             replace(t, reportAnswer, `"2025-08-28T15:19:03Z"`, `null`),
		"a date in words":      replace(t, reportAnswer, `"2025-08-28T15:19:03Z"`, `"yesterday"`),
		"a date as a number":   replace(t, reportAnswer, `"2025-08-28T15:19:03Z"`, `1756383869332`),
		"a failed refund":      replace(t, replace(t, reportAnswer, `"refundPrice":5,`, ``), `"refundStatus":1`, `"refundStatus":0`),
		"a cancel, no price":   replace(t, replace(t, reportAnswer, `"refundPrice":50.00000000,`, ``), `"refundStatus":0`, `"refundStatus":1`),
		"no conversation echo": replace(t, reportAnswer, `"conversationId":"q-1",`, ``),
		"hidden conversations": replace(t, reportAnswer, `"refundConversationId":"op-1"`, `"refundConversationId":null`),
	} {
		if _, err := answeringClient(t, 200, body).RetrieveReport(testContext(t), RetrieveReportRequest{PaymentID: "25236546", ConversationID: "q-1"}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRetrieveReportFailsRatherThanMisread(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, body, reason, field string }{
		{"another payment", replace(t, reportAnswer, "25236546", "1"), ReasonEchoMismatch, "payments[0].paymentId"},
		{"no payment id", replace(t, reportAnswer, `"paymentId":25236546,`, ``), ReasonEchoMismatch, "payments[0].paymentId"},
		{"another query", replace(t, reportAnswer, `"q-1"`, `"q-2"`), ReasonEchoMismatch, "conversationId"},
		{"a refund without price", replace(t, reportAnswer, `"refundPrice":5,`, ``), ReasonUnreadable, "payments[0].itemTransactions[0].refunds[0].refundPrice"},
		{"a refund with a strange price", replace(t, reportAnswer, `"refundPrice":5,`, `"refundPrice":"5 TL",`), ReasonUnreadable, "payments[0].itemTransactions[0].refunds[0].refundPrice"},
		{"a strange status", replace(t, reportAnswer, `"refundStatus":1`, `"refundStatus":"ok"`), ReasonUnreadable, "payments[0].itemTransactions[0].refunds[0].refundStatus"},
		{"a line without id", replace(t, reportAnswer, `"paymentTransactionId":27225634,`, ``), ReasonEchoMismatch, "payments[0].itemTransactions[0].paymentTransactionId"},
		{"no paidPrice", replace(t, reportAnswer, `"price":1,"paidPrice":50,"installment"`, `"price":1,"installment"`), ReasonUnreadable, "payments[0].paidPrice"},
		{"an endless id", replace(t, reportAnswer, `"refundTxId":31001`, `"refundTxId":`+strings.Repeat("1", 300)), ReasonUnreadable, "payments[0].itemTransactions[0].refunds[0].refundTxId"},
		{"an object for an id", replace(t, reportAnswer, `"op-1"`, `{}`), ReasonUnreadable, "payments[0].itemTransactions[0].refunds[0].refundConversationId"},
		{"payments that are no list", `{"status":"success","payments":{"paymentId":1}}`, ReasonUnreadable, "payments"},
		{"truncated", reportAnswer[:len(reportAnswer)-20], ReasonTruncated, ""},
		{"HTML", "<html>", ReasonNotJSON, ""},
	} {
		_, err := answeringClient(t, 200, tc.body).RetrieveReport(testContext(t), RetrieveReportRequest{PaymentID: "25236546", ConversationID: "q-1"})
		if e := wantError(t, err, Unknown, tc.reason); e.Field != tc.field {
			t.Errorf("%s: field %s", tc.name, e.Field)
		}
	}
	_, err := answeringClient(t, 200, reportAnswer).RetrieveReport(testContext(t), RetrieveReportRequest{PaymentConversationID: "other"})
	if e := wantError(t, err, Unknown, ReasonEchoMismatch); !strings.HasSuffix(e.Field, "paymentConversationId") {
		t.Errorf("field %s", e.Field)
	}
}

// cancelledReport is the sandbox's report, of 2026-06-11, of a payment that was cancelled: lines in any order, 8 decimals, a
// sum that was computed with floats.
const cancelledReport = `{"status":"success","locale":"tr","systemTime":1781209781000,"conversationId":"q","payments":[{"paymentId":35790001,"paymentStatus":1,
 "paymentRefundStatus":"TOTALLY_REFUNDED","price":10.01,"paidPrice":10.209999999999999,"currency":"TRY","phase":"AUTH","fraudStatus":1,
 "createdDate":"2026-06-11T23:29:31Z","cancels":[{"refundId":5661001,"cancelConversationId":"OURS","refundPrice":10.21,"refundStatus":1,
 "createdDate":"2026-06-11T23:29:34Z","currencyCode":"TRY","authCode":"900001","hostReference":"x-02"}],
 "itemTransactions":[{"paymentTransactionId":37700002,"transactionStatus":2,"price":9.71,"paidPrice":9.90400599,"refunds":[]},
                     {"paymentTransactionId":37700001,"transactionStatus":2,"price":0.3,"paidPrice":0.30599401,"refunds":[]}]}]}`

func retrieve(t *testing.T, body string) *Report {
	t.Helper()
	report, err := answeringClient(t, 200, body).RetrieveReport(testContext(t), RetrieveReportRequest{PaymentID: "35790001"})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestAReportsTimesAreInstantsAndItsAmountsExact(t *testing.T) {
	t.Parallel()
	report := retrieve(t, cancelledReport)
	p := report.Payments[0]
	if !p.CreatedAt.Equal(time.Date(2026, 6, 11, 20, 29, 31, 0, time.UTC)) || !p.Cancels[0].CreatedAt.Equal(time.Date(2026, 6, 11, 20, 29, 34, 0, time.UTC)) ||
		report.SystemTime.Sub(p.CreatedAt).Round(time.Hour) != 0 {
		t.Errorf("paid at %v, cancelled at %v, read at %v", p.CreatedAt, p.Cancels[0].CreatedAt, report.SystemTime)
	}
	if p.PaidPrice.String() != "10.209999999999999" || p.Lines[0].PaidPrice.Add(p.Lines[1].PaidPrice).String() != "10.21" || p.RefundStatus != "TOTALLY_REFUNDED" {
		t.Errorf("got %+v", p)
	}
	if p.Cancels[0].ID != "5661001" || p.Cancels[0].ConversationID != "OURS" || p.Lines[0].RefundsList != ListPresent {
		t.Errorf("got %+v", p)
	}
}

// TestAReportTellsWhatItLacks: one change each to a whole report.
func TestAReportTellsWhatItLacks(t *testing.T) {
	t.Parallel()
	cancel := cancelledReport[strings.Index(cancelledReport, `"cancels":`):strings.Index(cancelledReport, ` "itemTransactions"`)]
	for _, tc := range []struct {
		name, old, new string
		lacks          func(Report, ReportedPayment) bool
	}{
		{"no payments", cancelledReport, `{"status":"success"}`, func(r Report, _ ReportedPayment) bool { return r.PaymentsList == ListAbsent && !r.IsEmpty() }},
		{"null payments", cancelledReport, `{"status":"success","payments":null}`, func(r Report, _ ReportedPayment) bool { return r.PaymentsList == ListNull && !r.IsEmpty() }},
		{"an empty report", cancelledReport, `{"status":"success","payments":[]}`, func(r Report, _ ReportedPayment) bool { return r.IsEmpty() }},
		{"no time", `"systemTime":1781209781000,`, ``, func(r Report, _ ReportedPayment) bool { return r.SystemTime.IsZero() }},
		{"no cancels", cancel, ``, func(_ Report, p ReportedPayment) bool { return p.CancelsList == ListAbsent }},
		{"null cancels", cancel, `"cancels":null,`, func(_ Report, p ReportedPayment) bool { return p.CancelsList == ListNull }},
		{"empty cancels", cancel, `"cancels":[],`, func(_ Report, p ReportedPayment) bool { return p.CancelsList == ListPresent && len(p.Cancels) == 0 }},
		{"lines by another name", `"itemTransactions"`, `"items"`, func(_ Report, p ReportedPayment) bool { return p.LinesList == ListAbsent }},
		{"null refunds", `"paidPrice":9.90400599,"refunds":[]`, `"paidPrice":9.90400599,"refunds":null`, func(_ Report, p ReportedPayment) bool { return p.Lines[0].RefundsList == ListNull }},
		{"no refunds", `"paidPrice":9.90400599,"refunds":[]`, `"paidPrice":9.90400599`, func(_ Report, p ReportedPayment) bool {
			return p.Lines[0].RefundsList == ListAbsent && p.Lines[1].RefundsList == ListPresent
		}},
		{"an empty entry", `"paidPrice":9.90400599,"refunds":[]`, `"paidPrice":9.90400599,"refunds":[{}]`, func(_ Report, p ReportedPayment) bool {
			return len(p.Lines[0].Refunds) == 1 && p.Lines[0].Refunds[0] == ReportedRefund{}
		}},
		{"a null entry", `"paidPrice":9.90400599,"refunds":[]`, `"paidPrice":9.90400599,"refunds":[null]`, func(_ Report, p ReportedPayment) bool {
			return len(p.Lines[0].Refunds) == 1 && p.Lines[0].Refunds[0] == ReportedRefund{}
		}},
		{"an entry without id", `"refundId":5661001,`, ``, func(_ Report, p ReportedPayment) bool { return p.Cancels[0].ID == "" }},
		{"an entry without price", `"refundPrice":10.21,`, ``, func(_ Report, p ReportedPayment) bool { return !p.Cancels[0].HasPrice && p.Cancels[0].HasStatus }},
		{"an entry of price null", `"refundPrice":10.21,`, `"refundPrice":null,`, func(_ Report, p ReportedPayment) bool { return !p.Cancels[0].HasPrice }},
		{"an entry without status", `"refundStatus":1,`, ``, func(_ Report, p ReportedPayment) bool { return !p.Cancels[0].HasStatus && p.Cancels[0].HasPrice }},
		{"an entry of status 0", `"refundStatus":1,`, `"refundStatus":0,`, func(_ Report, p ReportedPayment) bool { return p.Cancels[0].HasStatus && p.Cancels[0].Status == 0 }},
		{"an entry without date", `"createdDate":"2026-06-11T23:29:34Z",`, ``, func(_ Report, p ReportedPayment) bool {
			return p.Cancels[0].CreatedAt.IsZero() && !p.CreatedAt.IsZero()
		}},
		{"an entry of a day", `"2026-06-11T23:29:34Z"`, `"2026-06-11"`, func(_ Report, p ReportedPayment) bool { return p.Cancels[0].CreatedAt.IsZero() }},
		{"an entry's id in another case", `"OURS"`, `"ours "`, func(_ Report, p ReportedPayment) bool { return p.Cancels[0].ConversationID == "ours " }},
		{"an error code", `"refundStatus":1,`, `"refundStatus":0,"errorCode":10051,`, func(_ Report, p ReportedPayment) bool { return p.Cancels[0].ErrorCode == "10051" }},
		{"a currency in small letters", `"currencyCode":"TRY"`, `"currencyCode":"try"`, func(_ Report, p ReportedPayment) bool { return p.Cancels[0].Currency == "TRY" }},
		{"a refund status with blanks", `"TOTALLY_REFUNDED"`, `" TOTALLY_REFUNDED "`, func(_ Report, p ReportedPayment) bool { return p.RefundStatus == "TOTALLY_REFUNDED" }},
		{"no refund status", `"paymentRefundStatus":"TOTALLY_REFUNDED",`, ``, func(_ Report, p ReportedPayment) bool { return p.RefundStatus == "" }},
		{"the payment twice", `"payments":[`, `"payments":[{"paymentId":"35790001","paidPrice":1},`, func(r Report, _ ReportedPayment) bool { return len(r.Payments) == 2 }},
		{"a line twice", `"itemTransactions":[`, `"itemTransactions":[{"paymentTransactionId":37700001,"paidPrice":1},`, func(_ Report, p ReportedPayment) bool {
			return len(p.Lines) == 3 && p.Lines[0].PaymentTransactionID == p.Lines[2].PaymentTransactionID
		}},
		{"names of the other list", `"refundId":5661001,"cancelConversationId"`, `"refundTxId":5661001,"refundConversationId"`, func(_ Report, p ReportedPayment) bool {
			return p.Cancels[0].ID == "5661001" && p.Cancels[0].ConversationID == "OURS"
		}},
	} {
		report := retrieve(t, replace(t, cancelledReport, tc.old, tc.new))
		var p ReportedPayment
		if len(report.Payments) > 0 {
			p = report.Payments[len(report.Payments)-1]
		}
		if !tc.lacks(*report, p) {
			t.Errorf("%s: got %+v", tc.name, report)
		}
	}
}
