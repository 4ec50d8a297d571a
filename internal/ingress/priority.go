package ingress

import (
	"net/http"
	"strings"
)

// priorityHeader is RFC 9218's.
const priorityHeader = "Priority"

// background tells whether the caller says that nobody waits for the answer: urgency 7 is the one that RFC 9218 §4.1
// keeps for background work. Such a call leaves the fifth of iyzico's calls alone that is kept for callers who wait. It
// is no part of the request: the same key with another priority is the same request.
func background(header http.Header) bool {
	for _, line := range header.Values(priorityHeader) {
		for member := range strings.SplitSeq(line, ",") {
			value, _, _ := strings.Cut(member, ";")
			if strings.Trim(value, " \t") == "u=7" {
				return true
			}
		}
	}
	return false
}
