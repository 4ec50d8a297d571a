package payment

// Reasons that Failure.Reason may have beside those of the client, whose words are its own ("timeout", "reset", …).
const (
	// The call was not made, or iyzico refused it before looking at it.
	ReasonRateLimited     = "rate-limited"     // the limit of calls a minute, ours or iyzico's
	ReasonQuotaUnreadable = "quota-unreadable" // the calls could not be counted
	ReasonKeysUnreadable  = "keys-unreadable"  // iyzico's keys were not to be had
	ReasonCredentials     = "credentials"      // iyzico did not accept the keys
	ReasonUnsupported     = "unsupported"      // this version makes no such call
	ReasonNoAccess        = "no-access"        // this process must not reach iyzico
	ReasonSessionRefused  = "session-refused"  // fund payment: iyzico refused the session, so no payment was asked for

	// iyzico said no.
	ReasonDeclined = "declined" // fund payment: the payment was made and not paid

	ReasonRestNotRefundable = "rest-not-refundable" // iyzico offers no call for what is below the minor unit on each line

	// The outcome is not known, or a person must look.
	ReasonTransport          = "transport"           // the connection failed
	ReasonURLNotSealed       = "url-not-sealed"      // balance refund: the customer's page is open and its address was lost
	ReasonNoAnswer           = "no-answer"           // no answer was recorded before the attempt's deadline
	ReasonNotConfirmed       = "not-confirmed"       // balance refund: no confirmation of the customer came back in time
	ReasonNotApproved        = "not-approved"        // balance refund: it did not appear in iyzico's report in time
	ReasonUnexplainedEntries = "unexplained-entries" // the report lists something new that no known id explains
	ReasonUnexplainedRows    = "unexplained-rows"    // the list of the day has a row that nothing explains
	ReasonOpenAtIyzico       = "open-at-iyzico"      // iyzico lists the attempt, neither as done nor as failed
	ReasonPartDone           = "part-done"           // iyzico lists less than was asked for as done
	ReasonListedOtherwise    = "listed-otherwise"    // iyzico lists the attempt as done, with another amount or elsewhere
	ReasonLargeAbsence       = "large-absence"       // iyzico shows nothing of it, and for its amount a person decides
	ReasonWeakAbsence        = "weak-absence"        // iyzico shows nothing of it, and need not list what its call did
	ReasonUnreadable         = "unreadable"          // for a day no report showed clearly whether it was done
)
