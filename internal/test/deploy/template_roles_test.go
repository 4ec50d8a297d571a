package deploy_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// grants says what each function's role may do, besides writing to its own log group: action, resource, and condition
// where there is one. Whoever adds a line says here why.
var grants = map[string][]string{
	// Accounts are loaded and saved whole; the only arithmetic update is on the rate limit's counters.
	"RefundFunction": {
		"dynamodb:GetItem Table.Arn", "dynamodb:PutItem Table.Arn", "dynamodb:UpdateItem Table.Arn only QUOTA#*",
		"secretsmanager:GetSecretValue IyzicoSecret", "secretsmanager:GetSecretValue CallbackStateSecret",
		// Lambda's poller takes messages in the function's name; the function hides what goes back and parks what is poison.
		"sqs:ReceiveMessage RefundQueue.Arn", "sqs:DeleteMessage RefundQueue.Arn", "sqs:GetQueueAttributes RefundQueue.Arn",
		"sqs:GetQueueUrl RefundQueue.Arn", "sqs:ChangeMessageVisibility RefundQueue.Arn",
		"sqs:GetQueueUrl RefundDeadLetterQueue.Arn", "sqs:SendMessage RefundDeadLetterQueue.Arn",
	},
	"CancelFunction": {
		"dynamodb:GetItem Table.Arn", "dynamodb:PutItem Table.Arn", "dynamodb:UpdateItem Table.Arn only QUOTA#*",
		"secretsmanager:GetSecretValue IyzicoSecret",
		"sqs:ReceiveMessage CancelQueue.Arn", "sqs:DeleteMessage CancelQueue.Arn", "sqs:GetQueueAttributes CancelQueue.Arn",
		"sqs:GetQueueUrl CancelQueue.Arn", "sqs:ChangeMessageVisibility CancelQueue.Arn",
		"sqs:GetQueueUrl CancelDeadLetterQueue.Arn", "sqs:SendMessage CancelDeadLetterQueue.Arn",
	},
	"FundFunction": {
		"dynamodb:GetItem Table.Arn", "dynamodb:PutItem Table.Arn", "dynamodb:UpdateItem Table.Arn only QUOTA#*",
		"secretsmanager:GetSecretValue IyzicoSecret",
	},
	// The open route: it must not be able to speak to iyzico as the merchant.
	"BalanceCallbackFunction": {
		"dynamodb:GetItem Table.Arn", "dynamodb:PutItem Table.Arn", "secretsmanager:GetSecretValue CallbackStateSecret",
	},
	// The other open route: notices are signed with iyzico's secret key. It has no use for a way to iyzico, and counts the notices
	// that it takes.
	"WebhookFunction": {
		"dynamodb:GetItem Table.Arn", "dynamodb:PutItem Table.Arn", "dynamodb:UpdateItem Table.Arn only QUOTA#*",
		"secretsmanager:GetSecretValue IyzicoSecret",
	},
	// It reads iyzico for a payment that is not known, which counts against the limit.
	// In the journal it looks things up by operation and by each index of operations, and never scans.
	"StatusFunction": {
		"dynamodb:BatchGetItem JournalTable.Arn", "dynamodb:Query JournalTable.Arn",
		"dynamodb:Query JournalTable.Arn/index/byTime", "dynamodb:Query JournalTable.Arn/index/byStatus", "dynamodb:Query JournalTable.Arn/index/byKind",
		"dynamodb:Query JournalTable.Arn/index/byPayment", "dynamodb:Query JournalTable.Arn/index/byReference",
		"dynamodb:GetItem Table.Arn", "dynamodb:Query Table.Arn/index/open", "dynamodb:UpdateItem Table.Arn only QUOTA#*",
		"secretsmanager:GetSecretValue IyzicoSecret",
	},
	"ReconcileFunction": {
		"dynamodb:GetItem Table.Arn", "dynamodb:PutItem Table.Arn", "dynamodb:Query Table.Arn/index/open",
		"dynamodb:UpdateItem Table.Arn only QUOTA#*", "secretsmanager:GetSecretValue IyzicoSecret",
	},
	// It settles what a day's list shows, as the reconciler does, and reads what moved. In the journal's table it writes days alone.
	"CloseFunction": {
		"dynamodb:GetItem Table.Arn", "dynamodb:PutItem Table.Arn", "dynamodb:UpdateItem Table.Arn only QUOTA#*",
		"dynamodb:Query JournalTable.Arn", "dynamodb:Query JournalTable.Arn/index/moved", "dynamodb:PutItem JournalTable.Arn only days",
		"events:PutEvents EventBus.Arn", "secretsmanager:GetSecretValue IyzicoSecret",
	},
	// It knows the table's changes, not the table. It adds to the journal, on condition, and takes nothing away.
	"PublishFunction": {
		"dynamodb:PutItem JournalTable.Arn",
		"dynamodb:DescribeStream Table.StreamArn", "dynamodb:GetRecords Table.StreamArn", "dynamodb:GetShardIterator Table.StreamArn",
		"dynamodb:ListStreams Table.StreamArn", "events:PutEvents EventBus.Arn", "sqs:SendMessage PublishDeadLetterQueue.Arn",
	},
}

// quotaOnly is the one condition on a table's keys: present, and of the rate limit's counters.
var quotaOnly = object{
	"ForAllValues:StringLike": object{"dynamodb:LeadingKeys": []any{"QUOTA#*"}},
	"Null":                    object{"dynamodb:LeadingKeys": "false"},
}

// daysOnly is the same for days and the parts of their readings.
var daysOnly = object{
	"ForAllValues:StringLike": object{"dynamodb:LeadingKeys": []any{"days", "day#*"}},
	"Null":                    object{"dynamodb:LeadingKeys": "false"},
}

// granted lists what a role's own statements allow, sorted.
func granted(t *testing.T, role object) []string {
	t.Helper()
	lines := []string{}
	for _, policy := range role["Policies"].([]any) {
		for _, s := range policy.(object)["PolicyDocument"].(object)["Statement"].([]any) {
			statement := s.(object)
			if statement["Effect"] != "Allow" {
				t.Errorf("effect %v", statement["Effect"])
			}
			suffix := ""
			switch condition := statement["Condition"]; {
			case condition == nil:
			case cmp.Equal(condition, any(quotaOnly)):
				suffix = " only QUOTA#*"
			case cmp.Equal(condition, any(daysOnly)):
				suffix = " only days"
			default:
				text, err := json.Marshal(condition)
				if err != nil {
					t.Fatal(err)
				}
				suffix = " only " + string(text)
			}
			resources, several := statement["Resource"].([]any)
			if !several {
				resources = []any{statement["Resource"]}
			}
			for _, action := range statement["Action"].([]any) {
				for _, resource := range resources {
					lines = append(lines, fmt.Sprintf("%s %s%s", action, resource, suffix))
				}
			}
		}
	}
	slices.Sort(lines)
	return lines
}

func functionRole(t *testing.T, d deployed, id string) object {
	t.Helper()
	role, ok := strings.CutSuffix(d.functions[id].(object)["Role"].(string), ".Arn")
	if !ok || typeOf(d.resources[role]) != "AWS::IAM::Role" {
		t.Fatalf("%s has the role %v", id, d.functions[id].(object)["Role"])
	}
	return d.properties(role)
}

func TestEachRoleMayDoExactlyWhatItsFunctionDoes(t *testing.T) {
	t.Parallel()
	d := deploy(t, nil)
	for _, id := range functionIDs {
		logs := strings.TrimSuffix(id, "Function") + "LogGroup.Arn"
		want := append([]string{"logs:CreateLogStream " + logs, "logs:PutLogEvents " + logs}, grants[id]...)
		slices.Sort(want)
		role := functionRole(t, d, id)
		if diff := cmp.Diff(want, granted(t, role)); diff != "" {
			t.Errorf("%s (- wanted, + template):\n%s", id, diff)
		}
		if diff := cmp.Diff(any([]any{"FunctionsPolicy"}), role["ManagedPolicyArns"]); diff != "" {
			t.Errorf("%s has other policies: %s", id, diff)
		}
	}
}

// TestWhatEveryFunctionMayIsThereBeforeWhatTheKeyEncrypts: a stack that is given a key of the merchant's own changes in the
// order of its dependencies, and functions that may not decrypt answer nobody.
func TestWhatEveryFunctionMayIsThereBeforeWhatTheKeyEncrypts(t *testing.T) {
	t.Parallel()
	noPlainHTTP := object{
		"Sid": "TLSOnly", "Effect": "Deny", "Action": []any{"*"}, "Resource": "*", "Condition": object{"Bool": object{"aws:SecureTransport": "false"}},
	}
	services := []any{"dynamodb.eu-central-1.amazonaws.com", "secretsmanager.eu-central-1.amazonaws.com"}
	decrypt := object{
		"Sid": "DecryptTableAndSecrets", "Effect": "Allow", "Action": []any{"kms:Decrypt"}, "Resource": everything["KmsKeyArn"],
		"Condition": object{"StringEquals": object{"kms:ViaService": services}},
	}
	for _, x := range []struct {
		parameters map[string]string
		want       []any
	}{{nil, []any{noPlainHTTP}}, {map[string]string{"KmsKeyArn": everything["KmsKeyArn"]}, []any{noPlainHTTP, decrypt}}} {
		d := deploy(t, x.parameters)
		if diff := cmp.Diff(any(x.want), d.properties("FunctionsPolicy")["PolicyDocument"].(object)["Statement"]); diff != "" {
			t.Error(diff)
		}
		for _, id := range append(d.ofType("AWS::DynamoDB::Table"), d.ofType("AWS::SecretsManager::Secret")...) {
			if !waitsFor(d, id, "FunctionsPolicy") {
				t.Errorf("%s does not wait for the policy", id)
			}
		}
	}
}

// waitsFor: the resource says that another one must be there before it.
func waitsFor(d deployed, id, other string) bool {
	waits := d.resources[id].(object)["DependsOn"]
	list, _ := waits.([]any)
	return waits == other || slices.Contains(list, any(other))
}

// With a table and a VPC of the merchant's own, roles gain what these need and nothing else.
func TestRolesFollowTheMerchantsOwnTableAndVPC(t *testing.T) {
	t.Parallel()
	d := deploy(t, everything)
	table := "arn:aws:dynamodb:eu-central-1:123456789012:table/kept"
	for _, id := range functionIDs {
		logs := strings.TrimSuffix(id, "Function") + "LogGroup.Arn"
		want := []string{"logs:CreateLogStream " + logs, "logs:PutLogEvents " + logs}
		for _, line := range grants[id] {
			line = strings.Replace(line, " Table.StreamArn", " "+everything["ExistingTableStreamArn"], 1)
			want = append(want, strings.Replace(line, " Table.Arn", " "+table, 1))
		}
		slices.Sort(want)
		role := functionRole(t, d, id)
		if diff := cmp.Diff(want, granted(t, role)); diff != "" {
			t.Errorf("%s (- wanted, + template):\n%s", id, diff)
		}
		managed := []any{"FunctionsPolicy"}
		if _, inVPC := d.functions[id].(object)["VpcConfig"]; inVPC {
			managed = append(managed, "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole")
		}
		if diff := cmp.Diff(any(managed), role["ManagedPolicyArns"]); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
	}
}

func TestNoFunctionSharesARoleAndOnlyItsServiceAssumesIt(t *testing.T) {
	t.Parallel()
	d := deploy(t, everything)
	users := map[string]string{"ReconcileScheduleRole": "scheduler.amazonaws.com", "CloseScheduleRole": "scheduler.amazonaws.com"}
	for _, id := range functionIDs {
		role := strings.TrimSuffix(d.functions[id].(object)["Role"].(string), ".Arn")
		if users[role] != "" {
			t.Errorf("%s has a role that is somebody else's: %s", id, role)
		}
		users[role] = "lambda.amazonaws.com"
	}
	roles := d.ofType("AWS::IAM::Role")
	if len(roles) != len(users) {
		t.Errorf("%d roles for %d users: %v", len(roles), len(users), roles)
	}
	for _, role := range roles {
		p := d.properties(role)
		trust := p["AssumeRolePolicyDocument"].(object)["Statement"].([]any)
		principal := trust[0].(object)["Principal"]
		if diff := cmp.Diff(any(object{"Service": users[role]}), principal); diff != "" || len(trust) != 1 {
			t.Errorf("%s may be assumed by others: %s", role, diff)
		}
		if p["PermissionsBoundary"] != everything["PermissionsBoundaryArn"] {
			t.Errorf("%s: permissions boundary %v", role, p["PermissionsBoundary"])
		}
	}
	if _, has := deploy(t, nil).properties("RefundRole")["PermissionsBoundary"]; has {
		t.Error("a permissions boundary that nobody gave")
	}
}

func TestEachScheduleMayInvokeItsFunctionOnly(t *testing.T) {
	t.Parallel()
	d := deploy(t, nil)
	for _, name := range []string{"Reconcile", "Close"} {
		role := d.properties(name + "ScheduleRole")
		if diff := cmp.Diff([]string{"lambda:InvokeFunction " + name + "Function.Alias"}, granted(t, role)); diff != "" {
			t.Error(diff)
		}
	}
}

// A log group's Arn attribute ends with :* for its streams, whose names nobody knows; nothing else may be open-ended.
func TestNoStatementHasAWildcard(t *testing.T) {
	t.Parallel()
	for _, parameters := range []map[string]string{nil, everything} {
		d := deploy(t, parameters)
		for _, id := range d.ofType("AWS::IAM::Role") {
			for _, line := range granted(t, d.properties(id)) {
				grant, _, _ := strings.Cut(line, " only ")
				if strings.Contains(grant, "*") {
					t.Errorf("%s: %s", id, line)
				}
			}
		}
	}
}

// The variables tell a function which secrets to read; its role must agree.
func TestAFunctionIsToldOfTheSecretsThatItMayRead(t *testing.T) {
	t.Parallel()
	d := deploy(t, nil)
	for _, id := range functionIDs {
		variables := settingsOf(t, d, id)
		for name, secret := range map[string]string{"IYZICO_SECRET_ARN": "IyzicoSecret", "CALLBACK_STATE_SECRET_ARN": "CallbackStateSecret"} {
			may := slices.Contains(grants[id], "secretsmanager:GetSecretValue "+secret)
			if want := map[bool]string{true: secret, false: ""}[may]; variables[name] != want {
				t.Errorf("%s: %s is %q, not %q", id, name, variables[name], want)
			}
		}
	}
}
