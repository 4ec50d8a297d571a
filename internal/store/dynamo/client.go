package dynamo

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const (
	// attempts is how often one call is sent at most. Every call here may be repeated: a repeated save recognises its
	// own writer token, a repeated lease only slows us.
	attempts       = 5
	firstPause     = 50 * time.Millisecond // doubles, so the pauses of one call sum to 750 ms at most
	attemptTimeout = 3 * time.Second       // a frozen Lambda's dead connection shows within this

	// readBuffer makes the SDK read large answers reliably: with Go's 4 KiB about one in 10,000 of them failed on
	// loopback with "use of closed network connection" (aws-sdk-go-v2 issues 1825, 2737).
	readBuffer = 256 << 10
)

// HTTPClient gives what NewClient talks through, for another client of the same endpoint: a request that is not answered
// within three seconds fails, and redirects are not followed.
func HTTPClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ReadBufferSize = readBuffer
	transport.MaxIdleConnsPerHost = transport.MaxIdleConns
	return &http.Client{
		Transport:     transport,
		Timeout:       attemptTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// NewClient gives a client for one region, with bounded retries and timeouts. An endpoint that is not empty replaces the
// region's own, for an engine on this machine. changes are made to the options last.
func NewClient(region, endpoint string, credentials aws.CredentialsProvider, changes ...func(*dynamodb.Options)) *dynamodb.Client {
	options := dynamodb.Options{
		Region:      region,
		Credentials: credentials,
		HTTPClient:  HTTPClient(),
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = attempts
			o.Backoff = retry.BackoffDelayerFunc(pause)
			o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(isTransactionConflict))
		}),
	}
	if endpoint != "" {
		options.BaseEndpoint = aws.String(endpoint)
	}
	return dynamodb.New(options, changes...)
}

// pause is random up to a bound that doubles with each attempt, counted from 0.
func pause(attempt int, _ error) (time.Duration, error) {
	return rand.N(firstPause << min(attempt, attempts)), nil
}

// isTransactionConflict: the SDK leaves this one to the caller. iade uses no transactions, but a person's tool may.
func isTransactionConflict(err error) aws.Ternary {
	var conflict *types.TransactionConflictException
	if errors.As(err, &conflict) {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}
