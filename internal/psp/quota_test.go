package psp_test

import (
	"context"
	"errors"
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
		_, last = q.Read(context.Background(), payment.Query{Interactive: true})
	}
	var e *payment.Error
	if iyzico.reads != 5 || !errors.As(last, &e) || e.Code != payment.CodeRateLimited || e.RetryAfter != 30*time.Second {
		t.Errorf("%d reads, then %v", iyzico.reads, last)
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
