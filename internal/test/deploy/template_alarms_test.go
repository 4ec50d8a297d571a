package deploy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/iade/iade/internal/config"
	"github.com/iade/iade/internal/metrics"
)

const (
	ownNamespace = "iade/iade" // of a stack named iade
	alarmType    = "AWS::CloudWatch::Alarm"
	runbook      = "docs/operate.md"
)

// awsMetrics are the metrics of AWS that are watched: the dimensions that they have, and the types of what these name. An
// API's are those of HTTP APIs.
var awsMetrics = map[string]map[string]string{
	"AWS/Lambda Errors":                          {"FunctionName": "AWS::Serverless::Function"},
	"AWS/Lambda Throttles":                       {"FunctionName": "AWS::Serverless::Function"},
	"AWS/Lambda Duration":                        {"FunctionName": "AWS::Serverless::Function"},
	"AWS/Lambda IteratorAge":                     {"FunctionName": "AWS::Serverless::Function"},
	"AWS/DynamoDB ReadThrottleEvents":            {"TableName": "AWS::DynamoDB::Table"},
	"AWS/DynamoDB WriteThrottleEvents":           {"TableName": "AWS::DynamoDB::Table"},
	"AWS/SQS ApproximateNumberOfMessagesVisible": {"QueueName": "AWS::SQS::Queue"},
	"AWS/SQS ApproximateAgeOfOldestMessage":      {"QueueName": "AWS::SQS::Queue"},
	"AWS/ApiGateway Count":                       {"ApiId": "AWS::ApiGatewayV2::Api"},
	"AWS/ApiGateway 4xx":                         {"ApiId": "AWS::ApiGatewayV2::Api"},
	"AWS/ApiGateway 5xx":                         {"ApiId": "AWS::ApiGatewayV2::Api"},
	"AWS/ApiGateway Latency":                     {"ApiId": "AWS::ApiGatewayV2::Api"},
}

// watched is one metric that an alarm or the dashboard names.
type watched struct {
	namespace, name string
	dimensions      map[string]string // nil where any value is meant
}

// check holds a metric against the code's table, or AWS's.
func (w watched) check(t *testing.T, d deployed) {
	t.Helper()
	names := slices.Sorted(maps.Keys(w.dimensions))
	if w.namespace == ownNamespace {
		row := slices.IndexFunc(metrics.All(), func(m *metrics.Metric) bool { return m.Name == w.name })
		if row < 0 {
			t.Errorf("the code writes no metric %s", w.name)
			return
		}
		if want := slices.Sorted(slices.Values(metrics.All()[row].Dimensions)); !slices.Equal(names, want) {
			t.Errorf("%s has the dimensions %v, and %v are named", w.name, want, names)
		}
		return
	}
	dimensions, known := awsMetrics[w.namespace+" "+w.name]
	if !known {
		t.Errorf("%s %s is no metric that this test knows", w.namespace, w.name)
		return
	}
	for name, value := range w.dimensions {
		if name == "GlobalSecondaryIndexName" && w.namespace == "AWS/DynamoDB" && value == "open" {
			continue
		}
		id := strings.TrimSuffix(value, ".QueueName")
		if kept, has := d.resources[id]; dimensions[name] == "" || value != "kept" && (!has || typeOf(kept) != dimensions[name]) {
			t.Errorf("%s %s: dimension %s names %s", w.namespace, w.name, name, value)
		}
	}
	for name := range dimensions {
		if w.dimensions[name] == "" {
			t.Errorf("%s %s lacks the dimension %s", w.namespace, w.name, name)
		}
	}
}

// alarmed lists the metrics of one alarm.
func alarmed(t *testing.T, alarm object) []watched {
	t.Helper()
	one := func(m object) watched {
		w := watched{m["Namespace"].(string), m["MetricName"].(string), map[string]string{}}
		dimensions, _ := m["Dimensions"].([]any)
		for _, dimension := range dimensions {
			w.dimensions[dimension.(object)["Name"].(string)] = dimension.(object)["Value"].(string)
		}
		return w
	}
	if _, simple := alarm["MetricName"]; simple {
		return []watched{one(alarm)}
	}
	var all []watched
	returned := 0
	for _, m := range alarm["Metrics"].([]any) {
		if m.(object)["ReturnData"].(bool) {
			returned++
		}
		if stat, ok := m.(object)["MetricStat"].(object); ok {
			all = append(all, one(stat["Metric"].(object)))
		}
	}
	if returned != 1 {
		t.Errorf("%d metrics are compared with the threshold", returned)
	}
	return all
}

func TestEveryMetricThatIsAlarmedExists(t *testing.T) {
	t.Parallel()
	for _, parameters := range []map[string]string{nil, everything} {
		d := deploy(t, parameters)
		for _, id := range d.ofType(alarmType) {
			t.Run(id, func(t *testing.T) {
				all := alarmed(t, d.properties(id))
				if len(all) == 0 {
					t.Error("it watches nothing")
				}
				for _, w := range all {
					w.check(t, d)
				}
			})
		}
	}
}

// Each of these is in issue terms: an alarm that was taken out, or watches less, fails.
func TestTheAlarmsWatchEverythingThatAPersonMustHearOf(t *testing.T) {
	t.Parallel()
	d := deploy(t, nil)
	watchedBy := func(id string) (found []string) {
		for _, w := range alarmed(t, d.properties(id)) {
			for _, value := range w.dimensions {
				found = append(found, w.name+" "+strings.TrimSuffix(value, ".QueueName"))
			}
			if len(w.dimensions) == 0 {
				found = append(found, w.name)
			}
		}
		slices.Sort(found)
		return slices.Compact(found)
	}
	ofFunctions := func(metric string) (all []string) {
		for _, id := range functionIDs {
			all = append(all, metric+" "+id)
		}
		return all
	}
	want := map[string][]string{
		"UnknownTooOldAlarm": {"OldestUnknownAge"}, "NeedsReviewAlarm": {"NeedsReview"}, "ContradictedAlarm": {"Contradicted"},
		"DayDiffersAlarm": {"DayDiffers"}, "DayNotClosedAlarm": {"DaysClosed"},
		"PanelRefundsAlarm": {"PanelRefunds"}, "HeartbeatMissingAlarm": {"ReconcilePasses"}, "PassUnfinishedAlarm": {"ReconcileUnfinished"},
		"LimitNearAlarm": {"LimitUsed"}, "LimitReachedAlarm": {"LimitUsed"},
		"KeysRefusedAlarm": {"KeysRefused"}, "NoticesRefusedAlarm": {"NoticesRefused"}, "RefundRetriedAlarm": {"RefundsRetried"},
		"CallbacksRefusedAlarm": {"CallbacksRefused"}, "FunctionErrorsAlarm": ofFunctions("Errors"), "FunctionThrottlesAlarm": ofFunctions("Throttles"),
		"TableThrottlesAlarm": {"ReadThrottleEvents Table", "ReadThrottleEvents open", "WriteThrottleEvents Table", "WriteThrottleEvents open"},
		"ServerErrorsAlarm":   {"5xx Api"}, "SlowAnswersAlarm": {"Latency Api"},
		"DeadLettersAlarm": {
			"ApproximateNumberOfMessagesVisible CancelDeadLetterQueue", "ApproximateNumberOfMessagesVisible PublishDeadLetterQueue",
			"ApproximateNumberOfMessagesVisible RefundDeadLetterQueue",
		},
		"QueueAgeAlarm":         {"ApproximateAgeOfOldestMessage CancelQueue", "ApproximateAgeOfOldestMessage RefundQueue", "ReturnedAge"},
		"NothingPublishedAlarm": {"EventsDue", "EventsPublished"}, "StreamAgeAlarm": {"IteratorAge PublishFunction"},
	}
	got := map[string][]string{}
	for _, id := range d.ofType(alarmType) {
		got[id] = watchedBy(id)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("- wanted, + template:\n%s", diff)
	}
	for _, id := range d.ofType("AWS::SQS::Queue") {
		alarm := map[bool]string{true: "DeadLettersAlarm", false: "QueueAgeAlarm"}[strings.HasSuffix(id, "DeadLetterQueue")]
		if !slices.ContainsFunc(got[alarm], func(w string) bool { return strings.HasSuffix(w, " "+id) }) {
			t.Errorf("nothing watches %s", id)
		}
	}
}

// TestSilenceIsHeardInABusyShopAndInAQuietOne plays what the functions count, a quarter of an hour each, to the alarm: it sounds where
// outcomes rise and nothing is published, however seldom, and not where an event falls between two quarters.
func TestSilenceIsHeardInABusyShopAndInAQuietOne(t *testing.T) {
	t.Parallel()
	alarm := deploy(t, nil).properties("NothingPublishedAlarm")
	silent := alarm["Metrics"].([]any)[0].(object)
	if silent["Expression"] != "IF(FILL(published, 0) > 0, 0, due)" || silent["ReturnData"] != true || alarm["Threshold"] != 0 ||
		alarm["ComparisonOperator"] != "GreaterThanThreshold" || alarm["TreatMissingData"] != "notBreaching" {
		t.Fatalf("%v", alarm)
	}
	periods, needed := alarm["EvaluationPeriods"].(int), alarm["DatapointsToAlarm"].(int)
	if period := alarm["Metrics"].([]any)[1].(object)["MetricStat"].(object)["Period"]; period != 900 || periods*900 > 24*60*60 {
		t.Errorf("%d periods of %v s: CloudWatch looks at one day at most", periods, period)
	}
	// sounds tells whether it does at the end of quarters, of each of which what was due and what was published is given.
	sounds := func(quarters [][2]int) bool {
		breaching := 0
		for _, q := range quarters[max(0, len(quarters)-periods):] {
			if due, published := q[0], q[1]; due > 0 && published == 0 {
				breaching++
			}
		}
		return breaching >= needed
	}
	each := func(n int, q ...[2]int) (all [][2]int) {
		for range n {
			all = append(all, q...)
		}
		return all
	}
	for name, c := range map[string]struct {
		quarters [][2]int
		sounds   bool
	}{
		"a busy shop": {each(100, [2]int{40, 40}), false}, "a busy shop, half an hour of silence": {append(each(100, [2]int{40, 40}), each(2, [2]int{40, 0})...), true},
		"nothing happens": {each(100, [2]int{}), false}, "an event between two quarters": {append(each(20, [2]int{}), [2]int{1, 0}, [2]int{0, 1}), false},
		"a refund every three hours": {each(3, append(each(11, [2]int{}), [2]int{1, 1})...), false}, "a refund every three hours, in silence": {each(3, append(each(11, [2]int{}), [2]int{1, 0})...), true},
	} {
		if sounds(c.quarters) != c.sounds {
			t.Errorf("%s: it sounds: %t", name, !c.sounds)
		}
	}
}

func TestAlarmsTellTheTopicIfThereIsOne(t *testing.T) {
	t.Parallel()
	with, without := deploy(t, everything), deploy(t, nil)
	for _, id := range with.ofType(alarmType) {
		for _, when := range []string{"AlarmActions", "OKActions"} { // whoever was woken up hears that it is over
			if diff := cmp.Diff(any([]any{everything["AlarmTopicArn"]}), with.properties(id)[when]); diff != "" {
				t.Errorf("%s: %s: %s", id, when, diff)
			}
			if actions, has := without.properties(id)[when]; has {
				t.Errorf("%s: without a topic it tells %v", id, actions)
			}
		}
		missing := map[bool]string{true: "breaching", false: "notBreaching"}[id == "HeartbeatMissingAlarm" || id == "DayNotClosedAlarm"]
		if got := with.properties(id)["TreatMissingData"]; got != missing {
			t.Errorf("%s: missing data is %v", id, got)
		}
	}
	if got := fmt.Sprint(deploy(t, map[string]string{"UnknownAlarmMinutes": "45"}).properties("UnknownTooOldAlarm")["Threshold"]); got != "45" {
		t.Errorf("UnknownAlarmMinutes is not the threshold: %s", got)
	}
}

// Where the functions write is where the alarms look.
func TestTheMetricsNamespaceIsTheStacks(t *testing.T) {
	t.Parallel()
	d := deploy(t, nil)
	for id := range d.functions {
		variables := settingsOf(t, d, id)
		s, err := config.Load(func(name string) string { return variables[name] }, nil)
		if err != nil || s.MetricsNamespace != ownNamespace {
			t.Errorf("%s writes to %s, %v", id, s.MetricsNamespace, err)
		}
		// What has no level counts as INFO, so a higher level here would drop the metrics.
		if logging := d.functions[id].(object)["LoggingConfig"].(object); logging["ApplicationLogLevel"] != "DEBUG" || logging["LogFormat"] != "JSON" {
			t.Errorf("%s: logging %v", id, logging)
		}
	}
}

var searched = regexp.MustCompile(`^SEARCH\('\{"([^"]+)"((?:,\w+)+)\} MetricName="(\w+)"', '\w+', \d+\)$`)

// readWidgetMetric reads an element of a widget's `metrics`.
func readWidgetMetric(t *testing.T, list []any) watched {
	t.Helper()
	w := watched{dimensions: map[string]string{}}
	if expression, ok := list[0].(map[string]any); ok {
		match := searched.FindStringSubmatch(fmt.Sprint(expression["expression"]))
		if match == nil {
			t.Fatalf("expression %v", expression)
		}
		w.namespace, w.name = match[1], match[3]
		for _, name := range strings.Split(match[2], ",")[1:] {
			w.dimensions[name] = ""
		}
		return w
	}
	if _, options := list[len(list)-1].(map[string]any); options {
		list = list[:len(list)-1]
	}
	words := texts(list)
	w.namespace, w.name = words[0], words[1]
	for i := 2; i+1 < len(words); i += 2 {
		w.dimensions[words[i]] = words[i+1]
	}
	return w
}

func TestTheDashboardShowsMetricsThatExistAndEveryAlarm(t *testing.T) {
	t.Parallel()
	for _, parameters := range []map[string]string{nil, everything} {
		d := deploy(t, parameters)
		body, _ := d.properties("Dashboard")["DashboardBody"].(string)
		var dashboard struct {
			Start   string
			Widgets []struct {
				Type                string
				X, Y, Width, Height int
				Properties          struct {
					Title, Region, Stat, View string
					Period                    int
					Metrics                   [][]any
					Alarms                    []string
				}
			}
		}
		if err := json.Unmarshal([]byte(body), &dashboard); err != nil {
			t.Fatalf("the body is not JSON: %v", err)
		}
		shown := map[string]bool{}
		var alarms []string
		for _, w := range dashboard.Widgets {
			if w.Width < 1 || w.X+w.Width > 24 || w.Height < 1 || w.Properties.Title == "" {
				t.Errorf("widget %+v", w)
			}
			if w.Type == "alarm" {
				alarms = w.Properties.Alarms
				continue
			}
			if w.Type != "metric" || w.Properties.Region != "eu-central-1" || w.Properties.Stat == "" || w.Properties.Period == 0 || len(w.Properties.Metrics) == 0 {
				t.Errorf("widget %+v", w)
			}
			for _, list := range w.Properties.Metrics {
				m := readWidgetMetric(t, list)
				m.check(t, d)
				if m.namespace == ownNamespace {
					shown[m.name] = true
				}
			}
		}
		for _, m := range metrics.All() {
			if !shown[m.Name] {
				t.Errorf("%s is not on the dashboard", m.Name)
			}
		}
		var want []string
		for _, id := range d.ofType(alarmType) {
			want = append(want, id+".Arn")
		}
		slices.Sort(alarms)
		if diff := cmp.Diff(want, alarms); diff != "" {
			t.Errorf("alarms (- template, + dashboard):\n%s", diff)
		}
	}
}

// anchor is where the runbook tells of an alarm.
func anchor(alarmID string) string {
	words := regexp.MustCompile(`[A-Z][a-z]*`).FindAllString(strings.TrimSuffix(alarmID, "Alarm"), -1)
	return strings.ToLower(strings.Join(words, "-"))
}

// TestEveryAlarmHasItsSectionInTheRunbook, and every section of the chapter on alarms has an alarm. That its commands work
// is TestTheRunbooksCommandsWork's.
func TestEveryAlarmHasItsSectionInTheRunbook(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(runbook)
	if err != nil {
		t.Fatal(err)
	}
	_, chapter, _ := strings.Cut(string(data), "\n## Alarms\n")
	chapter, _, _ = strings.Cut(chapter, "\n## ")
	sections := map[string]string{}
	for _, section := range strings.Split(chapter, "\n### ")[1:] {
		title, text, _ := strings.Cut(section, "\n")
		sections[strings.ReplaceAll(strings.ToLower(title), " ", "-")] = text
	}
	d := deploy(t, nil)
	for _, id := range d.ofType(alarmType) {
		description := d.properties(id)["AlarmDescription"].(string)
		if !strings.HasSuffix(description, " "+runbook+"#"+anchor(id)) {
			t.Errorf("%s: the description does not end with its section: %s", id, description)
		}
		text, has := sections[anchor(id)]
		if !has {
			t.Errorf("%s has no section %s", id, anchor(id))
			continue
		}
		delete(sections, anchor(id))
		for _, part := range []string{"`" + id + "`", "**It means", "**Safe", "**Look", "**Act", "**Rehearse", "```bash\n", "```bash local"} {
			if !strings.Contains(text, part) {
				t.Errorf("the section %s lacks %s", anchor(id), part)
			}
		}
	}
	for title := range sections {
		t.Errorf("the section %s has no alarm", title)
	}
}
