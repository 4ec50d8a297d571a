package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/iade/iade/internal/bulk"
)

const (
	// rateOver is how far back the rate looks: two of iyzico's minutes, in which calls come in bursts.
	rateOver   = 2 * time.Minute
	sampleTime = time.Second
	drawEvery  = 200 * time.Millisecond
	lineEvery  = 30 * time.Second
)

// progress shows counts, rate and the time left: one line that is written over on a terminal, and a line now and then
// where the output is kept.
type progress struct {
	w        io.Writer
	terminal bool
	now      func() time.Time
	shown    time.Time
	tally    bulk.Tally
	samples  []sample // one a second, the oldest first
	drawn    bool
}

type sample struct {
	at       time.Time
	finished int
}

func newProgress(w io.Writer, terminal bool, now func() time.Time) *progress {
	return &progress{w: w, terminal: terminal, now: now, shown: now()}
}

// show is bulk.Runner's Watch.
func (p *progress) show(t bulk.Tally) {
	p.tally = t
	now := p.now()
	if n := len(p.samples); n == 0 || now.Sub(p.samples[n-1].at) >= sampleTime {
		p.samples = append(p.samples, sample{now, t.Total - t.Left()})
		for now.Sub(p.samples[0].at) > rateOver {
			p.samples = p.samples[1:]
		}
	}
	every := lineEvery
	if p.terminal {
		every = drawEvery
	}
	if now.Sub(p.shown) >= every {
		p.draw(now)
	}
}

// end leaves the last line as it stands.
func (p *progress) end() {
	if p.terminal && p.drawn {
		p.draw(p.now())
		say(p.w, "\n")
	}
}

func (p *progress) draw(now time.Time) {
	p.shown, p.drawn = now, true
	if p.terminal {
		say(p.w, "\r\x1b[K%s", p.line(now))
		return
	}
	say(p.w, "%s\n", p.line(now))
}

func (p *progress) line(now time.Time) string {
	t := p.tally
	finished := t.Total - t.Left()
	text := fmt.Sprintf("%d of %d (%d%%): %d refunded, %d not, %d unknown", finished, t.Total, finished*100/max(1, t.Total), t.Done, t.Failed, t.Unknown)
	if t.Settling {
		return text + "; waiting for what is unknown"
	}
	perMinute := p.rate(now)
	if perMinute == 0 {
		return text
	}
	left := time.Duration(float64(t.Left()) / perMinute * float64(time.Minute))
	return fmt.Sprintf("%s; %.0f a minute, %s left", text, perMinute, span(left))
}

// rate is lines a minute over the last two; 0 = not known yet.
func (p *progress) rate(now time.Time) float64 {
	if len(p.samples) == 0 {
		return 0
	}
	first := p.samples[0]
	took := now.Sub(first.at)
	finished := p.tally.Total - p.tally.Left() - first.finished
	if took < sampleTime || finished == 0 {
		return 0
	}
	return float64(finished) / took.Minutes()
}

// span is a duration as people say it.
func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Round(time.Minute).Minutes()))
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
}

// terminal tells whether lines can be written over.
func terminal(w io.Writer, getenv func(string) string) bool {
	file, ok := w.(*os.File)
	if !ok || getenv("TERM") == "dumb" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
