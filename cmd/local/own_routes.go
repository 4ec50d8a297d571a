package main

import (
	"net/http"
	"slices"
	"strings"

	"github.com/iade/iade/internal/ingress"
)

// ownRoute is a route that this program has beside the API's.
type ownRoute struct {
	name, method, path string
	scope              ingress.Scope
	serve              http.Handler
}

// ownRoutes lists them.
func (y *System) ownRoutes(orders *orders) []ownRoute {
	return []ownRoute{
		{"front", http.MethodGet, "/", ingress.ScopeRead, frontPage{y}},
		{"readEvents", http.MethodGet, eventsPath, ingress.ScopeRead, eventsRoute{y.Events, y.closing, y.log}},
		{"putOrders", http.MethodPost, eventsPath, ingress.ScopeWrite, ordersRoute{orders, y.log}},
		{"getBackup", http.MethodGet, backupPath, ingress.ScopeOperator, backupRoute{y.folder, y.store, y.log}},
	}
}

// withOwnRoutes puts them beside the API. A ServeMux would not do: it redirects odd paths, which the API answers itself.
func withOwnRoutes(api http.Handler, own []ownRoute) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var allowed []string
		for _, route := range own {
			if route.path != r.URL.Path {
				continue
			}
			if route.method == r.Method {
				route.serve.ServeHTTP(w, r)
				return
			}
			allowed = append(allowed, route.method)
		}
		if allowed == nil {
			api.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		writeProblem(w, http.StatusMethodNotAllowed, "method-not-allowed", "Allow names the methods that are.")
	})
}

// scopeWith gives the scope of every route, the API's and this program's.
func scopeWith(own []ownRoute) func(method, path string) ingress.Scope {
	return func(method, path string) ingress.Scope {
		if i := slices.IndexFunc(own, func(r ownRoute) bool { return r.method == method && r.path == path }); i >= 0 {
			return own[i].scope
		}
		return ingress.ScopeOf(method, path)
	}
}
