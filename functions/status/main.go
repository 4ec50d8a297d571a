// Command status is the Lambda behind the GET routes. Its role can read the table, and write the counters of calls a
// minute, because a payment that is not known is read from iyzico.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/iade/iade/internal/app"
)

func main() {
	a := app.Start("status")
	lambda.Start(a.Counted(a.API.Lambda(nil)))
}
