package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
)

const (
	eventsPath = "/_local/events"
	// One answer holds at most this much; the caller asks again after the last line that it got.
	maxEventLines = 1000
	maxEventBytes = 1 << 20
)

// eventsRoute serves GET /_local/events?after=<line>: the lines of the event log after that many, as NDJSON. A reader
// adds the number of lines that it got to `after` and asks again.
type eventsRoute struct {
	events *eventLog
	log    *slog.Logger
}

// withEvents puts the events beside the API. A ServeMux would not do: it redirects odd paths, which the API answers itself.
func withEvents(api http.Handler, events eventsRoute) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == eventsPath {
			events.ServeHTTP(w, r)
			return
		}
		api.ServeHTTP(w, r)
	})
}

func (e eventsRoute) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		writeProblem(w, http.StatusMethodNotAllowed, "method-not-allowed", "Allow names the method that is.")
		return
	}
	after := 0
	if text := r.URL.Query().Get("after"); text != "" {
		n, err := strconv.ParseUint(text, 10, 31)
		if err != nil {
			writeProblem(w, http.StatusBadRequest, "invalid-request", "after must be the number of lines to leave out.")
			return
		}
		after = int(n)
	}
	lines, err := e.events.Read(after, maxEventLines, maxEventBytes)
	if err != nil {
		e.log.Error("events could not be read", "error", err)
		writeProblem(w, http.StatusInternalServerError, "internal", "The event log could not be read.")
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(lines) // the reader may be gone
}

func writeProblem(w http.ResponseWriter, status int, slug, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	// The reader may be gone.
	_ = json.NewEncoder(w).Encode(struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
	}{"urn:iade:problem:" + slug, http.StatusText(status), status, detail})
}
