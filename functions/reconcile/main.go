// Command reconcile is the Lambda that settles what is unknown, every minute, and carries out operators' decisions: the
// routes of POST /operations, and the bare commands {"check": …} and {"resolve": …}.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/iade/iade/internal/app"
)

func main() {
	lambda.Start(app.Start("reconcile").Reconciler())
}
