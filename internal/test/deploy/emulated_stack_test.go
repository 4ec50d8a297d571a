package deploy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// life is a stack from its first deployment to its last command.
type life struct {
	emulated
	*testing.T
	fake, api, payment string
	names              map[string]string // of the resources as first deployed
}

// TestAStackIsDeployedChangedSwitchedRestoredRolledBackAndDestroyed by the documented commands, as they are: SAM, the AWS CLI and
// the scripts of ops/ against an account on this machine. The functions that are deployed run, and refund at the fake iyzico.
// What people decided, and the table, survive all of it.
func TestAStackIsDeployedChangedSwitchedRestoredRolledBackAndDestroyed(t *testing.T) {
	if os.Getenv("IADE_EMULATOR") == "" {
		t.Skip("it deploys for minutes: run make emulator")
	}
	a := emulate(t)
	s := life{emulated: a, T: t, fake: startFake(t, buildFake(t), "127.0.0.1"), payment: "10000001"}

	a.release(t, "v1.0.0")
	a.mustRun(t, "sam", "build", "--config-env", a.environment)
	a.mustRun(t, "sam", "deploy", "--config-env", a.environment)
	s.names = s.hasEveryResource()
	s.api = s.names["Api"]
	a.mustRun(t, "bash", "-c", `echo '{"apiKey":"sandbox-apiKey","secretKey":"sandbox-secretKey"}' >keys.json && `+s.output("PutIyzicoKeys")+` && rm keys.json`)
	a.mustRun(t, "ops/protect.sh", "iade")
	if said := a.mustRun(t, "ops/health.sh", "iade", "v1.0.0"); !strings.HasSuffix(said, "iade is CREATE_COMPLETE and answers; it runs v1.0.0\n") {
		t.Errorf("health: %s", said)
	}

	said := a.mustRun(t, "ops/set.sh", "iade", "IyzicoBaseUrl="+s.fake, "RateLimitPerMinute=1000")
	for _, part := range []string{"RateLimitPerMinute: '50' -> '1000'\n", "iade is UPDATE_COMPLETE and answers; it runs v1.0.0\n"} {
		if !strings.Contains(said, part) {
			t.Errorf("a setting is changed without %q:\n%s", part, said)
		}
	}
	first := s.refund("first", "succeeded")
	table := s.output("TableName")

	s.switched("off")
	s.refusesNewMoney("switched off")
	a.release(t, "v1.1.0")
	if said := a.mustRun(t, "ops/deploy.sh", a.environment); !strings.HasSuffix(said, "it runs v1.1.0\n") {
		t.Errorf("deployed: %s", lastOf(said))
	}
	s.refusesNewMoney("deployed again")
	if got := s.output("TableName"); got != table {
		t.Errorf("after a deployment the table is %s, not %s", got, table)
	}
	if tags := s.describe().Tags; !slices.Contains(tags, tag{"version", "v1.1.0"}) {
		t.Errorf("tags: %v", tags)
	}
	s.deniesADeployThatUndoesADecision()

	t.Log("rolling back, and forward again")
	said = a.mustRun(t, "ops/rollback.sh", "iade")
	for _, part := range []string{"release 4 -> release 3 of ", "every function runs release 3\n", "it runs v1.0.0\n"} {
		if !strings.Contains(said, part) {
			t.Errorf("a roll-back does not say %q:\n%s", part, said)
		}
	}
	s.refusesNewMoney("rolled back")
	s.everybodyCallsTheAliases()
	a.mustRun(t, "ops/set.sh", "iade", "RateLimitPerMinute=900")
	s.runs("v1.0.0", "a setting is changed after a roll-back")
	a.mustRun(t, "ops/rollback.sh", "iade", "4")
	s.runs("v1.1.0", "rolled forward")

	t.Log("restoring")
	if said, err := a.run(t, "ops/restore.sh", "iade", table); err == nil || !strings.Contains(said, "uses "+table+" already: nothing was changed") {
		t.Errorf("it restores over its own table: %s", said)
	}
	a.mustRun(t, "ops/restore.sh", "iade", "iade-restored")
	s.usesTheRestoredTable("restored")
	a.release(t, "v1.2.0")
	a.mustRun(t, "ops/deploy.sh", a.environment)
	s.usesTheRestoredTable("deployed after the restore")
	s.refusesNewMoney("deployed after the restore")

	t.Log("rolling back to before the restore, and before the switch")
	said = a.mustRun(t, "ops/rollback.sh", "iade", "2")
	for _, part := range []string{`"NEW_MONEY":"off"`, `"TABLE_NAME":"iade-restored"`, "every function runs release 2 with the decisions of today\n", "it runs v1.0.0\n"} {
		if !strings.Contains(said, part) {
			t.Errorf("a roll-back past decisions does not say %q:\n%s", part, said)
		}
	}
	s.usesTheRestoredTable("rolled back to before the restore")
	s.refusesNewMoney("rolled back to before the switch")
	s.everybodyCallsTheAliases()
	if said, err := a.run(t, "ops/rollback.sh", "iade"); err == nil || !strings.Contains(said, "say which you want: ops/rollback.sh iade RELEASE: nothing was changed") {
		t.Errorf("it guesses what was before a mixed release: %v %s", err, said)
	}
	s.switched("on")
	s.runs("v1.0.0", "the switch is on again")
	if again := s.refund("first", "succeeded"); again != first {
		t.Errorf("the same key is refund %s, and was %s", again, first)
	}
	if sent := s.sent(); sent != 1 {
		t.Errorf("the same key moved money again: %d requests", sent)
	}
	if s.refund("second", "succeeded"); s.sent() != 2 {
		t.Errorf("%d requests for two refunds", s.sent())
	}
	s.destroyed()
}

// output is what the stack says under a name.
func (s life) output(name string) string {
	s.Helper()
	for _, o := range s.describe().Outputs {
		if o.OutputKey == name {
			return o.OutputValue
		}
	}
	s.Fatalf("the stack has no output %s", name)
	return ""
}

type tag struct{ Key, Value string }

type described struct {
	StackStatus string
	Outputs     []struct{ OutputKey, OutputValue string }
	Parameters  []struct{ ParameterKey, ParameterValue string }
	Tags        []tag
}

func (s life) describe() described {
	s.Helper()
	var answer struct{ Stacks []described }
	s.json(&answer, "cloudformation", "describe-stacks", "--stack-name", "iade")
	return answer.Stacks[0]
}

// json decodes what the AWS CLI says.
func (s life) json(answer any, arguments ...string) {
	s.Helper()
	said := s.mustRun(s.T, "aws", append(arguments, "--output", "json")...)
	if err := json.Unmarshal([]byte(said), answer); err != nil {
		s.Fatalf("aws %s: %v: %s", strings.Join(arguments, " "), err, said)
	}
}

// resources are the logical ids of a stack with their names.
func (s life) resources(stack string) map[string]string {
	s.Helper()
	var answer struct {
		StackResourceSummaries []struct{ LogicalResourceId, PhysicalResourceId string }
	}
	s.json(&answer, "cloudformation", "list-stack-resources", "--stack-name", stack)
	all := map[string]string{}
	for _, r := range answer.StackResourceSummaries {
		all[r.LogicalResourceId] = r.PhysicalResourceId
	}
	return all
}

var versionID = regexp.MustCompile(`^(\w+Function)Version[0-9a-f]{10}$`)

// hasEveryResource holds what was made against the template: every resource whose condition holds, and of each function what
// its alias takes.
func (s life) hasEveryResource() map[string]string {
	s.Helper()
	outer := s.resources("iade")
	made := maps.Clone(outer)
	maps.Copy(made, s.resources(outer["Observability"]))
	got := map[string]bool{}
	for id, name := range made {
		if match := versionID.FindStringSubmatch(id); match != nil {
			id = match[1] + "Version"
		}
		got[id] = name != ""
	}
	want := map[string]bool{}
	d := deploy(s.T, nil)
	for id := range d.resources {
		want[id] = true
	}
	for _, id := range functionIDs {
		want[id+"Version"], want[id+"Aliaslive"] = true, true
		if _, has := d.functions[id].(object)["EventInvokeConfig"]; has {
			want[id+"EventInvokeConfig"] = true
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.Fatalf("resources (- template, + deployed):\n%s", diff)
	}
	s.Logf("%d of %d resources are deployed", len(got), len(want))
	return outer
}

// refund asks the deployed API for a refund and gives its id.
func (s life) refund(key, status string) string {
	s.Helper()
	answer := s.call(s.T, s.api, http.MethodPost, "/refunds", key, fmt.Sprintf(`{"paymentId":%q,"paymentTransactionId":"20000001","amount":"1.00"}`, s.payment))
	if got := answer.member(s.T, "status"); got != status {
		s.Fatalf("refund %s is %s: %+v", key, got, answer)
	}
	return answer.member(s.T, "id")
}

// sent counts the refunds that iyzico was asked for.
func (s life) sent() int {
	s.Helper()
	request, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.fake+"/_fake/requests?paymentId="+s.payment, nil)
	if err != nil {
		s.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct{ Requests []struct{ Path string } }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		s.Fatal(err)
	}
	count := 0
	for _, r := range answer.Requests {
		if r.Path == "/payment/refund" || r.Path == "/v2/payment/refund" {
			count++
		}
	}
	return count
}

func (s life) switched(to string) {
	s.Helper()
	arguments := []string{"iade", to}
	if to == "off" {
		arguments = append(arguments, "Refunds are paused")
	}
	if said := s.mustRun(s.T, "ops/new-money.sh", arguments...); !strings.HasSuffix(said, "new money is "+to+" in iade\n") {
		s.Errorf("%s", said)
	}
}

// refusesNewMoney asks for a refund that would move money if it were not for the switch.
func (s life) refusesNewMoney(when string) {
	s.Helper()
	before := s.sent()
	answer := s.call(s.T, s.api, http.MethodPost, "/refunds", strings.ReplaceAll(when, " ", "-"), fmt.Sprintf(`{"paymentId":%q,"paymentTransactionId":"20000001","amount":"1.00"}`, s.payment))
	if answer.StatusCode != http.StatusServiceUnavailable || !strings.Contains(answer.Body, "Refunds are paused") || s.sent() != before {
		s.Fatalf("%s: new money is not off: %+v", when, answer)
	}
}

func (s life) runs(version, when string) {
	s.Helper()
	answer := s.call(s.T, s.api, http.MethodGet, "/health", "", "")
	if got := answer.member(s.T, "version"); got != version {
		s.Fatalf("%s: %s runs, not %s", when, got, version)
	}
}

// deniesADeployThatUndoesADecision: a deploy that would switch new money on fails, and all is as it was.
func (s life) deniesADeployThatUndoesADecision() {
	s.Helper()
	said, err := s.run(s.T, "sam", "deploy", "--config-env", s.environment, "--parameter-overrides", "NewMoney=on", "Architecture="+map[bool]string{true: "x86_64", false: "arm64"}[s.environment == "x86"])
	if err == nil || !strings.Contains(said, "Action denied by stack policy") && !strings.Contains(strings.Join(strings.Fields(said), ""), "Actiondeniedbystackpolicy") {
		s.Fatalf("a deploy undid a decision: %v\n%s", err, lastOf(said))
	}
	if status := s.describe().StackStatus; status != "UPDATE_ROLLBACK_COMPLETE" {
		s.Errorf("then the stack is %s", status)
	}
	s.refusesNewMoney("a deploy was denied")
	s.runs("v1.1.0", "a deploy was denied")
}

// everybodyCallsTheAliases: no queue, stream or schedule calls a function past its alias. The API's routes are called as they are
// deployed (call), so these show in every answer.
func (s life) everybodyCallsTheAliases() {
	s.Helper()
	var sources struct {
		EventSourceMappings []struct{ EventSourceArn, FunctionArn string }
	}
	s.get(&sources, "lambda", "/2015-03-31/event-source-mappings/")
	if len(sources.EventSourceMappings) == 0 {
		s.Error("no queue and no stream calls a function")
	}
	for _, source := range sources.EventSourceMappings {
		if !strings.HasSuffix(source.FunctionArn, ":live") {
			s.Errorf("%s calls %s", source.EventSourceArn, source.FunctionArn)
		}
	}
	for _, id := range []string{"ReconcileSchedule", "CloseSchedule"} {
		var schedule struct{ Target struct{ Arn string } }
		s.get(&schedule, "scheduler", "/schedules/"+s.names[id])
		if !strings.HasSuffix(schedule.Target.Arn, ":live") {
			s.Errorf("%s calls %s", id, schedule.Target.Arn)
		}
	}
}

// get decodes what a service of the account answers.
func (s life) get(answer any, service, path string) {
	s.Helper()
	if status, data := s.ask(s.T, service, http.MethodGet, path, nil); status != http.StatusOK || json.Unmarshal(data, answer) != nil {
		s.Fatalf("%s %s: %d %s", service, path, status, data)
	}
}

// usesTheRestoredTable: every function, and the stream that is published.
func (s life) usesTheRestoredTable(when string) {
	s.Helper()
	if got := s.output("TableName"); got != "iade-restored" {
		s.Fatalf("%s: the stack's table is %s", when, got)
	}
	for _, id := range functionIDs {
		var function struct {
			Environment struct{ Variables map[string]string }
		}
		s.get(&function, "lambda", "/2015-03-31/functions/"+s.names[id]+"/configuration?Qualifier=live")
		if v := function.Environment.Variables; v["TABLE_NAME"] != "iade-restored" || v["TABLE_RESTORED_AT"] == "" {
			s.Fatalf("%s: %s has table %s, restored at %q", when, id, v["TABLE_NAME"], v["TABLE_RESTORED_AT"])
		}
	}
}

// destroyed: make destroy names what is kept and takes everything else away.
func (s life) destroyed() {
	s.Helper()
	before := s.resources("iade")
	if said, err := s.run(s.T, "aws", "cloudformation", "delete-stack", "--stack-name", "iade"); err == nil || !strings.Contains(said, "TerminationProtection") {
		s.Errorf("the stack is not protected: %s", said)
	}
	said := s.mustRun(s.T, "make", "--no-print-directory", "destroy", "STACK=iade", "CONFIRM=iade")
	if said, err := s.run(s.T, "aws", "cloudformation", "describe-stacks", "--stack-name", "iade"); err == nil {
		s.Errorf("the stack is there still: %s", said)
	}
	for _, id := range []string{"JournalTable", "IyzicoSecret", "CallbackStateSecret"} {
		if !strings.Contains(said, before[id]) {
			s.Errorf("destroy does not name %s %s:\n%s", id, before[id], said)
		}
	}
	var kept struct {
		TableNames []string
		SecretList []struct{ ARN string }
	}
	s.json(&kept, "dynamodb", "list-tables")
	for _, name := range []string{"iade-restored", before["JournalTable"]} {
		if !slices.Contains(kept.TableNames, name) {
			s.Errorf("table %s is gone", name)
		}
	}
	s.json(&kept, "secretsmanager", "list-secrets")
	if len(kept.SecretList) != 2 {
		s.Errorf("secrets: %v", kept.SecretList)
	}
	for _, gone := range [][]string{
		{"lambda", "list-functions", "--query", "Functions[].FunctionName"}, {"apigatewayv2", "get-apis", "--query", "Items[].Name"},
		{"sqs", "list-queues", "--query", "QueueUrls", "--endpoint-url", s.endpoint}, {"logs", "describe-log-groups", "--query", "logGroups[].logGroupName"},
		{"events", "list-event-buses", "--query", "EventBuses[?Name!='default'].Name"}, {"scheduler", "list-schedules", "--query", "Schedules[].Name"},
		{"iam", "list-roles", "--query", "Roles[?starts_with(RoleName,'iade-')].RoleName"}, {"cloudwatch", "describe-alarms", "--query", "MetricAlarms[].AlarmName"},
		{"ssm", "describe-parameters", "--query", "Parameters[].Name"},
		{"iam", "list-policies", "--scope", "Local", "--query", "Policies[].PolicyName"},
	} {
		if left := strings.TrimSpace(s.mustRun(s.T, "aws", append(gone, "--output", "text")...)); left != "" && left != "None" {
			s.Errorf("aws %s %s: %s is left", gone[0], gone[1], left)
		}
	}
	if said, err := s.run(s.T, "aws", "appconfig", "get-application", "--application-id", before["Settings"]); err == nil {
		s.Errorf("the record of the settings is left: %s", said)
	}
	if _, err := os.Stat(s.checkout + "/keys.json"); err == nil {
		s.Error("the keys are left in the checkout")
	}
}
