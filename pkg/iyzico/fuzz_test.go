package iyzico

import (
	"testing"
)

// decodeSeeds are whole answers: those of seed documents and of every kind of failure.
func decodeSeeds() []string {
	return []string{
		signedRefund("5"), signedRefund(`"5.00000000"`), signedRefund("1e1000000000"), refundPaymentAnswer("x"), cancelAnswer, balanceAnswer, signedDetail(), reportAnswer, fundAnswer,
		`{"status":"failure","errorCode":50000,"errorMessage":"Request Limit Exceeded","locale":"en"}`,
		`{"status":"failure","errorCode":"260018","errorMessage":"Session payment type is not matched.","locale":"en","systemTime":1751956747198}`,
		`{"status":"success","status":"failure","errorCode":"10051"}`, `{"STATUS":"success"}`, `{"status":["success"]}`,
		`{"status":"success","transactions":[` + transactionJSON(1) + `]}`, `{"status":"success","payments":[null]}`, `{}`, `[]`, `null`, `<html>`, ``, "\x00", `{"status":"success"`,
	}
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

// FuzzDecodeReads checks that no answer makes a read panic or misread an amount.
func FuzzDecodeReads(f *testing.F) {
	for _, seed := range decodeSeeds() {
		f.Add(seed)
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
			}
		}
		detail, err := c.RetrievePayment(t.Context(), RetrievePaymentRequest{PaymentConversationID: "x"})
		checkDecoded(t, 200, body, detail != nil, err)
		page, err := c.ReportTransactions(t.Context(), ReportTransactionsRequest{Date: "2026-03-01"})
		checkDecoded(t, 200, body, page != nil, err)
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
	case e.Outcome == Succeeded, e.Outcome != Unknown && (!listed || row.verdict != e.Outcome), e.Outcome != Unknown && (status/100 != 2 && status/100 != 4),
		e.Reason == "", len(e.Message) > maxMessageLen:
		t.Fatalf("%d %s: %+v, code %s", status, body, e, e.Code)
	}
}
