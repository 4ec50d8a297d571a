// Command test runs `go test` and says what a person wants to know: each package as it ends, what failed first, and what was
// left out, by reason. Its arguments go to `go test`; without a package it takes ./... . It ends with go test's exit code.
package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

const (
	timeout = "40m"
	// separate is what has steps of their own: one needs Docker, the other deploys stacks and changes them for minutes.
	separate = "^(TestSAMLocal|TestAStackIsDeployedChangedSwitchedRestoredRolledBackAndDestroyed)$"
	// quiet is how long nothing may be said while tests run.
	quiet = 30 * time.Second
	// lastLines is how many lines of a failed test's output are shown.
	lastLines = 25
)

func main() {
	code, err := run(os.Stdout, os.Args[1:])
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(out io.Writer, args []string) (int, error) {
	goArgs := append([]string{"test", "-json", "-timeout", timeout, "-skip", separate}, args...)
	if !slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "./") }) {
		goArgs = append(goArgs, "./...")
	}
	command := exec.CommandContext(context.Background(), "go", goArgs...) //nolint:gosec // the caller's own arguments
	command.Stderr = os.Stderr
	stdout, err := command.StdoutPipe()
	if err != nil {
		return 1, fmt.Errorf("read what go test says: %w", err)
	}
	_, _ = fmt.Fprintln(out, "Compiling, then testing. The first time compiles everything, which takes minutes.")
	if err := command.Start(); err != nil {
		return 1, fmt.Errorf("start go test: %w", err)
	}
	lines := make(chan []byte)
	go func() {
		defer close(lines)
		reader := bufio.NewReaderSize(stdout, 1<<20)
		for {
			line, err := reader.ReadBytes('\n')
			if len(line) > 0 {
				lines <- line
			}
			if err != nil {
				return
			}
		}
	}()
	r := newReport(out)
	ticker := time.NewTicker(quiet)
	defer ticker.Stop()
	for open := true; open; {
		select {
		case line, ok := <-lines:
			if open = ok; ok {
				r.take(line)
			}
		case <-ticker.C:
			r.stillRunning()
		}
	}
	err = command.Wait()
	r.end()
	if err != nil {
		return max(command.ProcessState.ExitCode(), 1), nil
	}
	return 0, nil
}

// event is one line of `go test -json`.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64
}

// report gathers what go test says.
type report struct {
	out     io.Writer
	output  map[string][]string // by package and test
	running map[string]time.Time
	skipped map[string][]string // by reason
	counts  map[string][3]int   // by package: passed, failed, left out
	failed  []string
	total   [3]int
}

func newReport(out io.Writer) *report {
	return &report{
		out: out, output: map[string][]string{}, running: map[string]time.Time{}, skipped: map[string][]string{},
		counts: map[string][3]int{},
	}
}

const (
	passed = iota
	failed
	leftOut
)

func short(pkg string) string {
	_, after, found := strings.Cut(pkg, "/iade/iade/")
	if !found {
		return pkg
	}
	return after
}

func (r *report) take(line []byte) {
	var e event
	if json.Unmarshal(line, &e) != nil {
		_, _ = fmt.Fprint(r.out, string(line)) // the compiler's own words
		return
	}
	key := e.Package + "\t" + e.Test
	switch e.Action {
	case "start":
		r.running[e.Package] = time.Now()
	case "build-output":
		_, _ = fmt.Fprint(r.out, e.Output)
	case "output":
		if chatter(e.Output) {
			return
		}
		kept := append(r.output[key], e.Output)
		r.output[key] = kept[max(0, len(kept)-lastLines):]
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.packageEnded(e)
			return
		}
		r.testEnded(e, key)
	}
}

// chatter is what go test says of a test's beginning and end.
func chatter(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasPrefix(text, "=== ") || strings.HasPrefix(text, "--- ") || text == "PASS" || text == "FAIL"
}

func (r *report) testEnded(e event, key string) {
	top := !strings.Contains(e.Test, "/")
	n := r.counts[e.Package]
	switch e.Action {
	case "skip":
		n[leftOut]++
		r.total[leftOut]++
		reason := strings.TrimSpace(strings.Join(r.output[key], " "))
		if _, after, found := strings.Cut(reason, ".go:"); found {
			if _, text, found := strings.Cut(after, ": "); found {
				reason = text
			}
		}
		r.skipped[reason] = append(r.skipped[reason], short(e.Package)+" "+e.Test)
	case "fail":
		if top {
			n[failed]++
			r.total[failed]++
		}
		r.failed = append(r.failed, key)
	case "pass":
		if top {
			n[passed]++
			r.total[passed]++
		}
	}
	r.counts[e.Package] = n
	if e.Action != "fail" {
		delete(r.output, key)
	}
}

func (r *report) packageEnded(e event) {
	delete(r.running, e.Package)
	n := r.counts[e.Package]
	switch e.Action {
	case "skip": // no test files
		return
	case "fail":
		_, _ = fmt.Fprintf(r.out, "FAIL  %-34s %6.1f s  %d failed, %d passed\n", short(e.Package), e.Elapsed, n[failed], n[passed])
		if n[failed] == 0 { // a panic, a timeout, or it did not compile
			r.failed = append(r.failed, e.Package+"\t")
			r.total[failed]++
		}
	default:
		left := ""
		if n[leftOut] > 0 {
			left = fmt.Sprintf(", %d left out", n[leftOut])
		}
		_, _ = fmt.Fprintf(r.out, "ok    %-34s %6.1f s  %d passed%s\n", short(e.Package), e.Elapsed, n[passed], left)
	}
}

func (r *report) stillRunning() {
	var names []string
	for pkg, since := range r.running {
		if time.Since(since) >= quiet {
			names = append(names, fmt.Sprintf("%s (%d s)", short(pkg), int(time.Since(since).Seconds())))
		}
	}
	if len(names) == 0 {
		_, _ = fmt.Fprintln(r.out, "      … compiling")
		return
	}
	slices.Sort(names)
	_, _ = fmt.Fprintln(r.out, "      … at work:", strings.Join(names, ", "))
}

func (r *report) end() {
	if len(r.failed) > 0 {
		_, _ = fmt.Fprintln(r.out, "\nWhat failed:")
		for _, key := range r.failed {
			pkg, test, _ := strings.Cut(key, "\t")
			_, _ = fmt.Fprintf(r.out, "  %s %s\n", short(pkg), test)
			for _, line := range r.output[key] {
				_, _ = fmt.Fprint(r.out, "    "+line)
			}
		}
	}
	_, _ = fmt.Fprintln(r.out)
	if len(r.skipped) == 0 {
		_, _ = fmt.Fprintln(r.out, "Nothing was left out.")
	} else {
		_, _ = fmt.Fprintln(r.out, "Left out:")
	}
	reasons := slices.SortedFunc(maps.Keys(r.skipped), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(r.skipped[b]), len(r.skipped[a])), cmp.Compare(a, b))
	})
	for _, reason := range reasons {
		tests := r.skipped[reason]
		_, _ = fmt.Fprintf(r.out, "  %4d  %s\n", len(tests), reason)
		if len(tests) <= 3 {
			_, _ = fmt.Fprintf(r.out, "        (%s)\n", strings.Join(tests, ", "))
		}
	}
	_, _ = fmt.Fprintf(r.out, "%d passed, %d failed, %d skipped\n", r.total[passed], r.total[failed], r.total[leftOut])
}
