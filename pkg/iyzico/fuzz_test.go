package iyzico

import (
	"encoding/json"
	"strings"
	"testing"
)

// decodeSeeds are whole answers: those of iyzico's documents and of every kind of failure.
func decodeSeeds() []string {
	return []string{
		signedRefund("5"), signedRefund(`"5.00000000"`), signedRefund("1e1000000000"), refundPaymentAnswer("x"), cancelAnswer, balanceAnswer, signedDetail(), reportAnswer, fundAnswer,
		`{"status":"failure","errorCode":50000,"errorMessage":"Request Limit Exceeded","locale":"en"}`,
		`{"status":"failure","errorCode":"260018","errorMessage":"Session payment type is not matched.","locale":"en","systemTime":1751956747198}`,
		`{"status":"success","status":"failure","errorCode":"10051"}`, `{"STATUS":"success"}`, `{"status":["success"]}`,
		pageJSON(1, 1, rowJSON(1)), pageJSON(1, 1), pageJSON(1, 2, rowJSON(1)), `{"status":"success","payments":[null]}`, `{}`, `[]`, `null`, `<html>`, ``, "\x00", `{"status":"success"`,
	}
}

// doubled returns a JSON object once for each of its members, with that member there twice.
func doubled(text string) []string {
	var out []string
	for i := 0; i < len(text); i++ {
		end := strings.Index(text[i:], `":`)
		start := strings.LastIndexAny(text[:i+max(end, 0)], `"`)
		if end < 0 || start < 0 {
			break
		}
		name := text[start : i+end+2]
		out = append(out, text[:start]+name+"null,"+text[start:])
		i += end + 1
	}
	return out
}

// FuzzDecodeMoney checks that no answer makes a money call panic, and that none makes it believe in a success or a harmless
// failure that the body does not say.
func FuzzDecodeMoney(f *testing.F) {
	for _, seed := range decodeSeeds() {
		f.Add(200, seed)
		f.Add(400, seed)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 100 || status > 999 {
			return
		}
		c := answeringClient(t, status, body)
		refund, err := c.Refund(t.Context(), testRefundRequest())
		checkDecoded(t, status, body, refund != nil, err)
		if err == nil && (!refund.SignatureVerified || !refund.Price.Equal(amount("5")) || refund.ConversationID != "conv-1") {
			t.Fatalf("%s: unproved success %+v", body, refund)
		}
		cancel, err := c.Cancel(t.Context(), testCancelRequest())
		checkDecoded(t, status, body, cancel != nil, err)
		fund, err := c.CreateFundPayment(t.Context(), testFundRequest())
		checkDecoded(t, status, body, fund != nil, err)
		balance, err := c.InitBalanceRefund(t.Context(), testBalanceRequest())
		checkDecoded(t, status, body, balance != nil, err)
		if err == nil && (balance.Token == "" || !isSecureURL(balance.URL, false)) {
			t.Fatalf("%s: started without token and url", body)
		}
	})
}

// checkReported demands that a report says what it lacks.
func checkReported(t *testing.T, body string, p ReportedPayment) {
	t.Helper()
	refunds := p.Cancels
	if len(p.Cancels) > 0 && p.CancelsList != ListPresent || len(p.Lines) > 0 && p.LinesList != ListPresent {
		t.Fatalf("%s: a list without its state", body)
	}
	for _, line := range p.Lines {
		if line.PaymentTransactionID == "" || len(line.Refunds) > 0 && line.RefundsList != ListPresent {
			t.Fatalf("%s: half a line %+v", body, line)
		}
		refunds = append(refunds, line.Refunds...)
	}
	for _, r := range refunds {
		if !r.HasPrice && !r.Price.IsZero() || !r.HasStatus && r.Status != 0 || r.Currency != strings.ToUpper(r.Currency) {
			t.Fatalf("%s: entry %+v", body, r)
		}
	}
}

// FuzzDecodeReads checks that no answer makes a read panic or misread an amount.
func FuzzDecodeReads(f *testing.F) {
	for _, seed := range decodeSeeds() {
		f.Add(seed)
	}
	for _, body := range doubled(reportAnswer) {
		f.Add(body)
	}
	for _, date := range []string{"2025-08-28", "28.08.2025 15:30", "1756383869332", "", "2025-08-28T15:30:00-05:00", "0000-00-00T00:00:00Z"} {
		f.Add(strings.ReplaceAll(reportAnswer, "2025-08-28T15:30:00Z", date))
		f.Add(pageJSON(1, 1, strings.ReplaceAll(rowJSON(1), "2026-06-11 12:49:46", date)))
	}
	for _, entry := range []string{`{}`, `null`, `{"refundStatus":1}`, `{"refundPrice":1}`, `[]`} {
		f.Add(`{"status":"success","payments":[{"paymentId":25236546,"paidPrice":50,"cancels":[` + entry + `],"itemTransactions":[{"paymentTransactionId":1,"paidPrice":50,"refunds":[` + entry + `]}]}]}`)
	}
	f.Fuzz(func(t *testing.T, body string) {
		c := answeringClient(t, 200, body)
		report, err := c.RetrieveReport(t.Context(), RetrieveReportRequest{PaymentID: "25236546"})
		checkDecoded(t, 200, body, report != nil, err)
		if err == nil {
			for _, p := range report.Payments {
				if p.PaymentID != "25236546" {
					t.Fatalf("%s: another payment", body)
				}
				// Bounded numbers add without cost.
				_ = p.PaidPrice.Add(p.Price).String()
				checkReported(t, body, p)
			}
		}
		detail, err := c.RetrievePayment(t.Context(), RetrievePaymentRequest{PaymentConversationID: "x"})
		checkDecoded(t, 200, body, detail != nil, err)
		list, err := c.ListTransactions(t.Context(), ListTransactionsRequest{Date: "2026-06-11"})
		checkDecoded(t, 200, body, list != nil, err)
		if err == nil {
			for _, row := range list.Transactions {
				if row.TransactionID == "" || row.PaymentID == "" || row.PaymentTransactionID == "" || row.Type == "" || istanbulDay(row.At) != "2026-06-11" {
					t.Fatalf("%s: half a row %+v", body, row)
				}
			}
		}
		session, err := c.RetrieveSessionPayment(t.Context(), RetrieveSessionPaymentRequest{CheckoutFormToken: "t"})
		checkDecoded(t, 200, body, session != nil, err)
		token, err := c.RetrieveAccessToken(t.Context(), SessionRequest{Session: testSession})
		checkDecoded(t, 200, body, token != nil, err)
	})
}

// checkDecoded demands either a result or an *Error, and that only listed codes at HTTP 2xx and 4xx prove anything.
func checkDecoded(t *testing.T, status int, body string, result bool, err error) {
	t.Helper()
	if result == (err != nil) {
		t.Fatalf("%s: result %t, error %v", body, result, err)
	}
	if err == nil {
		return
	}
	e := asError(t, err)
	row, listed := lookupCode(e.Code)
	switch {
	case e.Outcome == Succeeded, e.Outcome != Unknown && (!listed || row.outcome != e.Outcome), e.Outcome != Unknown && (status/100 != 2 && status/100 != 4),
		e.Reason == "", len(e.Message) > maxMessageLen:
		t.Fatalf("%d %s: %+v, code %s", status, body, e, e.Code)
	}
}

// TestEveryMemberOfAReportTwiceIsUnreadable doubles each member in turn, nested ones too.
func TestEveryMemberOfAReportTwiceIsUnreadable(t *testing.T) {
	t.Parallel()
	reports := doubled(reportAnswer)
	if len(reports) != strings.Count(reportAnswer, `":`) {
		t.Fatalf("%d reports of %d members", len(reports), strings.Count(reportAnswer, `":`))
	}
	for _, body := range reports {
		if !json.Valid([]byte(body)) {
			t.Fatalf("no JSON: %s", body)
		}
		_, err := answeringClient(t, 200, body).RetrieveReport(testContext(t), RetrieveReportRequest{PaymentID: "25236546"})
		wantError(t, err, Unknown, ReasonUnreadable)
	}
	for _, body := range doubled(signedRefund("5")) {
		_, err := answeringClient(t, 200, body).Refund(testContext(t), testRefundRequest())
		wantError(t, err, Unknown, ReasonUnreadable)
	}
}
