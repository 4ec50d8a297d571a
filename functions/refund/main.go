// Command refund is the Lambda behind POST /refunds and the queue of refund commands. It also takes a bare command, as from
// `sam local invoke`.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/iade/iade/internal/app"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/sqsqueue"
)

func main() {
	a := app.Start("refund")
	a.API.Queue = sqsqueue.New(a.Cloud)
	lambda.Start(a.Counted(a.API.Commands(payment.KindRefund)))
}
