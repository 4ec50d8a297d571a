package iyzicotest

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// browser opens and submits the customer's page as a browser without scripts does.
type browser struct {
	t    *testing.T
	shop *shop
	page string
}

func (b *browser) open(address string) (int, string) {
	b.t.Helper()
	return b.fetch(http.MethodGet, address, nil)
}

func (b *browser) submit(form url.Values) (int, string) {
	b.t.Helper()
	return b.fetch(http.MethodPost, b.page, form)
}

func (b *browser) fetch(method, address string, form url.Values) (int, string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if to := answer.Header.Get("Location"); to != "" {
		return answer.StatusCode, to
	}
	return answer.StatusCode, string(body)
}

func openPage(t *testing.T, locale string) (*shop, *browser, string) {
	t.Helper()
	s := open(t, Config{})
	id, _ := s.pay("120")
	init := s.post(PathBalanceInit, `{"locale":"`+locale+`","paymentId":"`+id+`","callbackUrl":"https://shop.example/cb?a=1&b=2"}`)
	return s, &browser{t, s, init.text("url")}, init.text("token")
}

func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func wantText(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("page lacks %q:\n%s", text, page)
		}
	}
}

func TestCustomerConfirmsStepByStep(t *testing.T) {
	t.Parallel()
	s, b, token := openPage(t, "en")
	_, page := b.open(b.page)
	wantText(t, page, `lang="en"`, "120.00 TRY", `name="account"`, "Your phone number")
	_, page = b.submit(form("lang", "en", "step", "login", "account", "nobody"))
	wantText(t, page, `role="alert"`, `name="account"`)
	_, page = b.submit(form("lang", "en", "step", "login", "account", "+90 555 555 55 55"))
	wantText(t, page, `name="code"`, `value="&#43;90 555 555 55 55"`)
	_, page = b.submit(form("lang", "en", "step", "code", "account", "+90 555 555 55 55", "code", "000000"))
	wantText(t, page, `role="alert"`, `name="code"`)
	_, page = b.submit(form("lang", "en", "step", "code", "account", "a@example.com", "code", smsCode))
	wantText(t, page, `value="yes"`, `value="no"`)
	if got, _ := s.server.Ledger().BalanceRefund(token); got.Stage != BalanceOpened {
		t.Errorf("stage %s before the answer", got.Stage)
	}
	_, page = b.submit(form("lang", "en", "step", "confirm", "answer", "yes"))
	wantText(t, page, `<form method="post" action="https://shop.example/cb?a=1&amp;b=2">`, `<input type="hidden" name="token" value="`+token+`">`, `<button type="submit">`)
	if strings.Contains(page, "<script") {
		t.Error("page needs a script")
	}
	if got, _ := s.server.Ledger().BalanceRefund(token); got.Stage != BalanceConfirmed {
		t.Errorf("stage %s after the yes", got.Stage)
	}
	// Opened again, the page only leads back.
	_, page = b.open(b.page)
	wantText(t, page, `name="token"`)
	if strings.Contains(page, `name="account"`) {
		t.Error("page starts anew")
	}
}

func TestCustomerIsSentBackByGet(t *testing.T) {
	t.Parallel()
	s, b, token := openPage(t, "tr")
	s.set(`{"callbackMethod":"GET"}`)
	status, to := b.submit(form("step", "confirm", "answer", "yes"))
	u, err := url.Parse(to)
	if err != nil || status != http.StatusSeeOther || u.Host != "shop.example" || u.Query().Get("token") != token || u.Query().Get("a") != "1" {
		t.Errorf("%d %s %v", status, to, err)
	}
	_, page := b.open(b.page)
	wantText(t, page, "token="+token, "Mağazaya dön")
}

func TestCustomerGivesUp(t *testing.T) {
	t.Parallel()
	s, b, token := openPage(t, "tr")
	_, page := b.submit(form("step", "confirm", "answer", "no"))
	wantText(t, page, `name="token"`)
	if got, _ := s.server.Ledger().BalanceRefund(token); got.Stage != BalanceDeclined {
		t.Errorf("stage %s", got.Stage)
	}
}

func TestPageSpeaksBothLanguages(t *testing.T) {
	t.Parallel()
	_, b, _ := openPage(t, "tr")
	_, page := b.open(b.page)
	wantText(t, page, `<html lang="tr">`, "Telefon numaranız", `href="?lang=en"`)
	_, page = b.open(b.page + "?lang=en")
	wantText(t, page, `<html lang="en">`, "Your phone number", `href="?lang=tr"`)
	_, page = b.submit(form("lang", "en", "step", "login", "account", "a@example.com"))
	wantText(t, page, `<html lang="en">`)
	for key := range pageTexts["tr"] {
		if pageTexts["en"][key] == "" || pageTexts["tr"][key] == "" {
			t.Errorf("text %q is missing in a language", key)
		}
	}
	if len(pageTexts["tr"]) != len(pageTexts["en"]) {
		t.Error("languages have different texts")
	}
}

func TestPageOfAnUnknownToken(t *testing.T) {
	t.Parallel()
	s, b, _ := openPage(t, "tr")
	status, page := b.open(s.http.URL + pagePath + "none")
	if status != http.StatusNotFound {
		t.Errorf("status %d", status)
	}
	wantText(t, page, "bulunamadı")
}

func TestPageEscapesWhatTheCustomerEnters(t *testing.T) {
	t.Parallel()
	_, b, _ := openPage(t, "en")
	_, page := b.submit(form("step", "login", "account", `"><script>alert(1)</script>`))
	if strings.Contains(page, "<script>") {
		t.Error("not escaped")
	}
}
