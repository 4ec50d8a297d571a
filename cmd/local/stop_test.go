package main

import (
	"net/http"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestASignalLetsAnswersUnderWayFinish stops the real program while iyzico takes its time over a refund.
func TestASignalLetsAnswersUnderWayFinish(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGTERM")
	}
	data := t.TempDir()
	p := startProcess(t, binary(t, "local"), 2, environment(), "-addr", "127.0.0.1:0", "-iyzico-addr", "127.0.0.1:0", "-data", data)
	mustCall(t, http.MethodPost, p.iyzico+"/_fake/faults", "", `{"path":"/payment/refund","mode":"slow","delayMs":1000}`)
	answered := make(chan reply, 1)
	go func() {
		a, err := call(t.Context(), http.MethodPost, p.url+"/refunds", "k-1", lostBody)
		if err != nil {
			t.Error(err)
		}
		answered <- a
	}()
	eventually(t, "iyzico has the refund", func() bool { return len(executions(t, p.iyzico, "10000004")) == 1 })
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if a := <-answered; a.status != http.StatusCreated {
		t.Errorf("%d %s", a.status, a.body)
	}
	select {
	case <-p.ended:
	case <-time.After(patience):
		t.Fatal("it does not end")
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 || strings.Contains(p.stderr.String(), "iade:") {
		t.Errorf("exit code %d, stderr: %s", code, p.stderr)
	}
	y, _ := startSystem(t, data, none)
	if got := eventsAfter(t, y.URL, 0); len(got) != 1 || got[0].DetailType != "refund.succeeded" {
		t.Errorf("events: %+v", got)
	}
}

// TestTheDemoEndsWithItsExitCode runs the real program.
func TestTheDemoEndsWithItsExitCode(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(binary(t, "local"), "-demo")
	cmd.Env = environment()
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "steps went as described") {
		t.Errorf("%v\n%s", err, out)
	}
	cmd = exec.Command(binary(t, "local"), "-demo")
	cmd.Env = environment("TMPDIR=/nowhere/at/all", "TMP=/nowhere/at/all")
	if out, err := cmd.CombinedOutput(); err == nil || strings.Count(string(out), "\n") != 1 {
		t.Errorf("without a temporary folder: %v\n%s", err, out)
	}
}
