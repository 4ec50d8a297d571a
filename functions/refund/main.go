// Command refund is the Lambda behind POST /refunds. It also takes a bare command, as from `sam local invoke`.
package main

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/iade/iade/internal/app"
	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

func main() {
	api := app.Start().API
	lambda.Start(api.Lambda(func(ctx context.Context, command json.RawMessage) ingress.BareReply {
		return api.Bare(ctx, payment.KindRefund, command)
	}))
}
