package iyzicotest

import (
	"errors"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// noon is an ordinary day's noon in Istanbul.
var noon = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)

// clock is a clock that tests set.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time       { return c.now }
func (c *clock) pass(d time.Duration) { c.now = c.now.Add(d) }
func dec(text string) decimal.Decimal { return decimal.RequireFromString(text) }
func pointer[T any](value T) *T       { return &value }
func refundOf(line, price string) RefundRequest {
	return RefundRequest{ConversationID: "c", PaymentTransactionID: line, Price: dec(price)}
}

func newTestLedger(t *testing.T, options ...Option) (*Ledger, *clock) {
	t.Helper()
	c := &clock{noon}
	return NewLedger(c.Now, options...), c
}

func addPayment(t *testing.T, l *Ledger, paid ...string) Payment {
	t.Helper()
	var spec PaymentSpec
	for _, p := range paid {
		spec.Lines = append(spec.Lines, LineSpec{PaidPrice: dec(p)})
	}
	p, err := l.AddPayment(spec)
	if err != nil {
		t.Fatalf("add payment: %v", err)
	}
	return p
}

// wantCode demands the refusal with that code; "" demands success.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var refusal *Refusal
	switch {
	case code == "" && err != nil:
		t.Errorf("got %v, want success", err)
	case code != "" && !errors.As(err, &refusal):
		t.Errorf("got %v, want refusal %s", err, code)
	case code != "" && refusal.Code != code:
		t.Errorf("got %v, want refusal %s", err, code)
	}
}

func TestIdsAreTheSameInEveryRun(t *testing.T) {
	t.Parallel()
	l, _ := newTestLedger(t)
	first := addPayment(t, l, "10", "20")
	second := addPayment(t, l, "5")
	if first.ID != "10000001" || second.ID != "10000002" {
		t.Errorf("payment ids %s, %s", first.ID, second.ID)
	}
	if got := second.Lines[0].PaymentTransactionID; got != "20000003" {
		t.Errorf("third line has id %s", got)
	}
	result, err := l.Refund(refundOf("20000001", "1"))
	wantCode(t, err, "")
	if result.PaymentID != first.ID || result.Parts[0].RefundTxID != "30000001" {
		t.Errorf("refund %+v", result)
	}
}

func TestRefundRules(t *testing.T) {
	t.Parallel()
	type step func(*testing.T, *Ledger, Payment, *clock)
	refunded := func(line int, price string) step {
		return func(t *testing.T, l *Ledger, p Payment, _ *clock) {
			_, err := l.Refund(refundOf(p.Lines[line].PaymentTransactionID, price))
			wantCode(t, err, "")
		}
	}
	cancelled := func(t *testing.T, l *Ledger, p Payment, _ *clock) {
		_, err := l.Cancel(CancelRequest{PaymentID: p.ID})
		wantCode(t, err, "")
	}
	tests := map[string]struct {
		spec     PaymentSpec
		before   []step
		line     string
		price    string
		currency string
		want     string
	}{
		"whole line":                       {price: "60"},
		"a part":                           {price: "0.01"},
		"the payment's currency":           {price: "1", currency: "TRY"},
		"above the line":                   {price: "60.01", want: CodeExceedsRemainder},
		"exactly the remainder":            {before: []step{refunded(0, "59.5")}, price: "0.5"},
		"above the remainder":              {before: []step{refunded(0, "59.5")}, price: "0.51", want: CodeExceedsRemainder},
		"nothing left":                     {before: []step{refunded(0, "60")}, price: "0.01", want: CodeExceedsRemainder},
		"another line is no help":          {before: []step{refunded(0, "60"), refunded(1, "1")}, price: "1", want: CodeExceedsRemainder},
		"zero":                             {price: "0", want: CodeInvalidRequest},
		"below zero":                       {price: "-1", want: CodeInvalidRequest},
		"more than eight decimals":         {price: "0.000000001", want: CodeInvalidRequest},
		"another currency":                 {price: "1", currency: "EUR", want: CodeCurrencyMismatch},
		"after a cancel":                   {before: []step{cancelled}, price: "1", want: CodeCancelled},
		"unknown line":                     {line: "29999999", price: "1", want: CodeUnknownPaymentTransaction},
		"not paid":                         {spec: PaymentSpec{PaymentStatus: PaymentFailure}, price: "1", want: CodeNotCharged},
		"rejected for fraud":               {spec: PaymentSpec{FraudStatus: pointer(FraudRejected)}, price: "1", want: CodeNotCharged},
		"in review":                        {spec: PaymentSpec{FraudStatus: pointer(FraudInReview)}, price: "1", want: CodeNotCharged},
		"365 days old":                     {spec: PaymentSpec{CreatedAt: noon.AddDate(0, 0, -365)}, price: "1"},
		"a second more than 365 days old":  {spec: PaymentSpec{CreatedAt: noon.AddDate(0, 0, -365).Add(-time.Second)}, price: "1", want: CodeRefundPeriodOver},
		"fraction of a line below a kuruş": {spec: PaymentSpec{Lines: []LineSpec{{PaidPrice: dec("33.33333333")}}}, price: "33.33333333"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, c := newTestLedger(t)
			if test.spec.Lines == nil {
				test.spec.Lines = []LineSpec{{PaidPrice: dec("60")}, {PaidPrice: dec("40")}}
			}
			p, err := l.AddPayment(test.spec)
			wantCode(t, err, "")
			for _, do := range test.before {
				do(t, l, p, c)
			}
			before := len(l.Executions(p.ID))
			line := test.line
			if line == "" {
				line = p.Lines[0].PaymentTransactionID
			}
			_, err = l.Refund(RefundRequest{ConversationID: "x", PaymentTransactionID: line, Price: dec(test.price), Currency: test.currency})
			wantCode(t, err, test.want)
			want := before
			if test.want == "" {
				want++
			}
			if got := len(l.Executions(p.ID)); got != want {
				t.Errorf("%d executions, want %d", got, want)
			}
		})
	}
}

func TestSameConversationIDRefundsAgain(t *testing.T) {
	t.Parallel()
	l, _ := newTestLedger(t)
	p := addPayment(t, l, "10")
	for range 2 {
		_, err := l.Refund(refundOf(p.Lines[0].PaymentTransactionID, "4"))
		wantCode(t, err, "")
	}
	executions := l.Executions(p.ID)
	if len(executions) != 2 {
		t.Fatalf("%d executions, want 2", len(executions))
	}
	for _, x := range executions {
		if x.Kind != KindRefund || x.Path != PathRefund || x.ConversationID != "c" || !x.Price.Equal(dec("4")) ||
			x.PaymentID != p.ID || x.PaymentTransactionID != p.Lines[0].PaymentTransactionID || x.Currency != "TRY" || !x.At.Equal(noon) {
			t.Errorf("execution %+v", x)
		}
	}
	r, _ := l.Report(p.ID, 0)
	if len(r.Lines[0].Refunds) != 2 {
		t.Errorf("report shows %d refunds, want 2", len(r.Lines[0].Refunds))
	}
}

func TestRefundV2TakesTheFirstLinesWithARemainder(t *testing.T) {
	t.Parallel()
	l, _ := newTestLedger(t)
	p := addPayment(t, l, "10", "20", "30")
	_, err := l.Refund(refundOf(p.Lines[0].PaymentTransactionID, "10"))
	wantCode(t, err, "")
	result, err := l.RefundV2(RefundV2Request{ConversationID: "v2", PaymentID: p.ID, Price: dec("25")})
	wantCode(t, err, "")
	if len(result.Parts) != 2 || !result.Parts[0].Price.Equal(dec("20")) || !result.Parts[1].Price.Equal(dec("5")) {
		t.Errorf("parts %+v", result.Parts)
	}
	r, _ := l.Report(p.ID, 0)
	for i, want := range []string{"10", "20", "5"} {
		refunds := r.Lines[i].Refunds
		if len(refunds) != 1 || !refunds[0].Price.Equal(dec(want)) {
			t.Errorf("line %d shows %+v, want one refund of %s", i, refunds, want)
		}
	}
	if r.Lines[1].Refunds[0].ConversationID != "v2" || r.Lines[2].Refunds[0].ConversationID != "v2" {
		t.Error("split refund does not carry its conversation id on every line")
	}
	_, err = l.RefundV2(RefundV2Request{PaymentID: p.ID, Price: dec("25.01")})
	wantCode(t, err, CodeExceedsRemainder)
	_, err = l.RefundV2(RefundV2Request{PaymentID: p.ID, Price: dec("25"), Currency: "USD"})
	wantCode(t, err, CodeCurrencyMismatch)
	_, err = l.RefundV2(RefundV2Request{PaymentID: "19999999", Price: dec("1")})
	wantCode(t, err, CodeUnknownPayment)
	_, err = l.RefundV2(RefundV2Request{PaymentID: p.ID, Price: dec("0")})
	wantCode(t, err, CodeInvalidRequest)
	_, err = l.RefundV2(RefundV2Request{PaymentID: p.ID, Price: dec("25")})
	wantCode(t, err, "")
	if r, _ = l.Report(p.ID, 0); r.RefundStatus != TotallyRefunded {
		t.Errorf("refund status %s", r.RefundStatus)
	}
	if got := len(l.Executions(p.ID)); got != 3 {
		t.Errorf("%d executions, want one per request: 3", got)
	}
}

func TestCancelRules(t *testing.T) {
	t.Parallel()
	// The Istanbul day of noon begins at 21:00 UTC the evening before.
	dayStart := time.Date(2026, 3, 9, 21, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		spec   PaymentSpec
		refund string
		twice  bool
		wait   time.Duration
		want   string
	}{
		"on its day":               {},
		"first second of the day":  {spec: PaymentSpec{CreatedAt: dayStart}},
		"the day before, Istanbul": {spec: PaymentSpec{CreatedAt: dayStart.Add(-time.Second)}, want: CodeCancelPeriodOver},
		"after any refund":         {refund: "0.01", want: CodeAlreadyRefunded},
		"second cancel, at once":   {twice: true, want: CodeStillRunning},
		"second cancel, later":     {twice: true, wait: 10 * time.Second, want: CodeCancelled},
		"pre-authorised":           {spec: PaymentSpec{Phase: PhasePreAuth}},
		"not paid":                 {spec: PaymentSpec{PaymentStatus: PaymentFailure}, want: CodeNotCharged},
		"rejected for fraud":       {spec: PaymentSpec{FraudStatus: pointer(FraudRejected)}, want: CodeNotCharged},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, c := newTestLedger(t)
			test.spec.Lines = []LineSpec{{PaidPrice: dec("60")}, {PaidPrice: dec("40")}}
			p, err := l.AddPayment(test.spec)
			wantCode(t, err, "")
			if test.refund != "" {
				_, err := l.Refund(refundOf(p.Lines[0].PaymentTransactionID, test.refund))
				wantCode(t, err, "")
			}
			if test.twice {
				_, err := l.Cancel(CancelRequest{PaymentID: p.ID, ConversationID: "first"})
				wantCode(t, err, "")
			}
			c.pass(test.wait)
			result, err := l.Cancel(CancelRequest{PaymentID: p.ID, ConversationID: "x"})
			wantCode(t, err, test.want)
			if test.want != "" {
				return
			}
			if !result.Price.Equal(dec("100")) || result.Currency != "TRY" {
				t.Errorf("result %+v", result)
			}
			r, _ := l.Report(p.ID, 0)
			if r.RefundStatus != TotallyRefunded || len(r.Cancels) != 1 || r.Cancels[0].ConversationID != "x" || r.Cancels[0].Status != 1 {
				t.Errorf("report %+v", r)
			}
			_, err = l.RefundV2(RefundV2Request{PaymentID: p.ID, Price: dec("1")})
			wantCode(t, err, CodeStillRunning)
			c.pass(stillRunning)
			_, err = l.RefundV2(RefundV2Request{PaymentID: p.ID, Price: dec("1")})
			wantCode(t, err, CodeCancelled)
		})
	}
	l, _ := newTestLedger(t)
	_, err := l.Cancel(CancelRequest{PaymentID: "1"})
	wantCode(t, err, CodeCancelUnknownPayment)
}

func TestPanelActionsAreForeign(t *testing.T) {
	t.Parallel()
	l, _ := newTestLedger(t)
	p, q := addPayment(t, l, "10"), addPayment(t, l, "10")
	_, err := l.PanelRefund(p.Lines[0].PaymentTransactionID, dec("3"))
	wantCode(t, err, "")
	_, err = l.PanelRefund(p.Lines[0].PaymentTransactionID, dec("8"))
	wantCode(t, err, CodeExceedsRemainder)
	_, err = l.PanelCancel(q.ID)
	wantCode(t, err, "")
	for _, x := range l.Executions("") {
		if x.Path != "" || x.ConversationID != "" {
			t.Errorf("panel execution %+v has path or conversation id", x)
		}
	}
	if got := len(l.Executions("")); got != 2 {
		t.Errorf("%d executions, want 2", got)
	}
}

func TestBalanceRefundMovesMoneyAtTheApprovalOnly(t *testing.T) {
	t.Parallel()
	l, _ := newTestLedger(t)
	p := addPayment(t, l, "80", "40")
	token, err := l.InitBalanceRefund(p.ID, "init-1", "https://shop.example/cb")
	wantCode(t, err, "")
	wantCode(t, l.ApproveBalanceRefund(token), CodeBalanceRefundState)
	wantCode(t, l.ConfirmBalanceRefund(token), "")
	wantCode(t, l.ConfirmBalanceRefund(token), "")
	wantCode(t, l.DeclineBalanceRefund(token), CodeBalanceRefundState)
	if got := l.Executions(p.ID); len(got) != 0 {
		t.Fatalf("executed before the approval: %+v", got)
	}
	wantCode(t, l.ApproveBalanceRefund(token), "")
	wantCode(t, l.ApproveBalanceRefund(token), CodeBalanceRefundState)
	executions := l.Executions(p.ID)
	if len(executions) != 1 || executions[0].Kind != KindBalanceRefund || !executions[0].Price.Equal(dec("120")) ||
		executions[0].ConversationID != "init-1" || executions[0].Path != PathBalanceInit {
		t.Errorf("executions %+v", executions)
	}
	r, _ := l.Report(p.ID, 0)
	if r.RefundStatus != TotallyRefunded {
		t.Errorf("refund status %s", r.RefundStatus)
	}
	for i, want := range []string{"80", "40"} {
		refunds := r.Lines[i].Refunds
		if len(refunds) != 1 || !refunds[0].Price.Equal(dec(want)) || refunds[0].ConversationID != "" || refunds[0].Status != 1 {
			t.Errorf("line %d shows %+v", i, refunds)
		}
	}
}

func TestBalanceRefundRefusals(t *testing.T) {
	t.Parallel()
	l, _ := newTestLedger(t)
	p, q := addPayment(t, l, "10"), addPayment(t, l, "10")
	unpaid, err := l.AddPayment(PaymentSpec{PaymentStatus: PaymentFailure, Lines: []LineSpec{{PaidPrice: dec("1")}}})
	wantCode(t, err, "")
	_, err = l.InitBalanceRefund(unpaid.ID, "", "")
	wantCode(t, err, CodeNotCharged)
	_, err = l.InitBalanceRefund("1", "", "")
	wantCode(t, err, CodeUnknownPayment)
	for _, step := range []func(string) error{l.ConfirmBalanceRefund, l.DeclineBalanceRefund, l.ApproveBalanceRefund} {
		wantCode(t, step("nothing"), CodeUnknownBalanceToken)
	}

	declined, err := l.InitBalanceRefund(p.ID, "", "")
	wantCode(t, err, "")
	wantCode(t, l.DeclineBalanceRefund(declined), "")
	wantCode(t, l.ConfirmBalanceRefund(declined), CodeBalanceRefundState)
	wantCode(t, l.ApproveBalanceRefund(declined), CodeBalanceRefundState)

	// Two inits on one payment: the second approval finds nothing left.
	one, err := l.InitBalanceRefund(p.ID, "", "")
	wantCode(t, err, "")
	two, err := l.InitBalanceRefund(p.ID, "", "")
	wantCode(t, err, "")
	if one == two || one == declined {
		t.Fatal("tokens repeat")
	}
	wantCode(t, l.ConfirmBalanceRefund(one), "")
	wantCode(t, l.ConfirmBalanceRefund(two), "")
	wantCode(t, l.ApproveBalanceRefund(one), "")
	wantCode(t, l.ApproveBalanceRefund(two), CodeAlreadyRefunded)
	_, err = l.InitBalanceRefund(p.ID, "", "")
	wantCode(t, err, CodeAlreadyRefunded)

	// A panel refund between confirmation and approval.
	token, err := l.InitBalanceRefund(q.ID, "", "")
	wantCode(t, err, "")
	wantCode(t, l.ConfirmBalanceRefund(token), "")
	_, err = l.PanelRefund(q.Lines[0].PaymentTransactionID, dec("1"))
	wantCode(t, err, "")
	wantCode(t, l.ApproveBalanceRefund(token), CodeAlreadyRefunded)
}

func TestReportLagsBehind(t *testing.T) {
	t.Parallel()
	l, c := newTestLedger(t)
	const lag = 10 * time.Second
	p := addPayment(t, l, "10")
	if _, ok := l.Report(p.ID, lag); ok {
		t.Error("payment shown at once")
	}
	if _, ok := l.Payment(p.ID); !ok {
		t.Error("detail does not know the payment")
	}
	c.pass(lag)
	if _, ok := l.Report(p.ID, lag); !ok {
		t.Error("payment not shown after the lag")
	}
	_, err := l.Refund(refundOf(p.Lines[0].PaymentTransactionID, "4"))
	wantCode(t, err, "")
	c.pass(lag - time.Nanosecond)
	if r, _ := l.Report(p.ID, lag); len(r.Lines[0].Refunds) != 0 || r.RefundStatus != NotRefunded {
		t.Errorf("refund shown before the lag: %+v", r)
	}
	if r, _ := l.Report(p.ID, 0); len(r.Lines[0].Refunds) != 1 {
		t.Error("refund not shown without lag")
	}
	c.pass(time.Nanosecond)
	if r, _ := l.Report(p.ID, lag); len(r.Lines[0].Refunds) != 1 || r.RefundStatus != PartiallyRefunded {
		t.Errorf("refund not shown after the lag: %+v", r)
	}
	if list := l.DayPage(Reporting{DayListLag: lag}, "2026-03-10", 1); len(list.Rows) != 2 {
		t.Errorf("day list shows %d rows, want 2", len(list.Rows))
	}
	behind := Reporting{Lag: lag, DayListLag: lag + time.Nanosecond}
	if list := l.DayPage(behind, "2026-03-10", 1); len(list.Rows) != 1 || len(l.PaymentDetails(behind, p.ID, "").Payments[0].Lines[0].Refunds) != 1 {
		t.Errorf("the day list has a lag of its own: %+v", list.Rows)
	}
}

func TestAnOldPaymentIsReportedAtOnce(t *testing.T) {
	t.Parallel()
	l, _ := newTestLedger(t)
	p, err := l.AddPayment(PaymentSpec{CreatedAt: noon.Add(-time.Hour), Lines: []LineSpec{{PaidPrice: dec("1")}}})
	wantCode(t, err, "")
	if _, ok := l.Report(p.ID, time.Minute); !ok {
		t.Error("not shown")
	}
}

func TestClockOffsetShiftsIyzicosTimesOnly(t *testing.T) {
	t.Parallel()
	l, c := newTestLedger(t)
	c.pass(123 * time.Millisecond)
	l.SetClockOffset(2 * time.Hour)
	p := addPayment(t, l, "10")
	_, err := l.Refund(refundOf(p.Lines[0].PaymentTransactionID, "1"))
	wantCode(t, err, "")
	r, ok := l.Report(p.ID, 0)
	want := noon.Add(2 * time.Hour)
	if !ok || !r.CreatedAt.Equal(want) || !r.Lines[0].Refunds[0].CreatedAt.Equal(want) {
		t.Errorf("report %+v, want times %s", r, want)
	}
	if got := l.Executions(p.ID)[0].At; !got.Equal(noon.Add(123 * time.Millisecond)) {
		t.Errorf("execution at %s", got)
	}
	// Ten hours on, it is past midnight in Istanbul for iyzico, not for us.
	q := addPayment(t, l, "10")
	l.SetClockOffset(12 * time.Hour)
	_, err = l.Cancel(CancelRequest{PaymentID: q.ID})
	wantCode(t, err, CodeCancelPeriodOver)
}

func TestFailedAttemptsAreListedIfAskedFor(t *testing.T) {
	t.Parallel()
	for _, listed := range []bool{false, true} {
		var options []Option
		want := 0
		if listed {
			options, want = append(options, WithFailedAttempts()), 1
		}
		l, _ := newTestLedger(t, options...)
		p := addPayment(t, l, "10")
		_, err := l.Refund(refundOf(p.Lines[0].PaymentTransactionID, "11"))
		wantCode(t, err, CodeExceedsRemainder)
		r, _ := l.Report(p.ID, 0)
		refunds := r.Lines[0].Refunds
		if len(refunds) != want || r.RefundStatus != NotRefunded || len(l.Executions(p.ID)) != 0 {
			t.Fatalf("listed=%v: report %+v", listed, r)
		}
		if listed && (refunds[0].Status != 0 || refunds[0].Refusal.Code != CodeExceedsRemainder || refunds[0].ConversationID != "c") {
			t.Errorf("failed attempt %+v", refunds[0])
		}
		_, err = l.Refund(refundOf(p.Lines[0].PaymentTransactionID, "10"))
		wantCode(t, err, "")
		_, err = l.Cancel(CancelRequest{PaymentID: p.ID})
		wantCode(t, err, CodeAlreadyRefunded)
		if r, _ = l.Report(p.ID, 0); len(r.Cancels) != want {
			t.Errorf("listed=%v: cancels %+v", listed, r.Cancels)
		}
	}
}

func TestTransactionsOnADayInPages(t *testing.T) {
	t.Parallel()
	l, c := newTestLedger(t)
	p := addPayment(t, l, "1000", "5")
	for range TransactionsPerPage {
		c.pass(time.Second)
		_, err := l.Refund(refundOf(p.Lines[0].PaymentTransactionID, "1"))
		wantCode(t, err, "")
	}
	first, second := l.DayPage(Reporting{}, "2026-03-10", 1), l.DayPage(Reporting{}, "2026-03-10", 2)
	if TransactionsPerPage != 40 || first.Pages != 2 || len(first.Rows) != 40 || len(second.Rows) != 2 {
		t.Fatalf("%d pages, %d and %d rows", first.Pages, len(first.Rows), len(second.Rows))
	}
	newest := first.Rows[0]
	if newest.Type != TransactionRefund || newest.ConversationID != "c" || newest.PaymentTransactionID != p.Lines[0].PaymentTransactionID ||
		newest.ID != "30000040" || !newest.Price.Equal(dec("1")) || !newest.PaidPrice.Equal(dec("1005")) {
		t.Errorf("newest row %+v", newest)
	}
	for i, want := range []string{"5", "1000"} {
		if row := second.Rows[i]; row.Type != TransactionPayment || !row.Price.Equal(dec(want)) || !row.PaidPrice.Equal(dec("1005")) {
			t.Errorf("oldest rows %+v", second.Rows)
		}
	}
	if list := l.DayPage(Reporting{}, "2026-03-11", 1); len(list.Rows) != 0 || list.Pages != 0 {
		t.Errorf("another day shows %d rows", len(list.Rows))
	}
	if list := l.DayPage(Reporting{}, "2026-03-10", 3); len(list.Rows) != 0 || list.Pages != 2 {
		t.Errorf("a page behind the last shows %d rows", len(list.Rows))
	}
}

func TestReportByConversation(t *testing.T) {
	t.Parallel()
	l, _ := newTestLedger(t)
	for _, id := range []string{"a", "b", "a", ""} {
		_, err := l.AddPayment(PaymentSpec{ConversationID: id, Lines: []LineSpec{{PaidPrice: dec("1")}}})
		wantCode(t, err, "")
	}
	found := l.ReportByConversation("a", 0)
	if len(found) != 2 || found[0].PaymentID != "10000001" || found[1].PaymentID != "10000003" {
		t.Errorf("found %+v", found)
	}
	if p, ok := l.PaymentByConversation("a"); !ok || p.ID != "10000003" {
		t.Errorf("detail found %s", p.ID)
	}
	if found := l.ReportByConversation("", 0); found != nil {
		t.Errorf("empty id finds %+v", found)
	}
	if _, ok := l.PaymentByConversation(""); ok {
		t.Error("empty id finds a payment")
	}
}

func TestAddPaymentRefusesNothingPaid(t *testing.T) {
	t.Parallel()
	l, _ := newTestLedger(t)
	for _, lines := range [][]LineSpec{nil, {{}}, {{PaidPrice: dec("-1")}}, {{PaidPrice: dec("2")}, {PaidPrice: dec("-1")}}} {
		_, err := l.AddPayment(PaymentSpec{Lines: lines})
		wantCode(t, err, CodeInvalidRequest)
	}
	if !l.Empty() {
		t.Error("something was added")
	}
}

func TestSeedHasFixedIdsAndComesOnce(t *testing.T) {
	t.Parallel()
	l, c := newTestLedger(t)
	for range 2 {
		if err := Seed(l); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]struct {
		currency string
		lines    []string
		paid     string
	}{
		"10000001": {"TRY", []string{"20000001"}, "100"},
		"10000002": {"TRY", []string{"20000002", "20000003", "20000004"}, "200"},
		"10000003": {"TRY", []string{"20000005"}, "75"},
		"10000004": {"TRY", []string{"20000006"}, "250"},
		"10000005": {"TRY", []string{"20000007", "20000008"}, "100"},
		"10000006": {"EUR", []string{"20000009"}, "80"},
		"10000007": {"TRY", []string{"20000010"}, "90"},
		"10000008": {"TRY", []string{"20000011"}, "55"},
		"10000009": {"TRY", []string{"20000012"}, "120"},
	}
	for id, w := range want {
		p, ok := l.Payment(id)
		if !ok || p.Currency != w.currency || !p.PaidPrice.Equal(dec(w.paid)) || len(p.Lines) != len(w.lines) {
			t.Errorf("payment %s: %+v", id, p)
			continue
		}
		for i, line := range w.lines {
			if p.Lines[i].PaymentTransactionID != line {
				t.Errorf("payment %s: line %d is %s, want %s", id, i, p.Lines[i].PaymentTransactionID, line)
			}
		}
	}
	if _, ok := l.Payment("10000010"); ok {
		t.Error("seeded twice")
	}
	old, _ := l.Payment("10000007")
	unpaid, _ := l.Payment("10000008")
	if c.now.Sub(old.CreatedAt) != 400*24*time.Hour || unpaid.PaymentStatus != PaymentFailure {
		t.Errorf("old %+v, unpaid %+v", old, unpaid)
	}
	if len(l.Executions("")) != 0 {
		t.Error("seeds are executions")
	}
}
