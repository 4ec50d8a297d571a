// Package loopback tells which requests a server may answer that is meant for this machine alone. A browser on this machine
// carries any page's requests here, under the page's own name too (DNS rebinding), so that listening on a loopback address is
// not enough.
package loopback

import (
	"net"
	"net/http"
	"slices"
)

// Name tells whether a name or an address is this machine's own.
func Name(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Host tells whether a request's Host, with or without a port, is a name of this machine.
func Host(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	if len(name) > 2 && name[0] == '[' && name[len(name)-1] == ']' {
		name = name[1 : len(name)-1]
	}
	return Name(name)
}

// FromAnotherPage tells whether a browser made the request for a page of another origin than the program's own ones. Browsers leave the
// origin out of some requests of other pages, and say so in Sec-Fetch-Site; a link that a person follows is no such request.
func FromAnotherPage(r *http.Request, own ...string) bool {
	for _, origin := range r.Header.Values("Origin") {
		if !slices.Contains(own, origin) {
			return true
		}
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return false
	}
	return r.Method != http.MethodGet || r.Header.Get("Sec-Fetch-Mode") != "navigate"
}
