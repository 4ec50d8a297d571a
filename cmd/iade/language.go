package main

import (
	"cmp"
	"strings"

	"github.com/iade/iade/internal/words"
)

// What this program says, it says in words' languages.
type (
	language = words.Language
	text     = words.Text
)

const (
	english = words.English
	turkish = words.Turkish
)

// languageOf is the language of the environment: Turkish where it says so, else English.
func languageOf(getenv func(string) string) language {
	if strings.HasPrefix(strings.ToLower(cmp.Or(getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG"))), "tr") {
		return turkish
	}
	return english
}

// plain makes a text of somebody else's harmless on a terminal.
func plain(s string) string { return words.Plain(s) }
