package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/smithy-go"

	"github.com/iade/iade/internal/config"
	"github.com/iade/iade/internal/secret"
	"github.com/iade/iade/internal/store/dynamo"
)

// table says which DynamoDB table keeps the accounts. The zero value is none: then the folder keeps them.
type table struct {
	name, endpoint, region  string
	journal                 string // the journal's table
	journalKept             time.Duration
	accessKey               string
	secretKey, sessionToken secret.Text
}

// An engine on this machine checks neither, but requests name a region and are signed.
const (
	loopbackRegion = "eu-west-1"
	loopbackKey    = "local"
)

// loadTable adds what AWS's own variables say. There is no other source of credentials here: no profiles, no instance roles.
func loadTable(s config.Settings, getenv func(string) string) (table, error) {
	if s.TableName == "" && s.DynamoDBEndpoint == "" {
		return table{}, nil
	}
	if s.TableName == "" || s.DynamoDBEndpoint == "" {
		return table{}, errors.New("configuration: TABLE_NAME and AWS_ENDPOINT_URL_DYNAMODB are needed together: set both for DynamoDB, unset both for the store in the folder")
	}
	t := table{
		name: s.TableName, journal: cmp.Or(s.JournalTableName, s.TableName+"-journal"), journalKept: s.JournalKept,
		endpoint: s.DynamoDBEndpoint, region: getenv("AWS_REGION"), accessKey: getenv("AWS_ACCESS_KEY_ID"),
		secretKey: secret.New(getenv("AWS_SECRET_ACCESS_KEY")), sessionToken: secret.New(getenv("AWS_SESSION_TOKEN")),
	}
	if (t.accessKey != "") != t.secretKey.IsSet() {
		return table{}, errors.New("configuration: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are needed together")
	}
	if config.Loopback(t.endpoint) {
		t.region = cmp.Or(t.region, loopbackRegion)
		t.accessKey, t.secretKey = cmp.Or(t.accessKey, loopbackKey), cmp.Or(t.secretKey, secret.New(loopbackKey))
	}
	if t.region == "" || t.accessKey == "" {
		return table{}, fmt.Errorf("configuration: AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are needed for a DynamoDB that is not on loopback (%s)", t.endpoint)
	}
	return t, nil
}

// used tells whether there is a table.
func (t table) used() bool { return t.name != "" }

func (t table) credentials(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: t.accessKey, SecretAccessKey: t.secretKey.Reveal(), SessionToken: t.sessionToken.Reveal()}, nil
}

// client talks to the table through httpClient.
func (t table) client(httpClient *http.Client) *dynamodb.Client {
	return dynamo.NewClient(t.region, t.endpoint, aws.CredentialsProviderFunc(t.credentials), func(o *dynamodb.Options) {
		o.HTTPClient = httpClient
	})
}

// streamClient talks to the table's stream: an engine serves it at the table's address, AWS at the region's own.
func (t table) streamClient(httpClient *http.Client) *dynamodbstreams.Client {
	options := dynamodbstreams.Options{
		Region: t.region, Credentials: aws.CredentialsProviderFunc(t.credentials), HTTPClient: httpClient,
	}
	if !servedByAWS(t.endpoint) {
		options.BaseEndpoint = aws.String(t.endpoint)
	}
	return dynamodbstreams.New(options)
}

// servedByAWS tells by the name whether an endpoint is one of AWS's own, in any partition and also in a VPC.
func servedByAWS(endpoint string) bool {
	u, err := url.Parse(endpoint)
	return err == nil && slices.ContainsFunc([]string{".amazonaws.com", ".amazonaws.com.cn", ".api.aws"}, func(domain string) bool {
		return strings.HasSuffix(u.Hostname(), domain)
	})
}

// mayReset refuses to forget what is in the folder while the table remembers: the fake would know nothing of refunds that
// the table holds.
func (t table) mayReset(ctx context.Context) error {
	httpClient := dynamo.HTTPClient()
	defer httpClient.CloseIdleConnections()
	empty, err := dynamo.IsEmpty(ctx, t.client(httpClient), t.name)
	if err != nil {
		return t.explain(err)
	}
	if !empty {
		return fmt.Errorf("-reset empties the folder and never a table, and table %s is not empty: delete it, or choose another with TABLE_NAME", t.name)
	}
	return nil
}

// explain shortens what the SDK says of its attempts to what the user can do something about.
func (t table) explain(err error) error {
	var request *url.Error
	var answer smithy.APIError
	var unread *smithy.DeserializationError
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, dynamo.ErrOtherTable):
		return fmt.Errorf("%w: choose another with TABLE_NAME", err)
	case errors.As(err, &request):
		return fmt.Errorf("no DynamoDB answers at %s: %w: see AWS_ENDPOINT_URL_DYNAMODB", t.endpoint, request.Err)
	case errors.As(err, &answer):
		return fmt.Errorf("DynamoDB at %s refuses table %s: %s: %s: see AWS_ENDPOINT_URL_DYNAMODB and TABLE_NAME",
			t.endpoint, t.name, answer.ErrorCode(), answer.ErrorMessage())
	case errors.As(err, &unread):
		return fmt.Errorf("what answers at %s is no DynamoDB: %w: see AWS_ENDPOINT_URL_DYNAMODB", t.endpoint, unread.Err)
	}
	return fmt.Errorf("use table %s at %s: %w", t.name, t.endpoint, err)
}
