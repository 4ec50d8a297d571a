package deploy_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/iade/iade/internal/test/need"
)

// TestTheSwitchChangesNothingElseOfTheStack runs build/new-money.sh with an AWS CLI that only notes what it is asked.
func TestTheSwitchChangesNothingElseOfTheStack(t *testing.T) {
	t.Parallel()
	need.Program(t, "bash", "install it")
	folder := t.TempDir()
	stub := "#!/usr/bin/env bash\nprintf '%s\\n' \"$*\" >> \"$CALLS\"\nif [ \"$2\" = describe-stacks ]; then printf 'IyzicoBaseUrl\\tNewMoney\\tNewMoneyReason\\tKmsKeyArn\\n'; fi\n"
	if err := os.WriteFile(filepath.Join(folder, "aws"), []byte(stub), 0o700); err != nil {
		t.Fatal(err)
	}
	run := func(arguments ...string) (calls []string, err error) {
		t.Helper()
		log := filepath.Join(t.TempDir(), "calls")
		command := exec.Command("build/new-money.sh", arguments...)
		command.Env = append(os.Environ(), "PATH="+folder+string(os.PathListSeparator)+os.Getenv("PATH"), "CALLS="+log)
		out, err := command.CombinedOutput()
		data, readErr := os.ReadFile(log)
		if err == nil && readErr != nil {
			t.Fatalf("%s: %v", out, readErr)
		}
		return strings.Split(strings.TrimSpace(string(data)), "\n"), err
	}
	calls, err := run("iade", "off", `iyzico says "later", so do we\`)
	if err != nil || len(calls) != 3 || !strings.HasPrefix(calls[2], "cloudformation wait stack-update-complete --stack-name iade") {
		t.Fatalf("%q %v", calls, err)
	}
	update, list, _ := strings.Cut(calls[1], " --parameters ")
	if !strings.Contains(update, "update-stack --stack-name iade --use-previous-template") {
		t.Errorf("%s", update)
	}
	var parameters []struct {
		ParameterKey, ParameterValue string
		UsePreviousValue             bool
	}
	if err := json.Unmarshal([]byte(list), &parameters); err != nil {
		t.Fatalf("%s: %v", list, err)
	}
	got := map[string]string{}
	for _, p := range parameters {
		got[p.ParameterKey] = p.ParameterValue
		if kept := p.ParameterKey == "IyzicoBaseUrl" || p.ParameterKey == "KmsKeyArn"; p.UsePreviousValue != kept {
			t.Errorf("%+v", p)
		}
	}
	if len(got) != 4 || got["NewMoney"] != "off" || got["NewMoneyReason"] != `iyzico says "later", so do we\` {
		t.Errorf("%v", got)
	}
	for _, wrong := range [][]string{{"iade"}, {"iade", "maybe"}, {"iade", "off", "a", "b"}} {
		if calls, err := run(wrong...); err == nil || len(calls) != 1 || calls[0] != "" {
			t.Errorf("%q: %q %v", wrong, calls, err)
		}
	}
}
