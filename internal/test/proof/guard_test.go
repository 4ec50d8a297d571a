// The guards prove that the tests notice when a guard is gone. Each guard is a few characters of the product that keep
// a promise; the table says what to put in their place and which test must fail then. The
// changed copy is given to `go test -overlay`: the source tree itself is never touched.
package proof_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// guard is one promise, the code that keeps it, and the test that shows it.
type guard struct {
	name string // the promise
	file string // from the module's root
	old  string // stands exactly once in the file
	new  string // what is compiled in its place
	test string // must fail then, by an assertion
	in   string // the folder of the test; empty = that of the file
}

func (g guard) folder() string {
	if g.in != "" {
		return g.in
	}
	return path.Dir(g.file)
}

// parts is the whole table, by what the guards keep.
var parts = []struct {
	title  string
	guards []guard
}{
	{"One attempt, one key", attemptGuards},
	{"An unknown outcome", settleGuards},
	{"What was paid, and iyzico's rules", ruleGuards},
	{"The journal", journalGuards},
	{"The day close", dayGuards},
	{"Reversals", reversalGuards},
	{"Refunds to the customer's balance", balanceGuards},
	{"Payments from a customer's balance", fundGuards},
	{"The client of iyzico", clientGuards},
	{"The merchant's own limits", limitGuards},
	{"Limits, keys, iyzico's words", adapterGuards},
	{"iyzico's notices", noticeGuards},
	{"Fairness", fairnessGuards},
	{"The stores", storeGuards},
	{"What comes in and goes out", doorGuards},
	{"The console", consoleGuards},
}

func guards() []guard {
	var all []guard
	for _, part := range parts {
		all = append(all, part.guards...)
	}
	return all
}

// root is the module's folder, seen from this one.
const root = "."

// limit of a test of the table; a hang is no proof.
const limit = "-timeout=90s"

// run is what one `go test -json` brought.
type run struct {
	built   bool
	passed  map[string]bool
	failed  map[string]bool
	said    map[string]string // the first assertion of each test, those of its subtests included
	broken  string            // a panic, a fatal error of the runtime, a timeout
	printed string            // what is of use where none of this is enough
}

// assertion is how the testing package prints an error: file and line of a test or its helper.
var assertion = regexp.MustCompile(`^\s+[\w./-]+\.go:\d+: (.*\S)`)

// goTest runs the named tests of one folder, uncached, without vet, and reads what became of each.
func goTest(t *testing.T, folder string, names []string, flags ...string) run {
	t.Helper()
	args := []string{"test", "-json", "-count=1", "-vet=off", limit, "-run=^(" + strings.Join(names, "|") + ")$"}
	command := exec.CommandContext(t.Context(), "go", append(append(args, flags...), "./"+folder)...)
	command.Dir = root
	return runTests(t, command)
}

// runTests runs a command that speaks as `go test -json` does, and reads what became of each test.
func runTests(t *testing.T, command *exec.Cmd) run {
	t.Helper()
	var out, said bytes.Buffer
	command.Stdout, command.Stderr = &out, &said
	if err := command.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatalf("go test: %v", err)
	}
	r := run{built: true, passed: map[string]bool{}, failed: map[string]bool{}, said: map[string]string{}, printed: said.String()}
	for d := json.NewDecoder(&out); ; {
		var e struct{ Action, Test, Output, FailedBuild string }
		switch err := d.Decode(&e); {
		case errors.Is(err, io.EOF):
			return r
		case err != nil:
			t.Fatalf("read what go test said: %v", err)
		}
		r.note(e.Action, e.Test, e.Output, e.FailedBuild)
	}
}

func (r *run) note(action, test, output, failedBuild string) {
	top, _, _ := strings.Cut(test, "/")
	switch action {
	case "pass":
		r.passed[test] = true
	case "fail":
		r.failed[test] = true
		r.built = r.built && failedBuild == ""
	case "build-fail":
		r.built = false
	case "output", "build-output":
		r.printed += output
		if strings.HasPrefix(output, "panic:") || strings.HasPrefix(output, "fatal error:") {
			r.broken = strings.TrimSpace(output)
		}
		if m := assertion.FindStringSubmatch(output); m != nil && r.said[top] == "" {
			r.said[top] = m[1]
		}
	}
}

// proof is the first line of the assertion by which the test failed, or an error: the guard survived, or nothing is proved.
func (r run) proof(g guard) (string, error) {
	switch {
	case !r.built:
		return "", fmt.Errorf("the changed copy does not build: the table is wrong\n%s", r.printed)
	case r.broken != "":
		return "", fmt.Errorf("no assertion of %s failed, the program ended: %s", g.test, r.broken)
	case r.passed[g.test]:
		return "", fmt.Errorf("SURVIVED: %s passes without the guard", g.test)
	case !r.failed[g.test] || r.said[g.test] == "":
		return "", fmt.Errorf("%s neither passed nor failed by an assertion\n%s", g.test, r.printed)
	}
	return r.said[g.test], nil
}

// alone runs the guard's test on a copy that has all but this guard.
func (g guard) alone(t *testing.T) run {
	t.Helper()
	return goTest(t, g.folder(), []string{g.test}, "-gcflags=-N -l", "-overlay="+g.overlay(t))
}

// overlay writes the changed copy of the guard's file and the map that `go test -overlay` takes.
func (g guard) overlay(t *testing.T) string {
	t.Helper()
	file, changed := absolute(t, g.file), g.changed(t)
	folder := t.TempDir()
	copied, list := filepath.Join(folder, path.Base(g.file)), filepath.Join(folder, "overlay.json")
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{file: copied}})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(copied, []byte(changed), 0o600), os.WriteFile(list, replace, 0o600)); err != nil {
		t.Fatal(err)
	}
	return list
}

// removed is the source without the guard.
func (g guard) removed(source string) (string, error) {
	if n := strings.Count(source, g.old); n != 1 || g.old == g.new {
		return "", fmt.Errorf("%s holds %d times what the guard replaces, once is needed:\n%s", g.file, n, g.old)
	}
	return strings.Replace(source, g.old, g.new, 1), nil
}
