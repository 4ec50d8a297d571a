// Package secret has the one type for what must never be printed: keys of iyzico, of the callback, of AWS.
package secret

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"unique"
)

// shown is what a secret that is set prints as, everywhere.
const shown = "[set]"

// Text is a secret text. Every verb of fmt, encoding/json, encoding.TextMarshaler and log/slog write "[set]" for it, or ""
// for an empty one, so that a missing secret can be seen. That holds for a Text in an unexported field too, where fmt calls
// no method. Texts are equal when their secrets are. The zero value is empty.
type Text struct {
	// A handle is a pointer, which fmt does not follow inside other values; a string would be printed.
	value unique.Handle[string]
}

// New makes a Text.
func New(value string) Text {
	if value == "" {
		return Text{}
	}
	return Text{unique.Make(value)}
}

// Reveal gives the secret itself. Callers must not print it.
func (t Text) Reveal() string {
	if t == (Text{}) {
		return ""
	}
	return t.value.Value()
}

// IsSet tells whether there is a secret.
func (t Text) IsSet() bool { return t != (Text{}) }

// String gives "[set]", or "" for an empty secret.
func (t Text) String() string {
	if t.IsSet() {
		return shown
	}
	return ""
}

// GoString gives what String gives.
func (t Text) GoString() string { return t.String() }

// Format writes what String gives, for every verb.
func (t Text) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(t.String())) }

// MarshalText gives what String gives. It never fails.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// LogValue gives log/slog what String gives.
func (t Text) LogValue() slog.Value { return slog.StringValue(t.String()) }

var errForm = errors.New("a secret must be a text")

// UnmarshalJSON reads a secret. The error quotes nothing of it.
func (t *Text) UnmarshalJSON(data []byte) error {
	var value string
	if json.Unmarshal(data, &value) != nil {
		return errForm
	}
	*t = New(value)
	return nil
}
