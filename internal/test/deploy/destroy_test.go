package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/iade/iade/internal/test/need"
)

// standIns puts programs named aws and sam before all others. aws knows one stack; sam notes what it is asked for.
func standIns(t *testing.T) (path, notes string) {
	t.Helper()
	folder := t.TempDir()
	notes = filepath.Join(folder, "notes")
	for name, script := range map[string]string{
		"aws": `case "$*" in
*describe-stacks*"--stack-name iade "*) echo CREATE_COMPLETE ;;
*describe-stacks*) echo "Stack with id other does not exist" >&2; exit 254 ;;
*"dynamodb describe-table"*LatestStreamArn*) echo "arn:aws:dynamodb:::table/t/stream/s" ;;
*"secretsmanager describe-secret"*physical-IyzicoSecret*) echo "eu-west-1" ;;
*"secretsmanager describe-secret"*) echo "None" ;;
*"events list-rules"*physical-EventBus*) printf 'physical-RefundRequestedRule\tphysical-CancelRequestedRule\tbookkeeping\n' ;;
*update-termination-protection*) echo "aws $*" >>'` + notes + `' ;;
*describe-stack-resource*) for a; do [ "$last" = --logical-resource-id ] && echo "physical-$a"; last=$a; done ;;
*) echo "unexpected: aws $*" >>'` + notes + `'; exit 1 ;;
esac`,
		"sam": `echo "sam $*" >>'` + notes + `'`,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return folder + string(os.PathListSeparator) + os.Getenv("PATH"), notes
}

func TestDestroyNamesWhatIsKeptAndAsksFirst(t *testing.T) {
	t.Parallel()
	need.Program(t, "bash", "install it")
	path, notes := standIns(t)
	destroy := func(arguments ...string) (string, error) {
		command := exec.CommandContext(t.Context(), "make", append([]string{"--no-print-directory", "destroy"}, arguments...)...)
		command.Env = append(os.Environ(), "PATH="+path)
		out, err := command.CombinedOutput()
		return string(out), err
	}
	for _, arguments := range [][]string{nil, {"CONFIRM=yes"}, {"STACK=other", "CONFIRM=other"}} {
		if out, err := destroy(arguments...); err == nil || !strings.Contains(strings.ToLower(out), "nothing was deleted") {
			t.Errorf("%v: %v\n%s", arguments, err, out)
		}
	}
	if done, err := os.ReadFile(notes); err == nil {
		t.Fatalf("without a confirmation: %s", done)
	}
	const unprotected = "aws cloudformation update-termination-protection --stack-name iade --no-enable-termination-protection\n"
	out, err := destroy("CONFIRM=iade")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if done, err := os.ReadFile(notes); err != nil || string(done) != unprotected+"sam delete --stack-name iade --no-prompts\n" {
		t.Errorf("%v %s", err, done)
	}
	d := deploy(t, nil)
	kept := 0
	for id, resource := range d.resources {
		policy, _ := resource.(object)["DeletionPolicy"].(string)
		retained := strings.HasPrefix(policy, "Retain")
		if named := strings.Contains(out, "physical-"+id+":"); named != retained {
			t.Errorf("%s: named as kept %t, is kept %t\n%s", id, named, retained, out)
		}
		if retained {
			kept++
			removal := map[string]string{
				"AWS::DynamoDB::Table":        "aws dynamodb delete-table --table-name physical-" + id + "\n",
				"AWS::SecretsManager::Secret": "aws secretsmanager delete-secret --secret-id physical-" + id + " ",
			}[typeOf(resource)]
			if removal == "" || !strings.Contains(out, removal) {
				t.Errorf("how to remove %s is not said: %s", id, out)
			}
		}
	}
	for _, part := range []string{
		"ExistingTableStreamArn=arn:aws:dynamodb:::table/t/stream/s\n", "its stream        arn:aws:dynamodb:::table/t/stream/s:",
		"remove-regions-from-replication --secret-id physical-IyzicoSecret --remove-replica-regions eu-west-1\n",
		"Rule bookkeeping is not the stack's", "aws events delete-rule --event-bus-name physical-EventBus --name bookkeeping\n",
	} {
		if !strings.Contains(out, part) {
			t.Errorf("it does not say %q\n%s", part, out)
		}
	}
	if strings.Contains(out, "Rule physical-") || strings.Contains(out, "--secret-id physical-CallbackStateSecret --remove") {
		t.Errorf("it names as the merchant's what is the stack's, or copies that there are not\n%s", out)
	}
	if kept == 0 {
		t.Error("the stack keeps nothing")
	}
	if table := d.properties("Table"); table["DeletionProtectionEnabled"] != true || !strings.Contains(out, "--no-deletion-protection-enabled") {
		t.Error("the table's protection is not lifted by what is said")
	}
}
