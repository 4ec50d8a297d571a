package main

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	"github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/console"
)

// console makes the pages for people. They ask the API as any caller does, through the door, without leaving this process.
func (y *System) console(api http.Handler, login bool) http.Handler {
	config := console.Config{
		API: inProcess{api, strings.TrimPrefix(y.URL, "http://")}, Name: y.URL, Login: login, Live: y.live(), Events: true, Log: y.log, Now: clock.Wall{}.Now,
	}
	if y.Fake != nil {
		config.Fake = inProcess{y.Fake, strings.TrimPrefix(y.IyzicoURL, "http://")}
	}
	return console.New(config)
}

// atConsole tells whether a path is the console's.
func atConsole(path string) bool {
	return path == strings.TrimSuffix(console.Root, "/") || strings.HasPrefix(path, console.Root)
}

// withConsole puts the console beside the API. It has a door of its own, because a browser brings its token in another way.
func withConsole(pages, api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case atConsole(r.URL.Path):
			pages.ServeHTTP(w, r)
		case r.URL.Path == "/" && r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html"):
			http.Redirect(w, r, console.Root, http.StatusSeeOther)
		default:
			api.ServeHTTP(w, r)
		}
	})
}

// inProcess carries requests to a handler of this process.
type inProcess struct {
	handler http.Handler
	host    string
}

// RoundTrip implements http.RoundTripper.
func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	asked := r.Clone(r.Context())
	asked.Host, asked.RequestURI, asked.RemoteAddr = p.host, r.URL.RequestURI(), "127.0.0.1:0"
	if asked.Body == nil {
		asked.Body = http.NoBody
	}
	said := &spoken{header: http.Header{}, status: http.StatusOK}
	p.handler.ServeHTTP(said, asked)
	return &http.Response{
		Status: http.StatusText(said.status), StatusCode: said.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: said.header,
		Body: io.NopCloser(&said.body), ContentLength: int64(said.body.Len()), Request: r,
	}, nil
}

// spoken holds an answer of a handler.
type spoken struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (s *spoken) Header() http.Header         { return s.header }
func (s *spoken) WriteHeader(status int)      { s.status = status }
func (s *spoken) Write(p []byte) (int, error) { return s.body.Write(p) }
