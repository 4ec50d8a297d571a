package deploy_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/iade/iade/internal/test/need"
)

// deployerNeeds is one action of a deployer for each type of resource: whoever adds a type adds what deploying it takes.
var deployerNeeds = map[string]string{
	"AWS::ApiGatewayV2::Api": "apigateway:POST", "AWS::ApiGatewayV2::Authorizer": "apigateway:POST", "AWS::ApiGatewayV2::Integration": "apigateway:POST",
	"AWS::ApiGatewayV2::Route": "apigateway:POST", "AWS::ApiGatewayV2::Stage": "apigateway:POST", "AWS::CloudFormation::Stack": "cloudformation:CreateStack",
	"AWS::ApiGatewayV2::DomainName": "apigateway:POST", "AWS::ApiGatewayV2::ApiMapping": "apigateway:POST",
	"AWS::CloudWatch::Alarm": "cloudwatch:PutMetricAlarm", "AWS::CloudWatch::Dashboard": "cloudwatch:PutDashboard", "AWS::DynamoDB::Table": "dynamodb:CreateTable",
	"AWS::Events::EventBus": "events:CreateEventBus", "AWS::Events::EventBusPolicy": "events:PutPermission", "AWS::Events::Rule": "events:PutRule",
	"AWS::IAM::ManagedPolicy": "iam:CreatePolicy", "AWS::IAM::Role": "iam:CreateRole", "AWS::Lambda::EventSourceMapping": "lambda:CreateEventSourceMapping",
	"AWS::Lambda::Permission": "lambda:AddPermission", "AWS::Logs::LogGroup": "logs:CreateLogGroup", "AWS::SQS::Queue": "sqs:CreateQueue",
	"AWS::SQS::QueuePolicy": "sqs:SetQueueAttributes", "AWS::SSM::Parameter": "ssm:PutParameter", "AWS::Scheduler::Schedule": "scheduler:CreateSchedule",
	"AWS::SecretsManager::Secret": "secretsmanager:CreateSecret", "AWS::Route53::RecordSet": "route53:ChangeResourceRecordSets", "AWS::Serverless::Function": "lambda:CreateFunction",
	"AWS::AppConfig::Application": "appconfig:CreateApplication", "AWS::AppConfig::ConfigurationProfile": "appconfig:CreateConfigurationProfile",
	"AWS::AppConfig::HostedConfigurationVersion": "appconfig:CreateHostedConfigurationVersion",
}

// TestTheDeployerMayDeployEverythingAndTouchesNeitherMoneyNorKeys: what is denied cannot be given back by another policy.
func TestTheDeployerMayDeployEverythingAndTouchesNeitherMoneyNorKeys(t *testing.T) {
	t.Parallel()
	var policy struct {
		Statement []struct {
			Effect   string
			Action   []string
			Resource any
		}
	}
	if err := json.Unmarshal([]byte(readText(t, "ops/deployer-policy.json")), &policy); err != nil {
		t.Fatal(err)
	}
	var may, never []string
	for _, s := range policy.Statement {
		switch s.Effect {
		case "Allow":
			may = append(may, s.Action...)
		case "Deny":
			never = append(never, s.Action...)
		}
	}
	for _, parameters := range []map[string]string{nil, everything, withDomain} {
		d := deploy(t, parameters)
		for id, resource := range d.resources {
			if action := deployerNeeds[typeOf(resource)]; action == "" || !slices.Contains(may, action) {
				t.Errorf("the deployer may not make %s, a %s", id, typeOf(resource))
			}
		}
	}
	for _, action := range may {
		if strings.Contains(action, "*") {
			t.Errorf("the deployer may %s", action)
		}
	}
	for _, action := range []string{
		"dynamodb:DeleteTable", "dynamodb:GetItem", "dynamodb:PutItem", "secretsmanager:GetSecretValue", "cloudformation:SetStackPolicy",
		"cloudformation:UpdateTerminationProtection", "cloudformation:UpdateStack",
	} {
		if !slices.Contains(never, action) {
			t.Errorf("the deployer is not denied %s", action)
		}
	}
	// An update beside a change set may bring a policy that holds in place of the stack's, as ops/set.sh does. CloudFormation updates the
	// stack within the stack so, in the deployer's name.
	for _, s := range policy.Statement {
		if s.Effect == "Deny" && slices.Contains(s.Action, "cloudformation:UpdateStack") && fmt.Sprint(s.Resource) != "[arn:aws:cloudformation:REGION:ACCOUNT:stack/STACK/*]" {
			t.Errorf("the deployer is denied %v on %v", s.Action, s.Resource)
		}
	}
}

// TestTheWorkflowDeploysWithoutAKeyAndWithoutAQuestion, an environment that samconfig.toml has.
func TestTheWorkflowDeploysWithoutAKeyAndWithoutAQuestion(t *testing.T) {
	t.Parallel()
	text := readText(t, ".github/workflows/deploy.yml")
	var workflow struct {
		On struct {
			Dispatch struct {
				Inputs map[string]struct{ Options []string }
			} `yaml:"workflow_dispatch"`
		}
		Permissions map[string]string
		Jobs        map[string]struct {
			Steps []struct {
				Uses, Run string
				With      map[string]any
			}
		}
	}
	if err := yaml.Unmarshal([]byte(text), &workflow); err != nil {
		t.Fatal(err)
	}
	if workflow.Permissions["id-token"] != "write" || strings.Contains(text, "secrets.") {
		t.Errorf("permissions %v, or a secret is kept", workflow.Permissions)
	}
	steps := workflow.Jobs["deploy"].Steps
	if last := steps[len(steps)-1]; last.Run != `ops/deploy.sh "$ENVIRONMENT"` {
		t.Errorf("it ends with %+v", last)
	}
	for _, s := range steps {
		if strings.HasPrefix(s.Uses, "actions/checkout@") && s.With["fetch-depth"] != 0 {
			t.Error("without its tags the checkout has no version")
		}
	}
	for _, environment := range workflow.On.Dispatch.Inputs["environment"].Options {
		if !strings.Contains(readText(t, "samconfig.toml"), "\n["+environment+".deploy.parameters]\n") {
			t.Errorf("samconfig.toml has no %s", environment)
		}
	}
}

// checkout makes a repository with the scripts and a program of that name which notes how it is called.
func checkout(t *testing.T, programs map[string]string) (run func(name string, arguments ...string) (string, error), folder string) {
	t.Helper()
	need.Program(t, "bash", "install it")
	need.Program(t, "git", "install it")
	folder = t.TempDir()
	for _, file := range []string{"ops/release.sh", "ops/deploy.sh", "CHANGELOG.md", "samconfig.toml"} {
		if err := os.MkdirAll(filepath.Join(folder, filepath.Dir(file)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, file), []byte(readText(t, file)), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	bin := t.TempDir()
	for name, script := range programs {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(bin, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	run = func(name string, arguments ...string) (string, error) {
		command := exec.CommandContext(t.Context(), name, arguments...)
		command.Dir = folder
		command.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "BIN="+bin,
			"GIT_AUTHOR_NAME=t", "GIT_AUTHOR_EMAIL=t@t", "GIT_COMMITTER_NAME=t", "GIT_COMMITTER_EMAIL=t@t", "GIT_CONFIG_GLOBAL="+os.DevNull)
		out, err := command.CombinedOutput()
		return string(out), err
	}
	for _, arguments := range [][]string{{"init", "-q"}, {"add", "-A"}, {"commit", "-q", "-m", "first"}} {
		if out, err := run("git", arguments...); err != nil {
			t.Fatalf("%s: %v", out, err)
		}
	}
	return run, folder
}

func TestAReleaseIsATagOfWhatIsCommitted(t *testing.T) {
	t.Parallel()
	run, folder := checkout(t, nil)
	for _, version := range []string{"", "1.4", "v1.4.0"} {
		if said, err := run("ops/release.sh", version); err == nil || !strings.Contains(said, "nothing was released") {
			t.Errorf("%q: %s", version, said)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "new"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := run("ops/release.sh", "1.4.0"); err == nil || !strings.Contains(said, "not committed: nothing was released") {
		t.Errorf("%s", said)
	}
	if err := os.Remove(filepath.Join(folder, "new")); err != nil {
		t.Fatal(err)
	}
	if said, err := run("ops/release.sh", "1.4.0"); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if said, err := run("ops/release.sh", "1.4.0"); err == nil || !strings.Contains(said, "v1.4.0 is there already") {
		t.Errorf("%s", said)
	}
	if said, _ := run("git", "describe", "--tags", "--always", "--dirty"); said != "v1.4.0\n" {
		t.Errorf("git describes it as %s", said)
	}
	changes, err := os.ReadFile(filepath.Join(folder, "CHANGELOG.md"))
	if err != nil || !regexp.MustCompile(`## \[Unreleased\]\n\n## \[1\.4\.0\] - \d{4}-\d\d-\d\d\n`).Match(changes) {
		t.Errorf("%v %.300s", err, changes)
	}
}

// TestADeployNamesItsVersionAndLooksWhetherItRuns.
func TestADeployNamesItsVersionAndLooksWhetherItRuns(t *testing.T) {
	t.Parallel()
	run, folder := checkout(t, map[string]string{"sam": `echo "sam $*" >>"$BIN/notes"; echo "sam $*"`})
	if err := os.WriteFile(filepath.Join(folder, "ops/health.sh"), []byte("#!/bin/sh\necho \"health $*\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, arguments := range [][]string{{"add", "-A"}, {"commit", "-q", "-m", "health"}, {"tag", "v1.4.0"}} {
		if out, err := run("git", arguments...); err != nil {
			t.Fatalf("%s: %v", out, err)
		}
	}
	for environment, stack := range map[string]string{"default": "iade", "prod": "iade-prod"} {
		said, err := run("ops/deploy.sh", environment)
		want := "sam build --config-env " + environment + "\n" +
			"sam deploy --config-env " + environment + " --no-confirm-changeset --tags application=iade version=v1.4.0\n" +
			"health " + stack + " v1.4.0\n"
		if err != nil || said != want {
			t.Errorf("%v\n%s", err, said)
		}
	}
	if said, err := run("ops/deploy.sh", "elsewhere"); err == nil || !strings.Contains(said, "nothing was deployed") {
		t.Errorf("an environment without a stack: %s", said)
	}
}
