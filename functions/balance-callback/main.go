// Command balance-callback is the Lambda behind /balance-callback/{state}: the customer's browser coming back from iyzico.
// It can reach the table and the callback's key, and never iyzico.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/iade/iade/internal/app"
)

func main() {
	lambda.Start(app.StartCallback())
}
