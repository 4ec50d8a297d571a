// Command publish is the Lambda on the table's stream: what changed becomes events on the bus.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/iade/iade/internal/eventbus"
)

func main() {
	lambda.Start(eventbus.Start())
}
