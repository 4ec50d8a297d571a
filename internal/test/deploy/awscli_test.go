package deploy_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/iade/iade/internal/test/need"
)

// standInVariable tells this test program to be the AWS CLI, for the stack in that file.
const standInVariable = "IADE_STAND_IN_AWS"

// stackFile is a stack as the stand-in for the AWS CLI knows it.
type stackFile struct {
	Name, Status string
	Order        []string // of the parameters
	Parameters   map[string]string
	Policy       string
	Fails        string // why the next update fails, as CloudFormation finds out on the way
	Refuses      string // why an update is not begun
	Sick         bool   // functions answer with an error
	Protected    bool   // against deletion
	NoPolicies   bool   // whoever asks may not set policies
	Outputs      map[string]string
	Calls        []string // what was asked, word by word; and how long somebody slept
}

type stackPolicy struct {
	Statement []struct{ Effect, Action, Principal, Resource string }
}

// standInAWS is as much of the AWS CLI as the scripts of ops/ use. An update changes parameters as CloudFormation does: all are
// named, each with a value or as it is; and the stack's policy holds unless the update brings another.
func standInAWS(file string, arguments []string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var stack stackFile
	if err := json.Unmarshal(data, &stack); err != nil {
		return err
	}
	stack.Calls = append(stack.Calls, strings.Join(arguments, " "))
	said, asked := stack.answer(arguments)
	if data, err = json.Marshal(stack); err != nil {
		return err
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		return err
	}
	fmt.Print(said)
	return asked
}

func option(arguments []string, name string) string {
	if i := slices.Index(arguments, name); i >= 0 && i+1 < len(arguments) {
		return arguments[i+1]
	}
	return ""
}

func (s *stackFile) answer(arguments []string) (string, error) {
	query := option(arguments, "--query")
	if name := option(arguments, "--stack-name"); name != "" && name != s.Name {
		return "", fmt.Errorf("stack with id %s does not exist", name)
	}
	switch call := strings.Join(arguments[:min(2, len(arguments))], " "); {
	case call == "cloudformation describe-stacks" && query == "Stacks[0].StackStatus":
		return s.Status + "\n", nil
	case call == "cloudformation describe-stacks" && strings.HasPrefix(query, "Stacks[0].Parameters[?ParameterKey=="):
		return s.Parameters[strings.Split(query, "'")[1]] + "\n", nil
	case call == "cloudformation describe-stacks" && strings.HasPrefix(query, "Stacks[0].Parameters"):
		var b strings.Builder
		for _, name := range s.Order {
			fmt.Fprintf(&b, "%s\t%s\n", name, s.Parameters[name])
		}
		return b.String(), nil
	case call == "cloudformation describe-stacks" && strings.HasPrefix(query, "Stacks[0].Outputs"):
		output := strings.Split(query, "'")[1]
		return cmp.Or(s.Outputs[output], s.Name+"-"+output) + "\n", nil
	case arguments[0] == "dynamodb":
		return s.dynamodbCall(arguments)
	case arguments[0] == "sleep":
		return "", nil
	case call == "cloudformation update-termination-protection":
		s.Protected = slices.Contains(arguments, "--enable-termination-protection")
		return "{}\n", nil
	case call == "cloudformation set-stack-policy" && s.NoPolicies:
		return "", errors.New("not authorized to perform: cloudformation:SetStackPolicy")
	case call == "cloudformation set-stack-policy":
		s.Policy = option(arguments, "--stack-policy-body")
		return "", nil
	case call == "cloudformation update-stack":
		return "{}\n", s.update(arguments)
	case call == "cloudformation wait":
		if s.Status != "UPDATE_COMPLETE" {
			return "", errors.New("waiter StackUpdateComplete failed")
		}
		return "", nil
	case call == "cloudformation describe-stack-events":
		return "RefundFunction\t" + s.Fails + "\n", nil
	case call == "lambda invoke":
		answer := `{"statusCode":200,"body":"{\"status\":\"ok\",\"version\":\"v1.4.0\"}"}`
		if strings.HasSuffix(option(arguments, "--function-name"), "ReconcileFunctionName") {
			answer = `{"checked":0,"settled":0,"failed":0,"unreadable":0}`
		}
		if s.Sick {
			answer = `{"errorMessage":"configuration: SETTLE_WINDOW must be at least 5m"}`
		}
		return "{}\n", os.WriteFile(arguments[len(arguments)-1], []byte(answer), 0o600)
	}
	return "", fmt.Errorf("the stand-in knows no such call: aws %q", arguments)
}

func (s *stackFile) update(arguments []string) error {
	if s.Refuses != "" {
		return errors.New(s.Refuses)
	}
	if !slices.Contains(arguments, "--use-previous-template") || !slices.Contains(arguments, "CAPABILITY_AUTO_EXPAND") {
		return errors.New("the update brings a template, or may not run the transform")
	}
	var changes []struct {
		ParameterKey     string
		ParameterValue   *string
		UsePreviousValue bool
	}
	if err := json.Unmarshal([]byte(option(arguments, "--parameters")), &changes); err != nil {
		return fmt.Errorf("--parameters: %w", err)
	}
	if len(changes) != len(s.Parameters) {
		return fmt.Errorf("%d parameters of %d: the others would go back to their defaults", len(changes), len(s.Parameters))
	}
	policy := s.Policy
	if during := option(arguments, "--stack-policy-during-update-body"); during != "" {
		policy = during
	}
	var rules stackPolicy
	if err := json.Unmarshal([]byte(policy), &rules); err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	if s.Fails != "" {
		s.Status = "UPDATE_ROLLBACK_COMPLETE"
		return nil
	}
	for _, c := range changes {
		if c.UsePreviousValue == (c.ParameterValue != nil) {
			return fmt.Errorf("%s has a value and keeps the one before, or neither", c.ParameterKey)
		}
		if c.ParameterValue != nil {
			s.Parameters[c.ParameterKey] = *c.ParameterValue
		}
	}
	s.Status = "UPDATE_COMPLETE"
	return nil
}

// operated runs a script of ops/ with the stand-in for the AWS CLI and gives what it said and what became of the stack.
func operated(t *testing.T, stack stackFile, script string, arguments ...string) (said string, after stackFile, err error) {
	t.Helper()
	return operatedWith(t, stack, nil, script, arguments...)
}

// operatedWith is operated with more variables. Nobody sleeps: it is noted for how long.
func operatedWith(t *testing.T, stack stackFile, more map[string]string, script string, arguments ...string) (said string, after stackFile, err error) {
	t.Helper()
	need.Program(t, "bash", "install it")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	file := filepath.Join(folder, "stack.json")
	data, err := json.Marshal(stack)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, first := range map[string]string{"aws": "", "sleep": "sleep "} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\nexec '"+self+"' "+first+"\"$@\"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), filepath.Join("ops", script), arguments...)
	command.Env = append(os.Environ(), standInVariable+"="+file, "PATH="+folder+string(os.PathListSeparator)+os.Getenv("PATH"))
	for name, value := range more {
		command.Env = append(command.Env, name+"="+value)
	}
	out, err := command.CombinedOutput()
	if data, readErr := os.ReadFile(file); readErr != nil || json.Unmarshal(data, &after) != nil {
		t.Fatalf("%v: %s", readErr, data)
	}
	return string(out), after, err
}
