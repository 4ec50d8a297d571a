package iyzico

import (
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a string that must not reach a log: an API key, a session token, an access token.
// Every way of printing or encoding it says "[redacted]"; only Reveal gives the value. Don't use one as a map's key, which
// encoding/json writes as it is.
type Secret string

// Reveal returns the value itself. Callers must not print what it returns.
func (s Secret) Reveal() string { return string(s) }

// String returns "[redacted]", or "" for an empty secret, so that a missing one can be seen.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// GoString returns what String returns.
func (s Secret) GoString() string { return s.String() }

// Format writes what String returns for every verb, the hexadecimal and quoting ones included.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// MarshalJSON encodes what String returns. It never fails.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }

// MarshalText encodes what String returns. It never fails.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue gives log/slog what String returns.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
