package storetest

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/iade/iade/internal/payment"
)

// far is after everything that these tests make due.
var far = time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)

// list reads every page and checks what holds for each of them, however stale.
func list(t *testing.T, s Store, dueBefore time.Time, limit int) []payment.AccountID {
	t.Helper()
	const mostPages = 1000
	var all []payment.AccountID
	cursor := ""
	for range mostPages {
		ids, next, err := s.Open(t.Context(), dueBefore, cursor, limit)
		if err != nil {
			t.Fatalf("Open: %v", err)
		}
		if len(ids) > limit {
			t.Fatalf("a page of %d, the limit is %d", len(ids), limit)
		}
		all = append(all, ids...)
		if next == "" {
			return all
		}
		cursor = next
	}
	t.Fatalf("no end after %d pages", mostPages)
	return nil
}

// eventually repeats check, because Open may be stale, and fails with what it said last.
func eventually(t *testing.T, check func() string) {
	t.Helper()
	const tries, longest = 150, 50 * time.Millisecond
	wrong := ""
	for i := range tries {
		if wrong = check(); wrong == "" {
			return
		}
		time.Sleep(min(longest, time.Duration(i)*time.Millisecond))
	}
	t.Fatal(wrong)
}

func openIs(t *testing.T, s Store, dueBefore time.Time, limit int, want ...payment.AccountID) {
	t.Helper()
	eventually(t, func() string {
		got := list(t, s, dueBefore, limit)
		if slices.Equal(got, want) {
			return ""
		}
		return fmt.Sprintf("Open lists (-want +got):\n%s", cmp.Diff(want, got))
	})
}

func openOrder(t *testing.T, s Store) {
	dues := map[payment.AccountID]time.Time{
		"PAYMENT#3": at(0), "PAYMENT#5": at(0).Add(time.Nanosecond), "PAYMENT#1": at(0).Add(time.Millisecond),
		"PAYMENT#4": at(1), "FUND#fp_1": at(60 * 24), "PAYMENT#2": at(60 * 24 * 365),
	}
	for id, due := range dues {
		mustSave(t, s, Due(id, due))
	}
	mustSave(t, s, Due("PAYMENT#6", time.Time{}))
	openIs(t, s, far, 100, "PAYMENT#3", "PAYMENT#5", "PAYMENT#1", "PAYMENT#4", "FUND#fp_1", "PAYMENT#2")
}

func openBound(t *testing.T, s Store) {
	mustSave(t, s, Due("PAYMENT#1", at(1)))
	mustSave(t, s, Due("PAYMENT#2", at(2)))
	openIs(t, s, at(1).Add(-time.Nanosecond), 10)
	openIs(t, s, at(1), 10, "PAYMENT#1")
	openIs(t, s, at(1).In(time.FixedZone("", 3*60*60)), 10, "PAYMENT#1")
	openIs(t, s, at(2).Add(-time.Nanosecond), 10, "PAYMENT#1")
	openIs(t, s, at(2), 10, "PAYMENT#1", "PAYMENT#2")
	openIs(t, s, time.Time{}, 10)

	next := ""
	eventually(t, func() string {
		ids, cursor, err := s.Open(t.Context(), far, "", 1)
		if err != nil {
			t.Fatal(err)
		}
		if next = cursor; next == "" {
			return fmt.Sprintf("Open lists %v and ends, two are due", ids)
		}
		return ""
	})
	if ids, cursor, err := s.Open(t.Context(), at(0), next, 10); len(ids) > 0 || cursor != "" || err != nil {
		t.Errorf("Open before what the cursor has passed: %v, %q, %v", ids, cursor, err)
	}
}

func openFollows(t *testing.T, s Store) {
	first := Due("PAYMENT#1", at(1))
	mustSave(t, s, first)
	mustSave(t, s, Due("PAYMENT#2", at(2)))
	openIs(t, s, far, 10, "PAYMENT#1", "PAYMENT#2")

	later := Due(first.ID, at(3))
	later.Version = 2
	mustSave(t, s, later)
	openIs(t, s, far, 10, "PAYMENT#2", "PAYMENT#1")
	openIs(t, s, at(1), 10)

	same := later
	same.Version = 3
	mustSave(t, s, same)
	openIs(t, s, far, 10, "PAYMENT#2", "PAYMENT#1")

	settled := settle(same)
	mustSave(t, s, settled)
	openIs(t, s, far, 10, "PAYMENT#2")

	again := Due(first.ID, at(0))
	again.Version = settled.Version + 1
	mustSave(t, s, again)
	openIs(t, s, far, 10, "PAYMENT#1", "PAYMENT#2")
}

func openOfNothing(t *testing.T, s Store) {
	openIs(t, s, far, 1)
	mustSave(t, s, Due("PAYMENT#1", time.Time{}))
	openIs(t, s, far, 1)
}

// openPages has more accounts than a page, several of them due at the same moment.
func openPages(t *testing.T, s Store) {
	const accounts = 25
	dues := map[payment.AccountID]time.Time{}
	for i := range accounts {
		id := payment.PaymentAccount(fmt.Sprint(10000000 + i*7919%accounts))
		dues[id] = at(i / 3)
		mustSave(t, s, Due(id, dues[id]))
	}
	for _, limit := range []int{1, 2, 3, 7, accounts - 1, accounts, accounts + 1} {
		eventually(t, func() string {
			ids := list(t, s, far, limit)
			for i := 1; i < len(ids); i++ {
				if dues[ids[i]].Before(dues[ids[i-1]]) {
					return fmt.Sprintf("limit %d: %s is listed after %s", limit, ids[i], ids[i-1])
				}
			}
			slices.Sort(ids)
			if len(slices.Compact(slices.Clone(ids))) != accounts || len(ids) != accounts {
				return fmt.Sprintf("limit %d: %d accounts listed, %d saved: %v", limit, len(ids), accounts, ids)
			}
			return ""
		})
	}

	var first []payment.AccountID
	next := ""
	eventually(t, func() string {
		var err error
		if first, next, err = s.Open(t.Context(), at(1), "", 4); err != nil {
			t.Fatal(err)
		}
		if len(first) != 4 || next == "" {
			return fmt.Sprintf("a page of 4 out of 6 has %d, cursor %q", len(first), next)
		}
		return ""
	})
	rest, _, err := s.Open(t.Context(), at(1), next, 4)
	if err != nil || len(rest) != 2 {
		t.Fatalf("the second page has %v, %v", rest, err)
	}
	for _, id := range rest {
		if slices.Contains(first, id) || dues[id].Before(dues[first[3]]) {
			t.Errorf("%s came on the second page", id)
		}
	}
}

// openCursor: a cursor travels through callers, so any text may come back. It is the caller's fault, not a failure.
func openCursor(t *testing.T, s Store) {
	mustSave(t, s, Due("PAYMENT#1", at(1)))
	encode := base64.RawURLEncoding.EncodeToString
	for _, cursor := range []string{
		"x", "%", "garbage", "PAYMENT#1", "\x00", encode(nil) + "=", encode([]byte("garbage")), encode([]byte("{}")),
		encode([]byte("null")), encode([]byte("[]")), encode([]byte("[null]")), encode([]byte(`{"s":[{}]}`)),
		encode([]byte(`[{"d":"2031-03-04T05:06:07.123456789Z"}]`)), encode([]byte("2031-03-04T05:06:07.123456789Z")),
		encode([]byte(strings.Repeat("\xff", 40))), strings.Repeat("A", 1<<16),
	} {
		ids, next, err := s.Open(t.Context(), far, cursor, 10)
		if payment.CodeOf(err) != payment.CodeInvalidRequest {
			t.Errorf("Open after %.40q: %v, %q, %v", cursor, ids, next, err)
		}
	}
}
