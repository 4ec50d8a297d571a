package failures

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
)

// browser is the customer's browser on its way back from iyzico.
type browser struct{ method, path, query, body string }

// pageToken is what the page's address ends with.
func pageToken(w *world, a answer) string {
	w.t.Helper()
	var r struct {
		RedirectURL string `json:"redirectUrl"`
	}
	if err := json.Unmarshal([]byte(a.body), &r); err != nil || r.RedirectURL == "" {
		w.t.Fatalf("no page: %d %s %v", a.code, a.body, err)
	}
	return r.RedirectURL[strings.LastIndexByte(r.RedirectURL, '/')+1:]
}

// customer says yes or no at iyzico, and gives what the browser then requests.
func (w *world) customer(token, says string) browser {
	w.t.Helper()
	req := httptest.NewRequest(http.MethodPost, "/_fake/balance-refunds/"+token+"/"+says, nil)
	recorder := httptest.NewRecorder()
	w.fake.ServeHTTP(recorder, req)
	var back struct {
		Method string            `json:"method"`
		URL    string            `json:"url"`
		Form   map[string]string `json:"form"`
	}
	if err := json.Unmarshal(recorder.Body.Bytes(), &back); err != nil || recorder.Code != http.StatusOK {
		w.t.Fatalf("%s: %d %s %v", says, recorder.Code, recorder.Body, err)
	}
	address, err := url.Parse(back.URL)
	if err != nil {
		w.t.Fatal(err)
	}
	form := url.Values{}
	for name, value := range back.Form {
		form.Set(name, value)
	}
	return browser{back.Method, address.Path, address.RawQuery, form.Encode()}
}

// page is what the browser is shown, or where it is sent.
type page struct {
	code     int
	location string
	body     string
}

// browse sends the browser's request to a process.
func (p *process) browse(b browser) page {
	target := b.path
	if b.query != "" {
		target += "?" + b.query
	}
	req := httptest.NewRequestWithContext(context.Background(), b.method, target, strings.NewReader(b.body))
	if b.body != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	recorder := httptest.NewRecorder()
	p.api.ServeHTTP(recorder, req)
	answer := recorder.Result()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		p.w.t.Error(err)
	}
	p.w.hear(body)
	return page{answer.StatusCode, answer.Header.Get("Location"), string(body)}
}

// approve is the merchant's approval in iyzico's panel: only now money moves.
func (w *world) approve(token string) {
	w.t.Helper()
	if err := w.fake.Ledger().ApproveBalanceRefund(token); err != nil {
		w.t.Fatal(err)
	}
}

// wholeStory takes a refund to balance from its init to the merchant's approval.
func (w *world) wholeStory(a *asked) {
	w.t.Helper()
	token := pageToken(w, w.process().deliver(a, overHTTP).is(w.t, http.StatusCreated, "awaiting_customer"))
	back := w.customer(token, "confirm")
	if got := w.process().browse(back); got.code != http.StatusOK && got.code != http.StatusSeeOther {
		w.t.Errorf("the customer comes back to %d %s", got.code, got.body)
	}
	w.approve(token)
}
