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
