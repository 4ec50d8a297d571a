package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/iade/iade/internal/test/need"
)

func TestTheSameFileTwiceRefundsOnce(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	file, want := s.concert(t, 10)
	for range 2 {
		code, out, errOut := s.bulkRun(t, t.Context(), file)
		if code != exitDone || errOut != "" || !strings.Contains(out, "12 refunds on 10 payments") || !strings.Contains(out, "12 lines: 12 succeeded") {
			t.Fatalf("exit %d\n%s%s", code, out, errOut)
		}
		if got := reported(t, file); !maps.Equal(got, map[string]int{"succeeded": 12}) {
			t.Errorf("report: %v", got)
		}
		s.executedOnce(t, want)
	}
}

func TestAFileWithAFaultSendsNothing(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	file := write(t, fmt.Sprintf("paymentId;amount\n%s;1.00\n%s;1,00\nx;0\n", s.sell(t), s.sell(t)))
	code, _, errOut := s.bulkRun(t, t.Context(), file)
	if code != exitBadFile || s.posts.Load() != 0 || !strings.HasSuffix(errOut, "3 faults in the file; nothing was sent\n") ||
		!strings.Contains(errOut, file+":3: amount must have a decimal point") || !strings.Contains(errOut, file+":4: paymentId must be") {
		t.Errorf("exit %d, %d requests\n%s", code, s.posts.Load(), errOut)
	}
	if _, err := os.Stat(strings.TrimSuffix(file, ".csv") + "-report.csv"); err == nil {
		t.Error("a report of nothing")
	}
}

func TestCheckingSendsNothing(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	file, _ := s.concert(t, 3)
	if code, out, errOut := s.bulkRun(t, t.Context(), file, "-check"); code != exitDone || s.posts.Load() != 0 {
		t.Errorf("exit %d, %d requests\n%s%s", code, s.posts.Load(), out, errOut)
	}
}

func TestOneLineThatCannotBeRefundedHoldsNothingUp(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	good := s.sell(t)
	file := write(t, fmt.Sprintf("paymentId;amount;full\n%s;1.00;\n%s;100.01;\n99999999;;true\n%s;;true\n", good, good, s.sell(t)))
	code, out, errOut := s.bulkRun(t, t.Context(), file)
	if code != exitSomeNot || errOut != "" || strings.Contains(out, "Run the same again") {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	if got := reported(t, file); !maps.Equal(got, map[string]int{"succeeded": 2, "refused": 2}) {
		t.Errorf("report: %v", got)
	}
}

func TestLostAnswersEndSettledAndRefundedOnce(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	scriptFault(t, s, `{"path":"/payment/refund","mode":"reset-after","times":3}`)
	file, want := s.concert(t, 6)
	// And one answer of iade's own is lost.
	s.intercept(func(n int64, w http.ResponseWriter, _ *http.Request) bool {
		if n != 2 {
			return false
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.Close()
		}
		return true
	})
	code, out, errOut := s.bulkRun(t, t.Context(), file)
	if code != exitDone || errOut != "" {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	s.executedOnce(t, want)
}

func TestRateLimitedLinesAreAskedAgain(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.intercept(func(n int64, w http.ResponseWriter, _ *http.Request) bool {
		if n%3 != 0 {
			return false
		}
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	})
	file, want := s.concert(t, 8)
	if code, out, errOut := s.bulkRun(t, t.Context(), file); code != exitDone || s.posts.Load() < 13 {
		t.Errorf("exit %d, %d requests\n%s%s", code, s.posts.Load(), out, errOut)
	}
	s.executedOnce(t, want)
}

// TestARunThatWasStoppedGoesOn stops a run as Ctrl-C does.
func TestARunThatWasStoppedGoesOn(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	file, want := s.concert(t, 20)
	ctx, stop := context.WithCancel(t.Context())
	s.intercept(func(n int64, _ http.ResponseWriter, _ *http.Request) bool {
		if n == 7 {
			stop()
		}
		return false
	})
	code, out, _ := s.bulkRun(t, ctx, file, "-parallel", "2")
	got := reported(t, file)
	if code != exitSomeNot || got["not_asked"] == 0 || got["succeeded"] == 0 || !strings.Contains(out, "Run the same again") {
		t.Fatalf("exit %d, report %v\n%s", code, got, out)
	}
	if code, out, errOut := s.bulkRun(t, t.Context(), file); code != exitDone {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	s.executedOnce(t, want)
}

// TestARunThatWasKilledGoesOn kills the program at several places, each time right after a request reached iade.
func TestARunThatWasKilledGoesOn(t *testing.T) {
	t.Parallel()
	need.Programs(t)
	s := newSystem(t)
	file, want := s.concert(t, 12)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var at atomic.Int64
	reached := make(chan struct{}, 100)
	s.intercept(func(n int64, _ http.ResponseWriter, _ *http.Request) bool {
		if n == at.Load() {
			reached <- struct{}{}
		}
		return false
	})
	for _, n := range []int64{1, 4, 9} {
		command := exec.Command(self, "bulk", "-api", s.url, "-parallel", "3", file)
		command.Env = []string{envBe + "=1"}
		at.Store(s.posts.Load() + n)
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		<-reached
		if err := command.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = command.Wait() // killed
		if _, err := os.Stat(strings.TrimSuffix(file, ".csv") + "-report.csv"); err == nil {
			t.Fatal("a report of a run that was killed")
		}
	}
	if code, out, errOut := s.bulkRun(t, t.Context(), file); code != exitDone {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	s.executedOnce(t, want)
	if entries, err := filepath.Glob(filepath.Join(filepath.Dir(file), "*.part")); err != nil || len(entries) > 0 {
		t.Errorf("%v is left, %v", entries, err)
	}
}

func TestNothingPrivateIsPrintedOrReported(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	const canary = "Ayşe-Yılmaz-4711"
	file := write(t, fmt.Sprintf("paymentId;amount;reason;description;reference\n%s;1.00;OTHER;%s;%s\n%s;100.01;OTHER;%s;%s\n",
		s.sell(t), canary, canary, s.sell(t), canary, canary))
	_, out, errOut := s.bulkRun(t, t.Context(), file)
	report, err := os.ReadFile(strings.TrimSuffix(file, ".csv") + "-report.csv")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out+errOut+string(report), canary) {
		t.Errorf("%s\n%s\n%s", out, errOut, report)
	}
}

func scriptFault(t *testing.T, s *system, body string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	request, err := http.NewRequest(http.MethodPost, "/_fake/faults", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	s.fake.ServeHTTP(recorder, request)
	if recorder.Code >= 300 {
		t.Fatalf("fault: %d %s", recorder.Code, recorder.Body)
	}
}
