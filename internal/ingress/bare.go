package ingress

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/iade/iade/internal/payment"
)

// keyMember holds the idempotency key where there is no header for it.
const keyMember = "idempotencyKey"

// BareReply answers a bare command: the HTTP status that the same request would have had, and its body.
type BareReply struct {
	StatusCode int             `json:"statusCode"`
	Body       json.RawMessage `json:"body"`
}

// Bare carries out a command that came without any transport around it, as from `sam local invoke`: the POST body of
// kind and the member idempotencyKey. kind is the function's: refund, cancel or fund_payment. A cancel's function carries out
// reversals too, which say so in the member kind.
func (a *API) Bare(ctx context.Context, kind payment.Kind, body json.RawMessage) BareReply {
	req := a.bareRequest(ctx, body)
	req.KeyMember = keyMember
	ctx = payment.WithActor(withCall(ctx, req.ID), payment.ActorInvoke)
	return bareReply(a.guard(ctx, req, "bare "+string(kind), func() Response { return command(kind)(a, ctx, req, "") }))
}

// Operate carries out an operator's command: {"check": "<id>"} or {"resolve": {"operationId", "decision", "reason", "by"}}.
func (a *API) Operate(ctx context.Context, body json.RawMessage) BareReply {
	req := a.bareRequest(ctx, body)
	ctx = payment.WithActor(withCall(ctx, req.ID), payment.ActorInvoke)
	return bareReply(a.guard(ctx, req, "operate", func() Response { return a.operate(ctx, req) }))
}

func (a *API) operate(ctx context.Context, req Request) Response {
	if response, refused := refuseMedia(req); refused {
		return response
	}
	var f faults
	root, ok := readBody(req, &f)
	if !ok {
		return invalid(&f)
	}
	const idRule = "must be an operation's id"
	body := newForm("", root, &f)
	id, check := body.text("check", idRule, isText)
	resolve := body.ask("resolve")
	body.end()
	var d decision
	switch {
	case check == (resolve != nil):
		f.add(bodyField, `must have either "check" or "resolve"`)
	case resolve != nil && resolve.kind != objectNode:
		f.add("resolve", "must be an object")
	case resolve != nil:
		inner := newForm("resolve", *resolve, &f)
		id = inner.needed("operationId", idRule, isText)
		d = readDecision(inner)
		d.operationID = id
		inner.end()
	}
	switch {
	case !f.none():
		return invalid(&f)
	case check:
		return a.check(ctx, req, id)
	}
	return a.resolve(ctx, req, d)
}

func isText(s string) bool { return s != "" }

// bareRequest gives a bare command what its route's checks look at.
func (a *API) bareRequest(ctx context.Context, body json.RawMessage) Request {
	req := Request{Header: http.Header{"Content-Type": {"application/json"}}, Until: a.lambdaUntil(ctx)}
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		req.ID = lc.AwsRequestID
	}
	req.setBody(body, true)
	return req
}

func bareReply(r Response) BareReply { return BareReply{r.Status, json.RawMessage(r.Body)} }
