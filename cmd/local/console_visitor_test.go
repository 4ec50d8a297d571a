package main

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// maxPage is the most that a page of the console may have.
const maxPage = 100 << 10

// visitor is a person at the console: a browser without scripts, that keeps cookies and follows no redirect by itself.
type visitor struct {
	t      *testing.T
	origin string
	lang   string
	client *http.Client
}

func visit(t *testing.T, origin, lang string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, origin, lang, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// page is what a visitor sees.
type page struct {
	status   int
	header   http.Header
	html     string
	at       string // its address
	location string // where it leads
}

func (v *visitor) ask(method, at string, form url.Values, headers ...string) page {
	v.t.Helper()
	if strings.HasPrefix(at, "/") {
		at = v.origin + at
	}
	r, err := http.NewRequestWithContext(v.t.Context(), method, at, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Accept-Language", v.lang)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	answer, err := v.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return page{answer.StatusCode, answer.Header, string(body), at, answer.Header.Get("Location")}
}

// open shows a page, wherever it leads.
func (v *visitor) open(at string) page {
	v.t.Helper()
	p := v.ask(http.MethodGet, at, nil)
	for hops := 0; p.location != "" && hops < 5; hops++ {
		p = v.ask(http.MethodGet, p.location, nil)
	}
	return p
}

// sees fails unless the page is one of the console's, of that status, and holds the parts.
func (v *visitor) sees(p page, status int, parts ...string) {
	v.t.Helper()
	text := html.UnescapeString(p.html)
	for _, part := range parts {
		if !strings.Contains(text, part) {
			v.t.Errorf("%s lacks %q:\n%s", p.at, part, ownPart(p.html))
		}
	}
	if p.status != status || !strings.Contains(p.html, `<html lang="`+v.lang+`">`) {
		v.t.Errorf("%s: HTTP %d, not %d, or another language:\n%s", p.at, p.status, status, ownPart(p.html))
	}
	if len(p.html) > maxPage {
		v.t.Errorf("%s has %d bytes", p.at, len(p.html))
	}
	policy := p.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") || p.header.Get("Cache-Control") != "no-store" {
		v.t.Errorf("%s: %v", p.at, p.header)
	}
	if p.header.Get("Referrer-Policy") != "same-origin" {
		v.t.Errorf("%s: a browser would send its forms with the Origin null: %v", p.at, p.header)
	}
	if strings.Contains(p.html, "<script") || strings.Contains(p.html, " style=") || strings.Contains(p.html, "%!") || strings.Contains(p.html, "ZgotmplZ") {
		v.t.Errorf("%s has a script, a style of its own, or an unfinished text:\n%s", p.at, p.html)
	}
}

// ownPart is a page's own part.
func ownPart(text string) string {
	_, rest, _ := strings.Cut(text, "<main")
	own, _, _ := strings.Cut(rest, "</main>")
	return own
}

var (
	inputPattern = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)"`)
	formPattern  = regexp.MustCompile(`(?s)<form[^>]*action="([^"]*)" method="post">(.*?)</form>`)
)

// form is a form of a page, as it was drawn.
type form struct {
	action string
	values url.Values
}

// form finds the form of a page whose action has that end.
func (v *visitor) form(p page, end string) form {
	v.t.Helper()
	for _, found := range formPattern.FindAllStringSubmatch(p.html, -1) {
		if !strings.HasSuffix(found[1], end) {
			continue
		}
		f := form{html.UnescapeString(found[1]), url.Values{}}
		for _, input := range inputPattern.FindAllStringSubmatch(found[2], -1) {
			f.values.Set(input[1], html.UnescapeString(input[2]))
		}
		return f
	}
	v.t.Fatalf("%s has no form that leads to …%s:\n%s", p.at, end, ownPart(p.html))
	return form{}
}

// press sends a form with what was typed into it, name and value in turn.
func (v *visitor) press(f form, typed ...string) page {
	v.t.Helper()
	values := url.Values{}
	for name, value := range f.values {
		values[name] = value
	}
	for i := 0; i < len(typed); i += 2 {
		values.Set(typed[i], typed[i+1])
	}
	return v.ask(http.MethodPost, f.action, values, "Origin", v.origin)
}

var linkPattern = regexp.MustCompile(`(?:href|action)="(/console/[^"]*)"`)

// everyPage is all that a visitor can see without pressing a button: every page that another one leads to.
func (v *visitor) everyPage() []byte {
	v.t.Helper()
	const most = 400
	var all []byte
	seen, waiting := map[string]bool{}, []string{"/console/", "/console/operations?from=2020-01-01"}
	for len(waiting) > 0 && len(seen) < most {
		at := waiting[0]
		if waiting = waiting[1:]; seen[at] || strings.HasPrefix(at, "/console/language/") || strings.Contains(at, "refresh=true") || strings.Contains(at, "live=on") {
			continue
		}
		seen[at] = true
		p := v.open(at)
		if p.status >= http.StatusInternalServerError && p.status != http.StatusServiceUnavailable || len(p.html) > maxPage {
			v.t.Errorf("%s: HTTP %d, %d bytes:\n%s", at, p.status, len(p.html), ownPart(p.html))
		}
		all = append(all, p.html...)
		for _, link := range linkPattern.FindAllStringSubmatch(p.html, -1) {
			waiting = append(waiting, html.UnescapeString(link[1]))
		}
	}
	return all
}
