package bolt_test

import (
	"encoding/base64"
	"path/filepath"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/store/bolt"
	"github.com/iade/iade/internal/test/storetest"
)

// FuzzCursor: a cursor is refused as the caller's fault, or lists accounts that are due, each once, and ends.
func FuzzCursor(f *testing.F) {
	due := time.Date(2031, 1, 2, 3, 4, 5, 6, time.UTC)
	for _, key := range []string{"", "2031-01-02T03:04:05.000000006ZPAYMENT#2", "2031-01-02T03:04:05.000000006Z", "9999-12-31T23:59:59.999999999Zx", "2031-02-30T03:04:05.000000006ZPAYMENT#2"} {
		f.Add(base64.RawURLEncoding.EncodeToString([]byte(key)))
	}
	f.Add("!")
	s, err := bolt.Open(filepath.Join(f.TempDir(), "iade.db"))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := s.Close(); err != nil {
			f.Error(err)
		}
	})
	const accounts = 4
	for _, id := range []payment.AccountID{"PAYMENT#1", "PAYMENT#2", "PAYMENT#3", "FUND#fp_1"} {
		if err := s.Save(f.Context(), storetest.Due(id, due)); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		seen := map[payment.AccountID]bool{}
		for range accounts + 1 {
			ids, next, err := s.Open(t.Context(), due, cursor, 1)
			if err != nil {
				if payment.CodeOf(err) != payment.CodeInvalidRequest || len(seen) > 0 {
					t.Fatalf("%q: %v after %v", cursor, err, seen)
				}
				return
			}
			for _, id := range ids {
				if seen[id] {
					t.Fatalf("%q lists %s twice", cursor, id)
				}
				seen[id] = true
			}
			if next == "" {
				return
			}
			cursor = next
		}
		t.Fatalf("it has no end: %v", seen)
	})
}
