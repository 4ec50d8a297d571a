package iyzico

import (
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // Europe/Istanbul must exist wherever the program runs
)

// istanbul is the zone of iyzico's dates, from the system or from the program itself, found when it is first needed. Turkey has
// kept UTC+3 all year since 2016.
var istanbul = sync.OnceValue(func() *time.Location {
	if zone, err := time.LoadLocation("Europe/Istanbul"); err == nil {
		return zone
	}
	return time.FixedZone("Europe/Istanbul", 3*60*60)
})

// wallTime reads a date of a report as the instant it means, in UTC. The text is Istanbul's wall time, even where it ends in
// Z: a cancel that iyzico answered at 20:29:34 UTC stands in its report as 23:29:34Z (sandbox, 2026-06-11), and the example
// on the documents' page reporting-service is three hours ahead as well. The day list writes the same time with a blank and
// without a zone.
//
// A text without a time of day, with another offset, or in another form is unreadable: the zero time.
func wallTime(text string) time.Time {
	text = strings.TrimSpace(text)
	if len(text) > 40 {
		return time.Time{}
	}
	for _, zone := range []string{"Z", "+00:00", "+0000", "+03:00", "+0300"} {
		if rest, ok := strings.CutSuffix(text, zone); ok {
			text = rest
			break
		}
	}
	for _, layout := range []string{"2006-01-02T15:04:05", time.DateTime} {
		if at, err := time.ParseInLocation(layout, text, istanbul()); err == nil && at.Year() >= 2000 {
			return at.UTC()
		}
	}
	return time.Time{}
}

// istanbulDay returns the day of an instant in Istanbul as YYYY-MM-DD.
func istanbulDay(at time.Time) string { return at.In(istanbul()).Format(time.DateOnly) }
