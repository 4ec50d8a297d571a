package deploy_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// aStack has some parameters of the template, one with what JSON escapes.
func aStack() stackFile {
	return stackFile{
		Name: "shop", Status: "UPDATE_COMPLETE", Order: []string{"Architecture", "NewMoney", "NewMoneyReason", "RateLimitPerMinute", "ExistingTable"},
		Parameters: map[string]string{
			"Architecture": "arm64", "NewMoney": "on", "NewMoneyReason": "", "RateLimitPerMinute": "50", "ExistingTable": "iade-restored",
		},
	}
}

func updated(stack stackFile) bool {
	return slices.ContainsFunc(stack.Calls, func(call string) bool { return strings.HasPrefix(call, "cloudformation update-stack") })
}

func TestASettingIsChangedAndNothingElse(t *testing.T) {
	t.Parallel()
	said, after, err := operated(t, aStack(), "set.sh", "shop", "RateLimitPerMinute=100", "NewMoney=on")
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	want := aStack().Parameters
	want["RateLimitPerMinute"] = "100"
	if diff := cmp.Diff(want, after.Parameters); diff != "" {
		t.Error(diff)
	}
	for _, part := range []string{"RateLimitPerMinute: '50' -> '100'\n", "NewMoney: 'on', as it is\n", "shop is UPDATE_COMPLETE and answers; it runs v1.4.0\n"} {
		if !strings.Contains(said, part) {
			t.Errorf("it does not say %q:\n%s", part, said)
		}
	}
	for _, call := range after.Calls {
		if strings.HasPrefix(call, "cloudformation") && !strings.Contains(call, "--stack-name shop ") && !strings.HasSuffix(call, "--stack-name shop") {
			t.Errorf("of another stack: %s", call)
		}
	}
}

func TestTheSwitchTakesAnyReason(t *testing.T) {
	t.Parallel()
	said, after, err := operated(t, aStack(), "new-money.sh", "shop", "off", "iyzico says \"later\",\u00a0so do\nwe\\ için")
	if err != nil || !strings.HasSuffix(said, "new money is off in shop\n") {
		t.Fatalf("%v\n%s", err, said)
	}
	want := aStack().Parameters
	want["NewMoney"], want["NewMoneyReason"] = "off", `iyzico says "later", so do we\ için`
	if diff := cmp.Diff(want, after.Parameters); diff != "" {
		t.Error(diff)
	}
	for _, wrong := range [][]string{{"shop"}, {"shop", "maybe"}, {"shop", "off", "a", "b"}} {
		if said, after, err := operated(t, aStack(), "new-money.sh", wrong...); err == nil || len(after.Calls) != 0 {
			t.Errorf("%q: %s", wrong, said)
		}
	}
}

// TestTheSwitchNeedsNoRightToSetPolicies: an operator who may change settings only must not be stopped by what protects them.
func TestTheSwitchNeedsNoRightToSetPolicies(t *testing.T) {
	t.Parallel()
	stack := aStack()
	stack.NoPolicies = true
	said, after, err := operated(t, stack, "new-money.sh", "shop", "off")
	if err != nil || after.Parameters["NewMoney"] != "off" || !strings.Contains(said, "a deploy could undo this (ops/protect.sh shop)") {
		t.Errorf("%v\n%s", err, said)
	}
}

func TestAStackIsProtectedWithOneCommand(t *testing.T) {
	t.Parallel()
	_, set, err := operated(t, aStack(), "set.sh", "shop", "NewMoney=off")
	if err != nil {
		t.Fatal(err)
	}
	said, after, err := operated(t, aStack(), "protect.sh", "shop")
	if err != nil || !after.Protected || after.Policy == "" || after.Policy != set.Policy {
		t.Errorf("%v %s\n%+v", err, said, after)
	}
}

func TestTheVersionThatRunsIsHeldAgainstTheOneThatWasBuilt(t *testing.T) {
	t.Parallel()
	if said, _, err := operated(t, aStack(), "health.sh", "shop", "v1.4.0"); err != nil || !strings.HasSuffix(said, "it runs v1.4.0\n") {
		t.Errorf("%v\n%s", err, said)
	}
	if said, _, err := operated(t, aStack(), "health.sh", "shop", "v1.5.0"); err == nil || !strings.Contains(said, "runs v1.4.0, not v1.5.0") {
		t.Errorf("%v\n%s", err, said)
	}
}

func TestWhatCannotBeChangedIsSaidInOneLine(t *testing.T) {
	t.Parallel()
	busy := aStack()
	busy.Status = "UPDATE_IN_PROGRESS"
	refusing := aStack()
	refusing.Refuses = "Parameter RateLimitPerMinute failed to satisfy constraint"
	for name, x := range map[string]struct {
		stack     stackFile
		arguments []string
		says      string
	}{
		"another stack":       {aStack(), []string{"other", "NewMoney=off"}, "stack other cannot be read"},
		"no such setting":     {aStack(), []string{"shop", "Newmoney=off"}, "stack shop has no setting Newmoney"},
		"twice":               {aStack(), []string{"shop", "NewMoney=off", "NewMoney=on"}, "NewMoney is given twice"},
		"built for another":   {aStack(), []string{"shop", "Architecture=x86_64"}, "sam build && sam deploy"},
		"while it is updated": {busy, []string{"shop", "NewMoney=off"}, "stack shop is UPDATE_IN_PROGRESS"},
		"a value too large":   {refusing, []string{"shop", "RateLimitPerMinute=1000000"}, "failed to satisfy constraint"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			said, after, err := operated(t, x.stack, "set.sh", x.arguments...)
			if err == nil || !strings.Contains(said, x.says) || !strings.HasSuffix(said, ": nothing was changed\n") {
				t.Errorf("%v\n%s", err, said)
			}
			if diff := cmp.Diff(aStack().Parameters, after.Parameters); diff != "" || name != "a value too large" && updated(after) {
				t.Errorf("%s %q", diff, after.Calls)
			}
		})
	}
	if said, after, err := operated(t, aStack(), "set.sh", "shop", "NewMoney"); err == nil || updated(after) || !strings.Contains(said, "usage:") {
		t.Errorf("%v\n%s", err, said)
	}
	if said, after, err := operated(t, aStack(), "set.sh", "shop", "NewMoney=on"); err != nil || updated(after) || !strings.Contains(said, "nothing to change\n") {
		t.Errorf("%v\n%s", err, said)
	}
}

func TestAChangeThatIsTakenBackSaysHowThingsStand(t *testing.T) {
	t.Parallel()
	failing := aStack()
	failing.Fails = "Resource handler returned message: access denied"
	said, after, err := operated(t, failing, "set.sh", "shop", "NewMoney=off")
	if err == nil || after.Parameters["NewMoney"] != "on" {
		t.Fatalf("%v\n%s", err, said)
	}
	for _, part := range []string{"The change was taken back. shop is UPDATE_ROLLBACK_COMPLETE", "  NewMoney: 'on'\n", "RefundFunction\tResource handler returned message: access denied"} {
		if !strings.Contains(said, part) {
			t.Errorf("it does not say %q:\n%s", part, said)
		}
	}
	sick := aStack()
	sick.Sick = true
	if said, _, err := operated(t, sick, "set.sh", "shop", "RateLimitPerMinute=100"); err == nil || !strings.Contains(said, "SETTLE_WINDOW must be at least 5m") {
		t.Errorf("a function that cannot start is taken for well: %v\n%s", err, said)
	}
}

// decisions are the parameters that no deploy may undo.
var decisions = []string{"ExistingTable", "ExistingTableStreamArn", "NewMoney", "TableRestoredAt"}

// TestADeployCannotUndoADecision: what would change one changes the resource Decisions, which the stack's policy denies to
// everybody but ops/set.sh; and that resource comes before everything that a decision is about.
func TestADeployCannotUndoADecision(t *testing.T) {
	t.Parallel()
	_, after, err := operated(t, aStack(), "set.sh", "shop", "NewMoney=off")
	if err != nil {
		t.Fatal(err)
	}
	var policy stackPolicy
	if err := json.Unmarshal([]byte(after.Policy), &policy); err != nil {
		t.Fatal(err)
	}
	last := policy.Statement[len(policy.Statement)-1]
	if last.Effect != "Deny" || last.Action != "Update:*" || last.Principal != "*" || last.Resource != "LogicalResourceId/Decisions" || len(policy.Statement) != 2 {
		t.Errorf("%+v", policy)
	}
	plain := deploy(t, nil)
	for _, name := range decisions {
		d := deploy(t, map[string]string{name: map[bool]string{true: "off", false: everything[name]}[name == "NewMoney"]})
		if cmp.Equal(plain.properties("Decisions"), d.properties("Decisions")) {
			t.Errorf("%s changes and Decisions does not", name)
		}
	}
	// A change of anything else is none of theirs.
	others := maps.Clone(everything)
	for _, name := range decisions {
		delete(others, name)
	}
	others["NewMoneyReason"] = "paused"
	if diff := cmp.Diff(plain.properties("Decisions"), deploy(t, others).properties("Decisions")); diff != "" {
		t.Error(diff)
	}
	waiting := append([]string{"Table"}, functionIDs...)
	for _, id := range waiting {
		if !waitsFor(plain, id, "Decisions") {
			t.Errorf("%s does not wait for Decisions", id)
		}
	}
}

// TestSamconfigKeepsNoDecision: what stands there is set again by every deploy. SAM gives CloudFormation the stack's own value
// of a parameter that is not named.
func TestSamconfigKeepsNoDecision(t *testing.T) {
	t.Parallel()
	for _, name := range append([]string{"NewMoneyReason"}, decisions...) {
		if regexp.MustCompile(`\b` + name + `\b`).MatchString(readText(t, "samconfig.toml")) {
			t.Errorf("samconfig.toml names %s", name)
		}
	}
}

// TestTheDocumentsChangeAStackByItsScriptsAlone: another command takes the wrong stack, its defaults, or what was built for another
// one. Dead letters that iade itself parked go back only where the command says where to.
func TestTheDocumentsChangeAStackByItsScriptsAlone(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("docs/*.md")
	if err != nil || len(pages) < 10 {
		t.Fatalf("%v %v", pages, err)
	}
	moves := 0
	for _, file := range append(pages, "README.md", "CONTRIBUTING.md", "examples/README.md") {
		text := strings.ReplaceAll(readText(t, file), "\\\n", " ")
		for _, command := range commands(text, "sam") {
			if strings.Contains(command, "--guided") || strings.Contains(command, "--parameter-overrides") {
				t.Errorf("%s says %s: ops/set.sh changes settings, and nothing else of the stack", file, command)
			}
		}
		for _, command := range commands(text, "aws") {
			if strings.HasPrefix(command, "aws cloudformation ") && !strings.HasPrefix(command, "aws cloudformation describe-") {
				t.Errorf("%s says %s", file, command)
			}
			if strings.Contains(command, "start-message-move-task") {
				moves++
				if !strings.Contains(command, "--destination-arn ") {
					t.Errorf("%s moves messages back to nowhere: %s", file, command)
				}
			}
		}
		for _, command := range commands(text, "ops/set.sh") {
			for _, word := range strings.Fields(command)[2:] {
				if name, _, _ := strings.Cut(word, "="); parameters(t)[name] == nil {
					t.Errorf("%s: %s: the template has no %s", file, command, name)
				}
			}
		}
	}
	if moves != 2 {
		t.Errorf("%d queues' messages are moved back", moves)
	}
	if !strings.Contains(readText(t, deployPage), "**Never `--guided`.**") {
		t.Errorf("%s does not warn of --guided", deployPage)
	}
	// The loop over all functions' logs names each.
	_, loop, _ := strings.Cut(readText(t, runbook), "for f in refund cancel ")
	for _, id := range functionIDs {
		name := strings.ToLower(regexp.MustCompile(`([a-z])([A-Z])`).ReplaceAllString(strings.TrimSuffix(id, "Function"), "$1-$2"))
		if line, _, _ := strings.Cut("refund cancel "+loop, ";"); !slices.Contains(strings.Fields(line), name) {
			t.Errorf("%s does not look into the logs of %s", runbook, name)
		}
	}
}

// TestEachEnvironmentDeploysWhatItBuilt: sources, or what another environment built, would be shipped without a word.
func TestEachEnvironmentDeploysWhatItBuilt(t *testing.T) {
	t.Parallel()
	sections := map[string]string{}
	for _, section := range strings.Split(readText(t, "samconfig.toml"), "\n[")[1:] {
		name, text, _ := strings.Cut(section, "]\n")
		sections[name] = text
	}
	setting := func(section, name string) string {
		match := regexp.MustCompile(`(?m)^` + name + ` = "?([^"\n]*)"?$`).FindStringSubmatch(sections[section])
		if match == nil {
			return ""
		}
		return match[1]
	}
	folders := map[string]string{}
	for section := range sections {
		environment, command, _ := strings.Cut(section, ".")
		if command != "build.parameters" {
			continue
		}
		folder := setting(section, "build_dir")
		if environment == "default" {
			folder = ".aws-sam/build" // SAM's own
		}
		if folder == "" || folders[folder] != "" || setting(section, "cached") != "false" {
			t.Errorf("%s builds into %q", environment, folder)
		}
		folders[folder] = environment
		deploys := environment + ".deploy.parameters"
		if _, has := sections[deploys]; has && setting(deploys, "template_file") != folder+"/template.yaml" {
			t.Errorf("%s builds into %s and deploys %q", environment, folder, setting(deploys, "template_file"))
		}
		want := map[bool]string{true: "x86_64", false: "arm64"}[environment == "x86"]
		if !strings.Contains(sections[environment+".global.parameters"], `"Architecture=`+want+`"`) {
			t.Errorf("%s does not build for %s", environment, want)
		}
	}
	if len(folders) != 3 {
		t.Errorf("environments: %v", folders)
	}
}

// TestTheScriptsForOperatorsRunAnywhere: macOS has a bash of 2007, and an operator no checkout.
func TestTheScriptsForOperatorsRunAnywhere(t *testing.T) {
	t.Parallel()
	for _, script := range []string{"set.sh", "new-money.sh", "destroy.sh", "health.sh", "protect.sh", "restore.sh"} {
		text := readText(t, "ops/"+script)
		for _, newer := range []string{"declare -A", "mapfile", "readarray", "${!", ",,}", "^^}"} {
			if strings.Contains(text, newer) {
				t.Errorf("%s uses %s", script, newer)
			}
		}
		if info, err := os.Stat("ops/" + script); err != nil || info.Mode()&0o111 == 0 {
			t.Errorf("%s cannot be run: %v", script, err)
		}
	}
}
