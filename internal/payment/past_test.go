package payment_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

// crowded is a payment on which n refunds of 1.00 were made one after the other, keys k0, k1, …, a minute apart.
func crowded(t *testing.T, n int) *story {
	t.Helper()
	s := newStory(t, "10000")
	for i := range n {
		s.ask(refund(fmt.Sprint("k", i), "1")).answer(succeeded).pass(time.Minute)
	}
	return s
}

func TestOldOperationsLeaveTheAccountAndStayAnswered(t *testing.T) {
	t.Parallel()
	s := crowded(t, 230)
	if n := len(s.account.Operations); n > 201 || n < 200 {
		t.Fatalf("%d operations stay", n)
	}
	s.sums("230.00", "0.00", "9770.00")
	// The key of one that left answers as before, sends nothing and saves nothing.
	s.saved0(func() { s.ask(refund("k0", "1")) }).silent()
	e := s.saved0(func() { s.ask(refund("k0", "2")) }).refused(payment.CodeKeyReused)
	if e.Operation == nil || e.Operation.ID != refund("k0", "1").OperationID() || e.Operation.Status != payment.StatusSucceeded || !strings.Contains(e.Message, "already refunded 1.00 TRY") {
		t.Errorf("%+v: %+v", e, e.Operation)
	}
	s.saved0(func() { s.ask(cancel("k0")) }).refused(payment.CodeKeyReused)
	// iyzico still lists its attempts: they are no money of somebody else's.
	for i := range 230 {
		s.lists(conversation(fmt.Sprint("k", i), 1), "1", "1", 1)
		s.iyzico.Entries[i].TxID = fmt.Sprint("tx", i)
	}
	s.read().sums("230.00", "0.00", "9770.00")
	if len(s.account.Foreign) != 0 {
		t.Errorf("foreign %+v", s.account.Foreign)
	}
	// All are shown, newest first.
	var ids []string
	for skip := 0; skip < 300; skip += payment.OperationsPerPage {
		for _, op := range s.account.View(skip, time.Time{}).Operations {
			ids = append(ids, op.ID)
			if op.Amount != "1.00" || op.RefundedAmount != "1.00" || op.Status != payment.StatusSucceeded || op.CreatedAt.IsZero() {
				t.Errorf("%+v", op)
			}
		}
	}
	if len(ids) != 230 || ids[229] != refund("k0", "1").OperationID() || ids[0] != refund("k229", "1").OperationID() {
		t.Errorf("%d operations are shown", len(ids))
	}
}

func TestWhatMayStillBeAskedForStays(t *testing.T) {
	t.Parallel()
	s := newStory(t, "10000")
	s.ask(refund("unknown", "1")).answer(lost)
	s.ask(onLine(allocated(refund("unplaced", "1"), payment.AllocateByIyzico), "")).answer(succeeded)
	s.ask(refund("resolved", "1")).answer(lost).pass(25 * time.Hour).unreadable()
	s.resolve("resolved", payment.DecideNotExecuted)
	s.ask(refund("rejected", "1")).answer(rejected)
	for i := range 230 {
		s.ask(refund(fmt.Sprint("k", i), "1"))
		s.answer(succeeded)
	}
	for _, key := range []string{"unknown", "unplaced", "rejected", "resolved"} {
		s.op(key) // fails if it is gone
	}
}

func TestARefusedAttemptThatLeftIsOursAndOneThatMovedIsNot(t *testing.T) {
	t.Parallel()
	s := newStory(t, "10000").ask(refund("no", "1")).answer(rejected).pass(30 * 24 * time.Hour).read()
	s.pass(72 * time.Hour).read()
	for i := range 205 {
		s.ask(refund(fmt.Sprint("k", i), "1")).answer(succeeded)
	}
	gone := func(op payment.Operation) bool { return op.Key == "no" }
	if slices.ContainsFunc(s.account.Operations, gone) {
		t.Fatal("it did not leave")
	}
	s.saved0(func() { s.ask(refund("no", "1")) }).silent()
	if past := s.account.Past[0]; past.Status != payment.StatusRejected || past.Code != "10051" {
		t.Errorf("%+v", past)
	}
	shown := s.account.View(2*payment.OperationsPerPage, time.Time{}).Operations
	if oldest := shown[len(shown)-1]; oldest.Status != payment.StatusRejected || oldest.Error == nil || oldest.Error.Code != "10051" || oldest.Error.Message == "" {
		t.Errorf("the short form is shown as %+v with %+v", oldest, oldest.Error)
	}
	s.lists(conversation("no", 1), "1", "1", 0).read().sums("205.00", "0.00", "9795.00")
	// Listed as done all the same: it counts, and whoever looks is told whose it was.
	s.iyzico.Entries[0].Status = 1
	s.read().sums("206.00", "0.00", "9794.00")
	if f := s.account.Foreign; len(f) != 1 || f[0].OperationID != refund("no", "1").OperationID() {
		t.Errorf("foreign %+v", f)
	}
}

// TestNoAttemptNumberIsUsedTwice: the fifty newest operations that ended not_sent are kept. Older ones are forgotten with their
// numbers, and the same key would begin anew.
func TestNoAttemptNumberIsUsedTwice(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100")
	used := map[string]bool{}
	for range 3 {
		for i := range 60 {
			s.ask(refund(fmt.Sprint("k", i), "1"))
			if used[s.call.ConversationID] {
				t.Fatalf("%s was used before", s.call.ConversationID)
			}
			used[s.call.ConversationID] = true
			s.answer(notSent)
		}
	}
}

// TestARefusalIsRememberedLongerThanAQueueKeepsAMessage: a redelivery within that time must not carry out what was published
// as rejected.
func TestARefusalIsRememberedLongerThanAQueueKeepsAMessage(t *testing.T) {
	t.Parallel()
	s := newStory(t, "10").ask(refund("first", "1")).answer(succeeded)
	queued := func(key, sum string) *story {
		return s.request(payment.Requested{Command: refund(key, sum), Record: payment.RecordAll})
	}
	queued("no", "50").silent()
	for i := range 205 {
		queued(fmt.Sprint("k", i), "50").silent()
	}
	s.pass(14*24*time.Hour + time.Hour)
	s.iyzico.Lines[0].PaidAmount, s.account.Lines[0].PaidAmount = amount("100"), amount("100") // now it would fit
	s.saved0(func() { queued("no", "50") }).silent()
	ruled := func(p payment.Past) bool { return p.Ruled && p.Code == string(payment.CodeExceedsRefundable) }
	if !slices.ContainsFunc(s.account.Past, ruled) {
		t.Fatalf("%+v", s.account.Past)
	}
	s.pass(2 * 24 * time.Hour).ask(refund("other", "1")).answer(succeeded)
	if slices.ContainsFunc(s.account.Past, ruled) {
		t.Error("refusals are kept for ever")
	}
}
