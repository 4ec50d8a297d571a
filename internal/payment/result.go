package payment

import "time"

// Result is what a caller learns of one command.
type Result struct {
	Resource Resource
	// Sent tells that this very call made at least one money request: 201, not 200.
	Sent bool
	// Known tells that the key named an operation before this call.
	Known bool
	// Failure is iyzico's or our reason where the operation did not succeed.
	Failure *Failure
	// RetryAfter is when asking again makes sense; 0 = not said.
	RetryAfter time.Duration
}

// Preview says what a command would do now.
type Preview struct {
	Legs        []LegView `json:"legs"`        // the calls that move money, one each
	Amount      string    `json:"amount"`      // what they move together
	Refundable  string    `json:"refundable"`  // before them, of the line or of the payment
	IyzicoCalls int       `json:"iyzicoCalls"` // how many requests that move money iyzico would get
}

// Summary is what one reconcile pass did.
type Summary struct {
	Looked     int // accounts looked at
	Settled    int // operations that left an unfinished status
	Unreadable int // accounts whose report, or whose day's list, could not be read
	Waiting    int // accounts that wait for the limit of calls a minute
	Failed     int // accounts that an error or a panic stopped
	// Complete tells that the pass looked at everything that was due. One that ran out of time, was stopped or could not list
	// what is due is not complete.
	Complete bool
}
