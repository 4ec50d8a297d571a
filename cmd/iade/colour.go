package main

import (
	"io"
	"strings"
	"unicode/utf8"

	"github.com/iade/iade/internal/payment"
)

// The colours: what is well, what is open, and what needs a person or went wrong.
const (
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	red    = "\x1b[31m"
	bold   = "\x1b[1m"
	normal = "\x1b[0m"
)

// colourful tells whether colours are wanted: only on a terminal, and not where NO_COLOR is set to anything (no-color.org).
func colourful(w io.Writer, getenv func(string) string) bool {
	return getenv("NO_COLOR") == "" && terminal(w, getenv)
}

func (k *call) paint(colour, s string) string {
	if !k.colours || s == "" {
		return s
	}
	return colour + s + normal
}

// status is a status in words and in its colour, filled up to a width in columns.
func (k *call) status(s payment.Status, width int) string {
	colour := yellow
	switch s {
	case payment.StatusSucceeded:
		colour = green
	case payment.StatusNeedsReview, payment.StatusRejected, payment.StatusNotExecuted, payment.StatusExpired, payment.StatusPartiallySucceeded:
		colour = red
	case payment.StatusProcessing, payment.StatusNotSent, payment.StatusUnknown, payment.StatusAwaitingCustomer, payment.StatusAwaitingMerchant,
		payment.StatusInReview:
	}
	return k.paint(colour, padded(k.lang.Status(string(s)), width))
}

// padded fills up with blanks on the right.
func padded(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

// aligned fills a column of amounts up with blanks on the left.
func aligned(s string) string {
	return strings.Repeat(" ", max(0, wideAmount-utf8.RuneCountInString(s))) + s
}
