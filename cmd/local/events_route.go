package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

const (
	eventsPath = "/_local/events"
	// One answer holds at most this much; the caller asks again after the last line that it got.
	maxEventLines = 1000
	maxEventBytes = 1 << 20
	// maxEventWait is the longest that an answer waits for an event.
	maxEventWait = 25 * time.Second
)

// eventsRoute serves GET /_local/events?after=<line>: the lines of the event log after that many, as NDJSON. A reader
// adds the number of lines that it got to `after` and asks again; with `wait`, in seconds, the answer comes when there is
// a line.
type eventsRoute struct {
	events  *eventLog
	closing <-chan struct{} // nobody is kept waiting once it is closed
	log     *slog.Logger
}

func (e eventsRoute) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	after, ok := wholeNumber(r, "after", 31)
	if !ok {
		writeProblem(w, http.StatusBadRequest, "invalid-request", "after must be the number of lines to leave out.")
		return
	}
	seconds, ok := wholeNumber(r, "wait", 16)
	if !ok {
		writeProblem(w, http.StatusBadRequest, "invalid-request", "wait must be a number of seconds.")
		return
	}
	lines, err := e.read(r.Context(), after, min(maxEventWait, time.Duration(seconds)*time.Second))
	if err != nil {
		e.log.Error("events could not be read", "error", err)
		writeProblem(w, http.StatusInternalServerError, "internal", "The event log could not be read.")
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = bytes.NewReader(lines).WriteTo(w) // the reader may be gone
}

// read gives the lines after that many, as soon as there is one but not later than wait.
func (e eventsRoute) read(ctx context.Context, after int, wait time.Duration) ([]byte, error) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		grown := e.events.Grown()
		lines, err := e.events.Read(after, maxEventLines, maxEventBytes)
		if err != nil || len(lines) > 0 {
			return lines, err
		}
		select {
		case <-grown:
		case <-timer.C:
			return nil, nil
		case <-ctx.Done():
			return nil, nil
		case <-e.closing:
			return nil, nil
		}
	}
}

// wholeNumber reads a parameter of the query; absent is 0.
func wholeNumber(r *http.Request, name string, bits int) (n int, ok bool) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return 0, true
	}
	value, err := strconv.ParseUint(text, 10, bits)
	return int(value), err == nil
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
