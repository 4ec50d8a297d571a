package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"
)

// The results of one look.
const (
	resultOK      = "ok"
	resultProblem = "problem"
	resultSkipped = "not looked at"
)

// finding is what one look found: what it means, and what to do.
type finding struct {
	check  string
	result string
	means  text
	do     text
}

// patient is what the doctor looks at.
type patient struct {
	client *client
	getenv func(string) string
	now    time.Time
	window time.Duration // how long an outcome may stay unknown: SETTLE_WINDOW
	stack  string

	readKeys bool // iyzico's keys may be read from the stack's secret, to try them
}

// doctorCommand looks for what is wrong. It changes nothing.
func doctorCommand(flags *flag.FlagSet, k *call) func(context.Context) (int, error) {
	p := patient{}
	flags.DurationVar(&p.window, "window", time.Hour, "how `long` an outcome may stay unknown (the deployment's SETTLE_WINDOW)")
	flags.StringVar(&p.stack, "stack", "", "CloudFormation `stack`: look at its table, queues, metrics and alarms too, with AWS credentials")
	flags.BoolVar(&p.readKeys, "keys", false, "with -stack: read iyzico's keys from its secret, and try them with one read at iyzico")
	return func(ctx context.Context) (int, error) {
		if p.window <= 0 {
			return exitBadFile, before(errors.New("-window must be more than 0"))
		}
		var err error
		if p.client, err = k.connect(); err != nil {
			return exitBadFile, err
		}
		defer p.client.http.CloseIdleConnections()
		p.getenv, p.now = k.getenv, time.Now()
		found := p.look(ctx)
		return k.report(found)
	}
}

// look makes every look, in the order in which one would mend things.
func (p *patient) look(ctx context.Context) []finding {
	found, reached := p.lookAtAPI(ctx)
	found = append(found, p.lookAtLocalKeys(ctx))
	if reached {
		found = append(found, p.lookAtUnfinished(ctx)...)
		found = append(found, p.lookAtRefused(ctx)...)
		found = append(found, p.lookAtDays(ctx)...)
	} else {
		for _, check := range []string{"reconciler", "person", "keys", "limits", "day"} {
			found = append(found, skipped(check, text{"the API did not answer or did not let you in", "API yanıt vermedi veya izin vermedi"}))
		}
	}
	return append(found, p.lookAtAWS(ctx)...)
}

func fine(check string, means text) finding {
	return finding{check: check, result: resultOK, means: means}
}

func skipped(check string, why text) finding {
	return finding{check: check, result: resultSkipped, means: why}
}

func problem(check string, means, do text) finding {
	return finding{check: check, result: resultProblem, means: means, do: do}
}

// filled puts the same values into both languages.
func filled(t text, values ...any) text {
	return text{fmt.Sprintf(t[0], values...), fmt.Sprintf(t[1], values...)}
}

// report writes a line for each look. The exit code tells whether there is something to do.
func (k *call) report(found []finding) (int, error) {
	code := exitDone
	words := map[string]text{resultOK: {"ok", "iyi"}, resultProblem: {"PROBLEM", "SORUN"}, resultSkipped: {"not seen", "bakılmadı"}}
	colours := map[string]string{resultOK: green, resultProblem: red, resultSkipped: yellow}
	type line struct {
		Check  string `json:"check"`
		Result string `json:"result"`
		Means  string `json:"means"`
		Do     string `json:"do,omitempty"`
	}
	var lines []line
	for _, f := range found {
		if f.result == resultProblem {
			code = exitSomeNot
		}
		lines = append(lines, line{f.check, f.result, plain(f.means.In(k.lang)), plain(f.do.In(k.lang))})
	}
	if k.asJSON {
		encoder := json.NewEncoder(k.out)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(map[string]any{"checks": lines}); err != nil {
			return code, fmt.Errorf("write: %w", err)
		}
		return code, nil
	}
	for _, f := range lines {
		sentence := strings.TrimSuffix(f.Means, ".") + "."
		if f.Do != "" {
			sentence += " " + k.label(text{"To do", "Yapılacak"}) + " " + strings.TrimSuffix(f.Do, ".") + "."
		}
		say(k.out, "%s %s %s\n", k.paint(colours[f.Result], padded(words[f.Result].In(k.lang), 10)), padded(f.Check, 12), sentence)
	}
	return code, nil
}
