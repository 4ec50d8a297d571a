package payment

import (
	"fmt"
	"time"
)

// IstanbulDay is the calendar day in Istanbul (2006-01-02), where the banks' day ends.
func IstanbulDay(t time.Time) string { return t.In(istanbul()).Format(time.DateOnly) }

// IstanbulDayBounds gives the beginning of a day of Istanbul (2006-01-02) and that of the next one.
func IstanbulDayBounds(day string) (from, to time.Time, err error) {
	from, err = time.ParseInLocation(time.DateOnly, day, istanbul())
	if err != nil {
		return time.Time{}, time.Time{}, fmt.Errorf("read a day: %w", err)
	}
	return from.UTC(), from.AddDate(0, 0, 1).UTC(), nil
}
