package deploy_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func readText(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// deployPage is where deploying is told of, beside README.md.
const deployPage = "docs/deploy.md"

// chapter is a chapter of the page on deploying, without its heading.
func chapter(t *testing.T, heading string) string {
	t.Helper()
	_, rest, ok := strings.Cut(readText(t, deployPage), "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("%s has no chapter %q", deployPage, heading)
	}
	text, _, _ := strings.Cut(rest, "\n## ")
	return text
}

// commands are the lines of a text's code blocks that begin with a program's name, without their comments.
func commands(text, program string) []string {
	var all []string
	for i, block := range strings.Split(text, "```") {
		if i%2 == 0 {
			continue
		}
		for line := range strings.Lines(block) {
			line, _, _ = strings.Cut(line, " #")
			if line = strings.TrimSpace(line); strings.HasPrefix(line, program+" ") {
				all = append(all, line)
			}
		}
	}
	return all
}

// TestTheDocumentedParametersAreTheTemplates: each parameter stands in the table of the chapter, and nothing else does.
func TestTheDocumentedParametersAreTheTemplates(t *testing.T) {
	t.Parallel()
	// Jwt{Write,Read,Operator}Scope is three.
	family := regexp.MustCompile(`^(\w*)\{([\w,]+)\}(\w*)$`)
	have := []string{}
	for _, row := range regexp.MustCompile("(?m)^\\| (`[A-Z][^|]*) \\|").FindAllStringSubmatch(chapter(t, "Settings of a stack"), -1) {
		for _, quoted := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			name := quoted[1]
			if m := family.FindStringSubmatch(name); m != nil {
				for part := range strings.SplitSeq(m[2], ",") {
					have = append(have, m[1]+part+m[3])
				}
				continue
			}
			have = append(have, name)
		}
	}
	slices.Sort(have)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(parameters(t))), have); diff != "" {
		t.Errorf("parameters (- template, + table):\n%s", diff)
	}
}

// parameters are the template's.
func parameters(t *testing.T) object {
	t.Helper()
	_, root := readTemplate(t)
	return root["Parameters"].(object)
}

// TestTheNamesOfTheDocumentsExist: what README.md and the pages on deploying and operating call a function, an output, a target of make or an environment of samconfig.toml
// is one.
func TestTheNamesOfTheDocumentsExist(t *testing.T) {
	t.Parallel()
	readme := readText(t, "README.md") + readText(t, deployPage) + readText(t, runbook)
	_, root := readTemplate(t)
	inside := deploy(t, nil)
	known := func(name string) bool {
		return inside.resources[name] != nil || slices.ContainsFunc([]string{"Resources", "Outputs", "Parameters"}, func(section string) bool { return root[section].(object)[name] != nil })
	}
	names := regexp.MustCompile("`\\$?([A-Z][A-Za-z]+(?:Arn|Url|Function|FunctionName|Queue|Alarm|Table|TableName|Secret|BusName))`").FindAllStringSubmatch(readme, -1)
	if len(names) < 10 {
		t.Errorf("only %d names were found", len(names))
	}
	for _, match := range names {
		if !strings.HasPrefix(match[1], "Test") && !known(match[1]) {
			t.Errorf("a document names %s, which template.yaml does not have", match[1])
		}
	}
	targets := readText(t, "Makefile")
	for _, match := range regexp.MustCompile("(?m)(?:^|`)make ([a-z-]+)").FindAllStringSubmatch(readme, -1) {
		if !strings.Contains(targets, "\n"+match[1]+": ## ") {
			t.Errorf("a document says make %s, which is no target", match[1])
		}
	}
	environments := readText(t, "samconfig.toml")
	for _, match := range regexp.MustCompile(`sam (build|deploy)[^\n]* --config-env (\w+)`).FindAllStringSubmatch(readme, -1) {
		if !strings.Contains(environments, "\n["+match[2]+"."+match[1]+".parameters]\n") {
			t.Errorf("a document uses %s, which samconfig.toml does not have", match[0])
		}
	}
}

// TestSamconfigSetsParametersOfTheTemplate: a misspelt one is only noticed by CloudFormation.
func TestSamconfigSetsParametersOfTheTemplate(t *testing.T) {
	t.Parallel()
	lists := regexp.MustCompile(`(?m)^parameter_overrides = \[(.*)\]$`).FindAllStringSubmatch(readText(t, "samconfig.toml"), -1)
	if len(lists) != 3 {
		t.Fatalf("%d lists of parameters", len(lists))
	}
	for _, list := range lists {
		for _, match := range regexp.MustCompile(`"(\w+)=([^"]*)"`).FindAllStringSubmatch(list[1], -1) {
			parameter, known := parameters(t)[match[1]].(object)
			if !known {
				t.Errorf("samconfig.toml sets %s, which the template does not have", match[1])
				continue
			}
			if allowed, limited := parameter["AllowedValues"].([]any); limited && !slices.Contains(allowed, any(match[2])) {
				t.Errorf("samconfig.toml sets %s to %s", match[1], match[2])
			}
			if pattern, limited := parameter["AllowedPattern"].(string); limited && !regexp.MustCompile(pattern).MatchString(match[2]) {
				t.Errorf("samconfig.toml sets %s to %s", match[1], match[2])
			}
		}
	}
}

// TestTheDocumentedInvocationsFit: each names a function, a sample for it, and the environment. TestSAMLocal runs them.
func TestTheDocumentedInvocationsFit(t *testing.T) {
	t.Parallel()
	invocation := regexp.MustCompile(`^sam local invoke (\w+) -e events/([\w-]+\.json) -n events/env\.json$`)
	found := 0
	for _, command := range commands(readText(t, deployPage), "sam") {
		if !strings.HasPrefix(command, "sam local invoke ") {
			continue
		}
		found++
		if m := invocation.FindStringSubmatch(command); m == nil || functionOf(m[2]) != m[1] {
			t.Errorf("%s: no function with a sample of its own", command)
		}
	}
	if found == 0 {
		t.Error("the page invokes nothing")
	}
}
