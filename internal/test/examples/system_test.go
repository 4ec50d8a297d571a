package examples_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/iade/iade/internal/test/need"
	"github.com/iade/iade/internal/test/repo"
)

var built struct {
	folder string
	local  func() (string, error)
	shop   func() (string, error) // examples/go
}

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "iade-examples-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	built.folder = folder
	built.local, built.shop = build("./cmd/local"), build("./examples/go")
	repo.Main(m, func() error { return os.RemoveAll(folder) })
}

// build builds a program of this module once.
func build(program string) func() (string, error) {
	return sync.OnceValues(func() (string, error) {
		path := filepath.Join(built.folder, filepath.Base(program))
		out, err := exec.Command("go", "build", "-o", path, program).CombinedOutput()
		if err != nil {
			err = fmt.Errorf("build %s: %w\n%s", program, err, out)
		}
		return path, err
	})
}

// patience bounds whatever a test waits for.
const patience = 2 * time.Minute

// system is cmd/local with something in front of it that sees every request.
type system struct {
	url, iyzico string // url is the front's
	api         string
	mu          sync.Mutex
	before      func(n int, w http.ResponseWriter, r *http.Request, body []byte) bool // answers in place of the API, or returns false
	requests    int
}

// start starts the system.
func start(t *testing.T) *system {
	t.Helper()
	need.Programs(t)
	path, err := built.local()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(path, "-addr", "127.0.0.1:0", "-iyzico-addr", "127.0.0.1:0", "-data", t.TempDir())
	command.Env = []string{"LOG_LEVEL=warn"}
	var errors bytes.Buffer
	command.Stderr = &errors
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait() // killed programs end with an error
	})
	var found []string
	lines := bufio.NewScanner(out)
	for len(found) < 2 && lines.Scan() {
		for _, word := range strings.Fields(lines.Text()) {
			if strings.HasPrefix(word, "http://") && len(found) < 2 {
				found = append(found, word)
			}
		}
	}
	if len(found) < 2 {
		t.Fatalf("it does not say where it is: %s", &errors)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	s := &system{api: found[0], iyzico: found[1]}
	target, err := url.Parse(s.api)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		verifySignature(t, r, body)
		s.mu.Lock()
		s.requests++
		n, before := s.requests, s.before
		s.mu.Unlock()
		if before == nil || !before(n, w, r, body) {
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(front.Close)
	s.url = front.URL
	return s
}

// drop answers nothing.
func drop(w http.ResponseWriter) {
	if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = connection.Close()
	}
}

// fake asks the fake iyzico's control side.
func (s *system) fake(t *testing.T, method, path, body string, into any) {
	t.Helper()
	request, err := http.NewRequest(method, s.iyzico+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	fetch(t, request, into)
}

func fetch(t *testing.T, request *http.Request, into any) {
	t.Helper()
	response, err := (&http.Client{Timeout: patience}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= 300 {
		t.Fatalf("%s: %d %s %v", request.URL, response.StatusCode, content, err)
	}
	if into != nil {
		if err := json.Unmarshal(content, into); err != nil {
			t.Fatal(err)
		}
	}
}

// sell adds a payment with one line of 100.00.
func (s *system) sell(t *testing.T) string {
	t.Helper()
	var sold struct{ PaymentID string }
	s.fake(t, http.MethodPost, "/_fake/payments", `{"lines":[{"paidPrice":"100.00"}]}`, &sold)
	return sold.PaymentID
}

// executions counts how often iyzico moved the payment's money back.
func (s *system) executions(t *testing.T, payment string) int {
	t.Helper()
	var moved struct{ Executions []struct{ Kind string } }
	s.fake(t, http.MethodGet, "/_fake/executions?paymentId="+payment, "", &moved)
	n := 0
	for _, e := range moved.Executions {
		if e.Kind == "refund" {
			n++
		}
	}
	return n
}

// events gives the lines of the event log.
func (s *system) events(t *testing.T) []json.RawMessage {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, s.api+"/_local/events?after=0&wait=5", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := (&http.Client{Timeout: patience}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var all []json.RawMessage
	for decoder := json.NewDecoder(response.Body); decoder.More(); {
		var one json.RawMessage
		if err := decoder.Decode(&one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}
