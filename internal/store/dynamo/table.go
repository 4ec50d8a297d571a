package dynamo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const tableWait = time.Minute

// CreateTable makes the table that template.yaml declares, for an engine on this machine and for tests: key, sparse index,
// stream with both images, TTL. It waits at most a minute until the table is ready, and does nothing to a table that is
// already there but wait and turn its TTL on.
func CreateTable(ctx context.Context, client *dynamodb.Client, name string) error {
	_, err := client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName:   aws.String(name),
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String(keyAttr), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String(shardAttr), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String(dueAttr), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{{AttributeName: aws.String(keyAttr), KeyType: types.KeyTypeHash}},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String(indexName),
			KeySchema: []types.KeySchemaElement{
				{AttributeName: aws.String(shardAttr), KeyType: types.KeyTypeHash},
				{AttributeName: aws.String(dueAttr), KeyType: types.KeyTypeRange},
			},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
		}},
		StreamSpecification: &types.StreamSpecification{
			StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages,
		},
	})
	var exists *types.ResourceInUseException
	if err != nil && !errors.As(err, &exists) {
		return fmt.Errorf("create table %s: %w", name, err)
	}
	return awaitTable(ctx, client, name)
}

// awaitTable waits until the table is ready, and turns its TTL on.
func awaitTable(ctx context.Context, client *dynamodb.Client, name string) error {
	wait := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 50*time.Millisecond, 2*time.Second
	})
	if err := wait.Wait(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(name)}, tableWait); err != nil {
		return fmt.Errorf("wait for table %s: %w", name, err)
	}
	return enableTTL(ctx, client, name)
}

// enableTTL asks first, because DynamoDB refuses to enable what is enabled.
func enableTTL(ctx context.Context, client *dynamodb.Client, name string) error {
	out, err := client.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: aws.String(name)})
	if err != nil {
		return fmt.Errorf("look at the TTL of table %s: %w", name, err)
	}
	switch ttl := out.TimeToLiveDescription; {
	case ttl == nil:
	case ttl.TimeToLiveStatus == types.TimeToLiveStatusEnabled, ttl.TimeToLiveStatus == types.TimeToLiveStatusEnabling:
		return nil
	}
	_, err = client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName: aws.String(name),
		TimeToLiveSpecification: &types.TimeToLiveSpecification{
			AttributeName: aws.String(expiresAttr), Enabled: aws.Bool(true),
		},
	})
	if err != nil {
		return fmt.Errorf("turn on the TTL of table %s: %w", name, err)
	}
	return nil
}
