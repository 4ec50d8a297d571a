package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/slogtest"
	"time"
)

// lines is a log's writer that may be read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// TestTheLogTellsEachRequestSettleAndEventInOneLine, and nothing of what callers sent (I9).
func TestTheLogTellsEachRequestSettleAndEventInOneLine(t *testing.T) {
	t.Parallel()
	s, err := loadSettings(none)
	if err != nil {
		t.Fatal(err)
	}
	var log lines
	y, err := start(t.Context(), onPort0(t.TempDir()), s, newLog(&log, slog.LevelDebug, false))
	if err != nil {
		t.Fatal(err)
	}
	mustCall(t, http.MethodPost, y.IyzicoURL+"/_fake/faults", "", `{"path":"/payment/refund","mode":"reset-after"}`)
	body := `{"paymentId":"10000004","amount":"250.00","reason":"OTHER","description":"canary-prose","reference":"canary-ref","ip":"203.0.113.77"}`
	a := mustCall(t, http.MethodPost, y.URL+"/refunds?canary=query", "canary-key", body)
	if a.status != http.StatusBadRequest {
		t.Fatalf("an unknown query: %d %s", a.status, a.body)
	}
	a = mustCall(t, http.MethodPost, y.URL+"/refunds", "canary-key", body)
	id := read[resource](t, a.body).ID
	settled(t, y.URL+"/refunds/"+id)
	mustCall(t, http.MethodGet, y.URL+"/balance-callback/canary-state", "", "")
	mustCall(t, http.MethodPost, y.URL+"/refunds", "canary-other", strings.Replace(body, "250.00", "250.01", 1))
	eventually(t, "the settled refund's event", func() bool { return len(eventsAfter(t, y.URL, 0)) == 2 })
	if err := y.Close(); err != nil {
		t.Fatal(err)
	}
	text := log.String()
	for _, part := range []string{
		" POST /refunds status=400 ms=", " POST /refunds status=202 id=" + id + " ms=", " GET /refunds/" + id + " status=200 ms=",
		" event refund.unknown id=" + id + " sequence=2\n", " event refund.succeeded id=" + id + " sequence=3\n",
		" settled by reading iyzico operations=1\n", " GET /balance-callback/… status=", " POST /refunds status=422 ",
	} {
		if strings.Count(text, part) == 0 {
			t.Errorf("%q is not logged", part)
		}
	}
	for _, secret := range []string{"canary", "203.0.113.77", "sandbox-apiKey", "sandbox-secretKey", "250.0"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is logged", secret)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

func TestALongOrStrangePathStaysOneShortLine(t *testing.T) {
	t.Parallel()
	var log lines
	handler := withAccessLog(http.NotFoundHandler(), newLog(&log, slog.LevelInfo, false))
	for _, path := range []string{"/" + strings.Repeat("x", 5000), "/a%0A12:00:00%20forged", "/a%1b[31m"} {
		r, err := http.NewRequest(http.MethodGet, "http://x"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		handler.ServeHTTP(discardAnswer{http.Header{}}, r)
	}
	text := log.String()
	if strings.Count(text, "\n") != 3 || strings.Contains(text, "\x1b") || len(text) > 600 {
		t.Errorf("%d bytes: %q", len(text), text)
	}
}

type discardAnswer struct{ header http.Header }

func (d discardAnswer) Header() http.Header       { return d.header }
func (discardAnswer) Write(p []byte) (int, error) { return len(p), nil }
func (discardAnswer) WriteHeader(int)             {}

func TestLogLines(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)
	for name, c := range map[string]struct {
		colour bool
		level  slog.Level
		attrs  []slog.Attr
		want   string
	}{
		"plain":    {false, slog.LevelInfo, []slog.Attr{slog.Int("n", 1), slog.String("s", "word")}, "15:04:05 said n=1 s=word\n"},
		"warning":  {false, slog.LevelWarn, nil, "15:04:05 WARN said\n"},
		"quoting":  {false, slog.LevelInfo, []slog.Attr{slog.String("s", "two words"), slog.String("e", ""), slog.String("l", "a\nb\x1b")}, `15:04:05 said s="two words" e="" l="a\nb\x1b"` + "\n"},
		"group":    {false, slog.LevelInfo, []slog.Attr{slog.Group("g", slog.Int("n", 1))}, "15:04:05 said g.n=1\n"},
		"error":    {false, slog.LevelError, []slog.Attr{slog.Any("error", errors.New("x"))}, "15:04:05 ERROR said error=x\n"},
		"coloured": {true, slog.LevelError, []slog.Attr{slog.Int("n", 1)}, "\x1b[2m15:04:05\x1b[0m \x1b[31mERROR\x1b[0m said \x1b[2mn=\x1b[0m1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			r := slog.NewRecord(at, c.level, "said", 0)
			r.AddAttrs(c.attrs...)
			if err := newLog(&out, slog.LevelDebug, c.colour).Handler().Handle(context.Background(), r); err != nil || out.String() != c.want {
				t.Errorf("%q, %v", &out, err)
			}
		})
	}
}

// TestTheHandlerKeepsSlogsRules runs the standard library's own suite on the lines, read back.
func TestTheHandlerKeepsSlogsRules(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	slogtest.Run(t, func(*testing.T) slog.Handler {
		out.Reset()
		return newLog(&out, slog.LevelDebug, false).Handler()
	}, func(t *testing.T) map[string]any {
		text := strings.TrimSuffix(out.String(), "\n")
		record := map[string]any{slog.LevelKey: "INFO", slog.MessageKey: ""}
		first, text, _ := strings.Cut(text, " ")
		if _, err := time.Parse(time.TimeOnly, first); err == nil {
			record[slog.TimeKey] = first
		} else {
			text = first + " " + text
		}
		for _, word := range strings.Fields(text) {
			key, value, isAttr := strings.Cut(word, "=")
			if !isAttr {
				record[slog.MessageKey] = strings.TrimSpace(record[slog.MessageKey].(string) + " " + word)
				continue
			}
			at := record
			path := strings.Split(key, ".")
			for _, group := range path[:len(path)-1] {
				if at[group] == nil {
					at[group] = map[string]any{}
				}
				at = at[group].(map[string]any)
			}
			at[path[len(path)-1]] = value
		}
		return record
	})
}

func TestColoursAreForTerminalsThatWantThem(t *testing.T) {
	t.Parallel()
	file, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	device, err := os.Open(os.DevNull) // a character device, as a terminal is
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	for name, c := range map[string]struct {
		got, want bool
	}{
		"a file":   {colourful(file, none), false},
		"a buffer": {colourful(&bytes.Buffer{}, none), false},
		"NO_COLOR": {colourful(device, env(map[string]string{"NO_COLOR": "1"})), false},
		"dumb":     {colourful(device, env(map[string]string{"TERM": "dumb"})), false},
		"terminal": {colourful(device, none), true},
	} {
		if c.got != c.want {
			t.Errorf("%s: %t", name, c.got)
		}
	}
}
