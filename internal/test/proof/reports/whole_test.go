package reports_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

// TestNoChangeOfAReportMovesABalanceRefundFalsely: only a payment that iyzico calls totally refunded, by entries that sum to
// what was paid, ends a refund to balance as done, and nothing that iyzico says or hides ends it as not done.
func TestNoChangeOfAReportMovesABalanceRefundFalsely(t *testing.T) {
	t.Parallel()
	s := scenario{
		command: with(command(payment.KindBalanceRefund, ""), func(c *payment.Command) { c.Destination = payment.ToBalance }),
		lines:   []string{"40", "60"},
	}
	i := newIyzico(t)
	i.report = s.report(t, entries{refunds: map[int][]string{}}).String()
	first, err := i.read(noon, payment.Query{PaymentID: paymentID})
	if err != nil {
		t.Fatal(err)
	}
	account := payment.Account{ID: payment.PaymentAccount(paymentID)}
	account, call, err := rules.Decide(account, payment.Requested{Command: s.command, Until: noon.Add(27 * time.Second), Report: &first}, noon)
	if err != nil || call == nil {
		t.Fatal("nothing was sent", err)
	}
	hash := payment.HashToken("token")
	account = decide(t, account, payment.Answered{Call: *call, Verdict: payment.VerdictOpened, Opened: &payment.Opened{SealedURL: "u", TokenHash: hash}}, noon)
	account = decide(t, account, payment.Returned{OperationID: call.OperationID, TokenHash: hash}, noon.Add(time.Second))

	half := entries{refunds: map[int][]string{1: {refundEntry(5660001, "", "60", 1, time.Minute, "")}}}
	all := entries{refunds: map[int][]string{
		0: {refundEntry(5660002, "", "40", 1, time.Minute, "")}, 1: {refundEntry(5660001, "", "60", 1, time.Minute, "")},
	}}
	for name, c := range map[string]struct {
		listed entries
		want   payment.State
	}{
		"nothing moved": {entries{}, payment.StateNeedsReview},
		"a part moved":  {half, payment.StateNeedsReview},
		"all moved":     {all, payment.StateSucceeded},
	} {
		story := func(text string) step {
			return step{account, 0, text, payment.Query{PaymentID: paymentID}, nil, func(s payment.State) bool { return s == payment.StateAwaitingMerchant }}
		}
		tree := s.report(t, c.listed)
		i.plays(t, "balance refund, "+name, tree, story, c.want, c.want == payment.StateSucceeded)
	}
}

// TestNoChangeOfAReportMovesAFundPaymentFalsely: absence never ends a fund payment, and a payment that the fraud filter holds
// or that was not paid is never taken for a paid one.
func TestNoChangeOfAReportMovesAFundPaymentFalsely(t *testing.T) {
	t.Parallel()
	price := money.New(decimal.RequireFromString("100"), money.TRY)
	c := payment.Command{Kind: payment.KindFundPayment, Key: "key", Fund: &payment.FundOrder{PriceAmount: price, PaidAmount: price, SessionToken: "session"}}
	i := newIyzico(t)
	account := payment.Account{ID: payment.FundAccount(c.OperationID())}
	account, call, err := rules.Decide(account, payment.Requested{Command: c, Until: noon.Add(27 * time.Second)}, noon)
	if err != nil || call == nil {
		t.Fatal("nothing was sent", err)
	}
	account = decide(t, account, payment.Answered{Call: *call, Verdict: payment.VerdictUnknown}, noon.Add(time.Second))
	paid := (&scenario{lines: []string{"40", "60"}}).report(t, entries{}).String()
	paid = strings.Replace(paid, `"shop-1"`, fmt.Sprintf("%q", call.ConversationID), 1)
	refunded := (&scenario{lines: []string{"40", "60"}}).report(t, entries{refunds: map[int][]string{0: {refundEntry(5660001, "", "40", 1, time.Hour, "")}}}).String()
	refunded = strings.Replace(refunded, `"shop-1"`, fmt.Sprintf("%q", call.ConversationID), 1)
	for name, r := range map[string]struct {
		text  string
		want  payment.State
		moved bool
	}{
		"paid":                     {paid, payment.StateSucceeded, true},
		"paid, partly refunded":    {refunded, payment.StateSucceeded, true},
		"held by the fraud filter": {strings.Replace(paid, `"fraudStatus":1`, `"fraudStatus":0`, 1), payment.StateNeedsReview, false},
		"turned down":              {strings.Replace(paid, `"fraudStatus":1`, `"fraudStatus":-1`, 1), payment.StateNeedsReview, false},
		"not paid":                 {strings.Replace(paid, `"paymentStatus":1`, `"paymentStatus":2`, 1), payment.StateNeedsReview, false},
		"not made":                 {`{"status":"success","locale":"en","systemTime":` + clockMark + `,"payments":[]}`, payment.StateNeedsReview, false},
	} {
		story := func(text string) step {
			q := payment.Query{PaymentConversationID: call.ConversationID}
			return step{account, 0, text, q, nil, func(s payment.State) bool { return s == payment.StateUnknown || s == payment.StateInReview }}
		}
		i.plays(t, "fund payment, "+name, parse(t, r.text), story, r.want, r.moved)
	}
}
