package psp

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/iade/iade/internal/payment"
)

// Slots counts calls for all processes together. A store implements it.
type Slots interface {
	// Take adds n to the counter of that name and minute and returns the new total. It may count too much (an answer was
	// lost and the SDK repeated it), which only slows us; it never counts too little.
	Take(ctx context.Context, name string, minute time.Time, n int) (total int, err error)
}

// Quota keeps a Gateway within iyzico's calls per minute, merchant and endpoint. It takes slots from the store in leased
// blocks, so that most calls cost no write, and keeps a fifth for callers who wait for an answer, and of the report's limit a
// third for settling. Each page of a day list is a call.
type Quota struct {
	next      payment.Gateway
	slots     Slots
	now       func() time.Time
	perMinute int

	mu     sync.Mutex
	leases map[string]*lease

	days dayReadings
}

// mostLeased bounds a block: what a process leases and does not use is lost to the others for the minute, and many
// processes may each make one call. A large limit is leased in blocks of a five-hundredth: while one is leased, callers wait.
const mostLeased = 8

// lease is what this process may still use of one pool in one minute.
type lease struct {
	minute time.Time
	left   int
	closed bool
}

var (
	_ payment.Gateway = (*Quota)(nil)
	_ DayPages        = (*Quota)(nil)
)

// WithQuota decorates a Gateway. perMinute is at least 1.
func WithQuota(next payment.Gateway, slots Slots, now func() time.Time, perMinute int) *Quota {
	return &Quota{next: next, slots: slots, now: now, perMinute: perMinute, leases: map[string]*lease{}}
}

// Send makes the call if a slot is left in this minute; else it is VerdictNotSent, to be asked again in the next one.
// Where the slots cannot be counted nothing is sent either. iyzico's own limit closes the rest of the minute.
func (q *Quota) Send(ctx context.Context, c payment.Call) payment.Answered {
	pools := []pool{{string(c.API) + sharedPool, q.perMinute - reservedOf(q.perMinute)}}
	if c.Command.Interactive {
		pools = append(pools, pool{string(c.API) + reservedPool, reservedOf(q.perMinute)})
	}
	ok, err := q.take(ctx, pools...)
	switch {
	case err != nil:
		return payment.Answered{Call: c, Verdict: payment.VerdictNotSent, Failure: &payment.Failure{Reason: payment.ReasonQuotaUnreadable}}
	case !ok:
		return payment.Answered{
			Call: c, Verdict: payment.VerdictNotSent, RetryAfter: q.wait(),
			Failure: &payment.Failure{Reason: payment.ReasonRateLimited, Message: "the limit of calls a minute is used up"},
		}
	}
	answer := q.next.Send(ctx, c)
	if answer.Verdict == payment.VerdictNotSent && answer.Failure != nil && answer.Failure.Reason == payment.ReasonRateLimited {
		q.close(ctx, string(c.API))
	}
	return answer
}

const reportEndpoint = "report"

// Read reads if a slot is left: CodeRateLimited otherwise.
func (q *Quota) Read(ctx context.Context, query payment.Query) (payment.Report, error) {
	if err := q.readSlot(ctx, q.reportPools(query.Purpose)...); err != nil {
		return payment.Report{}, err
	}
	report, err := q.next.Read(ctx, query)
	if payment.CodeOf(err) == payment.CodeRateLimited {
		q.close(ctx, reportEndpoint)
	}
	return report, err
}

const dayListEndpoint = "daylist"

// ReadDay reads a day's list page by page, as many as the minute has slots for: CodeRateLimited once they are used up. What
// was read until then is kept, and the next call goes on with it.
func (q *Quota) ReadDay(ctx context.Context, query payment.DayQuery) (payment.DayList, error) {
	slot := func() error { return q.readSlot(ctx, pool{dayListEndpoint + sharedPool, q.perMinute}) }
	if pages, ok := q.next.(DayPages); ok {
		return q.days.read(ctx, closing{pages, q}, query, q.now, slot)
	}
	if err := slot(); err != nil {
		return payment.DayList{}, err
	}
	list, err := q.next.ReadDay(ctx, query)
	if payment.CodeOf(err) == payment.CodeRateLimited {
		q.close(ctx, dayListEndpoint)
	}
	return list, err
}

// ReadDayPage reads one page of a day's list if a slot is left: CodeRateLimited otherwise.
func (q *Quota) ReadDayPage(ctx context.Context, query payment.DayQuery, page int) (payment.DayPage, error) {
	pages, ok := q.next.(DayPages)
	if !ok {
		return payment.DayPage{}, &payment.Error{Code: payment.CodeUnavailable, Message: "iyzico's list of a day cannot be read from here"}
	}
	if err := q.readSlot(ctx, pool{dayListEndpoint + sharedPool, q.perMinute}); err != nil {
		return payment.DayPage{}, err
	}
	return closing{pages, q}.ReadDayPage(ctx, query, page)
}

// closing ends the minute when iyzico says that a page is over its limit.
type closing struct {
	DayPages
	quota *Quota
}

// ReadDayPage implements DayPages.
func (c closing) ReadDayPage(ctx context.Context, q payment.DayQuery, page int) (payment.DayPage, error) {
	found, err := c.DayPages.ReadDayPage(ctx, q, page)
	if payment.CodeOf(err) == payment.CodeRateLimited {
		c.quota.close(ctx, dayListEndpoint)
	}
	return found, err
}

// readSlot takes a slot of a read: CodeRateLimited where none is left, CodeUnavailable where they cannot be counted.
func (q *Quota) readSlot(ctx context.Context, pools ...pool) error {
	ok, err := q.take(ctx, pools...)
	switch {
	case err != nil:
		return &payment.Error{Code: payment.CodeUnavailable, Message: "the store cannot be reached: ask again", RetryAfter: time.Second, Cause: err}
	case !ok:
		return &payment.Error{
			Code: payment.CodeRateLimited, Message: "the limit of calls a minute is used up: nothing was sent, ask again", RetryAfter: q.wait(),
		}
	}
	return nil
}

// hintPool counts the notices of iyzico's that make a payment due.
const hintPool = "hints"

// hintsOf is how many notices a minute make a payment due: a tenth of the limit, for each brings one call of the report's part
// that is everybody's.
func hintsOf(perMinute int) int { return max(1, perMinute/10) }

// TakeHint takes the place of one notice in this minute; false = none is left.
func (q *Quota) TakeHint(ctx context.Context) (bool, error) {
	return q.lease(ctx, hintPool, hintsOf(q.perMinute))
}

// pool is a part of an endpoint's limit.
type pool struct {
	name  string
	limit int
}

// The pools: everybody uses the shared one; callers who wait go on in the reserved fifth, and settling begins with its third
// of the report's limit.
const (
	sharedPool   = "/shared"
	reservedPool = "/reserved"
	settlePool   = "/settle"
)

// reservedOf is the fifth of a limit that is kept for callers who wait, rounded up.
func reservedOf(perMinute int) int { return (perMinute + 4) / 5 }

// settleOf is the third of the report's limit that is kept for settling, rounded up; nothing where the limit is so small
// that nothing would be left to share.
func settleOf(perMinute int) int {
	if perMinute < 4 {
		return 0
	}
	return (perMinute + 2) / 3
}

// sharedOf is what is left of the report's limit for everybody.
func sharedOf(perMinute int) int { return perMinute - reservedOf(perMinute) - settleOf(perMinute) }

// reportPools are the parts of the report's limit that a read may use, in their order.
func (q *Quota) reportPools(purpose payment.Purpose) []pool {
	shared := pool{reportEndpoint + sharedPool, sharedOf(q.perMinute)}
	switch purpose {
	case payment.PurposeInteractive:
		return []pool{shared, {reportEndpoint + reservedPool, reservedOf(q.perMinute)}}
	case payment.PurposeSettle:
		return []pool{{reportEndpoint + settlePool, settleOf(q.perMinute)}, shared}
	case payment.PurposeBulk:
	}
	return []pool{shared}
}

// take uses one slot of the first pool that has one.
func (q *Quota) take(ctx context.Context, pools ...pool) (bool, error) {
	for _, p := range pools {
		if ok, err := q.lease(ctx, p.name, p.limit); err != nil || ok {
			return ok, err
		}
	}
	return false, nil
}

// lease uses one slot of a pool, from this process's block or a new one.
func (q *Quota) lease(ctx context.Context, pool string, limit int) (bool, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	minute := q.now().UTC().Truncate(time.Minute)
	l := q.leases[pool]
	if l == nil || !l.minute.Equal(minute) {
		l = &lease{minute: minute}
		q.leases[pool] = l
	}
	if limit < 1 {
		return false, nil
	}
	if l.left == 0 && !l.closed {
		block := max(1, min(limit/8, max(mostLeased, limit/500)))
		total, err := q.slots.Take(ctx, pool, minute, block)
		if err != nil {
			return false, fmt.Errorf("take %d slots of %s: %w", block, pool, err)
		}
		l.left = min(block, limit-(total-block))
		l.closed = l.left <= 0
	}
	if l.left <= 0 {
		return false, nil
	}
	l.left--
	return true, nil
}

// close ends the minute for every process: iyzico says that its own count is higher than ours.
func (q *Quota) close(ctx context.Context, endpoint string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	pools := []string{endpoint + sharedPool, endpoint + reservedPool}
	if endpoint == reportEndpoint {
		pools = append(pools, endpoint+settlePool)
	}
	minute := q.now().UTC().Truncate(time.Minute)
	for _, pool := range pools {
		q.leases[pool] = &lease{minute: minute, closed: true}
		// Should this fail, the other processes find out from iyzico themselves: a refused call moves nothing.
		_, _ = q.slots.Take(ctx, pool, minute, q.perMinute)
	}
}

// wait is how long until the next minute, in whole seconds that do not end before it.
func (q *Quota) wait() time.Duration {
	now := q.now().UTC()
	left := now.Truncate(time.Minute).Add(time.Minute).Sub(now)
	return (left + time.Second - 1).Truncate(time.Second)
}
