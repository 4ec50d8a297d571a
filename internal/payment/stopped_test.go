package payment_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

const whyStopped = "iyzico is being looked into"

// stop turns new money off from the next event on.
func (s *story) stop() *story {
	s.rules.NewMoneyOff, s.rules.NewMoneyReason = true, whyStopped
	return s
}

// goOn turns it on again.
func (s *story) goOn() *story {
	s.rules.NewMoneyOff = false
	return s
}

// TestNothingIsSentWhileNewMoneyIsOff: whatever would put a money request on the wire is refused with the reason, before
// iyzico is read for it, and leaves no trace: the same key may ask for something else, and for the same when it is on again.
func TestNothingIsSentWhileNewMoneyIsOff(t *testing.T) {
	t.Parallel()
	known := func(t *testing.T) *story {
		s := newStory(t, "100", "50")
		return s.ask(onLine(refund("first", "1"), "1")).answer(payment.VerdictSucceeded)
	}
	for name, x := range map[string]struct {
		story func(*testing.T) *story
		ask   payment.Command
	}{
		"a payment not known yet":  {func(t *testing.T) *story { return newStory(t, "100") }, refund("k", "10")},
		"a known payment":          {known, onLine(refund("k", "10"), "1")},
		"several legs":             {known, allocated(refund("k", "60"), payment.AllocateInOrder)},
		"iyzico chooses the line":  {known, allocated(refund("k", "10"), payment.AllocateByIyzico)},
		"all that is left":         {known, full("k")},
		"a cancel":                 {func(t *testing.T) *story { return newStory(t, "100") }, cancel("k")},
		"a refund to balance":      {func(t *testing.T) *story { return newStory(t, "100") }, toBalance("k")},
		"a fund payment":           {func(t *testing.T) *story { return newFundStory(t).empty() }, fundCommand("k", "50")},
		"a fund payment, restored": {func(t *testing.T) *story { return newFundStory(t).empty().restored() }, fundCommand("k", "50")},
		"after a definite no": {func(t *testing.T) *story {
			return known(t).ask(onLine(refund("no", "1"), "2")).answer(payment.VerdictRejected)
		}, onLine(refund("k", "10"), "1")},
		"what was not sent": {func(t *testing.T) *story {
			return known(t).ask(onLine(refund("k", "10"), "1")).answer(payment.VerdictNotSent)
		}, onLine(refund("k", "10"), "1")},
		"a cancel that was not sent": {func(t *testing.T) *story { return newStory(t, "100").ask(cancel("k")).answer(payment.VerdictNotSent) }, cancel("k")},
	} {
		for _, queued := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := x.story(t).stop()
				reads := s.reads
				s.saved(0, func() {
					s.request(payment.Requested{Command: x.ask, Record: map[bool]payment.Recording{true: payment.RecordSettled}[queued]})
				})
				e := s.refused(payment.CodeUnavailable)
				want := time.Minute
				if queued {
					want = 20 * time.Minute
				}
				if e.RetryAfter != want || !strings.HasPrefix(e.Message, whyStopped) || s.reads != reads {
					t.Errorf("%q after %s, %d reads", e.Message, e.RetryAfter, s.reads-reads)
				}
				if s.rules.RestoredAt.IsZero() {
					s.goOn().ask(x.ask)
					if s.err != nil || s.call == nil {
						t.Errorf("after the switch: sent %+v, error %v", s.call, s.err)
					}
				}
			})
		}
	}
}

// empty forgets everything: the story's account was never saved.
func (s *story) empty() *story {
	s.account, s.call = payment.Account{ID: s.account.ID}, nil
	return s
}

// TestWhileNewMoneyIsOffRulesStillRefuse, and a queue's refusal is recorded as ever: it moves nothing.
func TestWhileNewMoneyIsOffRulesStillRefuse(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("first", "1")).answer(payment.VerdictSucceeded).stop()
	s.saved(0, func() { s.ask(refund("k", "100")) }).refused(payment.CodeExceedsRefundable)
	s.saved(1, func() { s.request(payment.Requested{Command: refund("k", "100"), Record: payment.RecordAll}) }).silent().is("k", payment.StatusRejected)
}

// TestWhileNewMoneyIsOffKeysKeepTheirAnswers: replays, conflicts and reuse are answered as ever.
func TestWhileNewMoneyIsOffKeysKeepTheirAnswers(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("done", "10")).answer(payment.VerdictSucceeded)
	s.ask(refund("no", "10")).answer(payment.VerdictRejected).ask(refund("lost", "10")).answer(payment.VerdictUnknown).ask(refund("flying", "10"))
	flying := *s.call
	s.stop()
	s.saved(0, func() { s.ask(refund("done", "10")) }).silent().is("done", payment.StatusSucceeded)
	s.saved(0, func() { s.ask(refund("no", "10")) }).silent().is("no", payment.StatusRejected)
	s.saved(0, func() { s.ask(refund("lost", "10")) }).silent().is("lost", payment.StatusUnknown)
	s.saved(0, func() { s.ask(refund("flying", "10")) }).refused(payment.CodeInProgress)
	s.saved(0, func() { s.ask(refund("done", "11")) }).refused(payment.CodeKeyReused)

	// What was sent goes on: an answer under way is taken, an unknown outcome settles by reading.
	s.answerTo(flying, payment.VerdictSucceeded).is("flying", payment.StatusSucceeded)
	s.lists(conversation("lost", 3), "1", "10", 1).read().is("lost", payment.StatusSucceeded)
}

// TestWhileNewMoneyIsOffUnsentLegsWait: neither an answer nor the same key sends the next one. The operation keeps its answer,
// and its hour ends as ever.
func TestWhileNewMoneyIsOffUnsentLegsWait(t *testing.T) {
	t.Parallel()
	s := three(t)
	s.stop().answer(payment.VerdictSucceeded).silent().is("k", payment.StatusProcessing, payment.StateSucceeded, payment.StateReserved, payment.StateReserved)
	s.saved(0, func() { s.ask(threeLegs()) }).silent()
	s.pass(50 * time.Minute).goOn().ask(threeLegs()).sent(payment.ConversationID(threeLegs().OperationID(), 2))
	s.stop().answer(payment.VerdictSucceeded).silent().pass(11 * time.Minute).ask(threeLegs()).silent()
	s.is("k", payment.StatusPartiallySucceeded, payment.StateSucceeded, payment.StateSucceeded, payment.StateNotExecuted)
}

// TestWhileNewMoneyIsOffTheServiceSendsNothing and tells when asking for unsent legs again makes sense.
func TestWhileNewMoneyIsOffTheServiceSendsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "20", "20", "20", "20")
	w.send = func(_ context.Context, c payment.Call) payment.Answered {
		if c.Attempt == 1 {
			return payment.Answered{Call: c, Verdict: payment.VerdictSucceeded}
		}
		return payment.Answered{Call: c, Verdict: payment.VerdictNotSent}
	}
	w.must(threeLegs(), payment.StatusProcessing)
	w.stop()
	w.did()
	for queued, want := range map[bool]time.Duration{false: time.Minute, true: 20 * time.Minute} {
		done, err := w.service.Request(t.Context(), threeLegs(), w.Now().Add(27*time.Second), map[bool]payment.Recording{true: payment.RecordSettled}[queued])
		if did := w.did(); err != nil || done.Resource.Status != payment.StatusProcessing || done.RetryAfter != want || did != "load" {
			t.Errorf("%+v %v after %q", done, err, did)
		}
	}
	if _, err := w.service.Preview(t.Context(), refund("k2", "10"), w.Now().Add(27*time.Second)); payment.CodeOf(err) != payment.CodeAllocationNeeded {
		t.Errorf("a dry run: %v", err)
	}
	w.did()
	if _, err := w.request(allocated(refund("k2", "10"), payment.AllocateInOrder)); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Errorf("%v", err)
	}
	if did := w.did(); did != "load" {
		t.Errorf("refused after %q", did)
	}
	var e *payment.Error
	w.service = payment.NewService(w, gatewayOf{w}, w, payment.Rules{SettleWindow: window, NewMoneyOff: true})
	if _, err := w.request(allocated(refund("k2", "10"), payment.AllocateInOrder)); !errors.As(err, &e) || e.Message == "" || strings.HasPrefix(e.Message, ":") {
		t.Errorf("without a reason: %v", err)
	}
}

func (w *world) stop() {
	w.service = payment.NewService(w, gatewayOf{w}, w, payment.Rules{SettleWindow: window, SendTimeout: 20 * time.Second, NewMoneyOff: true, NewMoneyReason: whyStopped})
}
