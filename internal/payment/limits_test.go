package payment_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

func (w *world) LoadUse(_ context.Context, day payment.Day) (payment.Use, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note("use")
	if w.using != nil {
		if err := w.using(); err != nil {
			return payment.Use{}, err
		}
	}
	if u, ok := w.uses[day]; ok {
		return u, nil
	}
	return payment.Use{Day: day}, nil
}

func (w *world) SaveUse(_ context.Context, next payment.Use) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	stored, err := true, error(nil)
	if w.counts != nil {
		stored, err = w.counts(next)
	}
	if err == nil && w.uses[next.Day].Version != next.Version-1 {
		stored, err = false, payment.ErrConflict
	}
	w.note("count%s", map[bool]string{true: "!"}[err != nil])
	if stored {
		w.uses[next.Day] = next
	}
	return err
}

// newLimitedWorld is newWorld with limits, and the same settings else.
func newLimitedWorld(t *testing.T, perDay string, perHour int, lines ...string) *world {
	t.Helper()
	w := newWorld(t, lines...)
	w.limit(perDay, perHour)
	return w
}

// limit starts the process anew with other limits.
func (w *world) limit(perDay string, perHour int) {
	w.t.Helper()
	limits := payment.Limits{RefundsPerHour: perHour}
	if perDay != "" {
		var err error
		if limits.AmountPerDay, err = money.ParsePerCurrency(perDay); err != nil {
			w.t.Fatal(err)
		}
	}
	w.service = payment.NewService(w, gatewayOf{w}, w, payment.Rules{
		SettleWindow: window, SendTimeout: 20 * time.Second, BalanceExpiry: 24 * time.Hour, Limits: limits,
	})
	w.service.CountIn(w)
}

// used is what is counted today, and in this hour.
func (w *world) used() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	u := w.uses[payment.DayOf(w.now)]
	return fmt.Sprintf("%s/%d", u.Amounts[money.TRY], u.Refunds[w.now.Add(3*time.Hour).Hour()])
}

func (w *world) usedIs(want string) {
	w.t.Helper()
	if got := w.used(); got != want {
		w.t.Errorf("used is %s, want %s", got, want)
	}
}

// over carries out a command that a limit refuses: nothing is sent and nothing saved.
func (w *world) over(c payment.Command, says ...string) {
	w.t.Helper()
	before := w.account().Version
	w.did()
	_, err := w.request(c)
	if did := w.did(); payment.CodeOf(err) != payment.CodeOverLimit || strings.Contains(did, "send") || strings.Contains(did, "save") {
		w.t.Fatalf("%s: %v; it did %s", c.Key, err, did)
	}
	for _, text := range says {
		if !strings.Contains(err.Error(), text) {
			w.t.Errorf("%q does not say %q", err, text)
		}
	}
	if _, err := w.service.Preview(w.t.Context(), c, w.Now().Add(27*time.Second)); payment.CodeOf(err) != payment.CodeOverLimit {
		w.t.Errorf("the preview says %v", err)
	}
	if after := w.account().Version; after != before {
		w.t.Errorf("version %d became %d", before, after)
	}
}

// pass lets time go by in which reconcile looks.
func (w *world) reconcile(times int, d time.Duration) {
	w.t.Helper()
	for range times {
		w.wait(d)
		if _, err := w.service.Reconcile(w.t.Context(), w.Now().Add(time.Minute)); err != nil {
			w.t.Error(err)
		}
	}
}

func TestALimitOfTheDayRefusesBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	w := newLimitedWorld(t, "100", 0, "1000")
	w.must(refund("a", "60"), payment.StatusSucceeded)
	w.usedIs("60.00/1")
	w.over(refund("b", "40.01"), "Nothing was sent", "100.00 TRY a day (MAX_REFUND_AMOUNT_PER_DAY)", "60.00 are used", "takes 40.01",
		"2031-03-10T21:00:00Z", "the key is still free")
	if _, err := w.service.Preview(t.Context(), refund("c", "40"), w.Now().Add(27*time.Second)); err != nil {
		t.Errorf("a preview of what fits: %v", err)
	}
	w.must(refund("c", "40"), payment.StatusSucceeded)
	w.must(refund("c", "40"), payment.StatusSucceeded) // a replay takes nothing
	w.usedIs("100.00/2")
	w.over(refund("b", "0.01"), "100.00 are used")
	w.limit("200", 0)
	w.must(refund("b", "40.01"), payment.StatusSucceeded) // the key is free
	w.wait(12 * time.Hour)                                // midnight in Istanbul
	w.must(refund("next day", "200"), payment.StatusSucceeded)
	w.usedIs("200.00/1")
}

func TestALimitOfTheHourCountsOperations(t *testing.T) {
	t.Parallel()
	w := newLimitedWorld(t, "", 2, "100", "100", "100")
	w.must(allocated(refund("a", "250"), payment.AllocateInOrder), payment.StatusSucceeded) // three legs
	w.must(onLine(refund("b", "1"), "3"), payment.StatusSucceeded)
	w.usedIs("251.00/2")
	w.over(onLine(refund("c", "1"), "3"), "2 refunds an hour (MAX_REFUNDS_PER_HOUR): 2 were made", "2031-03-10T10:00:00Z")
	w.wait(time.Hour)
	w.must(onLine(refund("c", "1"), "3"), payment.StatusSucceeded)
	w.usedIs("252.00/1")
}

// TestALimitCountsEachCurrency: one number holds for each of them; a list that does not name one allows nothing of it.
func TestALimitCountsEachCurrency(t *testing.T) {
	t.Parallel()
	for perDay, fits := range map[string]bool{"10": true, "EUR:5,TRY:10": true, "EUR:10": false} {
		w := newLimitedWorld(t, perDay, 0, "100")
		w.uses["2031-03-10"] = payment.Use{Day: "2031-03-10", Version: 1, Amounts: map[money.Currency]money.Amount{money.EUR: money.MinorUnits(1000, money.EUR)}}
		if fits {
			w.must(refund("a", "10"), payment.StatusSucceeded)
		}
		w.over(refund("b", "1"))
	}
}

// TestWhatALimitCosts: one read and one write more, whatever the number of legs, and none without a limit (as
// TestARefundCostsOneReadTwoWritesAndOneCall shows).
func TestWhatALimitCosts(t *testing.T) {
	t.Parallel()
	w := newLimitedWorld(t, "1000", 10, "100", "100")
	w.must(onLine(refund("first", "1"), "1"), payment.StatusSucceeded)
	w.did()
	w.must(onLine(refund("known", "1"), "1"), payment.StatusSucceeded)
	if got := w.did(); got != "load use count save3 send-1 save4" {
		t.Errorf("a known payment: %s", got)
	}
	w.must(allocated(refund("two legs", "2"), payment.AllocateProportional), payment.StatusSucceeded)
	if got := w.did(); got != "load use count save5 send-1 save6 send-2 save7" {
		t.Errorf("two legs: %s", got)
	}
}

// TestADefiniteNoGivesBackOnce: what is not known stays counted; a definite no is given back by whoever saves it, and once.
func TestADefiniteNoGivesBackOnce(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		verdict payment.Verdict
		status  payment.Status
		after   string
	}{
		"rejected": {payment.VerdictRejected, payment.StatusRejected, "10.00/1"},
		"not sent": {payment.VerdictNotSent, payment.StatusNotSent, "10.00/1"},
		"unknown":  {payment.VerdictUnknown, payment.StatusUnknown, "70.00/2"},
	} {
		w := newLimitedWorld(t, "100", 0, "1000")
		w.must(refund("before", "10"), payment.StatusSucceeded)
		w.send = answers(tc.verdict)
		r, err := w.request(refund("k", "60"))
		if err != nil || r.Resource.Status != tc.status {
			t.Fatalf("%s: %s, %v", name, r.Resource.Status, err)
		}
		if got := w.used(); got != tc.after {
			t.Errorf("%s: used is %s, want %s", name, got, tc.after)
		}
		w.reconcile(6, window)
		want := "10.00"
		if got := w.uses[payment.DayOf(opening)].Amounts[money.TRY].String(); got != want {
			t.Errorf("%s: in the end %s are used, want %s", name, got, want)
		}
		if got := w.uses[payment.DayOf(opening)].Refunds[12]; got != 1 {
			t.Errorf("%s: in the end %d operations are counted", name, got)
		}
	}
}

// TestTheSameKeyCountsAgainAfterNotSent, on the day on which it asks again.
func TestTheSameKeyCountsAgainAfterNotSent(t *testing.T) {
	t.Parallel()
	w := newLimitedWorld(t, "100", 0, "1000")
	w.send = answers(payment.VerdictNotSent)
	w.must(refund("k", "60"), payment.StatusNotSent)
	w.usedIs("0.00/0")
	w.send = nil
	w.must(refund("other", "50"), payment.StatusSucceeded)
	w.over(refund("k", "60"))
	w.wait(12 * time.Hour)
	w.must(refund("k", "60"), payment.StatusSucceeded)
	w.usedIs("60.00/1")
	if got := w.uses["2031-03-10"].Amounts[money.TRY].String(); got != "50.00" {
		t.Errorf("the day before: %s", got)
	}
}

// TestAnOperationIsCountedAsAWhole: legs that no longer fit are not begun, and what is not sent in the end is given back.
func TestAnOperationIsCountedAsAWhole(t *testing.T) {
	t.Parallel()
	w := newLimitedWorld(t, "250", 0, "100", "100", "100")
	all := allocated(refund("all", "300"), payment.AllocateInOrder)
	w.over(all, "takes 300.00")
	w.limit("300", 0)
	w.send = func(_ context.Context, c payment.Call) payment.Answered {
		if c.Leg == 1 {
			return payment.Answered{Verdict: payment.VerdictUnknown}
		}
		w.executed(c)
		return payment.Answered{Verdict: payment.VerdictSucceeded}
	}
	w.must(all, payment.StatusUnknown)
	w.usedIs("200.00/1") // the third leg ends not executed at once
	w.reconcile(6, window)
	if got := w.uses["2031-03-10"]; got.Amounts[money.TRY].String() != "100.00" || got.Refunds[12] != 1 {
		t.Errorf("in the end %+v", got)
	}
}

// TestALegThatWaitsCountsOnTheDayOnWhichItIsSent: it takes from the new day and gives back to the old one; where the new day has no
// room it stays unsent.
func TestALegThatWaitsCountsOnTheDayOnWhichItIsSent(t *testing.T) {
	t.Parallel()
	for name, full := range map[string]bool{"room": false, "no room": true} {
		w := newLimitedWorld(t, "150", 0, "100", "100")
		w.wait(11*time.Hour + 50*time.Minute)
		postponed := func(_ context.Context, c payment.Call) payment.Answered {
			if c.Leg == 1 {
				return payment.Answered{Verdict: payment.VerdictNotSent, RetryAfter: time.Minute}
			}
			w.executed(c)
			return payment.Answered{Verdict: payment.VerdictSucceeded}
		}
		w.send = postponed
		both := allocated(refund("both", "150"), payment.AllocateInOrder)
		w.must(both, payment.StatusProcessing)
		w.usedIs("150.00/1")
		w.send = nil
		w.wait(20 * time.Minute)
		if full {
			w.must(onLine(refund("other", "50"), "2"), payment.StatusSucceeded)
			w.uses["2031-03-11"] = payment.Use{Day: "2031-03-11", Version: 1, Amounts: map[money.Currency]money.Amount{money.TRY: amount("140")}}
			r := w.must(both, payment.StatusProcessing)
			if r.RetryAfter <= 0 || r.Sent {
				t.Errorf("%s: %+v", name, r)
			}
			if got := w.uses["2031-03-10"].Amounts[money.TRY].String(); got != "150.00" {
				t.Errorf("%s: the day before: %s", name, got)
			}
			w.reconcile(2, time.Hour) // its time is over
			if got := w.uses["2031-03-10"].Amounts[money.TRY].String(); got != "100.00" {
				t.Errorf("%s: the day before, in the end: %s", name, got)
			}
			continue
		}
		w.must(both, payment.StatusSucceeded)
		if a, b := w.uses["2031-03-10"], w.uses["2031-03-11"]; a.Amounts[money.TRY].String() != "100.00" || b.Amounts[money.TRY].String() != "50.00" || a.Refunds[23] != 1 || b.Refunds[0] != 0 {
			t.Errorf("%s: %+v, %+v", name, a, b)
		}
	}
}

// TestANextLegOverMidnightIsHeldBack: the answer of the leg before is saved all the same.
func TestANextLegOverMidnightIsHeldBack(t *testing.T) {
	t.Parallel()
	w := newLimitedWorld(t, "150", 0, "100", "100")
	w.wait(12*time.Hour - time.Second)
	w.send = func(_ context.Context, c payment.Call) payment.Answered {
		w.executed(c)
		w.now = w.now.Add(2 * time.Second)
		w.uses["2031-03-11"] = payment.Use{Day: "2031-03-11", Version: 1, Amounts: map[money.Currency]money.Amount{money.TRY: amount("140")}}
		return payment.Answered{Verdict: payment.VerdictSucceeded}
	}
	r := w.must(allocated(refund("both", "150"), payment.AllocateInOrder), payment.StatusProcessing)
	if got := w.did(); strings.Count(got, "send") != 1 || r.Resource.RefundedAmount != "100.00" || r.RetryAfter != time.Hour {
		t.Errorf("%+v; it did %s", r, got)
	}
}

// TestAFalseNoCountsAgain (I5): iyzico shows that it moved after all.
func TestAFalseNoCountsAgain(t *testing.T) {
	t.Parallel()
	w := newLimitedWorld(t, "100", 0, "1000")
	w.send = func(_ context.Context, c payment.Call) payment.Answered {
		w.executed(c)
		return payment.Answered{Verdict: payment.VerdictRejected, Failure: &payment.Failure{Code: "10051"}}
	}
	w.must(refund("k", "60"), payment.StatusRejected)
	w.usedIs("0.00/0")
	w.using = func() error { return errDown } // what cannot be counted is not saved yet
	w.wait(2 * time.Hour)
	if _, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute)); !errors.Is(err, errDown) {
		t.Error(err)
	}
	if got := w.account().Operations[0].Status(); got != payment.StatusRejected {
		t.Error(got)
	}
	w.using = nil
	w.reconcile(1, 2*time.Hour)
	if got := w.account().Operations[0].Status(); got != payment.StatusNeedsReview {
		t.Fatal(got)
	}
	if got := w.uses["2031-03-10"]; got.Amounts[money.TRY].String() != "60.00" || got.Refunds[12] != 1 {
		t.Errorf("%+v", got)
	}
}

// TestACancelAndARefundToBalanceCount, with the whole payment; a payment brings money in and does not.
func TestACancelAndARefundToBalanceCount(t *testing.T) {
	t.Parallel()
	w := newLimitedWorld(t, "99.99", 0, "100")
	w.over(payment.Command{Kind: payment.KindCancel, PaymentID: paymentID, Key: "c"})
	w.over(payment.Command{Kind: payment.KindBalanceRefund, Destination: payment.ToBalance, PaymentID: paymentID, Key: "b"})
	w.limit("100", 0)
	w.must(payment.Command{Kind: payment.KindCancel, PaymentID: paymentID, Key: "c"}, payment.StatusSucceeded)
	w.usedIs("100.00/1")
}

// TestWhereLimitsCannotBeCountedNothingIsSent: 503, and the key is free; a count that is perhaps stored stays counted.
func TestWhereLimitsCannotBeCountedNothingIsSent(t *testing.T) {
	t.Parallel()
	w := newLimitedWorld(t, "100", 0, "1000")
	for _, stored := range []bool{false, true} {
		w.counts = func(payment.Use) (bool, error) { return stored, errDown }
		_, err := w.request(refund("k", "30"))
		if did := w.did(); payment.CodeOf(err) != payment.CodeUnavailable || !errors.Is(err, errDown) || strings.Contains(did, "send") || strings.Contains(did, "save") {
			t.Errorf("%v; it did %s", err, did)
		}
	}
	w.counts = nil
	w.usedIs("30.00/1")
	w.using = func() error { return errDown }
	if _, err := w.request(refund("k", "30")); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Error(err)
	}
	if _, err := w.service.LimitUses(t.Context()); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Error(err)
	}
	if _, err := w.service.Preview(t.Context(), refund("p", "1"), w.Now().Add(time.Minute)); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Error(err)
	}
	w.using = nil
	w.must(refund("k", "30"), payment.StatusSucceeded)
	w.usedIs("60.00/2")
	service := payment.NewService(w, gatewayOf{w}, w, payment.Rules{SettleWindow: window, SendTimeout: time.Minute, Limits: payment.Limits{RefundsPerHour: 9}})
	if _, err := service.Request(t.Context(), refund("n", "1"), w.Now().Add(27*time.Second), payment.RecordNone); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Errorf("without a store of uses: %v", err)
	}
}

// TestAMarkThatIsNotSavedGivesBack where that is certain, and else does not.
func TestAMarkThatIsNotSavedGivesBack(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		saving func(w *world, next payment.Account) (bool, error)
		after  string
	}{
		"perhaps stored": {func(*world, payment.Account) (bool, error) { return false, errDown }, "30.00/1"},
		"stored, then saved over by another, and the store says conflict": {func(w *world, next payment.Account) (bool, error) {
			next.Version++
			w.accounts[next.ID] = encode(w.t, next)
			return false, payment.ErrConflict
		}, "30.00/1"},
		"another key took the rest": {func(w *world, next payment.Account) (bool, error) {
			rules := payment.Rules{SettleWindow: window, SendTimeout: time.Minute}
			a := w.stored(next.ID)
			other, _, err := rules.Decide(a, payment.Requested{Command: refund("other", "1000"), Until: w.now.Add(time.Minute), Report: new(w.report())}, w.now)
			if err != nil {
				w.t.Error(err)
			}
			w.accounts[next.ID] = encode(w.t, other)
			return false, payment.ErrConflict
		}, "0.00/0"},
		"the same key was faster": {func(w *world, next payment.Account) (bool, error) {
			next.Operations[0].Legs[0].SendBy = next.Operations[0].Legs[0].SendBy.Add(1)
			w.accounts[next.ID] = encode(w.t, next)
			return false, payment.ErrConflict
		}, "0.00/0"},
	} {
		w := newLimitedWorld(t, "100", 0, "1000")
		once := false
		w.saving = func(next payment.Account) (bool, error) {
			if once {
				return true, nil
			}
			once = true
			return tc.saving(w, next)
		}
		if _, err := w.request(refund("k", "30")); err == nil {
			t.Errorf("%s: no error", name)
		}
		if got := w.used(); got != tc.after {
			t.Errorf("%s: used is %s, want %s", name, got, tc.after)
		}
	}
}

// TestManyAtOnceStayWithinTheLimit: nobody gets an error but over-limit, and what is counted is what was sent.
func TestManyAtOnceStayWithinTheLimit(t *testing.T) {
	t.Parallel()
	w := newLimitedWorld(t, "100", 0, "1000")
	w.must(refund("first", "10"), payment.StatusSucceeded)
	var wg sync.WaitGroup
	var mu sync.Mutex
	codes := map[payment.Code]int{}
	for i := range 16 {
		wg.Go(func() {
			_, err := w.request(refund(fmt.Sprint("k", i), "10"))
			mu.Lock()
			defer mu.Unlock()
			codes[payment.CodeOf(err)]++
		})
	}
	wg.Wait()
	if codes[""] > 9 || codes[""]+codes[payment.CodeOverLimit]+codes[payment.CodeUnavailable] != 16 {
		t.Errorf("%v", codes)
	}
	if sent := strings.Count(w.did(), "send"); sent != codes[""]+1 {
		t.Errorf("%d were sent, %v", sent, codes)
	}
	w.usedIs(fmt.Sprintf("%d.00/%d", 10*(codes[""]+1), codes[""]+1))
}

// TestTheUseOfLimitsIsTold, to metrics and people.
func TestTheUseOfLimitsIsTold(t *testing.T) {
	t.Parallel()
	w := newLimitedWorld(t, "100", 3, "1000")
	var told []string
	w.service.OnUse(func(_ context.Context, u payment.LimitUse, refused bool) {
		told = append(told, fmt.Sprintf("%s%s %d%% %t", u.Limit, u.Currency, u.Percent(), refused))
	})
	w.must(refund("a", "80"), payment.StatusSucceeded)
	w.over(refund("b", "21"))
	if got := strings.Join(told, ", "); got != "MAX_REFUND_AMOUNT_PER_DAYTRY 80% false, MAX_REFUNDS_PER_HOUR 33% false, MAX_REFUND_AMOUNT_PER_DAYTRY 80% true" {
		t.Error(got)
	}
	uses, err := w.service.LimitUses(t.Context())
	if err != nil || len(uses) != 2 || uses[0].Used.String() != "80" || uses[1].Used.String() != "1" || !uses[0].FreesAt.Equal(opening.Add(12*time.Hour)) {
		t.Errorf("%+v, %v", uses, err)
	}
	if uses, err := newWorld(t, "1").service.LimitUses(t.Context()); uses != nil || err != nil {
		t.Errorf("without limits: %+v, %v", uses, err)
	}
}

func TestAUseThatIsNotUnderstoodIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "[]", `{"d":"2031-01-02","v":1,"x":1}`, `{"a":{"XAU":"1"}}`, `{"a":{"TRY":"-1"}}`, `{"h":{"24":1}}`, `{"h":{"1":-1}}`, `{"a":{"TRY":"much"}}`} {
		if u, err := payment.DecodeUse([]byte(text)); err == nil {
			t.Errorf("%s was read: %+v", text, u)
		}
	}
}

// TestALostRaceIsCountedOnce: what was counted for a mark that lost its race serves the next try.
func TestALostRaceIsCountedOnce(t *testing.T) {
	t.Parallel()
	w := newLimitedWorld(t, "100", 0, "1000")
	w.must(refund("first", "10"), payment.StatusSucceeded)
	lost := 2
	w.saving = func(payment.Account) (bool, error) {
		if lost--; lost >= 0 {
			return false, payment.ErrConflict
		}
		return true, nil
	}
	w.did()
	w.must(refund("k", "60"), payment.StatusSucceeded)
	if got := w.did(); got != "load use count save3! load save3! load save3 send-1 save4" {
		t.Error(got)
	}
	w.usedIs("70.00/2")
}

// TestWhatTheNextTryNeedsIsCountedInstead: another refund took a part meanwhile, and all that is left is less.
func TestWhatTheNextTryNeedsIsCountedInstead(t *testing.T) {
	t.Parallel()
	w := newLimitedWorld(t, "100", 0, "90")
	w.must(refund("first", "10"), payment.StatusSucceeded)
	once := sync.OnceFunc(func() {
		next, call, err := payment.Rules{SettleWindow: window, SendTimeout: time.Minute}.Decide(
			w.stored(payment.PaymentAccount(paymentID)), payment.Requested{Command: refund("other", "30"), Until: w.now.Add(time.Minute)}, w.now)
		if err != nil {
			t.Error(err)
		}
		w.accounts[next.ID] = encode(t, next)
		w.executed(*call)
	})
	w.saving = func(payment.Account) (bool, error) {
		once()
		return true, nil
	}
	w.must(full("k"), payment.StatusSucceeded)
	w.usedIs("60.00/2")
}

// TestACountThatLosesEveryRaceSendsNothing: 503 within a bound, and the key is free.
func TestACountThatLosesEveryRaceSendsNothing(t *testing.T) {
	t.Parallel()
	w := newLimitedWorld(t, "100", 0, "1000")
	w.counts = func(payment.Use) (bool, error) { return false, payment.ErrConflict }
	_, err := w.request(refund("k", "60"))
	did := w.did()
	if n := strings.Count(did, "count!"); payment.CodeOf(err) != payment.CodeUnavailable || n < 10 || n > 20 || strings.Contains(did, "save") {
		t.Errorf("%v; it did %s", err, did)
	}
	w.counts = nil
	w.must(refund("k", "60"), payment.StatusSucceeded)
}

// TestACountThatTakesLongIsNoPartOfTheAttemptsTime: the command is decided anew by the time that is left, and not counted again.
func TestACountThatTakesLongIsNoPartOfTheAttemptsTime(t *testing.T) {
	t.Parallel()
	for took, sent := range map[time.Duration]bool{5 * time.Second: true, 25 * time.Second: false} {
		w := newLimitedWorld(t, "100", 0, "1000")
		w.counts = func(payment.Use) (bool, error) {
			w.now = w.now.Add(took)
			w.counts = nil
			return true, nil
		}
		w.send = func(_ context.Context, c payment.Call) payment.Answered {
			if !c.MarkedAt.Equal(opening.Add(took)) {
				t.Errorf("marked at %s", c.MarkedAt)
			}
			w.executed(c)
			return payment.Answered{Verdict: payment.VerdictSucceeded}
		}
		_, err := w.request(refund("k", "60"))
		if sent != (err == nil) || !sent && payment.CodeOf(err) != payment.CodeUnavailable {
			t.Errorf("%s: %v", took, err)
		}
		w.usedIs(map[bool]string{true: "60.00/1", false: "0.00/0"}[sent])
	}
}

// TestLimitsThatAreSetInTheMiddleOfAnOperation: the rest of it counts on the day on which it is sent, the operation in its own hour;
// what does not fit takes nothing of either day.
func TestLimitsThatAreSetInTheMiddleOfAnOperation(t *testing.T) {
	t.Parallel()
	for perDay, want := range map[string]string{"50": "0.00/1 50.00/0", "49.99": "0.00/0 0.00/0"} {
		w := newWorld(t, "100", "100")
		w.wait(11*time.Hour + 50*time.Minute)
		w.send = func(_ context.Context, c payment.Call) payment.Answered {
			if c.Leg == 1 {
				return payment.Answered{Verdict: payment.VerdictNotSent, RetryAfter: time.Minute}
			}
			w.executed(c)
			return payment.Answered{Verdict: payment.VerdictSucceeded}
		}
		both := allocated(refund("both", "150"), payment.AllocateInOrder)
		w.must(both, payment.StatusProcessing)
		w.limit(perDay, 0)
		w.send = nil
		w.wait(20 * time.Minute)
		w.must(both, map[bool]payment.Status{true: payment.StatusSucceeded, false: payment.StatusProcessing}[perDay == "50"])
		first, second := w.uses["2031-03-10"], w.uses["2031-03-11"]
		if got := fmt.Sprintf("%s/%d %s/%d", first.Amounts[money.TRY], first.Refunds[23], second.Amounts[money.TRY], second.Refunds[0]); got != want {
			t.Errorf("%s a day: %s, want %s", perDay, got, want)
		}
	}
}

// TestNothingSinksBelowZero: a day that was forgotten, or of which less is known, gives back what it has.
func TestNothingSinksBelowZero(t *testing.T) {
	t.Parallel()
	for name, left := range map[string]string{"forgotten": "", "less": "10"} {
		w := newLimitedWorld(t, "100", 0, "1000")
		w.send = func(context.Context, payment.Call) payment.Answered {
			delete(w.uses, "2031-03-10")
			if left != "" {
				w.uses["2031-03-10"] = payment.Use{Day: "2031-03-10", Version: 1, Amounts: map[money.Currency]money.Amount{money.TRY: amount(left)}}
			}
			return payment.Answered{Verdict: payment.VerdictRejected}
		}
		w.must(refund("k", "60"), payment.StatusRejected)
		if got := w.uses["2031-03-10"]; (got.Version > 0) != (left != "") || got.Amounts[money.TRY].Sign() < 0 || got.Refunds[12] != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestAUseIsStoredAsItIs(t *testing.T) {
	t.Parallel()
	want := payment.Use{Day: "2031-03-10", Version: 7, Amounts: map[money.Currency]money.Amount{money.TRY: amount("12.5"), money.EUR: money.MinorUnits(1, money.EUR)}}
	want.Refunds[0], want.Refunds[23] = 3, 4
	data, err := payment.EncodeUse(want)
	got, decodeErr := payment.DecodeUse(data)
	if err != nil || decodeErr != nil || got.Day != want.Day || got.Version != 7 || got.Refunds != want.Refunds || !got.Amounts[money.TRY].Equal(want.Amounts[money.TRY]) {
		t.Errorf("%+v, %v, %v", got, err, decodeErr)
	}
	if (payment.LimitUse{}).Percent() != 100 {
		t.Error("where nothing is allowed all is used")
	}
}

// TestAForgottenRefundCountsOnTheDayOnWhichItIsFound: a restored table knows nothing of it, and iyzico lists it.
func TestAForgottenRefundCountsOnTheDayOnWhichItIsFound(t *testing.T) {
	t.Parallel()
	w := newLimitedWorld(t, "100", 0, "1000")
	w.must(refund("k", "60"), payment.StatusSucceeded)
	clear(w.accounts)
	clear(w.uses)
	w.wait(24 * time.Hour)
	r := w.must(refund("k", "60"), payment.StatusSucceeded)
	if r.Sent {
		t.Error("it was sent again")
	}
	w.usedIs("60.00/1")
}
