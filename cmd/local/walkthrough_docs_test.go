package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the walk-through into README.md, docs/walkthrough.md and docs/iade.http")

const (
	readmePath = "../../README.md"
	walkPath   = "../../docs/walkthrough.md"
	httpPath   = "../../docs/iade.http"
	beginMark  = "<!-- walkthrough:begin -->"
	endMark    = "<!-- walkthrough:end -->"
	rewrite    = "go test ./cmd/local -run TestWalkthroughDocs -update"

	defaultAPI  = "http://127.0.0.1:8080"
	defaultFake = "http://127.0.0.1:8081"
)

// inReadme are the steps that README.md shows; docs/walkthrough.md has them all.
var inReadme = []string{
	titleRefund, "Ask the same again, with the same key", "Make iyzico's next answer to a refund get lost", "Refund, and lose the answer",
	"Wait until it is settled", "See how often iyzico moved the money",
}

// TestWalkthroughDocs: the documents hold the walk-through that -demo proves. With -update it writes them.
func TestWalkthroughDocs(t *testing.T) {
	var first []step
	for _, s := range walkthrough {
		if slices.Contains(inReadme, s.title) {
			first = append(first, s)
		}
	}
	if len(first) != len(inReadme) {
		t.Errorf("README.md is to show %d steps, and %d of them are in the walk-through", len(inReadme), len(first))
	}
	for path, text := range map[string]string{readmePath: markdown(first), walkPath: markdown(walkthrough) + again} {
		t.Run(filepath.Base(path), func(t *testing.T) {
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			before, rest, begun := strings.Cut(string(content), beginMark+"\n")
			_, after, ended := strings.Cut(rest, endMark)
			if !begun || !ended {
				t.Fatalf("%s needs the lines %s and %s: the walk-through goes between them (%s)", path, beginMark, endMark, rewrite)
			}
			compare(t, path, string(content), before+beginMark+"\n"+text+endMark+after)
		})
	}
	t.Run("docs/iade.http", func(t *testing.T) {
		content, err := os.ReadFile(httpPath)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		compare(t, httpPath, string(content), httpFile())
	})
}

func compare(t *testing.T, path, got, want string) {
	t.Helper()
	switch {
	case got == want:
	case *update:
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s does not hold the walk-through as it is now: %s", path, rewrite)
	}
}

const again = "\nWalk through it again, and the same keys bring the same refunds: `200` with `Idempotent-Replayed: true` in place of\n" +
	"`201`, and nothing is sent. `-reset` starts afresh.\n"

// markdown is steps as one block, to copy line by line or whole.
func markdown(steps []step) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<!-- Written from cmd/local/walkthrough.go: %s -->\n\n```bash\n", rewrite)
	for i, s := range steps {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "# %d. %s: %s\n%s\n# -> %s\n", i+1, s.title, s.why, s.curl(defaultAPI, defaultFake), s.outcome())
	}
	b.WriteString("```\n")
	return b.String()
}

// httpFile is the walk-through for the HTTP clients of editors.
func httpFile() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# iade step by step. Start it first: go run ./cmd/local\n# Written from cmd/local/walkthrough.go: %s\n\n", rewrite)
	fmt.Fprintf(&b, "@api = %s\n@iyzico = %s\n@token = the last part of redirectUrl\n@back = what the customer's yes answers as url\n@today = {{$localDatetime 'YYYY-MM-DD'}}\n", defaultAPI, defaultFake)
	for i, s := range walkthrough {
		s = s.using(map[string]string{tokenName: "{{token}}", backName: "{{back}}", todayName: "{{today}}"})
		fmt.Fprintf(&b, "\n### %d. %s\n# %s\n# -> %s\n%s %s%s\n", i+1, s.title, s.why, s.outcome(), s.method, s.origin("{{api}}", "{{iyzico}}"), s.path)
		switch {
		case s.body != "":
			b.WriteString("Content-Type: application/json\n")
		case s.form != "":
			b.WriteString("Content-Type: application/x-www-form-urlencoded\n")
		}
		if s.key != "" {
			fmt.Fprintf(&b, "Idempotency-Key: %s\n", s.key)
		}
		if s.body != "" || s.form != "" {
			fmt.Fprintf(&b, "\n%s\n", s.body+s.form)
		}
	}
	return b.String()
}

// outcome tells in words what a first walk expects.
func (s step) outcome() string {
	text := fmt.Sprint(s.want.status)
	for _, h := range s.want.header {
		text += ", " + h.at + ": " + h.value
	}
	for _, m := range s.want.members {
		if list, isCount := strings.CutSuffix(m.at, ".#"); isCount {
			text += fmt.Sprintf(", %s has %s", list, m.value)
			continue
		}
		text += fmt.Sprintf(", %s %s", m.at, m.value)
	}
	if s.want.sameAs != "" {
		text += fmt.Sprintf(", the same body as in \"%s\"", s.want.sameAs)
	}
	if s.until {
		text += " (ask again until it is so)"
	}
	return text
}

// TestStepsAreWhatTheDocsNeed: titles name steps, and bodies are JSON that a shell and an HTTP client take as they are.
func TestStepsAreWhatTheDocsNeed(t *testing.T) {
	t.Parallel()
	titles := map[string]bool{}
	for _, s := range walkthrough {
		again := s.expected(true)
		for _, earlier := range []string{s.want.sameAs, again.sameAs} {
			if earlier != "" && !titles[earlier] {
				t.Errorf("%q compares with %q, which does not come before it", s.title, earlier)
			}
		}
		if titles[s.title] {
			t.Errorf("%q is there twice", s.title)
		}
		titles[s.title] = true
		if s.body != "" && !json.Valid([]byte(s.body)) {
			t.Errorf("%q: the body is not JSON", s.title)
		}
		if strings.ContainsAny(s.title+s.why+s.body, "\n`") || s.why == "" || strings.HasSuffix(s.why, ".") {
			t.Errorf("%q does not fit a line", s.title)
		}
	}
}
