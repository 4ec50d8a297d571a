package psp_test

import (
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/psp"
	"github.com/iade/iade/pkg/iyzico"
)

// listedPayment is a report of one payment with one line, a refund on it and a cancel that failed.
const listedPayment = `{"status":"success","payments":[{"paymentId":10000001,"paymentStatus":1,"paymentRefundStatus":"PARTIALLY_REFUNDED","fraudStatus":1,"price":100.0,"paidPrice":100.0,"currency":"TRY",` +
	`"createdDate":"2031-03-10T08:00:00.000Z","phase":"AUTH","itemTransactions":[{"paymentTransactionId":20000001,"price":100.0,"paidPrice":1.0E2,"refunds":[{"refundTxId":1,"refundPrice":10.0,"refundStatus":1,` +
	`"refundConversationId":"rf_10000001_abcdefghijklmnop-1","createdDate":"2031-03-10T08:30:00.000Z"}]}],"cancels":[{"refundTxId":2,"refundStatus":0,"refundPrice":100}]}]}`

// gatewaySaying is a gateway on an iyzico that gives the same answer to everything.
func gatewaySaying(t *testing.T, body string) *psp.Gateway {
	t.Helper()
	client, err := iyzico.New(iyzico.Config{BaseURL: iyzico.SandboxURL, APIKey: "a", SecretKey: "canary7f3a"}, iyzico.WithTransport(oneAnswer(body)))
	if err != nil {
		t.Fatal(err)
	}
	return psp.New(client, slog.New(slog.NewTextHandler(io.Discard, nil)), time.Now)
}

func TestAReportThatMoneyCannotBeCountedByIsUnreadable(t *testing.T) {
	t.Parallel()
	query := payment.Query{PaymentID: "10000001"}
	if report, err := gatewaySaying(t, listedPayment).Read(t.Context(), query); err != nil || len(report.Entries) != 2 {
		t.Fatalf("the report itself: %+v, %v", report, err)
	}
	for name, change := range map[string][2]string{
		"another payment":        {`"paymentId":10000001`, `"paymentId":10000002`},
		"a refund below zero":    {`"refundPrice":10.0`, `"refundPrice":-10.0`},
		"a cancel below zero":    {`"refundPrice":100`, `"refundPrice":"-0.01"`},
		"a line below zero":      {`"paidPrice":1.0E2`, `"paidPrice":-1.0E2`},
		"an unknown currency":    {`"TRY"`, `"XXX"`},
		"no lines":               {`"itemTransactions"`, `"items"`},
		"a refund of no amount":  {`"refundPrice":10.0`, `"refundPrice":"ten"`},
		"a payment with no name": {`"paymentId":10000001,`, ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := strings.Replace(listedPayment, change[0], change[1], 1)
			if report, err := gatewaySaying(t, body).Read(t.Context(), query); payment.CodeOf(err) != payment.CodeUnavailable {
				t.Errorf("read as %+v, %v", report, err)
			}
		})
	}
}

// TestAReportSaysWhatItLeavesOut: a list that is absent or null hides what it would hold, so it must not read as an empty one.
func TestAReportSaysWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	query := payment.Query{PaymentID: "10000001"}
	for name, c := range map[string]struct {
		old, new string
		tells    func(payment.Report) bool
	}{
		"nothing":                 {``, ``, func(r payment.Report) bool { return len(r.Defects) == 0 && !r.Ambiguous }},
		"Istanbul's wall time":    {``, ``, func(r payment.Report) bool { return r.PaidAt.Equal(time.Date(2031, 3, 10, 5, 0, 0, 0, time.UTC)) }},
		"refunds by another name": {`"refunds"`, `"returns"`, func(r payment.Report) bool { return len(r.Defects) == 1 && len(r.Entries) == 1 }},
		"null cancels":            {`"cancels":[{"refundTxId":2,"refundStatus":0,"refundPrice":100}]`, `"cancels":null`, func(r payment.Report) bool { return len(r.Defects) == 1 }},
		"no status":               {`"refundStatus":1,`, ``, func(r payment.Report) bool { return r.Entries[0].Status == payment.StatusNotSaid }},
		"status 0":                {`"refundStatus":1,`, `"refundStatus":0,"errorCode":10051,`, func(r payment.Report) bool { return r.Entries[0].Status == 0 && r.Entries[0].ErrorCode == "10051" }},
		"no amount of a cancel":   {`,"refundPrice":100`, ``, func(r payment.Report) bool { return len(r.Defects) == 1 }},
		"the payment twice": {`"payments":[`, `"payments":[{"paymentId":10000001,"paidPrice":100,"currency":"TRY","itemTransactions":[{"paymentTransactionId":1,"paidPrice":100}]},`, func(r payment.Report) bool {
			return len(r.Defects) > 0 && len(r.Entries) == 2
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, err := gatewaySaying(t, strings.Replace(listedPayment, c.old, c.new, 1)).Read(t.Context(), query)
			if err != nil || !c.tells(report) {
				t.Errorf("read as %+v, %v", report, err)
			}
		})
	}
	for _, body := range []string{`{"status":"success"}`, `{"status":"success","payments":null}`} {
		if report, err := gatewaySaying(t, body).Read(t.Context(), query); payment.CodeOf(err) != payment.CodeUnavailable {
			t.Errorf("%s: read as %+v, %v", body, report, err)
		}
	}
}

// TestIyzicosWordsAreKeptWithoutThePersonInThem: what a message quotes of a customer is neither stored nor shown (I9).
func TestIyzicosWordsAreKeptWithoutThePersonInThem(t *testing.T) {
	t.Parallel()
	const refusal = `{"status":"failure","errorCode":"10051","errorMessage":"5526080000000006 of ayse@example.com has no limit left"}`
	got := gatewaySaying(t, refusal).Send(t.Context(), call(payment.APIRefund, "10000001", "20000001", "1"))
	if got.Verdict != payment.VerdictRejected || strings.Contains(got.Failure.Message, "5526") || strings.Contains(got.Failure.Message, "ayse") || !strings.Contains(got.Failure.Message, "no limit left") {
		t.Errorf("%v: %+v", got.Verdict, got.Failure)
	}
}

// TestWhatAReportLeavesOutIsADefect: its silence then proves nothing, and the domain is told.
func TestWhatAReportLeavesOutIsADefect(t *testing.T) {
	t.Parallel()
	query := payment.Query{PaymentID: "10000001"}
	if report, err := gatewaySaying(t, listedPayment).Read(t.Context(), query); err != nil || len(report.Defects) != 0 || report.RefundStatus != payment.PartiallyRefunded {
		t.Fatalf("the report itself: %+v, %v", report, err)
	}
	const entry = `{"refundTxId":1,"refundPrice":10.0,"refundStatus":1,"refundConversationId":"rf_10000001_abcdefghijklmnop-1","createdDate":"2031-03-10T08:30:00.000Z"}`
	for name, change := range map[string][2]string{
		"refunds absent":        {`"refunds":[` + entry + `]`, `"other":1`},
		"refunds null":          {`"refunds":[` + entry + `]`, `"refunds":null`},
		"cancels absent":        {`,"cancels":[{"refundTxId":2,"refundStatus":0,"refundPrice":100}]`, ``},
		"the payment twice":     {`"payments":[`, `"payments":[{"paymentId":10000001,"paymentStatus":1,"paidPrice":100,"currency":"TRY","cancels":[],"itemTransactions":[]},`},
		"an entry of nothing":   {entry, `{}`},
		"an entry, no status":   {`"refundStatus":1,`, ``},
		"an entry, status null": {`"refundStatus":1,`, `"refundStatus":null,`},
		"an entry, no date":     {`,"createdDate":"2031-03-10T08:30:00.000Z"}`, `}`},
		"an entry, a date only": {`"2031-03-10T08:30:00.000Z"`, `"2031-03-10"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := strings.Replace(listedPayment, change[0], change[1], 1)
			if body == listedPayment {
				t.Fatal("nothing changed")
			}
			report, err := gatewaySaying(t, body).Read(t.Context(), query)
			odd := len(report.Defects) > 0
			for _, e := range report.Entries {
				odd = odd || !e.Cancel && (e.TxID == "" || e.Status == payment.StatusNotSaid || e.CreatedAt.IsZero())
			}
			if err == nil && !odd {
				t.Errorf("read as %+v", report)
			}
		})
	}
	lower, err := gatewaySaying(t, strings.Replace(listedPayment, `"TRY"`, `"try"`, 1)).Read(t.Context(), query)
	if err != nil || lower.Currency != "TRY" {
		t.Errorf("currency %q, %v", lower.Currency, err)
	}
	summer := listedPayment // Istanbul's wall time, whatever the letter behind it says
	if report, err := gatewaySaying(t, summer).Read(t.Context(), query); err != nil || report.Entries[0].CreatedAt.Format(time.RFC3339) != "2031-03-10T05:30:00Z" {
		t.Errorf("%+v, %v", report.Entries, err)
	}
}

func TestOnlyAClosedListMeansThatThereIsNoSuchPayment(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]payment.Code{
		`{"status":"failure","errorCode":"5086"}`: payment.CodeNotFound, `{"status":"failure","errorCode":"5087"}`: payment.CodeNotFound,
		`{"status":"failure","errorCode":"5088"}`: payment.CodeUnavailable, `{"status":"failure","errorCode":"1007"}`: payment.CodeUnavailable,
		`{"status":"failure"}`: payment.CodeUnavailable, `{"status":"success"}`: payment.CodeUnavailable,
		`{"status":"success","payments":null}`: payment.CodeUnavailable, `{"status":"failure","errorCode":"50000"}`: payment.CodeRateLimited,
	} {
		if _, err := gatewaySaying(t, body).Read(t.Context(), payment.Query{PaymentID: "10000001"}); payment.CodeOf(err) != want {
			t.Errorf("%s: %v", body, err)
		}
	}
}
