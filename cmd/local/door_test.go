package main

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// asks makes a request on its own, with these headers; Host among them is the request's.
func asks(t *testing.T, method, url, body string, headers ...string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Add(headers[i], headers[i+1])
	}
	answer, err := unledClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	recorded := httptest.NewRecorder()
	if _, err := recorded.Body.ReadFrom(answer.Body); err != nil {
		t.Fatal(err)
	}
	return reply{status: answer.StatusCode, header: answer.Header, body: recorded.Body.Bytes()}
}

// TestAWebPageReachesNothing: neither under a name of its own (DNS rebinding) nor from another origin.
func TestAWebPageReachesNothing(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), env(map[string]string{"PUBLIC_BASE_URL": "http://shop.example:8080"}))
	own := strings.TrimPrefix(y.URL, "http://")
	port := own[strings.LastIndexByte(own, ':'):]
	for name, c := range map[string]struct {
		headers []string
		status  int
	}{
		"a program":                        {nil, 201},
		"under localhost":                  {[]string{"Host", "localhost" + port}, 201},
		"under the IPv6 address":           {[]string{"Host", "[::1]" + port}, 201},
		"under another loopback address":   {[]string{"Host", "127.8.9.1"}, 201},
		"its own page":                     {[]string{"Origin", y.URL, "Sec-Fetch-Site", "same-origin"}, 201},
		"its own page under localhost":     {[]string{"Host", "localhost" + port, "Origin", "http://localhost" + port}, 201},
		"DNS rebinding":                    {[]string{"Host", "evil.example" + port, "Origin", "http://evil.example" + port}, 403},
		"DNS rebinding, without an origin": {[]string{"Host", "evil.example" + port}, 403},
		"a name that looks like this one":  {[]string{"Host", "localhost.evil.example" + port}, 403},
		"an address that looks like it":    {[]string{"Host", "127.0.0.1.evil.example"}, 403},
		"the machine's other address":      {[]string{"Host", "192.0.2.1" + port}, 403},
		"the public name":                  {[]string{"Host", "shop.example:8080"}, 403},
		"another page":                     {[]string{"Origin", "https://evil.example"}, 403},
		"another program's page here":      {[]string{"Origin", "http://127.0.0.1:1"}, 403},
		"the same, by https":               {[]string{"Origin", "https://" + own}, 403},
		"a page without an origin":         {[]string{"Origin", "null"}, 403},
		"two origins":                      {[]string{"Origin", y.URL, "Origin", "https://evil.example"}, 403},
		"a page that hides its origin":     {[]string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"}, 403},
		"a form that a page sends":         {[]string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			key := []string{"Content-Type", "application/json", "Idempotency-Key", strings.NewReplacer(" ", "-", ",", "").Replace(name)}
			a := asks(t, http.MethodPost, y.URL+"/refunds", `{"paymentId":"10000001","amount":"1.00"}`, append(key, c.headers...)...)
			if a.status != c.status {
				t.Errorf("%d %s", a.status, a.body)
			}
			if c.status == 403 && !strings.Contains(string(a.body), "urn:iade:problem:forbidden") {
				t.Errorf("%s", a.body)
			}
			if c.status == 403 {
				for _, path := range []string{"/health", "/payments/10000001", "/", eventsPath, "/nowhere"} {
					if b := asks(t, http.MethodGet, y.URL+path, "", c.headers...); b.status != 403 && !slices.Contains(c.headers, "navigate") {
						t.Errorf("%s: %d", path, b.status)
					}
				}
			}
		})
	}
	if a := asks(t, http.MethodGet, y.URL+"/operations", "", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"); a.status != 200 {
		t.Errorf("a link that a person follows: %d", a.status)
	}
	// Customers' browsers come back from iyzico's page, whose form names iyzico as the origin.
	for _, host := range []string{own, "shop.example:8080", "evil.example"} {
		a := asks(t, http.MethodPost, y.URL+"/balance-callback/x", "token=t", "Host", host, "Origin", "https://iyzico.example", "Content-Type", "application/x-www-form-urlencoded")
		if want := map[bool]int{true: 403, false: 404}[host == "evil.example"]; a.status != want {
			t.Errorf("callback under %s: %d", host, a.status)
		}
	}
}

// hashed is a line of a tokens file.
func hashed(scope, token string) string {
	sum := sha256.Sum256([]byte(token))
	return scope + " " + hex.EncodeToString(sum[:]) + "\n"
}

func tokensFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestTokens: with a tokens file every route but those for browsers and monitors needs one, of its scope.
func TestTokens(t *testing.T) {
	t.Parallel()
	path := tokensFile(t, "# the shop\n\n"+hashed("write", "shop")+hashed("read", "shop")+"read "+strings.ToUpper(strings.TrimPrefix(hashed("", "reader"), " "))+hashed("operator", "ops"))
	y, _ := startSystem(t, t.TempDir(), env(map[string]string{"API_TOKENS_FILE": path}))
	const refund = `{"paymentId":"10000001","amount":"1.00"}`
	for name, c := range map[string]struct {
		method, path, token string
		status              int
	}{
		"refund with write":              {"POST", "/refunds", "Bearer shop", 201},
		"refund with read":               {"POST", "/refunds", "Bearer reader", 403},
		"refund with operator":           {"POST", "/refunds", "Bearer ops", 403},
		"refund without":                 {"POST", "/refunds", "", 401},
		"refund with a guess":            {"POST", "/refunds", "Bearer guess", 401},
		"refund with the hash":           {"POST", "/refunds", "Bearer " + strings.Fields(hashed("write", "shop"))[1], 401},
		"refund with an empty token":     {"POST", "/refunds", "Bearer ", 401},
		"refund with another kind":       {"POST", "/refunds", "Basic shop", 401},
		"refund with bearer in capitals": {"POST", "/refunds", "BEARER shop", 201},
		"read with read":                 {"GET", "/payments/10000001", "Bearer reader", 200},
		"read with operator":             {"GET", "/payments/10000001", "Bearer ops", 403},
		"read without":                   {"GET", "/payments/10000001", "", 401},
		"decide with write":              {"POST", "/operations/rf_1_x/check", "Bearer shop", 403},
		"decide with operator":           {"POST", "/operations/rf_1_x/check", "Bearer ops", 404},
		"events without":                 {"GET", eventsPath, "", 401},
		"events with read":               {"GET", eventsPath, "Bearer reader", 200},
		"orders with read":               {"POST", eventsPath, "Bearer reader", 403},
		"backup with write":              {"GET", backupPath, "Bearer shop", 403},
		"backup with operator":           {"GET", backupPath, "Bearer ops", 200},
		"the front page without":         {"GET", "/", "", 401},
		"no route without":               {"GET", "/nowhere", "", 401},
		"no route with any":              {"GET", "/nowhere", "Bearer ops", 404},
		"another path for health":        {"GET", "/health/", "", 401},
		"health":                         {"GET", "/health", "", 200},
		"callback":                       {"GET", "/balance-callback/x", "", 404},
	} {
		t.Run(name, func(t *testing.T) {
			body := ""
			if c.method == "POST" && c.path == "/refunds" {
				body = refund
			}
			headers := []string{"Content-Type", "application/json", "Idempotency-Key", strings.ReplaceAll(name, " ", "-"), "Host", "iade.shop.example", "Origin", "https://shop.example"}
			if c.token != "" {
				headers = append(headers, "Authorization", c.token)
			}
			a := asks(t, c.method, y.URL+c.path, body, headers...)
			if a.status != c.status {
				t.Errorf("%d %s", a.status, a.body)
			}
			if (a.status == 401 || a.status == 403) != (a.header.Get("WWW-Authenticate") != "") {
				t.Errorf("WWW-Authenticate: %q", a.header.Get("WWW-Authenticate"))
			}
			if c.token != "" && strings.Contains(string(a.body), strings.TrimPrefix(c.token, "Bearer ")) && c.token != "Bearer " || strings.Contains(string(a.body), "guess") {
				t.Errorf("the answer repeats a token: %s", a.body)
			}
		})
	}
}

func TestATokensFileThatIsWrongIsOneLine(t *testing.T) {
	t.Parallel()
	sum := strings.Fields(hashed("x", "canary"))[1]
	for name, c := range map[string]struct{ text, part string }{
		"empty":            {"", "has no token"},
		"comments alone":   {"# write " + sum + "\n", "has no token"},
		"a token in clear": {"write canary-canary-canary\n", "line 1"},
		"no scope":         {sum + "\n", "line 1"},
		"another scope":    {"# x\nadmin " + sum + "\n", "line 2"},
		"open":             {"open " + sum + "\n", "line 1"},
		"a short hash":     {"write " + sum[2:] + "\n", "line 1"},
		"a long hash":      {"write " + sum + "00\n", "line 1"},
		"the empty token":  {hashed("write", ""), "line 1"},
		"a word more":      {"write " + sum + " read\n", "line 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readTokens(tokensFile(t, c.text))
			if err == nil || !strings.Contains(err.Error(), c.part) || !strings.Contains(err.Error(), "API_TOKENS_FILE") || strings.ContainsAny(err.Error(), "\n") ||
				strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), sum[4:12]) {
				t.Errorf("%v", err)
			}
		})
	}
	if _, err := readTokens(filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "API_TOKENS_FILE") {
		t.Errorf("no file: %v", err)
	}
}

func TestAWideAddressNeedsTokens(t *testing.T) {
	t.Parallel()
	tokens := []token{{scope: "read"}}
	for addr, wide := range map[string]bool{
		"127.0.0.1:8080": false, "localhost:0": false, "[::1]:8080": false, "127.1.2.3:1": false,
		":8080": true, "0.0.0.0:8080": true, "[::]:8080": true, "192.168.1.4:8080": true, "example.com:8080": true, "localhost.example:1": true,
	} {
		if err := mayListen(addr, nil); (err != nil) != wide || wide && !strings.Contains(err.Error(), "API_TOKENS_FILE") {
			t.Errorf("%s: %v", addr, err)
		}
		if err := mayListen(addr, tokens); err != nil {
			t.Errorf("%s with tokens: %v", addr, err)
		}
	}
	s, err := loadSettings(none)
	if err != nil {
		t.Fatal(err)
	}
	o := onPort0(t.TempDir())
	o.addr = "0.0.0.0:0"
	if y, err := start(t.Context(), o, s, quiet); err == nil {
		t.Errorf("it listens to everybody without tokens: %v", y.Close())
	}
	s.APITokensFile = tokensFile(t, hashed("read", "reader"))
	y, err := start(t.Context(), o, s, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if a := asks(t, http.MethodGet, y.URL+"/operations", "", "Authorization", "Bearer reader"); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if err := y.Close(); err != nil {
		t.Error(err)
	}
}

func TestLiveIsSaidLoudly(t *testing.T) {
	t.Parallel()
	for url, live := range map[string]bool{
		"https://api.iyzipay.com": true, "https://proxy.example": true, sandboxURL: false, "http://127.0.0.1:1": false, "http://localhost:1": false,
	} {
		y := &System{IyzicoURL: url, folder: &folder{}}
		var out strings.Builder
		printer{w: &out}.welcome(y)
		if y.live() != live || strings.HasPrefix(out.String(), "LIVE: refunds move real money at "+url+"\n") != live {
			t.Errorf("%s: %v\n%s", url, y.live(), &out)
		}
	}
}

func TestTheFrontPage(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), none)
	a := asks(t, http.MethodGet, y.URL+"/", "", "Accept", "application/json")
	listed := read[struct{ Routes []listedRoute }](t, a.body)
	if a.status != 200 || a.header.Get("Content-Type") != "application/json" || len(listed.Routes) < 14 {
		t.Errorf("%d %s", a.status, a.body)
	}
	for _, want := range []listedRoute{{"createRefund", "POST", "/refunds", "write"}, {"readEvents", "GET", eventsPath, "read"}, {"getBackup", "GET", backupPath, "operator"}} {
		if !slices.Contains(listed.Routes, want) {
			t.Errorf("%+v is not listed", want)
		}
	}
	for _, accept := range []string{"text/html,*/*", "*/*"} {
		a = asks(t, http.MethodGet, y.URL+"/", "", "Accept", accept)
		if a.status != 303 || a.header.Get("Location") != "/console/" {
			t.Errorf("%s: %d %s", accept, a.status, a.header.Get("Location"))
		}
	}
	if a = asks(t, http.MethodPost, y.URL+"/", "{}"); a.status != 405 || a.header.Get("Allow") != "GET" {
		t.Errorf("%d %s", a.status, a.header.Get("Allow"))
	}
	if a = asks(t, http.MethodDelete, y.URL+eventsPath, ""); a.status != 405 || a.header.Get("Allow") != "GET, POST" {
		t.Errorf("%d %s", a.status, a.header.Get("Allow"))
	}
}
