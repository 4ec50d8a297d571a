// Package console is the pages for people who work with a running iade: where the money is, giving it back, what waits for a
// person, the days. It asks the public HTTP API and nothing else, so the same pages serve a system on one machine and a deployed
// one, with the rights of the person who looks.
package console

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/iade/iade/internal/words"
)

// Root is the path under which every page is.
const Root = "/console/"

// Config is what a console needs.
type Config struct {
	// API carries requests to iade's HTTP API. Their URLs have a path and a query that count, and a host that does not.
	API http.RoundTripper
	// Name says which API that is: its address.
	Name string
	// Login: callers of the API bring a token. The browser keeps it in a cookie, and requests go out with it.
	Login bool
	// Key: only who has it is let in, because the console asks the API with somebody's own credentials; "" = everybody is who may
	// reach the API anyway.
	Key string
	// Live: refunds move real money, as far as is known here.
	Live bool
	// Events: the API has the local list of events.
	Events bool
	// Fake carries requests to the control side of a fake iyzico; nil where there is none.
	Fake http.RoundTripper
	Log  *slog.Logger
	Now  func() time.Time
}

// Console serves the pages. It is safe for concurrent use, and keeps nothing that a restart would miss.
type Console struct {
	Config

	secret []byte // of the forms' tokens; another one after a restart
	rights rights
	routes *http.ServeMux
}

// New makes a console.
func New(c Config) *Console {
	console := &Console{Config: c, secret: []byte(rand.Text()), routes: http.NewServeMux()}
	console.route()
	return console
}

// route is the one table of pages.
func (c *Console) route() {
	for pattern, serve := range map[string]func(*visit){
		"GET /console/{$}":                           c.today,
		"GET /console/search":                        c.search,
		"GET /console/operations":                    c.list,
		"GET /console/operations.csv":                c.export,
		"GET /console/operations/{operation}":        c.operation,
		"POST /console/operations/{operation}/check": c.check,
		"GET /console/payments/{payment}":            c.payment,
		"GET /console/payments/{payment}/give-back":  c.giveBack,
		"POST /console/payments/{payment}/give-back": c.giveBackNow,
		"GET /console/waiting":                       c.waiting,
		"GET /console/waiting/{operation}":           c.decide,
		"POST /console/waiting/{operation}":          c.decideNow,
		"GET /console/days":                          c.days,
		"GET /console/day":                           c.chooseDay,
		"GET /console/days/{date}":                   c.day,
		"GET /console/days/{date}/rows.csv":          c.dayRows,
		"POST /console/days/{date}/close":            c.closeDay,
		"GET /console/events":                        c.events,
		"GET /console/laboratory":                    c.laboratory,
		"POST /console/laboratory":                   c.experiment,
		"GET /console/language/{language}":           c.chooseLanguage,
		"POST /console/login":                        c.login,
		"POST /console/logout":                       c.logout,
	} {
		c.routes.HandleFunc(pattern, c.visited(serve))
	}
	c.routes.HandleFunc("/console/", c.visited(c.nothing))
}

// visit is one request of one person.
type visit struct {
	w       http.ResponseWriter
	r       *http.Request
	ctx     context.Context
	lang    words.Language
	session string
	now     time.Time
	bare    bool // nothing is asked for this page
}

// ServeHTTP implements http.Handler.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	if fault := c.refusedAtTheDoor(r); fault != "" {
		http.Error(w, fault, http.StatusForbidden)
		return
	}
	switch r.URL.Path {
	case strings.TrimSuffix(Root, "/"):
		http.Redirect(w, r, Root, http.StatusSeeOther)
	case stylePath:
		serveStyle(w)
	default:
		if strings.HasPrefix(r.URL.Path, enterPath) {
			c.enter(w, r)
			return
		}
		c.routes.ServeHTTP(w, r)
	}
}

// visited prepares a visit: who it is, in which language, and that a form is one of ours.
func (c *Console) visited(serve func(*visit)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := &visit{w: w, r: r, ctx: r.Context(), lang: languageOf(r), now: c.Now()}
		v.session = keepSession(w, r)
		if !c.hasKey(r) {
			c.locked(v)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead && !c.formIsOurs(v) {
			c.outdated(v)
			return
		}
		if c.Login {
			token := tokenOf(r)
			if token == "" && !strings.HasPrefix(r.URL.Path, languagePath) && r.URL.Path != loginPath {
				c.showLogin(v, http.StatusUnauthorized, words.Text{})
				return
			}
			v.ctx = withToken(v.ctx, token)
		}
		serve(v)
	}
}

// nothing answers a page that is not there.
func (c *Console) nothing(v *visit) {
	c.notice(v, http.StatusNotFound, notice{
		Title: words.Text{"No such page", "Böyle bir sayfa yok"},
		Says:  []string{words.Text{"Use the search box above to find a payment or an operation.", "Bir ödemeyi veya işlemi yukarıdaki arama kutusuyla bulun."}.In(v.lang)},
	})
}

// outdated answers a form that was drawn before a restart, or that is not ours.
func (c *Console) outdated(v *visit) {
	c.notice(v, http.StatusForbidden, notice{
		Title: words.Text{"This form is out of date", "Bu form güncel değil"},
		Says: []string{words.Text{
			"Nothing was done and no money moved. Go back, load the page again, and send the form from there.",
			"Hiçbir şey yapılmadı, para hareket etmedi. Geri dönün, sayfayı yeniden yükleyin ve formu oradan gönderin.",
		}.In(v.lang)},
	})
}

// notice is a page that says one thing.
type notice struct {
	Title words.Text
	Says  []string
	Bad   bool
	Link  string
	Label words.Text
}

func (c *Console) notice(v *visit, status int, n notice) {
	c.show(v, status, "notice", n.Title.In(v.lang), n)
}

// refuse answers a page that the API had no answer for.
func (c *Console) refuse(v *visit, err error) {
	no := asRefusal(err)
	if c.Login && no.Status == http.StatusUnauthorized {
		c.showLogin(v, http.StatusUnauthorized, words.Text{"This token is not known here.", "Bu belirteç burada tanınmıyor."})
		return
	}
	c.show(v, no.pageStatus(), "refused", no.Heading(v.lang), no)
}

func (no *Refusal) pageStatus() int {
	return cmp.Or(no.Status, http.StatusBadGateway)
}
