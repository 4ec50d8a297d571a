// Package iyzico is a client for iyzico's HTTP API: refunds, cancels, refunds to balance, payments from a balance, and the
// reports by which their fate is found out.
//
//	client, err := iyzico.New(iyzico.Config{
//		BaseURL:   iyzico.SandboxURL,
//		APIKey:    iyzico.Secret(os.Getenv("IYZICO_API_KEY")),
//		SecretKey: iyzico.Secret(os.Getenv("IYZICO_SECRET_KEY")),
//	})
//	…
//	refund, err := client.Refund(ctx, iyzico.RefundRequest{
//		PaymentTransactionID: "27169345",
//		Price:                decimal.RequireFromString("10.50"),
//		Currency:             "TRY",
//		ConversationID:       "refund-4711-1",
//	})
//	switch iyzico.OutcomeOf(err) {
//	case iyzico.Succeeded: // refund is iyzico's word, signature checked
//	case iyzico.Rejected:  // no money moved, the error's Code says why
//	case iyzico.NotSent:   // no money moved, the same request may be sent again
//	case iyzico.Unknown:   // money may have moved: ask RetrieveReport, do not send again
//	}
//
// # What to do with each outcome
//
// An error of this package is an [*Error], and its [Outcome] says what is known about the money:
//
//   - [Succeeded]: iyzico answered with success, and the answer is about this very request: it repeats the ids, the amount
//     and the currency, and a refund's signature is valid.
//   - [Rejected]: iyzico refused, with a code that is listed as moving no money, in an answer that contradicts nothing of the
//     request and is not marked retryable. If an earlier request for the same money ended Unknown, the refusal may be due to
//     that one having succeeded.
//   - [NotSent]: it is proved that the request had no effect. Either not one byte of it was written, or iyzico turned it away
//     before looking at it (rate limit, credentials). It is safe to try again, after [Error.RetryAfter] if that is set.
//   - [Unknown]: everything else, and the zero value. A lost answer is neither success nor failure. Read the report with
//     [Client.RetrieveReport] and look for the request's conversation id among refunds and cancels. The report lags behind,
//     so an id that is missing proves nothing for some minutes.
//
// # Why nothing is ever sent twice
//
// iyzico's API has no idempotency key. The conversation id is only echoed, so a partial refund that is sent twice is two
// refunds as long as enough money remains. So no layer of this client repeats a request: it never retries, it follows no
// redirect, and each request has a connection of its own, because Go's transport repeats requests only on connections that
// it has used before. Never put an Idempotency-Key header on a request to iyzico: it does nothing there, but it tells Go's
// transport that repeating is safe.
//
// # Time
//
// The context's deadline bounds a call as a whole; without one, 20 seconds do. The deadline is also compared with the wall
// clock inside the connection's Write: a process that was paused and wakes up late, its timers unaware of it, writes
// nothing and reports NotSent.
//
// iyzico's reports write Istanbul's wall time, even with a Z behind it. The times in this package's results are true instants
// in UTC; a date that cannot be read is the zero time.
//
// # Trust
//
// The body of an answer decides, not its HTTP status. Amounts and ids are read from numbers and strings alike, never through
// floating point. What cannot be read, has a member twice, or is not provably the answer to the request, makes the outcome
// Unknown. The answers of Refund and RefundPayment must be signed; iyzico signs no cancel, no refund to balance and no report,
// where TLS is all there is.
//
// Keys, tokens and personal data appear in no error, and [Secret] values print as [redacted].
//
// Sources of statements about iyzico are given in parentheses: "docs" and the name of a page of docs.iyzico.com, an SDK by its
// language (the repositories iyzipay-… of iyzico on GitHub), or "sandbox", for answers that other users of it have published.
package iyzico
