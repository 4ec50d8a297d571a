package main

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/store/dynamo"
)

// changesOf compares the two images of a record. Counters and deletions (the table's TTL) change nothing.
func changesOf(record types.Record) ([]payment.Change, []payment.Record, error) {
	if record.Dynamodb == nil {
		return nil, nil, errors.New("it holds no images")
	}
	old, next, ok, err := dynamo.Images(streamImage(record.Dynamodb.OldImage), streamImage(record.Dynamodb.NewImage))
	if err != nil || !ok {
		return nil, nil, err
	}
	return payment.Changes(old, next), payment.Records(old, next), nil
}

// streamImage reads the attribute values of a stream's record.
func streamImage(image map[string]types.AttributeValue) dynamo.Attribute {
	return func(name string) (string, []byte) {
		switch v := image[name].(type) {
		case *types.AttributeValueMemberS:
			return v.Value, nil
		case *types.AttributeValueMemberB:
			return "", v.Value
		}
		return "", nil
	}
}
