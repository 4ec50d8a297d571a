package psp

import (
	"regexp"
	"strings"
)

const maxMessage = 300

// personal matches what iyzico's messages might quote of a person: e-mail addresses and long numbers (cards, phones,
// identity numbers).
var personal = regexp.MustCompile(`[^\s@]+@[^\s@]+|\+?\d[\d ]{5,}\d`)

// scrub makes iyzico's errorMessage fit to be stored and shown (I9): bounded, and without e-mail addresses and long
// numbers.
func scrub(message string) string {
	return bounded(personal.ReplaceAllString(message, "[…]"), maxMessage)
}

// bounded cuts s to at most limit bytes at a character's edge.
func bounded(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "")
}
