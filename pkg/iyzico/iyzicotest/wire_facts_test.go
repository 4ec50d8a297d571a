package iyzicotest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

func v2(p Payment, conversationID, price string) RefundV2Request {
	return RefundV2Request{ConversationID: conversationID, PaymentID: p.ID, Price: dec(price)}
}

// refundsOf shows a report's refunds as texts.
func refundsOf(r ReportedPayment) []string {
	var list []string
	for _, line := range r.Lines {
		for _, refund := range line.Refunds {
			list = append(list, fmt.Sprintf("%s %s %s %d %s",
				line.PaymentTransactionID, refund.RefundTxID, refund.Price, refund.Status, refund.ConversationID))
		}
	}
	return list
}

func TestRefundV2SplitsWithEightDecimals(t *testing.T) {
	t.Parallel()
	l, c := newTestLedger(t)
	p := addPayment(t, l, "0.30599401", "9.90400599")
	result, err := l.RefundV2(v2(p, "v2", "8.21"))
	wantCode(t, err, "")
	if result.Type != TransactionRefund {
		t.Errorf("type %s", result.Type)
	}
	r, _ := l.Report(p.ID, 0)
	want := []string{"20000001 30000001 0.30599401 1 v2", "20000002 30000002 7.90400599 1 v2"}
	if diff := cmp.Diff(want, refundsOf(r)); diff != "" {
		t.Error(diff)
	}
	if r.RefundStatus != PartiallyRefunded || r.PaidPrice.String() != "10.209999999999999" {
		t.Errorf("%s of %s", r.RefundStatus, r.PaidPrice)
	}
	_, err = l.RefundV2(v2(p, "v2", "2.01"))
	wantCode(t, err, CodeExceedsRemainder)
	_, err = l.Refund(refundOf(p.Lines[0].PaymentTransactionID, "0.00000001"))
	wantCode(t, err, CodeExceedsRemainder)
	c.pass(time.Second)
	_, err = l.RefundV2(v2(p, "rest", "2.00"))
	wantCode(t, err, "")
	if r, _ = l.Report(p.ID, 0); r.RefundStatus != TotallyRefunded {
		t.Errorf("all refunded: %s", r.RefundStatus)
	}
	_, err = l.RefundV2(v2(p, "rest", "0.00000001"))
	wantCode(t, err, CodeExceedsRemainder)
}

func TestLinesOfOneRefundV2AreUpToASecondApart(t *testing.T) {
	t.Parallel()
	l, _ := newTestLedger(t)
	p := addPayment(t, l, "1", "1", "1", "1", "1")
	_, err := l.RefundV2(v2(p, "v2", "4.5"))
	wantCode(t, err, "")
	var apart []time.Duration
	for _, line := range l.payments[p.ID].lines {
		apart = append(apart, line.refunds[0].createdAt.Sub(noon))
	}
	ms := time.Millisecond
	if diff := cmp.Diff([]time.Duration{0, 400 * ms, 800 * ms, 1000 * ms, 1000 * ms}, apart); diff != "" {
		t.Error(diff)
	}
}

func TestV1GivesBackTheExactRestOfALine(t *testing.T) {
	t.Parallel()
	l, _ := newTestLedger(t)
	p := addPayment(t, l, "33.33333333", "66.66666667")
	line := p.Lines[0].PaymentTransactionID
	_, err := l.Refund(refundOf(line, "33.34"))
	wantCode(t, err, CodeExceedsRemainder)
	_, err = l.Refund(refundOf(line, "33.33"))
	wantCode(t, err, "")
	_, err = l.Refund(refundOf(line, "0.00333333"))
	wantCode(t, err, "")
	_, err = l.Refund(refundOf(line, "0.00000001"))
	wantCode(t, err, CodeExceedsRemainder)
	if r, _ := l.Report(p.ID, 0); !r.PaidPrice.Equal(dec("100")) {
		t.Errorf("paid %s", r.PaidPrice)
	}
}

func TestAWholeRefundV2OnItsDayIsACancel(t *testing.T) {
	t.Parallel()
	lastSecond := time.Date(2026, 3, 9, 20, 59, 59, 0, time.UTC) // of the day before, Istanbul
	tests := map[string]struct {
		created time.Time
		before  string
		price   string
		want    string
	}{
		"whole, on its day":        {price: "10.21", want: TransactionCancel},
		"whole, the day's start":   {created: lastSecond.Add(time.Second), price: "10.21", want: TransactionCancel},
		"whole, the day after":     {created: lastSecond, price: "10.21", want: TransactionRefund},
		"a part":                   {price: "10.20", want: TransactionRefund},
		"all that an earlier left": {before: "0.21", price: "10", want: TransactionRefund},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, _ := newTestLedger(t)
			p, err := l.AddPayment(PaymentSpec{CreatedAt: test.created, Lines: []LineSpec{{PaidPrice: dec("0.30599401")}, {PaidPrice: dec("9.90400599")}}})
			wantCode(t, err, "")
			if test.before != "" {
				_, err := l.RefundV2(v2(p, "before", test.before))
				wantCode(t, err, "")
			}
			result, err := l.RefundV2(v2(p, "OURS", test.price))
			if wantCode(t, err, ""); result.Type != test.want || !result.Price.Equal(dec(test.price)) {
				t.Errorf("result %+v", result)
			}
			executions := l.Executions(p.ID)
			kind := map[string]string{TransactionCancel: KindCancel, TransactionRefund: KindRefund}[test.want]
			if x := executions[len(executions)-1]; x.Kind != kind || x.Path != PathRefundV2 || x.ConversationID != "OURS" || !x.Price.Equal(dec(test.price)) {
				t.Errorf("execution %+v", x)
			}
		})
	}
}

func TestACancelByRefundIsReportedAsACancelOrAsRefunds(t *testing.T) {
	t.Parallel()
	for _, list := range []string{ListCancels, ListRefunds} {
		t.Run(list, func(t *testing.T) {
			t.Parallel()
			l, c := newTestLedger(t)
			l.SetSameDayRefundIn(list)
			p := addPayment(t, l, "0.30599401", "9.90400599")
			_, err := l.RefundV2(v2(p, "OURS", "10.21"))
			wantCode(t, err, "")
			r, _ := l.Report(p.ID, 0)
			if r.RefundStatus != TotallyRefunded || r.PaymentStatus != PaymentSuccess {
				t.Errorf("report %+v", r)
			}
			if list == ListCancels {
				if len(r.Cancels) != 1 || !r.Cancels[0].Price.Equal(dec("10.21")) || r.Cancels[0].ConversationID != "OURS" || r.Cancels[0].Status != 1 ||
					len(refundsOf(r)) != 0 {
					t.Errorf("cancels %+v, refunds %v", r.Cancels, refundsOf(r))
				}
				// The shorter form of a cancelled payment, lines in another order.
				if !r.UpdatedAt.IsZero() || r.Lines[0].ItemID != "" || r.Lines[0].PaymentTransactionID != "20000002" {
					t.Errorf("form %+v", r)
				}
			} else {
				want := []string{"20000001 30000001 0.30599401 1 OURS", "20000002 30000002 9.90400599 1 OURS"}
				if diff := cmp.Diff(want, refundsOf(r)); diff != "" || len(r.Cancels) != 0 {
					t.Errorf("cancels %+v, refunds %s", r.Cancels, diff)
				}
			}
			if got := len(l.Executions(p.ID)); got != 1 {
				t.Errorf("%d executions", got)
			}
			for _, code := range []string{CodeStillRunning, CodeCancelled} {
				_, err = l.Cancel(CancelRequest{PaymentID: p.ID})
				wantCode(t, err, code)
				_, err = l.RefundV2(v2(p, "again", "10.21"))
				wantCode(t, err, code)
				_, err = l.Refund(refundOf(p.Lines[0].PaymentTransactionID, "0.01"))
				wantCode(t, err, CodeCancelled)
				_, err = l.InitBalanceRefund(p.ID, "", "")
				wantCode(t, err, CodeCancelled)
				c.pass(stillRunning)
			}
		})
	}
}

func TestMarketplacesHaveNoRefundV2(t *testing.T) {
	t.Parallel()
	l, _ := newTestLedger(t)
	l.SetMarketplace(true)
	p := addPayment(t, l, "10")
	_, err := l.RefundV2(v2(p, "v2", "10"))
	wantCode(t, err, CodeStandardMerchantsOnly)
	result, err := l.RefundChargedToMerchant(RefundRequest{ConversationID: "m", PaymentTransactionID: p.Lines[0].PaymentTransactionID, Price: dec("4")})
	if wantCode(t, err, ""); result.PaymentID != p.ID {
		t.Errorf("result %+v", result)
	}
	if x := l.Executions(p.ID); len(x) != 1 || x[0].Kind != KindRefund || x[0].Path != PathMerchantCharge || x[0].ConversationID != "m" {
		t.Errorf("executions %+v", x)
	}
	_, err = l.Refund(refundOf(p.Lines[0].PaymentTransactionID, "6"))
	wantCode(t, err, "")
	_, err = l.RefundChargedToMerchant(RefundRequest{PaymentTransactionID: p.Lines[0].PaymentTransactionID, Price: dec("0.01")})
	wantCode(t, err, CodeExceedsRemainder)
}

func TestAPreAuthorisedPaymentCanOnlyBeCancelled(t *testing.T) {
	t.Parallel()
	l, _ := newTestLedger(t)
	for _, phase := range []string{PhasePreAuth, PhasePostAuth} {
		p, err := l.AddPayment(PaymentSpec{Phase: phase, Lines: []LineSpec{{PaidPrice: dec("10")}}})
		wantCode(t, err, "")
		code := map[string]string{PhasePreAuth: CodeNotCharged}[phase]
		_, err = l.InitBalanceRefund(p.ID, "", "")
		wantCode(t, err, code)
		if phase == PhasePostAuth {
			continue
		}
		_, err = l.Refund(refundOf(p.Lines[0].PaymentTransactionID, "1"))
		wantCode(t, err, code)
		_, err = l.RefundV2(v2(p, "v2", "10"))
		wantCode(t, err, code)
		_, err = l.Cancel(CancelRequest{PaymentID: p.ID})
		wantCode(t, err, "")
	}
}

// dayRows shows a day list as texts, newest first.
func dayRows(l *Ledger, r Reporting) []string {
	var list []string
	for _, row := range l.DayPage(r, "2026-03-10", 1).Rows {
		list = append(list, fmt.Sprintf("%s %s %s %s of %s %s",
			row.Type, row.ID, row.PaymentTransactionID, row.Price, row.PaidPrice, row.ConversationID))
	}
	return list
}

func TestTheDayListHasARowPerLine(t *testing.T) {
	t.Parallel()
	l, c := newTestLedger(t)
	p, q := addPayment(t, l, "0.30599401", "9.90400599"), addPayment(t, l, "3", "4")
	c.pass(time.Minute)
	_, err := l.Cancel(CancelRequest{PaymentID: q.ID, ConversationID: "cn"})
	wantCode(t, err, "")
	c.pass(time.Minute)
	_, err = l.RefundV2(v2(p, "rf", "8.21"))
	wantCode(t, err, "")
	c.pass(time.Minute)
	_, err = l.PanelRefund(p.Lines[1].PaymentTransactionID, dec("1"))
	wantCode(t, err, "")
	want := []string{
		"REFUND 30000004 20000002 1 of 10.21 ",
		"REFUND 30000003 20000002 7.90400599 of 10.21 rf",
		"REFUND 30000002 20000001 0.30599401 of 10.21 rf",
		"CANCEL 30000001 20000004 4 of 7 cn",
		"CANCEL 30000001 20000003 3 of 7 cn",
		"PAYMENT 20000004 20000004 4 of 7 ",
		"PAYMENT 20000003 20000003 3 of 7 ",
		"PAYMENT 20000002 20000002 9.90400599 of 10.21 ",
		"PAYMENT 20000001 20000001 0.30599401 of 10.21 ",
	}
	if diff := cmp.Diff(want, dayRows(l, Reporting{})); diff != "" {
		t.Error(diff)
	}
}

func TestTheDayListShowsBalanceRefundsAndFundPayments(t *testing.T) {
	t.Parallel()
	l, c := newTestLedger(t)
	r := openSession(t, l, SessionSpec{Balance: dec("5")})
	r.ConversationID = "fp-1"
	paid, err := l.FundPay(r)
	wantCode(t, err, "")
	c.pass(time.Minute)
	token, err := l.InitBalanceRefund(paid.ID, "init", "https://shop.example/")
	wantCode(t, err, "")
	wantCode(t, l.ConfirmBalanceRefund(token), "")
	wantCode(t, l.ApproveBalanceRefund(token), "")
	var want []string
	for i := len(paid.Lines) - 1; i >= 0; i-- {
		line := paid.Lines[i]
		want = append(want, fmt.Sprintf("REFUND %d %s %s of %s ", firstRefundTxID+i, line.PaymentTransactionID, line.PaidPrice, paid.PaidPrice))
	}
	for i := len(paid.Lines) - 1; i >= 0; i-- {
		line := paid.Lines[i]
		want = append(want, fmt.Sprintf("PAYMENT %[1]s %[1]s %[2]s of %[3]s fp-1", line.PaymentTransactionID, line.PaidPrice, paid.PaidPrice))
	}
	if diff := cmp.Diff(want, dayRows(l, Reporting{})); diff != "" {
		t.Error(diff)
	}
}

func TestADayBeginsAtMidnightInIstanbul(t *testing.T) {
	t.Parallel()
	l, c := newTestLedger(t)
	midnight := time.Date(2026, 3, 10, 21, 0, 0, 0, time.UTC)
	c.now = midnight.Add(-time.Millisecond)
	addPayment(t, l, "1")
	c.now = midnight
	addPayment(t, l, "2")
	for day, want := range map[string]string{"2026-03-10": "1", "2026-03-11": "2"} {
		rows := l.DayPage(Reporting{}, day, 1).Rows
		if len(rows) != 1 || !rows[0].Price.Equal(decimal.RequireFromString(want)) {
			t.Errorf("%s: %+v", day, rows)
		}
	}
}
