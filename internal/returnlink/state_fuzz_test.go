package returnlink_test

import (
	"context"
	"strings"
	"testing"
	"time"
)

// FuzzState: only what was signed verifies. A state that differs from it in anything is nobody's, and an error is only about
// keys.
func FuzzState(f *testing.F) {
	p := pages(current, previous)
	address, err := p.CallbackURL(context.Background(), operation, made)
	if err != nil {
		f.Fatal(err)
	}
	_, signed, _ := strings.Cut(address, "/balance-callback/")
	for _, state := range []string{signed, strings.ToUpper(signed), signed + "=", signed[:len(signed)-1], "rf_1_abcdefghijklmnop.zzz.", "..", operation + ".1.", strings.Repeat(".", 100)} {
		f.Add(state, int64(0))
	}
	f.Fuzz(func(t *testing.T, state string, hours int64) {
		if hours < 0 || hours > 1_000_000 {
			return
		}
		at := made.Add(time.Duration(hours) * time.Hour)
		id, ok, err := p.Verify(context.Background(), state, at)
		if err != nil {
			t.Fatal(err)
		}
		if want := state == signed && hours <= 400*24; ok != want || ok && id != operation {
			t.Fatalf("%q verifies as %q %v after %d hours", state, id, ok, hours)
		}
	})
}

// FuzzSealedURL: any url comes back as it was, for its operation alone, and nothing else opens.
func FuzzSealedURL(f *testing.F) {
	f.Add(pageURL, "")
	f.Add("", "AAAA")
	f.Add("https://iyzico.example/ü", strings.Repeat("A", 80))
	p := pages(current, previous)
	f.Fuzz(func(t *testing.T, address, forged string) {
		if opened, err := p.Open(t.Context(), operation, forged); err == nil || opened != "" || strings.Contains(err.Error(), "canary") {
			t.Fatalf("%q opens as %q, %v", forged, opened, err)
		}
		sealed, err := p.Seal(t.Context(), operation, address)
		if err != nil {
			t.Fatal(err)
		}
		if opened, err := p.Open(t.Context(), operation, sealed); err != nil || opened != address {
			t.Fatalf("%q comes back as %q, %v", address, opened, err)
		}
		if _, err := p.Open(t.Context(), operation+"x", sealed); err == nil {
			t.Fatal("another operation opens it")
		}
	})
}
