package payment_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

// row is the day list's row of a refund of the crowd.
func row(paymentID, conversationID string, at time.Time) payment.DayRow {
	return payment.DayRow{
		Kind: payment.DayRowRefund, TransactionID: "t" + paymentID, PaymentID: paymentID, LineID: "1", ConversationID: conversationID,
		Amount: amount("1"), At: at,
	}
}

// conversationOf is the conversation id of the crowd's refund of that payment.
func conversationOf(paymentID string) string {
	c := refund("k", "1")
	c.PaymentID = paymentID
	return payment.ConversationID(c.OperationID(), 1)
}

// TestWhoWaitsForTheLimitSettlesByTheDayList: no report is read of what the list shows as done, and the list is read once for
// all.
func TestWhoWaitsForTheLimitSettlesByTheDayList(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	ids := w.crowd(60)
	at := w.now
	w.wait(window / 2)
	reads, lists := 0, 0
	w.read = func(payment.Query) (payment.Report, error) {
		reads++
		return payment.Report{}, &payment.Error{Code: payment.CodeRateLimited, RetryAfter: time.Minute}
	}
	w.listDay = func(q payment.DayQuery) (payment.DayList, error) {
		lists++
		if limit := w.now.Add(time.Minute); q.Deadline.IsZero() || q.Deadline.After(limit) {
			t.Errorf("deadline %s", q.Deadline)
		}
		list := payment.DayList{Day: q.Day, ReadAt: w.now, SystemTime: w.now}
		for _, id := range ids[:50] {
			list.Rows = append(list.Rows, row(id, conversationOf(id), at))
		}
		return list, nil
	}
	done, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute))
	if want := (payment.Summary{Looked: 60, Settled: 50, Waiting: 60, Complete: true}); err != nil || done != want || reads != 1 || lists != 1 {
		t.Errorf("%+v with %d reads and %d lists, %v", done, reads, lists, err)
	}
	for i, id := range ids {
		a := w.stored(payment.PaymentAccount(id))
		if got := a.Operations[0].Status(); (got == payment.StatusSucceeded) != (i < 50) {
			t.Errorf("account %d is %s", i, got)
		}
	}
}

// TestADayListServesAllAndIsNotReadAgainAtOnce: a list of a moment ago shows nothing new.
func TestADayListServesAllAndIsNotReadAgainAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.crowd(3)
	w.wait(window / 2)
	lists := 0
	w.read = func(payment.Query) (payment.Report, error) {
		return payment.Report{}, &payment.Error{Code: payment.CodeRateLimited, RetryAfter: time.Minute}
	}
	w.listDay = func(q payment.DayQuery) (payment.DayList, error) {
		lists++
		return payment.DayList{Day: q.Day, ReadAt: w.now, SystemTime: w.now}, nil
	}
	for range 2*int(window/4/time.Minute) + 1 {
		if _, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		w.wait(time.Minute)
	}
	if lists < 2 || lists > 3 {
		t.Errorf("in half a window the list was read %d times, want once in a quarter", lists)
	}
}

// TestADayListIsSplitByAccountWithoutLosingARow: a row without a payment is nobody's absence, and so is one that names an
// operation beside another payment.
func TestADayListIsSplitByAccountWithoutLosingARow(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		row  func(id string, at time.Time) payment.DayRow
		want payment.Status
	}{
		"none":                    {nil, payment.StatusNotExecuted},
		"of another payment":      {func(_ string, at time.Time) payment.DayRow { return row("777", "", at) }, payment.StatusNotExecuted},
		"of the payment, unknown": {func(id string, at time.Time) payment.DayRow { return row(id, "", at) }, payment.StatusNeedsReview},
		"of the payment, ours":    {func(id string, at time.Time) payment.DayRow { return row(id, conversationOf(id), at) }, payment.StatusSucceeded},
		"without a payment, ours": {func(id string, at time.Time) payment.DayRow { return row("", conversationOf(id), at) }, payment.StatusNeedsReview},
		"ours in other letters, without a payment": {func(id string, at time.Time) payment.DayRow {
			return row("", strings.ToUpper(conversationOf(id)), at)
		}, payment.StatusNeedsReview},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "100")
			id := w.crowd(1)[0]
			at := w.now
			w.listDay = func(q payment.DayQuery) (payment.DayList, error) {
				list := payment.DayList{Day: q.Day, ReadAt: w.now, SystemTime: w.now}
				if c.row != nil {
					list.Rows = append(list.Rows, c.row(id, at))
				}
				return list, nil
			}
			for range 5 {
				w.wait(window / 2)
				if _, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute)); err != nil {
					t.Fatal(err)
				}
			}
			a := w.stored(payment.PaymentAccount(id))
			if got := a.Operations[0].Status(); got != c.want {
				t.Errorf("status %s, want %s", got, c.want)
			}
		})
	}
}

// TestWhoNeedsADayListThatCannotBeReadBacksOff, and whom the limit keeps from it does not.
func TestWhoNeedsADayListThatCannotBeReadBacksOff(t *testing.T) {
	t.Parallel()
	for code, backsOff := range map[payment.Code]bool{payment.CodeUnavailable: true, payment.CodeRateLimited: false} {
		w := newWorld(t, "100")
		id := w.crowd(1)[0]
		lists := 0
		w.listDay = func(payment.DayQuery) (payment.DayList, error) {
			lists++
			return payment.DayList{}, &payment.Error{Code: code}
		}
		for lists == 0 {
			w.wait(window / 2)
			if _, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
		}
		a := w.stored(payment.PaymentAccount(id))
		if got := a.FailedReads > 0 && a.DueAt().After(w.Now()); got != backsOff || a.Operations[0].Status() != payment.StatusUnknown {
			t.Errorf("%s: %d failed reads, due after %s, %s", code, a.FailedReads, a.DueAt().Sub(w.Now()), a.Operations[0].Status())
		}
	}
}

// TestAPanicInADayListStopsNobody.
func TestAPanicInADayListStopsNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.crowd(2)
	w.wait(window / 2)
	w.read = func(payment.Query) (payment.Report, error) {
		return payment.Report{}, &payment.Error{Code: payment.CodeRateLimited}
	}
	w.listDay = func(payment.DayQuery) (payment.DayList, error) { panic(fmt.Errorf("no such day")) }
	done, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute))
	if !done.Complete || done.Waiting != 2 || err == nil {
		t.Errorf("%+v, %v", done, err)
	}
}
