package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
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
	for _, said := range []string{"This run sent 12\n", "12 were known to iade from an earlier run: nothing was sent for them now\nThis run sent nothing\n"} {
		code, out, errOut := s.bulkRun(t, t.Context(), file)
		if code != exitDone || errOut != "" || !strings.Contains(out, "12 refunds on 10 payments") || !strings.Contains(out, "12 lines: 12 succeeded\n"+said) {
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
		!strings.Contains(errOut, file+":3: amount \"1,00\" must have a decimal point") || !strings.Contains(errOut, file+":4: paymentId \"x\" must be") {
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
	if code != exitSomeNot || errOut != "" || strings.Contains(out, "Run the same file again") {
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
	if code != exitSomeNot || got["not_asked"] == 0 || got["succeeded"] == 0 || !strings.Contains(out, "Run the same file again") {
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
		command := exec.Command(self, "bulk", "-api", s.url, "-yes", "-parallel", "3", file)
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

// TestNothingPrivateIsPrintedOrReported: descriptions are for iyzico alone, and references for the report.
func TestNothingPrivateIsPrintedOrReported(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	const canary, reference = "Ayşe-Yılmaz-4711", "order-of-Ayşe"
	file := write(t, fmt.Sprintf("paymentId;amount;reason;description;reference\n%s;1.00;OTHER;%s;%s\n%s;100.01;OTHER;%s;%s\n",
		s.sell(t), canary, reference, s.sell(t), canary, reference))
	_, out, errOut := s.bulkRun(t, t.Context(), file)
	report, err := os.ReadFile(strings.TrimSuffix(file, ".csv") + "-report.csv")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out+errOut+string(report), canary) || strings.Contains(out+errOut, reference) || strings.Count(string(report), reference) != 2 {
		t.Errorf("%s\n%s\n%s", out, errOut, report)
	}
}

// TestNothingIsSentBeforeAPersonSaysYes: the sum is said first.
func TestNothingIsSentBeforeAPersonSaysYes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		asks   bool
		answer string
		sends  bool
		said   string
	}{
		"yes":            {true, "yes\n", true, "Type yes"},
		"evet":           {true, " Evet \r\n", true, "Type yes"},
		"no":             {true, "no\n", false, "was not yes"},
		"just Enter":     {true, "\n", false, "was not yes"},
		"half an answer": {true, "yes", false, "was not yes"},
		"the end":        {true, "", false, "was not yes"},
		"no terminal":    {false, "yes\n", false, "-yes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSystem(t)
			file := write(t, fmt.Sprintf("paymentId;amount;full;currency\n%s;1.25;;TRY\n%s;;true;\n", s.sell(t), s.sell(t)))
			var out strings.Builder
			code := run(t.Context(), []string{"bulk", "-api", s.url, file}, console{in: strings.NewReader(c.answer), out: &out, err: &out, getenv: none, asks: c.asks})
			sent := s.posts.Load() > 0
			if sent != c.sends || (code == exitDone) != c.sends || !c.sends && (code != exitBadFile || !strings.HasSuffix(out.String(), "nothing was sent\n")) {
				t.Errorf("exit %d, sent %v\n%s", code, sent, &out)
			}
			for _, part := range []string{c.said, "1.25 TRY in 1 refunds", "all that is left, in 1 refunds"} {
				if !strings.Contains(out.String(), part) {
					t.Errorf("%q is not said:\n%s", part, &out)
				}
			}
		})
	}
}

func TestStoppingAtTheQuestionSendsNothing(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	file, _ := s.concert(t, 2)
	silent, _ := io.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	stopped := writerFunc(func(p []byte) (int, error) {
		if strings.Contains(string(p), "Type yes") {
			stop()
		}
		return len(p), nil
	})
	if code := run(ctx, []string{"bulk", "-api", s.url, file}, console{in: silent, out: stopped, err: io.Discard, getenv: none, asks: true}); code != exitBadFile || s.posts.Load() > 0 {
		t.Errorf("exit %d, %d requests", code, s.posts.Load())
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestAnAPIThatIsDownIsSaidToBeDown: nothing was sent, so nothing is unknown.
func TestAnAPIThatIsDownIsSaidToBeDown(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	file := write(t, "paymentId;amount\n10000001;1.00\n10000002;1.00\n")
	var out, errOut strings.Builder
	code := run(t.Context(), []string{"bulk", "-api", closed.URL, "-yes", file}, console{out: &out, err: &errOut, getenv: none})
	if code != exitBadFile || strings.Contains(out.String()+errOut.String(), "unknown") || !strings.HasSuffix(errOut.String(), "nothing was sent\n") ||
		!strings.Contains(errOut.String(), closed.URL) || strings.Count(errOut.String(), "\n") != 1 {
		t.Errorf("exit %d\n%s%s", code, &out, &errOut)
	}
	if _, err := os.Stat(strings.TrimSuffix(file, ".csv") + "-report.csv"); err == nil {
		t.Error("a report of nothing")
	}
}

// TestAnAPIThatGoesDownLeavesNothingUnknownThatWasNotSent: what never left this machine is not_sent, what lost its answer
// unknown, and the same file settles both.
func TestAnAPIThatGoesDownLeavesNothingUnknownThatWasNotSent(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	file, want := s.concert(t, 6)
	front := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { forward(t, s, w, r) }))
	front.Config.SetKeepAlivesEnabled(false)
	front.Start()
	s.intercept(func(n int64, w http.ResponseWriter, r *http.Request) bool {
		if n == 3 {
			_ = front.Listener.Close()
		}
		return false
	})
	var out, errOut strings.Builder
	args := []string{"bulk", "-api", front.URL, "-yes", "-parallel", "1", "-patience", "3s", file}
	code := run(t.Context(), args, console{out: &out, err: &errOut, getenv: none})
	front.Close()
	got := reported(t, file)
	if code != exitSomeNot || got["unknown"] > 0 || got["succeeded"] != 3 || got["not_sent"] != 1 || got["not_asked"] != 4 {
		t.Errorf("exit %d, %v\n%s%s", code, got, &out, &errOut)
	}
	if code, again, _ := s.bulkRun(t, t.Context(), file); code != exitDone || !strings.Contains(again, "3 were known") {
		t.Errorf("exit %d\n%s", code, again)
	}
	s.executedOnce(t, want)
}

// forward passes a request on to the system.
func forward(t *testing.T, s *system, w http.ResponseWriter, r *http.Request) {
	target, err := url.Parse(s.url)
	if err != nil {
		t.Error(err)
		return
	}
	httputil.NewSingleHostReverseProxy(target).ServeHTTP(w, r)
}

// TestOneMistakeInManyLinesIsSaidOnce: a wrong column is one mistake.
func TestOneMistakeInManyLinesIsSaidOnce(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	var text strings.Builder
	text.WriteString("paymentId;amount\n")
	for i := range 800 {
		fmt.Fprintf(&text, "%d;%d,50\n", 10000001+i, i+1)
	}
	file := write(t, text.String()+strings.Repeat("7;1.00\n", 301))
	_, _, errOut := s.bulkRun(t, t.Context(), file)
	if n := strings.Count(errOut, "\n"); n != 5 || !strings.Contains(errOut, "the same in 799 more lines: 3, 4, 5, 6, 7, 8, 9, 10, …\n") ||
		!strings.Contains(errOut, file+":803: line says the same as an earlier line") || !strings.Contains(errOut, "(line 802)\n  the same in 299 more lines") {
		t.Errorf("%d lines:\n%s", n, errOut)
	}
	var refused strings.Builder
	refused.WriteString("paymentId;amount\n")
	for i := range 40 {
		fmt.Fprintf(&refused, "%s;%d.00\n", s.sell(t), 101+i)
	}
	_, out, _ := s.bulkRun(t, t.Context(), write(t, refused.String()))
	if n := strings.Count(out, "\n"); n > 12 || !strings.Contains(out, "  40 × exceeds-refundable: amount 101.00") || !strings.Contains(out, "This run sent nothing\n") {
		t.Errorf("%d lines:\n%s", n, out)
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

// TestABulkRunSaysForProgramsWhatItDid: one JSON object on the standard output, and all that is for people elsewhere.
func TestABulkRunSaysForProgramsWhatItDid(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	file, want := s.concert(t, 3)
	code, out, errOut := s.bulkRun(t, t.Context(), file, "-json")
	report := strings.TrimSuffix(file, ".csv") + "-report.csv"
	if wanted := fmt.Sprintf(`{"lines":4,"report":%q,"sent":{"now":4},"statuses":{"succeeded":4}}`+"\n", report); code != exitDone || out != wanted {
		t.Errorf("exit %d\n%s\nwant\n%s\n%s", code, out, wanted, errOut)
	}
	has(t, errOut, "4 refunds on 3 payments", "This run sent 4")
	s.executedOnce(t, want)
}
