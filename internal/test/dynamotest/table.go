package dynamotest

import (
	"context"
	"crypto/rand"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/iade/iade/internal/store/dynamo"
)

// Client talks to the endpoint as the product's own client does. It takes region and credentials from the environment if
// they are there, for an endpoint that checks them.
func Client(_ testing.TB, endpoint string, changes ...func(*dynamodb.Options)) *dynamodb.Client {
	return newClient(endpoint, changes...)
}

// Table creates an empty table with a name of its own and deletes it with the test.
func Table(t testing.TB, client *dynamodb.Client) string {
	t.Helper()
	return create(t, client, dynamo.CreateTable)
}

// JournalTable is Table for the journal's.
func JournalTable(t testing.TB, client *dynamodb.Client) string {
	t.Helper()
	return create(t, client, dynamo.CreateJournal)
}

func create(t testing.TB, client *dynamodb.Client, make func(context.Context, *dynamodb.Client, string) error) string {
	t.Helper()
	name := "iade-test-" + rand.Text()
	if err := make(t.Context(), client, name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if _, err := client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(name)}); err != nil {
			t.Errorf("delete table %s: %v", name, err)
		}
	})
	return name
}

func region() string {
	if region := os.Getenv("AWS_REGION"); region != "" {
		return region
	}
	return "eu-west-1"
}

func credentials() aws.CredentialsProvider {
	c := aws.Credentials{
		AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken: os.Getenv("AWS_SESSION_TOKEN"),
	}
	if c.AccessKeyID == "" {
		c = aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}
	}
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return c, nil })
}
