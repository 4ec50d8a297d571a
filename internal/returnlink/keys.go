package returnlink

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"

	"github.com/iade/iade/internal/secret"
)

// MinKeyLength is the shortest secret that is taken, in bytes.
const MinKeyLength = 16

// Keys are the secrets that states are signed with: the current one signs and seals, both verify and open. They never
// print.
type Keys struct {
	Current  secret.Text
	Previous secret.Text // empty = none
}

// Source gives the keys. With fresh they must be as they are now, give or take a few seconds: what did not verify may have
// been signed after a rotation.
type Source func(ctx context.Context, fresh bool) (Keys, error)

// Fixed is the Source of keys that do not change.
func Fixed(keys Keys) Source {
	return func(context.Context, bool) (Keys, error) { return keys, nil }
}

// What the derived keys are for. The numbers change with the form that they protect.
const (
	forState = "iade callback state 1"
	forURL   = "iade page url 1"
)

var errNoKey = errors.New("the callback key is missing or too short")

// derive gives the 32-byte key for one purpose.
func derive(key secret.Text, purpose string) ([]byte, error) {
	if len(key.Reveal()) < MinKeyLength {
		return nil, errNoKey
	}
	return hkdf.Key(sha256.New, []byte(key.Reveal()), nil, purpose, sha256.Size)
}

// all lists the keys that are set, the current one first.
func (k Keys) all() []secret.Text {
	if !k.Previous.IsSet() {
		return []secret.Text{k.Current}
	}
	return []secret.Text{k.Current, k.Previous}
}
