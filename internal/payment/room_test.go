package payment_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

// storeLimit is what the smallest store takes of one account: DynamoDB's 400 KB an item, some of it for the item's own members.
const storeLimit = 399 << 10

// long is a refund whose every text is as long as it may be, and takes as much as it may in JSON.
func long(n int) payment.Command {
	c := refund(fmt.Sprintf(`%0*d`, 5, n)+strings.Repeat(`"`, 250), "0.01")
	c.Reference, c.Reason = strings.Repeat("\u2028", 100), "DOUBLE_PAYMENT"
	return c
}

// fits holds that a saved account never outgrows the store.
func (s *story) fits(what string) {
	s.t.Helper()
	if size := len(encode(s.t, s.account)); size > storeLimit {
		s.t.Fatalf("%s: the account has %d bytes", what, size)
	}
}

// said is the longest that iyzico and a person can say of an operation.
func (s *story) said(c payment.Call, v payment.Verdict) *story {
	words := strings.Repeat(`"`, 5000)
	a := payment.Answered{Call: c, Verdict: v, Failure: &payment.Failure{Reason: words, Code: words, Message: words, Group: words, Retryable: ptr(true)}}
	if v == payment.VerdictSucceeded {
		a.Proof, a.Failure = payment.Proof{AuthCode: words, HostReference: words, RefundHostReference: words, CancelHostReference: words, RefundTxID: words}, nil
	}
	return s.decide(a)
}

// TestWhatWasAcceptedFits fills a payment with the longest commands until it refuses, with every outcome; whatever was accepted
// is answered, settled and decided within the store's limit.
func TestWhatWasAcceptedFits(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100000")
	s.over = true
	full := false
	for n := 0; n < 600 && !full; n++ {
		s.ask(long(n)).pass(time.Second)
		if s.call == nil {
			full = payment.CodeOf(s.err) == payment.CodeTooManyOperations
			if !full {
				t.Fatalf("operation %d: %v", n, s.err)
			}
			break
		}
		verdict := []payment.Verdict{succeeded, succeeded, rejected, succeeded}[n%4]
		if n%40 == 39 {
			verdict = lost
		}
		s.said(*s.call, verdict).fits(fmt.Sprint("the answer to ", n))
	}
	t.Logf("%d operations, %d in short, %d bytes", len(s.account.Operations), len(s.account.Past), len(encode(t, s.account)))
	for i := range s.account.Operations {
		op := &s.account.Operations[i]
		if op.Status() != payment.StatusUnknown {
			continue
		}
		s.pass(25 * time.Hour).unreadable().fits("a person is asked")
		rep := s.report()
		s.decide(payment.Resolved{
			OperationID: op.ID, Decision: payment.DecideNotExecuted, Reason: strings.Repeat("\u2028", 500), By: strings.Repeat(`"`, 100),
			Until: s.now.Add(s.left), Report: &rep,
		}).fits("a person decides")
	}
}

// TestCancelsRefusedByIyzicoEndAtTheLimit: a cancel counts in no limit but the account's size.
func TestCancelsRefusedByIyzicoEndAtTheLimit(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100")
	accepted := 0
	for n := 0; n < 400; n++ {
		c := cancel(fmt.Sprintf(`%0*d`, 5, n) + strings.Repeat(`"`, 250))
		c.Reference = strings.Repeat("\u2028", 100)
		s.ask(c)
		if s.call == nil {
			s.refused(payment.CodeTooManyOperations)
			break
		}
		accepted++
		s.said(*s.call, rejected).fits(fmt.Sprint("the answer to ", n))
	}
	t.Logf("%d cancels, %d bytes", accepted, len(encode(t, s.account)))
	if accepted < 50 || accepted == 400 {
		t.Errorf("%d cancels were accepted", accepted)
	}
}

// TestFiveHundredLegsFit: one refund of the largest payment, each leg answered with the longest words, by v1 and where iyzico
// refuses Refund v2.
func TestFiveHundredLegsFit(t *testing.T) {
	t.Parallel()
	for name, paid := range map[string]string{"by line": "10", "with parts below a kuruş": "33.33333333"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := payment.MaxLegs
			if paid != "10" {
				n-- // the Refund v2 is a leg too
			}
			s := newStory(t)
			for i := range n {
				s.iyzico.Lines = append(s.iyzico.Lines, payment.Line{ID: fmt.Sprintf("%019d", i), ItemID: strings.Repeat("x", 36), PaidAmount: amount(paid)})
			}
			c := long(0)
			full := full(c.Key)
			full.Reference, full.Reason = c.Reference, c.Reason
			s.ask(full)
			if s.call == nil {
				t.Fatal(s.err)
			}
			if s.call.API == payment.APIRefundV2 {
				s.refusedV2()
			}
			for s.call != nil {
				s.said(*s.call, succeeded).pass(10 * time.Millisecond)
				if s.call == nil && s.op(c.Key).Status() == payment.StatusProcessing {
					s.ask(full)
				}
			}
			s.fits("all legs are answered")
			t.Logf("%d legs, %d bytes", len(s.op(c.Key).Legs), len(encode(t, s.account)))
		})
	}
}

// TestAStoreThatRefuses400KBNeverRefusesAnAnswer runs the whole service on a store with DynamoDB's limit: whatever was accepted
// and sent is answered, and what there is no room for is refused before anything is sent.
func TestAStoreThatRefuses400KBNeverRefusesAnAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100000")
	tooLarge := errors.New("item size has exceeded the maximum allowed size")
	w.saving = func(next payment.Account) (bool, error) {
		if len(encode(t, next)) > 400<<10 {
			return false, tooLarge
		}
		return true, nil
	}
	words := strings.Repeat(`"`, 5000)
	w.send = func(_ context.Context, c payment.Call) payment.Answered {
		// A decline that is listed, told as long as can be: such an operation stays whole for the longest.
		return payment.Answered{Call: c, Verdict: rejected, Failure: &payment.Failure{Reason: words, Code: words, Message: words, Group: words}}
	}
	answered := 0
	for n := range 700 {
		w.wait(time.Second)
		w.did()
		result, err := w.service.Request(t.Context(), long(n), w.Now().Add(27*time.Second), payment.RecordNone)
		switch {
		case payment.CodeOf(err) == payment.CodeTooManyOperations:
			if strings.Contains(w.did(), "send") {
				t.Fatal("it was sent, and then refused for want of room")
			}
			t.Logf("%d were answered before the payment was full", answered)
			return
		case err != nil || result.Resource.Status != payment.StatusRejected:
			t.Fatalf("request %d: %s, %v", n, result.Resource.Status, err)
		}
		answered++
	}
	t.Logf("all %d were answered: old ones leave the account", answered)
}
