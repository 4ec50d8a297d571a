package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/iade/iade/internal/test/need"
)

// recorded is an API that gives every request one answer, and tells what it was asked.
func recorded(t *testing.T, asked chan<- string, answer string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked <- fmt.Sprintf("%s %s %s", r.Method, r.URL.RequestURI(), body)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// clearFaults ends every fault of the fake.
func clearFaults(t *testing.T, s *system) {
	t.Helper()
	answer := httptest.NewRecorder()
	s.fake.ServeHTTP(answer, httptest.NewRequest(http.MethodDelete, "/_fake/faults", http.NoBody))
	if answer.Code/100 != 2 {
		t.Fatalf("HTTP %d", answer.Code)
	}
}

func TestExitCodesTellANoFromNoAnswer(t *testing.T) {
	t.Parallel()
	id := "rf_10000001_abcdefghijklmnop"
	for name, c := range map[string]struct {
		status int
		body   string
		code   int
		says   string
	}{
		"not found":             {404, `{"type":"urn:iade:problem:not-found","title":"Not found","status":404,"detail":"There is no such operation."}`, exitSomeNot, "There is no such operation."},
		"the gateway's 404":     {404, `{"message":"Not Found"}`, exitNoAnswer, "not iade's own answer"},
		"not let in":            {403, `{"message":"Forbidden"}`, exitNoAnswer, "does not let you in"},
		"unavailable":           {503, `{"type":"urn:iade:problem:unavailable","title":"Not available now","status":503}`, exitNoAnswer, "(unavailable)"},
		"over the limit":        {429, `{"type":"urn:iade:problem:rate-limited","title":"Over the rate limit","status":429}`, exitNoAnswer, "(rate-limited)"},
		"a page":                {502, `<html>`, exitNoAnswer, "not iade's own answer"},
		"a redirect":            {302, ``, exitNoAnswer, "not iade's own answer"},
		"success without JSON":  {200, `<html>`, exitNoAnswer, "not iade's own answer"},
		"an operation's fields": {400, `{"type":"urn:iade:problem:invalid-request","status":400,"errors":[{"field":"by","message":"must be an opaque id"}]}`, exitSomeNot, "by: must be an opaque id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			}))
			t.Cleanup(server.Close)
			code, out, errOut := iade(t, server.URL, none, "get", id)
			if code != c.code || out != "" || !strings.Contains(errOut, c.says) {
				t.Errorf("exit %d\n%s%s", code, out, errOut)
			}
		})
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	if code, _, errOut := iade(t, gone.URL, none, "get", id, "-lang", "tr"); code != exitNoAnswer || !strings.Contains(errOut, "yanıt veren yok") {
		t.Errorf("exit %d: %s", code, errOut)
	}
}

func TestColoursAreForTerminalsThatWantThem(t *testing.T) {
	t.Parallel()
	// A character device stands for a terminal.
	device, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = device.Close() })
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	with := func(name, value string) func(string) string {
		return func(asked string) string {
			if asked == name {
				return value
			}
			return ""
		}
	}
	for name, got := range map[string]bool{
		"a terminal": !colourful(device, none), "NO_COLOR": colourful(device, with("NO_COLOR", "1")), "a dumb terminal": colourful(device, with("TERM", "dumb")),
		"a file": colourful(file, none),
	} {
		if got {
			t.Error(name)
		}
	}
	if k := (&call{colours: true, lang: english}); k.status("succeeded", 6) != green+"done  "+normal || (&call{lang: english}).status("succeeded", 0) != "done" {
		t.Error("the status is not painted, or painted without colours")
	}
}

func TestCompletionOffersWhatFits(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{
		"":                  "get list history check resolve day explain doctor console bulk completion help",
		"h":                 "history help",
		"list -st":          "-status",
		"list -status need": "needs_review",
		"resolve x -dec":    "-decision",
		"get -lang ":        "en tr",
		"completion z":      "zsh",
		"nothing -":         "",
		"day ":              "",
	} {
		var out strings.Builder
		if run(t.Context(), append([]string{completing}, strings.Split(words, " ")...), console{out: &out, err: &out, getenv: none}) != exitDone {
			t.Error(words)
		}
		if got := strings.Join(strings.Fields(out.String()), " "); got != want {
			t.Errorf("%q: %q, want %q", words, got, want)
		}
	}
	for shell := range completionScripts {
		code, out, _ := iade(t, "http://127.0.0.1:1", none, "completion", shell)
		if code != exitDone || !strings.Contains(out, completing) {
			t.Errorf("%s: exit %d", shell, code)
		}
	}
}

// TestCompletionWorksInBash, as somebody types.
func TestCompletionWorksInBash(t *testing.T) {
	t.Parallel()
	need.Program(t, "bash", "install it")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "iade"), []byte("#!/bin/sh\nexec '"+self+"' \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]string{"iade hi": "history", "iade list -status need": "needs_review", "iade get -lang ''": "en tr", "iade nothing -": ""} {
		command := exec.CommandContext(t.Context(), "bash", "-c", `source <(iade completion bash); COMP_WORDS=(`+typed+`); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _iade; echo "${COMPREPLY[*]}"`)
		command.Env = append(os.Environ(), envBe+"=1", "PATH="+folder+string(os.PathListSeparator)+os.Getenv("PATH"))
		if out, err := command.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != want {
			t.Errorf("%s: %v %s", typed, err, out)
		}
	}
}

// TestEveryCommandSpeaksJSON: on its standard output stands nothing else, and numbers stay as the API wrote them.
func TestEveryCommandSpeaksJSON(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	payment := s.sell(t)
	id := s.refund(t, "k1", `{"paymentId":"`+payment+`","amount":"1.00"}`)
	for _, one := range commands() {
		api := s.url
		if one.name == "day" {
			api = ill(t, nil) // the system of this test closes no days
		}
		arguments := map[string][]string{
			"list": {"-status", "succeeded"}, "get": {id}, "history": {id}, "check": {id}, "resolve": {id, "-decision", "succeeded", "-reason", "r", "-by", "b"}, "explain": {"10051"},
			"bulk": {write(t, "paymentId,amount\n"+payment+",2.00\n"), "-yes"},
		}[one.name]
		if one.name == "completion" || one.name == "console" {
			continue // a script for a shell, pages for a browser
		}
		code, out, errOut := iade(t, api, none, append([]string{one.name, "-json"}, arguments...)...)
		if code == exitNoAnswer || code == exitBadFile || out == "" && code == exitDone {
			t.Errorf("%s: exit %d %s%s", one.name, code, out, errOut)
		}
		for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
			if line != "" && !json.Valid([]byte(line)) {
				t.Errorf("%s writes %s", one.name, line)
			}
		}
	}
}

// TestTheDocumentNamesEveryCommandFlagAndExitCode keeps docs/cli.md and the help together.
func TestTheDocumentNamesEveryCommandFlagAndExitCode(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	document := string(page)
	for _, one := range commands() {
		has(t, document, "`"+one.usage())
		var help strings.Builder
		if code := run(t.Context(), []string{"help", one.name}, console{out: &help, err: &help, getenv: none}); code != exitDone {
			t.Errorf("help %s: exit %d", one.name, code)
		}
		has(t, help.String(), "iade "+one.name, "-lang", "-json", "-api")
		if one.name == "bulk" {
			continue // docs/bulk.md
		}
		for _, line := range strings.Split(help.String(), "\n") {
			if name, ok := strings.CutPrefix(line, "  -"); ok && !slices.Contains([]string{"api", "json", "lang"}, strings.Fields(name)[0]) {
				has(t, document, "`-"+strings.Fields(name)[0])
			}
		}
	}
	for _, code := range exitCodes() {
		has(t, document, fmt.Sprintf("| %d | %s |", code.code, code.means[0]))
	}
}
