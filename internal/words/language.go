// Package words says in Turkish and English what iade's statuses, codes and evidence mean, what to do, and what a customer may be told.
// The command line and the console speak with them, so that both say the same. It knows the API's words as texts, and nothing of the domain.
package words

import (
	"regexp"
	"strings"
	"time"
	"unicode"
)

// Language is one of the languages that people read.
type Language string

// The languages.
const (
	English Language = "en"
	Turkish Language = "tr"
)

// Text is one sentence in both languages, English first.
type Text [2]string

// In gives the sentence in a language.
func (t Text) In(l Language) string {
	if l == Turkish {
		return t[1]
	}
	return t[0]
}

var writtenAmount = regexp.MustCompile(`^(\d+)(?:\.(\d+))?$`)

// Amount writes an amount of the API ("1250.00") as the language does: TRY 1,250.00, or 1.250,00 TL. What is not an amount
// stays as it is, and none is "".
func (l Language) Amount(amount, currency string) string {
	parts := writtenAmount.FindStringSubmatch(amount)
	switch {
	case amount == "":
		return ""
	case parts == nil:
		return Plain(strings.TrimSpace(amount + " " + currency))
	}
	group, point := ",", "."
	if l == Turkish {
		group, point = ".", ","
	}
	whole := parts[1]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + group + whole[i:]
	}
	if parts[2] != "" {
		whole += point + parts[2]
	}
	if l != Turkish {
		return Plain(strings.TrimSpace(currency + " " + whole))
	}
	if currency == "TRY" {
		currency = "TL"
	}
	return Plain(strings.TrimSpace(whole + " " + currency))
}

// Time writes a moment in the time of Istanbul, to the minute; the zero time is "".
func (l Language) Time(t time.Time) string {
	return l.format(t, "02.01.2006 15:04", "2 Jan 2006 15:04")
}

// Second writes a moment in the time of Istanbul, to the second.
func (l Language) Second(t time.Time) string {
	return l.format(t, "02.01.2006 15:04:05", "2 Jan 2006 15:04:05")
}

// Day writes the day of Istanbul.
func (l Language) Day(t time.Time) string { return l.format(t, "02.01.2006", "2 Jan 2006") }

func (l Language) format(t time.Time, tr, en string) string {
	if t.IsZero() {
		return ""
	}
	layout := en
	if l == Turkish {
		layout = tr
	}
	return t.In(Istanbul()).Format(layout)
}

// Istanbul is the zone in which the banks' days begin. payment brings the zone's data along; Turkey keeps UTC+3 since 2016.
func Istanbul() *time.Location {
	if zone, err := time.LoadLocation("Europe/Istanbul"); err == nil {
		return zone
	}
	return time.FixedZone("Europe/Istanbul", 3*60*60)
}

// Plain makes a text of somebody else's harmless: control and direction characters become blanks.
func Plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, s)
}
