package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/iade/iade/internal/test/need"
)

var build struct {
	once sync.Once
	dir  string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if build.dir != "" {
		_ = os.RemoveAll(build.dir)
	}
	os.Exit(code)
}

// binary builds the command once.
func binary(t *testing.T) string {
	t.Helper()
	need.Programs(t)
	build.once.Do(func() {
		if build.dir, build.err = os.MkdirTemp("", "fake-iyzico"); build.err != nil {
			return
		}
		out, err := exec.Command("go", "build", "-o", filepath.Join(build.dir, "fake-iyzico"), ".").CombinedOutput()
		if err != nil {
			build.err = fmt.Errorf("%w: %s", err, out)
		}
	})
	if build.err != nil {
		t.Fatal(build.err)
	}
	return filepath.Join(build.dir, "fake-iyzico")
}

// process is a running fake.
type process struct {
	*exec.Cmd
	line string
	base string
}

func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(binary(t), append([]string{"-addr", "127.0.0.1:0"}, args...)...)}
	p.Stderr = os.Stderr
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.ProcessState == nil {
			_ = p.Process.Kill()
			_ = p.Wait()
		}
	})
	p.line, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("no start line: %v", err)
	}
	_, rest, _ := strings.Cut(p.line, "http://")
	address, _, _ := strings.Cut(rest, " ")
	p.base = "http://" + strings.TrimSuffix(address, ",")
	return p
}

func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.Wait()
}

func call(method, address, body string) (map[string]any, error) {
	r, err := http.NewRequestWithContext(context.Background(), method, address, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode >= 300 {
		return nil, fmt.Errorf("%s %s: %d %s", method, address, answer.StatusCode, raw)
	}
	var got map[string]any
	return got, json.Unmarshal(raw, &got)
}

func TestAnsweredMovementsSurviveKill(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	answered := 0
	for round := range 5 {
		p := start(t, "-data", data)
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for {
					_, err := call(http.MethodPost, p.base+"/_fake/panel-refunds", `{"paymentTransactionId":"20000001","price":"0.01"}`)
					if err != nil {
						return
					}
					mu.Lock()
					answered++
					mu.Unlock()
				}
			})
		}
		// Killed in the middle of the stream, each round a little later.
		for {
			mu.Lock()
			enough := answered > (round+1)*15
			mu.Unlock()
			if enough {
				break
			}
			time.Sleep(time.Millisecond)
		}
		p.kill(t)
		wg.Wait()
	}
	p := start(t, "-data", data)
	got, err := call(http.MethodGet, p.base+"/_fake/executions?paymentId=10000001", "")
	if err != nil {
		t.Fatal(err)
	}
	executions, _ := got["executions"].([]any)
	// At most one per worker and round was executed without an answer.
	if len(executions) < answered || len(executions) > answered+4*5 {
		t.Errorf("%d executions after %d answers", len(executions), answered)
	}
}

func TestStopsOnSIGTERM(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no SIGTERM")
	}
	p := start(t)
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestStartLineSaysWhatToTry(t *testing.T) {
	t.Parallel()
	p := start(t, "-tls-addr", "127.0.0.1:0")
	for _, part := range []string{"https://127.0.0.1:", "/_fake/ca.pem", "sandbox-apiKey", "curl"} {
		if !strings.Contains(p.line, part) {
			t.Errorf("start line lacks %q: %s", part, p.line)
		}
	}
	got, err := call(http.MethodPost, p.base+"/_fake/payments", `{"lines":[{"paidPrice":"10.00"}]}`)
	if err != nil || got["paymentId"] != "10000010" {
		t.Errorf("payment after the seeds: %v %v", got, err)
	}
}

func TestFailsWithOneLineThatNamesTheWayOut(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	data := t.TempDir()
	holder := start(t, "-data", data)
	defer holder.kill(t)
	tests := map[string]struct {
		args []string
		want []string
	}{
		"port taken":     {[]string{"-addr", taken.Addr().String()}, []string{taken.Addr().String(), "taken", "-addr"}},
		"TLS port taken": {[]string{"-addr", "127.0.0.1:0", "-tls-addr", taken.Addr().String()}, []string{"taken", "-tls-addr"}},
		"folder taken":   {[]string{"-addr", "127.0.0.1:0", "-data", data}, []string{data, "in use", "-data"}},
		"argument":       {[]string{"x"}, []string{"x", "-help"}},
	}
	for name, test := range tests {
		var stderr bytes.Buffer
		cmd := exec.Command(binary(t), test.args...)
		cmd.Stderr = &stderr
		if err := cmd.Run(); err == nil {
			t.Errorf("%s: started", name)
		}
		message := strings.TrimSpace(stderr.String())
		if strings.Contains(message, "\n") {
			t.Errorf("%s: more than one line: %s", name, message)
		}
		for _, part := range test.want {
			if !strings.Contains(message, part) {
				t.Errorf("%s: %q lacks %q", name, message, part)
			}
		}
	}
}
