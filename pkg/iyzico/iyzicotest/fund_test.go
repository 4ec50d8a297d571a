package iyzicotest

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

func TestSpreadSharesByPriceAndSumsExactly(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		paid   string
		prices []string
		want   []string
	}{
		"commission":     {"1.2", []string{"0.3", "0.5", "0.2"}, []string{"0.36", "0.6", "0.24"}},
		"thirds":         {"100", []string{"1", "1", "1"}, []string{"33.33333333", "33.33333333", "33.33333334"}},
		"one item":       {"0.99", []string{"5"}, []string{"0.99"}},
		"tiny shares":    {"0.01", []string{"1", "999999"}, []string{"0.00000001", "0.00999999"}},
		"paid equals it": {"3", []string{"1", "2"}, []string{"1", "2"}},
	}
	for name, test := range tests {
		prices := make([]decimal.Decimal, len(test.prices))
		for i, p := range test.prices {
			prices[i] = dec(p)
		}
		sum := decimal.Zero
		for i, share := range Spread(dec(test.paid), prices) {
			sum = sum.Add(share)
			if !share.Equal(dec(test.want[i])) {
				t.Errorf("%s: share %d is %s, want %s", name, i, share, test.want[i])
			}
		}
		if !sum.Equal(dec(test.paid)) {
			t.Errorf("%s: shares sum to %s, want %s", name, sum, test.paid)
		}
	}
}

// openSession adds a session and fetches an access token for it.
func openSession(t *testing.T, l *Ledger, spec SessionSpec) FundRequest {
	t.Helper()
	s, err := l.AddSession(spec)
	wantCode(t, err, "")
	token, err := l.AccessToken(s.SessionToken, s.MemberIdentifier)
	wantCode(t, err, "")
	return FundRequest{
		ConversationID: "fp-1", SessionToken: s.SessionToken, MemberIdentifier: s.MemberIdentifier, AccessToken: token,
		PaymentType: PaymentTypeFund, Price: dec("1"), PaidPrice: dec("1.2"), Currency: "TRY",
		Items: []FundItem{{"a", dec("0.3")}, {"b", dec("0.7")}},
	}
}

func TestFundPayTakesFromTheBalance(t *testing.T) {
	t.Parallel()
	l, _ := newTestLedger(t)
	r := openSession(t, l, SessionSpec{Balance: dec("2")})
	p, err := l.FundPay(r)
	wantCode(t, err, "")
	if p.ConversationID != "fp-1" || !p.Lines[0].PaidPrice.Equal(dec("0.36")) || !p.Lines[1].PaidPrice.Equal(dec("0.84")) {
		t.Errorf("payment %+v", p)
	}
	s, err := l.Session(r.SessionToken, r.MemberIdentifier)
	wantCode(t, err, "")
	if !s.Balance.Equal(dec("0.8")) || s.LastPaymentID != p.ID {
		t.Errorf("session %+v", s)
	}
	executions := l.Executions(p.ID)
	if len(executions) != 1 || executions[0].Kind != KindFundPayment || executions[0].Path != PathFundPayment || !executions[0].Price.Equal(dec("1.2")) {
		t.Errorf("executions %+v", executions)
	}
	_, err = l.Refund(refundOf(p.Lines[0].PaymentTransactionID, "0.36"))
	wantCode(t, err, "")
	_, err = l.FundPay(r)
	wantCode(t, err, CodeNotSufficientFunds)
	r.Items, r.Price, r.PaidPrice = []FundItem{{"a", dec("0.8")}}, dec("0.8"), dec("0.8")
	_, err = l.FundPay(r)
	wantCode(t, err, "")
	if found := l.ReportByConversation("fp-1", 0); len(found) != 2 {
		t.Errorf("same conversation id found %d payments, want 2", len(found))
	}
}

func TestFundPayRefusals(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		session SessionSpec
		change  func(*FundRequest, *Ledger, *clock)
		want    string
	}{
		"fits":              {},
		"balance too small": {session: SessionSpec{Balance: dec("1.19")}, want: CodeNotSufficientFunds},
		"card session":      {session: SessionSpec{PaymentType: PaymentTypeCard}, want: CodePaymentTypeMismatch},
		"rejected":          {session: SessionSpec{FraudStatus: pointer(FraudRejected)}, want: CodeNotCharged},
		"not FUND":          {change: func(r *FundRequest, _ *Ledger, _ *clock) { r.PaymentType = "3DS" }, want: CodePaymentTypeMismatch},
		"items sum":         {change: func(r *FundRequest, _ *Ledger, _ *clock) { r.Price = dec("1.01") }, want: CodeItemsSum},
		"no items":          {change: func(r *FundRequest, _ *Ledger, _ *clock) { r.Items = nil }, want: CodeInvalidRequest},
		"free item":         {change: func(r *FundRequest, _ *Ledger, _ *clock) { r.Items[0].Price = dec("0") }, want: CodeInvalidRequest},
		"nothing paid":      {change: func(r *FundRequest, _ *Ledger, _ *clock) { r.PaidPrice = dec("0") }, want: CodeInvalidRequest},
		"other currency":    {change: func(r *FundRequest, _ *Ledger, _ *clock) { r.Currency = "USD" }, want: CodeCurrencyMismatch},
		"other member":      {change: func(r *FundRequest, _ *Ledger, _ *clock) { r.MemberIdentifier = "x" }, want: CodeUnknownSession},
		"no access token":   {change: func(r *FundRequest, _ *Ledger, _ *clock) { r.AccessToken = "" }, want: CodeAccessToken},
		"token of another session": {change: func(r *FundRequest, l *Ledger, _ *clock) {
			s, _ := l.AddSession(SessionSpec{})
			r.AccessToken, _ = l.AccessToken(s.SessionToken, s.MemberIdentifier)
		}, want: CodeAccessToken},
		"token just alive": {change: func(_ *FundRequest, _ *Ledger, c *clock) { c.pass(accessTokenLife - time.Second) }},
		"token too old":    {change: func(_ *FundRequest, _ *Ledger, c *clock) { c.pass(accessTokenLife) }, want: CodeAccessToken},
		"session ended": {change: func(r *FundRequest, l *Ledger, _ *clock) {
			_ = l.InvalidateSession(r.SessionToken, r.MemberIdentifier)
		}, want: CodeSessionPassive},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, c := newTestLedger(t)
			if test.session.Balance.IsZero() {
				test.session.Balance = dec("100")
			}
			r := openSession(t, l, test.session)
			if test.change != nil {
				test.change(&r, l, c)
			}
			_, err := l.FundPay(r)
			wantCode(t, err, test.want)
			s, err := l.Session(r.SessionToken, r.MemberIdentifier)
			if test.want != "" && err == nil && !s.Balance.Equal(test.session.Balance) {
				t.Errorf("refused, but the balance is %s", s.Balance)
			}
			if moved := len(l.Executions("")) > 0; moved != (test.want == "") {
				t.Errorf("executed: %v", moved)
			}
		})
	}
}

func TestPassiveSessionGetsNoAccessToken(t *testing.T) {
	t.Parallel()
	l, _ := newTestLedger(t)
	s, err := l.AddSession(SessionSpec{Passive: true})
	wantCode(t, err, "")
	_, err = l.AccessToken(s.SessionToken, s.MemberIdentifier)
	wantCode(t, err, CodeSessionPassive)
	_, err = l.AccessToken(s.SessionToken, "x")
	wantCode(t, err, CodeUnknownSession)
}

func TestReviewHoldsTheBalanceAndExecutesWhenApproved(t *testing.T) {
	t.Parallel()
	for _, approved := range []bool{true, false} {
		l, c := newTestLedger(t)
		r := openSession(t, l, SessionSpec{Balance: dec("2"), FraudStatus: pointer(FraudInReview)})
		p, err := l.FundPay(r)
		wantCode(t, err, "")
		s, _ := l.Session(r.SessionToken, r.MemberIdentifier)
		if p.FraudStatus != FraudInReview || len(l.Executions("")) != 0 || !s.Balance.Equal(dec("0.8")) {
			t.Fatalf("in review: payment %+v, session %+v", p, s)
		}
		c.pass(time.Hour)
		status, executions, balance := FraudRejected, 0, "2"
		if approved {
			status, executions, balance = FraudApproved, 1, "0.8"
		}
		wantCode(t, l.SetFraudStatus(p.ID, FraudInReview), CodeInvalidRequest)
		wantCode(t, l.SetFraudStatus(p.ID, status), "")
		wantCode(t, l.SetFraudStatus(p.ID, status), CodeInvalidRequest)
		s, _ = l.Session(r.SessionToken, r.MemberIdentifier)
		found, _ := l.Report(p.ID, 0)
		if len(l.Executions(p.ID)) != executions || !s.Balance.Equal(dec(balance)) || found.FraudStatus != status {
			t.Errorf("approved=%v: %+v, session %+v, report %+v", approved, l.Executions(p.ID), s, found)
		}
	}
	l, _ := newTestLedger(t)
	wantCode(t, l.SetFraudStatus("1", FraudApproved), CodeUnknownPayment)
}
