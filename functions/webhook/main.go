// Command webhook is the Lambda behind POST /iyzico-webhook: iyzico's notices, each a hint to read a payment soon. It can reach
// the table and iyzico's keys, and never iyzico.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/iade/iade/internal/app"
)

func main() {
	lambda.Start(app.StartWebhook())
}
