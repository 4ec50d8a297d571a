package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/iade/iade/internal/test/dynamotest"
)

// onTable is an environment with a table that does not exist yet, on an engine that does, and a client of it. The table
// goes with the test.
func onTable(t *testing.T) (map[string]string, *dynamodb.Client) {
	t.Helper()
	settings := map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": dynamotest.Endpoint(t), "TABLE_NAME": "iade-test-" + rand.Text()}
	for _, name := range []string{"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} {
		settings[name] = os.Getenv(name) // for an endpoint that checks them
	}
	client := dynamotest.Client(t, settings["AWS_ENDPOINT_URL_DYNAMODB"])
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		for _, name := range []string{settings["TABLE_NAME"], settings["TABLE_NAME"] + "-journal"} {
			_, err := client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(name)})
			if absent := new(types.ResourceNotFoundException); err != nil && !errors.As(err, &absent) {
				t.Errorf("delete table %s: %v", name, err)
			}
		}
	})
	return settings, client
}

// asList writes settings as a process takes them.
func asList(settings map[string]string) []string {
	var list []string
	for name, value := range settings {
		list = append(list, name+"="+value)
	}
	return list
}

// TestTheWalkThroughOnATable walks twice, with a restart in between: the table is made once, nothing moves twice, and the
// events go on where they were.
func TestTheWalkThroughOnATable(t *testing.T) {
	t.Parallel()
	settings, client := onTable(t)
	data := t.TempDir()
	var made time.Time
	var moved []execution
	var events []published
	for _, walkedBefore := range []bool{false, true} {
		y, stop := startSystem(t, data, env(settings))
		var out strings.Builder
		if err := walk(t.Context(), printer{w: &out}, y.URL, y.IyzicoURL, walkedBefore); err != nil {
			t.Fatalf("%v\n%s", err, &out)
		}
		described, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(settings["TABLE_NAME"])})
		if err != nil {
			t.Fatal(err)
		}
		movedNow, eventsNow := executions(t, y.IyzicoURL, ""), eventsAfter(t, y.URL, 0)
		if walkedBefore && (!described.Table.CreationDateTime.Equal(made) || !slices.Equal(movedNow, moved) || !goOn(events, eventsNow)) {
			t.Errorf("table of %s and %s; executions %v and %v; events %v and %v",
				made, described.Table.CreationDateTime, moved, movedNow, events, eventsNow)
		}
		made, moved, events = *described.Table.CreationDateTime, movedNow, eventsNow
		stop()
	}
	if _, err := os.Stat(filepath.Join(data, "iade.db")); err == nil {
		t.Error("there is a store in the folder too")
	}
}

// goOn tells whether events go on where they were: what was there stays, the last of before may follow, and none comes twice.
func goOn(before, now []published) bool {
	seen := map[string]bool{}
	for _, e := range now {
		name := fmt.Sprint(e.Detail.ID, e.DetailType, e.Detail.Sequence, e.Time)
		if seen[name] {
			return false
		}
		seen[name] = true
	}
	return len(now) >= len(before) && slices.Equal(now[:len(before)], before)
}

// TestEventsOfATableComeAtLeastOnce loses what was confirmed, as a crash before that does: the same lines come again, in
// order, and no other.
func TestEventsOfATableComeAtLeastOnce(t *testing.T) {
	t.Parallel()
	settings, _ := onTable(t)
	data := t.TempDir()
	y, stop := startSystem(t, data, env(settings))
	for _, key := range []string{"k-1", "k-2", "k-3"} {
		if a := mustCall(t, http.MethodPost, y.URL+"/refunds", key, refundBody); a.status != http.StatusCreated {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	eventually(t, "every event", func() bool { return len(eventsAfter(t, y.URL, 0)) == 3 })
	stop()
	first, err := os.ReadFile(filepath.Join(data, "events.jsonl"))
	if err != nil || strings.Count(string(first), "\n") != 3 {
		t.Fatalf("%v: %s", err, first)
	}
	if err := os.Remove(filepath.Join(data, "stream.json")); err != nil {
		t.Fatal(err)
	}
	y, stop = startSystem(t, data, env(settings))
	eventually(t, "every event again", func() bool { return len(eventsAfter(t, y.URL, 3)) == 3 })
	stop()
	again, err := os.ReadFile(filepath.Join(data, "events.jsonl"))
	if err != nil || string(again) != string(first)+string(first) {
		t.Errorf("%v: %s", err, again)
	}
}

// TestKillInTheMiddleOfRefundsOnATable is the store's kill test with the accounts in DynamoDB.
//
// failure 5, 10: kill -9, with accounts in a table
func TestKillInTheMiddleOfRefundsOnATable(t *testing.T) {
	t.Parallel()
	binary(t, "local") // skips before an engine is started
	settings, _ := onTable(t)
	killInTheMiddle(t, slices.Concat(fastSettings, asList(settings)), 2, 8)
}

// TestWhatAnotherProgramDoesIsPublishedToo: two systems share a table and an iyzico; each publishes all that happens.
func TestWhatAnotherProgramDoesIsPublishedToo(t *testing.T) {
	t.Parallel()
	settings, _ := onTable(t)
	one, _ := startSystem(t, t.TempDir(), env(settings))
	settings["IYZICO_BASE_URL"], settings["IYZICO_API_KEY"], settings["IYZICO_SECRET_KEY"] = one.IyzicoURL, "sandbox-apiKey", "sandbox-secretKey"
	two, _ := startSystem(t, t.TempDir(), env(settings))
	if a := mustCall(t, http.MethodPost, one.URL+"/refunds", "k-1", refundBody); a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := mustCall(t, http.MethodPost, two.URL+"/refunds", "k-1", refundBody); a.status != http.StatusOK {
		t.Errorf("a replay at the other: %d %s", a.status, a.body)
	}
	for _, y := range []*System{one, two} {
		eventually(t, "an event at both", func() bool { return len(eventsAfter(t, y.URL, 0)) == 1 })
	}
}

func TestResetNeverEmptiesATable(t *testing.T) {
	t.Parallel()
	settings, _ := onTable(t)
	s, err := loadSettings(env(settings))
	if err != nil {
		t.Fatal(err)
	}
	o := onPort0(t.TempDir())
	o.reset = true
	y, err := start(t.Context(), o, s, quiet) // an absent table is an empty one
	if err != nil {
		t.Fatal(err)
	}
	if a := mustCall(t, http.MethodPost, y.URL+"/refunds", "k-1", refundBody); a.status != http.StatusCreated {
		t.Errorf("%d %s", a.status, a.body)
	}
	if err := y.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := start(t.Context(), o, s, quiet); err == nil || !strings.Contains(err.Error(), settings["TABLE_NAME"]) ||
		!strings.Contains(err.Error(), "TABLE_NAME") {
		t.Errorf("%v", err)
	}
	y, _ = startSystem(t, o.data, env(settings))
	if a := mustCall(t, http.MethodPost, y.URL+"/refunds", "k-1", refundBody); a.status != http.StatusOK || len(executions(t, y.IyzicoURL, "")) != 1 {
		t.Errorf("after a reset that was refused: %d %s", a.status, a.body)
	}
}

func TestAWrongTableIsOneLine(t *testing.T) {
	t.Parallel()
	noDynamo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, "<html>\n<p>not here</p>")
	}))
	defer noDynamo.Close()
	const endpoint = "AWS_ENDPOINT_URL_DYNAMODB="
	for name, c := range map[string]struct {
		env   []string
		parts []string
	}{
		"no endpoint":       {[]string{"TABLE_NAME=iade"}, []string{"TABLE_NAME", "AWS_ENDPOINT_URL_DYNAMODB"}},
		"no table":          {[]string{endpoint + "http://127.0.0.1:1"}, []string{"TABLE_NAME", "AWS_ENDPOINT_URL_DYNAMODB"}},
		"no origin":         {[]string{"TABLE_NAME=iade", endpoint + "127.0.0.1:1"}, []string{"AWS_ENDPOINT_URL_DYNAMODB"}},
		"nobody listens":    {[]string{"TABLE_NAME=iade", endpoint + "http://127.0.0.1:1"}, []string{"http://127.0.0.1:1", "refused", "AWS_ENDPOINT_URL_DYNAMODB"}},
		"no DynamoDB":       {[]string{"TABLE_NAME=iade", endpoint + noDynamo.URL}, []string{noDynamo.URL, "AWS_ENDPOINT_URL_DYNAMODB"}},
		"one key":           {[]string{"TABLE_NAME=iade", endpoint + "http://127.0.0.1:1", "AWS_SECRET_ACCESS_KEY=canary"}, []string{"AWS_ACCESS_KEY_ID"}},
		"not on loopback":   {[]string{"TABLE_NAME=iade", endpoint + "https://dynamodb.invalid", "AWS_REGION=eu-west-1"}, []string{"AWS_ACCESS_KEY_ID", "dynamodb.invalid"}},
		"away, and a reset": {[]string{"TABLE_NAME=iade", endpoint + "http://127.0.0.1:1", "RESET=1"}, []string{"refused"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := []string{"-data", filepath.Join(t.TempDir(), "data"), "-addr", "127.0.0.1:0", "-iyzico-addr", "127.0.0.1:0"}
			if slices.Contains(c.env, "RESET=1") {
				args = append(args, "-reset")
			}
			refused(t, environment(c.env...), args, c.parts...)
		})
	}
}

func TestWhereATableIsFollowsItsEndpoint(t *testing.T) {
	t.Parallel()
	local, err := loadSettings(env(map[string]string{"TABLE_NAME": "iade", "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:8000"}))
	if err != nil || local.Table.region == "" || local.Table.accessKey == "" || !local.Table.secretKey.IsSet() {
		t.Errorf("an engine here: %+v, %v", local.Table, err)
	}
	if at := local.Table.streamClient(nil).Options().BaseEndpoint; aws.ToString(at) != "http://127.0.0.1:8000" {
		t.Errorf("its streams are at %s", aws.ToString(at))
	}
	for endpoint, want := range map[string]bool{
		"https://dynamodb.cn-north-1.amazonaws.com.cn": true, "https://dynamodb.eu-west-1.api.aws": true,
		"https://vpce-1.dynamodb.eu-west-1.vpce.amazonaws.com": true, "http://amazonaws.com.invalid:8000": false, "http://dynamodb:8000": false,
	} {
		if servedByAWS(endpoint) != want {
			t.Errorf("%s is AWS's: %v", endpoint, !want)
		}
	}
	cloud, err := loadSettings(env(map[string]string{
		"TABLE_NAME": "iade", "AWS_ENDPOINT_URL_DYNAMODB": "https://dynamodb.eu-central-1.amazonaws.com", "AWS_REGION": "eu-central-1",
		"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "canary", "AWS_SESSION_TOKEN": "canary",
	}))
	if err != nil || cloud.Table.region != "eu-central-1" || strings.Contains(fmt.Sprintf("%+v %#v", cloud, cloud), "canary") {
		t.Errorf("AWS: %+v, %v", cloud.Table, err)
	}
	if at := cloud.Table.streamClient(nil).Options().BaseEndpoint; at != nil {
		t.Errorf("its streams are at %s, not at the region's own address", *at)
	}
	given, err := cloud.Table.credentials(t.Context())
	if err != nil || given.AccessKeyID != "id" || given.SecretAccessKey != "canary" || given.SessionToken != "canary" {
		t.Errorf("credentials: %v", err)
	}
	without, err := loadSettings(none)
	if err != nil || without.Table.used() {
		t.Errorf("none: %+v, %v", without.Table, err)
	}
}
