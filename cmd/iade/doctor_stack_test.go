package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"

	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// stackXML is a stack as CloudFormation describes it.
func stackXML(status string, pairs ...string) string {
	parameters, outputs := "", ""
	for i := 0; i+1 < len(pairs); i += 2 {
		parameters += "<member><ParameterKey>" + pairs[i] + "</ParameterKey><ParameterValue>" + pairs[i+1] + "</ParameterValue></member>"
	}
	for name, value := range map[string]string{"TableName": "shop-Table-1X", "JournalTableName": "shop-JournalTable-1X", "IyzicoSecretArn": "arn:aws:secretsmanager:::secret:1"} {
		outputs += "<member><OutputKey>" + name + "</OutputKey><OutputValue>" + value + "</OutputValue></member>"
	}
	return `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member><StackName>shop</StackName>` +
		`<CreationTime>2031-01-01T00:00:00Z</CreationTime><StackStatus>` + status + `</StackStatus><Parameters>` + parameters + `</Parameters><Outputs>` + outputs +
		`</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`
}

const noSuchStackXML = `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id shop does not exist</Message></Error></ErrorResponse>`

// metricsCBOR is what CloudWatch counted: a value a minute ago for each metric, or so long ago.
func metricsCBOR(ago time.Duration, values map[string]float64) string {
	at := &cbor.Tag{ID: 1, Value: cbor.Float64(float64(time.Now().Add(-ago).Unix()))}
	var results cbor.List
	for id, value := range values {
		results = append(results, cbor.Map{"Id": cbor.String(id), "Timestamps": cbor.List{at}, "Values": cbor.List{cbor.Float64(value)}})
	}
	return string(cbor.Encode(cbor.Map{"MetricDataResults": results}))
}

func alarmsCBOR(descriptions ...string) string {
	alarms := cbor.List{}
	for _, d := range descriptions {
		alarms = append(alarms, cbor.Map{"AlarmDescription": cbor.String(d)})
	}
	return string(cbor.Encode(cbor.Map{"MetricAlarms": alarms}))
}

// account is AWS as the doctor asks it, by the names of the calls, which it counts.
type account struct {
	url   string
	mu    sync.Mutex
	calls map[string]int
}

func (a *account) called(action string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.calls[action]
}

func newAccount(t *testing.T, changed map[string]string) *account {
	t.Helper()
	answers := map[string]string{
		"DescribeStacks":            stackXML("UPDATE_COMPLETE", "NewMoney", "on", "IyzicoBaseUrl", "https://api.iyzipay.com"),
		"DescribeSecret":            `{"VersionIdsToStages":{"v1":["AWSCURRENT"]}}`,
		"DescribeTable":             `{"Table":{"TableName":"shop-Table-1X","StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_AND_OLD_IMAGES"}}}`,
		"DescribeContinuousBackups": `{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED","PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"ENABLED"}}}`,
		"GetQueueUrl":               `{"QueueUrl":"https://queue.example.com/shop-dead"}`,
		"GetQueueAttributes":        `{"Attributes":{"ApproximateNumberOfMessages":"0"}}`,
		"GetMetricData":             metricsCBOR(time.Minute, map[string]float64{"passes": 60, "due": 2, "published": 2}),
		"DescribeAlarms":            alarmsCBOR(),
	}
	for action, body := range changed {
		answers[action] = body
	}
	a := &account{calls: map[string]int{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target := r.Header.Get("X-Amz-Target")
		action := target[strings.LastIndex(target, ".")+1:]
		switch {
		case r.Header.Get("Smithy-Protocol") != "":
			action = path.Base(r.URL.Path)
			w.Header().Set("Smithy-Protocol", r.Header.Get("Smithy-Protocol"))
			w.Header().Set("Content-Type", "application/cbor")
		case target == "":
			action = r.FormValue("Action")
		}
		a.mu.Lock()
		a.calls[action]++
		a.mu.Unlock()
		body := answers[action]
		if !strings.Contains(r.Header.Get("Authorization"), "AKIDEXAMPLE/") || body == "" || strings.Contains(body, "__type") || strings.Contains(body, "ErrorResponse") {
			w.WriteHeader(http.StatusBadRequest)
		}
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

// operator is the environment of somebody who may look at the account.
func (a *account) operator() func(string) string {
	return environment("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY", "canary", "AWS_REGION", "eu-central-1", "AWS_ENDPOINT_URL_DYNAMODB", a.url,
		"AWS_ENDPOINT_URL_SQS", a.url, "AWS_ENDPOINT_URL", a.url)
}

const denied = `{"__type":"AccessDeniedException","message":"arn:aws:iam::123456789012"}`

func TestTheDoctorLooksAtAStack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		changed map[string]string
		args    []string
		want    string
		well    bool
	}{
		"all well":         {want: "ok         queues", well: true},
		"no such stack":    {changed: map[string]string{"DescribeStacks": noSuchStackXML}, want: "there is no stack shop"},
		"may not be seen":  {changed: map[string]string{"DescribeStacks": `<ErrorResponse><Error><Code>AccessDenied</Code><Message>123456789012</Message></Error></ErrorResponse>`}, want: "AWS did not answer cloudformation:DescribeStacks"},
		"taken back":       {changed: map[string]string{"DescribeStacks": stackXML("UPDATE_ROLLBACK_COMPLETE")}, want: "the last change was taken back"},
		"stuck":            {changed: map[string]string{"DescribeStacks": stackXML("UPDATE_ROLLBACK_FAILED")}, want: "takes no change any more"},
		"switched off":     {changed: map[string]string{"DescribeStacks": stackXML("UPDATE_COMPLETE", "NewMoney", "off")}, want: "new money is switched off"},
		"no keys yet":      {changed: map[string]string{"DescribeSecret": `{"Name":"s"}`}, want: "PROBLEM    stack's keys the secret of iyzico's keys is empty"},
		"a closed secret":  {changed: map[string]string{"DescribeSecret": denied}, want: "AWS did not answer secretsmanager:DescribeSecret"},
		"no stream":        {changed: map[string]string{"DescribeTable": `{"Table":{}}`}, want: "no event is published"},
		"half a stream":    {changed: map[string]string{"DescribeTable": `{"Table":{"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"}}}`}, want: "no event is published"},
		"no recovery":      {changed: map[string]string{"DescribeContinuousBackups": `{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED"}}`}, want: "enable point-in-time recovery"},
		"a closed table":   {changed: map[string]string{"DescribeTable": denied}, want: "AWS did not answer dynamodb:DescribeTable"},
		"closed backups":   {changed: map[string]string{"DescribeContinuousBackups": denied}, want: "AWS did not answer dynamodb:DescribeContinuousBackups"},
		"dead letters":     {changed: map[string]string{"GetQueueAttributes": `{"Attributes":{"ApproximateNumberOfMessages":"3"}}`}, want: "3 in the queue shop-refund-dead"},
		"no such queue":    {changed: map[string]string{"GetQueueUrl": `{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no"}`}, want: "there is no queue shop-refund-dead"},
		"a closed queue":   {changed: map[string]string{"GetQueueUrl": denied}, want: "AWS did not answer sqs:GetQueueUrl"},
		"no number":        {changed: map[string]string{"GetQueueAttributes": `{"Attributes":{}}`}, want: "AWS did not answer sqs:GetQueueAttributes"},
		"no pass":          {changed: map[string]string{"GetMetricData": metricsCBOR(time.Minute, nil)}, want: "PROBLEM    reconciler   no pass for ten minutes"},
		"an old pass":      {changed: map[string]string{"GetMetricData": metricsCBOR(11*time.Minute, map[string]float64{"passes": 40})}, want: "PROBLEM    reconciler   no pass for ten minutes"},
		"keys refused":     {changed: map[string]string{"GetMetricData": metricsCBOR(time.Minute, map[string]float64{"passes": 60, "refused": 3})}, want: "iyzico refused the keys 3 times in the last hour"},
		"the limit":        {changed: map[string]string{"GetMetricData": metricsCBOR(time.Minute, map[string]float64{"passes": 60, "waits": 7})}, want: "PROBLEM    limits       7 calls waited"},
		"a limit is near":  {changed: map[string]string{"GetMetricData": metricsCBOR(time.Minute, map[string]float64{"passes": 60, "used": 80})}, want: "PROBLEM    limits       80 % of your own limit is used"},
		"a limit is full":  {changed: map[string]string{"GetMetricData": metricsCBOR(time.Minute, map[string]float64{"passes": 60, "used": 100})}, want: "PROBLEM    limits       your own limit is reached"},
		"a limit has room": {changed: map[string]string{"GetMetricData": metricsCBOR(time.Minute, map[string]float64{"passes": 60, "used": 79})}, want: "ok         alarms", well: true},
		"nothing goes out": {changed: map[string]string{"GetMetricData": metricsCBOR(time.Minute, map[string]float64{"passes": 60, "due": 4})}, want: "PROBLEM    events       4 changes became due"},
		"forged notices":   {changed: map[string]string{"GetMetricData": metricsCBOR(time.Minute, map[string]float64{"passes": 60, "forged": 4})}, want: "PROBLEM    webhook      4 notices came in the last two weeks, and not one verified"},
		"notices":          {changed: map[string]string{"GetMetricData": metricsCBOR(time.Minute, map[string]float64{"passes": 60, "forged": 4, "verified": 2})}, want: "ok         webhook      2 notices", well: true},
		"no notices":       {want: "not seen   webhook      no notice", well: true},
		"closed metrics":   {changed: map[string]string{"GetMetricData": string(cbor.Encode(cbor.Map{"__type": cbor.String("AccessDenied")}))}, want: "AWS did not answer cloudwatch:GetMetricData"},
		"alarms": {changed: map[string]string{"DescribeAlarms": alarmsCBOR("It waits. docs/operate.md#needs-review", "docs/operate.md#slow-answers", "somebody else's")},
			want: "PROBLEM    alarms       2 sound: needs-review, slow-answers"},
		"closed alarms":          {changed: map[string]string{"DescribeAlarms": string(cbor.Encode(cbor.Map{"__type": cbor.String("AccessDenied")}))}, want: "AWS did not answer cloudwatch:DescribeAlarms"},
		"keys of another world":  {args: []string{"-keys"}, changed: map[string]string{"GetSecretValue": `{"SecretString":"{\"apiKey\":\"sandbox-canary\",\"secretKey\":\"canary\"}"}`}, want: "a sandbox key stands beside iyzico's live address"},
		"keys of another form":   {args: []string{"-keys"}, changed: map[string]string{"GetSecretValue": `{"SecretString":"canary"}`}, want: "the secret has not the form of keys"},
		"keys that may not read": {args: []string{"-keys"}, changed: map[string]string{"GetSecretValue": denied}, want: "AWS did not answer secretsmanager:GetSecretValue"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			aws := newAccount(t, c.changed)
			code, out, errOut := iade(t, ill(t, nil), aws.operator(), append([]string{"doctor", "-stack", "shop"}, c.args...)...)
			if c.well != (code == exitDone) || !strings.Contains(out, c.want) || strings.Contains(out+errOut, "123456789012") || strings.Contains(out+errOut, "canary") {
				t.Errorf("exit %d\n%s%s", code, out, errOut)
			}
			if n := aws.called("GetSecretValue"); (len(c.args) > 0) != (n > 0) {
				t.Errorf("keys were read %d times", n)
			}
		})
	}
	_, out, _ := iade(t, ill(t, nil), none, "doctor", "-stack", "shop")
	has(t, out, "not seen   table        it takes AWS_ACCESS_KEY_ID")
}

// TestTheDoctorTriesKeys with one read at iyzico, those of this environment and those of a stack.
func TestTheDoctorTriesKeys(t *testing.T) {
	t.Parallel()
	fake, err := iyzicotest.New(iyzicotest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for name, c := range map[string]struct {
		url, secret string
		want        string
		well        bool
	}{
		"right":              {server.URL, iyzicotest.DefaultSecretKey, "iyzico takes the keys", true},
		"wrong":              {server.URL, "canary-not-the-key", "iyzico does not take the keys", false},
		"a key that is none": {server.URL, "two\nlines", "iyzico does not take the keys", false},
		"nobody there":       {gone.URL, iyzicotest.DefaultSecretKey, "iyzico gave no answer of use, so the keys were not tried", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			local := environment("IYZICO_API_KEY", iyzicotest.DefaultAPIKey, "IYZICO_SECRET_KEY", c.secret, "IYZICO_BASE_URL", c.url)
			code, out, errOut := iade(t, ill(t, nil), local, "doctor")
			if c.well != (code == exitDone) || !strings.Contains(out, "local keys   "+c.want) || strings.Contains(out+errOut, "canary") {
				t.Errorf("exit %d\n%s%s", code, out, errOut)
			}
			aws := newAccount(t, map[string]string{
				"DescribeStacks": stackXML("UPDATE_COMPLETE", "IyzicoBaseUrl", c.url),
				"GetSecretValue": `{"SecretString":"{\"apiKey\":\"` + iyzicotest.DefaultAPIKey + `\",\"secretKey\":\"` + strings.ReplaceAll(c.secret, "\n", `\\n`) + `\"}"}`,
			})
			code, out, errOut = iade(t, ill(t, nil), aws.operator(), "doctor", "-stack", "shop", "-keys")
			if c.well != (code == exitDone) || !strings.Contains(out, "stack's keys "+c.want) || strings.Contains(out+errOut, "canary") {
				t.Errorf("exit %d\n%s%s", code, out, errOut)
			}
		})
	}
	if n := len(fake.Ledger().Executions("")); n > 0 {
		t.Errorf("trying the keys moved money %d times", n)
	}
}

// TestTheDoctorAsksForNoMoreThanItsPageSays: each call of AWS's is one that the page lists as a permission, and each of these is made.
func TestTheDoctorAsksForNoMoreThanItsPageSays(t *testing.T) {
	t.Parallel()
	aws := newAccount(t, nil)
	iade(t, ill(t, nil), aws.operator(), "doctor", "-stack", "shop", "-keys")
	page, err := os.ReadFile("../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(page), "it needs the permissions ")
	text, _, _ = strings.Cut(text, "\n\n")
	if !found {
		t.Fatal("the page lists no permissions")
	}
	listed := map[string]bool{}
	for _, match := range regexp.MustCompile("`[a-z]+:([A-Za-z]+)`").FindAllStringSubmatch(text, -1) {
		listed[match[1]] = true
		if aws.called(match[1]) == 0 {
			t.Errorf("the doctor never calls %s", match[1])
		}
	}
	for action := range aws.calls {
		if !listed[action] {
			t.Errorf("the page does not say that the doctor calls %s", action)
		}
	}
}
