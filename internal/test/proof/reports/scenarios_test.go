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

const (
	paymentID = "35790001"
	window    = time.Hour
	// clockMark stands for iyzico's clock in a report's text.
	clockMark = "1700000000000"
)

// noon is when the operation is accepted, 12:00 in Istanbul.
var noon = time.Date(2026, time.June, 11, 9, 0, 0, 0, time.UTC)

// wall is a time as iyzico's report writes it: Istanbul's wall clock with a Z.
func wall(after time.Duration) string {
	return noon.Add(3*time.Hour + after).Format("2006-01-02T15:04:05Z")
}

// scenario is one operation whose answer was lost, and what iyzico reports of it.
type scenario struct {
	name    string
	command payment.Command
	lines   []string // paid amounts; ids 37700001, …
	// done are verdicts of the legs before the one whose answer is lost.
	done int
	// before is what the report lists of other things, after what the attempt made; both name the entries of lines and cancels.
	before, after entries
	// failed is listed in place of after where the money has not moved.
	failed entries
}

// entries are the texts of refunds by line, and of cancels.
type entries struct {
	refunds map[int][]string
	cancels []string
}

func command(kind payment.Kind, amount string) payment.Command {
	c := payment.Command{Kind: kind, PaymentID: paymentID, Key: "key", Destination: payment.ToCard, Locale: "tr"}
	if amount != "" {
		c.Amount = money.New(decimal.RequireFromString(amount), money.TRY)
	}
	return c
}

func with(c payment.Command, change func(*payment.Command)) payment.Command {
	change(&c)
	return c
}

// refundEntry is one entry of refunds[], as seen on the wire.
func refundEntry(id int, conversationID, price string, status int, after time.Duration, more string) string {
	return fmt.Sprintf(`{"refundTxId":%d,"refundConversationId":%q,"refundPrice":%s,"refundStatus":%d,"isAfterSettlement":false,`+
		`"createdDate":%q,"currencyCode":"TRY","authCode":"900001","hostReference":"x-02"%s}`, id, conversationID, price, status, wall(after), more)
}

func cancelEntry(conversationID, price string, after time.Duration) string {
	return fmt.Sprintf(`{"refundId":5661001,"cancelConversationId":%q,"refundPrice":%s,"refundStatus":1,"createdDate":%q,"currencyCode":"TRY",`+
		`"authCode":"900001","hostReference":"x-02"}`, conversationID, price, wall(after))
}

// scenarios are the operations that a card gets its money back by.
func scenarios() []scenario {
	refund := command(payment.KindRefund, "30")
	line := with(refund, func(c *payment.Command) { c.LineID = "37700001" })
	v2 := with(command(payment.KindRefund, "8.21"), func(c *payment.Command) { c.Allocation = payment.AllocateByIyzico })
	whole := with(command(payment.KindRefund, "10.21"), func(c *payment.Command) { c.Allocation = payment.AllocateByIyzico })
	legs := with(command(payment.KindRefund, "60"), func(c *payment.Command) { c.Allocation = payment.AllocateInOrder })
	cancel, reversal := command(payment.KindCancel, ""), command(payment.KindReversal, "")
	id := func(c payment.Command, n int) string { return payment.ConversationID(c.OperationID(), n) }
	const later = 3 * time.Second
	return []scenario{
		{
			name: "refund of a line", command: refund, lines: []string{"100"},
			after: entries{refunds: map[int][]string{0: {refundEntry(5660001, id(refund, 1), "30.0", 1, later, "")}}},
		},
		{
			name: "refund of a line beside an older one of the panel's", command: line, lines: []string{"100", "50"},
			before: entries{refunds: map[int][]string{1: {refundEntry(5660000, "", "5", 1, -time.Hour, "")}}},
			after:  entries{refunds: map[int][]string{0: {refundEntry(5660001, id(line, 1), "30", 1, later, "")}}},
		},
		{
			name: "refund of a line that iyzico lists as failed", command: line, lines: []string{"100", "50"},
			after: entries{refunds: map[int][]string{0: {refundEntry(5660001, id(line, 1), "30", 1, later, "")}}},
			failed: entries{refunds: map[int][]string{0: {
				refundEntry(5660001, id(line, 1), "30", 0, later, `,"errorGroup":"NOT_SUFFICIENT_FUNDS","errorCode":"10051","errorMessage":"no limit"`),
			}}},
		},
		{
			name: "refund v2 over two lines", command: v2, lines: []string{"0.30599401", "9.90400599"},
			after: entries{refunds: map[int][]string{
				0: {refundEntry(5660001, id(v2, 1), "0.30599401", 1, later, "")}, 1: {refundEntry(5660002, id(v2, 1), "7.90400599", 1, later+time.Second, "")},
			}},
		},
		{
			name: "refund v2 of everything, carried out as a cancel", command: whole, lines: []string{"0.30", "9.91"},
			after: entries{cancels: []string{cancelEntry(id(whole, 1), "10.21", later)}},
		},
		{
			name: "the second of several legs", command: legs, lines: []string{"40", "50"}, done: 1,
			before: entries{refunds: map[int][]string{1: {refundEntry(5660001, id(legs, 1), "50", 1, later, "")}}},
			after:  entries{refunds: map[int][]string{0: {refundEntry(5660002, id(legs, 2), "10", 1, 2*later, "")}}},
		},
		{
			name: "cancel", command: cancel, lines: []string{"0.30599401", "9.90400599"},
			after: entries{cancels: []string{cancelEntry(id(cancel, 1), "10.21", later)}},
		},
		{
			name: "the cancel of a reversal", command: reversal, lines: []string{"10.21"},
			after: entries{cancels: []string{cancelEntry(id(reversal, 1), "10.21", later)}},
		},
	}
}

// all is what iyzico lists in the end.
func (s *scenario) all(moved bool) entries {
	all := entries{refunds: map[int][]string{}}
	parts := []entries{s.before}
	if moved {
		parts = append(parts, s.after)
	} else {
		parts = append(parts, s.failed)
	}
	for _, e := range parts {
		for line, texts := range e.refunds {
			all.refunds[line] = append(all.refunds[line], texts...)
		}
		all.cancels = append(all.cancels, e.cancels...)
	}
	return all
}

// report is the text of iyzico's report.
func (s *scenario) report(t testing.TB, listed entries) *node {
	t.Helper()
	paid, back := decimal.Zero, decimal.Zero
	var lines []string
	for i := len(s.lines) - 1; i >= 0; i-- { // iyzico lists them in any order
		paid = paid.Add(decimal.RequireFromString(s.lines[i]))
		lines = append(lines, fmt.Sprintf(`{"paymentTransactionId":%d,"transactionStatus":2,"price":%s,"paidPrice":%s,"refunds":[%s]}`,
			37700001+i, s.lines[i], s.lines[i], strings.Join(listed.refunds[i], ",")))
		for _, text := range listed.refunds[i] {
			if entry := parse(t, text); strings.Contains(text, `"refundStatus":1`) {
				back = back.Add(decimal.RequireFromString(entry.kids[2].raw))
			}
		}
	}
	status := "NOT_REFUNDED"
	switch {
	case len(listed.cancels) > 0 || back.Equal(paid):
		status = "TOTALLY_REFUNDED"
	case back.IsPositive():
		status = "PARTIALLY_REFUNDED"
	}
	return parse(t, fmt.Sprintf(`{"status":"success","locale":"en","systemTime":%s,"payments":[{"paymentId":%s,"paymentStatus":1,`+
		`"paymentRefundStatus":%q,"price":%s,"paidPrice":%s,"paymentConversationId":"shop-1","currency":"TRY","phase":"AUTH","fraudStatus":1,"createdDate":%q,`+
		`"cancels":[%s],"itemTransactions":[%s]}]}`,
		clockMark, paymentID, status, paid, paid, wall(-2*time.Hour), strings.Join(listed.cancels, ","), strings.Join(lines, ",")))
}
