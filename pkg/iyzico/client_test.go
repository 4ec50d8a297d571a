package iyzico

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestNewNamesEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	_, err := New(Config{BaseURL: "http://api.iyzipay.com", APIKey: "", SecretKey: "has a blank"},
		WithBalanceRefundPath("no-slash"), WithTransport(nil), WithDialContext(nil), WithClock(nil), WithAnswerKeys(nil), WithRootCAs(nil), nil)
	if err == nil {
		t.Fatal("no error")
	}
	for _, word := range []string{"BaseURL", "APIKey", "SecretKey", "WithBalanceRefundPath", "WithTransport", "WithDialContext", "WithClock",
		"WithAnswerKeys", "WithRootCAs", "option"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%s is not named in %v", word, err)
		}
	}
	if strings.Contains(err.Error(), "has a blank") {
		t.Error("the error quotes a key")
	}
}

func TestNewDemandsHTTPSUnlessLoopback(t *testing.T) {
	t.Parallel()
	for baseURL, ok := range map[string]bool{
		LiveURL: true, SandboxURL: true, "https://api.iyzipay.com/": true, "https://localhost:8443": true, "http://localhost:8081": true,
		"http://127.0.0.1:8081": true, "http://127.1.2.3": true, "http://[::1]:8081": true,
		"http://api.iyzipay.com": false, "http://localhost.example": false, "http://10.0.0.1": false, "ftp://localhost": false, "": false,
		"api.iyzipay.com": false, "https://": false, "https://user:secret@api.iyzipay.com": false, "https://api.iyzipay.com/v2": false,
		"https://api.iyzipay.com?x=1": false, "https://api.iyzipay.com#x": false, "https://:443": false,
	} {
		_, err := New(Config{BaseURL: baseURL, APIKey: "a", SecretKey: "s"})
		if (err == nil) != ok {
			t.Errorf("%s: %v", baseURL, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret@") {
			t.Errorf("the error quotes the URL's password")
		}
	}
}

func TestBalanceRefundPathMustBePlain(t *testing.T) {
	t.Parallel()
	for path, ok := range map[string]bool{
		"/payment/iyzipos/item/approve": true, "/x": true, "": false, "x": false, "//evil.example/x": false, "/x?y": false, "/x#y": false, "/%2e%2e": false,
		"/../x": false, "/x y": false, `/\x`: false, "/" + strings.Repeat("x", 200): false,
	} {
		if _, err := New(Config{BaseURL: LiveURL, APIKey: "a", SecretKey: "s"}, WithBalanceRefundPath(path)); (err == nil) != ok {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestRandomKeysAreFreshByDefault(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	var requests []sent
	c, err := New(Config{BaseURL: SandboxURL, APIKey: testAPIKey, SecretKey: testSecretKey}, WithTransport(answering(200, signedRefund("5"), &requests)))
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := c.Refund(testContext(t), testRefundRequest()); err != nil {
			t.Fatal(err)
		}
		key := requests[len(requests)-1].header.Get("X-Iyzi-Rnd")
		if len(key) < 20 || seen[key] {
			t.Fatalf("key %q", key)
		}
		seen[key] = true
	}
}

func TestTheTransportIsBuiltNotToRepeat(t *testing.T) {
	t.Parallel()
	transport, ok := testClient(t, LiveURL).transport.(*http.Transport)
	if !ok {
		t.Fatal("not net/http's transport")
	}
	if !transport.DisableKeepAlives || !transport.DisableCompression || transport.Proxy != nil || transport.ForceAttemptHTTP2 || transport.Protocols.HTTP2() ||
		transport.Protocols.UnencryptedHTTP2() || transport.TLSNextProto == nil || len(transport.TLSNextProto) != 0 || transport.ExpectContinueTimeout != 0 {
		t.Errorf("got %+v", transport)
	}
	req := testClient(t, LiveURL).newRequest(testContext(t), &request{method: http.MethodPost, path: "/x", body: []byte("{}")})
	if req.GetBody != nil {
		t.Error("the body can be replayed")
	}
}

func TestPrintingAClientShowsNoKey(t *testing.T) {
	t.Parallel()
	c := testClient(t, SandboxURL)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{c, *c, struct{ c *Client }{c}, Config{APIKey: testAPIKey, SecretKey: testSecretKey}} {
			if text := fmt.Sprintf(verb, v); strings.Contains(text, testAPIKey) || strings.Contains(text, testSecretKey.Reveal()) ||
				strings.Contains(text, fmt.Sprintf("%x", testSecretKey.Reveal())) {
				t.Errorf("%s shows a key: %s", verb, text)
			}
		}
	}
}
