package deploy_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/iade/iade/internal/ingress"
)

// callerPolicies names the policy of each scope whose callers sign with IAM.
var callerPolicies = map[ingress.Scope]string{
	ingress.ScopeWrite: "CallerWritePolicy", ingress.ScopeRead: "CallerReadPolicy", ingress.ScopeOperator: "CallerOperatorPolicy",
}

// policiesOfCallers are all managed policies but that of the functions.
func policiesOfCallers(d deployed) []string {
	return slices.DeleteFunc(d.ofType("AWS::IAM::ManagedPolicy"), func(id string) bool { return id == "FunctionsPolicy" })
}

var pathParameter = regexp.MustCompile(`\{[^}]+\}`)

// TestEachCallerPolicyHoldsExactlyTheRoutesOfItsScope: what one of them lets in, the others do not.
func TestEachCallerPolicyHoldsExactlyTheRoutesOfItsScope(t *testing.T) {
	t.Parallel()
	d := deploy(t, nil)
	want := map[string][]string{}
	for _, r := range ingress.Routes() {
		if id := callerPolicies[r.Scope]; id != "" {
			want[id] = append(want[id], "arn:aws:execute-api:eu-central-1:123456789012:Api/$default/"+r.Method+pathParameter.ReplaceAllString(r.Pattern, "*"))
		}
	}
	got := map[string][]string{}
	for _, id := range policiesOfCallers(d) {
		statements := d.properties(id)["PolicyDocument"].(object)["Statement"].([]any)
		statement := statements[0].(object)
		if len(statements) != 1 || statement["Effect"] != "Allow" || !slices.Equal(texts(statement["Action"].([]any)), []string{"execute-api:Invoke"}) {
			t.Errorf("%s: %v", id, statements)
		}
		got[id] = texts(statement["Resource"].([]any))
		if d.outputs[id+"Arn"].(object)["Value"] != id {
			t.Errorf("no output tells of %s", id)
		}
	}
	for _, routes := range []map[string][]string{want, got} {
		for _, list := range routes {
			slices.Sort(list)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(- routes, + template):\n%s", diff)
	}
}

// TestCallersOfOtherAccountsAskAndReadThroughOneRole, which only their accounts may assume, and which cannot decide over
// operations.
func TestCallersOfOtherAccountsAskAndReadThroughOneRole(t *testing.T) {
	t.Parallel()
	d := deploy(t, map[string]string{"CallerAccounts": "111111111111,222222222222", "PermissionsBoundaryArn": everything["PermissionsBoundaryArn"]})
	role := d.properties("CallerRole")
	trust := role["AssumeRolePolicyDocument"].(object)["Statement"].([]any)
	want := object{"Effect": "Allow", "Principal": object{"AWS": []any{"111111111111", "222222222222"}}, "Action": []any{"sts:AssumeRole"}}
	if diff := cmp.Diff([]any{want}, trust); diff != "" {
		t.Error(diff)
	}
	if policies := texts(role["ManagedPolicyArns"].([]any)); !slices.Equal(policies, []string{"CallerWritePolicy", "CallerReadPolicy"}) || role["Policies"] != nil {
		t.Errorf("%v %v", policies, role["Policies"])
	}
	if role["PermissionsBoundary"] != everything["PermissionsBoundaryArn"] || d.outputs["CallerRoleArn"].(object)["Value"] != "CallerRole.Arn" {
		t.Errorf("%v %v", role, d.outputs["CallerRoleArn"])
	}
	for name, parameters := range map[string]map[string]string{"by default": nil, "with JWT": {"CallerAccounts": "111111111111", "JwtIssuer": "https://id.example", "JwtAudience": "iade"}} {
		if d := deploy(t, parameters); d.resources["CallerRole"] != nil || d.outputs["CallerRoleArn"] != nil {
			t.Errorf("%s there is a role that others may assume", name)
		}
	}
}

// TestWithJWTThereAreNoCallerPolicies: they would let nobody in.
func TestWithJWTThereAreNoCallerPolicies(t *testing.T) {
	t.Parallel()
	d := deploy(t, everything)
	if ids := policiesOfCallers(d); len(ids) != 0 {
		t.Error(ids)
	}
	for name := range d.outputs {
		if strings.HasPrefix(name, "Caller") {
			t.Errorf("output %s", name)
		}
	}
}
