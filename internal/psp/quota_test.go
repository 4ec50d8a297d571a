package psp_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/psp"
)

// counter is Slots in memory, shared by the processes of a test.
type counter struct {
	mu     sync.Mutex
	totals map[string]int
	takes  int
	err    error
}

func (c *counter) Take(_ context.Context, name string, minute time.Time, n int) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return 0, c.err
	}
	c.takes++
	c.totals[name+minute.String()] += n
	return c.totals[name+minute.String()], nil
}

// iyzicoCounts is a gateway that counts, and refuses for its own limit if told to.
type iyzicoCounts struct {
	sends, reads, days int
	limited            bool
}

func (g *iyzicoCounts) Send(_ context.Context, c payment.Call) payment.Answered {
	g.sends++
	if g.limited {
		return payment.Answered{Call: c, Verdict: payment.VerdictNotSent, Failure: &payment.Failure{Reason: payment.ReasonRateLimited}, RetryAfter: time.Second}
	}
	return payment.Answered{Call: c, Verdict: payment.VerdictSucceeded}
}

func (g *iyzicoCounts) Read(context.Context, payment.Query) (payment.Report, error) {
	g.reads++
	return payment.Report{Listed: true}, nil
}

func (g *iyzicoCounts) ReadDay(_ context.Context, q payment.DayQuery) (payment.DayList, error) {
	g.days++
	return payment.DayList{Day: q.Day}, nil
}

func sendAll(q *psp.Quota, n int, interactive bool) (sent int, last payment.Answered) {
	for range n {
		last = q.Send(context.Background(), payment.Call{API: payment.APIRefund, Command: payment.Command{Interactive: interactive}})
		if last.Verdict == payment.VerdictSucceeded {
			sent++
		}
	}
	return sent, last
}

func TestQuotaNeverPassesTheLimitOverManyProcesses(t *testing.T) {
	t.Parallel()
	slots, iyzico := &counter{totals: map[string]int{}}, &iyzicoCounts{}
	now := time.Date(2026, 11, 22, 12, 0, 30, 0, time.UTC)
	clock := func() time.Time { return now }
	for range 7 {
		sendAll(psp.WithQuota(iyzico, slots, clock, 50), 30, true)
	}
	if iyzico.sends > 50 || iyzico.sends < 40 {
		t.Errorf("%d calls in one minute, the limit is 50", iyzico.sends)
	}
	now = now.Add(time.Minute)
	if sent, _ := sendAll(psp.WithQuota(iyzico, slots, clock, 50), 60, true); sent != 50 {
		t.Errorf("a new minute gave %d calls, want 50", sent)
	}
}

func TestQuotaKeepsAFifthForCallersWhoWait(t *testing.T) {
	t.Parallel()
	slots, iyzico := &counter{totals: map[string]int{}}, &iyzicoCounts{}
	now := time.Date(2026, 11, 22, 12, 0, 30, 0, time.UTC)
	q := psp.WithQuota(iyzico, slots, func() time.Time { return now }, 50)
	sent, last := sendAll(q, 100, false)
	if sent != 40 {
		t.Errorf("the queue got %d of 50", sent)
	}
	if last.Verdict != payment.VerdictNotSent || last.Failure.Reason != payment.ReasonRateLimited || last.RetryAfter != 30*time.Second {
		t.Errorf("over the limit = %+v", last)
	}
	if sent, _ := sendAll(q, 20, true); sent != 10 {
		t.Errorf("callers who wait got %d, want their 10", sent)
	}
}

func TestQuotaLeasesBlocks(t *testing.T) {
	t.Parallel()
	slots := &counter{totals: map[string]int{}}
	q := psp.WithQuota(&iyzicoCounts{}, slots, func() time.Time { return time.Unix(0, 0) }, 50)
	sendAll(q, 40, false)
	if slots.takes > 8 {
		t.Errorf("40 calls cost %d writes", slots.takes)
	}
	slots.takes = 0
	if sent, _ := sendAll(psp.WithQuota(&iyzicoCounts{}, slots, time.Now, 100_000), 1000, true); sent != 1000 || slots.takes > 10 {
		t.Errorf("%d of 1000 calls under a large limit cost %d writes", sent, slots.takes)
	}
}

func TestIyzicosOwnLimitClosesTheMinuteForEveryProcess(t *testing.T) {
	t.Parallel()
	slots, iyzico := &counter{totals: map[string]int{}}, &iyzicoCounts{limited: true}
	now := time.Date(2026, 11, 22, 12, 0, 30, 0, time.UTC)
	clock := func() time.Time { return now }
	sendAll(psp.WithQuota(iyzico, slots, clock, 50), 5, true)
	sendAll(psp.WithQuota(iyzico, slots, clock, 50), 5, true)
	if iyzico.sends != 1 {
		t.Errorf("%d calls after iyzico said 50000, want none", iyzico.sends-1)
	}
}

func TestWithoutCountableSlotsNothingIsSent(t *testing.T) {
	t.Parallel()
	iyzico := &iyzicoCounts{}
	q := psp.WithQuota(iyzico, &counter{err: errors.New("away")}, time.Now, 50)
	if sent, last := sendAll(q, 1, true); sent != 0 || iyzico.sends != 0 || last.Verdict != payment.VerdictNotSent {
		t.Errorf("sent %d, %+v", iyzico.sends, last)
	}
	if _, err := q.Read(context.Background(), payment.Query{}); payment.CodeOf(err) != payment.CodeUnavailable || iyzico.reads != 0 {
		t.Errorf("read = %v", err)
	}
}

func TestReadsCountToo(t *testing.T) {
	t.Parallel()
	iyzico := &iyzicoCounts{}
	q := psp.WithQuota(iyzico, &counter{totals: map[string]int{}}, func() time.Time { return time.Unix(30, 0) }, 5)
	var last error
	for range 8 {
		_, last = q.Read(context.Background(), payment.Query{Purpose: payment.PurposeInteractive})
	}
	var e *payment.Error
	if iyzico.reads != 3 || !errors.As(last, &e) || e.Code != payment.CodeRateLimited || e.RetryAfter != 30*time.Second {
		t.Errorf("%d reads, then %v", iyzico.reads, last)
	}
}

func readAll(q *psp.Quota, n int, purpose payment.Purpose) (read int) {
	for range n {
		if _, err := q.Read(context.Background(), payment.Query{Purpose: purpose}); err == nil {
			read++
		}
	}
	return read
}

// TestBulkReadsLeaveSettlingItsThird: a file of refunds once left nothing for settling in eight hours.
func TestBulkReadsLeaveSettlingItsThird(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ perMinute, bulk, settle, interactive int }{
		{50, 23, 17, 10}, {10, 4, 4, 2}, {5, 2, 2, 1}, {4, 1, 2, 1}, {3, 2, 0, 1}, {2, 1, 0, 1},
	} {
		iyzico := &iyzicoCounts{}
		q := psp.WithQuota(iyzico, &counter{totals: map[string]int{}}, func() time.Time { return time.Unix(30, 0) }, c.perMinute)
		if got := readAll(q, 100, payment.PurposeBulk); got != c.bulk {
			t.Errorf("at %d a minute, bulk reads %d times, want %d", c.perMinute, got, c.bulk)
		}
		if got := readAll(q, 100, payment.PurposeSettle); got != c.settle {
			t.Errorf("at %d a minute, settling then reads %d times, want %d", c.perMinute, got, c.settle)
		}
		if got := readAll(q, 100, payment.PurposeInteractive); got != c.interactive {
			t.Errorf("at %d a minute, callers who wait then read %d times, want %d", c.perMinute, got, c.interactive)
		}
		if iyzico.reads > c.perMinute {
			t.Errorf("%d reads at %d a minute", iyzico.reads, c.perMinute)
		}
	}
}

// TestSettlingUsesWhatNobodyElseDoes: with nothing else to read it has all but the fifth for callers who wait.
func TestSettlingUsesWhatNobodyElseDoes(t *testing.T) {
	t.Parallel()
	q := psp.WithQuota(&iyzicoCounts{}, &counter{totals: map[string]int{}}, func() time.Time { return time.Unix(30, 0) }, 50)
	if got := readAll(q, 100, payment.PurposeSettle); got != 40 {
		t.Errorf("settling read %d times, want 40", got)
	}
	if got := readAll(q, 100, payment.PurposeInteractive); got != 10 {
		t.Errorf("callers who wait read %d times, want their 10", got)
	}
}

// pagesOf is an iyzico with a day of that many pages of two rows.
type pagesOf struct {
	iyzicoCounts
	pages, calls int
	fails        func(call, page int) error
	grows        func(p *pagesOf, page int)
}

func (p *pagesOf) ReadDayPage(_ context.Context, _ payment.DayQuery, page int) (payment.DayPage, error) {
	p.calls++
	if p.fails != nil {
		if err := p.fails(p.calls, page); err != nil {
			return payment.DayPage{}, err
		}
	}
	found := payment.DayPage{Page: page, Pages: p.pages, SystemTime: noon}
	for i := range 2 {
		found.Rows = append(found.Rows, payment.DayRow{Kind: payment.DayRowRefund, TransactionID: fmt.Sprint(2*page + i)})
	}
	if p.grows != nil {
		p.grows(p, page)
	}
	return found, nil
}

// TestALongDayIsReadOverSeveralMinutes: each page is a call of iyzico's limit, and what was read is kept.
func TestALongDayIsReadOverSeveralMinutes(t *testing.T) {
	t.Parallel()
	now, iyzico := noon, &pagesOf{pages: 120}
	q := psp.WithQuota(iyzico, &counter{totals: map[string]int{}}, at(&now), 50)
	for minute := 1; ; minute++ {
		before := iyzico.calls
		list, err := q.ReadDay(t.Context(), payment.DayQuery{Day: "2026-11-22", Deadline: now.Add(time.Minute)})
		if n := iyzico.calls - before; n > 50 {
			t.Errorf("%d calls in one minute", n)
		}
		if err == nil {
			if minute != 3 || len(list.Rows) != 240 || !list.ReadAt.Equal(noon) || iyzico.calls != 120 {
				t.Errorf("minute %d: %d rows read at %s with %d calls", minute, len(list.Rows), list.ReadAt, iyzico.calls)
			}
			return
		}
		if payment.CodeOf(err) != payment.CodeRateLimited || minute > 3 {
			t.Fatal(err)
		}
		now = now.Add(time.Minute)
	}
}

func TestADayListIsReadOnAfterAPageThatFailed(t *testing.T) {
	t.Parallel()
	away := &payment.Error{Code: payment.CodeUnavailable, Message: "away"}
	now, iyzico := noon, &pagesOf{pages: 4, fails: func(call, _ int) error {
		if call == 3 {
			return away
		}
		return nil
	}}
	q := psp.WithQuota(iyzico, &counter{totals: map[string]int{}}, at(&now), 50)
	query := payment.DayQuery{Day: "2026-11-22"}
	if _, err := q.ReadDay(t.Context(), query); !errors.Is(err, away) {
		t.Fatal(err)
	}
	if list, err := q.ReadDay(t.Context(), query); err != nil || iyzico.calls != 5 || len(list.Rows) != 8 {
		t.Errorf("%d calls, %d rows, %v", iyzico.calls, len(list.Rows), err)
	}
	if _, err := q.ReadDay(t.Context(), query); err != nil || iyzico.calls != 9 {
		t.Errorf("a list that was read to its end is read anew: %d calls, %v", iyzico.calls, err)
	}
	iyzico.fails = func(call, _ int) error {
		if call == 11 {
			return away
		}
		return nil
	}
	_, _ = q.ReadDay(t.Context(), query)
	now = now.Add(2 * time.Hour)
	if list, err := q.ReadDay(t.Context(), query); err != nil || iyzico.calls != 15 || !list.ReadAt.Equal(now) {
		t.Errorf("a part of hours ago is not gone on with: %d calls, read at %s, %v", iyzico.calls, list.ReadAt, err)
	}
}

func TestPagesThatDoNotFitTogetherAreNoList(t *testing.T) {
	t.Parallel()
	for name, grows := range map[string]func(p *pagesOf, page int){
		"fewer pages than before": func(p *pagesOf, page int) { p.pages = 4 - page/2 },
	} {
		q := psp.WithQuota(&pagesOf{pages: 4, grows: grows}, &counter{totals: map[string]int{}}, at(&[]time.Time{noon}[0]), 50)
		if _, err := q.ReadDay(t.Context(), payment.DayQuery{Day: "2026-11-22"}); payment.CodeOf(err) != payment.CodeUnavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
	more := &pagesOf{pages: 2, grows: func(p *pagesOf, page int) { p.pages = min(p.pages+1, 5) }}
	q := psp.WithQuota(more, &counter{totals: map[string]int{}}, at(&[]time.Time{noon}[0]), 50)
	if list, err := q.ReadDay(t.Context(), payment.DayQuery{Day: "2026-11-22"}); err != nil || len(list.Rows) != 10 {
		t.Errorf("a day that grows is read to its new end: %d rows, %v", len(list.Rows), err)
	}
}

// TestIyzicosOwnLimitOnAPageClosesTheMinute: the other processes ask for no page either.
func TestIyzicosOwnLimitOnAPageClosesTheMinute(t *testing.T) {
	t.Parallel()
	now, slots := noon, &counter{totals: map[string]int{}}
	iyzico := &pagesOf{pages: 4, fails: func(int, int) error { return &payment.Error{Code: payment.CodeRateLimited} }}
	for range 3 {
		q := psp.WithQuota(iyzico, slots, at(&now), 50)
		if _, err := q.ReadDay(t.Context(), payment.DayQuery{Day: "2026-11-22"}); payment.CodeOf(err) != payment.CodeRateLimited {
			t.Error(err)
		}
	}
	if iyzico.calls != 1 {
		t.Errorf("%d calls", iyzico.calls)
	}
}

func TestManyProcessesWithOneCallEachFindRoom(t *testing.T) {
	t.Parallel()
	slots, iyzico := &counter{totals: map[string]int{}}, &iyzicoCounts{}
	for range 100 {
		sendAll(psp.WithQuota(iyzico, slots, func() time.Time { return time.Unix(0, 0) }, 2000), 1, false)
	}
	if iyzico.sends != 100 {
		t.Errorf("%d of 100 calls were made, the limit is 2000", iyzico.sends)
	}
}

// TestEachPageOfADayTakesASlot, of those of all processes together; iyzico's own limit ends the minute.
func TestEachPageOfADayTakesASlot(t *testing.T) {
	t.Parallel()
	now, slots := noon, &counter{totals: map[string]int{}}
	iyzico := &pagesOf{pages: 9}
	read := func(page int) error {
		_, err := psp.WithQuota(iyzico, slots, at(&now), 5).ReadDayPage(t.Context(), payment.DayQuery{Day: "2026-11-22"}, page)
		return err
	}
	for page := 1; page <= 5; page++ {
		if err := read(page); err != nil {
			t.Fatalf("page %d: %v", page, err)
		}
	}
	if err := read(6); payment.CodeOf(err) != payment.CodeRateLimited || iyzico.calls != 5 {
		t.Errorf("over the limit: %v, %d calls", err, iyzico.calls)
	}
	now = now.Add(time.Minute)
	iyzico.fails = func(int, int) error { return &payment.Error{Code: payment.CodeRateLimited} }
	for range 3 {
		if err := read(6); payment.CodeOf(err) != payment.CodeRateLimited {
			t.Error(err)
		}
	}
	if iyzico.calls != 6 {
		t.Errorf("%d calls", iyzico.calls)
	}
}

func TestAProcessWithoutADayListSaysSo(t *testing.T) {
	t.Parallel()
	q := psp.WithQuota(&iyzicoCounts{}, &counter{totals: map[string]int{}}, func() time.Time { return noon }, 5)
	if _, err := q.ReadDayPage(t.Context(), payment.DayQuery{Day: "2026-11-22"}, 1); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Error(err)
	}
}

// TestNoticesHaveAPlaceOfTheirOwn: a tenth of the limit a minute for all processes together, and none of it is settling's.
func TestNoticesHaveAPlaceOfTheirOwn(t *testing.T) {
	t.Parallel()
	for perMinute, want := range map[int]int{5: 1, 50: 5, 100: 10} {
		slots := &counter{totals: map[string]int{}}
		now := time.Date(2031, 3, 10, 9, 0, 0, 0, time.UTC)
		var gateways []*psp.Quota
		for range 3 {
			gateways = append(gateways, psp.WithQuota(&iyzicoCounts{}, slots, func() time.Time { return now }, perMinute))
		}
		for minute := range 2 {
			taken := 0
			for i := range 90 {
				ok, err := gateways[i%3].TakeHint(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if ok {
					taken++
				}
			}
			if taken != want {
				t.Errorf("limit %d, minute %d: %d notices taken, want %d", perMinute, minute, taken, want)
			}
			reads := 0
			for reads < 1000 {
				if _, err := gateways[0].Read(t.Context(), payment.Query{Purpose: payment.PurposeSettle}); err != nil {
					break
				}
				reads++
			}
			if least := (perMinute + 2) / 3; reads < least {
				t.Errorf("limit %d: %d reads are left for settling, want at least %d", perMinute, reads, least)
			}
			now = now.Add(time.Minute)
		}
		slots.err = errors.New("away")
		if ok, err := gateways[0].TakeHint(t.Context()); ok || err == nil {
			t.Errorf("taken although nobody counted: %v %v", ok, err)
		}
	}
}
