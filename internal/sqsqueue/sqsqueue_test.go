package sqsqueue

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"github.com/iade/iade/internal/ingress"
)

const refundQueue = "arn:aws:sqs:eu-central-1:123456789012:iade-refund"

// recordedSQS answers everything and remembers what it was asked.
type recordedSQS struct {
	asked  []string
	sent   *sqs.SendMessageInput
	hidden *sqs.ChangeMessageVisibilityInput
	err    error
}

func (s *recordedSQS) GetQueueUrl(_ context.Context, in *sqs.GetQueueUrlInput, _ ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	s.asked = append(s.asked, *in.QueueOwnerAWSAccountId+"/"+*in.QueueName)
	return &sqs.GetQueueUrlOutput{QueueUrl: aws.String("https://sqs.test/" + *in.QueueName)}, s.err
}

func (s *recordedSQS) ChangeMessageVisibility(_ context.Context, in *sqs.ChangeMessageVisibilityInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error) {
	s.hidden = in
	return &sqs.ChangeMessageVisibilityOutput{}, s.err
}

func (s *recordedSQS) SendMessage(_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	s.sent = in
	return &sqs.SendMessageOutput{}, s.err
}

func TestADeadMessageGoesToItsQueuesDeadLetterQueueWithTheReason(t *testing.T) {
	t.Parallel()
	service := &recordedSQS{}
	q := &Queues{client: func() sqsCaller { return service }}
	for range 2 {
		err := q.DeadLetter(t.Context(), refundQueue, ingress.DeadMessage{
			MessageID: "m-1", Body: "the body", Reason: "invalid-request", Detail: "a\x00b\u2028 is not known\uffff here",
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"123456789012/iade-refund-dead"}, service.asked); diff != "" {
		t.Error(diff)
	}
	attributes := map[string]string{}
	for name, value := range service.sent.MessageAttributes {
		attributes[name] = *value.DataType + " " + *value.StringValue
	}
	want := map[string]string{"reason": "String invalid-request", "detail": "String a?b? is not known? here", "messageId": "String m-1"}
	if diff := cmp.Diff(want, attributes); diff != "" || *service.sent.MessageBody != "the body" || *service.sent.QueueUrl != "https://sqs.test/iade-refund-dead" {
		t.Errorf("%s %+v", diff, service.sent)
	}
	if err := q.DeadLetter(t.Context(), refundQueue, ingress.DeadMessage{Body: "b", Reason: "not-found"}); err != nil || len(service.sent.MessageAttributes) != 1 {
		t.Errorf("empty attributes are refused by SQS: %v %v", service.sent.MessageAttributes, err)
	}
}

func TestAMessageIsHiddenForWholeSecondsRoundedUp(t *testing.T) {
	t.Parallel()
	service := &recordedSQS{}
	q := &Queues{client: func() sqsCaller { return service }}
	if err := q.Hide(t.Context(), refundQueue, "receipt", 1500*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if service.hidden.VisibilityTimeout != 2 || *service.hidden.ReceiptHandle != "receipt" || *service.hidden.QueueUrl != "https://sqs.test/iade-refund" {
		t.Errorf("%+v", service.hidden)
	}
}

func TestAQueueThatDoesNotAnswerIsAnErrorAndAskedAgain(t *testing.T) {
	t.Parallel()
	service := &recordedSQS{err: errors.New("away")}
	q := &Queues{client: func() sqsCaller { return service }}
	for range 2 {
		if err := q.Hide(t.Context(), refundQueue, "receipt", time.Second); !errors.Is(err, service.err) {
			t.Error(err)
		}
		if err := q.DeadLetter(t.Context(), refundQueue, ingress.DeadMessage{Body: "b"}); !errors.Is(err, service.err) {
			t.Error(err)
		}
	}
	if len(service.asked) != 4 {
		t.Errorf("asked %s", strings.Join(service.asked, " "))
	}
	if err := q.Hide(t.Context(), "no ARN", "receipt", time.Second); err == nil {
		t.Error("a queue without an ARN")
	}
}
