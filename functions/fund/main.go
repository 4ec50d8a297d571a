// Command fund is the Lambda behind POST /fund-payments. It also takes a bare command, as from `sam local invoke`. iyzico
// answers its requests only from addresses that it has allow-listed for the merchant (docs/iyzico.md §4).
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
	a := app.Start("fund")
	lambda.Start(a.Counted(a.API.Lambda(func(ctx context.Context, command json.RawMessage) ingress.BareReply {
		return a.API.Bare(ctx, payment.KindFundPayment, command)
	})))
}
