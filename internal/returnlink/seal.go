package returnlink

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/iade/iade/internal/secret"
)

var errSealed = errors.New("it was not sealed by this service for this operation")

// Seal encrypts the url of iyzico's page (AES-256-GCM), bound to its operation.
func (p *Pages) Seal(ctx context.Context, operationID, url string) (string, error) {
	keys, err := p.keys(ctx, false)
	if err != nil {
		return "", fmt.Errorf("seal a page's url: %w", err)
	}
	box, err := cipherOf(keys.Current)
	if err != nil {
		return "", fmt.Errorf("seal a page's url: %w", err)
	}
	nonce := make([]byte, box.NonceSize())
	_, _ = rand.Read(nonce) // never fails: crypto/rand ends the process first
	return base64.RawURLEncoding.EncodeToString(box.Seal(nonce, nonce, []byte(url), []byte(operationID))), nil
}

// Open gives the url that was sealed for the operation, with the current or the previous key.
func (p *Pages) Open(ctx context.Context, operationID, sealed string) (string, error) {
	data, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return "", fmt.Errorf("open a page's url: %w", errSealed)
	}
	for _, fresh := range []bool{false, true} {
		keys, err := p.keys(ctx, fresh)
		if err != nil {
			return "", fmt.Errorf("open a page's url: %w", err)
		}
		for _, key := range keys.all() {
			box, err := cipherOf(key)
			if err != nil {
				return "", fmt.Errorf("open a page's url: %w", err)
			}
			if len(data) < box.NonceSize() {
				continue
			}
			if url, err := box.Open(nil, data[:box.NonceSize()], data[box.NonceSize():], []byte(operationID)); err == nil {
				return string(url), nil
			}
		}
	}
	return "", fmt.Errorf("open a page's url: %w", errSealed)
}

func cipherOf(by secret.Text) (cipher.AEAD, error) {
	key, err := derive(by, forURL)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
