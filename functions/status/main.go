// Command status is the Lambda behind the GET routes. Its role can read the table and nothing else of it.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/iade/iade/internal/app"
)

func main() {
	lambda.Start(app.Start().API.Lambda(nil))
}
