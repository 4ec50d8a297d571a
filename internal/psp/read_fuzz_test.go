package psp_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

// oneAnswer is an iyzico that says the same to everything.
type oneAnswer string

func (a oneAnswer) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(a)))}, nil
}

// FuzzReadReport: whatever iyzico's report says, Read gives an error with one of its codes, or a report on the payment that
// was asked for whose money can be counted.
func FuzzReadReport(f *testing.F) {
	for _, body := range []string{
		listedPayment, strings.Replace(listedPayment, `"TRY"`, `"XXX"`, 1), strings.Replace(listedPayment, "10000001", "10000002", 1), strings.Replace(listedPayment, `"refundPrice":10.0`, `"refundPrice":"-1"`, 1),
		`{"status":"success","payments":[]}`, `{"status":"failure","errorCode":"5087"}`, `{"status":"failure","errorCode":50000}`, `{"status":"success","paymentId":"10000001","currency":"TRY","paymentStatus":"SUCCESS","itemTransactions":[{}]}`, `<html>`,
	} {
		f.Add(body, false)
		f.Add(body, true)
	}
	f.Fuzz(func(t *testing.T, body string, byConversation bool) {
		query := payment.Query{PaymentID: "10000001"}
		if byConversation {
			query = payment.Query{PaymentConversationID: "fp_abcdefghijklmnopqrstuvwxyz-1"}
		}
		report, err := gatewaySaying(t, body).Read(t.Context(), query)
		if err != nil {
			switch payment.CodeOf(err) {
			case payment.CodeNotFound, payment.CodeUnavailable, payment.CodeRateLimited:
			default:
				t.Fatalf("%s: %v", body, err)
			}
			if strings.Contains(err.Error(), "canary7f3a") {
				t.Fatalf("%s: %v", body, err)
			}
			return
		}
		if query.PaymentID != "" && report.PaymentID != query.PaymentID || !report.Currency.Valid() || len(report.Lines) == 0 {
			t.Fatalf("%s: a report of payment %q in %q with %d lines", body, report.PaymentID, report.Currency, len(report.Lines))
		}
		for _, line := range report.Lines {
			if line.PaidAmount.Currency() != report.Currency || line.PaidAmount.Sign() < 0 {
				t.Fatalf("%s: line %+v", body, line)
			}
		}
		for _, e := range report.Entries {
			if e.Amount.Sign() < 0 || len(e.TxID)+len(e.ConversationID)+len(e.AuthCode)+len(e.HostReference) > 4096 {
				t.Fatalf("%s: entry %+v", body, e)
			}
		}
		rules := payment.Rules{SettleWindow: time.Minute, SendTimeout: time.Second, BalanceExpiry: time.Hour}
		if _, _, err := rules.Decide(payment.Account{ID: payment.PaymentAccount(report.PaymentID)}, payment.Observed{Report: report}, report.ReadAt); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
	})
}
