package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/test/need"
)

const runbookPath = "../../docs/operate.md"

// within marks an expectation that may take a while to come true; waitSeconds is how long it may.
const (
	within      = " (within a minute)"
	waitSeconds = 90 // the machine may be busy
)

// rehearsal is the commands of one section that are for this program.
type rehearsal struct {
	section  string
	settings map[string]string // the environment of the program
	script   string
}

var (
	fence   = regexp.MustCompile("(?ms)^```bash( local)?([^\n]*)\n(.*?)^```$")
	heading = regexp.MustCompile(`(?m)^###? (.+)$`)
)

// rehearsals reads the runbook: one script for each section, with what each command's output must hold. Every other block
// of commands is given to deployed.
func rehearsals(t *testing.T, deployed func(script string)) []rehearsal {
	t.Helper()
	data, err := os.ReadFile(runbookPath)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	var all []rehearsal
	for _, at := range fence.FindAllStringSubmatchIndex(text, -1) {
		block := text[at[6]:at[7]]
		if at[2] < 0 {
			deployed(block)
			continue
		}
		titles := heading.FindAllStringSubmatch(text[:at[0]], -1)
		settings := map[string]string{}
		for _, setting := range strings.Fields(text[at[4]:at[5]]) {
			name, value, _ := strings.Cut(setting, "=")
			settings[name] = value
		}
		all = append(all, rehearsal{titles[len(titles)-1][1], settings, block})
	}
	return all
}

// checked turns a block into a script that ends at the first command whose output lacks what the line after it says.
func checked(block string) string {
	var script strings.Builder
	script.WriteString("set -uo pipefail\nfail() { printf 'of: %s\\ncame: %s\\nnot: %s\\n' \"$1\" \"$2\" \"$3\"; exit 1; }\n")
	lines := strings.Split(strings.TrimSpace(block), "\n")
	for i := 0; i < len(lines); i++ {
		command := lines[i]
		want := ""
		if i+1 < len(lines) && strings.HasPrefix(lines[i+1], "# -> ") {
			want = strings.TrimPrefix(lines[i+1], "# -> ")
			i++
		}
		if want == "" {
			fmt.Fprintf(&script, "%s\n[ $? = 0 ] || fail %s failed 'exit code 0'\n", command, quote(command))
			continue
		}
		tries := 1
		if text, ok := strings.CutSuffix(want, within); ok {
			want, tries = text, waitSeconds
		}
		fmt.Fprintf(&script, "for try in $(seq %d); do\nout=$(%s\n)\n[[ $out == *%s* ]] && break\n[ $try = %d ] && fail %s \"$out\" %s\nsleep 1\ndone\n",
			tries, command, quote(want), tries, quote(command), quote(want))
	}
	return script.String()
}

// quote makes one word of a text for the shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// TestTheRunbooksCommandsWork runs the rehearsals of docs/operate.md, each against a system of its own that was just
// started, and looks at the outputs that the runbook promises.
func TestTheRunbooksCommandsWork(t *testing.T) {
	need.Programs(t)
	need.Program(t, "bash", "install it")
	need.Program(t, "curl", "install it")
	t.Parallel()
	all := rehearsals(t, func(script string) {
		if out, err := exec.CommandContext(t.Context(), "bash", "-n", "-c", script).CombinedOutput(); err != nil {
			t.Errorf("bash cannot read\n%s\n%s", script, out)
		}
	})
	if len(all) < 15 {
		t.Fatalf("only %d rehearsals were found", len(all))
	}
	for _, r := range all {
		t.Run(r.section, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(r.script, "\n# -> ") {
				t.Error("it promises nothing")
			}
			folder := t.TempDir()
			y, _ := startSystem(t, filepath.Join(folder, ".local"), env(r.settings))
			script := strings.NewReplacer(defaultAPI, y.URL, defaultFake, y.IyzicoURL).Replace(checked(r.script))
			ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
			defer cancel()
			command := exec.CommandContext(ctx, "bash", "-c", script)
			command.Dir, command.WaitDelay = folder, time.Second
			if out, err := command.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// TestARehearsalThatGoesWrongFails guards the one above: a check that cannot fail would let the runbook rot.
func TestARehearsalThatGoesWrongFails(t *testing.T) {
	t.Parallel()
	need.Program(t, "bash", "install it")
	for block, fails := range map[string]bool{
		"echo here\n# -> here\n":               false,
		"echo 'it'\"'\"'s here'\n# -> it's\n":  false,
		"echo here\n# -> there\n":              true,
		"false\necho here\n# -> here\n":        true,
		"X=1\necho $X\n# -> 1\n":               false,
		"false || echo here\n# -> here\n":      false,
		"echo '[a]*'\n# -> [a]*\n":             false,
		"echo here\n# -> (within a minute)x\n": true,
		"echo a &\nwait\necho b\n# -> b\n":     false,
	} {
		out, err := exec.CommandContext(t.Context(), "bash", "-c", checked(block)).CombinedOutput()
		if (err != nil) != fails {
			t.Errorf("%q: %v %s", block, err, out)
		}
	}
}
