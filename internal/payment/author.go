package payment

import (
	"context"
	"time"
)

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
