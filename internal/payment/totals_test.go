package payment_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

// lineTexts writes each line's refunded/reserved/refundable.
func lineTexts(a *payment.Account) string {
	var parts []string
	for _, line := range a.View(0, time.Time{}).Lines {
		parts = append(parts, line.RefundedAmount+"/"+line.ReservedAmount+"/"+line.RefundableAmount)
	}
	return strings.Join(parts, " ")
}

func TestTotalsOfEveryKindOfMovement(t *testing.T) {
	t.Parallel()
	v2 := allocated(refund("v2", "30"), payment.AllocateByIyzico)
	for name, tc := range map[string]struct {
		play   func(*story)
		status payment.PaymentStatus
		sums   [3]string
		lines  string
	}{
		"nothing":           {func(s *story) { s.ask(refund("x", "5")); s.ask(onLine(refund("k", "1"), "1")).answer(notSent) }, payment.PaymentPaid, [3]string{"0.00", "0.00", "300.00"}, "0.00/0.00/100.00 0.00/0.00/200.00"},
		"sending":           {func(s *story) { s.ask(onLine(refund("k", "1"), "1")) }, payment.PaymentPaid, [3]string{"0.00", "1.00", "299.00"}, "0.00/1.00/99.00 0.00/0.00/200.00"},
		"refunded in part":  {func(s *story) { s.ask(onLine(refund("k", "1"), "1")).answer(succeeded) }, payment.PaymentPartiallyRefunded, [3]string{"1.00", "0.00", "299.00"}, "1.00/0.00/99.00 0.00/0.00/200.00"},
		"refunded":          {func(s *story) { s.ask(full("k")).answer(succeeded).answer(succeeded) }, payment.PaymentRefunded, [3]string{"300.00", "0.00", "0.00"}, "100.00/0.00/0.00 200.00/0.00/0.00"},
		"all but promised":  {func(s *story) { s.ask(full("k")).answer(succeeded).answer(lost) }, payment.PaymentPartiallyRefunded, [3]string{"100.00", "200.00", "0.00"}, "100.00/0.00/0.00 0.00/200.00/0.00"},
		"v2 promised":       {func(s *story) { s.ask(v2) }, payment.PaymentPaid, [3]string{"0.00", "30.00", "240.00"}, "0.00/0.00/70.00 0.00/0.00/170.00"},
		"v2 done, unplaced": {func(s *story) { s.ask(v2).answer(succeeded) }, payment.PaymentPartiallyRefunded, [3]string{"30.00", "0.00", "240.00"}, "0.00/0.00/70.00 0.00/0.00/170.00"},
		"v2 done, placed":   {func(s *story) { s.ask(v2).answer(succeeded).lists(conversation("v2", 1), "2", "30", 1).read() }, payment.PaymentPartiallyRefunded, [3]string{"30.00", "0.00", "270.00"}, "0.00/0.00/100.00 30.00/0.00/170.00"},
		"cancel promised":   {func(s *story) { s.ask(cancel("k")) }, payment.PaymentPaid, [3]string{"0.00", "300.00", "0.00"}, "0.00/100.00/0.00 0.00/200.00/0.00"},
		"cancelled":         {func(s *story) { s.ask(cancel("k")).answer(succeeded) }, payment.PaymentCancelled, [3]string{"300.00", "0.00", "0.00"}, "100.00/0.00/0.00 200.00/0.00/0.00"},
		"foreign refund": {func(s *story) {
			s.panel("p", "2", "50", -time.Hour).ask(onLine(refund("k", "1"), "1")).answer(rejected)
		}, payment.PaymentPartiallyRefunded, [3]string{"50.00", "0.00", "250.00"}, "0.00/0.00/100.00 50.00/0.00/150.00"},
		"foreign, no line": {func(s *story) { s.panel("p", "", "50", -time.Hour).ask(onLine(refund("k", "1"), "1")).answer(rejected) }, payment.PaymentPartiallyRefunded, [3]string{"50.00", "0.00", "200.00"}, "0.00/0.00/50.00 0.00/0.00/150.00"},
		"foreign cancel":   {func(s *story) { s.ask(onLine(refund("k", "1"), "1")).answer(succeeded).listsCancel("", 1).read() }, payment.PaymentCancelled, [3]string{"300.00", "0.00", "0.00"}, "100.00/0.00/0.00 200.00/0.00/0.00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100", "200")
			tc.play(s)
			s.sums(tc.sums[0], tc.sums[1], tc.sums[2])
			view := s.account.View(0, time.Time{})
			if view.Status != tc.status || view.RefundedAmount != tc.sums[0] || view.ReservedAmount != tc.sums[1] || view.RefundableAmount != tc.sums[2] {
				t.Errorf("view %+v", view)
			}
			if got := lineTexts(&s.account); got != tc.lines {
				t.Errorf("lines %s, want %s", got, tc.lines)
			}
			if view.PaymentID != paymentID || view.Currency != "TRY" || view.PaidAmount != "300.00" || !view.PaidAt.Equal(opening.Add(-time.Hour)) {
				t.Errorf("view %+v", view)
			}
		})
	}
}

func TestAnOpenBalanceRefundReservesAndTakesTheWholePayment(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100", "200").ask(onLine(refund("k", "1"), "1")).answer(rejected)
	op := &s.account.Operations[0]
	op.Kind, op.Amount = payment.KindBalanceRefund, amount("300")
	op.Legs = []payment.Leg{{API: payment.APIBalanceInit, Amount: amount("300"), State: payment.StateAwaitingCustomer}}
	s.sums("0.00", "300.00", "0.00")
	op.Legs[0].State = payment.StateSucceeded
	s.sums("300.00", "0.00", "0.00")
	if got := lineTexts(&s.account); got != "100.00/0.00/0.00 200.00/0.00/0.00" || s.account.Totals().Status() != payment.PaymentRefunded {
		t.Errorf("lines %s", got)
	}
}

func TestRefundableIsTheFloorOfTheSumOfTheLines(t *testing.T) {
	t.Parallel()
	s := newStory(t, "33.33333333", "33.33333333", "33.33333334").ask(onLine(refund("k", "0.01"), "1")).answer(rejected)
	s.sums("0.00", "0.00", "100.00")
	if view := s.account.View(0, time.Time{}); view.PaidAmount != "100.00" || view.Lines[0].PaidAmount != "33.33" || view.Lines[0].RefundableAmount != "33.33" {
		t.Errorf("view %+v", view)
	}
	s.ask(full("f")).answer(succeeded).sums("100.00", "0.00", "0.00")
	if status := s.account.View(0, time.Time{}).Status; status != payment.PaymentRefunded {
		t.Errorf("status %s, though nothing is left", status)
	}
}

func TestRefundedNeverDecreases(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100", "100")
	s.over = true
	last := s.account.Totals().RefundedAmount
	step := func(name string) {
		if now := s.account.Totals().RefundedAmount; now.Cmp(last) < 0 {
			t.Errorf("%s: refunded went from %s to %s", name, last, now)
		} else {
			last = now
		}
	}
	s.panel("p1", "1", "5", -time.Hour).ask(onLine(refund("a", "10"), "1")).answer(succeeded)
	step("a refund")
	s.ask(onLine(refund("b", "10"), "2")).answer(lost).pass(time.Minute).lists("", "2", "10", 1).read()
	step("a foreign entry")
	s.resolve("b", payment.DecideSucceeded)
	step("a decision that claims it")
	s.iyzico.Entries[0].Status = 0
	s.read()
	step("a report that takes an entry back")
	s.iyzico.Entries = nil
	s.read()
	step("a stale report")
	s.ask(onLine(refund("c", "10"), "1")).answer(lost).absent()
	s.lists(conversation("c", 1), "1", "10", 1).read()
	step("evidence against an absence")
	s.resolve("c", payment.DecideSucceeded)
	step("a decision on it")
	if last.String() != "35.00" {
		t.Errorf("refunded %s", last)
	}
}

func TestTheViewShowsAHundredOperationsNewestFirst(t *testing.T) {
	t.Parallel()
	s := newStory(t, "1000").ask(refund("k", "1")).answer(succeeded).repeat2("k", 249)
	for skip, want := range map[int]int{0: 100, 100: 100, 200: 50, 249: 1, 250: 0, 1000: 0} {
		page := s.account.View(skip, time.Time{}).Operations
		if len(page) != want {
			t.Errorf("after %d: %d operations", skip, len(page))
		}
		for i := range page {
			if page[i].ID != s.account.Operations[249-skip-i].ID {
				t.Fatalf("after %d, at %d: %s", skip, i, page[i].ID)
			}
		}
	}
	if page := (&payment.Account{}).View(0, time.Time{}); page.Operations == nil || page.Lines == nil {
		t.Error("an empty list must be [] in JSON, not null")
	}
}

func (s *story) repeat2(key string, n int) *story {
	s.repeat(key, n)
	return s
}

func TestTheResourceShowsWhatTheContractNames(t *testing.T) {
	t.Parallel()
	c := onLine(refund("k", "10.5"), "1")
	c.Reason, c.Reference, c.Description, c.IP = "FRAUD", "order-1", "a secret text", "192.0.2.1"
	s := newStory(t, "100").ask(c).answer(succeeded)
	s.lists(conversation("k", 1), "1", "10.5", 1).pass(time.Minute).read()
	got, err := json.MarshalIndent(s.op("k").Resource(paymentID), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	id := c.OperationID()
	want := fmt.Sprintf(`{
  "id": %q,
  "kind": "refund",
  "status": "succeeded",
  "paymentId": "10000001",
  "paymentTransactionId": "1",
  "amount": "10.50",
  "refundedAmount": "10.50",
  "currency": "TRY",
  "destination": "card",
  "reason": "FRAUD",
  "reference": "order-1",
  "legs": [
    {
      "paymentTransactionId": "1",
      "amount": "10.50",
      "status": "succeeded",
      "conversationId": "%s-1",
      "iyzico": {
        "authCode": "512821",
        "hostReference": "host",
        "refundTxId": "txA",
        "signatureVerified": true
      }
    }
  ],
  "iyzico": {
    "authCode": "512821",
    "hostReference": "host",
    "refundTxId": "txA",
    "signatureVerified": true
  },
  "customerReference": "host",
  "createdAt": "2031-03-10T09:00:00Z",
  "updatedAt": "2031-03-10T09:01:00Z",
  "settledAt": "2031-03-10T09:00:00Z"
}`, id, id)
	if string(got) != want {
		t.Errorf("resource %s\nwant %s", got, want)
	}
	if stored := string(encode(t, s.account)); strings.Contains(stored, "a secret text") || strings.Contains(stored, "192.0.2.1") {
		t.Errorf("the table holds a person's data (I9): %s", stored)
	}
}

func TestTheResourceSaysWhyItDidNotSucceed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		play func() *story
		want string
	}{
		"succeeded":    {func() *story { return newStory(t, "100").ask(refund("k", "10")).answer(succeeded) }, ""},
		"processing":   {func() *story { return three(t).answer(succeeded).answer(notSent) }, ""},
		"rejected":     {func() *story { return newStory(t, "100").ask(refund("k", "10")).answer(rejected) }, "10051"},
		"unknown":      {func() *story { return lostRefund(t) }, "timeout"},
		"not executed": {func() *story { return lostRefund(t).absent() }, "timeout"},
		"partial":      {func() *story { return three(t).answer(succeeded).answer(rejected) }, "10051"},
		"a rule": {func() *story {
			return newStory(t, "100").request(payment.Requested{Command: refund("k", "1000"), Record: payment.RecordAll})
		}, "exceeds-refundable"},
	} {
		view := tc.play().op("k").Resource(paymentID)
		if (view.Error == nil) != (tc.want == "") || (view.Error != nil && (view.Error.Code != tc.want || view.Error.Message == "")) {
			t.Errorf("%s: error %+v, want %q", name, view.Error, tc.want)
		}
	}
}

func TestOperationStatusIsTheFirstThatApplies(t *testing.T) {
	t.Parallel()
	for status, states := range map[payment.Status][][]payment.State{
		payment.StatusProcessing:         {{reserved}, {sending}, {unknown, reserved}, {review, sending}, {done, reserved}},
		payment.StatusUnknown:            {{unknown}, {done, unknown}, {unknown, ended}, {review, unknown}},
		payment.StatusNeedsReview:        {{review}, {done, review, ended}},
		payment.StatusSucceeded:          {{done}, {done, done}},
		payment.StatusPartiallySucceeded: {{done, ended}, {refusedBy, done}, {done, unsent}},
		payment.StatusRejected:           {{refusedBy}, {refusedBy, ended}, {}},
		payment.StatusNotSent:            {{unsent, unsent}, {unsent, ended}},
		payment.StatusNotExecuted:        {{ended}, {ended, refusedBy}},
		payment.StatusAwaitingCustomer:   {{payment.StateAwaitingCustomer}},
		payment.StatusAwaitingMerchant:   {{payment.StateAwaitingMerchant}},
		payment.StatusExpired:            {{payment.StateExpired}},
		payment.StatusInReview:           {{payment.StateInReview}},
	} {
		for _, legs := range states {
			var op payment.Operation
			for _, state := range legs {
				op.Legs = append(op.Legs, payment.Leg{State: state})
			}
			if got := op.Status(); got != status {
				t.Errorf("legs %v: %s, want %s", legs, got, status)
			}
		}
		unfinished := []payment.Status{
			payment.StatusProcessing, payment.StatusUnknown, payment.StatusNeedsReview, payment.StatusAwaitingCustomer,
			payment.StatusAwaitingMerchant, payment.StatusInReview,
		}
		if status.Unfinished() != slices.Contains(unfinished, status) {
			t.Errorf("%s: unfinished %v", status, status.Unfinished())
		}
		if status.Published() != (status != payment.StatusProcessing && status != payment.StatusNotSent) {
			t.Errorf("%s: published %v", status, status.Published())
		}
	}
}
