package payment_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

// FuzzDecide plays whatever the bytes say on one payment: requests, answers that come late or twice, reports that lie, time
// that passes, decisions, browsers. story checks what must hold after every event; here is checked what must hold between
// two: no attempt is sent twice (I2) or after another without proof (I3), nothing new is promised beyond what was paid
// (I4), a definite outcome changes only into needs_review (I5), and a key keeps its request (I6).
func FuzzDecide(f *testing.F) {
	for _, plot := range [][]byte{
		{opAsk, 0, 0, 10, opAnswer, 0, 3, opAsk, 0, 0, 10}, // a refund that succeeds, and again
		{opAsk, 0, 0, 252}, // more than its line has
		{opAsk, 0, 0, 10, opPass, 1, opAsk, 0, 0, 10, opAnswer, 0, 1, opAsk, 0, 0, 10}, // nobody answers, then it was not sent
		{opAsk, 0, 0, 10, opAnswer, 0, 1, opAsk, 0, 0, 10},                             // not sent, and again
		{opAsk, 0, 0, 10, opAnswer, 0, 2, opAnswer, 0, 3, opResolve, 0, 1},             // refused, and done after all
		{opAsk, 0, 0, 10, opAnswer, 0, 0, opPass, 1, opRead, opPass, 2, opRead, opPass, 2, opRead, opPass, 3, opRead, opAsk, 0, 0, 10},
		{opAsk, 0, 0, 10, opPass, 1, opEntry, 0, 1, 2, 10, 2, opRead, opAnswer, 0, 2},                // seen by the report, then refused
		{opAsk, 0, 4, 1, opAnswer, 0, 0, opPass, 3, opEntry, 7, 1, 0, 9, 2, opRead, opResolve, 3, 0}, // a cancel beside a panel refund
		{opAsk, 1, 5, 1, opAnswer, 0, 4, opBrowser, 0, 1, opFlip, 1, opEntry, 6, 1, 0, 200, 2, opRead},
		{opAsk, 2, 2, 120, opAnswer, 0, 3, opAnswer, 1, 1, opAsk, 2, 2, 120, opAnswer, 2, 3},                                                      // legs that go on
		{opAsk, 0, 3, 30, opAnswer, 0, 3, opRead, opAsk, 1, 3, 250},                                                                               // v2
		{opAsk, 0, 7, 0, opAnswer, 0, 2, opAsk, 0, 7, 0, opAnswer, 1, 3},                                                                          // a reversal whose cancel is refused
		{opAsk, 0, 7, 0, opAnswer, 0, 0, opPass, 4, opRead, opPass, 3, opRead, opPass, 3, opRead, opAsk, 0, 7, 0, opEntry, 6, 1, 0, 9, 2, opRead}, // lost, then seen
		{opAsk, 0, 0, 10, opAnswer, 0, 2, opHint, 0, 1, opRead, opPass, 1, opHint, 1, 0, opDue, 1},                                                // notices
		{opAsk, 0, 0, 10, opFlip, 4, opPass, 1, opEntry, 0, 2, 2, 10, 2, opAsk, 0, 0, 10, opAsk, 1, 0, 10},
	} {
		f.Add(plot)
	}
	f.Fuzz(func(t *testing.T, plot []byte) {
		if len(plot) > 400 {
			t.Skip("long plots show nothing that short ones do not")
		}
		p := &play{story: newStory(t, "100", "33.33333333", "50"), plot: plot, marked: map[string]bool{}, last: map[string]string{}, unsent: map[string]bool{}}
		p.over = true // reports may lie: what was promised is checked where it is promised
		p.rules.ClockTolerance = 10 * time.Second
		for len(p.plot) > 0 {
			p.step()
		}
	})
}

// The events of a plot.
const (
	opAsk = iota
	opAnswer
	opPass
	opRead
	opDue
	opEntry
	opForget
	opResolve
	opBrowser
	opFlip
	opHint
	opEnd
)

// play is a story that bytes tell.
type play struct {
	*story
	plot   []byte
	calls  []payment.Call
	marked map[string]bool   // conversationIds that were sent
	last   map[string]string // the last of them, by operation and leg
	unsent map[string]bool   // those that were proved not sent
}

// next is the plot's next byte below n; 0 after its end.
func (p *play) next(n int) int {
	if len(p.plot) == 0 {
		return 0
	}
	b := p.plot[0]
	p.plot = p.plot[1:]
	return int(b) % n
}

var playKeys = []string{"a", "b", "c"}

func (p *play) step() {
	switch p.next(opEnd) {
	case opAsk:
		p.asks()
	case opAnswer:
		call, verdict := p.next(8), payment.Verdict(p.next(5))
		if len(p.calls) > 0 {
			p.answers(p.calls[call%len(p.calls)], verdict)
		}
	case opPass:
		p.pass([]time.Duration{time.Second, 30 * time.Second, 4 * time.Minute, 17 * time.Minute, time.Hour, 25 * time.Hour, 400 * 24 * time.Hour}[p.next(7)])
	case opRead:
		p.apply(payment.Observed{Report: p.report()})
	case opDue:
		p.apply(payment.Due{Unreadable: p.next(2) == 1})
	case opEntry:
		p.entry()
	case opForget:
		if n := len(p.iyzico.Entries); n > 0 {
			i := p.next(n)
			p.iyzico.Entries = append(p.iyzico.Entries[:i:i], p.iyzico.Entries[i+1:]...)
		}
	case opResolve:
		p.resolves()
	case opBrowser:
		token := []string{"token", "another"}[p.next(2)]
		p.apply(payment.Returned{OperationID: p.id(p.next(9)), TokenHash: payment.HashToken(token)})
	case opFlip:
		p.flip(p.next(6))
	case opHint:
		p.apply(payment.Hinted{Code: []string{"", "a", "b"}[p.next(3)], Retried: p.next(2) == 1})
	}
}

// id is the operation id of a key, as a refund's, a cancel's or a reversal's.
func (p *play) id(n int) string {
	c := refund(playKeys[n%3], "1")
	switch {
	case n >= 6:
		c.Kind = payment.KindReversal
	case n >= 3:
		c.Kind = payment.KindCancel
	}
	return c.OperationID()
}

func (p *play) asks() {
	key, form, units := playKeys[p.next(3)], p.next(8), int64(p.next(256))
	c := refund(key, "1")
	c.Amount = money.MinorUnits(units*50, money.TRY)
	switch form {
	case 0:
		c = onLine(c, lineID(int(units)%4))
	case 1:
		c = allocated(c, payment.AllocateProportional)
	case 2:
		c = allocated(c, payment.AllocateInOrder)
	case 3:
		c = allocated(c, payment.AllocateByIyzico)
	case 4:
		c = cancel(key)
	case 5:
		c = payment.Command{Kind: payment.KindBalanceRefund, PaymentID: paymentID, Key: key, Destination: payment.ToBalance, Locale: "tr"}
	case 6:
		c = full(key)
		c.Allocation = payment.AllocateInOrder
	case 7:
		c = reversal(key)
	}
	e := payment.Requested{Command: c, Record: payment.Recording(units % 7 % 3), Until: p.now.Add(27 * time.Second)}
	if units%11 == 0 {
		e.Until = p.now.Add(3 * time.Second)
	}
	if p.apply(e); errors.Is(p.err, payment.ErrReadFirst) {
		report := p.report()
		e.Report = &report
		if p.apply(e); errors.Is(p.err, payment.ErrReadFirst) {
			p.t.Fatal("a report was read, and another is asked for")
		}
	}
}

func (p *play) answers(c payment.Call, v payment.Verdict) {
	a := payment.Answered{Call: c, Verdict: v}
	switch v {
	case payment.VerdictOpened:
		a.Opened = &payment.Opened{SealedURL: "sealed", TokenHash: payment.HashToken("token")}
	case payment.VerdictUnknown, payment.VerdictNotSent, payment.VerdictRejected, payment.VerdictSucceeded, payment.VerdictInReview:
		if v != payment.VerdictSucceeded {
			a.Failure = &payment.Failure{Reason: "fuzz"}
		}
	}
	if v == payment.VerdictNotSent {
		p.unsent[c.ConversationID] = true
	}
	p.apply(a)
}

// entry adds a line to iyzico's report: of an attempt of ours, of somebody else, or of nobody.
func (p *play) entry() {
	whose, attempt, line, sum, status := p.next(11), p.next(4), p.next(4), int64(p.next(256)), p.next(5)
	e := payment.Entry{
		TxID: "tx" + string(rune('A'+(whose+line+int(sum))%26)), LineID: lineID(line), Amount: money.MinorUnits(sum*50, money.TRY), Status: status - 1, CreatedAt: p.now,
	}
	switch {
	case whose < 9:
		e.ConversationID = payment.ConversationID(p.id(whose), attempt)
		e.Cancel = whose >= 3 && (whose < 6 || attempt == 1)
	case whose == 9:
		e.Cancel, e.CreatedAt = attempt%2 == 0, p.now.Add(-3*time.Hour)
	default:
		e.ConversationID, e.Amount = "shop-17", money.MinorUnits(sum, money.EUR)
	}
	if attempt == 0 {
		e.TxID = ""
	}
	p.iyzico.Entries = append(p.iyzico.Entries, e)
}

func (p *play) resolves() {
	report := p.report()
	e := payment.Resolved{
		OperationID: p.id(p.next(9)), Decision: payment.DecideSucceeded, Reason: "seen in the panel", By: "operator-1", Until: p.now.Add(27 * time.Second),
	}
	if p.next(2) == 1 {
		e.Decision = payment.DecideNotExecuted
	}
	if p.apply(e); errors.Is(p.err, payment.ErrReadFirst) {
		e.Report = &report
		p.apply(e)
	}
}

// flip changes what iyzico says of the payment itself.
func (p *play) flip(what int) {
	switch what {
	case 0:
		p.iyzico.Listed = !p.iyzico.Listed
	case 1:
		next := map[payment.RefundStatus]payment.RefundStatus{
			"": payment.NotRefunded, payment.NotRefunded: payment.PartiallyRefunded, payment.PartiallyRefunded: payment.TotallyRefunded,
		}
		p.iyzico.RefundStatus = next[p.iyzico.RefundStatus]
	case 2:
		p.iyzico.Charged = !p.iyzico.Charged
	case 3:
		p.iyzico.Skew -= time.Minute
	case 4:
		p.rules.RestoredAt = p.now
	case 5:
		if p.iyzico.PaymentID += "9"; len(p.iyzico.PaymentID) > len(paymentID)+1 {
			p.iyzico.PaymentID = paymentID
		}
	}
}

// apply decides one event and holds the account before it against the one after.
func (p *play) apply(e payment.Event) {
	p.t.Helper()
	before := p.account
	p.decide(e)
	var refused *payment.Error
	if p.err != nil && !errors.Is(p.err, payment.ErrReadFirst) && !errors.As(p.err, &refused) && !strings.Contains(p.err.Error(), "does not hold") {
		p.t.Fatalf("%T: %v is no error of the domain's", e, p.err)
	}
	if p.call != nil {
		p.promised(*p.call)
	}
	for i := range before.Operations {
		p.kept(e, &before.Operations[i])
	}
}

// promised checks a call that leaves now.
func (p *play) promised(c payment.Call) {
	p.t.Helper()
	if p.marked[c.ConversationID] {
		p.t.Fatalf("%s was sent before", c.ConversationID)
	}
	p.marked[c.ConversationID] = true
	part := fmt.Sprint(c.OperationID, " ", c.Leg)
	// A lost init moves nothing, because nobody holds the page's url; everything else needs proof (I3).
	if last := p.last[part]; last != "" && !p.unsent[last] {
		p.t.Fatalf("%s is sent although nothing proves that %s was not", c.ConversationID, last)
	}
	p.unsent[c.ConversationID] = c.API == payment.APIBalanceInit
	p.last[part] = c.ConversationID
	p.calls = append(p.calls, c)
	op := p.account.Operation(c.OperationID)
	if op == nil || op.Legs[c.Leg].State != payment.StateSending || op.Legs[c.Leg].Attempt != c.Attempt || c.Deadline.After(c.Until) {
		p.t.Fatalf("%s is not marked: %+v", c.ConversationID, op)
	}
	totals := p.account.Totals()
	// Refunds in iyzico's panel after the acceptance cannot be prevented, but no leg leaves on a line that they took.
	// A report that lists more on a line than was paid for it makes the payment's sum wrong, and no line's.
	impossible := slices.ContainsFunc(totals.Lines, func(l payment.LineTotals) bool { return l.RefundedAmount.Cmp(l.Line.PaidAmount) > 0 })
	if sum := totals.RefundedAmount.Add(totals.ReservedAmount); op.AcceptedIn == p.account.Version && !impossible && sum.Cmp(totals.PaidAmount) > 0 {
		p.t.Fatalf("%s: %s refunded and promised of %s", c.ConversationID, sum, totals.PaidAmount)
	}
	for _, line := range totals.Lines {
		if sum := line.RefundedAmount.Add(line.ReservedAmount); line.Line.ID == c.LineID && sum.Cmp(line.Line.PaidAmount) > 0 {
			p.t.Fatalf("%s: %s refunded and promised of line %s", c.ConversationID, sum, line.Line.ID)
		}
	}
}

// attempted is how many legs of the operation must stay: all that were sent, and all of what no reversal plans anew.
func attempted(op *payment.Operation) int {
	legs := len(op.Legs)
	for op.Kind == payment.KindReversal && legs > 1 && op.Legs[legs-1].Attempt == 0 {
		legs--
	}
	return legs
}

// kept checks what an event may not take from an operation.
func (p *play) kept(e payment.Event, old *payment.Operation) {
	p.t.Helper()
	op := p.account.Operation(old.ID)
	free := old.Status() == payment.StatusNotSent
	if op == nil || free {
		left := slices.ContainsFunc(p.account.Past, func(past payment.Past) bool { return strings.HasSuffix(old.ID, past.Hash) })
		if !free && !left {
			p.t.Fatalf("%T forgot %s, which is %s", e, old.ID, old.Status())
		}
		return
	}
	if op.Fingerprint != old.Fingerprint || op.Key != old.Key || op.Kind != old.Kind || op.Attempts < old.Attempts || len(op.Legs) < attempted(old) {
		p.t.Fatalf("%T made another request of %s: %+v, before %+v", e, old.ID, op, old)
	}
	_, person := e.(payment.Resolved)
	answer, answered := e.(payment.Answered)
	proved := answered && answer.Verdict == payment.VerdictNotSent
	for i := range op.Legs[:min(len(op.Legs), len(old.Legs))] {
		was, is := old.Legs[i], op.Legs[i]
		if old.Kind == payment.KindReversal && was.Attempt == 0 {
			continue // what was planned in place of a cancel, and never sent, may be planned anew
		}
		definite := was.State == payment.StateSucceeded || was.State == payment.StateRejected || was.State == payment.StateNotExecuted || was.State == payment.StateExpired
		switch {
		case definite && is.State != was.State && is.State != payment.StateNeedsReview,
			was.State == payment.StateSucceeded && is.State != was.State,
			was.FromFinal && was.State == payment.StateNeedsReview && is.State != was.State && !person:
			p.t.Fatalf("%T took leg %d of %s from %s to %s", e, i, old.ID, was.State, is.State)
		case (was.State == payment.StateSending || was.State == payment.StateUnknown) && is.State == payment.StateNotExecuted && !person && !proved && p.now.Sub(was.SendBy) < window:
			p.t.Fatalf("%T: leg %d of %s counts as not executed %s after its deadline", e, i, old.ID, p.now.Sub(was.SendBy))
		}
	}
}
