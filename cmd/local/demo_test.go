package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestTheDemoGoesAsDescribed runs what -demo runs. Settings of the environment must not matter: the demo may never reach
// a real iyzico, or a table.
func TestTheDemoGoesAsDescribed(t *testing.T) {
	t.Parallel()
	out, err := runHere(t, env(map[string]string{
		"IYZICO_BASE_URL": "http://127.0.0.1:1", "IYZICO_API_KEY": "canary", "IYZICO_SECRET_KEY": "canary", "SETTLE_WINDOW": "12h",
		"TABLE_NAME": "iade", "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1",
	}), "-demo")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got := strings.Count(out, " ✓ "); got != len(walkthrough) {
		t.Errorf("%d check marks, %d steps", got, len(walkthrough))
	}
	for _, s := range walkthrough {
		if !strings.Contains(out, s.title) || !strings.Contains(out, s.why) {
			t.Errorf("%q or why is not printed", s.title)
		}
	}
	if strings.Contains(out, "\x1b") {
		t.Error("colours, and it is not a terminal")
	}
}

func TestTheDemoLeavesNothingBehind(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	if os.TempDir() != folder {
		t.Skip("the temporary folder is not TMPDIR here")
	}
	if out, err := runHere(t, none, "-demo"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	left, err := os.ReadDir(folder)
	if err != nil || len(left) > 0 {
		t.Errorf("%v, %v is left", err, left)
	}
}

// TestASecondWalkMovesNoMoney walks through a kept folder again, after a restart.
func TestASecondWalkMovesNoMoney(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	var before []execution
	for _, walkedBefore := range []bool{false, true} {
		y, stop := startSystem(t, data, none)
		var out strings.Builder
		if err := walk(t.Context(), printer{w: &out}, y.URL, y.IyzicoURL, walkedBefore); err != nil {
			t.Fatalf("%v\n%s", err, &out)
		}
		now := executions(t, y.IyzicoURL, "")
		if walkedBefore && fmt.Sprint(now) != fmt.Sprint(before) {
			t.Errorf("executions were %v and are %v", before, now)
		}
		before = now
		stop()
	}
}

func TestAWalkStopsAtAStepThatGoesOtherwise(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), none)
	mustCall(t, "POST", y.IyzicoURL+"/_fake/panel-refunds", "", `{"paymentTransactionId":"20000001","price":"1.00"}`)
	var out strings.Builder
	err := walk(t.Context(), printer{w: &out}, y.URL, y.IyzicoURL, false)
	if err == nil || !strings.Contains(err.Error(), "step 1") || !strings.Contains(out.String(), "✗ 200") ||
		!strings.Contains(out.String(), `refundableAmount is "99.00", not "100.00"`) {
		t.Errorf("%v\n%s", err, &out)
	}
}

func TestAStepKnowsWhatIsWrongWithAReply(t *testing.T) {
	t.Parallel()
	good := reply{status: 200, header: map[string][]string{"X": {"y"}}, body: []byte(`{"a":[{"b":1.50}],"c":"d","e":true}`)}
	for name, c := range map[string]struct {
		want   answer
		faults int
	}{
		"all as wanted":    {answer{status: 200, header: []member{{"X", "y"}}, members: []member{{"a.0.b", "1.50"}, {"a.#", "1"}, {"c", "d"}, {"e", "true"}}}, 0},
		"status":           {answer{status: 201}, 1},
		"header":           {answer{status: 200, header: []member{{"X", "z"}}}, 1},
		"absent header":    {answer{status: 200, header: []member{{"Y", "z"}}}, 1},
		"number's text":    {answer{status: 200, members: []member{{"a.0.b", "1.5"}}}, 1},
		"absent member":    {answer{status: 200, members: []member{{"z", "1"}}}, 1},
		"beyond the end":   {answer{status: 200, members: []member{{"a.1.b", "1.50"}}}, 1},
		"into a text":      {answer{status: 200, members: []member{{"c.d", "1"}}}, 1},
		"another body":     {answer{status: 200, sameAs: "other"}, 1},
		"the same body":    {answer{status: 200, sameAs: "good"}, 0},
		"everything wrong": {answer{status: 500, header: []member{{"Y", "z"}}, members: []member{{"z", "1"}}, sameAs: "other"}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if faults := c.want.check(good, map[string]reply{"good": good}); len(faults) != c.faults {
				t.Errorf("faults: %q", faults)
			}
		})
	}
	if faults := (answer{status: 200, members: []member{{"a", "b"}}}).check(reply{status: 200, body: []byte("<html>")}, nil); len(faults) != 1 {
		t.Errorf("faults of HTML: %q", faults)
	}
}

func TestCurlLinesAreForAShell(t *testing.T) {
	t.Parallel()
	keys := map[string]string{}
	for _, s := range walkthrough {
		line := s.curl("http://api", "http://fake")
		if strings.Count(line, "'")%2 != 0 || strings.Contains(s.body, "'") || strings.Contains(line, "\n") {
			t.Errorf("%s", line)
		}
		if other, ok := keys[s.key]; ok && s.key != "" && other != s.body {
			t.Errorf("key %s stands for two requests", s.key)
		}
		keys[s.key] = s.body
	}
}
