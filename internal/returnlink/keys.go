package returnlink

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
)

// MinKeyLength is the shortest secret that is taken, in bytes.
const MinKeyLength = 16

// Keys are the secrets that states are signed with: the current one signs and seals, both verify and open. They never
// print.
type Keys struct {
	Current  string
	Previous string // empty = none
}

// Format writes nothing of the keys, for every verb.
func (Keys) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[redacted]")) }

// LogValue gives log/slog nothing of the keys.
func (Keys) LogValue() slog.Value { return slog.StringValue("[redacted]") }

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
func derive(secret, purpose string) ([]byte, error) {
	if len(secret) < MinKeyLength {
		return nil, errNoKey
	}
	return hkdf.Key(sha256.New, []byte(secret), nil, purpose, sha256.Size)
}

// all lists the keys that are set, the current one first.
func (k Keys) all() []string {
	if k.Previous == "" {
		return []string{k.Current}
	}
	return []string{k.Current, k.Previous}
}
