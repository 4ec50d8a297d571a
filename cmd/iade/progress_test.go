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
		"kept output": {false, 19, "400/20000: 398 refunded, 1 not, 1 unknown; 8h10m left\n"},
		"a terminal":  {true, 1, "\r\x1b[K400/20000: 398 refunded, 1 not, 1 unknown; 8h14m left\n"},
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
	if got := p.line(now); got != "0/10: 0 refunded, 0 not, 0 unknown; stands still" {
		t.Errorf("%q", got)
	}
	p.show(bulk.Tally{Total: 10, Done: 8, Unknown: 2, Settling: true})
	if got := p.line(now); got != "10/10: 8 refunded, 0 not, 2 unknown; waiting for those" {
		t.Errorf("%q", got)
	}
}

// TestNoRateIsSaidBeforeAMinute: forty calls in the first second of iyzico's minute are forty a minute, not 2400.
func TestNoRateIsSaidBeforeAMinute(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	p := newProgress(&strings.Builder{}, false, func() time.Time { return now })
	for second := range 61 {
		p.show(bulk.Tally{Total: 200, Done: min(40, second*20)})
		said := strings.Contains(p.line(now), "left")
		if said != (second == 60) {
			t.Errorf("after %d s: %q", second, p.line(now))
		}
		now = now.Add(time.Second)
	}
	now = now.Add(-time.Second)
	if got := p.line(now); got != "40/200: 40 refunded, 0 not, 0 unknown; 4m left, 40/min" {
		t.Errorf("%q", got)
	}
}

// TestProgressFitsANarrowTerminal whatever the counts are.
func TestProgressFitsANarrowTerminal(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	for _, total := range []int{1, 999, 20_000, bulk.MaxLines} {
		for _, settling := range []bool{false, true} {
			p := newProgress(&strings.Builder{}, true, func() time.Time { return now })
			p.samples = []sample{{now.Add(-2 * time.Minute), 0}}
			for _, share := range []int{0, 1, 3} {
				p.tally = bulk.Tally{Total: total, Done: total / (share + 1), Failed: total * share / 8, Unknown: total * share / 8, Settling: settling}
				if got := p.line(now); len(got) > 59 {
					t.Errorf("%d columns: %q", len(got), got)
				}
			}
		}
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
