package deploy_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// withParameter deploys the template twice, with two values of one parameter beside what it needs.
func withParameter(t *testing.T, name string) (one, other deployed) {
	t.Helper()
	values := [2]string{"one", "other"}
	switch name {
	case "NewMoney":
		values = [2]string{"on", "off"}
	case "VpcSubnetIds", "VpcSecurityGroupIds":
		values = [2]string{"a-1", "a-1,a-2"}
	}
	both := [2]deployed{}
	for i, value := range values {
		parameters := map[string]string{name: value}
		switch name {
		case "VpcSubnetIds":
			parameters["VpcSecurityGroupIds"] = "sg-1"
		case "VpcSecurityGroupIds":
			parameters["VpcSubnetIds"] = "subnet-1"
		case "DomainName":
			parameters["CertificateArn"] = "arn"
		}
		both[i] = deploy(t, parameters)
	}
	return both[0], both[1]
}

// TestEverySettingOfAFunctionPublishesAVersion: a new version is published for another text of the template, not for another
// value. So what a function is given stands in a record whose number is in the version's description, the change of which replaces the
// version; and in the function's own, without a change of which Lambda would publish none.
func TestEverySettingOfAFunctionPublishesAVersion(t *testing.T) {
	t.Parallel()
	d := deploy(t, nil)
	for _, id := range functionIDs {
		p := d.functions[id].(object)
		if p["Description"] != "settings SettingsVersion" || p["VersionDescription"] != p["Description"] || p["AutoPublishAlias"] != "live" {
			t.Errorf("%s: %v, %v, alias %v", id, p["Description"], p["VersionDescription"], p["AutoPublishAlias"])
		}
		if kept := d.resources[id].(object)["UpdateReplacePolicy"]; kept != "Retain" {
			t.Errorf("%s: a version that is replaced is not kept to go back to", id)
		}
	}
	_, root := readTemplate(t)
	changing := 0
	for name := range root["Parameters"].(object) {
		one, other := withParameter(t, name)
		if cmp.Equal(one.functions, other.functions) {
			continue
		}
		changing++
		if cmp.Equal(one.properties("SettingsVersion"), other.properties("SettingsVersion")) {
			t.Errorf("%s changes functions and publishes no version of them", name)
		}
	}
	if changing < 15 {
		t.Errorf("only %d parameters change functions", changing)
	}
	if !waitsFor(d, "SettingsVersion", "Decisions") {
		t.Error("the record changes before a decision is found to be denied")
	}
}

// TestEveryCallerOfAFunctionCallsItsAlias: past it, code and settings would change one after the other, and no roll-back would
// reach the caller. The stack's own references to a function are names for people and for alarms, which count all its versions.
func TestEveryCallerOfAFunctionCallsItsAlias(t *testing.T) {
	t.Parallel()
	for _, parameters := range []map[string]string{nil, everything} {
		d := deploy(t, parameters)
		for id, resource := range d.resources {
			if typeOf(resource) == nestedStack || strings.HasPrefix(typeOf(resource), "AWS::CloudWatch::") {
				continue
			}
			text := fmt.Sprint(properties(resource))
			for _, function := range functionIDs {
				for _, found := range regexp.MustCompile(`\b`+function+`\b[.:\w]*`).FindAllString(text, -1) {
					if called := strings.TrimPrefix(found, function); !slices.Contains([]string{".Alias", ".Arn:live", ".Version"}, called) {
						t.Errorf("%s calls %s", id, found)
					}
				}
			}
		}
		for _, id := range d.ofType("AWS::ApiGatewayV2::Integration") {
			permission := strings.TrimSuffix(id, "Integration") + "Permission"
			if !waitsFor(d, id, permission) {
				t.Errorf("%s leads to the alias before API Gateway may call it", id)
			}
		}
	}
	var releases []string
	for text := range strings.SplitSeq(deploy(t, nil).properties("Releases")["Value"].(string), " ") {
		releases = append(releases, strings.TrimSuffix(text, ".Version"))
	}
	slices.Sort(releases)
	if diff := cmp.Diff(functionIDs, releases); diff != "" {
		t.Errorf("functions that a release leaves out: %s", diff)
	}
}

// keptByRollback are the parameters that a roll-back leaves as they are: what people decided about money.
var keptByRollback = []string{"MaxRefundAmountPerDay", "MaxRefundsPerHour", "NewMoney", "NewMoneyReason", "ReviewAbsenceFrom", "TableRestoredAt"}

// TestARollBackKeepsWhatPeopleDecided: every variable that a decision sets is among those that ops/rollback.sh takes from the stack
// as it is, and from the parameter that sets it.
func TestARollBackKeepsWhatPeopleDecided(t *testing.T) {
	t.Parallel()
	script := readText(t, "ops/rollback.sh")
	_, list, _ := strings.Cut(script, "\ndecisions='")
	list, _, _ = strings.Cut(list, "'\n")
	from := map[string]string{}
	for _, pair := range strings.Fields(list) {
		variable, parameter, _ := strings.Cut(pair, ":")
		from[parameter] = variable
	}
	want := map[string]string{}
	for _, name := range keptByRollback {
		one, other := withParameter(t, name)
		for _, id := range functionIDs {
			had, has := settingsOf(t, one, id), settingsOf(t, other, id)
			for variable := range has {
				if had[variable] != has[variable] {
					want[name] = variable
				}
			}
		}
	}
	if diff := cmp.Diff(want, from); diff != "" {
		t.Errorf("- template, + ops/rollback.sh:\n%s", diff)
	}
	for _, name := range decisions {
		one, other := withParameter(t, name)
		had, has := settingsOf(t, one, "RefundFunction"), settingsOf(t, other, "RefundFunction")
		for variable, value := range has {
			kept := variable == "TABLE_NAME" && strings.Contains(script, `"\"TABLE_NAME\":$(quoted "$(output TableName)")"`) || from[name] == variable
			if had[variable] != value && !kept {
				t.Errorf("%s sets %s, which a roll-back would take back", name, variable)
			}
		}
	}
}

// TestTheDeployerMayRollBack: every call of the two scripts is allowed by the deployer's policy, and nothing of theirs is denied to it.
func TestTheDeployerMayRollBack(t *testing.T) {
	t.Parallel()
	var policy struct {
		Statement []struct {
			Effect string
			Action []string
		}
	}
	if err := json.Unmarshal([]byte(readText(t, "ops/deployer-policy.json")), &policy); err != nil {
		t.Fatal(err)
	}
	allowed := map[string]bool{}
	for _, effect := range []string{"Allow", "Deny"} {
		for _, s := range policy.Statement {
			for _, action := range s.Action {
				if s.Effect == effect {
					allowed[action] = effect == "Allow"
				}
			}
		}
	}
	// What the AWS CLI's words do where they are not the action's own.
	actions := map[string]string{"lambda:Invoke": "lambda:InvokeFunction", "lambda:Wait": "lambda:GetFunctionConfiguration"}
	called := map[string]bool{}
	for _, script := range []string{"ops/rollback.sh", "ops/health.sh"} {
		for _, match := range regexp.MustCompile(`\baws ([a-z]+) ([a-z-]+)`).FindAllStringSubmatch(readText(t, script), -1) {
			action := match[1] + ":"
			for word := range strings.SplitSeq(match[2], "-") {
				action += strings.ToUpper(word[:1]) + word[1:]
			}
			if other := actions[action]; other != "" {
				action = other
			}
			called[action] = true
			if !allowed[action] && match[1] != "logs" { // a hint to a person
				t.Errorf("%s calls %s, which the deployer may not", script, action)
			}
		}
	}
	for _, action := range []string{"lambda:UpdateAlias", "lambda:PublishVersion", "ssm:GetParameterHistory", "cloudformation:DescribeStacks"} {
		if !called[action] {
			t.Errorf("no script calls %s: are the calls read at all?", action)
		}
	}
}
