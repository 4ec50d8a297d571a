package bulk

import (
	"context"
	"fmt"
	"time"
)

// API is iade's, as a run needs it. An error means that no answer came: what was asked for may have been done.
type API interface {
	// Refund makes the line's POST /refunds with its key.
	Refund(ctx context.Context, l *Line) (Answer, error)
	// Operation makes GET /refunds/{id}.
	Operation(ctx context.Context, operationID string) (Answer, error)
}

// Runner asks for every line of a file until its end is known.
type Runner struct {
	API      API
	Parallel int // how many requests are under way at once, at least 1
	// Patience ends a run in which nothing but refusals came for so long.
	Patience time.Duration
	// SettleTime is how long what is unknown is waited for at the end.
	SettleTime time.Duration
	// Watch gets the counts when they change, and at least once a second; nil = nobody looks. It is not called at the
	// same time twice.
	Watch func(Tally)
}

const (
	// usualWait is between two questions about the same thing, where the answer does not say.
	usualWait = 5 * time.Second
	maxWait   = 5 * time.Minute
	// settleEvery is between two looks at an unknown operation.
	settleEvery = 10 * time.Second
	// maxRefusals of one line, those of a limit left out, end it in this run.
	maxRefusals = 20
)

// Run asks for the lines and gives an outcome for each, in their order. When ctx ends it asks for nothing more, waits for
// the answers under way, and gives what is known; so it does when the API turns out to be unusable, with an error that
// says why.
func (r *Runner) Run(ctx context.Context, lines []Line) ([]Outcome, error) {
	run := &run{Runner: r, lines: lines, outcomes: make([]Outcome, len(lines)), lost: make([]bool, len(lines)), answers: make(chan answered)}
	for i := range run.outcomes {
		run.outcomes[i].Status = StatusNotAsked
	}
	run.tally.Total = len(lines)
	run.judge = func(ctx context.Context, l *Line) verdict {
		answer, err := r.API.Refund(ctx, l)
		return asked(l, answer, err)
	}
	run.lanes = byPayment(lines)
	run.loop(ctx)
	if run.err == nil && ctx.Err() == nil && len(run.unsettled) > 0 {
		run.settle(ctx)
	}
	run.watch()
	return run.outcomes, run.err
}

// run is the state of one Run. One goroutine owns it; requests run in others and report back.
type run struct {
	*Runner
	lines     []Line
	outcomes  []Outcome
	lost      []bool // an answer about the line was lost, and none since said what became of it
	lanes     *lanes
	judge     func(context.Context, *Line) verdict
	answers   chan answered
	inFlight  int
	unsettled []int
	tally     Tally
	err       error // why the run cannot go on

	heard       time.Time // the last time that iade took something
	inARow      int       // refusals since then
	pausedUntil time.Time
}

type answered struct {
	lane    *lane
	verdict verdict
}

// settle waits for what is unknown, by looking and never by asking again.
func (r *run) settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, r.SettleTime)
	defer cancel()
	r.tally.Settling = true
	r.judge = func(ctx context.Context, l *Line) verdict {
		answer, err := r.API.Operation(ctx, l.OperationID)
		v := looked(l, answer, err)
		if v.step == stepAgain {
			v.after = settleEvery
		}
		return v
	}
	r.lanes = alone(r.unsettled)
	r.inARow, r.pausedUntil = 0, time.Time{}
	r.loop(ctx)
}

// loop hands out lanes and takes answers until nothing is left, or nothing more may be asked.
func (r *run) loop(ctx context.Context) {
	r.heard = time.Now()
	for {
		stopping := ctx.Err() != nil || r.err != nil
		for !stopping && r.inFlight < r.Parallel && !time.Now().Before(r.pausedUntil) {
			one := r.lanes.take(time.Now())
			if one == nil {
				break
			}
			r.inFlight++
			line := &r.lines[one.lines[0]]
			go func() {
				// An answer under way is waited for: stopping must not make an outcome unknown.
				r.answers <- answered{one, r.judge(context.WithoutCancel(ctx), line)}
			}()
		}
		if r.inFlight == 0 && (stopping || r.lanes.empty()) {
			return
		}
		r.wait(ctx, stopping)
	}
}

// wait returns with the next answer, when a lane may go on, when ctx ends, or when somebody wants to see the counts.
func (r *run) wait(ctx context.Context, stopping bool) {
	timer := time.NewTimer(r.pause(stopping))
	defer timer.Stop()
	ended := ctx.Done()
	if stopping {
		ended = nil
	}
	select {
	case a := <-r.answers:
		r.inFlight--
		r.took(a)
	case <-timer.C:
	case <-ended:
	}
	r.watch()
}

// pause is how long there is nothing to do but to wait for answers.
func (r *run) pause(stopping bool) time.Duration {
	longest := maxWait
	if r.Watch != nil {
		longest = time.Second
	}
	at, some := r.lanes.nextAt()
	if stopping || !some || r.inFlight >= r.Parallel {
		return longest
	}
	if r.pausedUntil.After(at) {
		at = r.pausedUntil
	}
	return max(0, min(longest, time.Until(at)))
}

func (r *run) watch() {
	if r.Watch != nil {
		r.Watch(r.tally)
	}
}

// took notes what an answer makes of the first line of its lane.
func (r *run) took(a answered) {
	one, v := a.lane, a.verdict
	i, now := one.lines[0], time.Now()
	if v.step == stepStop {
		r.err = v.err
		r.lanes.back(one)
		return
	}
	r.note(i, v)
	if v.step == stepRefused {
		r.refused(one, v, now)
		return
	}
	r.heard, r.inARow = now, 0
	one.refusals = 0
	switch v.step {
	case stepEnd:
		r.end(one, i)
	case stepSettle:
		r.tally.Unknown++
		r.unsettled = append(r.unsettled, i)
		one.lines = one.lines[1:]
		one.next = now
	default:
		one.next = now.Add(waitOf(v.after))
	}
	r.lanes.back(one)
}

// note keeps what an answer says of a line. What says only that this call sent nothing leaves a line unknown whose earlier
// answer was lost: that request may have been carried out.
func (r *run) note(i int, v verdict) {
	before := r.outcomes[i].Sent
	o := v.outcome
	switch {
	case v.sure:
		r.lost[i] = false
	case r.lost[i] && o.Status == StatusNotSent:
		o.Status, o.Error = StatusUnknown, "an answer was lost, and then: "+o.Error
	case o.Status == StatusUnknown && !r.tally.Settling:
		r.lost[i] = true
	}
	switch {
	case v.sent == "", before == SentNow, before == SentBefore:
		o.Sent = before
	case before == SentPerhaps && v.sent != SentNow:
		o.Sent = SentPerhaps
	default:
		o.Sent = v.sent
	}
	r.outcomes[i] = o
}

// refused makes the lane wait, and everything with it once as many refusals came in a row as requests are under way: then
// it is not the payment.
func (r *run) refused(one *lane, v verdict, now time.Time) {
	after := waitOf(v.after)
	if !v.limit {
		one.refusals++
		if v.after == 0 {
			after = min(maxWait, time.Second<<min(one.refusals, 6))
		}
	}
	one.next = now.Add(after)
	r.inARow++
	if r.inARow >= r.Parallel && one.next.After(r.pausedUntil) {
		r.pausedUntil = one.next
	}
	if silence := now.Sub(r.heard); silence > r.Patience {
		r.err = fmt.Errorf("iade took nothing for %s (%s): run the same file again later", silence.Round(time.Second), v.outcome.Error)
	}
	if one.refusals >= maxRefusals {
		r.end(one, one.lines[0])
		one.refusals, one.next = 0, now
	}
	r.lanes.back(one)
}

// end counts a line whose outcome stands for this run.
func (r *run) end(one *lane, i int) {
	one.lines = one.lines[1:]
	if r.tally.Settling {
		r.tally.Unknown--
	}
	if r.outcomes[i].Done() {
		r.tally.Done++
	} else {
		r.tally.Failed++
	}
	one.next = time.Now()
}

func waitOf(said time.Duration) time.Duration {
	if said <= 0 {
		return usualWait
	}
	return min(said, maxWait)
}
