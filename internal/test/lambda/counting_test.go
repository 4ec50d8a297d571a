package lambda_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// counter is a reverse proxy that counts what passes: it stands before the table or before iyzico, so nothing that a
// function asks of them escapes it, whatever its own code believes.
type counter struct {
	url string

	mu     sync.Mutex
	counts map[string]int
}

// count puts a counter before an engine. name says under which name a request counts.
func count(t testing.TB, engine string, name func(*http.Request) string) *counter {
	t.Helper()
	target, err := url.Parse(engine)
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{counts: map[string]int{}}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		c.counts[name(r)]++
		c.mu.Unlock()
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

// take returns the counts so far and starts again from nothing.
func (c *counter) take() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := c.counts
	c.counts = map[string]int{}
	return counts
}

// tableAction is what a request asks of DynamoDB, like GetItem.
func tableAction(r *http.Request) string {
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	return action
}

func path(r *http.Request) string { return r.Method + " " + r.URL.Path }
