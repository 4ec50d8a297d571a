package ingress

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxCursorLength bounds a cursor, in characters.
const maxCursorLength = 1024

const cursorRule = "must be the nextCursor of an earlier page"

// readQuery reads a query string in which each of known may stand once and nothing else at all. A command's parameters
// belong into its body, so a `?dryRun=true` is refused instead of ignored.
func readQuery(raw string, f *faults, known ...string) url.Values {
	values, err := url.ParseQuery(raw)
	if err != nil {
		f.add("query", "must be a well-formed query string")
		return nil
	}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		switch {
		case !slices.Contains(known, name) && len(known) == 0:
			f.add(memberPath("", name), "is not known here: this route takes no query parameters")
		case !slices.Contains(known, name):
			f.add(memberPath("", name), "is not known here; known are "+strings.Join(known, ", "))
		case len(values[name]) > 1:
			f.add(name, "must be given once")
		}
	}
	return values
}

// readSkip reads the cursor of a payment's operations: how many of the newest were shown, as a decimal number.
func readSkip(query url.Values, f *faults) int {
	if !query.Has("cursor") {
		return 0
	}
	text := query.Get("cursor")
	skip, err := strconv.ParseUint(text, 10, 31)
	if err != nil || strconv.FormatUint(skip, 10) != text {
		f.add("cursor", cursorRule)
		return 0
	}
	return int(skip)
}

// readRefresh reads whether iyzico is to be read now.
func readRefresh(query url.Values, f *faults) bool {
	switch text := query.Get("refresh"); {
	case !query.Has("refresh"), text == "false":
		return false
	case text != "true":
		f.add("refresh", "must be true or false")
	}
	return true
}

// maxConversationID bounds a conversation id of the shop's, in characters.
const maxConversationID = 255

// readConversationID reads the conversation id that a payment was made under.
func readConversationID(query url.Values, f *faults) string {
	const rule = "must be 1 to 255 characters without control characters: the conversationId that the payment was made with at iyzico"
	text := query.Get("conversationId")
	switch {
	case !query.Has("conversationId"):
		f.add("conversationId", "is needed: it "+rule)
	case text == "" || !utf8.ValidString(text) || !isProse(text, maxConversationID):
		f.add("conversationId", rule)
	}
	return text
}

// readCursor reads the cursor of the list of operations, whose form is the store's.
func readCursor(query url.Values, f *faults) string {
	cursor := query.Get("cursor")
	if query.Has("cursor") && !visibleASCII(cursor, maxCursorLength) {
		f.add("cursor", cursorRule)
	}
	return cursor
}
