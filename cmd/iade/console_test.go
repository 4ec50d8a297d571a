package main

import (
	"bufio"
	"context"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	web "github.com/iade/iade/internal/console"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// consoleRun is `iade console` in this process; it gives the address that it says.
func consoleRun(t *testing.T, getenv func(string) string, args ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, said := io.Pipe()
	code := make(chan int, 1)
	var errOut strings.Builder
	go func() {
		code <- run(ctx, append([]string{"console"}, args...), console{out: said, err: &errOut, getenv: getenv})
		_ = said.Close()
	}()
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		stop()
		t.Fatalf("exit %d: %s", <-code, &errOut)
	}
	at := lines.Text()
	go func() { _, _ = io.Copy(io.Discard, out) }()
	t.Cleanup(func() {
		stop()
		if exit := <-code; exit != exitDone || errOut.Len() > 0 {
			t.Errorf("exit %d: %s", exit, &errOut)
		}
	})
	return at
}

// person is a browser without scripts.
func person(t *testing.T) func(method, at string, form url.Values) (status int, body string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	return func(method, at string, form url.Values) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, at, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, html.UnescapeString(string(body))
	}
}

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)"`)

// TestTheConsoleOfAnAPIElsewhere: only who has the printed address is let in, and a refund is asked for once.
func TestTheConsoleOfAnAPIElsewhere(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	paid := s.sell(t)
	at := consoleRun(t, none, "-api", s.url, "-lang", "tr")
	origin, _, _ := strings.Cut(at, "/console/")
	if !strings.HasPrefix(at, "http://127.0.0.1:") || !strings.Contains(at, "/console/enter/") {
		t.Fatalf("it says %q", at)
	}
	for _, path := range []string{"/console/", "/console/payments/" + paid, "/console/enter/guess"} {
		if status, body := person(t)(http.MethodGet, origin+path, nil); status != http.StatusForbidden || !strings.Contains(body, "Nothing was done") || strings.Contains(body, "100.00") {
			t.Errorf("%s without the key: HTTP %d\n%s", path, status, body)
		}
	}
	ask := person(t)
	if status, body := ask(http.MethodGet, at, nil); status != http.StatusOK || !strings.Contains(body, "<h1>Today</h1>") || strings.Contains(body, strings.TrimPrefix(at, origin)) {
		t.Fatalf("HTTP %d\n%s", status, body)
	}
	status, body := ask(http.MethodGet, origin+"/console/payments/"+paid+"/give-back", nil)
	key := regexp.MustCompile(`console-[0-9a-f]{40}`).FindString(body)
	if status != http.StatusOK || key == "" {
		t.Fatalf("HTTP %d\n%s", status, body)
	}
	_, body = ask(http.MethodGet, origin+"/console/payments/"+paid+"/give-back?what=full&key="+key, nil)
	form := url.Values{}
	for _, input := range hiddenInput.FindAllStringSubmatch(body, -1) {
		form.Set(input[1], input[2])
	}
	for range 2 {
		if status, body = ask(http.MethodPost, origin+"/console/payments/"+paid+"/give-back", form); status != http.StatusOK || !strings.Contains(body, "We gave TRY 100.00 back") {
			t.Errorf("HTTP %d\n%s", status, body)
		}
	}
	var back int
	for _, e := range s.fake.Ledger().Executions(paid) {
		if e.Kind != iyzicotest.KindPayment {
			back++
		}
	}
	if back != 1 {
		t.Errorf("iyzico's book has %d refunds", back)
	}
}

// TestTheConsoleAsksWithTheCallersCredentials and shows them to nobody; who may only read sees no button.
func TestTheConsoleAsksWithTheCallersCredentials(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/") && r.Header.Get("Authorization") != "Bearer canary-jwt":
			w.WriteHeader(http.StatusForbidden)
		case r.Method == http.MethodPost:
			w.WriteHeader(http.StatusForbidden) // the gateway's own: the scope is missing
			_, _ = io.WriteString(w, `{"message":"Forbidden"}`)
		case r.URL.Path == "/payments/10000001":
			_, _ = io.WriteString(w, `{"paymentId":"10000001","currency":"TRY","status":"paid","paidAmount":"100.00","refundedAmount":"0.00","reservedAmount":"0.00","refundableAmount":"100.00","lines":[],"otherMovements":[],"operations":[]}`)
		case r.URL.Path == "/health":
			_, _ = io.WriteString(w, `{"status":"ok","version":"1"}`)
		default:
			_, _ = io.WriteString(w, `{"operations":[],"days":[]}`)
		}
	}))
	t.Cleanup(elsewhere.Close)
	for name, environment := range map[string]map[string]string{
		"a token": {jwtVariable: "canary-jwt"}, "keys": {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "canary-secret", "AWS_REGION": "eu-central-1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := newClient("https://refunds.example.com", 2, func(name string) string { return environment[name] })
			if err != nil {
				t.Fatal(err)
			}
			client.base, client.http.Transport = elsewhere.URL, elsewhere.Client().Transport
			answer, err := overClient{client}.RoundTrip(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://iade/payments/10000001", nil))
			if err != nil || answer.StatusCode != http.StatusOK {
				t.Fatalf("%v %+v", err, answer)
			}
			_ = answer.Body.Close()
			var errOut strings.Builder
			k := &call{console: console{err: &errOut, getenv: none}}
			configured, err := k.consoleOf(t.Context(), client)
			if err != nil {
				t.Fatal(err)
			}
			configured.Live, configured.Key = true, ""
			pages := httptest.NewServer(web.New(configured))
			t.Cleanup(pages.Close)
			status, body := person(t)(http.MethodGet, pages.URL+"/console/payments/10000001", nil)
			if status != http.StatusOK || !strings.Contains(body, "TRY 100.00") || strings.Contains(body, "give-back") || strings.Contains(body, "canary") || strings.Contains(body, "AKID") {
				t.Errorf("HTTP %d\n%s", status, body)
			}
			if !strings.Contains(body, "LIVE") {
				t.Errorf("nothing says that the money is real:\n%s", body)
			}
			if status, body = person(t)(http.MethodGet, pages.URL+"/console/payments/10000001/give-back", nil); status != http.StatusForbidden || !strings.Contains(body, "You may not do this") {
				t.Errorf("HTTP %d\n%s", status, body)
			}
		})
	}
}

// TestAConsoleIsServedOnThisMachineAlone, and not without an API.
func TestAConsoleIsServedOnThisMachineAlone(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"an address of this machine alone": {"console", "-addr", "0.0.0.0:0"},
		"not an address at all":            {"console", "-addr", "not an address at all"},
		"nothing answers":                  {"console", "-api", "http://127.0.0.1:1"},
		"needs " + jwtVariable:             {"console", "-api", "https://refunds.example.com"},
	} {
		var errOut strings.Builder
		if code := run(t.Context(), args, console{out: io.Discard, err: &errOut, getenv: none}); code == exitDone || !strings.Contains(errOut.String(), want) {
			t.Errorf("%q: exit %d, %s", args, code, &errOut)
		}
	}
}
