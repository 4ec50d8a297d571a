package dynamo_test

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/store/dynamo"
	"github.com/iade/iade/internal/test/storetest"
)

// lambdaImage writes an item as Lambda passes it in a stream record, and reads it as a function does.
func lambdaImage(t *testing.T, item map[string]types.AttributeValue) map[string]events.DynamoDBAttributeValue {
	t.Helper()
	wire := map[string]map[string]any{}
	for name, value := range item {
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			wire[name] = map[string]any{"S": v.Value}
		case *types.AttributeValueMemberN:
			wire[name] = map[string]any{"N": v.Value}
		case *types.AttributeValueMemberB:
			wire[name] = map[string]any{"B": v.Value}
		}
	}
	data, err := json.Marshal(wire)
	if err != nil {
		t.Fatal(err)
	}
	var image map[string]events.DynamoDBAttributeValue
	if err := json.Unmarshal(data, &image); err != nil {
		t.Fatal(err)
	}
	return image
}

func stored(t *testing.T, table table, key string) map[string]types.AttributeValue {
	t.Helper()
	out, err := table.client.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String(table.name), ConsistentRead: aws.Bool(true),
		Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: key}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item
}

func TestStoredItemsAreReadFromTableAndStream(t *testing.T) {
	t.Parallel()
	s, _, table := newStore(t)
	for _, want := range []payment.Account{
		storetest.Full(t, "PAYMENT#1"), storetest.Full(t, "FUND#fp_1"),
		storetest.Largest("PAYMENT#2", 100), // stored compressed
	} {
		save(t, s, want)
		item := stored(t, table, string(want.ID))
		for name, attribute := range map[string]dynamo.Attribute{
			"table": dynamo.Item(item), "stream": dynamo.StreamImage(lambdaImage(t, item)),
		} {
			got, ok, err := dynamo.DecodeItem(attribute)
			if err != nil || !ok {
				t.Fatalf("%s of %s: %v, %v", name, want.ID, ok, err)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s of %s:\n%s", name, want.ID, diff)
			}
		}
	}
}

func TestWhatIsNoAccountIsPassedOver(t *testing.T) {
	t.Parallel()
	s, _, table := newStore(t)
	if _, err := s.Take(t.Context(), "refund", due, 1); err != nil {
		t.Fatal(err)
	}
	counter := stored(t, table, "QUOTA#refund#2031-01-02T03:04Z")
	if n, ok := counter["expiresAt"].(*types.AttributeValueMemberN); !ok || n.Value != "1925093040" {
		t.Errorf("the counter is kept until %v", counter["expiresAt"])
	}
	for name, attribute := range map[string]dynamo.Attribute{
		"counter in the table":  dynamo.Item(counter),
		"counter in the stream": dynamo.StreamImage(lambdaImage(t, counter)),
		"absent item":           dynamo.Item(nil),
		"absent image":          dynamo.StreamImage(nil),
	} {
		if a, ok, err := dynamo.DecodeItem(attribute); ok || err != nil {
			t.Errorf("%s: %v, %v, %v", name, a.ID, ok, err)
		}
	}
}

func TestAnUnreadableAccountIsAnError(t *testing.T) {
	t.Parallel()
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	for name, account := range map[string]types.AttributeValue{
		"absent":               nil,
		"another type":         &types.AttributeValueMemberN{Value: "1"},
		"no JSON":              text("{"),
		"a newer form":         text(`{"f":3,"id":"PAYMENT#1","v":1}`),
		"another account":      text(`{"f":1,"id":"PAYMENT#2","v":1}`),
		"packed, but not gzip": &types.AttributeValueMemberB{Value: []byte("{}")},
	} {
		item := map[string]types.AttributeValue{"pk": text("PAYMENT#1")}
		if account != nil {
			item["account"] = account
		}
		if _, ok, err := dynamo.DecodeItem(dynamo.Item(item)); ok || err == nil {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
	}
}
