package deploy_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/iade/iade/internal/store/dynamo"
)

// created records what dynamo.CreateTable, or CreateJournal, asks DynamoDB for, by operation.
func created(t *testing.T, create func(context.Context, *dynamodb.Client, string) error) map[string]object {
	t.Helper()
	var mu sync.Mutex
	asked := map[string]object{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		var input object
		if err := json.NewDecoder(r.Body).Decode(&input); err != nil {
			t.Errorf("%s: %v", operation, err)
		}
		mu.Lock()
		asked[operation] = input
		mu.Unlock()
		answer := map[string]string{
			"DescribeTable":      `{"Table":{"TableStatus":"ACTIVE"}}`,
			"DescribeTimeToLive": `{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}}`,
		}[operation]
		if answer == "" {
			answer = "{}"
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	credentials := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
	})
	if err := create(t.Context(), dynamo.NewClient("eu-central-1", server.URL, credentials), "iade"); err != nil {
		t.Fatal(err)
	}
	return asked
}

// What the tests run on must be what is deployed.
func TestTheTemplatesTableIsTheOneThatCreateTableMakes(t *testing.T) {
	t.Parallel()
	table := deploy(t, nil).properties("Table")
	asked := created(t, dynamo.CreateTable)
	create := asked["CreateTable"]
	for _, name := range []string{"BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes"} {
		if diff := cmp.Diff(create[name], table[name]); diff != "" {
			t.Errorf("%s (- code, + template):\n%s", name, diff)
		}
	}
	stream := create["StreamSpecification"].(object)
	if stream["StreamEnabled"] != true {
		t.Error("CreateTable enables no stream")
	}
	delete(stream, "StreamEnabled") // CloudFormation has no such member: the view type enables it
	if diff := cmp.Diff(stream, table["StreamSpecification"]); diff != "" {
		t.Errorf("stream (- code, + template):\n%s", diff)
	}
	if diff := cmp.Diff(asked["UpdateTimeToLive"]["TimeToLiveSpecification"], table["TimeToLiveSpecification"]); diff != "" {
		t.Errorf("TTL (- code, + template):\n%s", diff)
	}
}

func TestTheTemplatesJournalIsTheOneThatCreateJournalMakes(t *testing.T) {
	t.Parallel()
	table := deploy(t, nil).properties("JournalTable")
	asked := created(t, dynamo.CreateJournal)
	for _, name := range []string{"BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes"} {
		if diff := cmp.Diff(asked["CreateTable"][name], table[name]); diff != "" {
			t.Errorf("%s (- code, + template):\n%s", name, diff)
		}
	}
	if _, has := table["StreamSpecification"]; has {
		t.Error("the journal has a stream that nobody reads")
	}
	if diff := cmp.Diff(asked["UpdateTimeToLive"]["TimeToLiveSpecification"], table["TimeToLiveSpecification"]); diff != "" {
		t.Errorf("TTL (- code, + template):\n%s", diff)
	}
	for id, has := range map[string]bool{"StatusFunction": true, "PublishFunction": true, "RefundFunction": false, "BalanceCallbackFunction": false} {
		settings := settingsOf(t, deploy(t, map[string]string{"JournalRetentionDays": "4000"}), id)
		if (settings["JOURNAL_TABLE_NAME"] == "JournalTable") != has || settings["JOURNAL_RETENTION_DAYS"] != "4000" {
			t.Errorf("%s: journal %q, kept %q days", id, settings["JOURNAL_TABLE_NAME"], settings["JOURNAL_RETENTION_DAYS"])
		}
	}
}

func TestTheTableIsProtectedAndOutlivesTheStack(t *testing.T) {
	t.Parallel()
	d := deploy(t, nil)
	for _, id := range []string{"Table", "JournalTable", "IyzicoSecret", "CallbackStateSecret"} {
		r := d.resources[id].(object)
		// A table that was made for a stack that then failed stays too, because its protection forbids CloudFormation to remove it.
		want := map[bool]string{true: "Retain", false: "RetainExceptOnCreate"}[strings.HasSuffix(id, "Table")]
		if r["DeletionPolicy"] != want || r["UpdateReplacePolicy"] != "Retain" {
			t.Errorf("%s: %v, %v", id, r["DeletionPolicy"], r["UpdateReplacePolicy"])
		}
	}
	for _, id := range d.ofType("AWS::DynamoDB::Table") {
		table := d.properties(id)
		if table["DeletionProtectionEnabled"] != true {
			t.Errorf("%s: no deletion protection", id)
		}
		recovery := table["PointInTimeRecoverySpecification"].(object)
		if recovery["PointInTimeRecoveryEnabled"] != true || recovery["RecoveryPeriodInDays"] != 35 {
			t.Errorf("%s: point in time recovery: %v", id, recovery)
		}
		if diff := cmp.Diff(any(object{"SSEEnabled": true}), table["SSESpecification"]); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
	}
}

func TestAnExistingTableTakesThePlaceOfANewOne(t *testing.T) {
	t.Parallel()
	d := deploy(t, map[string]string{"ExistingTable": "kept", "ExistingTableStreamArn": everything["ExistingTableStreamArn"]})
	if made := d.ofType("AWS::DynamoDB::Table"); !slices.Equal(made, []string{"JournalTable"}) {
		t.Errorf("made beside it: %v", made)
	}
	for _, id := range functionIDs {
		if name := settingsOf(t, d, id)["TABLE_NAME"]; name != "kept" {
			t.Errorf("%s uses table %s", id, name)
		}
	}
}

func TestTheMerchantsKeyEncryptsTableSecretsAndLogs(t *testing.T) {
	t.Parallel()
	key := everything["KmsKeyArn"]
	with, without := deploy(t, map[string]string{"KmsKeyArn": key}), deploy(t, nil)
	if diff := cmp.Diff(any(object{"SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": key}), with.properties("Table")["SSESpecification"]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(with.properties("Table")["SSESpecification"], with.properties("JournalTable")["SSESpecification"]); diff != "" {
		t.Error(diff)
	}
	ids := append(with.ofType("AWS::Logs::LogGroup"), with.ofType("AWS::SecretsManager::Secret")...)
	for _, id := range ids {
		if with.properties(id)["KmsKeyId"] != key {
			t.Errorf("%s: key %v", id, with.properties(id)["KmsKeyId"])
		}
		if own, has := without.properties(id)["KmsKeyId"]; has {
			t.Errorf("%s has a key that nobody gave: %v", id, own)
		}
	}
	if len(ids) != len(functionIDs)+1+2 {
		t.Errorf("log groups and secrets: %v", ids)
	}
}

func TestEveryFunctionLogsToAGroupOfItsOwnWithRetention(t *testing.T) {
	t.Parallel()
	d := deploy(t, map[string]string{"LogRetentionDays": "30", "LogLevel": "WARN"})
	seen := map[any]string{}
	for _, id := range functionIDs {
		logging := d.functions[id].(object)["LoggingConfig"].(object)
		group := logging["LogGroup"].(string)
		if typeOf(d.resources[group]) != "AWS::Logs::LogGroup" {
			t.Fatalf("%s logs to %s", id, group)
		}
		if other := seen[group]; other != "" {
			t.Errorf("%s and %s share a log group", id, other)
		}
		seen[group] = id
		if logging["LogFormat"] != "JSON" || logging["ApplicationLogLevel"] != "DEBUG" || settingsOf(t, d, id)["LOG_LEVEL"] != "WARN" {
			t.Errorf("%s: %v", id, logging)
		}
	}
	names := map[any]bool{}
	for _, id := range d.ofType("AWS::Logs::LogGroup") {
		p := d.properties(id)
		if p["RetentionInDays"] != "30" {
			t.Errorf("%s keeps lines for %v days", id, p["RetentionInDays"])
		}
		if names[p["LogGroupName"]] {
			t.Errorf("two log groups are named %v", p["LogGroupName"])
		}
		names[p["LogGroupName"]] = true
	}
}

// Costs and owners are found by the tag, so everything that can carry one does.
func TestEverythingThatCanBeTaggedIs(t *testing.T) {
	t.Parallel()
	untaggable := map[string]bool{
		"AWS::ApiGatewayV2::Route": true, "AWS::ApiGatewayV2::Integration": true, "AWS::ApiGatewayV2::Authorizer": true,
		"AWS::Lambda::Permission": true, "AWS::ApiGatewayV2::ApiMapping": true, "AWS::Route53::RecordSet": true, "AWS::Scheduler::Schedule": true,
		"AWS::IAM::ManagedPolicy": true, "AWS::CloudWatch::Dashboard": true, "AWS::SQS::QueuePolicy": true, "AWS::Events::Rule": true, "AWS::Events::EventBusPolicy": true,
		"AWS::AppConfig::HostedConfigurationVersion": true,
	}
	for _, parameters := range []map[string]string{nil, everything} {
		d := deploy(t, parameters)
		for id, resource := range d.resources {
			p := properties(resource)
			if own, isFunction := d.functions[id].(object); isFunction {
				p = own
			}
			want := any(object{"application": "iade"})
			if _, isList := p["Tags"].([]any); isList {
				want = []any{object{"Key": "application", "Value": "iade"}}
			}
			if !untaggable[typeOf(resource)] && !cmp.Equal(want, p["Tags"]) {
				t.Errorf("%s: tags %v", id, p["Tags"])
			}
		}
	}
}

// The key of the callback's state is made by the stack: nobody has to think of one, and none is in the template.
func TestNoSecretStandsInTheTemplate(t *testing.T) {
	t.Parallel()
	d := deploy(t, nil)
	for _, id := range d.ofType("AWS::SecretsManager::Secret") {
		if text, has := d.properties(id)["SecretString"]; has {
			t.Errorf("%s holds %v", id, text)
		}
	}
	generated := d.properties("CallbackStateSecret")["GenerateSecretString"].(object)
	if generated["GenerateStringKey"] != "key" || generated["PasswordLength"].(int) < 43 {
		t.Errorf("the callback's key: %v", generated)
	}
}
