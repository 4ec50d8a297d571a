package ingress

import (
	"context"
	"encoding/json"

	"github.com/iade/iade/internal/payment"
)

// Refunds to the iyzico balance are not part of this version. Everything that says so is in this file.

// notBuilt tells whether commands of that kind are refused, after their form was checked.
func notBuilt(kind payment.Kind) bool {
	return kind == payment.KindBalanceRefund
}

// balanceCallback has nothing to come back to: no link to it was ever given out.
func (a *API) balanceCallback(context.Context, Request, string) Response { return notImplemented() }

func notImplemented() Response { return newProblem(codeNotImplemented, "").response() }

// NotBuilt answers any event of a function whose issue is not done: 501, as a problem, as API Gateway and a bare caller
// each need it.
func (a *API) NotBuilt(ctx context.Context, event json.RawMessage) (any, error) {
	if Detect(event) == ShapeAPIGateway {
		return a.Lambda(nil)(ctx, event)
	}
	return bareReply(notImplemented()), nil
}
