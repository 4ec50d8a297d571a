// Command close is the Lambda that holds the day before against iyzico's list, several times each morning until it is done, and
// serves POST /days/{date}/close.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/iade/iade/internal/app"
	"github.com/iade/iade/internal/eventbus"
)

func main() {
	lambda.Start(app.StartCloser(eventbus.DayEvents))
}
