// Package sqsqueue is what the functions behind a queue need of SQS. The other functions don't link it: its client's package
// takes its time when a process starts.
package sqsqueue

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/iade/iade/internal/ingress"
)

// DeadLetterSuffix makes the name of a queue's dead-letter queue out of the queue's own: a function learns from each message
// which queue it came from, and needs no setting for the other one. template.yaml names them so.
const DeadLetterSuffix = "-dead"

// The attributes that tell why a message is in the dead-letter queue.
const (
	reasonAttr    = "reason"    // a slug
	detailAttr    = "detail"    // the same in words
	messageIDAttr = "messageId" // in the queue that it came from
)

// callTime bounds one request to SQS, and callTries how often it is sent.
const (
	callTime  = 3 * time.Second
	callTries = 3
)

// sqsCaller is what is needed of SQS.
type sqsCaller interface {
	GetQueueUrl(context.Context, *sqs.GetQueueUrlInput, ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error)
	ChangeMessageVisibility(context.Context, *sqs.ChangeMessageVisibilityInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error)
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
}

// Queues is ingress.Queue on SQS. It is safe for concurrent use.
type Queues struct {
	client func() sqsCaller

	mu   sync.Mutex
	urls map[string]string // by the queue's ARN
}

var _ ingress.Queue = (*Queues)(nil)

// New makes Queues. The client is made when it is first needed: most invocations come from the API and would pay for it.
func New(cloud aws.Config) *Queues {
	return &Queues{client: sync.OnceValue(func() sqsCaller {
		return sqs.NewFromConfig(cloud, func(o *sqs.Options) {
			o.HTTPClient = &http.Client{Timeout: callTime}
			o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = callTries })
		})
	})}
}

// Hide sets a message's visibility in whole seconds, rounded up.
func (q *Queues) Hide(ctx context.Context, queueARN, receiptHandle string, d time.Duration) error {
	url, err := q.url(ctx, queueARN)
	if err != nil {
		return err
	}
	_, err = q.client().ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: aws.String(url), ReceiptHandle: aws.String(receiptHandle), VisibilityTimeout: int32(math.Ceil(d.Seconds())),
	})
	if err != nil {
		return fmt.Errorf("set a message's visibility: %w", err)
	}
	return nil
}

// DeadLetter sends a copy of the message, with the reason as attributes.
func (q *Queues) DeadLetter(ctx context.Context, queueARN string, m ingress.DeadMessage) error {
	url, err := q.url(ctx, queueARN+DeadLetterSuffix)
	if err != nil {
		return err
	}
	_, err = q.client().SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: aws.String(url), MessageBody: aws.String(m.Body),
		MessageAttributes: attributes(map[string]string{reasonAttr: string(m.Reason), detailAttr: m.Detail, messageIDAttr: m.MessageID}),
	})
	if err != nil {
		return fmt.Errorf("send to the dead-letter queue: %w", err)
	}
	return nil
}

// attributes leaves out what is empty, and characters that SQS takes in no text: an unknown member's name may hold them.
func attributes(values map[string]string) map[string]types.MessageAttributeValue {
	all := map[string]types.MessageAttributeValue{}
	for name, value := range values {
		value = strings.Map(func(r rune) rune {
			if unicode.IsPrint(r) {
				return r
			}
			return '?'
		}, value)
		if value != "" {
			all[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
		}
	}
	return all
}

// url asks for a queue's URL, once for each.
func (q *Queues) url(ctx context.Context, queueARN string) (string, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if url, ok := q.urls[queueARN]; ok {
		return url, nil
	}
	name, err := arn.Parse(queueARN)
	if err != nil {
		return "", fmt.Errorf("read the queue's ARN: %w", err)
	}
	answer, err := q.client().GetQueueUrl(ctx, &sqs.GetQueueUrlInput{
		QueueName: aws.String(name.Resource), QueueOwnerAWSAccountId: aws.String(name.AccountID),
	})
	if err != nil {
		return "", fmt.Errorf("ask for the URL of queue %s: %w", name.Resource, err)
	}
	if answer.QueueUrl == nil {
		return "", errors.New("ask for the URL of queue " + name.Resource + ": there is none in the answer")
	}
	if q.urls == nil {
		q.urls = map[string]string{}
	}
	q.urls[queueARN] = *answer.QueueUrl
	return *answer.QueueUrl, nil
}
