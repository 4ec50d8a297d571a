package metrics

import (
	"context"
	"errors"
	"time"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/psp"
)

// gateway counts the calls that were held back.
type gateway struct {
	next     payment.Gateway
	recorder *Recorder
}

// Gateway decorates a payment.Gateway, the quota included.
func (r *Recorder) Gateway(next payment.Gateway) payment.Gateway { return gateway{next, r} }

// Send sends.
func (g gateway) Send(ctx context.Context, c payment.Call) payment.Answered {
	answer := g.next.Send(ctx, c)
	if answer.Failure != nil {
		switch answer.Failure.Reason {
		case payment.ReasonRateLimited:
			g.recorder.Count(RateLimitWaits)
		case payment.ReasonCredentials, payment.ReasonKeysUnreadable:
			g.recorder.Count(KeysRefused)
		}
	}
	return answer
}

// Read reads.
func (g gateway) Read(ctx context.Context, q payment.Query) (payment.Report, error) {
	report, err := g.next.Read(ctx, q)
	g.count(err)
	return report, err
}

// ReadDay reads.
func (g gateway) ReadDay(ctx context.Context, q payment.DayQuery) (payment.DayList, error) {
	list, err := g.next.ReadDay(ctx, q)
	g.count(err)
	return list, err
}

// count counts a read that was held back.
func (g gateway) count(err error) {
	switch {
	case err == nil:
	case payment.CodeOf(err) == payment.CodeRateLimited:
		g.recorder.Count(RateLimitWaits)
	case psp.RefusedKeys(err), errors.Is(err, psp.ErrKeysUnreadable):
		g.recorder.Count(KeysRefused)
	}
}

// service counts what callers are answered.
type service struct {
	ingress.Service
	recorder *Recorder
}

// Service decorates what ingress asks.
func (r *Recorder) Service(next ingress.Service) ingress.Service { return service{next, r} }

// Request carries out a command and counts the answers that say "as before": the ones with Idempotent-Replayed.
func (s service) Request(ctx context.Context, c payment.Command, until time.Time, record payment.Recording) (payment.Result, error) {
	result, err := s.Service.Request(ctx, c, until, record)
	switch code := payment.CodeOf(err); {
	case code == payment.CodeInProgress, code == payment.CodeKeyReused, err == nil && result.Known && !result.Sent:
		s.recorder.Count(DuplicatesAnswered, string(c.Kind))
	}
	return result, err
}

// Return records a browser's return and counts those whose token does not verify.
func (s service) Return(ctx context.Context, operationID, tokenHash string) (payment.Resource, error) {
	resource, err := s.Service.Return(ctx, operationID, tokenHash)
	if payment.CodeOf(err) == payment.CodeNotFound {
		s.recorder.Count(CallbacksRefused)
	}
	return resource, err
}

// pages counts the states that do not verify.
type pages struct {
	ingress.Pages
	recorder *Recorder
}

// Pages decorates what reads callbacks.
func (r *Recorder) Pages(next ingress.Pages) ingress.Pages { return pages{next, r} }

// Verify verifies.
func (p pages) Verify(ctx context.Context, state string, now time.Time) (string, bool, error) {
	operationID, ok, err := p.Pages.Verify(ctx, state, now)
	if !ok && err == nil {
		p.recorder.Count(CallbacksRefused)
	}
	return operationID, ok, err
}

// Hint takes a notice and counts those that make a payment due.
func (s service) Hint(ctx context.Context, n payment.Notice) (bool, error) {
	taken, err := s.Service.Hint(ctx, n)
	if taken {
		s.recorder.Count(HintsTaken)
	}
	return taken, err
}

// notices counts the notices that verify and the others.
type notices struct {
	next     ingress.Notices
	recorder *Recorder
}

// Notices decorates what reads iyzico's notices.
func (r *Recorder) Notices(next ingress.Notices) ingress.Notices { return notices{next, r} }

// Read reads.
func (n notices) Read(ctx context.Context, body []byte, signature string) (payment.Notice, bool, error) {
	notice, ok, err := n.next.Read(ctx, body, signature)
	switch {
	case err != nil:
		n.recorder.Count(KeysRefused)
	case ok:
		n.recorder.Count(NoticesVerified)
	default:
		n.recorder.Count(NoticesRefused)
	}
	return notice, ok, err
}

// store counts what goes wrong with a payment.Store.
type store struct {
	next     payment.Store
	recorder *Recorder
}

// Store decorates a payment.Store.
func (r *Recorder) Store(next payment.Store) payment.Store { return store{next, r} }

// Load loads.
func (s store) Load(ctx context.Context, id payment.AccountID) (payment.Account, error) {
	account, err := s.next.Load(ctx, id)
	s.note(err)
	return account, err
}

// Save saves.
func (s store) Save(ctx context.Context, next payment.Account) error {
	err := s.next.Save(ctx, next)
	s.note(err)
	return err
}

// Open lists.
func (s store) Open(ctx context.Context, dueBefore time.Time, cursor string, limit int) ([]payment.AccountID, string, error) {
	ids, next, err := s.next.Open(ctx, dueBefore, cursor, limit)
	s.note(err)
	return ids, next, err
}

func (s store) note(err error) {
	switch {
	case err == nil, payment.CodeOf(err) == payment.CodeInvalidRequest: // a caller's cursor
	case errors.Is(err, payment.ErrConflict):
		s.recorder.Count(StoreConflicts)
	default:
		s.recorder.Count(StoreErrors)
	}
}
