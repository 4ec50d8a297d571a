package main

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"strings"

	"github.com/iade/iade/internal/ingress"
)

// frontPage serves GET /: a page for people, and the list of routes for programs.
type frontPage struct{ system *System }

//go:embed front.html
var frontHTML string

var frontTemplate = template.Must(template.New("front").Parse(frontHTML))

// listedRoute is a route as GET / lists it.
type listedRoute struct {
	Name   string        `json:"name"`
	Method string        `json:"method"`
	Path   string        `json:"path"`
	Scope  ingress.Scope `json:"scope"`
}

func (f frontPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Vary", "Accept")
	routes := f.routes()
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		w.Header().Set("Content-Type", "application/json")
		// The reader may be gone, here and below.
		_ = json.NewEncoder(w).Encode(struct {
			Routes []listedRoute `json:"routes"`
		}{routes})
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	_ = frontTemplate.Execute(w, struct {
		URL, Iyzico string
		Live, Fake  bool
		Routes      []listedRoute
	}{f.system.URL, f.system.IyzicoURL, f.system.live(), f.system.Fake != nil, routes})
}

func (f frontPage) routes() []listedRoute {
	var all []listedRoute
	for _, r := range ingress.Routes() {
		all = append(all, listedRoute{r.Name, r.Method, r.Pattern, r.Scope})
	}
	for _, r := range f.system.ownRoutes(nil) {
		all = append(all, listedRoute{r.name, r.method, r.path, r.scope})
	}
	return all
}
