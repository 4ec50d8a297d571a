// Command balance-callback is the Lambda behind /balance-callback/{state}. What it is for is not built yet: it answers 501.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/iade/iade/internal/app"
)

func main() {
	lambda.Start(app.StartWithout().NotBuilt)
}
