package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/words"
	"github.com/iade/iade/pkg/iyzico"
)

// inSource finds every first group of a pattern in files of the repository.
func inSource(t *testing.T, pattern string, files ...string) []string {
	t.Helper()
	var found []string
	for _, file := range files {
		source, err := os.ReadFile("../../" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(source), -1) {
			found = append(found, match[1])
		}
	}
	if len(found) == 0 {
		t.Fatalf("nothing like %s in %v", pattern, files)
	}
	return found
}

// TestEveryCodeIsExplained: what iyzico names, every slug that the API's document or its code has, every status and reason.
func TestEveryCodeIsExplained(t *testing.T) {
	t.Parallel()
	var codes []string
	for _, c := range iyzico.Codes() {
		codes = append(codes, c.Code)
		if _, ok := words.Iyzico(c.Code); c.Name != "" && !ok {
			t.Errorf("iyzico's %s %s has no words", c.Code, c.Name)
		}
	}
	codes = append(codes, inSource(t, `urn:iade:problem:([a-z-]+)`, "openapi.yaml")...)
	codes = append(codes, inSource(t, `\bCode = "([a-z-]+)"`, "internal/payment/errors.go", "internal/ingress/reply.go")...)
	codes = append(codes, inSource(t, `\bReason[A-Za-z]+ += "([a-z-]+)"`, "internal/payment/reason.go", "pkg/iyzico/error.go")...)
	for _, s := range payment.Statuses() {
		codes = append(codes, string(s))
	}
	for _, code := range codes {
		for _, lang := range []string{"en", "tr"} {
			exit, out, errOut := iade(t, "http://127.0.0.1:1", none, "explain", code, "-lang", lang)
			if exit != exitDone || errOut != "" || strings.Count(out, "\n") < 3 {
				t.Errorf("%s in %s: exit %d\n%s%s", code, lang, exit, out, errOut)
			}
		}
	}
	for _, e := range explanations() {
		if e.means[0] == "" || e.means[1] == "" || e.do[0] == "" || e.do[1] == "" || e.means[0] == e.means[1] {
			t.Errorf("%s lacks a language: %+v", e.code, e)
		}
	}
}

// TestWhatACodeSaysOfTheMoneyIsTheClientsVerdict: words must not promise more than pkg/iyzico concludes.
func TestWhatACodeSaysOfTheMoneyIsTheClientsVerdict(t *testing.T) {
	t.Parallel()
	for _, c := range iyzico.Codes() {
		_, out, _ := iade(t, "http://127.0.0.1:1", none, "explain", c.Code)
		if says := strings.Contains(strings.ToLower(out), "no money moved"); says != (c.Outcome != iyzico.Unknown) {
			t.Errorf("%s is %s:\n%s", c.Code, c.Outcome, out)
		}
	}
}

func TestACodeIsFoundInTheFormsInWhichItIsMet(t *testing.T) {
	t.Parallel()
	for code, says := range map[string]string{
		"urn:iade:problem:over-limit": "A limit of your own", "OVER_LIMIT": "A limit of your own", "needs-review": "compare", "50000": "Wait a minute",
	} {
		if exit, out, _ := iade(t, "http://127.0.0.1:1", none, "explain", code); exit != exitDone || !strings.Contains(strings.ToLower(out), strings.ToLower(says)) {
			t.Errorf("%s: exit %d\n%s", code, exit, out)
		}
	}
	if exit, out, _ := iade(t, "http://127.0.0.1:1", none, "explain", "98765"); exit != exitSomeNot || !strings.Contains(out, "unknown") {
		t.Errorf("exit %d\n%s", exit, out)
	}
	if _, out, _ := iade(t, "http://127.0.0.1:1", none, "explain", "-json"); !strings.HasPrefix(out, `{"code":"1","kind":`) {
		t.Error(out)
	}
}
