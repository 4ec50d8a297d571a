package payment_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

// chronicle collects the records of every save of a story.
type chronicle struct {
	story *story
	last  payment.Account
	all   []payment.Record
}

func (c *chronicle) do(fn func()) {
	fn()
	c.all = append(c.all, payment.Records(c.last, c.story.account)...)
	c.last = c.story.account
}

// lines are the records as a person would tell them.
func (c *chronicle) lines() []string {
	var lines []string
	for _, r := range c.all {
		line := r.From + " > " + r.To
		if r.Leg > 0 {
			line = fmt.Sprintf("leg %d: %s", r.Leg, line)
		}
		if r.Movement != nil {
			line += ", " + r.Movement.Amount + " moved"
			if r.Movement.TakenBack {
				line += " not"
			}
		}
		if e := r.Evidence; e != nil && e.Absences > 0 {
			line += fmt.Sprintf(", absent %d", e.Absences)
		}
		if e := r.Evidence; e != nil && e.Contradicted {
			line += ", contradicted"
		}
		if e := r.Evidence; e != nil && e.Decision != "" {
			line += ", a person says " + string(e.Decision)
		}
		if e := r.Evidence; e != nil && e.Rule != "" {
			line += ", " + string(e.Rule)
		}
		lines = append(lines, line)
	}
	return lines
}

func TestEveryChangeOfAnOperationIsOneRecord(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		play func(c *chronicle, s *story)
		want []string
	}{
		"succeeded": {func(c *chronicle, s *story) {
			c.do(func() { s.ask(refund("k", "10")) })
			c.do(func() { s.answer(succeeded) })
			c.do(func() { s.ask(refund("k", "10")) })
		}, []string{" > processing", "processing > succeeded, 10.00 moved"}},
		"not sent, then sent": {func(c *chronicle, s *story) {
			c.do(func() { s.ask(refund("k", "10")) })
			c.do(func() { s.answer(notSent) })
			c.do(func() { s.ask(refund("k", "10")) })
			c.do(func() { s.answer(rejected) })
		}, []string{" > processing", "processing > not_sent", "not_sent > processing", "processing > rejected"}},
		"lost, then seen": {func(c *chronicle, s *story) {
			c.do(func() { s.ask(refund("k", "10")) })
			c.do(func() { s.answer(lost) })
			c.do(func() { s.lists(conversation("k", 1), "1", "10", 1).pass(time.Hour).read() })
		}, []string{" > processing", "processing > unknown", "unknown > succeeded, 10.00 moved"}},
		"refused by a rule on the queue": {func(c *chronicle, s *story) {
			c.do(func() { s.request(payment.Requested{Command: refund("k", "1000"), Record: payment.RecordAll}) })
		}, []string{" > rejected, exceeds-refundable"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100")
			c := &chronicle{story: s, last: s.account}
			tc.play(c, s)
			if diff := cmp.Diff(tc.want, c.lines()); diff != "" {
				t.Error(diff)
			}
			for _, r := range c.all {
				if r.OperationID != s.op("k").ID || r.Account != s.account.ID || r.PaymentID != paymentID || r.Actor == "" || r.Operation.ID != r.OperationID {
					t.Errorf("record %+v", r)
				}
			}
		})
	}
}

// TestACountingReadIsARecord: what a "no" was earned with can be read afterwards.
func TestACountingReadIsARecord(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100")
	c := &chronicle{story: s, last: s.account}
	c.do(func() { s.ask(refund("k", "10")) })
	c.do(func() { s.answer(lost) })
	for range 3 {
		c.do(func() { s.pass(window / 2).read() })
	}
	counted := 0
	for _, r := range c.all {
		if r.Evidence != nil && r.Evidence.Absences > 0 {
			if counted++; r.Evidence.ReportReadAt.IsZero() || r.Evidence.ConversationID != conversation("k", 1) {
				t.Errorf("evidence %+v", r.Evidence)
			}
		}
	}
	if counted == 0 {
		t.Errorf("no absence is told of: %v", c.lines())
	}
}

func TestALegsRecordHasItsNumber(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100", "50")
	c := &chronicle{story: s, last: s.account}
	command := refund("k", "120")
	command.LineID, command.Allocation = "", payment.AllocateInOrder
	c.do(func() { s.ask(command) })
	c.do(func() { s.answer(succeeded) })
	c.do(func() { s.answer(succeeded) })
	want := []string{
		"leg 1:  > sending", "leg 2:  > reserved", " > processing",
		"leg 1: sending > succeeded, 100.00 moved", "leg 2: reserved > sending",
		"leg 2: sending > succeeded, 20.00 moved", "processing > succeeded",
	}
	if diff := cmp.Diff(want, c.lines()); diff != "" {
		t.Error(diff)
	}
	var keys []string
	for _, r := range c.all {
		keys = append(keys, fmt.Sprintf("%04d.%04d", r.Sequence, r.Index))
	}
	if !slices.IsSorted(keys) || len(slices.Compact(slices.Clone(keys))) != len(keys) {
		t.Errorf("keys %v", keys)
	}
}

// TestMoneyMovedWhenItsAttemptWas: a refund that settles a day later moved on its attempt's day.
func TestMoneyMovedWhenItsAttemptWas(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100")
	c := &chronicle{story: s, last: s.account}
	c.do(func() { s.ask(refund("k", "10")) })
	c.do(func() { s.answer(lost) })
	sendBy := s.op("k").Legs[0].SendBy
	c.do(func() { s.lists(conversation("k", 1), "1", "10", 1).pass(26 * time.Hour).read() })
	moved := c.all[len(c.all)-1].Movement
	if moved == nil || !moved.At.Equal(sendBy) || moved.ConversationID != conversation("k", 1) || moved.Currency != "TRY" {
		t.Errorf("movement %+v, the attempt ended by %s", moved, sendBy)
	}
}

// TestTheFirstRecordAfterARestoreSaysSo, and its key comes after those of forgotten saves.
func TestTheFirstRecordAfterARestoreSaysSo(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100")
	c := &chronicle{story: s, last: s.account}
	c.do(func() { s.ask(refund("k", "10")) })
	c.do(func() { s.answer(succeeded) })
	forgotten := c.all[len(c.all)-1].Sequence
	s.rules.RestoredAt = s.now.Add(time.Second)
	s.pass(time.Minute)
	c.do(func() { s.ask(refund("other", "5")) })
	first := c.all[len(c.all)-1]
	if first.Evidence == nil || !first.Evidence.RestoredAt.Equal(s.rules.RestoredAt) || first.Sequence <= forgotten {
		t.Errorf("record %+v with evidence %+v", first, first.Evidence)
	}
	c.do(func() { s.answer(succeeded) })
	if last := c.all[len(c.all)-1]; !last.Evidence.RestoredAt.IsZero() {
		t.Errorf("the second record says it again: %+v", last.Evidence)
	}
}

func TestARecordNamesWhoAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	var all []payment.Record
	w.service.OnChange(func(_ context.Context, old, next payment.Account) { all = append(all, payment.Records(old, next)...) })
	until := func() time.Time { return w.Now().Add(27 * time.Second) }
	ctx := payment.WithActor(t.Context(), "arn:aws:sts::1:assumed-role/shop")
	if _, err := w.service.Request(ctx, refund("k", "10"), until(), payment.RecordNone); err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if r.Actor != "arn:aws:sts::1:assumed-role/shop" || !r.At.Equal(w.Now()) {
			t.Errorf("record %+v", r)
		}
	}
	if len(all) != 2 {
		t.Fatalf("%d records", len(all))
	}
}

// TestAnotherOperationsChangeIsNotTheCallers: what a request brings along is iade's own doing.
func TestAnotherOperationsChangeIsNotTheCallers(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("a", "10")).answer(lost).ask(refund("b", "10")).answer(lost)
	old := s.account
	s.lists(conversation("a", 1), "1", "10", 1).lists(conversation("b", 1), "1", "10", 1).read()
	next := s.account
	next.Author = payment.Author{Actor: "op-7", Via: "arn:aws:iam::1:user/x", OperationID: s.op("a").ID, At: s.now}
	for _, r := range payment.Records(old, next) {
		want := payment.ActorSelf
		if r.OperationID == s.op("a").ID {
			want = "op-7"
		}
		if r.Actor != want {
			t.Errorf("%s was changed by %s, not %s", r.OperationID, r.Actor, want)
		}
	}
}

// TestWhatEndsByTheSaveThatCrowdsItOutIsToldFirst: the oldest operation settles by the report that is read for a new one, with
// more settled ones behind it than an account holds. It stays until a later save: its event and its record are of this one.
func TestWhatEndsByTheSaveThatCrowdsItOutIsToldFirst(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("old", "0.01")).answer(lost)
	oldest := s.op("old").ID
	for i := range 201 {
		s.ask(refund(fmt.Sprint("k", i), "0.01")).answer(succeeded)
	}
	s.lists(conversation("old", 1), "1", "0.01", 1)
	for i := range 201 {
		s.lists(conversation(fmt.Sprint("k", i), 1), "1", "0.01", 1)
	}
	all := refund("rest", "1")
	all.Amount, all.Full = money.Amount{}, true
	before := s.account
	s.ask(all)
	if s.err != nil || s.account.Version == before.Version {
		t.Fatalf("%v", s.err)
	}
	settled := func(change payment.Change) bool {
		return change.Detail.ID == oldest && change.Detail.Status == payment.StatusSucceeded
	}
	if !slices.ContainsFunc(payment.Changes(before, s.account), settled) {
		t.Error("no event tells of it")
	}
	recorded := func(r payment.Record) bool { return r.OperationID == oldest && r.To == string(payment.StatusSucceeded) }
	if !slices.ContainsFunc(payment.Records(before, s.account), recorded) {
		t.Error("no record tells of it")
	}
}
