package payment_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

// outbox collects the changes of every save of a story.
type outbox struct {
	story *story
	last  payment.Account
	types []string
	seq   []int64
}

func (o *outbox) do(fn func()) {
	fn()
	for _, c := range payment.Changes(o.last, o.story.account) {
		o.types, o.seq = append(o.types, c.DetailType), append(o.seq, c.Detail.Sequence)
		if c.Detail.Sequence != o.story.account.Version || c.Detail.SchemaVersion != 1 || c.Detail.IdempotencyKey != "k" ||
			c.Detail.ID != o.story.op("k").ID || c.DetailType != string(c.Detail.Kind)+"."+string(c.Detail.Status) {
			o.story.t.Errorf("change %+v at version %d", c, o.story.account.Version)
		}
	}
	o.last = o.story.account
}

func TestEachPublishedStatusIsOneEvent(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		play func(o *outbox, s *story)
		want []string
	}{
		"succeeded": {func(o *outbox, s *story) {
			o.do(func() { s.ask(refund("k", "10")) })
			o.do(func() { s.answer(succeeded) })
			o.do(func() { s.lists(conversation("k", 1), "1", "10", 1).read() })
		}, []string{"refund.succeeded"}},
		"not sent, then sent": {func(o *outbox, s *story) {
			o.do(func() { s.ask(refund("k", "10")) })
			o.do(func() { s.answer(notSent) })
			o.do(func() { s.ask(refund("k", "10")) })
			o.do(func() { s.answer(rejected) })
			o.do(func() { s.ask(refund("k", "10")) })
		}, []string{"refund.rejected"}},
		"unknown, read often, not executed": {func(o *outbox, s *story) {
			o.do(func() { s.ask(refund("k", "10")) })
			o.do(func() { s.answer(lost) })
			for range 3 {
				o.do(func() { s.pass(window / 2).read() })
			}
			o.do(func() { s.pass(time.Hour).read() })
		}, []string{"refund.unknown", "refund.not_executed"}},
		"unknown, then the late proof that nothing was sent": {func(o *outbox, s *story) {
			var call payment.Call
			o.do(func() { call = *s.ask(refund("k", "10")).call })
			o.do(func() { s.pass(time.Minute).decide(payment.Due{}) })
			o.do(func() { s.answerTo(call, notSent) })
		}, []string{"refund.unknown", "refund.not_executed"}},
		"reopened and ended by a person": {func(o *outbox, s *story) {
			o.do(func() { s.ask(refund("k", "10")) })
			o.do(func() { s.answer(rejected) })
			o.do(func() { s.lists(conversation("k", 1), "1", "10", 1).pass(time.Hour).read() })
			o.do(func() { s.pass(time.Hour).read() })
			o.do(func() { s.resolve("k", payment.DecideSucceeded) })
		}, []string{"refund.rejected", "refund.needs_review", "refund.succeeded"}},
		"a cancel": {func(o *outbox, s *story) {
			o.do(func() { s.ask(cancel("k")) })
			o.do(func() { s.answer(succeeded) })
		}, []string{"cancel.succeeded"}},
		"refused by a rule on the queue": {func(o *outbox, s *story) {
			for range 2 {
				o.do(func() { s.request(payment.Requested{Command: refund("k", "1000"), Record: payment.RecordAll}) })
			}
		}, []string{"refund.rejected"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100")
			o := &outbox{story: s, last: s.account}
			tc.play(o, s)
			if !slices.Equal(o.types, tc.want) || !slices.IsSorted(o.seq) {
				t.Errorf("events %v, sequences %v; want %v", o.types, o.seq, tc.want)
			}
		})
	}
}

func TestOneSaveMayPublishSeveralOperations(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("a", "10")).answer(lost).ask(refund("b", "10")).answer(lost)
	old := s.account
	s.lists(conversation("a", 1), "1", "10", 1).lists(conversation("b", 1), "1", "10", 1).read()
	changes := payment.Changes(old, s.account)
	if len(changes) != 2 || changes[0].Detail.Sequence != changes[1].Detail.Sequence || changes[0].Detail.ID == changes[1].Detail.ID {
		t.Errorf("changes %+v", changes)
	}
	if again := payment.Changes(s.account, s.account); len(again) != 0 {
		t.Errorf("no change gave %+v", again)
	}
}

func TestAnEventIsTheResourceAndThreeMembers(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "10"))
	old := s.account
	s.answer(succeeded)
	change := payment.Changes(old, s.account)[0]
	var detail, resource map[string]any
	for from, to := range map[any]*map[string]any{&change.Detail: &detail, ptr(s.op("k").Resource(paymentID)): &resource} {
		data, err := json.Marshal(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, to); err != nil {
			t.Fatal(err)
		}
	}
	for _, member := range []string{"schemaVersion", "sequence", "idempotencyKey"} {
		if _, ok := detail[member]; !ok {
			t.Errorf("the event lacks %s", member)
		}
		delete(detail, member)
	}
	if len(detail) != len(resource) || detail["status"] != "succeeded" || payment.EventSource != "iade" {
		t.Errorf("detail %v, resource %v", detail, resource)
	}
}

// TestAfterARestoreNoSequenceComesTwice: consumers drop repeats by id and sequence, so an event after a restore must not carry
// the number of one that the table forgot (I8).
func TestAfterARestoreNoSequenceComesTwice(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("a", "10")).answer(succeeded)
	backup := s.account
	last := func(old, next payment.Account) int64 {
		changes := payment.Changes(old, next)
		return changes[len(changes)-1].Detail.Sequence
	}
	s.pass(time.Minute).ask(refund("b", "5")).answer(succeeded)
	forgotten := last(backup, s.account)
	s.lists(conversation("a", 1), "1", "10", 1).lists(conversation("b", 1), "1", "5", 1)

	s.pass(time.Minute)
	s.account, s.rules.RestoredAt = backup, s.now
	s.ask(refund("b", "5")).is("b", payment.StatusSucceeded)
	again := last(backup, s.account)
	if again <= forgotten {
		t.Errorf("sequence %d after %d", again, forgotten)
	}
	before := s.account
	s.rules.RestoredAt = time.Time{} // the setting is taken away again
	s.ask(refund("c", "1")).answer(succeeded)
	if n := last(before, s.account); n <= again {
		t.Errorf("sequence %d after %d", n, again)
	}
}
