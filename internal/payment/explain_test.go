package payment_test

import (
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

// TestEveryErrorSaysSomething: whatever iyzico leaves out, a caller reads what happened to the money and what to do.
func TestEveryErrorSaysSomething(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]*payment.Failure{
		"nothing": nil, "no words": {Reason: "connection-lost"}, "a code alone": {Code: "10051"}, "not even a reason": {},
	} {
		for status, state := range map[payment.Status]payment.State{
			payment.StatusRejected: refusedBy, payment.StatusUnknown: unknown, payment.StatusNotExecuted: ended, payment.StatusNeedsReview: review,
			payment.StatusNotSent: unsent, payment.StatusExpired: payment.StateExpired,
		} {
			op := payment.Operation{Kind: payment.KindRefund, Amount: amount("1"), Legs: []payment.Leg{{State: state, Amount: amount("1"), Failure: failure}}}
			view := op.Resource(paymentID).Error
			if view == nil || view.Code == "" || view.Message == "" {
				t.Errorf("%s, %s: %+v", status, name, view)
			}
			if !strings.Contains(status.Advice(), "key") {
				t.Errorf("%s does not say what to do: %s", status, status.Advice())
			}
			if open := status.Unfinished(); open && !strings.Contains(status.Advice(), "do not ask with a new key") {
				t.Errorf("%s may be read as a call to pay again: %s", status, status.Advice())
			}
		}
	}
}

func TestTheReferenceToTellTheCustomer(t *testing.T) {
	t.Parallel()
	for want, proof := range map[string]payment.Proof{
		"refund": {AuthCode: "a", HostReference: "host", RefundHostReference: "refund", CancelHostReference: "cancel"},
		"cancel": {HostReference: "host", CancelHostReference: "cancel"}, "host": {HostReference: "host", RefundTxID: "1"}, "": {RefundTxID: "1"},
	} {
		op := payment.Operation{Kind: payment.KindRefund, Legs: []payment.Leg{{State: done, Amount: amount("1"), Proof: proof}}}
		if got := op.Resource(paymentID).CustomerReference; got != want {
			t.Errorf("%q, want %q", got, want)
		}
		op.Legs[0].State = refusedBy
		if got := op.Resource(paymentID).CustomerReference; got != "" {
			t.Errorf("a refund that moved nothing has the reference %q", got)
		}
	}
	s := lostRefund(t).lists(conversation("k", 1), "1", "10", 1).pass(time.Minute).read().is("k", payment.StatusSucceeded)
	if got := s.op("k").Resource(paymentID).CustomerReference; got != "bank" {
		t.Errorf("settled from the report: %q", got)
	}
}

func TestTimesAreShownToTheMillisecond(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").pass(123456789 * time.Nanosecond).ask(refund("k", "1")).answer(succeeded)
	for _, at := range []time.Time{s.op("k").Resource(paymentID).CreatedAt, s.op("k").Resource(paymentID).SettledAt} {
		if at.Nanosecond() != 123000000 {
			t.Errorf("%s", at)
		}
	}
}

func TestAQueuesCommandWaitsForWhatIsOpen(t *testing.T) {
	t.Parallel()
	queued := func(c payment.Command, r payment.Recording) payment.Requested {
		return payment.Requested{Command: c, Record: r}
	}
	for name, c := range map[string]payment.Command{"more than is left": refund("q", "95"), "a cancel": cancel("q")} {
		s := newStory(t, "100").ask(refund("open", "10")).answer(lost)
		s.saved0(func() {
			s.request(queued(c, payment.RecordSettled))
		})
		var e *payment.Error
		if e = s.refused(payment.CodeOf(s.err)); !e.Waits || e.RetryAfter <= 0 {
			t.Errorf("%s: %+v", name, e)
		}
		// The open one moved nothing: the same command goes.
		s.absent().pass(time.Minute).request(queued(c, payment.RecordSettled))
		if s.call == nil {
			t.Errorf("%s: %v", name, s.err)
		}
		// It still stands in the way after an hour: recorded.
		s = newStory(t, "100").ask(refund("open", "10")).answer(lost)
		s.request(queued(c, payment.RecordAll)).silent().is("q", payment.StatusRejected)
	}
	// What no open operation causes is recorded at once.
	s := newStory(t, "100").ask(refund("open", "10")).answer(lost)
	s.request(queued(refund("q", "101"), payment.RecordSettled)).silent().is("q", payment.StatusRejected)
}
