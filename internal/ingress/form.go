package ingress

import (
	"fmt"
	"net/textproto"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// form reads the members of one JSON object by name. What is wrong goes to its faults and reads as absent, so that one
// pass finds everything. Every member that was not asked for by the time of end is a fault.
type form struct {
	path   string // of the object, "" for the body itself
	object node
	asked  []string
	faults *faults
}

func newForm(path string, object node, f *faults) *form {
	return &form{path: path, object: object, faults: f}
}

// ask returns a member and remembers that the name is known.
func (f *form) ask(name string) *node {
	f.asked = append(f.asked, name)
	return f.object.member(name)
}

func (f *form) has(name string) bool { return f.object.member(name) != nil }

func (f *form) fault(name, message string) { f.faults.add(memberPath(f.path, name), message) }

// end refuses every member that was not asked for.
func (f *form) end() {
	for _, m := range f.object.members {
		if !slices.Contains(f.asked, m.name) {
			f.fault(m.name, "is not known here; known are "+strings.Join(f.asked, ", "))
		}
	}
}

// text reads a member that must be a string which passes valid. rule says what is allowed.
func (f *form) text(name, rule string, valid func(string) bool) (value string, given bool) {
	n := f.ask(name)
	if n == nil {
		return "", false
	}
	if n.kind != textNode || !valid(n.text) {
		f.fault(name, rule)
		return "", true
	}
	return n.text, true
}

// needed is text for a member that may not be absent.
func (f *form) needed(name, rule string, valid func(string) bool) string {
	value, given := f.text(name, rule, valid)
	if !given {
		f.fault(name, "is needed: it "+rule)
	}
	return value
}

// flag reads a member that must be true or false. Absent reads as false.
func (f *form) flag(name string) bool {
	n := f.ask(name)
	if n == nil {
		return false
	}
	if n.kind != boolNode {
		f.fault(name, "must be true or false, without quotation marks")
	}
	return n.flag
}

// iyzicoIDRule is the form of a paymentId and a paymentTransactionId. They are strings because a 19-digit number does
// not survive the number types of some languages.
const iyzicoIDRule = "must be a string of 1 to 19 digits"

// prose reads free text of at most limit characters. An empty string is the same as an absent member.
func (f *form) prose(name string, limit int) string {
	rule := fmt.Sprintf("must be a string of at most %d characters without control characters", limit)
	value, _ := f.text(name, rule, func(s string) bool { return isProse(s, limit) })
	return value
}

func isProse(s string, limit int) bool {
	return utf8.RuneCountInString(s) <= limit && !strings.ContainsFunc(s, unicode.IsControl)
}

// oneOf reads a member that must be one of a few words. Absent reads as "".
func oneOf[T ~string](f *form, name string, words ...T) T {
	value, _ := f.text(name, oneOfRule(words), func(s string) bool { return slices.Contains(words, T(s)) })
	return T(value)
}

func oneOfRule[T ~string](words []T) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = string(word)
	}
	return "must be one of " + strings.Join(quoted, ", ")
}

// visibleASCII tells whether s is 1 to limit characters from ! to ~.
func visibleASCII(s string, limit int) bool {
	if s == "" || len(s) > limit {
		return false
	}
	for i := range len(s) {
		if s[i] < 0x21 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// keyHeader names the header that carries a command's idempotency key.
const keyHeader = "Idempotency-Key"

// maxKeyLength is the longest key, in characters.
const maxKeyLength = 255

// keyRule is one sentence for every fault of a key: API Gateway joins repeated headers with a comma, so a key that came
// twice and a key with a comma cannot be told apart there and must read the same everywhere.
const keyRule = "must be given once, as 1 to 255 visible ASCII characters (0x21 to 0x7e) without comma"

// parseKey reads a key: a surrounding pair of quotation marks is dropped, then 1 to 255 visible ASCII characters without
// comma.
func parseKey(text string) (string, bool) {
	if len(text) >= 2 && text[0] == '"' && text[len(text)-1] == '"' {
		text = text[1 : len(text)-1]
	}
	return text, visibleASCII(text, maxKeyLength) && !strings.Contains(text, ",")
}

// readKey takes the key from where the entry point keeps it. body is nil when there was no object to look into.
func readKey(req Request, body *form, f *faults) string {
	if req.KeyMember != "" {
		if body == nil {
			return ""
		}
		text := body.needed(req.KeyMember, keyRule, func(s string) bool { _, ok := parseKey(s); return ok })
		key, _ := parseKey(text)
		return key
	}
	values := req.Header.Values(keyHeader)
	if len(values) == 0 {
		f.add(keyHeader, "is needed: it "+keyRule)
		return ""
	}
	key, ok := parseKey(textproto.TrimString(values[0]))
	if !ok || len(values) > 1 {
		f.add(keyHeader, keyRule)
		return ""
	}
	return key
}
