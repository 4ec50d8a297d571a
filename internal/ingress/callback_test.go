package ingress_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

// fakePages knows the states good and gone, and opens what begins with "sealed ".
type fakePages struct{}

func (fakePages) Verify(_ context.Context, state string, _ time.Time) (string, bool, error) {
	switch state {
	case "good":
		return refundID, true, nil
	case "keyless":
		return "", false, errors.New("the canary-secret is away")
	}
	return "", false, nil
}

func (fakePages) Open(_ context.Context, _, sealed string) (string, error) {
	if pageURL, ok := strings.CutPrefix(sealed, "sealed "); ok {
		return pageURL, nil
	}
	return "", errors.New("it was not sealed here")
}

func balanceResource(status payment.Status) payment.Resource {
	r := refundResource(status)
	r.Kind, r.Destination = payment.KindBalanceRefund, payment.ToBalance
	return r
}

func balanceAPI(s ingress.Service) *ingress.API {
	api := newAPI(s)
	api.Pages, api.ReturnOrigins = fakePages{}, []string{"https://shop.example", "http://127.0.0.1:3000"}
	return api
}

// returns is a browser with a form, as iyzico's similar redirects send it.
func returns(state, token string) ingress.Request {
	return posts(state, "application/x-www-form-urlencoded", url.Values{"token": {token}}.Encode())
}

func posts(state, contentType, body string) ingress.Request {
	req := post("/balance-callback/"+state, body)
	req.Header = http.Header{}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return req
}

func TestATokenIsFoundWhereverItIs(t *testing.T) {
	t.Parallel()
	const form, json = "application/x-www-form-urlencoded", "application/json"
	withQuery := func(req ingress.Request, query string) ingress.Request { req.RawQuery = query; return req }
	for name, req := range map[string]ingress.Request{
		"query":               get("/balance-callback/good", "token=t-1"),
		"query, other fields": get("/balance-callback/good", "a=1&token=t-1&b=%zz&status=success"),
		"form":                posts("good", form, "token=t-1"),
		"form, charset":       posts("good", form+"; charset=UTF-8", "x=1&token=t-1"),
		"JSON":                posts("good", json, `{"token":"t-1","status":"success","more":{"a":[1]}}`),
		"JSON, charset":       posts("good", json+"; charset=utf-8", `{"token":"t-1"}`),
		"query of a POST":     withQuery(posts("good", "", ""), "token=t-1"),
		"query and form":      withQuery(posts("good", form, "token=t-1"), "token=t-1"),
		"query, empty JSON":   withQuery(posts("good", json, "{}"), "token=t-1"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service := &fakeService{resource: balanceResource(payment.StatusAwaitingMerchant)}
			response := balanceAPI(service).Handle(context.Background(), req)
			if response.Status != http.StatusOK || service.id != refundID || service.tokenHash != payment.HashToken("t-1") {
				t.Errorf("%d, %s returned with %s", response.Status, service.id, service.tokenHash)
			}
			if bytes.Contains(response.Body, []byte("t-1")) {
				t.Error("the token stands in the page")
			}
		})
	}
}

// TestWhateverDoesNotVerifyGetsOnePage is the stranger's view: one answer, byte for byte, and the service is asked only
// where the state is ours.
func TestWhateverDoesNotVerifyGetsOnePage(t *testing.T) {
	t.Parallel()
	const form = "application/x-www-form-urlencoded"
	large := func(req ingress.Request) ingress.Request { req.Body, req.TooLarge = nil, true; return req }
	broken := func(req ingress.Request) ingress.Request { req.Body, req.Unreadable = nil, true; return req }
	notFound := &payment.Error{Code: payment.CodeNotFound, Message: "no"}
	strangers := map[string]struct {
		req   ingress.Request
		err   error
		calls int
	}{
		"forged state":             {returns("forged", "t"), nil, 0},
		"no token":                 {posts("good", form, ""), nil, 0},
		"empty token":              {returns("good", ""), nil, 0},
		"another token":            {returns("good", "another"), notFound, 1},
		"two tokens":               {posts("good", form, "token=a&token=b"), nil, 0},
		"token of query and form":  {func() ingress.Request { r := returns("good", "a"); r.RawQuery = "token=b"; return r }(), nil, 0},
		"token too long":           {returns("good", strings.Repeat("t", 513)), nil, 0},
		"token with spaces":        {returns("good", "a b"), nil, 0},
		"token not ASCII":          {returns("good", "ş"), nil, 0},
		"wrong content type":       {posts("good", "text/plain", "token=t"), nil, 0},
		"no content type":          {posts("good", "", "token=t"), nil, 0},
		"multipart":                {posts("good", "multipart/form-data; boundary=x", "--x--"), nil, 0},
		"broken content type":      {posts("good", ";;", "token=t"), nil, 0},
		"JSON without token":       {posts("good", "application/json", `{"tok":"t"}`), nil, 0},
		"JSON, token is no text":   {posts("good", "application/json", `{"token":5}`), nil, 0},
		"JSON array":               {posts("good", "application/json", `["t"]`), nil, 0},
		"JSON null":                {posts("good", "application/json", `null`), nil, 0},
		"no JSON":                  {posts("good", "application/json", `token=t`), nil, 0},
		"too large":                {large(returns("good", "t")), nil, 0},
		"too large, token in path": {large(func() ingress.Request { r := returns("good", "t"); r.RawQuery = "token=t"; return r }()), nil, 0},
		"not whole":                {broken(returns("good", "t")), nil, 0},
		"in Turkish":               {with(returns("forged", "t"), "Accept-Language", "tr"), nil, 0},
		"in English":               {with(returns("forged", "t"), "Accept-Language", "en"), nil, 0},
		"GET":                      {get("/balance-callback/forged", "token=t"), nil, 0},
		"GET without token":        {get("/balance-callback/good", ""), nil, 0},
	}
	want := balanceAPI(&fakeService{}).Handle(context.Background(), get("/balance-callback/x", ""))
	if want.Status != http.StatusNotFound {
		t.Fatalf("%d %s", want.Status, want.Body)
	}
	checkPage(t, want)
	for name, s := range strangers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service := &fakeService{err: s.err}
			got := balanceAPI(service).Handle(context.Background(), s.req)
			if got.Status != want.Status || !maps.EqualFunc(got.Header, want.Header, slices.Equal) || !bytes.Equal(got.Body, want.Body) {
				t.Errorf("a stranger sees a difference: %d %v %s", got.Status, got.Header, got.Body)
			}
			if len(service.calls) != s.calls {
				t.Errorf("calls %v", service.calls)
			}
		})
	}
	if got := newAPI(&fakeService{}).Handle(context.Background(), returns("good", "t")); !bytes.Equal(got.Body, want.Body) || got.Status != want.Status {
		t.Error("where refunds to balance are not set up, a stranger sees a difference")
	}
}

func TestTheBrowserGoesOnToTheShop(t *testing.T) {
	t.Parallel()
	for returnURL, want := range map[string]string{
		"https://shop.example":               "https://shop.example?refundId=ID&status=awaiting_merchant",
		"https://shop.example/":              "https://shop.example/?refundId=ID&status=awaiting_merchant",
		"https://shop.example/a?":            "https://shop.example/a?refundId=ID&status=awaiting_merchant",
		"https://shop.example/a?b=c%20d":     "https://shop.example/a?b=c%20d&refundId=ID&status=awaiting_merchant",
		"https://shop.example/a?b=c&":        "https://shop.example/a?b=c&refundId=ID&status=awaiting_merchant",
		"https://shop.example/a?b=?&c=d#e?f": "https://shop.example/a?b=?&c=d&refundId=ID&status=awaiting_merchant#e?f",
		"https://shop.example#top":           "https://shop.example?refundId=ID&status=awaiting_merchant#top",
		"http://127.0.0.1:3000/x":            "http://127.0.0.1:3000/x?refundId=ID&status=awaiting_merchant",
	} {
		service := &fakeService{resource: balanceResource(payment.StatusAwaitingMerchant)}
		service.resource.ReturnURL = returnURL
		got := balanceAPI(service).Handle(context.Background(), returns("good", "t"))
		if got.Status != http.StatusSeeOther || got.Header.Get("Location") != strings.Replace(want, "ID", refundID, 1) || len(got.Body) > 0 {
			t.Errorf("%s: %d %s", returnURL, got.Status, got.Header.Get("Location"))
		}
		if got.Header.Get("Referrer-Policy") != "no-referrer" || got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("header %v", got.Header)
		}
	}
}

// elsewhere are urls that lead, or might lead, away from https://shop.example.
var elsewhere = []string{
	"//evil.example", "https://evil.example/", "https://shop.example@evil.example/", "https://shop.example:443@evil.example/",
	"https://shop.example:8443/", "https://shop.example:443/", "http://shop.example/", "HTTPS://shop.example/", "https://SHOP.example/",
	"https://shop.example./", "https://shop.example.evil.example/", "https://shop.examplee/", "https://shop.example\\@evil.example/",
	"https://shop.example%2eevil.example/", "https:/shop.example/", "https:shop.example", "javascript:alert(1)", "/back", "",
	"https://shop.example\t/", "https://evil.example/https://shop.example/", "https://evil.example?https://shop.example", "ftp://shop.example/",
	"http://127.0.0.1:30000/", "http://127.0.0.1/", "http://127.0.0.1:3000@evil.example/", "https://user@shop.example/",
}

// failure 22: every way to write another address
func TestNoOpenRedirect(t *testing.T) {
	t.Parallel()
	for _, returnURL := range elsewhere {
		if returnURL == "" {
			continue
		}
		service := &fakeService{resource: balanceResource(payment.StatusAwaitingMerchant)}
		body := `{"paymentId":"1","destination":"balance","returnUrl":` + quoted(returnURL) + `}`
		response := balanceAPI(service).Handle(context.Background(), post("/refunds", body))
		if slug, p := problemOf(t, response); slug != "invalid-request" || len(p.Errors) == 0 || p.Errors[0].Field != "returnUrl" || len(service.calls) > 0 {
			t.Errorf("%s is taken: %d %s", returnURL, response.Status, response.Body)
		}
		// Stored before the list of origins became another one.
		service.resource.ReturnURL = returnURL
		got := balanceAPI(service).Handle(context.Background(), returns("good", "t"))
		if got.Status != http.StatusOK || got.Header.Get("Location") != "" {
			t.Errorf("%s: %d to %s", returnURL, got.Status, got.Header.Get("Location"))
		}
	}
	t.Run("every fault at once", func(t *testing.T) {
		response := balanceAPI(&fakeService{}).Handle(context.Background(),
			post("/refunds", `{"paymentId":"x","destination":"balance","returnUrl":"https://evil.example/"}`))
		if _, p := problemOf(t, response); len(p.Errors) != 2 {
			t.Errorf("%s", response.Body)
		}
	})
}

func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, "\t", `\t`).Replace(s) + `"`
}

func TestAPageSpeaksTheCustomersLanguage(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ asked, accept, want string }{
		{"", "", "tr"}, {"tr", "en", "tr"}, {"en", "tr", "en"}, {"", "en-GB,en;q=0.9", "en"}, {"", "tr-TR,tr;q=0.9,en;q=0.8", "tr"},
		{"", "de,en;q=0.5,tr;q=0.4", "en"}, {"", "de,fr", "tr"}, {"", "en;q=0.1, tr;q=0.2", "tr"}, {"", "en;q=x", "tr"}, {"", "*", "tr"},
		{"", "en;q=0", "tr"}, {"", "EN", "en"}, {"", "en;q=99", "tr"}, {"", ",,;q=1,en", "en"},
	} {
		service := &fakeService{resource: balanceResource(payment.StatusAwaitingMerchant)}
		service.resource.PageLocale = x.asked
		got := balanceAPI(service).Handle(context.Background(), with(returns("good", "t"), "Accept-Language", x.accept))
		if !bytes.Contains(got.Body, []byte(`<html lang="`+x.want+`">`)) {
			t.Errorf("asked %q, accepts %q: not %s", x.asked, x.accept, x.want)
		}
	}
}

func TestEveryStatusHasAPageInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, name := range constantsOf(t, "../payment/status.go", "Status") {
		for _, language := range []string{"tr", "en"} {
			service := &fakeService{resource: balanceResource(payment.Status(name))}
			service.resource.PageLocale = language
			got := balanceAPI(service).Handle(context.Background(), returns("good", "t"))
			if got.Status != http.StatusOK {
				t.Errorf("%s: %d", name, got.Status)
			}
			checkPage(t, got)
		}
	}
}

// checkPage holds what every page has: its headers, one heading, a language, and nothing active or foreign.
func checkPage(t *testing.T, r ingress.Response) {
	t.Helper()
	body := string(r.Body)
	for name, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(body)
	if len(style) != 2 {
		t.Fatalf("no style in %s", body)
	}
	sum := sha256.Sum256([]byte(style[1]))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	if got := r.Header.Get("Content-Security-Policy"); got != policy {
		t.Errorf("policy %q, want %q", got, policy)
	}
	if strings.Count(body, "<h1>") != 1 || !regexp.MustCompile(`<html lang="(tr|en)">`).MatchString(body) || !strings.Contains(body, "<title>") {
		t.Errorf("no heading, title or language: %s", body)
	}
	for _, foreign := range []string{"<script", "<iframe", "<img", "<link", "<form", "<a ", "url(", "@import", "http:", "https:", " on", "ZgotmplZ"} {
		if outside := strings.Replace(body, style[1], "", 1); strings.Contains(outside, foreign) && foreign != " on" || strings.Contains(body, " onclick") {
			t.Errorf("the page holds %q", foreign)
		}
	}
}

func TestAReturnThatCannotBeLookedAtSaysSo(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		state string
		err   error
	}{"no key": {"keyless", nil}, "no store": {"good", &payment.Error{Code: payment.CodeUnavailable, Message: "away"}}, "our bug": {"good", errors.New("bug")}} {
		api, log := loggingAPI(&fakeService{err: x.err})
		api.Pages = fakePages{}
		got := api.Handle(context.Background(), returns(x.state, "canary-token"))
		if got.Status != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" || log.Len() == 0 {
			t.Errorf("%s: %d %v, log %s", name, got.Status, got.Header, log)
		}
		if bytes.Contains(log.Bytes(), []byte("canary-token")) || bytes.Contains(got.Body, []byte("canary")) {
			t.Errorf("%s: the token is told: %s", name, log)
		}
		checkPage(t, got)
	}
}

func TestTheUrlIsShownToWhoAskedForTheRefund(t *testing.T) {
	t.Parallel()
	open := balanceResource(payment.StatusAwaitingCustomer)
	open.SealedURL = "sealed https://iyzico.example/page"
	body := `{"paymentId":"1","destination":"balance"}`
	for name, x := range map[string]struct {
		req  ingress.Request
		sent bool
		want int
	}{
		"first": {post("/refunds", body), true, http.StatusCreated}, "again": {post("/refunds", body), false, http.StatusOK},
		"get": {get("/refunds/"+refundID, ""), false, http.StatusOK},
	} {
		service := &fakeService{result: payment.Result{Resource: open, Sent: x.sent, Known: !x.sent}, resource: open}
		got := balanceAPI(service).Handle(context.Background(), x.req)
		if got.Status != x.want || !bytes.Contains(got.Body, []byte(`"redirectUrl":"https://iyzico.example/page"`)) || bytes.Contains(got.Body, []byte("sealed")) {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
	open.SealedURL = "of another key"
	api, log := loggingAPI(&fakeService{result: payment.Result{Resource: open, Known: true}})
	api.Pages = fakePages{}
	if got := api.Handle(context.Background(), post("/refunds", body)); got.Status != http.StatusOK || bytes.Contains(got.Body, []byte("redirectUrl")) || log.Len() == 0 {
		t.Errorf("without the key: %d %s, log %s", got.Status, got.Body, log)
	}
}

func TestABalanceRefundsLocaleIsKeptForItsPages(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][2]string{
		`{"paymentId":"1","destination":"balance"}`:               {"tr", ""},
		`{"paymentId":"1","destination":"balance","locale":"en"}`: {"en", "en"},
		`{"paymentId":"1","destination":"balance","locale":"tr"}`: {"tr", "tr"},
		`{"paymentId":"1","amount":"1","locale":"en"}`:            {"en", ""},
	} {
		service := &fakeService{result: succeeded()}
		balanceAPI(service).Handle(context.Background(), post("/refunds", body))
		if got := [2]string{service.command.Locale, service.command.PageLocale}; got != want {
			t.Errorf("%s: %v, want %v", body, got, want)
		}
	}
}
