package storetest

import (
	"sync"
	"testing"
	"time"
)

func quotaCounts(t *testing.T, s Store) {
	for _, step := range []struct {
		name   string
		minute time.Time
		n      int
		want   int
	}{
		{"refund", at(0), 0, 0},
		{"refund", at(0), 10, 10},
		{"refund", at(0), 1, 11},
		{"cancel", at(0), 5, 5},
		{"refund", at(1), 2, 2},
		{"refund", at(0), 0, 11},
		{"refund", at(0).Truncate(time.Minute), 1, 12},
		{"refund", at(0).In(time.FixedZone("", 3*60*60)), 1, 13},
		{"refund", at(1).Truncate(time.Minute).Add(-1), 1, 14},
		{"refund", at(12 * 60), 3, 3}, // a slot far ahead, as a queue's message may take one
		{"refund", at(0), 1, 15},
		{"refund", at(1), 1, 3},
		{"refun", at(0), 1, 1},
	} {
		got, err := s.Take(t.Context(), step.name, step.minute, step.n)
		if err != nil || got != step.want {
			t.Fatalf("Take(%s, %s, %d) = %d, %v; want %d", step.name, step.minute, step.n, got, err, step.want)
		}
	}
	if _, err := s.Take(t.Context(), "refund", at(0), -1); err == nil {
		t.Error("slots can be given back")
	}
	openIs(t, s, far, 10)
}

// quotaConcurrent: totals may run ahead of what was taken, but no two takers may be told the same one.
func quotaConcurrent(t *testing.T, s Store) {
	const takes, n = 8, 3
	var mu sync.Mutex
	seen := map[int]int{}
	inParallel(func(writer int) {
		for range takes {
			total, err := s.Take(t.Context(), "refund", at(0), n)
			if err != nil {
				t.Errorf("writer %d: %v", writer, err)
			}
			mu.Lock()
			seen[total]++
			mu.Unlock()
		}
	})
	for total, times := range seen {
		if times > 1 {
			t.Errorf("%d takers were told the total %d", times, total)
		}
	}
	total, err := s.Take(t.Context(), "refund", at(0), 0)
	if want := writers * takes * n; err != nil || total < want {
		t.Errorf("total %d, %v after taking %d", total, err, want)
	}
}
