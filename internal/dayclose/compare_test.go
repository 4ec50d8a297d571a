package dayclose

import (
	"testing"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

func amount(text string, currency money.Currency) money.Amount {
	return money.New(decimal.RequireFromString(text), currency)
}

func listedRow(paymentID, conversationID, text string, currency money.Currency) row {
	return row{DayRow: payment.DayRow{
		Kind: payment.DayRowRefund, TransactionID: "7", PaymentID: paymentID, LineID: "1", ConversationID: conversationID, Amount: amount(text, currency),
	}, owner: conversationID}
}

func ofDay(kind payment.Kind, paymentID, conversationID, text string) move {
	return move{OperationID: "rf_1_abcdefghijklmnop", Kind: kind, PaymentID: paymentID, ConversationID: conversationID, Amount: amount(text, "TRY"), OfDay: true}
}

const ours = "rf_1_abcdefghijklmnop-1"

func kinds(out outcome) []DifferenceKind {
	var all []DifferenceKind
	for _, d := range out.differences {
		all = append(all, d.Kind)
	}
	return all
}

func is(t *testing.T, out outcome, want ...DifferenceKind) {
	t.Helper()
	got := kinds(out)
	if len(got) != len(want) {
		t.Fatalf("%v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%v, want %v", got, want)
		}
	}
}

func TestRowsOfAnotherPaymentExplainNothing(t *testing.T) {
	t.Parallel()
	is(t, compare([]row{listedRow("2", ours, "10", "TRY")}, []move{ofDay(payment.KindRefund, "1", ours, "10")}), OnlyHere, OnlyAtIyzico)
}

func TestAnotherCurrencyExplainsNothing(t *testing.T) {
	t.Parallel()
	out := compare([]row{listedRow("1", ours, "10", "EUR")}, []move{ofDay(payment.KindRefund, "1", ours, "10")})
	is(t, out, OnlyAtIyzico, OnlyHere)
}

func TestEightDecimalsAreSummedWithinATolerance(t *testing.T) {
	t.Parallel()
	rows := []row{listedRow("1", ours, "0.30599401", "TRY"), listedRow("1", ours, "9.90400599", "TRY")}
	is(t, compare(rows, []move{ofDay(payment.KindRefund, "1", ours, "10.21")}))
	rows[1] = listedRow("1", ours, "9.90400799", "TRY")
	is(t, compare(rows, []move{ofDay(payment.KindRefund, "1", ours, "10.21")}), AmountDiffers)
}

// TestARefundToBalanceIsExplainedByRowsWithoutAnID that are its payment's and come to its amount, and by nothing else.
func TestARefundToBalanceIsExplainedByRowsWithoutAnID(t *testing.T) {
	t.Parallel()
	balance := []move{ofDay(payment.KindBalanceRefund, "1", ours, "10")}
	is(t, compare([]row{listedRow("1", "", "4", "TRY"), listedRow("1", "", "6", "TRY")}, balance))
	is(t, compare([]row{listedRow("1", "", "4", "TRY")}, balance), OnlyAtIyzico, OnlyHere)
	foreign := listedRow("1", foreignID, "10", "TRY")
	foreign.owner = ""
	is(t, compare([]row{foreign}, balance), OnlyAtIyzico, OnlyHere)
	is(t, compare([]row{listedRow("2", "", "10", "TRY")}, balance), OnlyHere, OnlyAtIyzico)
	card := []move{ofDay(payment.KindRefund, "1", ours, "10")}
	is(t, compare([]row{listedRow("1", "", "10", "TRY")}, card), OnlyAtIyzico, OnlyHere)
}

func TestWordsOfIyzicosThatNobodyKnowsAreNotPassedOn(t *testing.T) {
	t.Parallel()
	for kind, want := range map[payment.DayRowKind]string{
		payment.DayRowRefund: "refund", "chargeback": "chargeback", "ayşe yılmaz": "other", "<b>": "other",
		"abcdefghijklmnopqrstuvwxyzabcdefghij": "other", "": "",
	} {
		if got := word(kind); got != want {
			t.Errorf("%q: %q", kind, got)
		}
	}
}
