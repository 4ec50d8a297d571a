package dynamo_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/iade/iade/internal/store/dynamo"
	"github.com/iade/iade/internal/test/dynamotest"
)

// anotherName is a table's name that nothing has yet; what is made under it goes with the test.
func anotherName(t *testing.T, client *dynamodb.Client) string {
	t.Helper()
	name := "iade-test-" + rand.Text()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if _, err := client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(name)}); err != nil {
			t.Errorf("delete table %s: %v", name, err)
		}
	})
	return name
}

func TestATableIsMadeOnceAndThenFound(t *testing.T) {
	t.Parallel()
	client := dynamotest.Client(t, dynamotest.Endpoint(t))
	name := anotherName(t, client)
	if empty, err := dynamo.IsEmpty(t.Context(), client, name); err != nil || !empty {
		t.Errorf("an absent table is empty: %v, %v", empty, err)
	}
	first, err := dynamo.EnsureTable(t.Context(), client, name)
	if err != nil || !strings.Contains(first, name+"/stream/") {
		t.Fatalf("%q, %v", first, err)
	}
	if empty, err := dynamo.IsEmpty(t.Context(), client, name); err != nil || !empty {
		t.Errorf("a new table is empty: %v, %v", empty, err)
	}
	if err := dynamo.New(client, name).Save(t.Context(), image("PAYMENT#1", 1)); err != nil {
		t.Fatal(err)
	}
	if again, err := dynamo.EnsureTable(t.Context(), client, name); err != nil || again != first {
		t.Errorf("a second time: %q, %v", again, err)
	}
	if empty, err := dynamo.IsEmpty(t.Context(), client, name); err != nil || empty {
		t.Errorf("with an account: %v, %v", empty, err)
	}
}

func TestATableOfSomebodyElseIsRefused(t *testing.T) {
	t.Parallel()
	client := dynamotest.Client(t, dynamotest.Endpoint(t))
	attribute := func(name string) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeTypeS}
	}
	index := types.GlobalSecondaryIndex{
		IndexName:  aws.String("open"),
		KeySchema:  []types.KeySchemaElement{{AttributeName: aws.String("openShard"), KeyType: types.KeyTypeHash}},
		Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
	}
	for name, c := range map[string]struct {
		key     string
		indexes []types.GlobalSecondaryIndex
		stream  types.StreamViewType
		says    string
	}{
		"another key":    {"id", []types.GlobalSecondaryIndex{index}, types.StreamViewTypeNewAndOldImages, "pk"},
		"no index":       {"pk", nil, types.StreamViewTypeNewAndOldImages, "open"},
		"no stream":      {"pk", []types.GlobalSecondaryIndex{index}, "", "stream"},
		"half the image": {"pk", []types.GlobalSecondaryIndex{index}, types.StreamViewTypeNewImage, "stream"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table := anotherName(t, client)
			input := &dynamodb.CreateTableInput{
				TableName: aws.String(table), BillingMode: types.BillingModePayPerRequest,
				AttributeDefinitions:   []types.AttributeDefinition{attribute(c.key)},
				KeySchema:              []types.KeySchemaElement{{AttributeName: aws.String(c.key), KeyType: types.KeyTypeHash}},
				GlobalSecondaryIndexes: c.indexes,
			}
			if len(c.indexes) > 0 {
				input.AttributeDefinitions = append(input.AttributeDefinitions, attribute("openShard"))
			}
			if c.stream != "" {
				input.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: c.stream}
			}
			if _, err := client.CreateTable(t.Context(), input); err != nil {
				t.Fatal(err)
			}
			wait := dynamodb.NewTableExistsWaiter(client)
			if err := wait.Wait(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(table)}, time.Minute); err != nil {
				t.Fatal(err)
			}
			_, err := dynamo.EnsureTable(t.Context(), client, table)
			if !errors.Is(err, dynamo.ErrOtherTable) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
		})
	}
}
