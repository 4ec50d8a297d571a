package examples_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// forEach runs a test in every language whose toolchain is there, each with a system and a folder of its own.
func forEach(t *testing.T, test func(t *testing.T, s *system, e example)) {
	t.Helper()
	for _, l := range languages {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			l.command(t, "refund")
			s := start(t)
			test(t, s, example{t, l, s.url, filepath.Join(t.TempDir(), "state")})
		})
	}
}

func TestAnOrderIsRefundedOnceHoweverOftenItIsRun(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, s *system, e example) {
		payment := s.sell(t)
		for range 2 {
			if code, out := e.run("", "refund", "4711", payment, "30.00"); code != 0 || !strings.HasPrefix(out, "4711 succeeded mock") {
				t.Fatalf("exit %d: %s", code, out)
			}
		}
		if n := s.executions(t, payment); n != 1 {
			t.Errorf("%d executions", n)
		}
	})
}

// TestKeyAndBodyAreStoredBeforeTheFirstCall, and sent again as they were stored, whatever the arguments say then.
func TestKeyAndBodyAreStoredBeforeTheFirstCall(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, s *system, e example) {
		payment := s.sell(t)
		var sent []string
		s.before = func(n int, w http.ResponseWriter, r *http.Request, body []byte) bool {
			content, err := os.ReadFile(filepath.Join(e.state, "4711.json"))
			var kept struct {
				Attempt int
				Body    string
			}
			if err != nil || json.Unmarshal(content, &kept) != nil || kept.Body != string(body) || r.Header.Get("Idempotency-Key") != fmt.Sprintf("order-4711-%d", kept.Attempt) {
				t.Errorf("%v: stored %s, sent %s with %s", err, content, body, r.Header.Get("Idempotency-Key"))
			}
			sent = append(sent, r.Header.Get("Idempotency-Key")+string(body))
			return false
		}
		e.run("", "refund", "4711", payment, "30.00")
		if code, out := e.run("", "refund", "4711", payment, "30.00"); code != 0 || len(sent) != 2 || sent[0] != sent[1] {
			t.Errorf("exit %d: %s %q", code, out, sent)
		}
	})
}

// TestWhatIsNotIadesAnswerIsAskedAgain: an answer lost on the way, a gateway's own 503 and 504, a proxy's page. The refund was
// carried out by the first request.
func TestWhatIsNotIadesAnswerIsAskedAgain(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, s *system, e example) {
		payment := s.sell(t)
		s.before = func(n int, w http.ResponseWriter, r *http.Request, body []byte) bool {
			switch n {
			case 1:
				first, err := http.NewRequest(r.Method, s.api+r.URL.Path, strings.NewReader(string(body)))
				if err != nil {
					t.Error(err)
					return true
				}
				first.Header = r.Header.Clone()
				fetch(t, first, nil)
				drop(w)
			case 2:
				answer(w, 503, `{"message":"Service Unavailable"}`)
			case 3:
				answer(w, 504, `{"message":"Endpoint request timed out"}`)
			case 4:
				answer(w, 502, `<html>Bad Gateway</html>`)
			}
			return n <= 4
		}
		if code, out := e.run("", "refund", "4711", payment, "30.00"); code != 0 || s.requests != 5 {
			t.Errorf("exit %d after %d requests: %s", code, s.requests, out)
		}
		if n := s.executions(t, payment); n != 1 {
			t.Errorf("%d executions", n)
		}
	})
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Retry-After", "0")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

// TestAnUnknownRefundIsWaitedFor: iyzico's answer is lost, and iade finds the refund in the report.
func TestAnUnknownRefundIsWaitedFor(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, s *system, e example) {
		payment := s.sell(t)
		s.fake(t, http.MethodPost, "/_fake/faults", `{"path":"/payment/refund","mode":"reset-after"}`, nil)
		if code, out := e.run("", "refund", "4711", payment, "30.00"); code != 0 {
			t.Errorf("exit %d: %s", code, out)
		}
		if n := s.executions(t, payment); n != 1 {
			t.Errorf("%d executions", n)
		}
	})
}

// TestADefiniteNoAndNothingElseMakesANewAttempt: iyzico refuses for want of balance, and later takes the next attempt.
func TestADefiniteNoAndNothingElseMakesANewAttempt(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, s *system, e example) {
		payment := s.sell(t)
		var keys []string
		s.before = func(_ int, _ http.ResponseWriter, r *http.Request, _ []byte) bool {
			keys = append(keys, r.Header.Get("Idempotency-Key"))
			return false
		}
		if code, out := e.run("", "refund", "4711", payment, "100.01"); code != 1 || !strings.Contains(out, "exceeds-refundable") {
			t.Errorf("a rule: exit %d: %s", code, out)
		}
		s.fake(t, http.MethodPost, "/_fake/faults", `{"path":"/payment/refund","mode":"refuse","errorCode":"10051"}`, nil)
		if code, out := e.run("", "refund", "4712", payment, "30.00"); code != 1 || !strings.Contains(out, "rejected-by-iyzico") {
			t.Errorf("iyzico: exit %d: %s", code, out)
		}
		for range 2 {
			if code, out := e.run("", "refund", "4712", payment, "30.00"); code != 0 {
				t.Errorf("exit %d: %s", code, out)
			}
		}
		e.run("", "refund", "4711", payment, "100.01")
		if want := "order-4711-1 order-4712-1 order-4712-2 order-4712-2 order-4711-1"; strings.Join(keys, " ") != want {
			t.Errorf("keys %q, want %q", keys, want)
		}
		if n := s.executions(t, payment); n != 1 {
			t.Errorf("%d executions", n)
		}
	})
}

// TestWhatAPersonHasToLookAtIsNotAskedAgain: a part that is done, a decision that is open, a key of another request.
func TestWhatAPersonHasToLookAtIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, s *system, e example) {
		for order, a := range map[string]struct {
			status int
			body   string
		}{
			"1": {207, `{"id":"rf_1_x","status":"partially_succeeded"}`},
			"2": {202, `{"id":"rf_1_x","status":"needs_review"}`},
			"3": {422, `{"type":"urn:iade:problem:idempotency-key-reused","status":422,"detail":"This key already refunded 1.50 TRY."}`},
		} {
			s.before = func(_ int, w http.ResponseWriter, _ *http.Request, _ []byte) bool {
				answer(w, a.status, a.body)
				return true
			}
			for range 2 {
				if code, out := e.run("", "refund", order, "1", "30.00"); code != 3 {
					t.Errorf("exit %d: %s", code, out)
				}
			}
			if kept, err := os.ReadFile(filepath.Join(e.state, order+".json")); err != nil || strings.Contains(string(kept), "2,") {
				t.Errorf("%s: a new attempt, %v", kept, err)
			}
		}
	})
}

func TestPreview(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, s *system, e example) {
		code, out := e.run("", "preview", "10000002", "50.00")
		if lines := strings.Split(strings.TrimSpace(out), "\n"); code != 0 || len(lines) != 4 || !strings.HasSuffix(lines[0], " 25.00") || lines[3] != "refundable now: 200.00" {
			t.Errorf("exit %d: %s", code, out)
		}
		if code, out := e.run("", "preview", "10000002", "200.01"); code != 1 || strings.Contains(out, "refundable now") {
			t.Errorf("exit %d: %s", code, out)
		}
		if n := s.executions(t, "10000002"); n != 0 {
			t.Errorf("%d executions", n)
		}
	})
}

// TestEventsAreTakenOnce though they come twice and in another order; what cannot be read comes again, alone.
func TestEventsAreTakenOnce(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, s *system, e example) {
		payment := s.sell(t)
		s.fake(t, http.MethodPost, "/_fake/faults", `{"path":"/payment/refund","mode":"reset-after"}`, nil)
		if code, out := e.run("", "refund", "4711", payment, "30.00"); code != 0 {
			t.Fatalf("exit %d: %s", code, out)
		}
		all := s.events(t)
		for len(all) < 2 {
			all = s.events(t)
		}
		e.state += "-events"
		unknown, succeeded := string(all[0]), string(all[1])
		batch := sqs(unknown, `{"source":"other","detail-type":"x","detail":{}}`, unknown, "not JSON", succeeded, succeeded, unknown, `{"source":"iade"}`)
		code, out := e.run(batch, "consume")
		lines := strings.Split(strings.TrimSpace(out), "\n")
		if code != 0 || len(lines) != 3 || !strings.HasPrefix(lines[0], "4711 rf_") || !strings.Contains(lines[0], " unknown") || !strings.Contains(lines[1], " succeeded 30.00") {
			t.Fatalf("exit %d: %s", code, out)
		}
		var answer struct {
			BatchItemFailures []struct{ ItemIdentifier string }
		}
		if err := json.Unmarshal([]byte(lines[2]), &answer); err != nil || len(answer.BatchItemFailures) != 2 || answer.BatchItemFailures[0].ItemIdentifier != "m3" {
			t.Errorf("%s %v", lines[2], err)
		}
		if code, out := e.run(sqs(unknown, succeeded), "consume"); code != 0 || strings.TrimSpace(strings.ReplaceAll(out, " ", "")) != `{"batchItemFailures":[]}` {
			t.Errorf("again: exit %d: %s", code, out)
		}
	})
}

// sqs is a batch as Lambda gets it.
func sqs(bodies ...string) string {
	type message struct {
		MessageID   string `json:"messageId"`
		Body        string `json:"body"`
		EventSource string `json:"eventSource"`
	}
	var batch struct{ Records []message }
	for i, body := range bodies {
		batch.Records = append(batch.Records, message{fmt.Sprint("m", i), body, "aws:sqs"})
	}
	text, err := json.Marshal(batch)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// TestAnExampleIsShortEnoughToRead, and says what it stores.
func TestAnExampleIsShortEnoughToRead(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("examples/*/*")
	if err != nil || len(files) < 16 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(content), "\n"); n > 60 {
			t.Errorf("%s has %d lines", file, n)
		}
		name, _, _ := strings.Cut(filepath.Base(file), ".")
		says := map[string]string{"refund": "Stored before the first call", "preview": "tores nothing", "consume": "Stored, in"}[name]
		if !strings.Contains(string(content), says) {
			t.Errorf("%s does not say what it stores", file)
		}
	}
}
