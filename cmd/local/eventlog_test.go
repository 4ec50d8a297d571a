package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func openLog(t *testing.T, path string) *eventLog {
	t.Helper()
	l, err := openEventLog(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func appendLines(t *testing.T, l *eventLog, lines ...string) {
	t.Helper()
	var all [][]byte
	for _, line := range lines {
		all = append(all, []byte(line+"\n"))
	}
	if err := l.Append(all); err != nil {
		t.Fatal(err)
	}
}

func TestATornLastLineIsCutOff(t *testing.T) {
	t.Parallel()
	long := `"` + strings.Repeat("x", 10_000) + `"` // longer than a reader's buffer
	for name, c := range map[string]struct{ file, want string }{
		"nothing":             {"", "5\n"},
		"whole lines":         {"1\n2\n", "1\n2\n5\n"},
		"torn":                {"1\n2\n{\"so", "1\n2\n5\n"},
		"torn at the newline": {"1\n2", "1\n5\n"},
		"only a torn one":     {"{\"so", "5\n"},
		"long lines":          {long + "\n" + long, long + "\n5\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "events.jsonl")
			if err := os.WriteFile(path, []byte(c.file), 0o600); err != nil {
				t.Fatal(err)
			}
			appendLines(t, openLog(t, path), "5")
			got, err := os.ReadFile(path)
			if err != nil || string(got) != c.want {
				t.Errorf("%.40q, %v", got, err)
			}
		})
	}
}

func TestALineIsWrittenWholeAfterAFailedWrite(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "events.jsonl")
	l := openLog(t, path)
	appendLines(t, l, "1")
	// What a write that failed half-way leaves behind the last whole line.
	torn, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := torn.WriteString("tor"); err != nil {
		t.Fatal(err)
	}
	if err := torn.Close(); err != nil {
		t.Fatal(err)
	}
	appendLines(t, l, "22222")
	if got, err := l.Read(0, 10, 100); err != nil || string(got) != "1\n22222\n" {
		t.Errorf("%q, %v", got, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Append([][]byte{[]byte("3\n")}); err == nil {
		t.Error("a closed file was written")
	}
	if got := openLog(t, path).lines; got != 2 {
		t.Errorf("%d lines after the next start", got)
	}
}

// TestReadingBeginsAfterAnyLine holds every read of a log of several marks against its lines, also of one that is opened
// again and goes on.
func TestReadingBeginsAfterAnyLine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "events.jsonl")
	first := openLog(t, path)
	var all []string
	for i := range 3*markEvery + 5 {
		all = append(all, strings.Repeat("x", i%7)+fmt.Sprint(i))
		appendLines(t, first, all[i])
		if i == markEvery+1 {
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			first = openLog(t, path)
		}
	}
	for name, l := range map[string]*eventLog{"as it grew": first, "opened again": openLog(t, path)} {
		for after := range len(all) + 2 {
			for _, most := range []int{1, 2, markEvery + 3, 1000} {
				var want strings.Builder
				for _, line := range all[min(after, len(all)):min(after+most, len(all))] {
					if want.Len() > 0 && want.Len()+len(line)+1 > 300 {
						break
					}
					want.WriteString(line + "\n")
				}
				if got, err := l.Read(after, most, 300); err != nil || string(got) != want.String() {
					t.Fatalf("%s: %d lines after %d: %v\n%s\nwant\n%s", name, most, after, err, got, want.String())
				}
			}
		}
	}
}

func TestEventsAfterALine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "events.jsonl")
	l := openLog(t, path)
	route := eventsRoute{l, nil, quiet}
	appendLines(t, l, "1", "2", "3")
	reopened := eventsRoute{openLog(t, path), nil, quiet}
	for _, c := range []struct {
		query  string
		status int
		body   string
	}{
		{"", 200, "1\n2\n3\n"},
		{"?after=", 200, "1\n2\n3\n"},
		{"?after=0", 200, "1\n2\n3\n"},
		{"?after=2", 200, "3\n"},
		{"?after=3", 200, ""},
		{"?after=2147483647", 200, ""},
		{"?after=-1", 400, ""},
		{"?after=2147483648", 400, ""},
		{"?after=one", 400, ""},
	} {
		for _, r := range []eventsRoute{route, reopened} {
			w := httptest.NewRecorder()
			r.ServeHTTP(w, httptest.NewRequest(http.MethodGet, eventsPath+c.query, nil))
			if w.Code != c.status || w.Code == 200 && (w.Body.String() != c.body || w.Header().Get("Content-Type") != "application/x-ndjson") {
				t.Errorf("%s: %d %s", c.query, w.Code, w.Body)
			}
			if w.Code == 400 && (w.Header().Get("Content-Type") != "application/problem+json" || !strings.Contains(w.Body.String(), "urn:iade:problem:invalid-request")) {
				t.Errorf("%s: %s %s", c.query, w.Header(), w.Body)
			}
		}
	}
}

func TestWaitingForEventsEndsWithTheNext(t *testing.T) {
	t.Parallel()
	l := openLog(t, filepath.Join(t.TempDir(), "events.jsonl"))
	appendLines(t, l, "1")
	closing := make(chan struct{})
	ask := func(ctx context.Context, query string) chan string {
		answer := make(chan string, 1)
		go func() {
			w := httptest.NewRecorder()
			eventsRoute{l, closing, quiet}.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, eventsPath+query, nil))
			answer <- fmt.Sprintf("%d %s", w.Code, w.Body)
		}()
		return answer
	}
	if got := <-ask(t.Context(), "?after=0&wait=25"); got != "200 1\n" {
		t.Errorf("a line that is there: %q", got)
	}
	if got := <-ask(t.Context(), "?after=1&wait=1"); got != "200 " {
		t.Errorf("no line: %q", got)
	}
	if got := <-ask(t.Context(), "?wait=soon"); !strings.HasPrefix(got, "400 ") {
		t.Errorf("no number: %q", got)
	}
	waiting := []chan string{ask(t.Context(), "?after=1&wait=25"), ask(t.Context(), "?after=1&wait=65535")}
	appendLines(t, l, "2")
	for _, answer := range waiting {
		if got := <-answer; got != "200 2\n" {
			t.Errorf("the next line: %q", got)
		}
	}
	gone, leave := context.WithCancel(t.Context())
	left, stopped := ask(gone, "?after=2&wait=25"), ask(t.Context(), "?after=2&wait=25")
	leave()
	<-left
	close(closing)
	if got := <-stopped; got != "200 " {
		t.Errorf("the end of the program: %q", got)
	}
}

func TestAnAnswerOfEventsIsBounded(t *testing.T) {
	t.Parallel()
	l := openLog(t, filepath.Join(t.TempDir(), "events.jsonl"))
	var want bytes.Buffer
	var lines []string
	for i := range 3 * maxEventLines {
		line := fmt.Sprintf("%d %s", i, strings.Repeat("x", 600))
		lines = append(lines, line)
		want.WriteString(line + "\n")
	}
	appendLines(t, l, lines...)
	var got bytes.Buffer
	for after, answers := 0, 0; ; answers++ {
		w := httptest.NewRecorder()
		eventsRoute{l, nil, quiet}.ServeHTTP(w, httptest.NewRequest(http.MethodGet, fmt.Sprintf("%s?after=%d", eventsPath, after), nil))
		lines := bytes.Count(w.Body.Bytes(), []byte("\n"))
		if lines > maxEventLines || w.Body.Len() > maxEventBytes {
			t.Errorf("one answer has %d lines, %d bytes", lines, w.Body.Len())
		}
		if lines == 0 {
			if answers < 2 {
				t.Errorf("all in %d answers", answers)
			}
			break
		}
		after += lines
		got.Write(w.Body.Bytes())
	}
	if !bytes.Equal(got.Bytes(), want.Bytes()) {
		t.Error("lines are lost or repeated between answers")
	}
	if lines, err := l.Read(0, 10, 1); err != nil || bytes.Count(lines, []byte("\n")) != 1 {
		t.Errorf("a line above the limit: %q, %v", lines, err)
	}
}
