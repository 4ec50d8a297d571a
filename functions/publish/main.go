// Command publish is the Lambda that will publish the table's changes as events. It is not built yet: it answers 501, and
// nothing invokes it.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/iade/iade/internal/app"
)

func main() {
	lambda.Start(app.StartWithout().NotBuilt)
}
