package main

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/iade/iade/internal/console"
	"github.com/iade/iade/internal/ingress"
)

// frontPage serves GET /: the console for people, and the list of routes for programs.
type frontPage struct{ system *System }

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
	if !strings.Contains(r.Header.Get("Accept"), "application/json") {
		http.Redirect(w, r, console.Root, http.StatusSeeOther)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	// The reader may be gone.
	_ = json.NewEncoder(w).Encode(struct {
		Routes []listedRoute `json:"routes"`
	}{f.routes()})
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
