// Command echo is a Lambda that does what its event says.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct {
	Say   string
	Fail  string
	Exit  bool
	Half  string // of which call, response or error, it sends a half before it exits
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
		case e.Half != "":
			lc, _ := lambdacontext.FromContext(ctx)
			half(lc.AwsRequestID, e.Half)
			os.Exit(3)
		case e.Fail != "":
			return answer{}, errors.New(e.Fail)
		}
		deadline, _ := ctx.Deadline()
		lc, _ := lambdacontext.FromContext(ctx)
		return answer{e.Say, os.Getpid(), lc.AwsRequestID, time.Until(deadline)}, nil
	})
}

// half begins to answer an invocation.
func half(requestID, call string) {
	api := os.Getenv("AWS_LAMBDA_RUNTIME_API")
	connection, err := net.Dial("tcp", api)
	if err != nil {
		panic(err)
	}
	_, err = fmt.Fprintf(connection, "POST /2018-06-01/runtime/invocation/%s/%s HTTP/1.1\r\nHost: %s\r\nContent-Length: 100\r\n\r\n{", requestID, call, api)
	if err != nil {
		panic(err)
	}
	time.Sleep(50 * time.Millisecond) // for the other side to begin reading
	_ = connection.Close()
	time.Sleep(50 * time.Millisecond) // for it to notice
}
