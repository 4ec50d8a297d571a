package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/iade/iade/internal/test/eventschema"
	"github.com/iade/iade/internal/test/need"
)

// patience bounds whatever a test waits for. It is far more than anything needs, because the machine may be busy.
const patience = 2 * time.Minute

var builds struct {
	dir  string
	once sync.Map // package → func() (string, error)
}

func TestMain(m *testing.M) {
	if folder := os.Getenv(soakVariable); folder != "" {
		os.Exit(soakSystem(folder))
	}
	dir, err := os.MkdirTemp("", "iade-local-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	builds.dir = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// binary builds a command of this module once, and gives its path.
func binary(t *testing.T, command string) string {
	t.Helper()
	need.Programs(t)
	build, _ := builds.once.LoadOrStore(command, sync.OnceValues(func() (string, error) {
		path := filepath.Join(builds.dir, command)
		out, err := exec.Command("go", "build", "-o", path, "../"+command).CombinedOutput()
		if err != nil {
			err = fmt.Errorf("build %s: %w\n%s", command, err, out)
		}
		return path, err
	}))
	path, err := build.(func() (string, error))()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// environment is the test's own with the given settings and no others of this program.
func environment(settings ...string) []string {
	env := []string{"LOG_LEVEL=warn"}
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if strings.HasPrefix(name, "IYZICO_") || strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "CALLBACK_") ||
			name == "SETTLE_WINDOW" || name == "RATE_LIMIT_PER_MINUTE" || name == "LOG_LEVEL" || strings.HasPrefix(name, "TABLE_") {
			continue
		}
		env = append(env, v)
	}
	return append(env, settings...)
}

func none(string) string { return "" }

func env(settings map[string]string) func(string) string {
	return func(name string) string { return settings[name] }
}

func onPort0(data string) options {
	return options{addr: "127.0.0.1:0", iyzicoAddr: "127.0.0.1:0", data: data}
}

var quiet = slog.New(slog.DiscardHandler)

// startSystem starts the system on free ports. It is closed at the test's end, or before by the function.
func startSystem(t *testing.T, data string, getenv func(string) string) (*System, func()) {
	t.Helper()
	s, err := loadSettings(getenv)
	if err != nil {
		t.Fatal(err)
	}
	y, err := start(t.Context(), onPort0(data), s, quiet)
	if err != nil {
		t.Fatal(err)
	}
	stop := sync.OnceFunc(func() {
		if err := y.Close(); err != nil {
			t.Error(err)
		}
		followTheSchemas(t, data)
	})
	t.Cleanup(stop)
	return y, stop
}

// followTheSchemas holds every event that a system wrote against its schema in docs/events.
func followTheSchemas(t *testing.T, data string) {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(data, "events.jsonl"))
	if err != nil {
		t.Error(err)
	}
	for line := range bytes.Lines(file) {
		if err := eventschema.Check(line); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// process is a started program.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stderr *bytes.Buffer
	url    string // the first one that it printed
	iyzico string // the second one
	ended  chan struct{}
}

// startProcess starts a built program and waits until it has printed as many URLs as it serves.
func startProcess(t *testing.T, path string, urls int, env []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(path, args...), stderr: &bytes.Buffer{}, ended: make(chan struct{})}
	p.cmd.Env = env
	p.cmd.Stderr = p.stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	found := make(chan []string, 1)
	go func() {
		defer close(p.ended)
		var seen []string
		for lines := bufio.NewScanner(out); lines.Scan(); {
			for _, word := range strings.Fields(lines.Text()) {
				if strings.HasPrefix(word, "http://") && len(seen) < urls {
					if seen = append(seen, strings.TrimRight(word, ",;")); len(seen) == urls {
						found <- seen
					}
				}
			}
		}
		_ = p.cmd.Wait() // killed programs end with an error
	}()
	select {
	case seen := <-found:
		p.url, p.iyzico = seen[0], seen[urls-1]
	case <-p.ended:
		t.Fatalf("%s ended: %s", filepath.Base(path), p.stderr)
	case <-time.After(patience):
		t.Fatalf("%s does not say where it is", filepath.Base(path))
	}
	return p
}

// kill ends the process like kill -9, and waits until it is gone.
func (p *process) kill() {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Error(err)
	}
	<-p.ended
}

// call makes one request on a connection of its own; key and body may be empty.
func call(ctx context.Context, method, url, key, body string) (reply, error) {
	return step{method: method, key: key, body: body}.ask(ctx, url)
}

func mustCall(t *testing.T, method, url, key, body string) reply {
	t.Helper()
	a, err := call(t.Context(), method, url, key, body)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// read decodes a body.
func read[T any](t *testing.T, body []byte) T {
	t.Helper()
	var value T
	if err := json.Unmarshal(body, &value); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return value
}

// resource is what the tests look at of an operation.
type resource struct {
	ID        string `json:"id"`
	Status    string `json:"status"`
	PaymentID string `json:"paymentId"`
}

// settled waits until an operation is definite.
func settled(t *testing.T, url string) resource {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		r := read[resource](t, mustCall(t, http.MethodGet, url, "", "").body)
		switch r.Status {
		case "succeeded", "partially_succeeded", "rejected", "not_executed":
			return r
		case "needs_review":
			t.Fatalf("%s needs review", url)
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s stays %s", url, r.Status)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// execution is what the fake tells of one money movement.
type execution struct {
	Kind           string `json:"kind"`
	ConversationID string `json:"conversationId"`
	PaymentID      string `json:"paymentId"`
	Price          string `json:"price"`
}

func executions(t *testing.T, fake, paymentID string) []execution {
	t.Helper()
	a := mustCall(t, http.MethodGet, fake+"/_fake/executions?paymentId="+paymentID, "", "")
	return read[struct {
		Executions []execution `json:"executions"`
	}](t, a.body).Executions
}

// published is what the tests look at of an event.
type published struct {
	Source     string    `json:"source"`
	DetailType string    `json:"detail-type"`
	Time       time.Time `json:"time"`
	Detail     struct {
		ID             string `json:"id"`
		Kind           string `json:"kind"`
		Status         string `json:"status"`
		PaymentID      string `json:"paymentId"`
		SchemaVersion  int    `json:"schemaVersion"`
		Sequence       int64  `json:"sequence"`
		IdempotencyKey string `json:"idempotencyKey"`
	} `json:"detail"`
}

// eventsAfter reads the events route to its end.
func eventsAfter(t *testing.T, url string, after int) []published {
	t.Helper()
	var all []published
	for {
		a := mustCall(t, http.MethodGet, fmt.Sprintf("%s%s?after=%d", url, eventsPath, after+len(all)), "", "")
		if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/x-ndjson" {
			t.Fatalf("events: %d %s %s", a.status, a.header.Get("Content-Type"), a.body)
		}
		if len(a.body) == 0 {
			return all
		}
		for line := range bytes.Lines(a.body) {
			all = append(all, read[published](t, line))
		}
	}
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// runHere is the program without a process of its own: what it says, and its error.
func runHere(t *testing.T, getenv func(string) string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := run(t.Context(), args, getenv, &out, io.Discard)
	return out.String(), err
}
