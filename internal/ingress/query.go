package ingress

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
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

// readCursor reads the cursor of the list of operations, whose form is the store's.
func readCursor(query url.Values, f *faults) string {
	cursor := query.Get("cursor")
	if query.Has("cursor") && !visibleASCII(cursor, maxCursorLength) {
		f.add("cursor", cursorRule)
	}
	return cursor
}
