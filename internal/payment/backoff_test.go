package payment_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

// TestWhatCannotBeReadIsReadEverMoreRarely: 1, 2, 4 … 60 minutes, stored, and nothing else is.
func TestWhatCannotBeReadIsReadEverMoreRarely(t *testing.T) {
	t.Parallel()
	s := lostRefund(t).pass(window)
	for i, minutes := range []int{1, 2, 4, 8, 16, 32, 60, 60, 60} {
		before := s.account
		s.saved(1, func() { s.unreadable() })
		if due := s.account.DueAt(); due.Sub(s.now) != time.Duration(minutes)*time.Minute {
			t.Fatalf("after %d failed reads it is due after %s, want %d minutes", i+1, due.Sub(s.now), minutes)
		}
		before.FailedReads, before.ReadDueAt, before.Version = s.account.FailedReads, s.account.ReadDueAt, s.account.Version
		if string(encode(t, before)) != string(encode(t, s.account)) {
			t.Errorf("more was saved than the next due time")
		}
		s.saved0(func() { s.unreadable() }) // a failed read that was not due
		s.now = s.account.DueAt()
	}
	if s.read(); s.account.FailedReads != 0 || !s.account.ReadDueAt.IsZero() {
		t.Error("a read that brought something does not end the back-off")
	}
}

// TestWhatTimeAloneDecidesDoesNotBackOff: an attempt that was marked meanwhile becomes unknown at its deadline.
func TestWhatTimeAloneDecidesDoesNotBackOff(t *testing.T) {
	t.Parallel()
	s := lostRefund(t).pass(window)
	for range 6 {
		s.unreadable()
		s.now = s.account.DueAt()
	}
	s.unreadable().ask(refund("second", "1"))
	call := *s.call
	if due := s.account.DueAt(); !due.Equal(call.Deadline) {
		t.Errorf("due at %s, the attempt's deadline is %s", due, call.Deadline)
	}
}

// crowd gives the world accounts like the first one, whose operation is unknown, due in the order of their numbers.
func (w *world) crowd(n int) (ids []string) {
	w.send = answers(payment.VerdictUnknown)
	w.iyzico.Listed = true
	for i := range n {
		id := fmt.Sprint(20000000 + i)
		c := refund("k", "1")
		c.PaymentID = id
		w.read = func(q payment.Query) (payment.Report, error) {
			r := w.report()
			r.PaymentID = q.PaymentID
			return r, nil
		}
		if _, err := w.request(c); err != nil {
			w.t.Fatal(err)
		}
		w.wait(time.Second)
		ids = append(ids, id)
	}
	return ids
}

// found is a report of the payment that shows the crowd's refund as done.
func (w *world) found(id string) payment.Report {
	r := w.report()
	r.PaymentID = id
	c := refund("k", "1")
	c.PaymentID = id
	r.Entries = []payment.Entry{{TxID: "tx" + id, ConversationID: payment.ConversationID(c.OperationID(), 1), LineID: "1", Amount: amount("1"), Status: 1, CreatedAt: w.now}}
	return r
}

// TestWhatFailedBeforeComesAfterAllOthers: whatever it is due, and however many there are.
func TestWhatFailedBeforeComesAfterAllOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	ids := w.crowd(6)
	w.wait(window)
	broken := map[string]bool{ids[0]: true, ids[1]: true}
	var order []string
	w.read = func(q payment.Query) (payment.Report, error) {
		order = append(order, q.PaymentID)
		if broken[q.PaymentID] {
			return payment.Report{}, errDown
		}
		return payment.Report{}, &payment.Error{Code: payment.CodeRateLimited}
	}
	pass := func() {
		order = nil
		if _, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	pass()
	w.wait(2 * time.Minute)
	pass()
	if got := strings.Join(order, " "); got != strings.Join([]string{ids[2], ids[3], ids[4], ids[5], ids[0], ids[1]}, " ") {
		t.Errorf("read in the order %s", got)
	}
}

// TestWhoIsRefusedByTheLimitLosesNothing: no failed read is counted, nobody asks again in vain, and the oldest goes first.
func TestWhoIsRefusedByTheLimitLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	ids := w.crowd(5)
	w.wait(window)
	left, asked := 2, 0
	w.read = func(q payment.Query) (payment.Report, error) {
		if asked++; left == 0 {
			return payment.Report{}, &payment.Error{Code: payment.CodeRateLimited, RetryAfter: time.Minute}
		}
		left--
		return w.found(q.PaymentID), nil
	}
	for pass := 1; pass <= 3; pass++ {
		asked = 0
		done, err := w.service.Reconcile(t.Context(), w.Now().Add(50*time.Second))
		want := payment.Summary{Looked: 7 - 2*pass, Settled: min(2, 7-2*pass), Waiting: max(5-2*pass, 0), Complete: true}
		if err != nil || done != want || asked > 3 {
			t.Errorf("pass %d: %+v with %d reads, want %+v, %v", pass, done, asked, want, err)
		}
		for i, id := range ids {
			a := w.stored(payment.PaymentAccount(id))
			if got, want := a.Operations[0].Status() == payment.StatusSucceeded, i < 2*pass; got != want || a.FailedReads != 0 {
				t.Errorf("pass %d: account %d is settled %v, %d failed reads", pass, i, got, a.FailedReads)
			}
		}
		left = 2
		w.wait(time.Minute)
	}
}

// TestAPanicStopsOneAccountOnly, and an error too: it is counted, backs off, and the others settle.
func TestAPanicStopsOneAccountOnly(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]func(){
		"a text":   func() { panic("psp: no such thing") },
		"an error": func() { panic(errDown) },
		"the run time's": func() {
			var none []int
			_ = none[len(none)]
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "100")
			ids := w.crowd(4)
			w.wait(window)
			reads := 0
			w.read = func(q payment.Query) (payment.Report, error) {
				if q.PaymentID == ids[0] {
					reads++
					trouble()
				}
				return w.found(q.PaymentID), nil
			}
			done, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute))
			if want := (payment.Summary{Looked: 4, Settled: 3, Failed: 1, Complete: true}); done != want || err == nil || !strings.Contains(err.Error(), "panic") {
				t.Errorf("%+v, %v", done, err)
			}
			if a := w.stored(payment.PaymentAccount(ids[0])); a.FailedReads != 1 || a.DueAt().Sub(w.Now()) != time.Minute {
				t.Errorf("it does not back off: %d failed reads, due after %s", a.FailedReads, a.DueAt().Sub(w.Now()))
			}
			if done, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute)); err != nil || done.Looked != 0 || reads != 1 {
				t.Errorf("it is looked at again at once: %+v, %v", done, err)
			}
		})
	}
}

// TestAnAccountThatCannotBeLoadedBacksOffToo, though nothing can be stored with it.
func TestAnAccountThatCannotBeLoadedBacksOffToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	ids := w.crowd(3)
	w.wait(window)
	w.read = func(q payment.Query) (payment.Report, error) { return w.found(q.PaymentID), nil }
	var loads atomic.Int64
	store := brokenAccount{w, payment.PaymentAccount(ids[0]), &loads}
	service := payment.NewService(store, gatewayOf{w}, w, payment.Rules{SettleWindow: window, SendTimeout: 20 * time.Second})
	done, err := service.Reconcile(t.Context(), w.Now().Add(time.Minute))
	if want := (payment.Summary{Looked: 2, Settled: 2, Failed: 1, Complete: true}); done != want || !errors.Is(err, errDown) {
		t.Errorf("%+v, %v", done, err)
	}
	for range 30 {
		w.wait(10 * time.Second)
		if _, err := service.Reconcile(t.Context(), w.Now().Add(time.Minute)); err != nil && !errors.Is(err, errDown) {
			t.Error(err)
		}
	}
	if n := loads.Load(); n != 3 {
		t.Errorf("it was loaded %d times in five minutes, want 3: at once, after one minute and after two more", n)
	}
}

type brokenAccount struct {
	*world
	id    payment.AccountID
	loads *atomic.Int64
}

func (b brokenAccount) Load(ctx context.Context, id payment.AccountID) (payment.Account, error) {
	if id == b.id {
		b.loads.Add(1)
		return payment.Account{}, errDown
	}
	return b.world.Load(ctx, id)
}

// TestAPassThatRanOutOfTimeSaysSoAndGoesOn: the accounts at the end of a long list have their turn in the next pass.
func TestAPassThatRanOutOfTimeSaysSoAndGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	ids := w.crowd(120) // more than two pages
	w.wait(window)
	looked := map[string]int{}
	w.read = func(q payment.Query) (payment.Report, error) {
		looked[q.PaymentID]++
		w.now = w.now.Add(time.Second)
		return payment.Report{}, &payment.Error{Code: payment.CodeRateLimited}
	}
	var passes []bool
	for range 4 {
		done, err := w.service.Reconcile(t.Context(), w.Now().Add(60*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		passes = append(passes, done.Complete)
	}
	if got := fmt.Sprint(passes); got != "[false false false false]" {
		t.Errorf("complete: %s", got)
	}
	for i, id := range ids {
		if looked[id] == 0 {
			t.Errorf("account %d was never looked at", i)
		}
	}
	w.read = func(q payment.Query) (payment.Report, error) { return w.found(q.PaymentID), nil }
	if done, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute)); err != nil || !done.Complete || done.Settled != 120 {
		t.Errorf("%+v, %v", done, err)
	}
}

// TestAnOutcomeIsNotUnknownForeverThoughTheLimitLetsNoReadThrough (I7).
func TestAnOutcomeIsNotUnknownForeverThoughTheLimitLetsNoReadThrough(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.crowd(1)
	w.wait(window)
	pass := func(code payment.Code) payment.Status {
		w.read = func(payment.Query) (payment.Report, error) { return payment.Report{}, &payment.Error{Code: code} }
		if _, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute)); err != nil {
			t.Error(err)
		}
		a := w.stored(payment.PaymentAccount("20000000"))
		return a.Operations[0].Status()
	}
	w.wait(30 * time.Hour)
	if got := pass(payment.CodeRateLimited); got != payment.StatusUnknown {
		t.Errorf("%s without a single try", got)
	}
	w.wait(-30 * time.Hour)
	pass(payment.CodeUnavailable)
	w.wait(30 * time.Hour)
	if got := pass(payment.CodeRateLimited); got != payment.StatusNeedsReview {
		t.Errorf("%s a day after a read that failed", got)
	}
}

func TestACensusCountsAnAccountThatCannotBeReadAsUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	ids := w.crowd(3)
	service := payment.NewService(brokenAccount{w, payment.PaymentAccount(ids[1]), new(atomic.Int64)}, gatewayOf{w}, w, payment.Rules{SettleWindow: window})
	c, next, err := service.Census(t.Context(), "", 10)
	if err != nil || next != "" || c.Unfinished[payment.StatusUnknown] != 3 {
		t.Errorf("%+v, %q, %v", c, next, err)
	}
}
