package proof_test

// dayGuards keep two books from agreeing where they do not, and a difference from getting lost.
var dayGuards = []guard{
	{
		name: "rows and movements are joined by the payment too",
		file: "internal/dayclose/compare.go",
		old:  "p := of(attempt{r.PaymentID, r.owner})",
		new:  "p := of(attempt{moves[0].PaymentID, r.owner})",
		test: "TestRowsOfAnotherPaymentExplainNothing",
	},
	{
		name: "more at iyzico than here is no agreement",
		file: "internal/dayclose/compare.go",
		old:  "return sum.Abs().LessThanOrEqual(tolerance)",
		new:  "return sum.Neg().LessThanOrEqual(tolerance)",
		test: "TestEachKindOfDifferenceIsNamed",
	},
	{
		name: "a row with an id that is not ours is nobody's refund to balance",
		file: "internal/dayclose/compare.go",
		old:  `named := func(r row) bool { return r.ConversationID != "" }`,
		new:  `named := func(r row) bool { return r.ConversationID == "-" }`,
		test: "TestARefundToBalanceIsExplainedByRowsWithoutAnID",
	},
	{
		name: "a row that two pages hold counts once",
		file: "internal/dayclose/reading.go",
		old:  "if l.seen[key] {",
		new:  "if l.seen[key] && r.Kind == \"\" {",
		test: "TestARowThatTwoPagesHoldCountsOnce",
	},
	{
		name: "what differs is read again before it is named",
		file: "internal/dayclose/reread.go",
		old:  "case r.Known:",
		new:  "case r.Known && r.Held == nil:",
		test: "TestEachKindOfDifferenceIsNamed",
	},
	{
		name: "a closed day is published, whoever dies",
		file: "internal/dayclose/closer.go",
		old:  "record.Day, record.Reading, record.Unpublished = done, time.Time{}, true",
		new:  "record.Day, record.Reading, record.Unpublished = done, time.Time{}, false",
		test: "TestAPublisherThatIsAwayIsAskedAgain",
	},
	{
		name: "of two that save one revision of a day one wins",
		file: "internal/store/bolt/days.go",
		old:  "if stored.Revision != r.Revision-1 {",
		new:  "if stored.Revision > r.Revision {",
		test: "TestTheDaysKeepTheContract",
	},
	{
		name: "of two that save one revision of a day one wins, in DynamoDB",
		file: "internal/store/dynamo/days.go",
		old:  `"#revision = :before"`,
		new:  `"#revision <= :before"`,
		test: "TestTheDaysKeepTheContract",
	},
	{
		name: "each page of a day's list is a call of its own",
		file: "internal/psp/quota.go",
		old:  "if err := q.readSlot(ctx, pool{dayListEndpoint + sharedPool, q.perMinute}); err != nil {",
		new:  "if err := q.readSlot(ctx, pool{dayListEndpoint + sharedPool, q.perMinute}); err != nil && page == 1 {",
		test: "TestEachPageOfADayTakesASlot",
	},
}
