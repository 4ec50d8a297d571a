package deploy_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/iade/iade/internal/test/dynamotest"
)

// engineVariable tells the stand-in for the AWS CLI where DynamoDB is.
const engineVariable = "IADE_STAND_IN_ENGINE"

// dynamodbCall is `aws dynamodb` on the engine. What it knows nothing of (backups, protection) is noted. A restored table has, as
// AWS says, its items and indexes and nothing else: no stream, no expiry.
func (s *stackFile) dynamodbCall(arguments []string) (string, error) {
	ctx, client := context.Background(), dynamotest.Client(nil, os.Getenv(engineVariable))
	name := aws.String(option(arguments, "--table-name"))
	switch call := arguments[1]; {
	case call == "describe-table":
		out, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: name})
		if err != nil {
			return "", err
		}
		said := string(out.Table.TableStatus)
		switch query := option(arguments, "--query"); {
		case strings.Contains(query, "IndexStatus"):
			said = string(out.Table.GlobalSecondaryIndexes[0].IndexStatus)
		case strings.HasSuffix(query, "LatestStreamArn"):
			said = cmp.Or(aws.ToString(out.Table.LatestStreamArn), "None")
		}
		return said + "\n", nil
	case call == "restore-table-to-point-in-time":
		return "{}\n", restored(ctx, client, option(arguments, "--source-table-name"), option(arguments, "--target-table-name"))
	case call == "update-table" && slices.Contains(arguments, "--deletion-protection-enabled"):
		return "{}\n", nil
	case call == "update-table" && option(arguments, "--stream-specification") == "StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES":
		_, err := client.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: name, StreamSpecification: &types.StreamSpecification{
			StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages,
		}})
		return "{}\n", err
	case call == "describe-time-to-live":
		out, err := client.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: name})
		if err != nil {
			return "", err
		}
		return string(out.TimeToLiveDescription.TimeToLiveStatus) + "\n", nil
	case call == "update-time-to-live" && option(arguments, "--time-to-live-specification") == "Enabled=true,AttributeName=expiresAt":
		_, err := client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: name, TimeToLiveSpecification: &types.TimeToLiveSpecification{
			Enabled: aws.Bool(true), AttributeName: aws.String("expiresAt"),
		}})
		return "{}\n", err
	case call == "update-continuous-backups":
		return "{}\n", nil
	}
	return "", fmt.Errorf("the stand-in knows no such call: aws %q", arguments)
}

// restored makes a table of the same keys, index and items.
func restored(ctx context.Context, client *dynamodb.Client, source, target string) error {
	was, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &source})
	if err != nil {
		return err
	}
	index := was.Table.GlobalSecondaryIndexes[0]
	_, err = client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: &target, AttributeDefinitions: was.Table.AttributeDefinitions, KeySchema: was.Table.KeySchema, BillingMode: types.BillingModePayPerRequest,
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{IndexName: index.IndexName, KeySchema: index.KeySchema, Projection: index.Projection}},
	})
	if err != nil {
		return err
	}
	items, err := client.Scan(ctx, &dynamodb.ScanInput{TableName: &source})
	if err != nil {
		return err
	}
	for _, item := range items.Items {
		if _, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &target, Item: item}); err != nil {
			return err
		}
	}
	return nil
}

// restoring is a stack whose new money is switched off.
func restoring(source string) stackFile {
	return stackFile{
		Name: "shop", Status: "UPDATE_COMPLETE", Order: []string{"NewMoney", "SettleWindow", "ExistingTable", "ExistingTableStreamArn", "TableRestoredAt"},
		Parameters: map[string]string{"NewMoney": "off", "SettleWindow": "90m", "ExistingTable": "", "ExistingTableStreamArn": "", "TableRestoredAt": ""},
		Outputs:    map[string]string{"TableName": source},
	}
}

// TestARestoredTableHasAllThatATableNeedsBeforeItIsUsed rehearses ops/restore.sh on the engine, twice: the second time is after it
// was broken off.
func TestARestoredTableHasAllThatATableNeedsBeforeItIsUsed(t *testing.T) {
	t.Parallel()
	endpoint := dynamotest.Endpoint(t)
	client := dynamotest.Client(t, endpoint)
	source := dynamotest.Table(t, client)
	target := source + "-restored"
	t.Cleanup(func() {
		_, _ = client.DeleteTable(context.WithoutCancel(t.Context()), &dynamodb.DeleteTableInput{TableName: &target}) // the engine ends anyway
	})
	item := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "PAYMENT#1"}, "version": &types.AttributeValueMemberN{Value: "7"}}
	if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &source, Item: item}); err != nil {
		t.Fatal(err)
	}
	for _, time := range []string{"the first time", "begun again"} {
		began := now()
		said, after, err := operatedWith(t, restoring(source), map[string]string{engineVariable: endpoint}, "restore.sh", "shop", target)
		if err != nil {
			t.Fatalf("%s: %v\n%s", time, err, said)
		}
		got, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &target, Key: map[string]types.AttributeValue{"pk": item["pk"]}})
		if err != nil || len(got.Item) != len(item) {
			t.Errorf("%s: %v %v", time, got, err)
		}
		made, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &target})
		if err != nil {
			t.Fatal(err)
		}
		if s := made.Table.StreamSpecification; s == nil || s.StreamViewType != types.StreamViewTypeNewAndOldImages {
			t.Errorf("%s: stream %v", time, s)
		}
		ttl, err := client.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: &target})
		if err != nil || aws.ToString(ttl.TimeToLiveDescription.AttributeName) != "expiresAt" {
			t.Errorf("%s: expiry %v %v", time, ttl, err)
		}
		p := after.Parameters
		if p["ExistingTable"] != target || p["ExistingTableStreamArn"] != aws.ToString(made.Table.LatestStreamArn) || p["NewMoney"] != "off" {
			t.Errorf("%s: %v", time, p)
		}
		if at, err := parsed(p["TableRestoredAt"]); err != nil || at.Before(began) {
			t.Errorf("%s: TableRestoredAt %s, begun at %s", time, p["TableRestoredAt"], began)
		}
		// Backups and protection are there, and the window is over, before the stack is changed.
		order := []string{"dynamodb update-continuous-backups", "dynamodb update-table --table-name " + target + " --deletion-protection-enabled", "sleep ", "cloudformation update-stack"}
		at := -1
		for _, step := range order {
			next := slices.IndexFunc(after.Calls, func(call string) bool { return strings.HasPrefix(call, step) })
			if next <= at {
				t.Errorf("%s: %q comes too early or not at all: %q", time, step, after.Calls)
			}
			at = next
		}
		slept, err := strconv.Atoi(strings.TrimPrefix(after.Calls[slices.IndexFunc(after.Calls, func(c string) bool { return strings.HasPrefix(c, "sleep ") })], "sleep "))
		if err != nil || slept < 85*60 || slept > 90*60 {
			t.Errorf("%s: it waited for %d s", time, slept)
		}
	}
}

func TestNothingIsRestoredWhileNewMoneyIsOn(t *testing.T) {
	t.Parallel()
	stack := restoring("iade-table")
	stack.Parameters["NewMoney"] = "on"
	said, after, err := operated(t, stack, "restore.sh", "shop", "iade-restored")
	if err == nil || !strings.Contains(said, "new money is on in shop (first: ops/new-money.sh shop off") || slices.ContainsFunc(after.Calls, func(c string) bool { return strings.HasPrefix(c, "dynamodb") }) {
		t.Errorf("%v\n%s%q", err, said, after.Calls)
	}
	if said, _, err := operated(t, restoring("iade-restored"), "restore.sh", "shop", "iade-restored"); err == nil || !strings.Contains(said, "uses iade-restored already: nothing was changed") {
		t.Errorf("%v\n%s", err, said)
	}
}

// now is this moment in whole seconds, as scripts write it.
func now() time.Time { return time.Now().Truncate(time.Second) }

func parsed(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	if err == nil && at.Location() != time.UTC {
		return at, errors.New("not in UTC")
	}
	return at, err
}
