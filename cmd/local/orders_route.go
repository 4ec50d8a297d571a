package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// ordersRoute serves POST /_local/events: an EventBridge event or a list of them becomes a file among the orders, on disk
// before it is answered.
type ordersRoute struct {
	orders *orders
	log    *slog.Logger
}

// accepted answers a POST.
type accepted struct {
	Order  string `json:"order"` // the file's name
	Events int    `json:"events"`
}

func (o ordersRoute) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// A page in a browser can send other types to this machine unasked.
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/json" {
		writeProblem(w, http.StatusUnsupportedMediaType, "unsupported-media-type", "Content-Type must be application/json.")
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxOrderBytes+1))
	if err != nil {
		writeProblem(w, http.StatusBadRequest, "invalid-request", "The body did not arrive whole.")
		return
	}
	events, fault := orderEvents(body)
	if fault != "" {
		writeProblem(w, http.StatusBadRequest, "invalid-request", "The body "+fault+".")
		return
	}
	for i, event := range events {
		if _, ok := orderKind(event); !ok {
			writeProblem(w, http.StatusBadRequest, "invalid-request", fmt.Sprintf("Event %d is none: %s.", i+1, orderRule))
			return
		}
	}
	name, err := o.orders.put(body)
	if err != nil {
		o.log.Error("an order could not be kept", "error", err)
		writeProblem(w, http.StatusInternalServerError, "internal", "The order could not be kept.")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(accepted{name, len(events)}) // the sender may be gone
}

// put writes a file into the folder under a name that sorts by time. It is on disk when put returns.
func (o *orders) put(data []byte) (name string, err error) {
	name = time.Now().UTC().Format("20060102T150405.000000000Z") + "-" + rand.Text()[:8] + ".json"
	draft := filepath.Join(o.folder, "."+name)
	file, err := os.OpenFile(draft, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(file, bytes.NewReader(data))
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(draft, filepath.Join(o.folder, name))
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(draft))
	}
	if err := syncFolder(o.folder); err != nil {
		return "", err
	}
	select {
	case o.arrive <- struct{}{}:
	default:
	}
	return name, nil
}
