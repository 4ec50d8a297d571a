package dynamo

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const (
	quotaPrefix    = "QUOTA#"
	sortableMinute = "2006-01-02T15:04Z"
	quotaKept      = time.Hour // after the minute itself
)

// Take adds n (0 or more) to the counter of one endpoint and minute and returns the new total, with one request. It is the
// one addition here that a lost answer may apply twice: an over-count only slows us. After an error the slots are perhaps
// taken.
func (s *Store) Take(ctx context.Context, name string, minute time.Time, n int) (total int, err error) {
	if n < 0 {
		return 0, errors.New("take quota: a negative number of slots")
	}
	minute = minute.UTC().Truncate(time.Minute)
	out, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                aws.String(s.table),
		Key:                      map[string]types.AttributeValue{keyAttr: text(quotaPrefix + name + "#" + minute.Format(sortableMinute))},
		UpdateExpression:         aws.String("ADD #used :n SET #expires = :expires"),
		ExpressionAttributeNames: map[string]string{"#used": usedAttr, "#expires": expiresAttr},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":n": number(int64(n)), ":expires": number(minute.Add(quotaKept).Unix()),
		},
		ReturnValues: types.ReturnValueUpdatedNew,
	})
	if err != nil {
		return 0, fmt.Errorf("take quota: %w", err)
	}
	used, ok := out.Attributes[usedAttr].(*types.AttributeValueMemberN)
	if !ok {
		return 0, errors.New("take quota: the table gave no total")
	}
	if total, err = strconv.Atoi(used.Value); err != nil {
		return 0, fmt.Errorf("take quota: %w", err)
	}
	return total, nil
}
