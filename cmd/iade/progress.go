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
	// rateAfter is how long must be seen before a rate is said: the calls of one of iyzico's minutes come at its beginning,
	// and would look like ten times as many.
	rateAfter = time.Minute
	// maxColumns is the narrowest terminal on which the line must not wrap.
	maxColumns = 59
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

// line is what the progress shows. What does not fit into maxColumns is left out, the least important first.
func (p *progress) line(now time.Time) string {
	t := p.tally
	text := fmt.Sprintf("%d/%d: %d refunded, %d not, %d unknown", t.Total-t.Left(), t.Total, t.Done, t.Failed, t.Unknown)
	if t.Settling {
		return fitting(text, "; waiting for those")
	}
	perMinute, known := p.rate(now)
	switch {
	case !known:
		return text
	case perMinute < 1:
		return fitting(text, "; stands still")
	}
	left := time.Duration(float64(t.Left()) / perMinute * float64(time.Minute))
	return fitting(text, fmt.Sprintf("; %s left", span(left)), fmt.Sprintf(", %.0f/min", perMinute))
}

func fitting(text string, more ...string) string {
	for _, part := range more {
		if len(text)+len(part) <= maxColumns {
			text += part
		}
	}
	return text
}

// rate is lines a minute over the last two; it is not known before a whole one was seen.
func (p *progress) rate(now time.Time) (perMinute float64, known bool) {
	if len(p.samples) == 0 || now.Sub(p.samples[0].at) < rateAfter {
		return 0, false
	}
	first := p.samples[0]
	finished := p.tally.Total - p.tally.Left() - first.finished
	return float64(finished) / now.Sub(first.at).Minutes(), true
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
	return ok && getenv("TERM") != "dumb" && isTerminal(file)
}
