package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/iade/iade/internal/bulk"
)

// The most that is said of one mistake, and of all.
const (
	maxLinesNamed = 8
	maxErrors     = 10
)

// list says everything that is wrong with a file, each kind of mistake once.
func list(w io.Writer, name string, bad *bulk.BadFile) {
	type kind struct{ field, message string }
	same := map[kind][]bulk.Fault{}
	var order []kind
	for _, f := range bad.Faults {
		k := kind{f.Field, f.Message}
		if same[k] == nil {
			order = append(order, k)
		}
		same[k] = append(same[k], f)
	}
	buffered := bufio.NewWriter(w)
	for _, k := range order {
		first := same[k][0]
		value := ""
		if first.Value != "" {
			value = " " + strconv.Quote(first.Value)
		}
		say(buffered, "%s:%d: %s%s %s", name, first.Line, k.field, value, k.message)
		if first.Earlier > 0 {
			say(buffered, " (line %d)", first.Earlier)
		}
		say(buffered, "\n")
		if more := same[k][1:]; len(more) > 0 {
			say(buffered, "  the same in %d more lines: %s\n", len(more), numbers(more))
		}
	}
	_ = buffered.Flush() // as say
}

func numbers(faults []bulk.Fault) string {
	var named []string
	for _, f := range faults[:min(len(faults), maxLinesNamed)] {
		named = append(named, strconv.Itoa(f.Line))
	}
	if len(faults) > maxLinesNamed {
		named = append(named, "…")
	}
	return strings.Join(named, ", ")
}

// count counts what comes again, in the order of its first coming.
type count struct {
	order []string
	times map[string]int
}

func (c *count) add(what string) {
	if c.times == nil {
		c.times = map[string]int{}
	}
	if c.times[what] == 0 {
		c.order = append(c.order, what)
	}
	c.times[what]++
}

// summarize counts the outcomes and says what this run sent, and tells whether all are done.
func summarize(w io.Writer, outcomes []bulk.Outcome) bool {
	var statuses, errs count
	first := map[string]string{}
	sent := map[bulk.Sent]int{}
	done, again := true, false
	for _, o := range outcomes {
		statuses.add(o.Status)
		sent[o.Sent]++
		if o.Error != "" {
			kind := strings.Map(withoutDigits, o.Error)
			errs.add(kind)
			first[kind] = cmp.Or(first[kind], o.Error)
		}
		done = done && o.Done()
		again = again || o.Again()
	}
	say(w, "%d lines:", len(outcomes))
	for _, status := range statuses.order {
		say(w, " %d %s", statuses.times[status], status)
	}
	say(w, "\n")
	saySent(w, sent)
	for i, kind := range errs.order {
		if i == maxErrors {
			say(w, "  and %d other errors: see the report\n", len(errs.order)-i)
			break
		}
		say(w, "  %d × %s\n", errs.times[kind], first[kind])
	}
	if again {
		say(w, "Run the same file again to go on: what was refunded is not refunded twice.\n")
	}
	return done
}

// writeSummary writes the counts of summarize for programs.
func writeSummary(w io.Writer, report string, outcomes []bulk.Outcome) error {
	statuses, sent := map[string]int{}, map[bulk.Sent]int{}
	for _, o := range outcomes {
		statuses[o.Status]++
		sent[o.Sent]++
	}
	err := json.NewEncoder(w).Encode(map[string]any{"lines": len(outcomes), "statuses": statuses, "sent": sent, "report": report})
	if err != nil {
		return fmt.Errorf("write summary: %w", err)
	}
	return nil
}

// withoutDigits makes the same of errors that differ in amounts alone.
func withoutDigits(r rune) rune {
	if r >= '0' && r <= '9' {
		return -1
	}
	return r
}

// saySent says what this run sent, so that nobody takes a second run for a second refund.
func saySent(w io.Writer, sent map[bulk.Sent]int) {
	before, now, perhaps := sent[bulk.SentBefore], sent[bulk.SentNow], sent[bulk.SentPerhaps]
	if before > 0 {
		say(w, "%d were known to iade from an earlier run: nothing was sent for them now\n", before)
	}
	switch {
	case now == 0 && perhaps == 0:
		say(w, "This run sent nothing\n")
	case perhaps > 0:
		say(w, "This run sent %d, and perhaps %d more, whose answers were lost\n", now, perhaps)
	default:
		say(w, "This run sent %d\n", now)
	}
}
