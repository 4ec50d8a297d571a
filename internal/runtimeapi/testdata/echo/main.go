// Command echo is a Lambda that does what its event says.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct {
	Say   string
	Fail  string
	Exit  bool
	Sleep time.Duration
}

type answer struct {
	Said      string
	PID       int
	RequestID string
	Left      time.Duration
}

func main() {
	fmt.Println("begins", os.Getenv("GREETING"))
	if os.Getenv("BROKEN") != "" {
		os.Exit(1)
	}
	lambda.Start(func(ctx context.Context, e event) (answer, error) {
		fmt.Println("got", e.Say)
		time.Sleep(e.Sleep)
		switch {
		case e.Exit:
			os.Exit(3)
		case e.Fail != "":
			return answer{}, errors.New(e.Fail)
		}
		deadline, _ := ctx.Deadline()
		lc, _ := lambdacontext.FromContext(ctx)
		return answer{e.Say, os.Getpid(), lc.AwsRequestID, time.Until(deadline)}, nil
	})
}
