package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/iade/iade/internal/money"
)

// Request carries out a command, or answers what became of it. until is the end of the handler's time; record says
// which refusals by a rule are kept as a rejected operation, which is what a queue needs.
func (s *Service) Request(ctx context.Context, c Command, until time.Time, record Recording) (Result, error) {
	return s.Apply(ctx, c.AccountID(), Requested{Command: c, Until: until, Record: record})
}

// Preview says what a command would do now: nothing is stored or sent, and the key is not looked at. Errors are those of
// Request.
func (s *Service) Preview(ctx context.Context, c Command, until time.Time) (Preview, error) {
	account, err := s.load(ctx, c.AccountID())
	if err != nil {
		return Preview{}, err
	}
	account = account.clone()
	now := s.clock.Now()
	err = s.rules.refresh(&account, c, nil, now)
	if errors.Is(err, ErrReadFirst) {
		var asked Event
		if asked, err = s.readFirst(ctx, account, Requested{Command: c, Until: until}, new(time.Time)); err != nil {
			return Preview{}, err
		}
		err = s.rules.refresh(&account, c, oneCurrency(asked.(Requested).Report), now)
	}
	if err != nil {
		return Preview{}, err
	}
	refundable := account.Totals().refundableOf(c.LineID)
	legs, err := s.rules.accept(&account, c, now)
	if err != nil {
		return Preview{}, err
	}
	if _, _, err := account.admit(Operation{Legs: legs}, c, now); err != nil {
		return Preview{}, err
	}
	if err := s.checkPreview(ctx, c.Kind, legs, now); err != nil {
		return Preview{}, err
	}
	sum := money.Zero(account.Currency)
	preview := Preview{Refundable: refundable.String(), IyzicoCalls: len(legs)}
	for i := range legs {
		preview.Legs = append(preview.Legs, LegView{PaymentTransactionID: legs[i].LineID, Amount: legs[i].Amount.String()})
		sum = sum.Add(legs[i].Amount)
	}
	preview.Amount = sum.String()
	return preview, nil
}

// Check reads iyzico now instead of when it is due, and applies what it says. CodeNotFound: no such operation; the
// gateway's codes if the report cannot be read.
func (s *Service) Check(ctx context.Context, operationID string, until time.Time) (Resource, error) {
	account, op, shown, err := s.find(ctx, operationID)
	if err != nil || op == nil {
		return shown, err // one that left the account is settled for good
	}
	query := account.query()
	query.Purpose, query.Deadline = PurposeInteractive, until
	report, err := s.read(ctx, account.ID, query)
	if err != nil {
		return Resource{}, fmt.Errorf("check %s: %w", operationID, unreadable(err))
	}
	if _, err := s.Apply(ctx, account.ID, Observed{Report: report}); err != nil {
		return Resource{}, err
	}
	return s.Operation(ctx, operationID)
}

// Return records that a customer's browser came back from iyzico with a token whose HashToken is given, any number of
// times. CodeNotFound: it does not verify, and nothing was changed; CodeUnavailable: the store cannot be reached.
func (s *Service) Return(ctx context.Context, operationID, tokenHash string) (Resource, error) {
	id, ok := AccountOf(operationID)
	if !ok {
		return Resource{}, errNoReturn()
	}
	result, err := s.Apply(ctx, id, Returned{OperationID: operationID, TokenHash: tokenHash})
	if err != nil {
		return Resource{}, err
	}
	return result.Resource, nil
}

// unreadable turns iyzico's "not found" for a payment that an operation of ours stands for into what it means there: that
// the report cannot be used now.
func unreadable(err error) error {
	if CodeOf(err) != CodeNotFound {
		return err
	}
	return &Error{Code: CodeUnavailable, Message: "iyzico does not list the payment: ask again later", RetryAfter: time.Minute, Cause: err}
}

// Resolve records an operator's decision. CodeNotFound: no such operation; CodeNotResolvable: its state or iyzico's
// report forbids it; CodeUnavailable: the report cannot be read.
func (s *Service) Resolve(ctx context.Context, operationID string, d Decision, reason, by string, until time.Time) (Resource, error) {
	id, ok := AccountOf(operationID)
	if !ok {
		return Resource{}, fail(CodeNotFound, "there is no operation "+operationID)
	}
	result, err := s.Apply(ctx, id, Resolved{OperationID: operationID, Decision: d, Reason: reason, By: by, Until: until})
	if err != nil {
		return Resource{}, err
	}
	return result.Resource, nil
}

// Author is who a save was made for. It is kept in the account, so that the image in a table's stream knows it too; a newer
// save replaces it.
type Author struct {
	Actor       string    // a caller's principal, an operator's id, or one of the Actor constants; empty = not known
	Via         string    // of a person's decision: the principal whose request brought it, empty if none did
	OperationID string    // the operation that was asked about; empty = whatever the save changed
	At          time.Time // when it was saved, by the clock of who saved it
}

// The parts of iade that change accounts by themselves. No principal and no operator's id looks like these.
const (
	ActorSelf      = "iade"           // a change that another's request brought along
	ActorReconcile = "iade:reconcile" // time, or iyzico's report, read because it was due
	ActorCallback  = "iade:callback"  // a customer's browser that came back from iyzico
	ActorWebhook   = "iade:webhook"   // a notice of iyzico's, which changes when a payment is read
	ActorQueue     = "iade:queue"     // a command on the queue, which names nobody
	ActorInvoke    = "iade:invoke"    // a command given to a function by hand, which names nobody
	ActorLocal     = "iade:local"     // a request on one machine, where nobody signs in
)

type actorKey struct{}

// WithActor names who asks for whatever is done with the context. An empty name changes nothing.
func WithActor(ctx context.Context, actor string) context.Context {
	if actor == "" {
		return ctx
	}
	return context.WithValue(ctx, actorKey{}, actor)
}

// ActorOf is who asks for whatever is done with the context, empty if nobody was named.
func ActorOf(ctx context.Context) string {
	actor, _ := ctx.Value(actorKey{}).(string)
	return actor
}

// authorOf names who a save is made for.
func authorOf(ctx context.Context, e Event, now time.Time) Author {
	asked := ActorOf(ctx)
	author := Author{Actor: asked, At: now}
	switch e := e.(type) {
	case Requested:
		author.OperationID = e.Command.OperationID()
	case Answered:
		author.OperationID = e.Call.OperationID
	case Resolved:
		author.OperationID = e.OperationID
		author.Actor, author.Via = e.By, asked
	case Returned:
		author.OperationID = e.OperationID
		author.Actor = ActorCallback
	case Hinted:
		author.Actor = ActorWebhook
	case Observed, Due, Seeded, SeedDone:
		if asked == "" {
			author.Actor = ActorReconcile
		}
	}
	return author
}

// of is who changed that operation by the save.
func (a Author) of(operationID string) (actor, via string) {
	switch {
	case a.Actor == "", a.OperationID != "" && a.OperationID != operationID:
		return ActorSelf, ""
	}
	return a.Actor, a.Via
}
