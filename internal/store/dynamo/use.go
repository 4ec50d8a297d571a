package dynamo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/iade/iade/internal/payment"
)

const (
	// useKey is followed by the day. It begins like a counter's, which every version of the stream's readers passes over.
	useKey  = quotaPrefix + "own/"
	useAttr = "use"               // S: payment.EncodeUse
	useKept = 32 * 24 * time.Hour // after the day's beginning
)

// LoadUse implements payment.UseStore with one strongly consistent read.
func (s *Store) LoadUse(ctx context.Context, day payment.Day) (payment.Use, error) {
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      aws.String(s.table),
		Key:            map[string]types.AttributeValue{keyAttr: text(useKey + string(day))},
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return payment.Use{}, fmt.Errorf("load use: %w", err)
	}
	if out.Item == nil {
		return payment.Use{Day: day}, nil
	}
	use, err := payment.DecodeUse([]byte(textOf(out.Item[useAttr])))
	if err != nil {
		return payment.Use{}, fmt.Errorf("load use: %w", err)
	}
	return use, nil
}

// SaveUse implements payment.UseStore with one conditional write of absolute values. As with an account, the SDK's repetition of a
// write whose answer was lost finds the token of the first one.
func (s *Store) SaveUse(ctx context.Context, next payment.Use) error {
	if next.Day.Start().IsZero() || next.Version < 1 {
		return errors.New("save use: it needs a day and a version from 1")
	}
	data, err := payment.EncodeUse(next)
	if err != nil {
		return fmt.Errorf("save use: %w", err)
	}
	return s.put(ctx, map[string]types.AttributeValue{
		keyAttr: text(useKey + string(next.Day)), useAttr: text(string(data)), versionAttr: number(next.Version), writerAttr: text(rand.Text()),
		expiresAttr: number(next.Day.Start().Add(useKept).Unix()),
	}, next.Version)
}
