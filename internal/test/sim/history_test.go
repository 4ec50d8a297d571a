package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/iade/iade/internal/payment"
)

// history is what happened, for people. It is recorded only when a failure is shown: it costs more than the run.
type history struct {
	lines []string
	last  map[string]string // what was said last, by subject
}

// news tells whether text differs from what was said last of the subject: a look that finds nothing new is not told.
func (w *world) news(subject, text string) bool {
	if w.history == nil || w.history.last[subject] == text {
		return false
	}
	w.history.last[subject] = text
	return true
}

func (w *world) log(who, format string, args ...any) {
	if w.history == nil {
		return
	}
	since := w.clock.now.Sub(w.plan.start).Round(time.Millisecond)
	w.history.lines = append(w.history.lines, fmt.Sprintf("+%-14s %-14s %s", since, who, fmt.Sprintf(format, args...)))
}

func (k *worker) log(format string, args ...any) { k.world.log(k.name, format, args...) }

// describe tells in one line how an account's operations stand.
func describe(a *payment.Account) string {
	var ops []string
	for _, op := range a.View(0, time.Time{}).Operations {
		text := fmt.Sprintf("%s %s %s", op.ID, op.Amount, op.Status)
		for _, leg := range op.Legs {
			text += fmt.Sprintf(" [%s %s %s]", leg.PaymentTransactionID, leg.Amount, leg.Status)
		}
		ops = append(ops, text)
	}
	return strings.Join(ops, "; ")
}

// outcome is what somebody was told in one call.
func outcome(what any, err error) string {
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(what)
}

func entries(rep payment.Report) string {
	if len(rep.Entries) == 0 {
		return "no refunds"
	}
	var list []string
	for _, e := range rep.Entries {
		id := e.ConversationID
		if id == "" {
			id = "(no id)"
		}
		list = append(list, fmt.Sprintf("%s %s line %s status %d of %s", id, e.Amount, e.LineID, e.Status, e.CreatedAt.Format(time.TimeOnly)))
	}
	return strings.Join(list, "; ")
}

// String is the plan as the history's head.
func (p *plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "world: starts %s, settle window %s, report lags up to %s, iyzico's clock %s off", p.start.Format(time.RFC3339), p.window, p.lag, p.offset)
	for _, share := range []struct {
		on   bool
		text string
	}{
		{p.hideIDs, "reports hide conversation ids"}, {p.failedAttempts, "reports list refused attempts"},
		{p.lies, "iyzico may lie"},
	} {
		if share.on {
			b.WriteString(", " + share.text)
		}
	}
	for i, t := range p.targets() {
		fmt.Fprintf(&b, "\npayment %s of %s:", t.id, p.payments[i].CreatedAt.Format(time.RFC3339))
		for j, line := range t.lines {
			fmt.Fprintf(&b, " line %s paid %s", line, t.paid[j])
		}
		b.WriteString(" " + p.payments[i].Currency + " " + p.payments[i].Phase)
	}
	return b.String()
}

// mostLines bounds a history that is shown.
const mostLines = 400

// tell is the whole story of a world whose history was recorded.
func (w *world) tell() string {
	lines := w.history.lines
	if len(lines) > mostLines {
		left := fmt.Sprintf("… %d lines …", len(lines)-mostLines)
		lines = slices.Concat(lines[:mostLines/2], []string{left}, lines[len(lines)-mostLines/2:])
	}
	return w.plan.String() + "\n" + strings.Join(lines, "\n")
}
