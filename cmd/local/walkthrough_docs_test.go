package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the walk-through into README.md and docs/iade.http")

const (
	readmePath = "../../README.md"
	httpPath   = "../../docs/iade.http"
	beginMark  = "<!-- walkthrough:begin -->"
	endMark    = "<!-- walkthrough:end -->"
	rewrite    = "go test ./cmd/local -run TestWalkthroughDocs -update"

	defaultAPI  = "http://127.0.0.1:8080"
	defaultFake = "http://127.0.0.1:8081"
)

// TestWalkthroughDocs: README.md and docs/iade.http hold the walk-through that -demo proves. With -update it writes them.
func TestWalkthroughDocs(t *testing.T) {
	t.Run("README.md", func(t *testing.T) {
		content, err := os.ReadFile(readmePath)
		if err != nil {
			t.Fatal(err)
		}
		before, rest, begun := strings.Cut(string(content), beginMark+"\n")
		_, after, ended := strings.Cut(rest, endMark)
		if !begun || !ended {
			t.Fatalf("README.md needs the lines %s and %s: the walk-through goes between them (%s)", beginMark, endMark, rewrite)
		}
		compare(t, readmePath, string(content), before+beginMark+"\n"+markdown()+endMark+after)
	})
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

// markdown is the section of README.md: one block, to copy line by line or whole.
func markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "<!-- Written from cmd/local/walkthrough.go: %s -->\n\n```bash\n", rewrite)
	for i, s := range walkthrough {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "# %d. %s: %s\n%s\n# -> %s\n", i+1, s.title, s.why, s.curl(defaultAPI, defaultFake), s.outcome())
	}
	b.WriteString("```\n\nWalk through it again, and the same keys bring the same refunds: `200` with `Idempotent-Replayed: true` in place of\n" +
		"`201`, and nothing is sent. `-reset` starts afresh.\n")
	return b.String()
}

// httpFile is the walk-through for the HTTP clients of editors.
func httpFile() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# iade step by step. Start it first: go run ./cmd/local\n# Written from cmd/local/walkthrough.go: %s\n\n", rewrite)
	fmt.Fprintf(&b, "@api = %s\n@iyzico = %s\n@token = the last part of redirectUrl\n@back = what the customer's yes answers as url\n", defaultAPI, defaultFake)
	for i, s := range walkthrough {
		s = s.using(map[string]string{tokenName: "{{token}}", backName: "{{back}}"})
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
