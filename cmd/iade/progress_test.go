package main

import (
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/bulk"
)

// TestProgressTellsRateAndTimeLeft plays a drain of 40 a minute, which come in the first seconds of each.
func TestProgressTellsRateAndTimeLeft(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		terminal bool
		lines    int
		last     string
	}{
		"kept output": {false, 19, "400 of 20000 (2%): 398 refunded, 1 not, 1 unknown; 40 a minute, 8h10m left\n"},
		"a terminal":  {true, 1, "\r\x1b[K400 of 20000 (2%): 398 refunded, 1 not, 1 unknown; 40 a minute, 8h14m left\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := time.Unix(1_700_000_000, 0)
			var out strings.Builder
			p := newProgress(&out, c.terminal, func() time.Time { return now })
			for second := range 571 {
				minute, within := second/60, second%60
				done := minute*40 + min(40, (within+1)*10)
				tally := bulk.Tally{Total: 20000, Done: done - 2, Failed: 1, Unknown: 1}
				p.show(tally)
				now = now.Add(time.Second)
			}
			p.end()
			if n := strings.Count(out.String(), "\n"); n != c.lines || !strings.HasSuffix(out.String(), c.last) {
				t.Errorf("%d lines, the last %q", n, out.String()[max(0, out.Len()-120):])
			}
		})
	}
}

func TestProgressWhileNothingIsKnownAndAtTheEnd(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	p := newProgress(&strings.Builder{}, false, func() time.Time { return now })
	p.show(bulk.Tally{Total: 10})
	now = now.Add(time.Minute)
	p.show(bulk.Tally{Total: 10})
	if got := p.line(now); got != "0 of 10 (0%): 0 refunded, 0 not, 0 unknown" {
		t.Errorf("%q", got)
	}
	p.show(bulk.Tally{Total: 10, Done: 8, Unknown: 2, Settling: true})
	if got := p.line(now); got != "10 of 10 (100%): 8 refunded, 0 not, 2 unknown; waiting for what is unknown" {
		t.Errorf("%q", got)
	}
}

func TestSpans(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0s", 59 * time.Second: "59s", 90 * time.Second: "2m", 59 * time.Minute: "59m", 60 * time.Minute: "1h00m",
		8*time.Hour + 9*time.Minute + 40*time.Second: "8h10m",
	} {
		if got := span(d); got != want {
			t.Errorf("%s = %q, want %q", d, got, want)
		}
	}
}
