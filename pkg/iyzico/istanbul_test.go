package iyzico

import (
	"testing"
	"time"
)

// TestReportsDatesAreIstanbulsWallTime: the third is the one that gave it away, a cancel that iyzico answered at 20:29:34 UTC.
func TestReportsDatesAreIstanbulsWallTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 8, 28, 12, 19, 3, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2025-08-28T15:19:03Z":      at,
		"2025-08-28T15:19:03.000Z":  at,
		"2026-06-11T23:29:34Z":      time.Date(2026, 6, 11, 20, 29, 34, 0, time.UTC),
		"2025-08-28T15:19:03.250Z":  at.Add(250 * time.Millisecond),
		"2025-08-28T15:19:03+00:00": at,
		"2025-08-28T15:19:03+0000":  at,
		"2025-08-28T15:19:03+03:00": at,
		"2025-08-28T15:19:03+0300":  at,
		"2025-08-28T15:19:03":       at,
		"2025-08-28 15:19:03":       at,
		" 2025-08-28T15:19:03Z ":    at,
		"2026-01-01T00:30:00Z":      time.Date(2025, 12, 31, 21, 30, 0, 0, time.UTC),
		"2015-01-01T00:30:00Z":      time.Date(2014, 12, 31, 22, 30, 0, 0, time.UTC), // winter time, given up in 2016

		"":                             {},
		"2025-08-28":                   {},
		"2025-08-28Z":                  {},
		"2025-08-28T15:19":             {},
		"2025-08-28T15:19:03-05:00":    {},
		"yesterday":                    {},
		"1756383869332":                {},
		"2025-13-28T15:19:03Z":         {},
		"2025-08-28T24:00:00Z":         {},
		"28.08.2025 15:19:03":          {},
		"28/08/2025 15:19:03":          {},
		"2025-08-28t15:19:03z":         {},
		"2025-08-28T15:19:03Z[Europe]": {},
		"2025-08-28T15:19:03ZZ":        {},
		"0001-01-01T00:00:00Z":         {},
	} {
		got := wallTime(text)
		if !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
	if day := istanbulDay(time.Date(2026, 6, 11, 21, 0, 0, 0, time.UTC)); day != "2026-06-12" {
		t.Errorf("midnight in Istanbul is on %s", day)
	}
}
