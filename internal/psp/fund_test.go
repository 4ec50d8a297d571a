package psp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

const (
	authPath        = "/v1/pay-with-iyzico/third-party-session/checkout/auth"
	accessTokenPath = "/v1/pay-with-iyzico/third-party-session/retrieve/access-token"
	lastPaymentPath = "/v1/pay-with-iyzico/third-party-session/retrieve/last-payment-info"
)

// session adds a session to the fake. settings are members of POST /_fake/sessions.
func (b *bench) session(t *testing.T, settings string) iyzicotest.Session {
	t.Helper()
	resp, err := http.Post(b.url+"/_fake/sessions", "application/json", strings.NewReader("{"+settings+"}"))
	if err != nil || resp.StatusCode/100 != 2 {
		t.Fatalf("session %s: %v %v", settings, resp, err)
	}
	defer resp.Body.Close()
	var s iyzicotest.Session
	if err := json.NewDecoder(resp.Body).Decode(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

func lira(text string) money.Amount { return money.New(decimal.RequireFromString(text), money.TRY) }

// fundCall pays 1.20 for two items of 0.30 and 0.70, from that session.
func fundCall(s iyzicotest.Session) payment.Call {
	address := payment.Address{Address: "canary street", ContactName: "canary contact", City: "Istanbul", Country: "Turkey", ZipCode: "34580"}
	order := &payment.FundOrder{
		SessionToken: s.SessionToken, MemberIdentifier: s.MemberIdentifier, PriceAmount: lira("1"), PaidAmount: lira("1.2"),
		CallbackURL: "https://merchant.example/cb", PaymentGroup: "PRODUCT", BasketID: "B67832",
		Buyer: payment.Buyer{
			ID: "BY789", Name: "canary name", Surname: "canary surname", IdentityNumber: "74300864111", Email: "canary@mail.example", GSMNumber: "+905555555555",
			RegistrationAddress: "canary home", City: "Istanbul", Country: "Turkey", IP: "203.0.113.7", ZipCode: "34580",
		},
		ShippingAddress: &address, BillingAddress: address,
		BasketItems: []payment.BasketItem{
			{ID: "BI101", PriceAmount: lira("0.3"), Name: "Binocular", Category1: "Collectibles", Category2: "Old", ItemType: "PHYSICAL"},
			{ID: "BI102", PriceAmount: lira("0.7"), Name: "Game code", Category1: "Game", ItemType: "VIRTUAL"},
		},
	}
	return payment.Call{
		OperationID: "fp_x", Attempt: 1, ConversationID: "fp_x-1", API: payment.APIFund, Amount: lira("1.2"), Deadline: time.Now().Add(3 * time.Second),
		Command: payment.Command{Kind: payment.KindFundPayment, Key: "k", Fund: order, Locale: "tr"},
	}
}

func (b *bench) charged() int {
	n := 0
	for _, x := range b.fake.Ledger().Executions("") {
		if x.Kind == "fund_payment" {
			n++
		}
	}
	return n
}

func TestAFundPaymentFetchesItsTokenAndGivesThePaymentThatItMade(t *testing.T) {
	t.Parallel()
	b := setup(t)
	answer := b.gateway.Send(context.Background(), fundCall(b.session(t, `"balance":"5"`)))
	if answer.Verdict != payment.VerdictSucceeded || answer.Failure != nil || answer.Made == nil {
		t.Fatalf("%+v", answer)
	}
	m := answer.Made
	if !payment.ValidIyzicoID(m.PaymentID) || m.PaymentStatus != "SUCCESS" || *m.FraudStatus != 1 || m.PaidAt.IsZero() || len(m.Lines) != 2 ||
		m.Lines[0].ItemID != "BI101" || !m.Lines[0].PaidAmount.Equal(lira("0.36")) || !m.Lines[1].PaidAmount.Equal(lira("0.84")) || b.charged() != 1 {
		t.Errorf("made %+v, charged %d times", m, b.charged())
	}
	for _, q := range []payment.Query{{PaymentConversationID: "fp_x-1"}, {PaymentID: m.PaymentID}} {
		r, err := b.gateway.Read(context.Background(), q)
		if err != nil || !r.Listed || !r.Charged || r.Refused || r.Ambiguous || r.PaymentID != m.PaymentID || r.ConversationID != "fp_x-1" || !r.PaidAmount.Equal(lira("1.2")) ||
			r.PaymentStatus != "SUCCESS" || *r.FraudStatus != 1 || len(r.Lines) != 2 {
			t.Errorf("%+v: %+v, %v", q, r, err)
		}
	}
	if _, err := b.gateway.Read(context.Background(), payment.Query{PaymentConversationID: "fp_x-2"}); payment.CodeOf(err) != payment.CodeNotFound {
		t.Errorf("an attempt that was never made: %v", err)
	}
}

func TestAFundPaymentInReviewIsReadAsSuch(t *testing.T) {
	t.Parallel()
	b := setup(t)
	answer := b.gateway.Send(context.Background(), fundCall(b.session(t, `"balance":"5","fraudStatus":0`)))
	if answer.Verdict != payment.VerdictInReview || answer.Made == nil || *answer.Made.FraudStatus != 0 {
		t.Fatalf("%+v", answer)
	}
	read := func() payment.Report {
		r, err := b.gateway.Read(context.Background(), payment.Query{PaymentID: answer.Made.PaymentID})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := read(); r.Charged || r.Refused || *r.FraudStatus != 0 {
		t.Errorf("in review: %+v", r)
	}
	if err := b.fake.Ledger().SetFraudStatus(answer.Made.PaymentID, -1); err != nil {
		t.Fatal(err)
	}
	if r := read(); r.Charged || !r.Refused || *r.FraudStatus != -1 {
		t.Errorf("turned down: %+v", r)
	}
}

// TestWhatGoesWrongBeforeTheMoneyRequestIsNotSent: whatever becomes of the requests that ask for permission, no money was
// asked for, the same request may come again, and iyzico's own reason is told where it gave one.
func TestWhatGoesWrongBeforeTheMoneyRequestIsNotSent(t *testing.T) {
	t.Parallel()
	type change func(*payment.FundOrder)
	verify := func(o *payment.FundOrder) { o.VerifySession = true }
	for _, tc := range []struct {
		name, session, fault string
		order                change
		reason, code         string
	}{
		{"passive session", `"balance":"5","active":false`, "", nil, payment.ReasonSessionRefused, iyzicotest.CodeSessionPassive},
		{"unknown session", `"balance":"5"`, "", func(o *payment.FundOrder) { o.SessionToken += "x" }, payment.ReasonSessionRefused, iyzicotest.CodeUnknownSession},
		{"another member", `"balance":"5"`, "", func(o *payment.FundOrder) { o.MemberIdentifier += "x" }, payment.ReasonSessionRefused, iyzicotest.CodeUnknownSession},
		{"expired access token", `"balance":"5"`, "", func(o *payment.FundOrder) { o.AccessToken = "1.0123456789abcdef" }, payment.ReasonSessionRefused, iyzicotest.CodeAccessToken},
		{"session of a card", `"balance":"5","paymentType":"CARD_PAYMENT"`, "", verify, payment.ReasonSessionRefused, "260018"},
		{"token: reset", `"balance":"5"`, fault(accessTokenPath, "reset-before", ""), nil, "access-token-reset", ""},
		{"token: reset after", `"balance":"5"`, fault(accessTokenPath, "reset-after", ""), nil, "access-token-reset", ""},
		{"token: 500", `"balance":"5"`, fault(accessTokenPath, "status-500-before", ""), nil, "access-token-http-500", ""},
		{"token: 502", `"balance":"5"`, fault(accessTokenPath, "html-502", ""), nil, "access-token-http-502", ""},
		{"token: truncated", `"balance":"5"`, fault(accessTokenPath, "truncated-after", ""), nil, "access-token-truncated", ""},
		{"token: other conversation", `"balance":"5"`, fault(accessTokenPath, "wrong-echo", ""), nil, "access-token-echo-mismatch", ""},
		{"token: hangs", `"balance":"5"`, fault(accessTokenPath, "hang-before", ""), nil, "access-token-timeout", ""},
		{"token: refused", `"balance":"5"`, fault(accessTokenPath, "refuse", ""), nil, payment.ReasonSessionRefused, "10051"},
		{"token: system error", `"balance":"5"`, fault(accessTokenPath, "refuse", "1"), nil, "access-token-unclear-code", "1"},
		{"token: credentials", `"balance":"5"`, fault(accessTokenPath, "refuse", "1001"), nil, "credentials", "1001"},
		{"token: rate limit", `"balance":"5"`, fault(accessTokenPath, "rate-limit", ""), nil, "rate-limited", "50000"},
		{"last payment: reset", `"balance":"5"`, fault(lastPaymentPath, "reset-before", ""), verify, "last-payment-reset", ""},
		{"last payment: refused", `"balance":"5"`, fault(lastPaymentPath, "refuse", "11"), verify, payment.ReasonSessionRefused, "11"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			c := fundCall(b.session(t, tc.session))
			if tc.order != nil {
				tc.order(c.Command.Fund)
			}
			if tc.fault != "" {
				b.fault(t, tc.fault)
			}
			answer := b.gateway.Send(context.Background(), c)
			if f := answer.Failure; answer.Verdict != payment.VerdictNotSent || f == nil || f.Reason != tc.reason || f.Code != tc.code || f.Message == "" {
				t.Errorf("%+v, %+v", answer, answer.Failure)
			}
			if b.charged() != 0 || len(b.fake.Requests("")) != 0 {
				t.Errorf("charged %d times, %d money requests", b.charged(), len(b.fake.Requests("")))
			}
			noSecrets(t, c, answer)
		})
	}
}

// TestWhatBecomesOfTheMoneyRequest: one request, whatever the answer, and a verdict that no answer can talk into more than
// it proves.
func TestWhatBecomesOfTheMoneyRequest(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, session, fault string
		verdict              payment.Verdict
		reason, code         string
		charged              int
	}{
		{"insufficient balance", `"balance":"1.19"`, "", payment.VerdictRejected, "refused", "10051", 0},
		{"session of a card", `"balance":"5","paymentType":"CARD_PAYMENT"`, "", payment.VerdictRejected, "refused", "260018", 0},
		{"reset before", `"balance":"5"`, fault(authPath, "reset-before", ""), payment.VerdictUnknown, "reset", "", 0},
		{"reset after", `"balance":"5"`, fault(authPath, "reset-after", ""), payment.VerdictUnknown, "reset", "", 1},
		{"hangs", `"balance":"5"`, fault(authPath, "hang-after", ""), payment.VerdictUnknown, "timeout", "", 1},
		{"missing echo", `"balance":"5"`, fault(authPath, "missing-echo", ""), payment.VerdictUnknown, "echo-mismatch", "", 1},
		{"wrong echo", `"balance":"5"`, fault(authPath, "wrong-echo", ""), payment.VerdictUnknown, "echo-mismatch", "", 1},
		{"refused after", `"balance":"5"`, fault(authPath, "refuse-after", "10203"), payment.VerdictUnknown, "unclear-code", "10203", 1},
		{"a code of no list", `"balance":"5"`, fault(authPath, "refuse", "260999"), payment.VerdictUnknown, "unknown-code", "260999", 0},
		{"rate limit", `"balance":"5"`, fault(authPath, "rate-limit", ""), payment.VerdictNotSent, "rate-limited", "50000", 0},
		{"bad signature", `"balance":"5"`, fault(authPath, "bad-signature", ""), payment.VerdictSucceeded, "", "", 1}, // its order is not documented (docs/iyzico.md §4.1)
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			c := fundCall(b.session(t, tc.session))
			if tc.fault != "" {
				b.fault(t, tc.fault)
			}
			answer := b.gateway.Send(context.Background(), c)
			failure := payment.Failure{}
			if answer.Failure != nil {
				failure = *answer.Failure
			}
			if answer.Verdict != tc.verdict || failure.Reason != tc.reason || failure.Code != tc.code || b.charged() != tc.charged || len(b.fake.Requests("")) != 1 {
				t.Errorf("%+v, %+v, charged %d times, %d money requests", answer.Verdict, failure, b.charged(), len(b.fake.Requests("")))
			}
			noSecrets(t, c, answer)
		})
	}
}

func TestAValidAccessTokenOfTheCallersIsUsed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.session(t, `"balance":"5"`)
	c := fundCall(s)
	token, err := b.fake.Ledger().AccessToken(s.SessionToken, s.MemberIdentifier)
	if err != nil {
		t.Fatal(err)
	}
	c.Command.Fund.AccessToken = token
	b.fault(t, fault(accessTokenPath, "refuse", "")) // no other is fetched
	if answer := b.gateway.Send(context.Background(), c); answer.Verdict != payment.VerdictSucceeded || b.charged() != 1 {
		t.Errorf("%+v, %+v", answer, answer.Failure)
	}
}

func fault(path, mode, code string) string {
	return fmt.Sprintf(`{"path":%q,"mode":%q,"errorCode":%q}`, path, mode, code)
}

// noSecrets looks for what must not leave the gateway in an answer.
func noSecrets(t *testing.T, c payment.Call, answer payment.Answered) {
	t.Helper()
	text := fmt.Sprintf("%+v %+v %+v", answer, answer.Failure, answer.Made)
	for _, secret := range []string{c.Command.Fund.SessionToken, c.Command.Fund.MemberIdentifier, "canary", "74300864111", "5555555555", "203.0.113.7"} {
		if strings.Contains(text, secret) {
			t.Errorf("the answer shows %q", secret)
		}
	}
}

// TestAReportsUnclearPaymentStatusIsNoRefusal: iyzico's lists of paymentStatus differ on all values but 1 (docs/iyzico.md §5.2).
func TestAReportsUnclearPaymentStatusIsNoRefusal(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, status := range []int{iyzicotest.PaymentFailure, 3, 8} {
		p, err := b.fake.Ledger().AddPayment(iyzicotest.PaymentSpec{
			PaymentStatus: status, ConversationID: fmt.Sprint("fp_unclear-", status), Lines: []iyzicotest.LineSpec{{PaidPrice: decimal.NewFromInt(5)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		r, err := b.gateway.Read(context.Background(), payment.Query{PaymentConversationID: p.ConversationID})
		if err != nil || r.PaymentID != p.ID || r.Charged || r.Refused || r.PaymentStatus != "" {
			t.Errorf("%d: %+v, %v", status, r, err)
		}
	}
}

func TestTwoPaymentsUnderOneConversationIdAreAmbiguous(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 2 {
		if _, err := b.fake.Ledger().AddPayment(iyzicotest.PaymentSpec{ConversationID: "fp_twice-1", Lines: []iyzicotest.LineSpec{{PaidPrice: decimal.NewFromInt(5)}}}); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := b.gateway.Read(context.Background(), payment.Query{PaymentConversationID: "fp_twice-1"}); err != nil || !r.Ambiguous || len(r.PaymentIDs) != 2 || r.PaymentIDs[0] == r.PaymentIDs[1] {
		t.Errorf("%+v, %v", r, err)
	}
}
