package dayclose_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/iade/iade/internal/dayclose"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/test/eventschema"
)

var errAway = &payment.Error{Code: payment.CodeUnavailable, Message: "iyzico cannot be reached", Cause: errors.New("connection refused")}

func TestABookThatAgreesIsClosedWithWhatWasRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.refund(w.sell("100.00"), "10.00")
	p := w.sell("0.30599401", "9.90400599")
	w.ask(payment.Command{Kind: payment.KindCancel, PaymentID: p})
	w.ask(payment.Command{PaymentID: w.sell("30.00", "20.00"), Amount: try("40.00"), Allocation: payment.AllocateByIyzico})
	got := w.close(w.morning())
	want := dayclose.Day{
		Date: "2031-03-10", Status: dayclose.StatusClosed, ClosedAt: w.now, ReadAt: w.now,
		Iyzico:      dayclose.Sums{"refund": {"TRY": {Count: 3, Amount: "50.00"}}, "cancel": {"TRY": {Count: 2, Amount: "10.21"}}},
		Iade:        dayclose.Sums{"refund": {"TRY": {Count: 2, Amount: "50.00"}}, "cancel": {"TRY": {Count: 1, Amount: "10.21"}}},
		Confirmed:   dayclose.Sums{"refund": {"TRY": {Count: 2, Amount: "50.00"}}, "cancel": {"TRY": {Count: 1, Amount: "10.21"}}},
		Settled:     []string{},
		Differences: []dayclose.Difference{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("- want, + got:\n%s", diff)
	}
	if w.reads != 3 { // the first contacts
		t.Errorf("%d reports were read although nothing differs", w.reads)
	}
	if len(w.events) != 1 || w.events[0].DetailType != "day.closed" {
		t.Errorf("events: %+v", w.events)
	}
	w.fitsItsSchema()
}

// fitsItsSchema holds every event that was published against docs/events.
func (w *world) fitsItsSchema() {
	w.t.Helper()
	for _, e := range w.events {
		data, err := json.Marshal(e)
		if err == nil {
			err = eventschema.Check(data)
		}
		const mostBytes = 240 << 10 // that EventBridge takes
		if err != nil || len(data) > mostBytes {
			w.t.Errorf("%d bytes: %v", len(data), err)
		}
	}
}

func TestOfManyDifferencesTheFirstAreNamedAndFewerArePublished(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 1500 {
		p := w.sell("100.00")
		w.books(p, p+"1", "", false, fmt.Sprint("7", i), try("1.30599401"), w.now)
	}
	d := w.close(w.morning())
	if d.DifferenceCount != 1500 || len(d.Differences) != dayclose.MostNamed || d.Iyzico["refund"]["TRY"].Amount != "1958.991015" {
		t.Errorf("%d differences, %d named, %v", d.DifferenceCount, len(d.Differences), d.Iyzico)
	}
	if e := w.events[0].Detail; len(e.Differences) != dayclose.MostPublished || !e.Shortened || e.DifferenceCount != 1500 {
		t.Errorf("%d published, shortened %t", len(e.Differences), e.Shortened)
	}
	w.fitsItsSchema()
	if w.reads > 0 {
		t.Errorf("%d reports of payments that iade never saw were read", w.reads)
	}
}

// TestEachKindOfDifferenceIsNamed, and what explains itself when the payment is read again is not.
func TestEachKindOfDifferenceIsNamed(t *testing.T) {
	t.Parallel()
	succeed := func(c payment.Call) payment.Answered {
		return payment.Answered{Call: c, Verdict: payment.VerdictSucceeded}
	}
	for name, x := range map[string]struct {
		plot    func(w *world, p string)
		named   []string // %p stands for the payment
		settled int
	}{
		"a refund in the panel": {plot: func(w *world, p string) {
			w.refund(p, "10.00")
			w.books(p, p+"1", "", false, "7", try("5.00"), w.now.Add(time.Hour))
		}, named: []string{"only_at_iyzico %p 5.00"}},
		"another program's refund, with an id of its own": {plot: func(w *world, p string) {
			w.refund(p, "10.00")
			w.books(p, p+"1", "shop-4711", false, "7", try("5.00"), w.now)
		}, named: []string{"only_at_iyzico %p 5.00"}},
		"a payment that iade never saw": {plot: func(w *world, p string) {
			w.books(p, p+"1", "", true, "7", try("100.00"), w.now)
		}, named: []string{"only_at_iyzico %p 100.00"}},
		"a row with our id that no operation knows": {plot: func(w *world, p string) {
			w.books(p, p+"1", "rf_"+p+"_abcdefghijklmnop-1", false, "7", try("5.00"), w.now)
		}, named: []string{"only_at_iyzico %p 5.00"}},
		"a kind of movement that nobody knows": {plot: func(w *world, p string) {
			w.books(p, p+"1", "", false, "7", try("5.00"), w.now)
			w.rows["2031-03-10"][0].Kind = "chargeback"
		}, named: []string{"only_at_iyzico %p 5.00"}},
		"a success that iyzico does not list": {plot: func(w *world, p string) {
			w.send = succeed
			w.refund(p, "10.00")
		}, named: []string{"only_here %p  10.00"}},
		"done twice": {plot: func(w *world, p string) {
			w.send = func(c payment.Call) payment.Answered { w.execute(c); w.execute(c); return succeed(c) }
			w.refund(p, "10.00")
		}, named: []string{"amount_differs %p 20.00 10.00"}},
		"under another payment": {plot: func(w *world, p string) {
			other := w.sell("100.00")
			w.send = func(c payment.Call) payment.Answered {
				w.books(other, other+"1", c.ConversationID, false, "7", c.Amount, w.now)
				return succeed(c)
			}
			w.refund(p, "10.00")
		}, named: []string{"only_here %p  10.00", "only_at_iyzico 20000002 10.00"}},
		"a lost answer that was done": {plot: func(w *world, p string) {
			w.send = w.lost(true)
			w.refund(p, "10.00")
		}, settled: 1},
		"a lost answer that was not done": {plot: func(w *world, p string) {
			w.send = w.lost(false)
			w.refund(p, "10.00")
		}},
		"a row that did not move money": {plot: func(w *world, p string) {
			w.books(p, p+"1", "", false, "7", try("5.00"), w.now)
			failed := 2
			w.rows["2031-03-10"][0].Status = &failed
		}},
		"refused, and done all the same: counted, and its operation needs a person": {plot: func(w *world, p string) {
			w.send = func(c payment.Call) payment.Answered {
				w.execute(c)
				return payment.Answered{Call: c, Verdict: payment.VerdictRejected, Failure: &payment.Failure{Code: "10051"}}
			}
			w.refund(p, "10.00")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.sell("100.00")
			x.plot(w, p)
			d := w.close(w.morning())
			want := []string{}
			for _, text := range x.named {
				want = append(want, strings.TrimSpace(strings.ReplaceAll(text, "%p", p)))
			}
			if diff := cmp.Diff(want, named(d)); diff != "" || len(d.Settled) != x.settled {
				t.Errorf("settled %v; - want, + named:\n%s", d.Settled, diff)
			}
			status := dayclose.StatusClosed
			if len(x.named) > 0 {
				status = dayclose.StatusDiffers
			}
			if d.Status != status || d.DifferenceCount != len(x.named) {
				t.Errorf("%s, %d differences", d.Status, d.DifferenceCount)
			}
		})
	}
}

// TestAMovementNearMidnightBelongsToOneDayInEitherBook: iyzico dates it before midnight and the answer comes after, or the
// other way round.
func TestAMovementNearMidnightBelongsToOneDayInEitherBook(t *testing.T) {
	t.Parallel()
	midnight := payment.DayOf(monday).Start().Add(24 * time.Hour)
	for name, rowAt := range map[string]time.Duration{"before": -time.Second, "after": time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.sell("100.00")
			w.now = midnight.Add(-rowAt)
			w.send = func(c payment.Call) payment.Answered {
				w.books(p, p+"1", c.ConversationID, false, "7", c.Amount, midnight.Add(rowAt))
				return payment.Answered{Call: c, Verdict: payment.VerdictSucceeded}
			}
			w.refund(p, "10.00")
			w.now = midnight.Add(48 * time.Hour)
			for _, date := range []payment.Day{"2031-03-10", "2031-03-11"} {
				if d := w.close(date); d.Status != dayclose.StatusClosed {
					t.Errorf("%s: %s %v", date, d.Status, named(d))
				}
			}
		})
	}
}

func TestAListThatCannotBeReadLeavesTheDayOpenWithTheReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.refund(w.sell("100.00"), "10.00")
	date := w.morning()
	w.readPage = func(int) error { return errAway }
	d := w.close(date)
	if d.Status != dayclose.StatusOpen || d.Reason != "iyzico cannot be reached" || len(w.events) > 0 {
		t.Errorf("%+v", d)
	}
	w.readPage = nil
	if d = w.close(date); d.Status != dayclose.StatusClosed || d.Reason != "" || len(w.events) != 1 {
		t.Errorf("%+v", d)
	}
	w.readPage = func(int) error { return errAway }
	if d = w.close(date); d.Status != dayclose.StatusClosed || d.Reason == "" || len(w.events) != 1 {
		t.Errorf("closed once, then not: %+v", d)
	}
}

func TestAPaymentWhoseReportCannotBeReadIsNamedWithThat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.sell("100.00")
	w.send = w.lost(true)
	w.refund(p, "10.00")
	date := w.morning()
	w.unread[p] = errAway
	d := w.close(date)
	if diff := cmp.Diff([]string{"only_at_iyzico " + p + " 10.00"}, named(d)); diff != "" || !d.Differences[0].NotReadAgain {
		t.Errorf("%s %+v", diff, d)
	}
	delete(w.unread, p)
	if d = w.close(date); d.Status != dayclose.StatusClosed || len(d.Settled) != 1 {
		t.Errorf("%+v", d)
	}
}

// TestPagesAreReadWithinTheLimit: where no call is left in a minute the reading waits for the next one, and where there is not
// the time for that the next call goes on.
func TestPagesAreReadWithinTheLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 300 {
		w.refund(w.sell("100.00"), "10.00")
	}
	date := w.morning()
	left := 3
	w.readPage = func(int) error {
		if left--; left < 0 {
			left = 3
			return &payment.Error{Code: payment.CodeRateLimited, Message: "used up", RetryAfter: 40 * time.Second}
		}
		return nil
	}
	d, err := w.closer.Close(t.Context(), date, w.now.Add(50*time.Second))
	if err != nil || d.Status != dayclose.StatusOpen || !strings.Contains(d.Reason, "goes on") || len(w.waits) != 1 {
		t.Fatalf("%v %+v, waited %v", err, d, w.waits)
	}
	w.readPage = nil
	before := w.pageReads
	w.restart()
	if d := w.close(date); d.Status != dayclose.StatusClosed || d.Confirmed["refund"]["TRY"].Count != 300 || w.pageReads-before != 2 {
		t.Errorf("%d pages more: %+v", w.pageReads-before, d)
	}
}

func TestPagesThatDoNotFitTogetherAreReadAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 90 {
		w.refund(w.sell("100.00"), "10.00")
	}
	date := w.morning()
	cut := w.rows[date]
	w.readPage = func(page int) error {
		if page == 2 {
			w.rows[date] = cut[:35] // page 2 is gone
		}
		return nil
	}
	if d := w.close(date); d.Status != dayclose.StatusOpen || !strings.Contains(d.Reason, "does not fit") {
		t.Fatalf("%+v", d)
	}
	w.readPage, w.rows[date] = nil, cut
	if d := w.close(date); d.Status != dayclose.StatusClosed || d.Confirmed["refund"]["TRY"].Count != 90 {
		t.Errorf("%+v", d)
	}
}

// TestARowThatTwoPagesHoldCountsOnce: a row that comes in while the list is read moves the others on.
func TestARowThatTwoPagesHoldCountsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 90 {
		w.refund(w.sell("100.00"), "10.00")
	}
	date := payment.DayOf(w.now)
	w.readPage = func(page int) error {
		if page == 2 {
			w.books(w.sell("100.00"), "1", "", false, "7", try("1.00"), w.now)
		}
		return nil
	}
	if d := w.close(date); d.Iyzico["refund"]["TRY"] != (dayclose.Sum{Count: 90, Amount: "900.00"}) || d.Status != dayclose.StatusClosed {
		t.Errorf("%+v", d)
	}
}

// TestADayIsClosedThoughItsProcessesDie kills at any call to the outside, over and over: what is said in the end is what an
// undisturbed closing says, and it is published.
func TestADayIsClosedThoughItsProcessesDie(t *testing.T) {
	t.Parallel()
	for seed := range uint64(25) {
		w := newWorld(t)
		for i := range 150 {
			p := w.sell("100.00")
			w.send = nil
			if i%10 == 3 {
				w.send = w.lost(true)
			}
			w.refund(p, "10.00")
			if i%30 == 7 {
				w.books(p, p+"1", "", false, fmt.Sprint("7", p), try("5.00"), w.now)
			}
		}
		date := w.morning()
		random := rand.New(rand.NewPCG(seed, 1))
		type killed struct{}
		deaths := 0
		die := func() error {
			if deaths < 12 && random.IntN(8) == 0 {
				deaths++
				panic(killed{})
			}
			return nil
		}
		w.readPage, w.saveDay, w.savePart, w.publish = func(int) error { return die() }, die, die, die
		var d dayclose.Day
		for range 40 {
			finished := func() (ok bool) {
				defer func() {
					if v := recover(); v != nil {
						if _, is := v.(killed); !is {
							panic(v)
						}
					}
				}()
				w.restart()
				days, err := w.closer.CloseDue(t.Context(), w.now.Add(15*time.Minute))
				return err == nil && len(days) == 0
			}()
			if finished {
				break
			}
		}
		d = w.days[date].Day
		if d.Status != dayclose.StatusDiffers || d.DifferenceCount != 5 || d.Confirmed["refund"]["TRY"].Count != 150 || w.days[date].Unpublished {
			t.Fatalf("seed %d, %d deaths: %+v", seed, deaths, d)
		}
		if len(w.events) == 0 || w.events[0].DetailType != "day.differs" {
			t.Errorf("seed %d: events %+v", seed, w.events)
		}
	}
}

func TestWhatIsDueIsYesterdayAndWhateverWasLeftOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	due := func() (dates []payment.Day) {
		t.Helper()
		days, err := w.closer.CloseDue(t.Context(), w.now.Add(15*time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range days {
			dates = append(dates, d.Date)
		}
		return dates
	}
	check := func(what string, want ...payment.Day) {
		t.Helper()
		if diff := cmp.Diff(want, due()); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	check("the first time", "2031-03-09")
	check("again the same morning")
	if d := w.close("2031-03-10"); !d.Provisional {
		t.Errorf("a day under way: %+v", d)
	}
	w.now = w.now.AddDate(0, 0, 4)
	check("after days off", "2031-03-13", "2031-03-12", "2031-03-11", "2031-03-10")
	w.readPage = func(int) error { return errAway }
	w.now = w.now.AddDate(0, 0, 1)
	check("a list that is away", "2031-03-14")
	check("and still", "2031-03-14")
	w.readPage = nil
	check("and back", "2031-03-14")
	check("closed")
}

func TestTwoAtOnceDoNotMixTheirDays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	date := w.morning()
	w.readPage = func(int) error {
		w.readPage = nil
		_, err := w.closer.Close(t.Context(), date, w.now.Add(time.Minute)) // another process
		return err
	}
	_, err := w.closer.Close(t.Context(), date, w.now.Add(time.Minute))
	if payment.CodeOf(err) != payment.CodeUnavailable || w.days[date].Day.Status != dayclose.StatusClosed {
		t.Errorf("%v %+v", err, w.days[date])
	}
}

func TestDaysThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, date := range []payment.Day{"", "yesterday", "2031-02-30", "2031-3-10", "20310310", "2031-03-11"} {
		_, err := w.closer.Close(t.Context(), date, w.now.Add(time.Minute))
		var e *payment.Error
		if !errors.As(err, &e) || e.Code != payment.CodeInvalidRequest || e.Field != "date" {
			t.Errorf("%q: %v", date, err)
		}
	}
	if len(w.days) > 0 || w.pageReads > 0 {
		t.Error("something was kept or read")
	}
	w.closer.Publisher = nil
	if _, err := w.closer.Close(t.Context(), "2031-03-10", w.now.Add(time.Minute)); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Errorf("where days are only shown: %v", err)
	}
}

func TestAPublisherThatIsAwayIsAskedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish = func() error { return errors.New("no bus") }
	if _, err := w.closer.CloseDue(t.Context(), w.now.Add(time.Minute)); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Errorf("%v", err)
	}
	w.publish = nil
	if days, err := w.closer.CloseDue(context.Background(), w.now.Add(time.Minute)); err != nil || len(days) > 0 || len(w.events) != 1 {
		t.Errorf("%v %v %v", days, err, w.events)
	}
}

// TestADifferenceSaysWhoPaysForTheRefund: iyzico need not list a refund that is charged to the merchant, and whoever looks at the day
// must know why.
func TestADifferenceSaysWhoPaysForTheRefund(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.sell("100.00")
	w.send = func(c payment.Call) payment.Answered { // done, and listed nowhere
		return payment.Answered{Call: c, Verdict: payment.VerdictSucceeded}
	}
	w.ask(payment.Command{PaymentID: p, Amount: try("10.00"), ChargedTo: payment.ChargedToMerchant})
	w.send = nil
	w.refund(p, "5.00")
	d := w.close(w.morning())
	if len(d.Differences) != 1 || d.Differences[0].Kind != dayclose.OnlyHere || d.Differences[0].ChargedTo != payment.ChargedToMerchant || d.Differences[0].IadeAmount != "10.00" {
		t.Errorf("%+v", d.Differences)
	}
	w.fitsItsSchema()
}
