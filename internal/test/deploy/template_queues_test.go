package deploy_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/sqsqueue"
	"github.com/iade/iade/internal/store/dynamo"
	"github.com/iade/iade/internal/test/eventschema"
)

// commandQueues are the queues of commands and the functions behind them.
var commandQueues = map[string]struct {
	name, rule  string
	detailTypes []any
}{
	"Refund": {"iade-refund", "RefundRequestedRule", []any{"refund.requested"}},
	"Cancel": {"iade-cancel", "CancelRequestedRule", []any{"cancel.requested", "reversal.requested"}},
}

// TestCommandsReachTheirQueueAndNothingOfOursDoes: an event of iade's own that came back in would be a loop.
func TestCommandsReachTheirQueueAndNothingOfOursDoes(t *testing.T) {
	t.Parallel()
	d := deploy(t, nil)
	rules := d.ofType("AWS::Events::Rule")
	if len(rules) != len(commandQueues) {
		t.Errorf("rules: %v", rules)
	}
	for kind, q := range commandQueues {
		rule := d.properties(q.rule)
		pattern := object{"source": []any{object{"anything-but": []any{payment.EventSource}}}, "detail-type": q.detailTypes}
		if diff := cmp.Diff(any(pattern), rule["EventPattern"]); diff != "" {
			t.Errorf("%s: %s", q.rule, diff)
		}
		targets := []any{object{
			"Id": strings.ToLower(kind) + "-queue", "Arn": kind + "Queue.Arn", "DeadLetterConfig": object{"Arn": kind + "DeadLetterQueue.Arn"},
		}}
		if diff := cmp.Diff(any(targets), rule["Targets"]); diff != "" || rule["EventBusName"] != "EventBus" {
			t.Errorf("%s on %v: %s", q.rule, rule["EventBusName"], diff)
		}
		source := d.properties(kind + "QueueSource")
		if source["EventSourceArn"] != kind+"Queue.Arn" || source["FunctionName"] != kind+"Function.Alias" {
			t.Errorf("%s: %v", kind, source)
		}
		if diff := cmp.Diff(any([]any{"ReportBatchItemFailures"}), source["FunctionResponseTypes"]); diff != "" {
			t.Errorf("%s: one poison message would bring its neighbours back: %s", kind, diff)
		}
		if size := source["BatchSize"].(int); size > 10 || source["ScalingConfig"].(object)["MaximumConcurrency"].(int) > 10 {
			t.Errorf("%s: %v", kind, source)
		}
		if filters, has := source["FilterCriteria"]; has {
			t.Errorf("%s: what the filter %v does not match would be dropped silently", kind, filters)
		}
	}
}

func TestQueuesKeepWhatComesBackAndParkWhatIsPoison(t *testing.T) {
	t.Parallel()
	d := deploy(t, nil)
	for kind, q := range commandQueues {
		queue, dead := d.properties(kind+"Queue"), d.properties(kind+"DeadLetterQueue")
		if queue["QueueName"] != q.name || dead["QueueName"] != q.name+sqsqueue.DeadLetterSuffix {
			t.Errorf("%s: %v and %v: the function finds the second by the first's name", kind, queue["QueueName"], dead["QueueName"])
		}
		timeout := d.functions[kind+"Function"].(object)["Timeout"].(int)
		if queue["VisibilityTimeout"].(int) < 6*timeout {
			t.Errorf("%s: hidden for %v s, the function may take %d", kind, queue["VisibilityTimeout"], timeout)
		}
		if diff := cmp.Diff(any(object{"deadLetterTargetArn": kind + "DeadLetterQueue.Arn", "maxReceiveCount": 1000}), queue["RedrivePolicy"]); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
		from := "arn:aws:sqs:eu-central-1:123456789012:" + q.name
		if diff := cmp.Diff(any(object{"redrivePermission": "byQueue", "sourceQueueArns": []any{from}}), dead["RedriveAllowPolicy"]); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
	queues := d.ofType("AWS::SQS::Queue")
	if len(queues) != 2*len(commandQueues)+1 {
		t.Errorf("queues: %v", queues)
	}
	for _, id := range queues {
		p := d.properties(id)
		if p["SqsManagedSseEnabled"] != true || p["MessageRetentionPeriod"] != 14*24*60*60 {
			t.Errorf("%s: %v", id, p)
		}
	}
}

// Only a queue's own rule may send in EventBridge's name, and nobody without TLS. A queue under two policies has the last.
func TestQueuesTakeTheirRulesEventsOverTLSOnly(t *testing.T) {
	t.Parallel()
	d := deploy(t, nil)
	policies := d.ofType("AWS::SQS::QueuePolicy")
	if len(policies) != 1 {
		t.Fatalf("policies of queues: %v", policies)
	}
	p := d.properties(policies[0])
	if diff := cmp.Diff(d.ofType("AWS::SQS::Queue"), slices.Sorted(slices.Values(texts(p["Queues"].([]any))))); diff != "" {
		t.Errorf("queues (- template, + policy):\n%s", diff)
	}
	arns := func(queues ...string) (all []any) {
		for _, queue := range queues {
			all = append(all, queue+".Arn")
		}
		return all
	}
	want := []any{}
	for _, kind := range []string{"Refund", "Cancel"} {
		want = append(want, object{
			"Sid": "The" + kind + "RuleSends", "Effect": "Allow", "Principal": object{"Service": "events.amazonaws.com"}, "Action": []any{"sqs:SendMessage"},
			"Resource":  arns(kind+"Queue", kind+"DeadLetterQueue"),
			"Condition": object{"ArnEquals": object{"aws:SourceArn": commandQueues[kind].rule + ".Arn"}},
		})
	}
	want = append(want, object{
		"Sid": "TLSOnly", "Effect": "Deny", "Principal": "*", "Action": []any{"sqs:*"},
		"Resource":  arns(texts(p["Queues"].([]any))...),
		"Condition": object{"Bool": object{"aws:SecureTransport": "false"}},
	})
	if diff := cmp.Diff(any(want), p["PolicyDocument"].(object)["Statement"]); diff != "" {
		t.Error(diff)
	}
}

func TestNobodyButThePublishersSpeaksAsIade(t *testing.T) {
	t.Parallel()
	d := deploy(t, nil)
	want := object{
		"Effect": "Deny", "Principal": "*", "Action": "events:PutEvents", "Resource": "EventBus.Arn",
		"Condition": object{
			"StringEquals": object{"events:source": payment.EventSource}, "ArnNotEquals": object{"aws:PrincipalArn": []any{"PublishRole.Arn", "CloseRole.Arn"}},
		},
	}
	if diff := cmp.Diff(any(want), d.properties("EventBusPolicy")["Statement"]); diff != "" {
		t.Error(diff)
	}
	if got := d.ofType("AWS::Events::EventBusPolicy"); len(got) != 1 {
		t.Errorf("other accounts may put events that nobody named: %v", got)
	}
	for _, id := range functionIDs {
		if name := settingsOf(t, d, id)["EVENT_BUS_NAME"]; (name == "EventBus") != (id == "PublishFunction" || id == "CloseFunction") || name != "" && name != "EventBus" {
			t.Errorf("%s publishes on %q", id, name)
		}
	}
	others := deploy(t, everything).properties("OrderSystemsPolicy")["Statement"].(object)
	if diff := cmp.Diff(any(object{"AWS": []any{"210987654321"}}), others["Principal"]); diff != "" || others["Action"] != "events:PutEvents" {
		t.Errorf("%v %s", others, diff)
	}
	commands := object{"StringEquals": object{"events:detail-type": []any{"refund.requested", "cancel.requested", "reversal.requested"}}}
	if diff := cmp.Diff(any(commands), others["Condition"]); diff != "" {
		t.Error(diff)
	}
}

// A record that cannot be published must neither be lost nor hold its shard for longer than the stream keeps records.
func TestTheStreamIsPublishedFromItsBeginningInOrder(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		parameters map[string]string
		stream     string
	}{{nil, "Table.StreamArn"}, {everything, everything["ExistingTableStreamArn"]}} {
		d := deploy(t, x.parameters)
		p := d.properties("PublishStreamSource")
		if p["EventSourceArn"] != x.stream || p["FunctionName"] != "PublishFunction.Alias" || p["StartingPosition"] != "TRIM_HORIZON" || p["BisectBatchOnFunctionError"] != true {
			t.Errorf("%v", p)
		}
		if factor, has := p["ParallelizationFactor"]; has {
			t.Errorf("%v batches of a shard at once", factor)
		}
		if diff := cmp.Diff(any([]any{"ReportBatchItemFailures"}), p["FunctionResponseTypes"]); diff != "" {
			t.Error(diff)
		}
		retries, age := p["MaximumRetryAttempts"].(int), p["MaximumRecordAgeInSeconds"].(int)
		if retries < 10 || retries > 10_000 || age < 60*60 || age >= 24*60*60 {
			t.Errorf("%d retries, %d s", retries, age)
		}
		if diff := cmp.Diff(any(object{"OnFailure": object{"Destination": "PublishDeadLetterQueue.Arn"}}), p["DestinationConfig"]); diff != "" {
			t.Error(diff)
		}
	}
}

func TestDeadLettersAlarm(t *testing.T) {
	t.Parallel()
	alarm := deploy(t, everything).properties("DeadLettersAlarm")
	if diff := cmp.Diff([]any{everything["AlarmTopicArn"]}, alarm["AlarmActions"]); diff != "" {
		t.Error(diff)
	}
	var watched []string
	for _, metric := range alarm["Metrics"].([]any) {
		if stat, ok := metric.(object)["MetricStat"].(object); ok {
			m := stat["Metric"].(object)
			if m["Namespace"] != "AWS/SQS" || m["MetricName"] != "ApproximateNumberOfMessagesVisible" {
				t.Errorf("metric %v", m)
			}
			watched = append(watched, m["Dimensions"].([]any)[0].(object)["Value"].(string))
		}
	}
	slices.Sort(watched)
	if diff := cmp.Diff([]string{"CancelDeadLetterQueue.QueueName", "PublishDeadLetterQueue.QueueName", "RefundDeadLetterQueue.QueueName"}, watched); diff != "" {
		t.Error(diff)
	}
}

// TestTheSampleOfTheStreamIsARecord: `sam local invoke PublishFunction -e events/publish.json`.
func TestTheSampleOfTheStreamIsARecord(t *testing.T) {
	t.Parallel()
	changes := sampleChanges(t)
	data, err := json.Marshal(changes)
	if err != nil {
		t.Fatal(err)
	}
	if len(changes) != 1 || changes[0].DetailType != "refund.succeeded" || changes[0].Detail.ID != refundID {
		t.Errorf("the sample's changes: %s", data)
	}
}

func sampleChanges(t *testing.T) []payment.Change {
	t.Helper()
	data, err := os.ReadFile("events/publish.json")
	if err != nil {
		t.Fatal(err)
	}
	var event events.DynamoDBEvent
	if err := json.Unmarshal(data, &event); err != nil {
		t.Fatal(err)
	}
	var all []payment.Change
	for _, r := range event.Records {
		old, next, _, err := dynamo.Images(dynamo.StreamImage(r.Change.OldImage), dynamo.StreamImage(r.Change.NewImage))
		if err != nil || r.EventSource != "aws:dynamodb" {
			t.Fatalf("%s: %v", r.EventSource, err)
		}
		all = append(all, payment.Changes(old, next)...)
	}
	return all
}

// TestTheSamplesAreWhatTheSchemasSay: what the samples bring and what comes of the stream's sample.
func TestTheSamplesAreWhatTheSchemasSay(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"refund", "cancel"} {
		for _, file := range []string{"queue", "eventbridge"} {
			data, err := os.ReadFile("events/" + kind + "-" + file + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var batch events.SQSEvent
			if err := json.Unmarshal(data, &batch); err != nil || len(batch.Records) != 1 {
				t.Fatalf("%s: %v", file, err)
			}
			body := []byte(batch.Records[0].Body)
			if file == "queue" {
				err = eventschema.CheckCommand(kind, body)
			} else {
				err = eventschema.Check(body)
			}
			if err != nil {
				t.Errorf("%s-%s.json: %v", kind, file, err)
			}
		}
	}
	for _, c := range sampleChanges(t) {
		event, err := json.Marshal(c.Published())
		if err != nil {
			t.Fatal(err)
		}
		if err := eventschema.Check(event); err != nil {
			t.Error(err)
		}
	}
}
