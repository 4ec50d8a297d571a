package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// printer writes for the person at the terminal.
type printer struct {
	w      io.Writer
	colour bool
}

// say writes; a terminal that is gone is nobody's loss.
func (p printer) say(format string, args ...any) { _, _ = fmt.Fprintf(p.w, format, args...) }

// welcome says where everything is and what to try.
func (p printer) welcome(y *System) {
	if y.live() {
		p.say("%s\n", p.paint(red, "LIVE: refunds move real money at "+y.IyzicoURL))
	}
	p.row("iade", y.URL, "the API")
	if y.Fake == nil {
		p.row("iyzico", y.IyzicoURL, "as IYZICO_BASE_URL says")
	} else {
		p.row("fake iyzico", y.IyzicoURL, "control side under /_fake/")
	}
	p.row("console", y.URL+"/", "pages for people: open it in a browser")
	if y.table.used() {
		p.row("table", y.table.name, "in DynamoDB at "+y.table.endpoint)
	}
	p.row("folder", y.Folder, "kept between runs; -reset empties it")
	p.row("events", y.folder.eventsPath(), "also "+y.URL+eventsPath+"?after=0&wait=25")
	p.row("metrics", y.folder.metricsPath(), "the lines that CloudWatch would make metrics of")
	p.row("orders", y.folder.ordersPath(), "drop order events as *.json, or POST them to "+y.URL+eventsPath)
	if y.Fake != nil {
		p.say("\nTry, in this order (again later: the same keys, so the same refunds, and nothing is sent twice):\n")
		for i, s := range walkthrough {
			p.asked(i+1, s, y.URL, y.IyzicoURL)
		}
	}
	p.say("\nCtrl-C stops it. Here is the log:\n")
}

func (p printer) row(name, value, note string) {
	p.say("%s %-24s %s\n", p.paint(bold, fmt.Sprintf("%-12s", name)), value, p.paint(grey, note))
}

func (p printer) paint(code colourCode, text string) string { return paint(p.colour, code, text) }

// demoing is the first line of a demo.
func (p printer) demoing(y *System) {
	p.say("iade on %s, a fake iyzico on %s, in a temporary folder\n", y.URL, y.IyzicoURL)
}

// asked shows a step's request.
func (p printer) asked(n int, s step, api, fake string) {
	p.say("\n%s\n   %s\n", p.paint(bold, fmt.Sprintf("%2d %s", n, s.title)), s.curl(api, fake))
}

// answered shows what came, and why, or what is wrong with it.
func (p printer) answered(s step, a answer, r reply, faults []string) {
	mark := p.paint(green, "✓")
	if len(faults) > 0 {
		mark = p.paint(red, "✗")
	}
	p.say(" %s %d %s\n", mark, r.status, a.compact(r))
	if len(faults) == 0 {
		p.say("   %s\n", p.paint(grey, s.why))
		return
	}
	p.say("   %s\n   %s\n", p.paint(red, strings.Join(faults, "; ")), shortened(r.body))
}

// finished is the last line of a demo.
func (p printer) finished(took time.Duration) {
	p.say("\n%s in %s\n", p.paint(green, fmt.Sprintf("All %d steps went as described", len(walkthrough))), took.Round(100*time.Millisecond))
}

// compact is the part of a reply that a step is about.
func (a answer) compact(r reply) string {
	var parts []string
	for _, h := range a.header {
		parts = append(parts, h.at+": "+r.header.Get(h.at))
	}
	if document, err := parse(r); err == nil {
		for _, m := range a.members {
			parts = append(parts, m.at+"="+lookUp(document, m.at))
		}
	}
	if a.sameAs != "" {
		parts = append(parts, fmt.Sprintf("(body as in %q)", a.sameAs))
	}
	return strings.Join(parts, "  ")
}

const maxShown = 400

func shortened(body []byte) string {
	text := printable(strings.TrimSpace(string(body)))
	if len(text) > maxShown {
		return text[:maxShown] + "…"
	}
	return text
}

// curl is the step as a line for a shell. A POST shows the answer's status and headers too.
func (s step) curl(api, fake string) string {
	line := "curl -s"
	if s.key != "" {
		line += "i"
	}
	if s.method != "GET" && s.body == "" && s.form == "" {
		line += " -X " + s.method
	}
	url := s.origin(api, fake) + s.path
	switch {
	case strings.Contains(url, "$"):
		url = `"` + url + `"`
	case strings.Contains(url, "?"):
		url = "'" + url + "'"
	}
	line += " " + url
	if s.key != "" {
		line += " -H 'Idempotency-Key: " + s.key + "'"
	}
	if s.body != "" {
		if !s.fake {
			line += " -H 'Content-Type: application/json'"
		}
		line += " -d '" + s.body + "'"
	}
	if s.form != "" {
		line += ` -d "` + s.form + `"`
	}
	return line
}

func (s step) origin(api, fake string) string {
	switch {
	case !strings.HasPrefix(s.path, "/"):
		return "" // the path is the whole URL
	case s.fake:
		return fake
	}
	return api
}
