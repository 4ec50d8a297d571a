package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// ErrOtherTable says that a table exists and is none that iade can work on.
var ErrOtherTable = errors.New("it is not a table of iade")

// EnsureTable gives the ARN of the table's stream. It creates the table if it is absent, as CreateTable does, and changes
// nothing about one that is there: without iade's key, index and stream it fails with ErrOtherTable.
func EnsureTable(ctx context.Context, client *dynamodb.Client, name string) (streamARN string, err error) {
	table, err := describe(ctx, client, name)
	if err != nil {
		return "", err
	}
	if table == nil || table.TableStatus == types.TableStatusCreating {
		if err := CreateTable(ctx, client, name); err != nil {
			return "", err
		}
		if table, err = describe(ctx, client, name); err != nil {
			return "", err
		}
	}
	if err := fits(table); err != nil {
		return "", fmt.Errorf("table %s: %w", name, err)
	}
	return aws.ToString(table.LatestStreamArn), nil
}

// describe gives nil for a table that is absent.
func describe(ctx context.Context, client *dynamodb.Client, name string) (*types.TableDescription, error) {
	out, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(name)})
	var absent *types.ResourceNotFoundException
	switch {
	case errors.As(err, &absent):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("look at table %s: %w", name, err)
	}
	return out.Table, nil
}

func fits(table *types.TableDescription) error {
	if table == nil {
		return errors.New("it was deleted while it was looked at")
	}
	if len(table.KeySchema) != 1 || aws.ToString(table.KeySchema[0].AttributeName) != keyAttr {
		return fmt.Errorf("%w: its key is not %s alone", ErrOtherTable, keyAttr)
	}
	indexed := false
	for _, index := range table.GlobalSecondaryIndexes {
		indexed = indexed || aws.ToString(index.IndexName) == indexName
	}
	if !indexed {
		return fmt.Errorf("%w: it has no index %q", ErrOtherTable, indexName)
	}
	stream := table.StreamSpecification
	if stream == nil || stream.StreamViewType != types.StreamViewTypeNewAndOldImages || aws.ToString(table.LatestStreamArn) == "" {
		return fmt.Errorf("%w: it has no stream of new and old images", ErrOtherTable)
	}
	return nil
}

// IsEmpty tells whether a table holds no item at all. An absent one holds none.
func IsEmpty(ctx context.Context, client *dynamodb.Client, name string) (bool, error) {
	out, err := client.Scan(ctx, &dynamodb.ScanInput{
		TableName: aws.String(name), Limit: aws.Int32(1), ConsistentRead: aws.Bool(true),
	})
	var absent *types.ResourceNotFoundException
	switch {
	case errors.As(err, &absent):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("look into table %s: %w", name, err)
	}
	return len(out.Items) == 0, nil
}
