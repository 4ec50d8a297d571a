package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/iade/iade/internal/config"
	"github.com/iade/iade/internal/returnlink"
	"github.com/iade/iade/internal/secret"
)

// callbackPages makes what refunds to balance need for the customer's return: this program's own address, unless
// PUBLIC_BASE_URL says another, and a key that is kept in the folder, unless the environment sets one. An iyzico that is
// not on this machine could not send anybody to an address of this machine: without PUBLIC_BASE_URL there are none.
func (y *System) callbackPages(s settings) (*returnlink.Pages, error) {
	address := s.PublicBaseURL
	if address == "" && config.Loopback(y.IyzicoURL) {
		address = y.sites[0].url()
	}
	if address == "" {
		return nil, nil //nolint:nilnil // no pages is an ordinary case
	}
	key := s.CallbackStateKey
	if !key.IsSet() {
		var err error
		if key, err = ownCallbackKey(y.folder.callbackKeyPath()); err != nil {
			return nil, err
		}
	}
	return returnlink.New(address, returnlink.Fixed(returnlink.Keys{Current: key})), nil
}

// ownCallbackKey reads the folder's key, or makes it on the first start.
func ownCallbackKey(path string) (secret.Text, error) {
	data, err := os.ReadFile(path)
	switch {
	case err == nil && len(strings.TrimSpace(string(data))) >= returnlink.MinKeyLength:
		return secret.New(strings.TrimSpace(string(data))), nil
	case err == nil:
		return secret.Text{}, fmt.Errorf("%s is damaged: delete it, and the customers' links given out so far end", path)
	case !errors.Is(err, fs.ErrNotExist):
		return secret.Text{}, fmt.Errorf("read the callback's key: %w", err)
	}
	key := rand.Text() + rand.Text()
	if err := writeNew(path, key+"\n"); err != nil {
		return secret.Text{}, fmt.Errorf("write the callback's key: %w", err)
	}
	return secret.New(key), nil
}

// writeNew writes a file of the owner's alone and takes care that it is there after a power cut, whole or not at all.
func writeNew(path, text string) error {
	temporary := path + ".new"
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}
