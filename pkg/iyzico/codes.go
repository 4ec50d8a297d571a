package iyzico

// code is one row of the table of iyzico's error codes: what a failure with it says about the money.
type code struct {
	number  string
	name    string
	outcome Outcome
	source  string
}

const codeRateLimit = "50000"

// reason names what the row's outcome means.
func (c code) reason() string {
	switch {
	case c.number == codeRateLimit:
		return ReasonRateLimited
	case c.outcome == NotSent:
		return ReasonCredentials
	case c.outcome == Rejected:
		return ReasonRefused
	default:
		return ReasonUnclearCode
	}
}

// lookupCode finds a code's row. A code without one is Unknown.
func lookupCode(number string) (code, bool) {
	c, ok := codeIndex[number]
	return c, ok
}

var codeIndex = indexCodes(codeTable)

func indexCodes(rows []code) map[string]code {
	index := make(map[string]code, len(rows))
	for _, row := range rows {
		index[row.number] = row
	}
	return index
}

// CodeMeaning is what this package knows of one of iyzico's error codes.
type CodeMeaning struct {
	Code    string  // as iyzico sends it: digits, or -1
	Name    string  // iyzico's name for it, empty where none is published
	Outcome Outcome // what a failure with it says of the request's effect: Unknown, NotSent or Rejected
	Source  string  // where that is written
}

// Codes lists every error code that this package knows, in the order of its table. A code that is not listed is Unknown. The
// list is the caller's own.
func Codes() []CodeMeaning {
	meanings := make([]CodeMeaning, 0, len(codeTable))
	for _, row := range codeTable {
		meanings = append(meanings, CodeMeaning{row.number, row.name, row.outcome, row.source})
	}
	return meanings
}
