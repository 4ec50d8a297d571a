package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/words"
)

// ill is an API whose answers are well, but for those that a test changes.
func ill(t *testing.T, changed map[string]string) string {
	t.Helper()
	answers := map[string][]string{
		"GET /health":     {`{"status":"ok","version":"1.2.3"}`},
		"GET /operations": {`{"operations":[]}`},
		"GET /limits":     {`{"newMoney":"on","limits":[]}`},
	}
	for back := range 10 {
		day := time.Now().In(words.Istanbul()).AddDate(0, 0, -back).Format(time.DateOnly)
		answers["GET /days/"+day] = []string{`{"date":"` + day + `","status":"closed","differences":[]}`}
	}
	for path, body := range changed {
		answers[path] = []string{body}
	}
	return stub(t, answers)
}

// environment gives variables by their names.
func environment(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestTheDoctorFindsEachIllness(t *testing.T) {
	t.Parallel()
	since := func(status, code string, ago time.Duration) string {
		return fmt.Sprintf(`{"operations":[{"id":"rf_1_a","status":%q,"error":{"code":%q},"createdAt":%q}]}`, status, code, time.Now().Add(-ago).UTC().Format(time.RFC3339))
	}
	anew := strings.Replace(since("processing", "", 90*time.Minute), `"createdAt"`, // its cancel was unknown for an hour before
		fmt.Sprintf(`"updatedAt":%q,"createdAt"`, time.Now().Add(-30*time.Minute).UTC().Format(time.RFC3339)), 1)
	used := func(percent int) string {
		return fmt.Sprintf(`{"newMoney":"on","limits":[{"limit":"MAX_REFUND_AMOUNT_PER_DAY","currency":"TRY","usedAmount":"%d.90","limitAmount":"100.00","freesAt":"2031-01-01T21:00:00Z"},
			{"limit":"MAX_REFUNDS_PER_HOUR","usedCount":1,"limitCount":20,"freesAt":"2031-01-01T21:00:00Z"}]}`, percent)
	}
	day := yesterday(time.Now())
	for name, c := range map[string]struct {
		changed map[string]string
		env     []string
		want    string // a line of the report; "" = nothing is wrong
	}{
		"nothing":                             {},
		"a young unknown":                     {changed: map[string]string{"GET /operations": since("unknown", "timeout", time.Minute)}},
		"an old unknown":                      {changed: map[string]string{"GET /operations": since("unknown", "timeout", 3*time.Hour)}, want: "PROBLEM    reconciler   1 unknown, the oldest for 3h00m"},
		"one with its time anew":              {changed: map[string]string{"GET /operations": anew}},
		"an old one in progress":              {changed: map[string]string{"GET /operations": since("processing", "", 3*time.Hour)}, want: "so the reconciler stands still"},
		"a person is waited for":              {changed: map[string]string{"GET /operations": since("needs_review", "unreadable", time.Minute)}, want: "PROBLEM    person       1 waiting for a person"},
		"an approval is waited for":           {changed: map[string]string{"GET /operations": since("awaiting_merchant", "", time.Minute)}, want: "waiting for approval in iyzico's panel"},
		"wrong keys":                          {changed: map[string]string{"GET /operations": since("not_sent", "1001", time.Minute)}, want: "iyzico does not take the keys"},
		"the limit of calls":                  {changed: map[string]string{"GET /operations": since("not_sent", "rate-limited", time.Minute)}, want: "PROBLEM    limits       1 over the limit of calls"},
		"the merchant's own limit":            {changed: map[string]string{"GET /limits": used(100)}, want: "PROBLEM    limits       your own limit is reached (MAX_REFUND_AMOUNT_PER_DAY TRY)"},
		"nearly":                              {changed: map[string]string{"GET /limits": used(80)}, want: "PROBLEM    limits       80 % of your own limit is used"},
		"nearly, of the hour":                 {changed: map[string]string{"GET /limits": `{"newMoney":"on","limits":[{"limit":"MAX_REFUNDS_PER_HOUR","usedCount":9,"limitCount":10}]}`}, want: "90 % of your own limit is used (MAX_REFUNDS_PER_HOUR)"},
		"a currency that may move nothing":    {changed: map[string]string{"GET /limits": `{"newMoney":"on","limits":[{"limit":"MAX_REFUND_AMOUNT_PER_DAY","currency":"USD","usedAmount":"120.00","limitAmount":"0.00"}]}`}, want: "your own limit is reached (MAX_REFUND_AMOUNT_PER_DAY USD)"},
		"new money is off, without a journal": {changed: map[string]string{"GET /limits": `{"newMoney":"off","limits":[]}`, "GET /operations": `{"type":"urn:iade:problem:not-implemented","status":501}`}, want: "PROBLEM    limits       new money is switched off"},
		"new money is off":                    {changed: map[string]string{"GET /limits": `{"newMoney":"off","limits":[]}`}, want: "PROBLEM    limits       new money is switched off"},
		"not nearly":                          {changed: map[string]string{"GET /limits": used(79)}},
		"a day differs":                       {changed: map[string]string{"GET /days/" + day: `{"status":"differs","differences":[]}`}, want: "books and iade's differ on " + day},
		"not let in":                          {changed: map[string]string{"GET /health": `{"type":"x","status":403}`}, want: "PROBLEM    api          the API answers and does not let you in"},
		"something else":                      {changed: map[string]string{"GET /health": `{"hello":"world"}`}, want: "is not a healthy iade"},
		"the list cannot be read":             {changed: map[string]string{"GET /operations": `{"type":"urn:iade:problem:unavailable","status":503}`}, want: "PROBLEM    reconciler   it could not be read"},
		"a sandbox key with the live address": {env: []string{"IYZICO_API_KEY", "sandbox-canary", "IYZICO_BASE_URL", "https://api.iyzipay.com"}, want: "a sandbox key stands beside iyzico's live address"},
		"a live key with the sandbox":         {env: []string{"IYZICO_API_KEY", "canary", "IYZICO_BASE_URL", "https://sandbox-api.iyzipay.com/"}, want: "a live key stands beside iyzico's sandbox"},
		"no address for the key":              {env: []string{"IYZICO_API_KEY", "canary", "IYZICO_BASE_URL", "iyzico"}, want: "IYZICO_BASE_URL is no address"},
		"the right key":                       {env: []string{"IYZICO_API_KEY", "sandbox-canary", "IYZICO_BASE_URL", "https://sandbox-api.iyzipay.com"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, out, errOut := iade(t, ill(t, c.changed), environment(c.env...), "doctor")
			if wrong := c.want != ""; wrong != (code == exitSomeNot) || wrong != strings.Contains(out, "PROBLEM") || !strings.Contains(out, c.want) || errOut != "" {
				t.Errorf("exit %d\n%s%s", code, out, errOut)
			}
			for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
				if strings.HasPrefix(line, "PROBLEM") != strings.Contains(line, "To do:") {
					t.Errorf("a problem and what to do go together: %s", line)
				}
			}
			if strings.Contains(out, "canary") {
				t.Error("the report holds a key")
			}
			// The same in Turkish, and for programs.
			if turkishCode, out, _ := iade(t, ill(t, c.changed), environment(c.env...), "doctor", "-lang", "tr"); turkishCode != code || strings.Contains(out, "PROBLEM") {
				t.Errorf("in Turkish: exit %d\n%s", turkishCode, out)
			}
			var report struct {
				Checks []struct{ Check, Result, Means, Do string }
			}
			jsonCode, out, _ := iade(t, ill(t, c.changed), environment(c.env...), "doctor", "-json")
			if err := json.Unmarshal([]byte(out), &report); err != nil || jsonCode != code || len(report.Checks) < 10 {
				t.Errorf("exit %d, %v, %d checks\n%s", jsonCode, err, len(report.Checks), out)
			}
		})
	}
}

func TestTheDoctorSeesARealAPIInGoodHealth(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.refund(t, "k1", `{"paymentId":"`+s.sell(t)+`","amount":"1.00"}`)
	code, out, errOut := iade(t, s.url, none, "doctor")
	if code != exitDone || errOut != "" {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	has(t, out, "ok         clock", "ok         reconciler", "ok         keys", "not seen   table", "name the deployment with -stack")
}

func TestTheDoctorSeesNothingWhereNothingAnswers(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	code, out, _ := iade(t, gone.URL, none, "doctor")
	if code != exitSomeNot || strings.Contains("\n"+out, "\nok ") {
		t.Errorf("exit %d\n%s", code, out)
	}
	has(t, out, "nothing answers at "+gone.URL, "not seen   reconciler")
}

func TestAClockThatIsOffByAMinuteIsFound(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	for off, want := range map[time.Duration]string{
		0: resultOK, 59 * time.Second: resultOK, -59 * time.Second: resultOK, time.Minute: resultProblem, -time.Hour: resultProblem,
	} {
		if got := clockFinding(now.Add(off).Format(http.TimeFormat), now); got.result != want {
			t.Errorf("%s: %+v", off, got)
		}
	}
	if got := clockFinding("", now); got.result != resultSkipped {
		t.Errorf("no date: %+v", got)
	}
}
