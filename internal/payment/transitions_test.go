package payment_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/iade/iade/internal/payment"
)

var (
	kinds    = []payment.Kind{payment.KindRefund, payment.KindCancel, payment.KindReversal, payment.KindBalanceRefund, payment.KindFundPayment}
	triggers = []payment.Trigger{
		payment.TriggerSend, payment.TriggerStopped, payment.TriggerStoppedNone, payment.TriggerDue, payment.TriggerOK,
		payment.TriggerOpened, payment.TriggerReview, payment.TriggerRefused, payment.TriggerNotSent, payment.TriggerPostponed,
		payment.TriggerLost, payment.TriggerSeen, payment.TriggerAbsent, payment.TriggerConflicting, payment.TriggerReturned,
		payment.TriggerOpenedReturned, payment.TriggerTokenLost, payment.TriggerResolvedDone, payment.TriggerResolvedNotDone,
		payment.TriggerResolvedExpired,
	}
)

// designed is the table as it was designed, a row a line: state, trigger, kinds, next state. c is refund, cancel and reversal, b
// balance refund, f fund payment. What has no row here changes nothing.
//
// Three rows say more than the design does. unknown + not sent: the operation was published as unknown, and not_sent is no event,
// so the late proof that nothing was sent ends it as not_executed, which is one. not_sent + seen: iyzico lists as done what was proved not sent, which is
// evidence against a definite outcome (I5); the design names only rejected, not_executed and expired. unknown holds no
// balance refund, so its rows for b are never used.
const designed = `
reserved          | send               | cbf | sending
reserved          | stopped            | cbf | not_executed
reserved          | stopped none       | cbf | not_sent
reserved          | due                | cbf | not_executed

sending           | ok                 | cf  | succeeded
sending           | opened             | b   | awaiting_customer
sending           | review             | f   | in_review
sending           | refused            | cbf | rejected
sending           | not sent           | cbf | not_sent
sending           | postponed          | cbf | reserved
sending           | lost               | cf  | unknown
sending           | due                | cf  | unknown
sending           | lost               | b   | not_sent
sending           | due                | b   | not_sent
sending           | token lost         | b   | needs_review
sending           | returned           | b   | sending
sending           | opened, returned   | b   | awaiting_merchant

unknown           | ok                 | cbf | succeeded
unknown           | review             | f   | in_review
unknown           | refused            | cbf | rejected
unknown           | not sent           | cbf | not_executed
unknown           | postponed          | cf  | reserved
unknown           | seen               | cbf | succeeded
unknown           | absent             | c   | not_executed
unknown           | absent             | f   | needs_review
unknown           | conflicting        | cbf | needs_review
unknown           | due                | cbf | needs_review

not_sent          | send               | cbf | sending
not_sent          | seen               | cb  | needs_review
not_sent          | conflicting        | cb  | needs_review

in_review         | seen               | f   | succeeded
in_review         | refused            | f   | rejected
in_review         | due                | f   | needs_review

awaiting_customer | returned           | b   | awaiting_merchant
awaiting_customer | seen               | b   | succeeded
awaiting_customer | due                | b   | needs_review
awaiting_customer | conflicting        | b   | needs_review
awaiting_customer | resolved: done     | b   | succeeded
awaiting_customer | resolved: expired  | b   | expired

awaiting_merchant | seen               | b   | succeeded
awaiting_merchant | due                | b   | needs_review
awaiting_merchant | conflicting        | b   | needs_review
awaiting_merchant | resolved: done     | b   | succeeded
awaiting_merchant | resolved: expired  | b   | expired

needs_review      | ok                 | cbf | succeeded
needs_review      | seen               | cbf | succeeded
needs_review      | returned           | b   | needs_review
needs_review      | resolved: done     | cbf | succeeded
needs_review      | resolved: not done | cf  | not_executed
needs_review      | resolved: expired  | b   | expired

rejected          | seen               | cbf | needs_review
rejected          | conflicting        | cb  | needs_review
rejected          | ok                 | cbf | needs_review
rejected          | returned           | b   | needs_review
not_executed      | seen               | cbf | needs_review
not_executed      | conflicting        | cb  | needs_review
not_executed      | ok                 | cbf | needs_review
not_executed      | returned           | b   | needs_review
expired           | seen               | b   | needs_review
expired           | conflicting        | b   | needs_review
expired           | ok                 | b   | needs_review
expired           | returned           | b   | needs_review
`

type step struct {
	kind payment.Kind
	from payment.State
	on   payment.Trigger
}

func designedSteps(t *testing.T) map[step]payment.State {
	t.Helper()
	of := map[rune][]payment.Kind{
		'c': {payment.KindRefund, payment.KindCancel, payment.KindReversal}, 'b': {payment.KindBalanceRefund}, 'f': {payment.KindFundPayment},
	}
	steps := map[step]payment.State{}
	for row := range strings.Lines(designed) {
		cells := strings.Split(row, "|")
		if len(cells) == 1 {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		for _, letter := range cells[2] {
			for _, kind := range of[letter] {
				s := step{kind, payment.State(cells[0]), payment.Trigger(cells[1])}
				if _, twice := steps[s]; twice {
					t.Fatalf("%v is listed twice", s)
				}
				steps[s] = payment.State(cells[3])
			}
		}
	}
	return steps
}

func TestEveryKindStateAndTriggerGoesWhereTheDesignSays(t *testing.T) {
	t.Parallel()
	steps := designedSteps(t)
	for _, kind := range kinds {
		for _, from := range payment.States() {
			for _, on := range triggers {
				want, listed := steps[step{kind, from, on}]
				got, ok := payment.Next(kind, from, on)
				if ok != listed || got != want {
					t.Errorf("%s: %s, %s -> %q, want %q", kind, from, on, got, want)
				}
				delete(steps, step{kind, from, on})
			}
		}
	}
	for s := range steps {
		t.Errorf("the design's row %v names no kind, state or trigger of the code", s)
	}
}

func TestTransitionsNameNothingUnknown(t *testing.T) {
	t.Parallel()
	for _, row := range payment.Transitions {
		if !slices.Contains(payment.States(), row.From) || !slices.Contains(payment.States(), row.To) || !slices.Contains(triggers, row.On) {
			t.Errorf("%v names a state or trigger that is not listed", row)
		}
		for _, kind := range row.Kinds {
			if !slices.Contains(kinds, kind) {
				t.Errorf("%v names a kind that is not listed", row)
			}
		}
	}
}

func TestEveryStateIsReached(t *testing.T) {
	t.Parallel()
	want := map[payment.Kind][]payment.State{
		payment.KindRefund: {
			payment.StateReserved, payment.StateSending, payment.StateUnknown, payment.StateNotSent, payment.StateNeedsReview,
			payment.StateSucceeded, payment.StateRejected, payment.StateNotExecuted,
		},
		payment.KindBalanceRefund: {
			payment.StateReserved, payment.StateSending, payment.StateNotSent, payment.StateAwaitingCustomer,
			payment.StateAwaitingMerchant, payment.StateNeedsReview, payment.StateSucceeded, payment.StateRejected,
			payment.StateNotExecuted, payment.StateExpired,
		},
		payment.KindFundPayment: {
			payment.StateReserved, payment.StateSending, payment.StateUnknown, payment.StateNotSent, payment.StateInReview,
			payment.StateNeedsReview, payment.StateSucceeded, payment.StateRejected, payment.StateNotExecuted,
		},
	}
	want[payment.KindCancel], want[payment.KindReversal] = want[payment.KindRefund], want[payment.KindRefund]
	for _, kind := range kinds {
		reached := map[payment.State]bool{payment.StateReserved: true}
		for range payment.States() {
			for from := range reached {
				for _, on := range triggers {
					if to, ok := payment.Next(kind, from, on); ok {
						reached[to] = true
					}
				}
			}
		}
		for _, state := range payment.States() {
			if reached[state] != slices.Contains(want[kind], state) {
				t.Errorf("%s reaches %s: %v", kind, state, reached[state])
			}
		}
	}
}

func TestFinalStatesMoveOnlyOnContradictingEvidence(t *testing.T) {
	t.Parallel()
	evidence := []payment.Trigger{payment.TriggerSeen, payment.TriggerConflicting, payment.TriggerOK, payment.TriggerReturned}
	for _, row := range payment.Transitions {
		switch row.From {
		case payment.StateSucceeded:
			t.Errorf("succeeded is final, yet %v", row)
		case payment.StateRejected, payment.StateNotExecuted, payment.StateExpired:
			if row.To != payment.StateNeedsReview || !slices.Contains(evidence, row.On) {
				t.Errorf("a definite outcome changes without evidence against it (I5): %v", row)
			}
		default:
		}
	}
}

// TestOnlyUnsentLegsAreSent: a leg enters sending only from a state in which it is proved that no request of it is out.
func TestOnlyUnsentLegsAreSent(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		for _, from := range payment.States() {
			to, ok := payment.Next(kind, from, payment.TriggerSend)
			if unsent := from == payment.StateReserved || from == payment.StateNotSent; ok != unsent {
				t.Errorf("%s: send from %s -> %q (I2, I3)", kind, from, to)
			}
		}
	}
}

func TestChartDrawsEveryRowOnce(t *testing.T) {
	t.Parallel()
	chart := payment.Chart()
	arrows := 0
	for line := range strings.Lines(chart) {
		if strings.Contains(line, "-->") {
			arrows++
		}
	}
	pairs := map[[2]payment.State]bool{}
	for _, row := range payment.Transitions {
		pairs[[2]payment.State{row.From, row.To}] = true
		if !strings.Contains(chart, string(row.From)+" --> "+string(row.To)+": ") {
			t.Errorf("the chart lacks %s --> %s", row.From, row.To)
		}
	}
	if arrows != len(pairs)+1 {
		t.Errorf("%d arrows for %d pairs of states and the start", arrows, len(pairs))
	}
	for _, want := range []string{
		"stateDiagram-v2\n    [*] --> reserved\n",
		"    sending --> unknown: lost (not balance), due (not balance)\n",
		"    sending --> not_sent: not sent, lost (balance), due (balance)\n",
		"    unknown --> not_executed: not sent, absent (refund/cancel)\n",
		"    in_review --> succeeded: seen (fund)\n",
	} {
		if !strings.Contains(chart, want) {
			t.Errorf("the chart lacks %q:\n%s", want, chart)
		}
	}
}
