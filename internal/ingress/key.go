package ingress

import (
	"net/textproto"
	"strings"
)

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
