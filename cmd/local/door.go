package main

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/loopback"
	"github.com/iade/iade/internal/payment"
)

// door decides who may call. Without tokens that is who is on this machine, and no web page: a browser on this machine
// would carry any page's requests here, under the page's own name too (DNS rebinding). With tokens it is who brings one.
type door struct {
	tokens []token
	public string // the host of PUBLIC_BASE_URL, for routes that are open to customers' browsers; may be empty
	scope  func(method, path string) ingress.Scope
	next   http.Handler
}

// mayListen refuses an address that other machines reach unless callers must bring a token.
func mayListen(addr string, tokens []token) error {
	if len(tokens) > 0 || onLoopback(addr) {
		return nil
	}
	return fmt.Errorf("-addr: %s can be reached by other machines, and nobody would need a token: set API_TOKENS_FILE, or use 127.0.0.1 (docs/one-machine.md)", addr)
}

// onLoopback tells whether this machine alone reaches an address. One that cannot be read is told by listening.
func onLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err != nil || loopback.Name(host)
}

// publicHost is the host and port of PUBLIC_BASE_URL, empty if there is none.
func publicHost(baseURL string) string {
	u, err := url.Parse(baseURL)
	if err != nil {
		return ""
	}
	return u.Host
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	scope := d.scope(r.Method, r.URL.EscapedPath())
	open := scope == ingress.ScopeOpen
	if len(d.tokens) > 0 {
		scopes, bearer := bearerOf(d.tokens, r)
		if open || r.URL.Path == "/health" || allowed(w, scopes, scope) {
			d.next.ServeHTTP(w, r.WithContext(payment.WithActor(r.Context(), bearer)))
		}
		return
	}
	if !d.ours(r.Host, open) {
		writeProblem(w, http.StatusForbidden, "forbidden",
			"Nothing was done. Requests are answered only under a loopback name, such as http://127.0.0.1 or http://localhost; for others, start with API_TOKENS_FILE.")
		return
	}
	if loopback.FromAnotherPage(r, "http://"+r.Host) && !open {
		writeProblem(w, http.StatusForbidden, "forbidden", "Nothing was done. Web pages of another origin may not call this API.")
		return
	}
	d.next.ServeHTTP(w, r)
}

// ours tells whether a request was made to a name of this machine, or to the public one of a route that is open anyway.
func (d *door) ours(host string, open bool) bool {
	return loopback.Host(host) || open && d.public != "" && host == d.public
}

// allowed answers a request whose token's scopes are not good for the route. One for no route needs a token all the same: what exists
// is nobody's business.
func allowed(w http.ResponseWriter, scopes []ingress.Scope, scope ingress.Scope) bool {
	if len(scopes) == 0 {
		w.Header().Set("WWW-Authenticate", "Bearer")
		writeProblem(w, http.StatusUnauthorized, "unauthorized", "Nothing was done. Send Authorization: Bearer with a token of API_TOKENS_FILE.")
		return false
	}
	if scope != "" && !slices.Contains(scopes, scope) {
		w.Header().Set("WWW-Authenticate", fmt.Sprintf("Bearer error=%q, scope=%q", "insufficient_scope", scope))
		writeProblem(w, http.StatusForbidden, "forbidden", "Nothing was done. The token does not have the scope "+string(scope)+".")
		return false
	}
	return true
}
