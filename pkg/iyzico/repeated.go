package iyzico

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
)

// repeatsAMember tells whether any object in a JSON text has a member twice. Which of the two holds is a matter of the
// reader, so such a text says nothing. Names are compared as encoding/json matches them, without regard to case.
func repeatsAMember(text []byte) bool {
	type level struct {
		names map[string]bool // nil = a list
		value bool            // a name was read, its value is next
	}
	var levels []level
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	for {
		t, err := decoder.Token()
		if err != nil { // the end: the caller knows that the text is JSON
			return false
		}
		if t == json.Delim('}') || t == json.Delim(']') {
			levels = levels[:len(levels)-1]
			continue
		}
		if n := len(levels); n > 0 && levels[n-1].names != nil {
			top := &levels[n-1]
			if !top.value {
				text, _ := t.(string)
				name := strings.Map(foldRune, text)
				if top.names[name] {
					return true
				}
				top.names[name], top.value = true, true
				continue
			}
			top.value = false
		}
		switch t {
		case json.Delim('{'):
			levels = append(levels, level{names: map[string]bool{}})
		case json.Delim('['):
			levels = append(levels, level{})
		}
	}
}

// foldRune returns the smallest of the runes that differ from r in case only.
func foldRune(r rune) rune {
	for {
		next := unicode.SimpleFold(r)
		if next <= r {
			return next
		}
		r = next
	}
}
