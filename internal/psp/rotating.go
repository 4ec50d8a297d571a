package psp

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico"
)

// Iyzico is what a Rotating calls, and with what.
type Iyzico struct {
	BaseURL             string
	RefundToBalancePath string
	// Keys reads the keys as they are now. Its error quotes nothing of them.
	Keys  func(context.Context) (Keys, error)
	Pages Pages // nil = no refunds to balance
	Log   *slog.Logger
	Now   func() time.Time // the wall clock
}

// Rotating is a Gateway that reads iyzico's keys when they are first needed, again after iyzico refused them, and when
// they have grown old: rotated keys take effect without a deployment. Writes are signed with the current pair and never
// sent again; the caller asks again. Reads, which may be repeated, go on with the pair before it.
type Rotating struct {
	iyzico Iyzico

	mu       sync.Mutex
	held     *keyed    // nil before the keys were first read
	readAt   time.Time // when held was read
	stale    bool      // held was refused
	rereadAt time.Time // when the secret was last asked for while there was something to go on with
}

var _ pagedGateway = (*Rotating)(nil)

// NewRotating makes a Rotating. It connects to nothing, and reads no key before one is needed.
func NewRotating(to Iyzico) *Rotating { return &Rotating{iyzico: to} }

// keyTime bounds reading the keys, which happens within the time of what they are needed for.
const keyTime = 4 * time.Second

// keyLife is how long keys are used before they are read again though they work: after that no process signs with a pair
// that the secret no longer has as its current one, and it can be withdrawn without a refusal.
const keyLife = time.Hour

// keyPause is the least time between two readings of a secret whose keys do not work: refusals come in bursts, and from
// many processes.
const keyPause = time.Minute

// Send makes the call with the current pair, or none where the keys cannot be read.
func (r *Rotating) Send(ctx context.Context, c payment.Call) payment.Answered {
	held, err := r.latest(ctx, c.Deadline)
	if err != nil {
		r.iyzico.Log.ErrorContext(ctx, "nothing was sent: iyzico's keys are not to be had", "operationId", c.OperationID, "error", err.Error())
		return payment.Answered{Call: c, Verdict: payment.VerdictNotSent, Failure: &payment.Failure{Reason: payment.ReasonKeysUnreadable}}
	}
	answer := held.current.Send(ctx, c)
	r.logVerdict(ctx, c, answer)
	if answer.Failure != nil && answer.Failure.Reason == iyzico.ReasonCredentials {
		r.refused(ctx, held)
	}
	return answer
}

// notDone names the verdicts of attempts that did not do what they were for.
var notDone = map[payment.Verdict]string{
	payment.VerdictUnknown: "unknown", payment.VerdictNotSent: "not_sent", payment.VerdictRejected: "rejected",
}

// logVerdict logs an attempt that was not done: which one it was, and in iyzico's or the client's own codes why. No text of
// iyzico's is logged, for it may quote what was sent.
func (r *Rotating) logVerdict(ctx context.Context, c payment.Call, answer payment.Answered) {
	verdict, ok := notDone[answer.Verdict]
	if !ok {
		return
	}
	var reason, code string
	if answer.Failure != nil {
		reason, code = answer.Failure.Reason, answer.Failure.Code
	}
	r.iyzico.Log.WarnContext(ctx, "an attempt was not done", "operationId", c.OperationID, "attempt", c.Attempt,
		"verdict", verdict, "reason", reason, "iyzicoCode", code)
}

// Read reads with whichever pair works: the current one, the one that the secret has by now, the one before it. It says
// CodeUnavailable where the keys cannot be read.
func (r *Rotating) Read(ctx context.Context, q payment.Query) (payment.Report, error) {
	return withEither(ctx, r, q.Deadline, func(g pagedGateway) (payment.Report, error) { return g.Read(ctx, q) })
}

// ReadDay reads with whichever pair works, as Read does.
func (r *Rotating) ReadDay(ctx context.Context, q payment.DayQuery) (payment.DayList, error) {
	return withEither(ctx, r, q.Deadline, func(g pagedGateway) (payment.DayList, error) { return g.ReadDay(ctx, q) })
}

// ReadDayPage reads one page with whichever pair works, as Read does.
func (r *Rotating) ReadDayPage(ctx context.Context, q payment.DayQuery, page int) (payment.DayPage, error) {
	return withEither(ctx, r, q.Deadline, func(g pagedGateway) (payment.DayPage, error) { return g.ReadDayPage(ctx, q, page) })
}

// withEither makes one read with the first pair that iyzico accepts.
func withEither[T any](ctx context.Context, r *Rotating, deadline time.Time, read func(pagedGateway) (T, error)) (T, error) {
	held, err := r.latest(ctx, deadline)
	if err != nil {
		var nothing T
		return nothing, &payment.Error{
			Code: payment.CodeUnavailable, Message: "iyzico cannot be read now: nothing was sent, ask again",
			Cause: fmt.Errorf("%w: %w", ErrKeysUnreadable, err),
		}
	}
	answer, err := read(held.current)
	if !RefusedKeys(err) {
		return answer, err
	}
	r.refused(ctx, held)
	if newer, readErr := r.latest(ctx, deadline); readErr == nil && newer != held {
		held = newer
		if answer, err = read(held.current); !RefusedKeys(err) {
			return answer, err
		}
		r.refused(ctx, held)
	}
	if held.previous == nil {
		return answer, err
	}
	return read(held.previous)
}

// latest is what to go on with: the keys read last, unless they must be read first, before the deadline (zero = keyTime
// alone bounds it). Keys that cannot be read again stay in use.
func (r *Rotating) latest(ctx context.Context, deadline time.Time) (*keyed, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.iyzico.Now()
	if r.held != nil && (!r.stale && now.Sub(r.readAt) < keyLife || now.Sub(r.rereadAt) < keyPause) {
		return r.held, nil
	}
	return r.read(ctx, deadline)
}

// read asks for the secret. r.mu is held.
func (r *Rotating) read(ctx context.Context, deadline time.Time) (*keyed, error) {
	ctx, cancel := context.WithTimeout(ctx, keyTime)
	defer cancel()
	if !deadline.IsZero() {
		var cancelEarlier context.CancelFunc
		ctx, cancelEarlier = context.WithDeadline(ctx, deadline)
		defer cancelEarlier()
	}
	if r.held != nil {
		r.rereadAt = r.iyzico.Now()
	}
	keys, err := r.iyzico.Keys(ctx)
	var next *keyed
	if err == nil && (r.held == nil || r.held.keys != keys) {
		next, err = r.gateways(keys)
	}
	switch {
	case err != nil && r.held == nil:
		return nil, err
	case err != nil:
		r.iyzico.Log.ErrorContext(ctx, "iyzico's keys cannot be read again: those of before stay in use", "error", err.Error())
		return r.held, nil
	case next != nil:
		r.held = next
	}
	r.readAt, r.stale = r.iyzico.Now(), false
	return r.held, nil
}

// refused has the keys read again for the next call, unless somebody else's call did so already.
func (r *Rotating) refused(ctx context.Context, held *keyed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.held == held && !r.stale {
		r.iyzico.Log.WarnContext(ctx, "iyzico refused the keys: they are read again for the next call")
		r.stale = true
	}
}
