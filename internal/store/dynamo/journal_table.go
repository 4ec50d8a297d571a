package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/iade/iade/internal/journal"
)

// journalIndexes are the indexes of the journal's table, in the order in which template.yaml has them.
var journalIndexes = []struct {
	name, partition, sort string
	include               []string // beside the keys
}{
	{string(journal.ByTime), yearAttr, positionAttr, nil},
	{string(journal.ByStatus), statusAttr, positionAttr, nil},
	{string(journal.ByKind), kindAttr, positionAttr, nil},
	{string(journal.ByPayment), paymentAttr, positionAttr, nil},
	{string(journal.ByReference), referenceAttr, positionAttr, nil},
	{movedIndex, movedDayAttr, movedAttr, []string{recordAttr}},
}

// CreateJournal makes the journal's table that template.yaml declares, for an engine on this machine and for tests. It waits
// at most a minute until the table is ready, and does nothing to a table that is there but wait and turn its TTL on.
func CreateJournal(ctx context.Context, client *dynamodb.Client, name string) error {
	key := func(name string, kind types.KeyType) types.KeySchemaElement {
		return types.KeySchemaElement{AttributeName: aws.String(name), KeyType: kind}
	}
	input := &dynamodb.CreateTableInput{
		TableName: aws.String(name), BillingMode: types.BillingModePayPerRequest,
		KeySchema: []types.KeySchemaElement{key(keyAttr, types.KeyTypeHash), key(sortAttr, types.KeyTypeRange)},
	}
	declared := map[string]bool{}
	declare := func(names ...string) {
		for _, name := range names {
			if !declared[name] {
				declared[name] = true
				input.AttributeDefinitions = append(input.AttributeDefinitions,
					types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeTypeS})
			}
		}
	}
	declare(keyAttr, sortAttr)
	for _, index := range journalIndexes {
		declare(index.partition, index.sort)
		projection := &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}
		if len(index.include) > 0 {
			projection = &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: index.include}
		}
		input.GlobalSecondaryIndexes = append(input.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName:  aws.String(index.name),
			KeySchema:  []types.KeySchemaElement{key(index.partition, types.KeyTypeHash), key(index.sort, types.KeyTypeRange)},
			Projection: projection,
		})
	}
	_, err := client.CreateTable(ctx, input)
	var exists *types.ResourceInUseException
	if err != nil && !errors.As(err, &exists) {
		return fmt.Errorf("create table %s: %w", name, err)
	}
	return awaitTable(ctx, client, name)
}

// EnsureJournal creates the journal's table if it is absent, and changes nothing about one that is there: with another key
// or without one of the journal's indexes it fails with ErrOtherTable.
func EnsureJournal(ctx context.Context, client *dynamodb.Client, name string) error {
	table, err := describe(ctx, client, name)
	if err != nil {
		return err
	}
	if table == nil || table.TableStatus == types.TableStatusCreating {
		if err := CreateJournal(ctx, client, name); err != nil {
			return err
		}
		if table, err = describe(ctx, client, name); err != nil {
			return err
		}
	}
	if table == nil {
		return fmt.Errorf("table %s: it was deleted while it was looked at", name)
	}
	if keys := table.KeySchema; len(keys) != 2 || aws.ToString(keys[0].AttributeName) != keyAttr || aws.ToString(keys[1].AttributeName) != sortAttr {
		return fmt.Errorf("table %s: %w: its key is not that of a journal", name, ErrOtherTable)
	}
	indexed := map[string]bool{}
	for _, index := range table.GlobalSecondaryIndexes {
		indexed[aws.ToString(index.IndexName)] = true
	}
	for _, index := range journalIndexes {
		if !indexed[index.name] {
			return fmt.Errorf("table %s: %w: it has no index %q", name, ErrOtherTable, index.name)
		}
	}
	return nil
}
