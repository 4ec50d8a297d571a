package payment_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/test/repo"
)

// reversalStates are where a reversal may stand, and how it comes there: a payment of one line of 100, on its day.
var reversalStates = []struct {
	name  string
	reach func(*story)
}{
	{"cancel on its way", func(s *story) { s.ask(reversal("k")) }},
	{"cancel `unknown`", func(s *story) { s.ask(reversal("k")).answer(lost) }},
	{"cancel refused, refund planned", func(s *story) { s.ask(reversal("k")).answer(rejected) }},
	{"cancel proved absent, refund planned", func(s *story) { s.ask(reversal("k")).answer(lost).provedAbsent() }},
	{"refund on its way", func(s *story) { s.ask(reversal("k")).answer(rejected).ask(reversal("k")) }},
	{"refund `unknown`", func(s *story) { s.ask(reversal("k")).answer(rejected).ask(reversal("k")).answer(lost) }},
	{"`succeeded` by the cancel", func(s *story) {
		s.ask(reversal("k")).answer(succeeded).listsCancel(reversed("k", 1), 1)
	}},
	{"`succeeded` by the refund", func(s *story) {
		s.ask(reversal("k")).answer(rejected).ask(reversal("k")).answer(succeeded).lists(reversed("k", 2), "1", "100", 1)
	}},
	{"cancel in `needs_review`", func(s *story) { s.ask(reversal("k")).answer(lost).pass(25 * time.Hour).unreadable() }},
	{"ended `not_executed`", func(s *story) { s.ask(reversal("k")).answer(lost).provedAbsent().pass(time.Hour).decide(payment.Due{}) }},
}

// last is the last attempt that the story sent, whatever became of it.
func (s *story) last() payment.Call {
	op := s.op("k")
	for i := range slices.Backward(op.Legs) {
		if leg := &op.Legs[i]; leg.Attempt > 0 {
			return payment.Call{
				Account: s.account.ID, OperationID: op.ID, Leg: i, Attempt: leg.Attempt, ConversationID: payment.ConversationID(op.ID, leg.Attempt),
				API: leg.API, PaymentID: paymentID, LineID: leg.LineID, Amount: leg.Amount, Deadline: leg.SendBy, Command: reversal("k"), Until: s.now.Add(s.left),
			}
		}
	}
	s.t.Fatal("nothing was sent")
	return payment.Call{}
}

// reversalEvents are what may happen to one, wherever it stands.
var reversalEvents = []struct {
	name   string
	happen func(*story)
}{
	{"the same key asks again", func(s *story) { s.ask(reversal("k")) }},
	{"… after midnight in Istanbul", func(s *story) {
		s.iyzico.PaidAt = s.iyzico.PaidAt.Add(-24 * time.Hour)
		s.ask(reversal("k"))
	}},
	{"… after a refund of 30.00 in iyzico's panel", func(s *story) { s.pass(time.Second).lists("", "1", "30", 1).ask(reversal("k")) }},
	{"… while `NEW_MONEY` is off", func(s *story) {
		s.rules.NewMoneyOff = true
		s.ask(reversal("k"))
	}},
	{"the last attempt's answer says done", func(s *story) { s.answerTo(s.last(), succeeded) }},
	{"… says no", func(s *story) { s.answerTo(s.last(), rejected) }},
	{"… proves that it was not sent", func(s *story) { s.answerTo(s.last(), notSent) }},
	{"… does not come", func(s *story) { s.pass(time.Minute).decide(payment.Due{}) }},
	{"the report shows the cancel done", func(s *story) { s.listsCancel(reversed("k", 1), 1).pass(time.Second).read() }},
	{"the report shows the refund done", func(s *story) {
		id := reversed("k", 2)
		listed := slices.ContainsFunc(s.iyzico.Entries, func(e payment.Entry) bool { return e.ConversationID == id })
		if s.op("k").Attempts >= 2 && !listed {
			s.lists(id, "1", "100", 1).pass(time.Second).read()
		}
	}},
	{"report and day lists prove it absent", func(s *story) { s.pass(time.Minute).decide(payment.Due{}).provedAbsent() }},
	{"a cancel without an id is listed", func(s *story) { s.listsCancel("", 1).pass(time.Second).read() }},
	{"an hour passes and nobody asks", func(s *story) { s.pass(time.Hour).decide(payment.Due{}) }},
	{"for a day nothing can be read", func(s *story) { s.pass(25 * time.Hour).unreadable() }},
	{"a person says `succeeded`", func(s *story) { s.decide(resolved("k", payment.DecideSucceeded, s)) }},
	{"a person says `not_executed`", func(s *story) { s.decide(resolved("k", payment.DecideNotExecuted, s)) }},
}

// TestTheTableOfAReversalInTheDocs draws what a reversal does, whatever happens to it wherever it stands.
func TestTheTableOfAReversalInTheDocs(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	table.WriteString("| what happens |")
	for _, state := range reversalStates {
		table.WriteString(" " + state.name + " |")
	}
	table.WriteString("\n|---|" + strings.Repeat("---|", len(reversalStates)) + "\n")
	for _, event := range reversalEvents {
		table.WriteString("| " + event.name + " |")
		for _, state := range reversalStates {
			s := newStory(t, "100")
			state.reach(s)
			s.over = true // a report that shows both is nothing that iade could prevent
			before := s.account
			event.happen(s)
			table.WriteString(" " + s.became(before) + " |")
		}
		table.WriteString("\n")
	}
	repo.Generated(t, "../../docs/how-it-works.md", "reversal", table.String(), *update)
}

// became says what is different from before: the status, what is given back, what leaves, what is refused.
func (s *story) became(before payment.Account) string {
	op, was := s.op("k"), (&before).Operation(reversal("k").OperationID())
	var said []string
	if legsOf(op) != legsOf(was) || op.Status() != was.Status() {
		said = append(said, "`"+string(op.Status())+"`")
	}
	if legs := len(op.Legs); legs > len(was.Legs) {
		said = append(said, "refund planned")
	}
	if s.call != nil && s.err == nil && legsOf(op) != legsOf(was) {
		said = append(said, "sends a "+string(s.call.API)+" of "+s.call.Amount.String())
	}
	if op.Alarmed && !was.Alarmed {
		said = append(said, "alarm")
	}
	var refused *payment.Error
	if errors.As(s.err, &refused) {
		said = append(said, "refused: `"+string(refused.Code)+"`")
	}
	if len(said) == 0 {
		return "–"
	}
	return strings.Join(said, ", ")
}
