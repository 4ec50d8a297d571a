package iyzico

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// token is a scalar of an answer as it stands on the wire. iyzico writes the same member as a number here and as a string
// there, so a token keeps the text of either and is read later as what the member means. Numbers never
// become floats. Objects and arrays where a scalar belongs make the token unreadable, not the answer.
type token struct {
	text       string
	present    bool
	unreadable bool
}

// UnmarshalJSON keeps the scalar's text; null counts as absent. It fails only on text that is no JSON.
func (t *token) UnmarshalJSON(raw []byte) error {
	*t = token{}
	switch raw[0] {
	case 'n':
		return nil
	case '{', '[':
		t.present, t.unreadable = true, true
		return nil
	case '"':
		t.present = true
		if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
			t.text = string(inner)
			return nil
		}
		return json.Unmarshal(raw, &t.text)
	default:
		t.present = true
		t.text = string(raw)
		return nil
	}
}

// maxTextLen bounds, in bytes, each string that a result takes over from an answer.
const maxTextLen = 1024

// str returns the text, cut to maxTextLen; "" if absent or unreadable.
func (t token) str() string { return cut(t.text, maxTextLen) }

// boolean returns nil if the member is absent or neither true nor false.
func (t token) boolean() *bool {
	value, err := strconv.ParseBool(t.text)
	if err != nil {
		return nil
	}
	return &value
}

// millis returns the instant of an epoch in milliseconds, in UTC; the zero time if the member is absent or out of the
// years 1970 to 9999.
func (t token) millis() time.Time {
	const endOfYear9999 = 253402300799999
	value, err := strconv.ParseInt(t.text, 10, 64)
	if err != nil || value <= 0 || value > endOfYear9999 {
		return time.Time{}
	}
	return time.UnixMilli(value).UTC()
}

// currency returns a currency in upper case, as iyzico's requests name it: some of its answers write it as try.
func (t token) currency() string { return strings.ToUpper(t.str()) }

// fieldReader reads the members that matter and remembers the first that could not be read.
type fieldReader struct {
	faulty string
}

func (r *fieldReader) fail(field string) {
	if r.faulty == "" {
		r.faulty = field
	}
}

// amount reads an amount; absent is zero.
func (r *fieldReader) amount(field string, t token) decimal.Decimal {
	if !t.present {
		return decimal.Decimal{}
	}
	return r.requiredAmount(field, t)
}

// requiredAmount reads an amount that must be there.
func (r *fieldReader) requiredAmount(field string, t token) decimal.Decimal {
	d, ok := parseAmount(t.text)
	if !ok {
		r.fail(field)
	}
	return d
}

// integer reads a whole number; absent is nil.
func (r *fieldReader) integer(field string, t token) *int {
	if !t.present {
		return nil
	}
	value, err := strconv.ParseInt(t.text, 10, 32)
	if err != nil {
		r.fail(field)
		return nil
	}
	n := int(value)
	return &n
}

// number is integer with zero for absent.
func (r *fieldReader) number(field string, t token) int {
	if n := r.integer(field, t); n != nil {
		return *n
	}
	return 0
}

// id reads an identifier, a number or a string on the wire; absent is "".
func (r *fieldReader) id(field string, t token) string {
	if t.unreadable || len(t.text) > 256 {
		r.fail(field)
		return ""
	}
	return t.text
}

// requiredID reads an identifier that must be there.
func (r *fieldReader) requiredID(field string, t token) string {
	text := r.id(field, t)
	if text == "" {
		r.fail(field)
	}
	return text
}

// cut shortens text to at most limit bytes at a rune's end.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return strings.Clone(text[:limit])
}

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
	if r < utf8.RuneSelf {
		return unicode.ToUpper(r)
	}
	for {
		next := unicode.SimpleFold(r)
		if next <= r {
			return next
		}
		r = next
	}
}
