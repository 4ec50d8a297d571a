package main

import (
	"cmp"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// language is one of the languages that people read.
type language string

const (
	english language = "en"
	turkish language = "tr"
)

// languageOf is the language of the environment: Turkish where it says so, else English.
func languageOf(getenv func(string) string) language {
	if strings.HasPrefix(strings.ToLower(cmp.Or(getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG"))), "tr") {
		return turkish
	}
	return english
}

// text is one sentence in both languages.
type text struct{ en, tr string }

func (t text) in(l language) string {
	if l == turkish {
		return t.tr
	}
	return t.en
}

var writtenAmount = regexp.MustCompile(`^(\d+)(?:\.(\d+))?$`)

// amount writes an amount of the API ("1250.00") as the language does: 1,250.00 TRY or 1.250,00 TRY. What is not an amount
// stays as it is, and none is "".
func (l language) amount(amount, currency string) string {
	parts := writtenAmount.FindStringSubmatch(amount)
	switch {
	case amount == "":
		return ""
	case parts == nil:
		return plain(strings.TrimSpace(amount + " " + currency))
	}
	group, point := ",", "."
	if l == turkish {
		group, point = ".", ","
	}
	whole := parts[1]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + group + whole[i:]
	}
	if parts[2] != "" {
		whole += point + parts[2]
	}
	return plain(strings.TrimSpace(whole + " " + currency))
}

// time writes a moment in the time of Istanbul, to the minute; the zero time is "".
func (l language) time(t time.Time) string {
	return l.format(t, "02.01.2006 15:04", "2 Jan 2006 15:04")
}

// second writes a moment in the time of Istanbul, to the second.
func (l language) second(t time.Time) string {
	return l.format(t, "02.01.2006 15:04:05", "2 Jan 2006 15:04:05")
}

// day writes the day of Istanbul.
func (l language) day(t time.Time) string { return l.format(t, "02.01.2006", "2 Jan 2006") }

func (l language) format(t time.Time, tr, en string) string {
	if t.IsZero() {
		return ""
	}
	layout := en
	if l == turkish {
		layout = tr
	}
	return t.In(istanbul()).Format(layout)
}

// istanbul is the zone in which the banks' days begin. payment brings the zone's data along; Turkey keeps UTC+3 since 2016.
func istanbul() *time.Location {
	if zone, err := time.LoadLocation("Europe/Istanbul"); err == nil {
		return zone
	}
	return time.FixedZone("Europe/Istanbul", 3*60*60)
}

// plain makes a text of somebody else's harmless on a terminal: control and direction characters become blanks.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, s)
}
