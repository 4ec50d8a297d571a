package deploy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/iade/iade/internal/config"
	"github.com/iade/iade/internal/ingress"
)

// functionIDs are the contract's logical ids.
var functionIDs = []string{
	"BalanceCallbackFunction", "CancelFunction", "CloseFunction", "FundFunction", "PublishFunction", "ReconcileFunction", "RefundFunction", "StatusFunction", "WebhookFunction",
}

// everything sets every parameter that is empty by default, so that the template's other half is tested too.
var everything = map[string]string{
	"KmsKeyArn": "arn:aws:kms:eu-central-1:123456789012:key/k", "AlarmTopicArn": "arn:aws:sns:eu-central-1:123456789012:alarms",
	"PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/boundary", "VpcSubnetIds": "subnet-1,subnet-2", "VpcSecurityGroupIds": "sg-1",
	"ExistingTable": "kept", "ExistingTableStreamArn": "arn:aws:dynamodb:eu-central-1:123456789012:table/kept/stream/s",
	"PublicBaseUrl": "https://refunds.example.com", "ReturnUrlOrigins": "https://shop.example.com", "TableRestoredAt": "2026-01-31T12:00:00Z",
	"JwtIssuer": "https://issuer.example.com", "JwtAudience": "shop,desk", "OrderSystemAccounts": "210987654321",
}

// servedBy says which function serves a route of the table.
func servedBy(r ingress.Route) string {
	switch {
	case r.Pattern == "/iyzico-webhook":
		return "WebhookFunction"
	case r.Scope == ingress.ScopeOpen:
		return "BalanceCallbackFunction"
	case r.Method == http.MethodGet:
		return "StatusFunction"
	case strings.HasPrefix(r.Pattern, "/refunds"):
		return "RefundFunction"
	case strings.HasPrefix(r.Pattern, "/days/"):
		return "CloseFunction"
	case r.Pattern == "/cancels", r.Pattern == "/reversals":
		return "CancelFunction"
	case r.Pattern == "/fund-payments":
		return "FundFunction"
	}
	return "ReconcileFunction"
}

// wired is what the template says of one route.
type wired struct {
	Name, Auth, Authorizer string
	Scopes                 []string
	Function               string
}

func wiredRoutes(t *testing.T, d deployed) map[string]wired {
	t.Helper()
	target := regexp.MustCompile(`^arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/(\w+)\.Arn:live/invocations$`)
	routes := map[string]wired{}
	for _, id := range d.ofType("AWS::ApiGatewayV2::Route") {
		p := d.properties(id)
		integration := d.properties(strings.TrimPrefix(p["Target"].(string), "integrations/"))
		if integration["IntegrationType"] != "AWS_PROXY" || integration["PayloadFormatVersion"] != "2.0" {
			t.Errorf("%s: integration %v", id, integration)
		}
		match := target.FindStringSubmatch(integration["IntegrationUri"].(string))
		if match == nil {
			t.Fatalf("%s goes to %v", id, integration["IntegrationUri"])
		}
		w := wired{Name: p["OperationName"].(string), Auth: p["AuthorizationType"].(string), Function: match[1]}
		w.Authorizer, _ = p["AuthorizerId"].(string)
		if scopes, ok := p["AuthorizationScopes"].([]any); ok {
			w.Scopes = texts(scopes)
		}
		routes[p["RouteKey"].(string)] = w
	}
	return routes
}

func texts(list []any) []string {
	var all []string
	for _, item := range list {
		all = append(all, item.(string))
	}
	return all
}

func TestTheTemplatesRoutesAreTheRouteTable(t *testing.T) {
	t.Parallel()
	for mode, parameters := range map[string]map[string]string{"IAM": nil, "JWT": everything} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			want := map[string]wired{}
			for _, r := range ingress.Routes() {
				w := wired{Name: r.Name, Auth: "AWS_IAM", Function: servedBy(r)}
				switch {
				case r.Scope == ingress.ScopeOpen:
					w.Auth = "NONE"
				case mode == "JWT":
					w.Auth, w.Authorizer, w.Scopes = "JWT", "Authorizer", []string{"iade/" + string(r.Scope)}
				}
				want[r.Method+" "+r.Pattern] = w
			}
			d := deploy(t, parameters)
			if diff := cmp.Diff(want, wiredRoutes(t, d)); diff != "" {
				t.Errorf("routes (- table, + template):\n%s", diff)
			}
			authorizers := d.ofType("AWS::ApiGatewayV2::Authorizer")
			if (len(authorizers) == 1) != (mode == "JWT") {
				t.Errorf("authorizers: %v", authorizers)
			}
			for _, id := range authorizers {
				jwt := d.properties(id)["JwtConfiguration"]
				if diff := cmp.Diff(object{"Issuer": "https://issuer.example.com", "Audience": []any{"shop", "desk"}}, jwt); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestOnlyCallbackAndWebhookAreOpen(t *testing.T) {
	t.Parallel()
	for _, parameters := range []map[string]string{nil, everything} {
		var open []string
		for key, w := range wiredRoutes(t, deploy(t, parameters)) {
			if w.Auth == "NONE" {
				open = append(open, key)
			}
		}
		slices.Sort(open)
		if !slices.Equal(open, []string{"GET /balance-callback/{state}", "POST /balance-callback/{state}", "POST /iyzico-webhook"}) {
			t.Errorf("open: %v", open)
		}
	}
}

// Each route's own function may be invoked by the API for it, and no other function but the one that only reads, which may
// be for any GET.
func TestTheAPIMayInvokeAFunctionForItsRoutesOnly(t *testing.T) {
	t.Parallel()
	d := deploy(t, nil)
	invoked := map[string][]*regexp.Regexp{}
	for _, id := range d.ofType("AWS::Lambda::Permission") {
		p := d.properties(id)
		if p["Principal"] != "apigateway.amazonaws.com" || p["Action"] != "lambda:InvokeFunction" {
			t.Errorf("%s lets %v do %v", id, p["Principal"], p["Action"])
		}
		source := strings.ReplaceAll(regexp.QuoteMeta(p["SourceArn"].(string)), `\*`, ".*")
		function := strings.TrimSuffix(p["FunctionName"].(string), ".Alias")
		invoked[function] = append(invoked[function], regexp.MustCompile("^"+source+"$"))
	}
	for key, w := range wiredRoutes(t, d) {
		arn := "arn:aws:execute-api:eu-central-1:123456789012:Api/$default/" + strings.Replace(key, " ", "", 1)
		may := func(function string) bool {
			return slices.ContainsFunc(invoked[function], func(source *regexp.Regexp) bool { return source.MatchString(arn) })
		}
		for function := range invoked {
			reads := function == "StatusFunction" && strings.HasPrefix(key, "GET ")
			if may(function) && function != w.Function && !reads {
				t.Errorf("%s: %s may be invoked", key, function)
			}
		}
		if !may(w.Function) {
			t.Errorf("%s: %s may not be invoked", key, w.Function)
		}
	}
}

func TestTheStageThrottlesTheOpenRouteTightlyAndLogsNothingPrivate(t *testing.T) {
	t.Parallel()
	d := deploy(t, nil)
	stage := d.properties("Stage")
	if stage["StageName"] != "$default" || stage["AutoDeploy"] != true {
		t.Errorf("stage: %v", stage)
	}
	byDefault := stage["DefaultRouteSettings"].(object)
	own := stage["RouteSettings"].(object)
	dependsOn := texts(d.resources["Stage"].(object)["DependsOn"].([]any))
	for _, id := range d.ofType("AWS::ApiGatewayV2::Route") {
		p := d.properties(id)
		settings, has := own[p["RouteKey"].(string)].(object)
		if open := p["AuthorizationType"] == "NONE"; has != open {
			t.Errorf("%s: settings of its own %t, open %t", id, has, open)
		}
		for _, limit := range []string{"ThrottlingRateLimit", "ThrottlingBurstLimit"} {
			if has && settings[limit].(int)*5 > byDefault[limit].(int) {
				t.Errorf("%s: %s is %v, %v for the routes with authorization", id, limit, settings[limit], byDefault[limit])
			}
		}
		if has && !slices.Contains(dependsOn, id) {
			t.Errorf("the stage has settings for %s and does not wait for it", id)
		}
	}
	logs := stage["AccessLogSettings"].(object)
	if logs["DestinationArn"] != "arn:aws:logs:eu-central-1:123456789012:log-group:ApiLogGroup" {
		t.Errorf("access logs go to %v", logs["DestinationArn"])
	}
	var format map[string]string
	if err := json.Unmarshal([]byte(logs["Format"].(string)), &format); err != nil {
		t.Fatalf("the access log's format is not JSON: %v", err)
	}
	harmless := []string{
		"requestId", "requestTime", "routeKey", "status", "responseLatency", "responseLength", "identity.accountId", "integration.requestId",
		"integration.integrationStatus", "integration.error", "authorizer.error", "error.responseType",
	}
	for name, value := range format {
		if variable, ok := strings.CutPrefix(value, "$context."); !ok || !slices.Contains(harmless, variable) {
			t.Errorf("the access log has %s = %s: addresses, paths and claims may be personal, or hold a signed state", name, value)
		}
	}
}

// settingsOf are the values that the template gives a function's variables.
func settingsOf(t *testing.T, d deployed, id string) map[string]string {
	t.Helper()
	variables := map[string]string{}
	for name, value := range d.functions[id].(object)["Environment"].(object)["Variables"].(object) {
		variables[name] = fmt.Sprint(value)
	}
	return variables
}

// busEndpoint is what lets `sam local` use another EventBridge than AWS's.
const busEndpoint = "AWS_ENDPOINT_URL_EVENTBRIDGE"

func TestEveryVariableThatTheCodeReadsIsDeclared(t *testing.T) {
	t.Parallel()
	var want []string
	for _, v := range config.Variables() {
		want = append(want, v.Name)
	}
	slices.Sort(want)
	for _, parameters := range []map[string]string{nil, everything} {
		d := deploy(t, parameters)
		if diff := cmp.Diff(functionIDs, slices.Sorted(maps.Keys(d.functions))); diff != "" {
			t.Fatalf("functions (- contract, + template):\n%s", diff)
		}
		for id := range d.functions {
			variables := settingsOf(t, d, id)
			want := want
			if id == "PublishFunction" || id == "CloseFunction" { // the SDK reads it
				want = slices.Sorted(slices.Values(append([]string{busEndpoint}, want...)))
			}
			if diff := cmp.Diff(want, slices.Sorted(maps.Keys(variables))); diff != "" {
				t.Errorf("%s (- code, + template):\n%s", id, diff)
			}
			for _, name := range []string{"AWS_ENDPOINT_URL_DYNAMODB", "IYZICO_API_KEY", "IYZICO_SECRET_KEY", "CALLBACK_STATE_KEY", busEndpoint} {
				if variables[name] != "" {
					t.Errorf("%s: %s is for a developer's machine", id, name)
				}
			}
		}
	}
}

// TestTheTemplateChecksParametersAsTheCodesTableSays, which internal/config holds against what stops a function.
func TestTheTemplateChecksParametersAsTheCodesTableSays(t *testing.T) {
	t.Parallel()
	declared := parameters(t)
	fed := map[string]bool{}
	for _, p := range config.Parameters() {
		fed[p.Variable] = true
		parameter, has := declared[p.Name].(object)
		if !has {
			t.Errorf("the template has no parameter %s", p.Name)
			continue
		}
		pattern, _ := parameter["AllowedPattern"].(string)
		values, _ := parameter["AllowedValues"].([]any)
		if pattern != p.Pattern || !slices.Equal(texts(values), p.Values) || parameter["Type"] != "String" {
			t.Errorf("%s (%v) takes %q or %v, the code's table says %q or %v", p.Name, parameter["Type"], pattern, values, p.Pattern, p.Values)
		}
		own := map[string]string{p.Name: "mark"}
		if variables := settingsOf(t, deploy(t, own), "RefundFunction"); variables[p.Variable] != "mark" {
			t.Errorf("%s is %q, not what %s says", p.Variable, variables[p.Variable], p.Name)
		}
	}
	// What nobody checks is a name, an ARN or a key, or comes from the template itself.
	unchecked := []string{
		"API_TOKENS_FILE", "AWS_ENDPOINT_URL_DYNAMODB", "CALLBACK_STATE_KEY", "CALLBACK_STATE_SECRET_ARN", "EVENT_BUS_NAME", "IYZICO_API_KEY", "IYZICO_SECRET_ARN",
		"IYZICO_SECRET_KEY", "JOURNAL_TABLE_NAME", "METRICS_NAMESPACE", "TABLE_NAME",
	}
	for _, v := range config.Variables() {
		if !fed[v.Name] && !slices.Contains(unchecked, v.Name) {
			t.Errorf("%s has no row in config.Parameters", v.Name)
		}
	}
}

// An alarm that sounds before the window is over sounds for every lost answer.
func TestTheAlarmOnUnknownOutcomesWaitsForTheWindow(t *testing.T) {
	t.Parallel()
	window, err := time.ParseDuration(settingsOf(t, deploy(t, nil), "ReconcileFunction")["SETTLE_WINDOW"])
	minutes, noNumber := strconv.Atoi(fmt.Sprint(deploy(t, nil).properties("UnknownTooOldAlarm")["Threshold"]))
	if err != nil || noNumber != nil || time.Duration(minutes)*time.Minute <= window {
		t.Errorf("it sounds after %d minutes, the window is %v", minutes, window)
	}
}

// A parameter's default must not differ from the code's: one would be documented and the other would hold.
func TestTheTemplatesDefaultsAreTheCodes(t *testing.T) {
	t.Parallel()
	variables := settingsOf(t, deploy(t, nil), "RefundFunction")
	given := []string{"TABLE_NAME", "IYZICO_BASE_URL", "IYZICO_SECRET_ARN", "CALLBACK_STATE_SECRET_ARN", "PUBLIC_BASE_URL", "METRICS_NAMESPACE"}
	for _, v := range config.Variables() {
		if !slices.Contains(given, v.Name) && !strings.EqualFold(variables[v.Name], v.Default) {
			t.Errorf("%s is %q in the template and %q in the code", v.Name, variables[v.Name], v.Default)
		}
	}
	if variables["IYZICO_BASE_URL"] != "https://sandbox-api.iyzipay.com" {
		t.Errorf("IYZICO_BASE_URL is %s by default: real money must be asked for", variables["IYZICO_BASE_URL"])
	}
	if url := "https://Api.execute-api.eu-central-1.amazonaws.com"; variables["PUBLIC_BASE_URL"] != url {
		t.Errorf("PUBLIC_BASE_URL is %s, not %s", variables["PUBLIC_BASE_URL"], url)
	}
}

func TestTheTemplatesValuesAreAcceptedByTheCode(t *testing.T) {
	t.Parallel()
	for _, parameters := range []map[string]string{nil, everything} {
		d := deploy(t, parameters)
		for id := range d.functions {
			variables := settingsOf(t, d, id)
			if _, err := config.Load(func(name string) string { return variables[name] }, nil); err != nil {
				t.Errorf("%s cannot start: %v", id, err)
			}
		}
	}
}

func TestFunctionsRunWhatTheMakefilesBuild(t *testing.T) {
	t.Parallel()
	for _, architecture := range []string{"x86_64", "arm64"} {
		d := deploy(t, map[string]string{"Architecture": architecture})
		for id, function := range d.functions {
			p := function.(object)
			if p["Runtime"] != "provided.al2023" || p["Handler"] != "bootstrap" {
				t.Errorf("%s: %v, %v", id, p["Runtime"], p["Handler"])
			}
			if diff := cmp.Diff([]any{architecture}, p["Architectures"]); diff != "" {
				t.Errorf("%s: %s", id, diff)
			}
			metadata := maps.Clone(d.resources[id].(object)["Metadata"].(object))
			delete(metadata, "checkov") // what checkov need not look for, with the reason
			if diff := cmp.Diff(object{"BuildMethod": "makefile", "ContextPath": "build/" + architecture}, metadata); diff != "" {
				t.Errorf("%s: %s", id, diff)
			}
			if _, err := os.Stat(path.Join("build", architecture, "Makefile")); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(path.Join(p["CodeUri"].(string), "main.go")); err != nil {
				t.Error(err)
			}
			timeout := map[string]int{"ReconcileFunction": 60, "CloseFunction": 900}[id]
			if timeout == 0 {
				timeout = 29
			}
			if p["Timeout"] != timeout {
				t.Errorf("%s: timeout %v, not %d", id, p["Timeout"], timeout)
			}
			if p["MemorySize"].(int) < 128 {
				t.Errorf("%s: memory %v", id, p["MemorySize"])
			}
		}
	}
	if d := deploy(t, nil); d.functions["RefundFunction"].(object)["Architectures"].([]any)[0] != "arm64" {
		t.Error("the default architecture is not arm64, which costs less")
	}
}

// Only functions that call iyzico need the address that iyzico knows.
func TestFunctionsThatCallIyzicoAreInTheVPC(t *testing.T) {
	t.Parallel()
	outside, inside := deploy(t, nil), deploy(t, everything)
	for _, id := range functionIDs {
		if v, has := outside.functions[id].(object)["VpcConfig"]; has {
			t.Errorf("%s is in a VPC that nobody gave: %v", id, v)
		}
		_, in := inside.functions[id].(object)["VpcConfig"]
		// Notices are signed with the key, and their function calls nobody.
		if calls := settingsOf(t, inside, id)["IYZICO_SECRET_ARN"] != "" && id != "WebhookFunction"; in != calls {
			t.Errorf("%s: in the VPC %t, has iyzico's keys %t", id, in, calls)
		}
	}
	want := object{"SubnetIds": []any{"subnet-1", "subnet-2"}, "SecurityGroupIds": []any{"sg-1"}}
	if diff := cmp.Diff(want, inside.functions["RefundFunction"].(object)["VpcConfig"]); diff != "" {
		t.Error(diff)
	}
}

// scheduleSends holds what a schedule sends, and the sample in events/ of that name, to the one member that the function
// reads.
func scheduleSends(t *testing.T, target object, member string) {
	t.Helper()
	sample, err := os.ReadFile("events/" + member + ".json")
	if err != nil {
		t.Fatal(err)
	}
	for _, input := range []string{target["Input"].(string), string(sample)} {
		var members map[string]any
		if err := json.Unmarshal([]byte(input), &members); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]any{member: true}, members); diff != "" {
			t.Error(diff)
		}
	}
}

func TestTheScheduleSendsWhatTheReconcilerReads(t *testing.T) {
	t.Parallel()
	d := deploy(t, nil)
	p := d.properties("ReconcileSchedule")
	target := p["Target"].(object)
	scheduleSends(t, target, "reconcile")
	if p["ScheduleExpression"] != "rate(1 minute)" || target["Arn"] != "ReconcileFunction.Alias" || target["RoleArn"] != "ReconcileScheduleRole.Arn" {
		t.Errorf("schedule: %v", p)
	}
	// Neither the schedule nor Lambda's own queue repeats a pass.
	if target["RetryPolicy"].(object)["MaximumRetryAttempts"] != 0 ||
		d.functions["ReconcileFunction"].(object)["EventInvokeConfig"].(object)["MaximumRetryAttempts"] != 0 {
		t.Error("a failed pass is repeated although the next one comes within a minute")
	}
}

func TestTheScheduleSendsWhatTheCloserReads(t *testing.T) {
	t.Parallel()
	d := deploy(t, nil)
	p := d.properties("CloseSchedule")
	target := p["Target"].(object)
	scheduleSends(t, target, "close")
	if p["ScheduleExpression"] != "cron(0/15 4-9 * * ? *)" || p["ScheduleExpressionTimezone"] != "Europe/Istanbul" ||
		target["Arn"] != "CloseFunction.Alias" || target["RoleArn"] != "CloseScheduleRole.Arn" {
		t.Errorf("schedule: %v", p)
	}
	// Neither the schedule nor Lambda's own queue repeats what the next quarter of an hour does anyway.
	if target["RetryPolicy"].(object)["MaximumRetryAttempts"] != 0 ||
		d.functions["CloseFunction"].(object)["EventInvokeConfig"].(object)["MaximumRetryAttempts"] != 0 {
		t.Error("a failed closing is repeated although the next one comes within a quarter of an hour")
	}
}

func TestTheOutputsTellWhatAnOperatorNeeds(t *testing.T) {
	t.Parallel()
	own, kept := deploy(t, nil), deploy(t, everything)
	value := func(d deployed, name string) any {
		output, ok := d.outputs[name].(object)
		if !ok {
			t.Fatalf("there is no output %s", name)
		}
		return output["Value"]
	}
	for name, want := range map[string]string{
		"ApiUrl": "https://Api.execute-api.eu-central-1.amazonaws.com", "TableName": "Table", "TableStreamArn": "Table.StreamArn",
		"DashboardName": "Dashboard", "EventBusName": "EventBus", "EventBusArn": "EventBus.Arn", "RefundQueueUrl": "RefundQueue", "CancelQueueUrl": "CancelQueue",
		"RefundDeadLetterQueueUrl": "RefundDeadLetterQueue", "CancelDeadLetterQueueUrl": "CancelDeadLetterQueue",
		"PublishDeadLetterQueueUrl": "PublishDeadLetterQueue",
		"IyzicoSecretArn":           "IyzicoSecret", "CallbackStateSecretArn": "CallbackStateSecret",
		"PutIyzicoKeys": "aws secretsmanager put-secret-value --region eu-central-1 --secret-id IyzicoSecret --secret-string file://keys.json",
	} {
		if got := value(own, name); got != want {
			t.Errorf("%s is %v, not %s", name, got, want)
		}
	}
	for name, parameter := range map[string]string{"ApiUrl": "PublicBaseUrl", "TableName": "ExistingTable", "TableStreamArn": "ExistingTableStreamArn"} {
		if got := value(kept, name); got != everything[parameter] {
			t.Errorf("%s is %v, not %s", name, got, everything[parameter])
		}
	}
	for _, id := range functionIDs {
		if got := value(own, id+"Name"); got != id {
			t.Errorf("%sName is %v", id, got)
		}
	}
}

// TestTheTemplateStaysReadable: what watches stands in infra/observability.yaml.
func TestTheTemplateStaysReadable(t *testing.T) {
	t.Parallel()
	if lines := strings.Count(readText(t, "template.yaml"), "\n"); lines > 1800 {
		t.Errorf("template.yaml has %d lines", lines)
	}
	_, root := readTemplate(t)
	for id, resource := range root["Resources"].(object) {
		if strings.HasPrefix(typeOf(resource), "AWS::CloudWatch::") {
			t.Errorf("%s stands in template.yaml", id)
		}
	}
}

// `sam local start-api` finds the API only above the first function.
func TestTheAPIStandsAboveTheFirstFunction(t *testing.T) {
	t.Parallel()
	d := deploy(t, everything)
	for _, id := range d.order {
		switch typeOf(d.resources[id]) {
		case "AWS::Serverless::Function":
			t.Fatalf("%s stands above the API", id)
		case "AWS::ApiGatewayV2::Api":
			return
		}
	}
	t.Fatal("there is no API")
}
