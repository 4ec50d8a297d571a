package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// withAccessLog writes one line for each request: method, path, status, the operation and milliseconds. Nothing that a
// caller sent is in it but the path, and of the callback's path not the signed part (I9).
func withAccessLog(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		answer := &answerRecorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(answer, r)
		attrs := []slog.Attr{slog.Int("status", answer.status)}
		if id := answer.operationID(); id != "" && !strings.Contains(r.URL.Path, id) {
			attrs = append(attrs, slog.String("id", id))
		}
		attrs = append(attrs, slog.Int64("ms", time.Since(began).Milliseconds()))
		log.LogAttrs(r.Context(), accessLevel(r, answer.status), r.Method+" "+loggedPath(r.URL.EscapedPath()), attrs...)
	})
}

// accessLevel keeps those who ask again and again out of the way.
func accessLevel(r *http.Request, status int) slog.Level {
	if (r.URL.Path == "/health" || r.URL.Path == eventsPath) && status == http.StatusOK {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

const maxLoggedPath = 100

func loggedPath(path string) string {
	const callback = "/balance-callback/"
	if strings.HasPrefix(path, callback) {
		return callback + "…"
	}
	if len(path) > maxLoggedPath {
		return path[:maxLoggedPath] + "…"
	}
	return path
}

// maxRecorded is enough for the id, which resources and the operations of problems begin with.
const maxRecorded = 64 << 10

// answerRecorder remembers status and body of an answer on its way out.
type answerRecorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (a *answerRecorder) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

func (a *answerRecorder) Write(p []byte) (int, error) {
	a.body.Write(p[:min(len(p), maxRecorded-a.body.Len())])
	return a.ResponseWriter.Write(p)
}

// operationID is the operation that the answer is about, empty if it is about none.
func (a *answerRecorder) operationID() string {
	var body struct {
		ID          string `json:"id"`
		OperationID string `json:"operationId"`
		Operation   struct {
			ID string `json:"id"`
		} `json:"operation"`
	}
	if json.Unmarshal(a.body.Bytes(), &body) != nil {
		return ""
	}
	switch {
	case body.ID != "":
		return body.ID
	case body.Operation.ID != "":
		return body.Operation.ID
	}
	return body.OperationID
}
