package main

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/store/dynamo"
)

// changesOf compares the two images of a record. Counters and deletions (the table's TTL) change nothing that is published.
func changesOf(record types.Record) ([]payment.Change, error) {
	if record.Dynamodb == nil {
		return nil, errors.New("it holds no images")
	}
	return dynamo.Changes(streamImage(record.Dynamodb.OldImage), streamImage(record.Dynamodb.NewImage))
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
