package main

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"sync"

	"github.com/iade/iade/internal/store/bolt"
)

const backupPath = "/_local/backup"

// backupRoute serves GET /_local/backup: the store as it is at one moment, while saving goes on. It is copied into the
// folder first, because a reader that is slow must not keep a transaction open.
type backupRoute struct {
	folder *folder
	store  store
	log    *slog.Logger
}

// backingUp lets one copy at a time lie in the folder.
var backingUp sync.Mutex

func (b backupRoute) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	own, ok := b.store.(boltStore)
	if !ok {
		writeProblem(w, http.StatusNotImplemented, "not-implemented", "The accounts are in DynamoDB: use its own backups.")
		return
	}
	backingUp.Lock()
	defer backingUp.Unlock()
	if err := b.send(w, own.Store); err != nil {
		b.log.Error("the store could not be backed up", "error", err)
	}
}

// send copies and answers. What fails before the answer began is answered with 500; later the answer ends too early, which
// its length tells.
func (b backupRoute) send(w http.ResponseWriter, from *bolt.Store) (err error) {
	path := b.folder.backupDraftPath()
	if err := errors.Join(from.Present(), from.Backup(path)); err != nil {
		writeProblem(w, http.StatusInternalServerError, "internal", "The store could not be copied.")
		return errors.Join(err, removeIfThere(path))
	}
	defer func() { err = errors.Join(err, removeIfThere(path)) }()
	file, err := os.Open(path)
	if err != nil {
		writeProblem(w, http.StatusInternalServerError, "internal", "The copy could not be read.")
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		writeProblem(w, http.StatusInternalServerError, "internal", "The copy could not be read.")
		return err
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	w.Header().Set("Cache-Control", "no-store")
	_, err = io.Copy(w, file)
	return err
}
