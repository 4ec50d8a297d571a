package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// early is a proxy before iyzico whose customers are faster than the answer to the init: their browser comes back before
// iade has it.
type early struct {
	t     *testing.T
	fake  string
	token func(good string) string // what the browser brings
	lost  bool                     // the answer is never given

	mu   sync.Mutex // a lost answer says nothing about when its handler wrote these
	came []*http.Response
	said []string
}

func (e *early) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	target, err := url.Parse(e.fake)
	if err != nil {
		e.t.Error(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	if r.URL.Path != iyzicotest.PathBalanceInit {
		proxy.ServeHTTP(w, r)
		return
	}
	var asked struct{ CallbackURL string }
	body, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(body, &asked) != nil {
		e.t.Errorf("%v %s", err, body)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	proxy.ServeHTTP(answer, r)
	var page struct{ Token string }
	if err := json.Unmarshal(answer.Body.Bytes(), &page); err != nil {
		e.t.Error(err)
	}
	e.comeBack(asked.CallbackURL, e.token(page.Token))
	if e.lost {
		panic(http.ErrAbortHandler)
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

func (e *early) comeBack(callback, token string) {
	answer, err := unledClient.PostForm(callback, url.Values{"token": {token}})
	if err != nil {
		e.t.Error(err)
		return
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.Body.Close() != nil {
		e.t.Error(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.came, e.said = append(e.came, answer), append(e.said, string(body))
}

// browsers returns the answers that browsers got so far, and their bodies.
func (e *early) browsers() (came []*http.Response, said []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.came, e.said
}

// TestCallbackEarly: the browser comes back before our own record is complete.
//
// failure 22: early, in the whole local system
func TestCallbackEarly(t *testing.T) {
	t.Parallel()
	same := func(good string) string { return good }
	for name, x := range map[string]struct {
		token     func(string) string
		lost      bool
		returnURL string
		status    int
		then      string
	}{
		"then the answer":                {same, false, "", 201, "awaiting_merchant"},
		"then the answer, to the shop":   {same, false, "https://shop.example/back", 201, "awaiting_merchant"},
		"with another token":             {func(string) string { return "guess" }, false, "", 201, "awaiting_customer"},
		"then the answer is lost":        {same, true, "", 202, "needs_review"},
		"another token, the answer lost": {func(string) string { return "guess" }, true, "", 202, "needs_review"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake, err := iyzicotest.New(iyzicotest.Config{Seed: true})
			if err != nil {
				t.Fatal(err)
			}
			behind := httptest.NewServer(fake)
			e := &early{t: t, fake: behind.URL, token: x.token, lost: x.lost}
			before := httptest.NewServer(e)
			t.Cleanup(func() { before.Close(); behind.Close(); _ = fake.Close() })
			y, _ := startSystem(t, t.TempDir(), env(map[string]string{
				"IYZICO_BASE_URL": before.URL, "IYZICO_API_KEY": iyzicotest.DefaultAPIKey, "IYZICO_SECRET_KEY": iyzicotest.DefaultSecretKey,
				"SETTLE_WINDOW": "10s", "RETURN_URL_ORIGINS": "https://shop.example",
			}))
			body := `{"paymentId":"10000009","destination":"balance"}`
			if x.returnURL != "" {
				body = strings.Replace(body, "}", `,"returnUrl":"`+x.returnURL+`"}`, 1)
			}
			status, answer := posted(t, http.MethodPost, y.URL+"/refunds", "key", body)
			var resource struct{ ID, Status, RedirectURL string }
			if err := json.Unmarshal([]byte(answer), &resource); err != nil || status != x.status || resource.Status != x.then {
				t.Fatalf("%d %s %v, want %d %s", status, answer, err, x.status, x.then)
			}
			if (resource.RedirectURL != "") != (x.then == "awaiting_customer") {
				t.Errorf("url %q while %s", resource.RedirectURL, resource.Status)
			}
			came, said := e.browsers()
			if len(came) != 1 {
				t.Fatalf("%d browsers came back", len(came))
			}
			if x.returnURL != "" {
				if want := x.returnURL + "?refundId=" + resource.ID + "&status=processing"; came[0].StatusCode != http.StatusSeeOther || came[0].Header.Get("Location") != want {
					t.Errorf("the browser was sent to %s, want %s", came[0].Header.Get("Location"), want)
				}
			} else if came[0].StatusCode != http.StatusOK || !strings.Contains(said[0], "Yanıtınız alındı") {
				t.Errorf("the browser saw %d %s", came[0].StatusCode, said[0])
			}
		})
	}
}

func posted(t *testing.T, method, address, key, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	answer, err := unledClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// TestTheCallbacksKeyIsKeptInTheFolder: links given out before a restart still work after it.
func TestTheCallbacksKeyIsKeptInTheFolder(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	y, stop := startSystem(t, data, none)
	_, answer := posted(t, http.MethodPost, y.URL+"/refunds", "key", `{"paymentId":"10000009","destination":"balance"}`)
	var resource struct{ RedirectURL string }
	if err := json.Unmarshal([]byte(answer), &resource); err != nil || resource.RedirectURL == "" {
		t.Fatalf("%s %v", answer, err)
	}
	stop()
	path := filepath.Join(data, "callback.key")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Fatalf("%v %v", info, err)
	}
	y, stop = startSystem(t, data, none)
	status, again := posted(t, http.MethodPost, y.URL+"/refunds", "key", `{"paymentId":"10000009","destination":"balance"}`)
	if status != http.StatusOK || !strings.Contains(again, `"redirectUrl":"`+resource.RedirectURL+`"`) {
		t.Errorf("%d %s", status, again)
	}
	stop()
	if err := os.WriteFile(path, []byte("short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := loadSettings(none)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := start(t.Context(), onPort0(data), s, quiet); err == nil || !strings.Contains(err.Error(), "callback.key") {
		t.Errorf("a damaged key: %v", err)
	}
}

// TestWithoutAPublicAddressThereAreNoRefundsToBalance: an iyzico elsewhere cannot send browsers to this machine.
func TestWithoutAPublicAddressThereAreNoRefundsToBalance(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), env(map[string]string{
		"IYZICO_BASE_URL": "https://iyzico.invalid", "IYZICO_API_KEY": "a", "IYZICO_SECRET_KEY": "b",
	}))
	status, answer := posted(t, http.MethodPost, y.URL+"/refunds", "key", `{"paymentId":"10000009","destination":"balance"}`)
	if status != http.StatusNotImplemented || !strings.Contains(answer, "PUBLIC_BASE_URL") {
		t.Errorf("%d %s", status, answer)
	}
}
