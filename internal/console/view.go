package console

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/iade/iade/internal/words"
)

var (
	//go:embed templates
	templateFiles embed.FS
	//go:embed style.css
	style []byte
)

const stylePath = "/console/style.css"

func serveStyle(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(style) // the reader may be gone
}

// view is what every page shows.
type view struct {
	Lang  words.Language
	Other words.Language
	Page  string // the template's name
	Title string
	Here  string // this page, to come back to
	Query string // what was looked for
	Form  string // the token that forms carry
	May   may
	Now   time.Time
	Body  any
	Bare  bool // without ways to other pages

	Name                      string
	Login, Live, Events, Fake bool
}

// pages holds every page's template in every language.
var pages = map[words.Language]map[string]*template.Template{words.English: parsePages(words.English), words.Turkish: parsePages(words.Turkish)}

func parsePages(l words.Language) map[string]*template.Template {
	base := template.Must(template.New("layout.html").Funcs(functions(l)).ParseFS(templateFiles, "templates/layout.html", "templates/parts.html"))
	names, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		panic("console: " + err.Error())
	}
	all := map[string]*template.Template{}
	for _, name := range names {
		page := strings.TrimSuffix(strings.TrimPrefix(name, "templates/"), ".html")
		if page != "layout" && page != "parts" {
			all[page] = template.Must(template.Must(base.Clone()).ParseFS(templateFiles, name))
		}
	}
	return all
}

// functions are what templates of a language may call.
func functions(l words.Language) template.FuncMap {
	say := func(en, tr string) string { return words.Text{en, tr}.In(l) }
	return template.FuncMap{
		"t":       say,
		"tf":      func(en, tr string, args ...any) string { return fmt.Sprintf(say(en, tr), args...) },
		"amount":  l.Amount,
		"time":    l.Time,
		"second":  l.Second,
		"day":     l.Day,
		"date":    func(date string) string { return writtenDate(l, date) },
		"status":  l.Status,
		"kind":    l.Kind,
		"state":   l.State,
		"actor":   l.Actor,
		"paid":    l.Payment,
		"booked":  l.BookedDay,
		"tone":    tone,
		"money":   func(status string) string { s, ok := words.StatusOf(status); return orNewer(s.Money, ok, l) },
		"todo":    func(status string) string { s, ok := words.StatusOf(status); return orNewer(s.Do, ok, l) },
		"reason":  func(reason string) string { return reasonWord(l, reason) },
		"because": func(code string) string { return because(l, code) },
		"iso":     func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"plus":    func(a, b int) int { return a + b },
		"path":    url.PathEscape,
		"list":    func(all ...any) []any { return all },
	}
}

func orNewer(t words.Text, known bool, l words.Language) string {
	if !known {
		t = words.Newer
	}
	return t.In(l)
}

// tone is how a status looks: well, open, or not well.
func tone(status string) string {
	switch status {
	case "succeeded", "closed":
		return "good"
	case "needs_review", "differs", "partially_succeeded":
		return "bad"
	case "rejected", "not_executed", "expired", "not_sent":
		return "off"
	}
	return "open"
}

// because explains a code of iyzico's, a rule's slug, or a reason of iade's; "" if nothing is known of it.
func because(l words.Language, code string) string {
	if said, known := words.Iyzico(code); known {
		return said.In(l)
	}
	if p, known := words.ProblemOf(code); known {
		return p.Means.In(l)
	}
	r, _ := words.ReasonOf(code)
	return r.Means.In(l)
}

// writtenDate writes a day such as 2026-01-31 as the language does.
func writtenDate(l words.Language, date string) string {
	at, err := time.ParseInLocation(time.DateOnly, date, words.Istanbul())
	if err != nil {
		return words.Plain(date)
	}
	return l.Day(at)
}

// show renders a page into memory first: one that does not render is our own fault, and is answered as such.
func (c *Console) show(v *visit, status int, page, title string, body any) {
	other := words.Turkish
	if v.lang == words.Turkish {
		other = words.English
	}
	here := Root
	if v.r.Method == http.MethodGet {
		here = v.r.URL.RequestURI()
	}
	shown := view{
		Lang: v.lang, Other: other, Page: page, Title: title, Here: ownPath(here), Query: v.r.URL.Query().Get("q"), Form: c.formToken(v.session),
		Now: v.now, Body: body, Name: c.Name, Login: c.Login && tokenIn(v.ctx) != "", Live: c.Live, Events: c.Events, Fake: c.Fake != nil,
	}
	if shown.Bare = v.bare || page == "login"; !shown.Bare {
		shown.May = c.mayOf(v.ctx)
	}
	var out bytes.Buffer
	if err := pages[v.lang][page].ExecuteTemplate(&out, "layout.html", shown); err != nil {
		c.Log.Error("a page could not be drawn", "page", page, "error", err)
		http.Error(v.w, "iade: this page could not be drawn. Nothing was done by it.", http.StatusInternalServerError)
		return
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", string(v.lang))
	v.w.Header().Set("Vary", "Accept-Language, Cookie")
	v.w.Header().Set("Content-Length", strconv.Itoa(out.Len()))
	v.w.WriteHeader(status)
	_, _ = out.WriteTo(v.w) // the reader may be gone
}
